"""The benches of the chapters, one module for each chapter."""

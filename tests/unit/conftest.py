"""Settings of hypothesis for all unit tests: the same examples on every run, and no clock."""

from __future__ import annotations

from hypothesis import settings

settings.register_profile("nnlib", deadline=None, derandomize=True, max_examples=40)
settings.load_profile("nnlib")

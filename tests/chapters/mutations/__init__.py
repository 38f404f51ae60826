"""One module for each chapter, with the lines of nnlib that it must notice when they break."""
from __future__ import annotations

from importlib import import_module
from pathlib import Path

NUMBERS = sorted(path.stem[2:] for path in Path(__file__).parent.glob("ch*.py"))
MUTATIONS = [(number, *row) for number in NUMBERS for row in import_module(f"{__name__}.ch{number}").MUTATIONS]

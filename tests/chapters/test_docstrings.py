"""An equation number in a docstring of nnlib leads to that equation, if its chapter is written."""
from __future__ import annotations

import re
from pathlib import Path

import pytest

from chapters.conftest import ROOT, SOURCES, read

EQUATION = re.compile(r"Eqs?\. ((?:\(D?\d+\.\d+\)(?:, | and )?)+)")
FILES = sorted([*(ROOT / "nnlib").glob("*.py"), *(ROOT / "nnlib" / "autodiff").glob("*.py")])


def numbers(path: Path) -> set[str]:
    text = path.read_text(encoding="utf-8")
    return {number for group in EQUATION.findall(text) for number in re.findall(r"\((D?\d+\.\d+)\)", group)}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_equation_numbers_lead_to_their_equation(path):
    written = {source.stem[:2]: read(source).equations for source in SOURCES}
    for number in numbers(path):
        home = number.lstrip("D").split(".")[0].zfill(2)
        assert home not in written or number in written[home], f"{path.name}: Eq. ({number})"


def test_the_modules_of_written_chapters_name_their_equations():
    assert {"1.1", "1.5", "1.6", "D1.5", "1.11", "D1.2"} <= numbers(ROOT / "nnlib" / "neuron.py")
    assert {"0.5", "0.7", "D0.4"} <= numbers(ROOT / "nnlib" / "gradcheck.py")

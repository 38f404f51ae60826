"""A learner answers an exercise wrongly, then rightly, and finds the progress again after everything was restarted."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nbformat
import pytest

CELLS = (
    'from nnlib.workbook import check, progress, quiz, start\n\nstart("00")',
    'def count_parameters(widths):\n    raise NotImplementedError("your turn")',
    'check("0.2", count_parameters)',
    'quiz("00-ready")',
)
WITHOUT_BIASES = "def count_parameters(widths): return sum(a * b for a, b in zip(widths, widths[1:]))"
RIGHT = "def count_parameters(widths): return sum((a + 1) * b for a, b in zip(widths, widths[1:]))"


@pytest.fixture
def lab(desk: Path, new_lab: Any) -> Iterator[Any]:
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), desk / "learner.ipynb")
    with new_lab() as lab:
        lab.open("learner.ipynb")
        yield lab


def answer(lab: Any, text: str) -> str:
    """Type an answer into the exercise's cell, run everything, and read what the check says."""
    lab.page.locator(".jp-CodeCell .cm-content").nth(1).click()
    lab.page.keyboard.press("Control+a")
    lab.page.keyboard.insert_text(text)
    lab.run_all()
    return lab.page.locator(".jp-CodeCell").nth(2).locator("[role=status]").inner_text()


def test_the_way_of_a_learner(lab, new_lab):
    lab.run_all()
    check = lab.page.locator(".jp-CodeCell").nth(2).locator("[role=status]")
    assert "not attempted yet" in check.inner_text()
    assert "left out the biases" in answer(lab, WITHOUT_BIASES)
    right = answer(lab, RIGHT)
    assert "right" in right and "Kept in your library: my_nnlib/count_parameters.py" in right
    lab.page.get_by_label("12", exact=True).check()
    notebook = lab.page.locator(".jp-Notebook")
    lab.expect(lambda: "Right. 3 x² at x = 2 is 12." in notebook.inner_text(), "the quiz answers")
    lab.command("docmanager:save")
    lab.end_kernels()
    with new_lab() as later:
        later.open("learner.ipynb")
        later.run_all()
        assert "1 of 7 coded exercises done" in later.page.locator(".jp-OutputArea-output").first.inner_text()
        assert "zip(widths, widths[1:])" in later.page.locator(".jp-CodeCell .cm-content").nth(1).inner_text()
        # until its cell is run again, a saved quiz belongs to a kernel that is gone: JupyterLab says so in the console
        assert [error for error in later.console_errors if "widget model not found" not in error] == []


def test_work_can_be_downloaded(desk, new_lab):
    """Without NNLIB_STATE the work is kept beside the notebook, as on a learner's own machine."""
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    source = ('import os\n\nos.environ.pop("NNLIB_STATE")\nfrom nnlib.workbook import save_work, start\n\n'
              'start("00")\nsave_work()')
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source)], metadata=kernel),
                   desk / "save.ipynb")
    with new_lab() as lab:
        lab.open("save.ipynb")
        lab.run_all()
        with lab.page.expect_download() as download:
            lab.page.get_by_role("link", name="my_work.zip").click()
        with zipfile.ZipFile(download.value.path()) as archive:
            assert archive.read("save.ipynb") == (desk / "save.ipynb").read_bytes()
        (desk / "my_work.zip").unlink()

"""Every chapter in a real JupyterLab: it opens, runs, shows its benches, and they answer the keyboard."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import nbformat
import pytest

from nnlib.workbook.bench import Bench

CHAPTERS = sorted(path.name for path in (Path(__file__).parents[2] / "chapters").glob("*.ipynb"))


@pytest.fixture(scope="module", params=["scratch", *CHAPTERS])
def visit(request: pytest.FixtureRequest, new_lab: Any, scratch: str) -> Iterator[Any]:
    """A notebook that was opened and run from top to bottom, with what was seen on the way."""
    with new_lab() as lab:
        lab.name = Path(request.param).stem
        lab.open(f"{lab.name}.ipynb")
        lab.dialogs_on_opening = lab.dialogs()
        lab.run_all()
        yield lab


def test_no_dialog_meets_the_reader(visit):
    assert visit.dialogs_on_opening == []
    assert visit.dialogs() == []


def test_run_all_reaches_the_end_without_an_error(visit):
    counts = visit.page.locator(".jp-CodeCell .jp-InputPrompt").all_inner_texts()
    assert counts and all(count.strip().strip("[]:").isdigit() for count in counts), counts
    assert visit.output_errors() == []


def test_mathematics_is_rendered(visit):
    assert visit.page.locator("mjx-container").count() > 0
    assert visit.unrendered_maths() == []


def test_nothing_needs_a_scroll_bar(visit):
    assert visit.scroll_bars() == []


def test_every_bench_that_is_imported_appears(visit, desk):
    cells = nbformat.read(desk / f"{visit.name}.ipynb", as_version=4).cells
    source = "\n".join(cell.source for cell in cells)
    imports = re.findall(r"^from (nnlib\.workbook\.benches\.\w+) import ([\w, ]+)", source, re.MULTILINE)
    found = {name.strip(): getattr(import_module(module), name.strip())
             for module, names in imports for name in names.split(",")}  # fmt: skip
    wanted = {name for name, thing in found.items() if isinstance(thing, type) and issubclass(thing, Bench)}
    assert wanted and wanted == {bench.name for bench in visit.benches()}


def test_every_bench_answers_the_keyboard(visit):
    for bench in visit.benches():
        before = bench.picture(), bench.words()
        bench.press_a_key()
        bench.wait_for_another_picture(before[0])
        bench.wait_for_other_words(before[1])


def test_every_control_has_a_name_and_a_visible_focus(visit):
    for bench in visit.benches():
        for control in bench.controls():
            control.focus()
            assert bench.name_of(control), f"{bench.name}: a control without a name"
            outline = control.evaluate("node => getComputedStyle(node).outlineStyle")
            assert outline == "solid", f"{bench.name}: {bench.name_of(control)} shows no focus"


def test_looks_of_the_notebook_are_kept(visit):
    for bench in visit.benches():
        bench.screenshot(f"{visit.name}-{bench.name}")
    light = visit.screenshot(f"{visit.name}-light")
    visit.set_theme("JupyterLab Dark")
    dark = visit.screenshot(f"{visit.name}-dark")
    visit.set_theme("JupyterLab Light")
    assert light.read_bytes() != dark.read_bytes()


def test_console_stays_free_of_errors(visit):
    """Last: whatever the tests above did to this page."""
    assert visit.console_errors == []

"""What holds for benches in the page, tried on a notebook that shows them all."""

from __future__ import annotations

import base64
import io
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import PIL.Image
import pytest

from nnlib.workbook.bench import Bench
from nnlib.workbook.benches.ch00 import DigitBench, ErrorAgainstH
from nnlib.workbook.benches.ch01 import TanhNeuronBench
from nnlib.workbook.scene import png, styled
from nnlib.workbook.stage import lay_out, on_whole_pixels

NOTEBOOK = "benches.ipynb"  # these tests save it


@pytest.fixture(scope="module")
def lab(new_lab: Any, desk: Path, scratch: str) -> Iterator[Any]:
    shutil.copy(desk / scratch, desk / NOTEBOOK)
    with new_lab() as lab:
        lab.open(NOTEBOOK)
        lab.run_all()
        yield lab


@pytest.fixture(scope="module")
def digits() -> DigitBench:
    """The same bench as in the notebook, without a browser."""
    cells = {"display": lambda bench: None}
    exec((Path(__file__).parent / "scratch.py").read_text(encoding="utf-8"), cells)  # noqa: S102
    return cells["digits"]


def middles_of(bench: Any, box: list[int], columns: int, rows: int) -> np.ndarray:
    """Colours (rows, columns, 4) that the canvas shows in the middles of the pixels of an image that fills the box."""
    left, top, width, height = box
    places = [
        (left + (column + 0.5) * width / columns, top + (row + 0.5) * height / rows)
        for row in range(rows)
        for column in range(columns)
    ]
    return np.array(bench.colours(places), dtype=np.uint8).reshape(rows, columns, 4)


def drawn_by_matplotlib(bench: Bench, parameters: dict[str, Any], with_scene: bool) -> np.ndarray:
    """The same picture without a browser, in the canvas's 2 points to the pixel: (rows, columns, 3)."""
    scene = bench.compute(**parameters)
    with styled():
        figure, panels = lay_out(bench.axes, bench.size, bench.static(), scene)
        on_whole_pixels(figure, panels, bench.size)
        if with_scene:
            scene.draw(panels)
        for panel, axes in zip(panels, bench.axes, strict=True):
            panel.set(xlim=axes.xlim, ylim=axes.ylim, aspect="auto")
        return np.asarray(PIL.Image.open(io.BytesIO(png(figure))).convert("RGB")).astype(int)


@pytest.mark.parametrize("name", ["ErrorAgainstH", "DigitBench", "TanhNeuronBench"])
def test_canvas_and_matplotlib_draw_the_same(lab, digits, name):
    on_page = lab.bench(name)
    bench = {"ErrorAgainstH": ErrorAgainstH(), "DigitBench": digits, "TanhNeuronBench": TanhNeuronBench()}[name]
    parameters = bench.settings()
    on_canvas = PIL.Image.open(io.BytesIO(base64.b64decode(on_page.picture().split(",")[1]))).convert("RGB")
    drawn, empty = (drawn_by_matplotlib(bench, parameters, with_scene) for with_scene in (True, False))
    moving = np.abs(drawn - empty).max(axis=-1) > 60  # where the scene is, and not only what stands still
    same = np.abs(drawn - np.asarray(on_canvas)).max(axis=-1) < 60
    assert same[moving].mean() > 0.95 and same[~moving].mean() > 0.99


def test_the_canvas_shows_what_compute_says(lab, digits):
    bench = lab.bench("DigitBench")
    bench.slider("shift right").press("ArrowRight")
    bench.wait_for_words("shifted 1 right")
    image = digits.compute(**digits.settings(dx=1)).layers[0]
    assert np.array_equal(middles_of(bench, digits.live.stage.axes[0]["box"], 8, 8), image.rgba)
    assert not np.array_equal(image.rgba, digits.compute(**digits.settings()).layers[0].rgba)


def colour_of_pixel(bench: Any, digits: DigitBench, column: int, row: int) -> list[int]:
    return middles_of(bench, digits.live.stage.axes[0]["box"], 8, 8)[row, column, :3].tolist()


def place_of_pixel(bench: Any, digits: DigitBench, column: int, row: int) -> dict[str, float]:
    """Where to point in the canvas, which may be narrower on the screen than it was drawn."""
    left, top, width, height = digits.live.stage.axes[0]["box"]
    shown = bench.canvas.bounding_box()["width"] / digits.size[0]
    return {"x": shown * (left + (column + 0.5) * width / 8), "y": shown * (top + (row + 0.5) * height / 8)}


INK = [0x22, 0x22, 0x22]


@pytest.mark.parametrize("window", [1280, 620])
def test_the_pointer_draws_where_it_points(lab, digits, window):
    lab.page.set_viewport_size({"width": window, "height": 900})
    bench = lab.bench("DigitBench")
    bench.select("start from", "an empty sheet")
    bench.wait_for_words("Your drawing")
    bench.button("Clear my drawing").click()
    lab.expect(lambda: colour_of_pixel(bench, digits, 2, 5) == [255] * 3, "a clean sheet")
    assert window == 1280 or bench.canvas.bounding_box()["width"] < 600  # so the picture is shrunk here
    bench.canvas.click(position=place_of_pixel(bench, digits, 2, 5))
    lab.expect(lambda: colour_of_pixel(bench, digits, 2, 5) == INK, "ink where the pointer was")
    assert [colour_of_pixel(bench, digits, *beside) for beside in ((1, 5), (3, 5), (2, 4), (2, 6))] == [[255] * 3] * 4
    lab.page.set_viewport_size({"width": 1280, "height": 900})


def test_the_keyboard_draws_too(lab, digits):
    bench = lab.bench("DigitBench")
    bench.select("start from", "an empty sheet")
    bench.button("Clear my drawing").click()
    lab.expect(lambda: colour_of_pixel(bench, digits, 4, 3) == [255] * 3, "a clean sheet")
    for key in ("ArrowUp", "ArrowUp", "Space"):  # the first shows the cursor, in the middle
        bench.canvas.press(key)
    bench.wait_for_words("Row 4, column 5 is dark.")
    assert colour_of_pixel(bench, digits, 4, 3) == INK


def test_tab_leaves_the_picture_one_can_draw_on(lab):
    bench = lab.bench("DigitBench")
    bench.canvas.focus()
    bench.canvas.press("Tab")
    assert not bench.canvas.evaluate("node => node === document.activeElement")


def test_a_button_moves_sliders_and_picture(lab):
    bench = lab.bench("TanhNeuronBench")
    shown, picture = bench.readouts(), bench.picture()
    bench.button("Take one step").press("Enter")
    lab.expect(lambda: bench.readouts()[:2] != shown[:2], "new weights in the readouts")
    bench.wait_for_another_picture(picture)
    assert bench.readouts()[2:] == shown[2:]


def test_sliders_tell_their_names_and_the_values_shown(lab):
    bench = lab.bench("TanhNeuronBench")
    rate = bench.slider("learning rate")
    rate.press("ArrowRight")
    bench.wait_for_words("η = 1.8")
    assert rate.get_attribute("aria-label") == "learning rate η"
    assert rate.get_attribute("aria-valuetext") == "1.78"  # ipywidgets alone says 0.25, the exponent


def test_text_follows_the_theme_and_the_picture_stays_a_white_card(lab):
    bench = lab.bench("ErrorAgainstH")
    colours = {}
    for theme in ("JupyterLab Dark", "JupyterLab Light"):
        lab.set_theme(theme)
        colours[theme] = bench.stage.locator("p[aria-live]").evaluate("node => getComputedStyle(node).color")
        assert bench.colours([(2, 2)]) == [[255] * 4]
    assert len(set(colours.values())) == 2


def test_the_same_cells_run_again(lab):
    names = [bench.name for bench in lab.benches()]
    lab.run_all()
    lab.expect(lambda: [bench.name for bench in lab.benches()] == names, "the same benches, once each")
    answers_a_key(lab.bench("TanhNeuronBench"))


def answers_a_key(bench: Any) -> None:
    before = bench.picture()
    bench.press_a_key()
    bench.wait_for_another_picture(before)


def test_a_reloaded_page_shows_the_present_picture_and_goes_on(lab):
    answers_a_key(lab.bench("TanhNeuronBench"))
    present = lab.bench("TanhNeuronBench").picture()
    lab.command("docmanager:save")
    lab.open(NOTEBOOK)
    lab.expect(lambda: len(lab.benches()) == 3, "three benches after the reload")
    lab.expect(lambda: lab.bench("TanhNeuronBench").picture() == present, "the picture from before the reload")
    answers_a_key(lab.bench("TanhNeuronBench"))


def test_a_restarted_kernel_brings_everything_back(lab):
    lab.page.evaluate("() => { window.jupyterapp.commands.execute('notebook:restart-run-all'); }")
    lab.page.locator(".jp-Dialog .jp-mod-accept").click()
    lab.expect(lambda: lab.page.locator(".jp-InputPrompt", has_text="[*]").count() > 0, "the run has begun")
    lab.wait_until_run()
    assert lab.output_errors() == []
    answers_a_key(lab.bench("ErrorAgainstH"))
    assert lab.console_errors == []

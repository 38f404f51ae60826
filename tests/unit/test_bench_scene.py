"""Scenes: what travels to the canvas, and that matplotlib draws the same thing in the same place."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest

from nnlib.workbook.scene import Arrow, Axes, Image, Line, Markers, Scene, Text, png, small_png
from nnlib.workbook.stage import backdrop, lay_out, on_whole_pixels

RED, LIME, NAVY, GOLD = ([200, 0, 0, 255], [0, 200, 0, 255], [0, 0, 200, 255], [200, 200, 0, 255])
FOUR = np.array([[RED, LIME], [NAVY, GOLD]], dtype=np.uint8)  # rows from top to bottom


def test_points_travel_as_float32_pairs_with_nan_where_the_pen_is_lifted():
    (header,), (buffer,) = Scene([Line([0, 1, np.nan, 3], [1, 10, np.nan, 30])]).pack()
    assert header["kind"] == "line" and header["dash"] == []
    expected = [[0, 1], [1, 10], [np.nan, np.nan], [3, 30]]
    assert np.array_equal(np.frombuffer(buffer, np.float32).reshape(-1, 2), expected, equal_nan=True)


def test_one_number_stands_for_all_points():
    assert np.frombuffer(Markers([1, 2], 5).buffer(), np.float32).tolist() == [1, 5, 2, 5]
    assert np.frombuffer(Arrow(1, 2, 3, 4).buffer(), np.float32).tolist() == [1, 2, 3, 4]
    assert np.frombuffer(Text(1, 2, "words").buffer(), np.float32).tolist() == [1, 2]


def test_the_top_row_of_an_image_travels_first():
    upper, lower = Image(FOUR, (0, 1, 0, 1)), Image(FOUR, (0, 1, 0, 1), origin="lower")
    assert list(upper.buffer()[:8]) == RED + LIME
    assert list(lower.buffer()[:8]) == NAVY + GOLD
    assert upper.header()["rows"] == upper.header()["columns"] == 2


def test_limits_must_ascend():
    with pytest.raises(ValueError, match=r"Axes: limits must ascend, got \(1, 1\)"):
        Axes(xlim=(1, 1))


def drawn(scene: Scene, axes: Axes) -> tuple[np.ndarray, list[int]]:
    """Pixels (rows, columns, 4) of the scene as matplotlib draws it, and the box of the axes in them."""
    figure, panels = lay_out([axes], (400, 300), Scene(), Scene())
    (box,) = on_whole_pixels(figure, panels, (400, 300))
    scene.draw(panels)
    figure.canvas.draw()
    return np.asarray(figure.canvas.buffer_rgba()), box


BOTH = [("upper", [RED, LIME, NAVY, GOLD]), ("lower", [NAVY, GOLD, RED, LIME])]


@pytest.mark.parametrize(("origin", "corners"), BOTH)
def test_matplotlib_puts_an_image_into_the_box_given_to_the_canvas(origin, corners):
    pixels, (left, top, width, height) = drawn(Scene([Image(FOUR, (0, 1, 0, 1), origin=origin)]), Axes(grid=""))
    rows, columns = (top + 5, top + height - 5), (left + 5, left + width - 5)
    assert [pixels[row, column].tolist() for row in rows for column in columns] == corners
    outside = pixels[top + 5, left - 3].tolist(), pixels[top - 3, left + 5].tolist()
    assert outside == ([255] * 4, [255] * 4)


@pytest.mark.parametrize("equal", [False, True])
def test_boxes_are_whole_pixels_and_where_matplotlib_draws(equal):
    axes = Axes(xlabel="x", ylabel="y", title="title", xlim=(0, 2), equal=equal)
    figure, panels = lay_out([axes, axes], (640, 340), Scene(), Scene())
    boxes = on_whole_pixels(figure, panels, (640, 340))
    for panel in panels:
        panel.patch.set_color("#FF00FF")
        panel.axis("off")
        panel.add_patch(panel.patch)
    figure.canvas.draw()
    rows, columns = np.nonzero((np.asarray(figure.canvas.buffer_rgba())[..., :3] == [255, 0, 255]).all(axis=-1))
    left, top, right = boxes[0][0], boxes[0][1], boxes[1][0] + boxes[1][2]
    assert [columns.min(), rows.min(), columns.max(), rows.max()] == [left, top, right - 1, top + boxes[0][3] - 1]
    assert not equal or boxes[0][2] == pytest.approx(2 * boxes[0][3], abs=1)


@pytest.mark.parametrize("style", ["solid", "dashed", "dashdot", "dotted"])
def test_matplotlib_dashes_a_line_in_the_canvas_pixels(style):
    line = Line([0, 1], [0.5, 0.5], "#FF0000", width=4, style=style)
    pixels, (left, top, width, height) = drawn(Scene([line]), Axes(grid=""))
    row = pixels[top + height // 2, left : left + width]
    inked = np.mean(row[:, 1] < 128)
    dash = line.header()["dash"] or [1, 0]
    assert inked == pytest.approx(sum(dash[::2]) / sum(dash), abs=0.05)


@pytest.mark.parametrize("marker", ["o", "s", "^", "D", "x", "+"])
def test_matplotlib_draws_every_marker_about_as_large_as_the_canvas(marker):
    markers = Markers(0.5, 0.5, "#FF0000", marker, size=40)
    pixels, _ = drawn(Scene([markers]), Axes(grid=""))
    red = (pixels[..., 0] > 200) & (pixels[..., 1] < 128)
    _, columns = np.nonzero(red)
    wide = 56 if marker == "D" else 40  # a square on its corner
    assert np.ptp(columns) + 1 == pytest.approx(wide, abs=3)


def test_what_stands_still_leaves_room_for_what_moves():
    axes = Axes(xlabel="x", ylabel="y", grid="", xticks=(), yticks=())
    picture, (placed,) = backdrop([axes], (300, 200), Scene(), Scene([Line(0, 0, label="a line")]))
    assert picture.startswith(b"\x89PNG")
    left, top, width, height = placed["box"]
    assert 0 < left < left + width <= 300 and 0 < top < top + height <= 200


def test_pictures_are_the_same_bytes_each_time_and_carry_no_date_or_version():
    pictures = []
    for draw in (png, png, small_png, small_png):
        figure, panels = lay_out([Axes(title="twice")], (300, 200), Scene(), Scene())
        Scene([Line([0, 1], [0, 1])]).draw(panels)
        pictures.append(draw(figure))
    assert pictures[0] == pictures[1] and pictures[2] == pictures[3]
    for picture in pictures:
        assert not any(chunk in picture for chunk in (b"tEXt", b"iTXt", b"zTXt", b"tIME"))


def test_benches_never_import_pyplot():
    code = (
        "import sys, nnlib.workbook.benches.ch01 as ch01; ch01.TanhNeuronBench()._repr_mimebundle_(); "
        "print('matplotlib.pyplot' in sys.modules)"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"

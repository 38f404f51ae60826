"""The canvas in the page: a small anywidget, and the matplotlib drawing of all that stands still around it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import anywidget
import traitlets
from matplotlib.axes import Axes as Panel
from matplotlib.figure import Figure

from nnlib.workbook.scene import Axes, Scene, legend, new_figure, png, styled

HERE = Path(__file__).parent


class Stage(anywidget.AnyWidget):
    """A canvas with a line of text under it. `still` and `first` travel with the widget, later pictures as messages."""

    _esm = (HERE / "stage.js").read_text(encoding="utf-8")
    _css = (HERE / "stage.css").read_text(encoding="utf-8")
    name = traitlets.Unicode().tag(sync=True)
    label = traitlets.Unicode().tag(sync=True)
    guide = traitlets.Unicode().tag(sync=True)  # what the keyboard does on a canvas one can draw on; else empty
    size = traitlets.List().tag(sync=True)
    axes = traitlets.List().tag(sync=True)
    still = traitlets.Bytes().tag(sync=True)
    first = traitlets.Dict().tag(sync=True)


def lay_out(axes: Sequence[Axes], size: tuple[int, int], static: Scene, scene: Scene) -> tuple[Figure, list[Panel]]:
    """A figure of `size` pixels with one panel for each of the axes, in a row, and the legend of both scenes."""
    figure = new_figure(*size)
    ratios = [one.width for one in axes]
    panels = list(figure.subplots(1, len(axes), squeeze=False, width_ratios=ratios)[0])
    for one, panel in zip(axes, panels, strict=True):
        one.draw(panel)
    legend(figure, [*static.layers, *scene.layers])
    static.draw(panels)
    return figure, panels


def on_whole_pixels(figure: Figure, panels: Sequence[Panel], size: tuple[int, int]) -> list[list[int]]:
    """Fix the panels on whole pixels; return their boxes as left, top, width, height in pixels."""
    for _ in range(2):  # the layout of square panels needs a second look at its own labels
        figure.draw_without_rendering()
    width, height = size
    figure.set_layout_engine("none")
    boxes = []
    for panel in panels:
        place = panel.get_position()
        left, top = round(place.x0 * width), round((1 - place.y1) * height)
        right, bottom = round(place.x1 * width), round((1 - place.y0) * height)
        panel.set_aspect("auto")
        panel.set_position((left / width, 1 - bottom / height, (right - left) / width, (bottom - top) / height))
        boxes.append([left, top, right - left, bottom - top])
    return boxes


def backdrop(
    axes: Sequence[Axes], size: tuple[int, int], static: Scene, scene: Scene
) -> tuple[bytes, list[dict[str, Any]]]:
    """What stands still as a transparent PNG, and for each of the axes its box and scales, for the canvas."""
    with styled():
        figure, panels = lay_out(axes, size, static, scene)
        boxes = on_whole_pixels(figure, panels, size)
        for patch in (figure.patch, *(panel.patch for panel in panels)):
            patch.set_alpha(0)
        picture = png(figure)
    return picture, [coordinates(one, box) for one, box in zip(axes, boxes, strict=True)]


def coordinates(axes: Axes, box: list[int]) -> dict[str, Any]:
    """How the canvas turns data into pixels."""
    logs = [axes.xscale == "log", axes.yscale == "log"]
    return {"box": box, "xlim": list(axes.xlim), "ylim": list(axes.ylim), "log": logs}

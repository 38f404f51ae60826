"""What a bench shows, as data: axes that stand still and a scene of a few primitives that changes.

The same scene is drawn twice: by matplotlib for readers without a kernel, and by the canvas in `stage.js`,
which gets each layer as a small header and one buffer of bytes.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Any, ClassVar

import matplotlib
import numpy as np
import PIL.Image
from matplotlib.axes import Axes as Panel
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from nnlib.workbook.palette import BLACK, BLUE, STYLE

PIXELS_PER_INCH = 100
POINTS = 72 / PIXELS_PER_INCH  # one screen pixel, in the points matplotlib counts in
DASHES = {"solid": (), "dashed": (7, 4), "dashdot": (8, 3, 2, 3), "dotted": (2, 3)}  # pixels drawn, pixels left out


@dataclass(frozen=True)
class Axes:
    """One coordinate system of a bench: labels, limits (ascending), "linear" or "log" scales, ticks, relative width.

    `equal=True` keeps squares square. `grid` is "both", "x", "y" or "". Ticks are pairs (place, label); None leaves
    them to matplotlib.
    """

    xlabel: str = ""
    ylabel: str = ""
    xlim: tuple[float, float] = (0, 1)
    ylim: tuple[float, float] = (0, 1)
    xscale: str = "linear"
    yscale: str = "linear"
    title: str = ""
    grid: str = "both"
    equal: bool = False
    xticks: Sequence[tuple[float, str]] | None = None
    yticks: Sequence[tuple[float, str]] | None = None
    width: float = 1

    def __post_init__(self) -> None:
        for low, high in (self.xlim, self.ylim):
            if not low < high:
                raise ValueError(f"Axes: limits must ascend, got ({low}, {high}).")

    def draw(self, panel: Panel) -> None:
        """Give a matplotlib panel these labels, limits, scales and ticks."""
        panel.set(xlabel=self.xlabel, ylabel=self.ylabel, title=self.title, xscale=self.xscale, yscale=self.yscale)
        panel.set(xlim=self.xlim, ylim=self.ylim)
        for ticks, set_ticks in ((self.xticks, panel.set_xticks), (self.yticks, panel.set_yticks)):
            if ticks is not None:
                set_ticks([place for place, _ in ticks], [label for _, label in ticks])
        panel.minorticks_off()
        panel.grid(False)
        if self.grid:
            panel.grid(True, axis=self.grid)
        if self.equal:
            panel.set_aspect("equal")


def points(*coordinates: Any) -> np.ndarray:
    """Coordinates side by side, one point a row, as the float32 that travels to the canvas."""
    return np.stack(np.broadcast_arrays(*map(np.atleast_1d, coordinates)), axis=-1).astype(np.float32)


@dataclass(frozen=True, kw_only=True)
class Layer:
    """What all primitives share: the axes they are drawn in (by number) and a label for the legend."""

    axes: int = 0
    label: str = ""
    kind: ClassVar[str]

    def header(self) -> dict[str, Any]:
        """What the canvas must know besides the numbers."""
        return {"kind": self.kind, "axes": self.axes}

    def buffer(self) -> bytes:
        """The numbers, as the canvas reads them."""
        raise NotImplementedError

    def draw(self, panel: Panel) -> None:
        """The same picture in a matplotlib panel."""
        raise NotImplementedError

    def legend_key(self) -> Line2D:
        """The sample shown in the legend."""
        raise NotImplementedError


@dataclass(frozen=True)
class Image(Layer):
    """Pixels in data coordinates: `rgba` (rows, columns, 4) uint8, extent (left, right, bottom, top).

    Row 0 is at the top, or at the bottom with origin="lower". `smooth` blends neighbouring pixels.
    """

    rgba: np.ndarray
    extent: tuple[float, float, float, float]
    origin: str = "upper"
    smooth: bool = False
    kind = "image"

    def header(self) -> dict[str, Any]:
        rows, columns = self.rgba.shape[:2]
        extent = [float(edge) for edge in self.extent]
        return super().header() | {"rows": rows, "columns": columns, "extent": extent, "smooth": self.smooth}

    def buffer(self) -> bytes:
        return self._from_top().astype(np.uint8).tobytes()

    def draw(self, panel: Panel) -> None:
        interpolation = "bilinear" if self.smooth else "nearest"
        look = {"aspect": panel.get_aspect(), "interpolation": interpolation, "zorder": 0}
        panel.imshow(self._from_top(), extent=self.extent, **look)

    def _from_top(self) -> np.ndarray:
        return self.rgba[::-1] if self.origin == "lower" else self.rgba


@dataclass(frozen=True)
class Line(Layer):
    """A line through the points (x, y); NaN lifts the pen. `width` in pixels, `style` a key of DASHES."""

    x: Any
    y: Any
    color: str = BLUE
    width: float = 2.5
    style: str = "solid"
    kind = "line"

    def header(self) -> dict[str, Any]:
        return super().header() | {"color": self.color, "width": self.width, "dash": list(DASHES[self.style])}

    def buffer(self) -> bytes:
        return points(self.x, self.y).tobytes()

    def draw(self, panel: Panel) -> None:
        x, y = points(self.x, self.y).T
        panel.plot(x, y, zorder=3, **self._look())

    def legend_key(self) -> Line2D:
        return Line2D([], [], label=self.label, **self._look())

    def _look(self) -> dict[str, Any]:
        # matplotlib counts dashes in line widths, the canvas in pixels
        dashes = [dash / self.width for dash in DASHES[self.style]]
        look = {"color": self.color, "linewidth": self.width * POINTS, "solid_capstyle": "butt"}
        return look | {"linestyle": (0, tuple(dashes)) if dashes else "solid"}


@dataclass(frozen=True)
class Markers(Layer):
    """One marker at each point (x, y): "o", "s", "^", "D", "x" or "+", `size` pixels wide, with a white edge."""

    x: Any
    y: Any
    color: str = BLUE
    marker: str = "o"
    size: float = 9
    kind = "markers"

    def header(self) -> dict[str, Any]:
        return super().header() | {"color": self.color, "marker": self.marker, "size": self.size}

    def buffer(self) -> bytes:
        return points(self.x, self.y).tobytes()

    def draw(self, panel: Panel) -> None:
        x, y = points(self.x, self.y).T
        panel.plot(x, y, zorder=4, clip_on=True, **self._look())

    def legend_key(self) -> Line2D:
        return Line2D([], [], label=self.label, **self._look())

    def _look(self) -> dict[str, Any]:
        edge = self.color if self.marker in "x+" else "white"
        return {
            "color": self.color, "linestyle": "none", "marker": self.marker, "markersize": self.size * POINTS,
            "markeredgecolor": edge, "markeredgewidth": (2 if self.marker in "x+" else 1) * POINTS,
        }  # fmt: skip


@dataclass(frozen=True)
class Text(Layer):
    """Words at (x, y), "left", "center" or "right" of it, `size` in pixels."""

    x: float
    y: float
    text: str
    color: str = BLACK
    align: str = "left"
    size: float = 13
    kind = "text"

    def header(self) -> dict[str, Any]:
        look = {"text": self.text, "color": self.color, "align": self.align, "size": self.size}
        return super().header() | look

    def buffer(self) -> bytes:
        return points(self.x, self.y).tobytes()

    def draw(self, panel: Panel) -> None:
        look = {"color": self.color, "ha": self.align, "va": "center", "fontsize": self.size * POINTS}
        panel.text(self.x, self.y, self.text, zorder=5, **look)


@dataclass(frozen=True)
class Arrow(Layer):
    """An arrow from (x0, y0) to (x1, y1), `width` in pixels."""

    x0: float
    y0: float
    x1: float
    y1: float
    color: str = BLACK
    width: float = 3
    kind = "arrow"

    def header(self) -> dict[str, Any]:
        return super().header() | {"color": self.color, "width": self.width}

    def buffer(self) -> bytes:
        return points([self.x0, self.x1], [self.y0, self.y1]).tobytes()

    def draw(self, panel: Panel) -> None:
        start, end = panel.transData.transform([(self.x0, self.y0), (self.x1, self.y1)])
        head = min(4 * self.width, float(np.hypot(*(end - start))))  # pixels; an arrow too short to see has no head
        look = {"arrowstyle": "-|>", "color": self.color, "linewidth": self.width * POINTS, "shrinkA": 0, "shrinkB": 0}
        look["mutation_scale"] = 1.4 * head
        panel.annotate("", (self.x1, self.y1), (self.x0, self.y0), arrowprops=look, zorder=4)


@dataclass(frozen=True)
class Scene:
    """A picture: layers in the order in which they are drawn, images always beneath everything else."""

    layers: Sequence[Layer] = field(default_factory=tuple)

    def pack(self) -> tuple[list[dict[str, Any]], list[bytes]]:
        """Headers and buffers of the layers, as they travel to the canvas."""
        return [layer.header() for layer in self.layers], [layer.buffer() for layer in self.layers]

    def draw(self, panels: Sequence[Panel]) -> None:
        """Draw each layer in its matplotlib panel."""
        for layer in self.layers:
            layer.draw(panels[layer.axes])


def styled() -> AbstractContextManager[None]:
    """Everything matplotlib draws inside looks as the course looks; nothing outside is touched."""
    return matplotlib.rc_context(STYLE)


def new_figure(width: float, height: float) -> Figure:
    """An empty figure of that many pixels, with its own canvas and no part in pyplot's list."""
    figure = Figure(figsize=(width / PIXELS_PER_INCH, height / PIXELS_PER_INCH), dpi=PIXELS_PER_INCH)
    FigureCanvasAgg(figure)
    figure.set_layout_engine("constrained")
    return figure


def legend(figure: Figure, layers: Iterable[Layer], side: str = "upper") -> None:
    """One row of samples above ("upper") or below ("lower") the panels, where it cannot cover what is shown."""
    keys = [layer.legend_key() for layer in layers if layer.label]
    if keys:
        figure.legend(handles=keys, loc=f"outside {side} center", ncols=len(keys))


def png(figure: Figure, scale: float = 2) -> bytes:
    """The figure as PNG, with `scale` picture points to the pixel; the same bytes each time."""
    file = io.BytesIO()
    figure.savefig(file, format="png", dpi=PIXELS_PER_INCH * scale, metadata={"Software": None})
    return file.getvalue()


def small_png(figure: Figure, scale: float = 2) -> bytes:
    """As `png`, opaque and in 256 colours: a third of the bytes, for notebooks stored with their pictures."""
    figure.set_dpi(PIXELS_PER_INCH * scale)
    figure.canvas.draw()
    picture = PIL.Image.fromarray(np.asarray(figure.canvas.buffer_rgba())).convert("RGB")
    file = io.BytesIO()
    picture.quantize(256).save(file, format="png")
    return file.getvalue()

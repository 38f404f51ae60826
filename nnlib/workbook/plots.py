"""Pictures that stand still: one palette, labelled axes, a title that states the finding, and the picture in words."""
from __future__ import annotations

import base64
import html
import io
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import cycle
from typing import Any

import matplotlib
import numpy as np
from IPython.display import display
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure

from . import palette
from .display import publish

WIDTH = 6.4  # inches; 640 CSS pixels at 100 dots an inch


class Picture:
    """A finished figure and what it shows in words.

    Raises ValueError if an axis has no label, the picture no title, or the words are missing.
    """

    def __init__(self, figure: Figure, words: str) -> None:
        for axes in figure.axes:
            if axes.axison and not (axes.get_xlabel() and axes.get_ylabel()):
                raise ValueError("every axis needs a label with its unit or meaning.")
        if not any(axes.get_title(loc) for axes in figure.axes for loc in ("left", "center")):
            raise ValueError("a picture needs a title that states its finding.")
        if len(words.split()) < 8:
            raise ValueError("a picture needs its finding in words, for those who cannot see it.")
        self.figure, self.words = figure, words

    def png(self, scale: float = 1.6) -> bytes:
        """The picture as PNG; without date and version, so that equal pictures are equal bytes."""
        buffer = io.BytesIO()
        self.figure.savefig(buffer, format="png", dpi=100 * scale, metadata={"Software": None})
        return buffer.getvalue()

    def _ipython_display_(self) -> None:
        width = int(self.figure.get_size_inches()[0] * 100)
        display({"image/png": base64.b64encode(self.png()).decode("ascii"), "text/plain": f"Picture: {self.words}"},
                metadata={"image/png": {"width": width}}, raw=True)
        publish(self.words, f"<details><summary>The picture in words</summary>{html.escape(self.words)}</details>")


@contextmanager
def canvas(columns: int = 1, height: float = 3.4, width: float = WIDTH, **options: Any
           ) -> Iterator[tuple[Figure, list[Axes]]]:
    """A figure of `columns` panels in the style of the course."""
    with matplotlib.rc_context(palette.STYLE):
        figure = Figure(figsize=(width, height), layout="constrained")
        FigureCanvasAgg(figure)
        yield figure, list(np.atleast_1d(figure.subplots(1, columns, **options)))


def curves(x: Sequence[float], ys: Mapping[str, Sequence[float]], *, xlabel: str, ylabel: str, title: str, words: str,
           xscale: str = "linear", yscale: str = "linear", markers: bool = False) -> Picture:
    """Several curves over one axis; each has its own colour, line style and, if wanted, marker."""
    with canvas() as (figure, (axes,)):
        shapes = cycle(palette.MARKERS)
        for name, y in ys.items():
            axes.plot(x, y, label=name, marker=next(shapes) if markers else None, markersize=4)
        axes.set(xlabel=xlabel, ylabel=ylabel, title=title, xscale=xscale, yscale=yscale)
        if len(ys) > 1:
            figure.legend(loc="outside lower center", ncols=min(len(ys), 4))
        return Picture(figure, words)


def loss_curves(history: Any, *, title: str, words: str) -> Picture:
    """Training loss, and validation loss where there is one, over the epochs (logarithmic)."""
    losses = {"training": history.loss}
    if history.val_loss:
        losses["validation"] = history.val_loss
    epochs = range(1, len(history.loss) + 1)
    return curves(epochs, losses, xlabel="epoch", ylabel="mean loss", yscale="log", title=title, words=words)


def error_versus_h(h: Sequence[float], errors: Mapping[str, Sequence[float]], *, title: str, words: str) -> Picture:
    """Error of difference schemes against the step, both logarithmic; an error of zero is drawn at 1e-17."""
    drawn = {name: np.maximum(error, 1e-17) for name, error in errors.items()}
    return curves(h, drawn, xlabel="step h", ylabel="absolute error", xscale="log", yscale="log", markers=True,
                  title=title, words=words)


def decision_regions(predict: Callable[[np.ndarray], np.ndarray], X: np.ndarray, y: np.ndarray, *, title: str,
                     words: str, xlabel: str = "$x_1$", ylabel: str = "$x_2$") -> Picture:
    """The plane coloured by `predict((B, 2)) -> (B,)` in [-1, 1] (blue to orange), with the points of both classes."""
    with canvas(width=4.8, height=3.9) as (figure, (axes,)):
        low, high = X.min(axis=0) - 0.5, X.max(axis=0) + 0.5
        grid = np.stack(np.meshgrid(*np.linspace(low, high, 120).T), axis=-1)
        values = np.clip(np.reshape(predict(grid.reshape(-1, 2)), grid.shape[:2]), -1, 1)
        axes.imshow(palette.diverging(0.6 * values), origin="lower", extent=(low[0], high[0], low[1], high[1]),
                    aspect="auto", interpolation="bilinear")
        if values.min() < 0 < values.max():
            axes.contour(grid[..., 0], grid[..., 1], values, [0.0], colors=[palette.BLACK], linestyles="dashed")
        scatter_classes(axes, X, y)
        axes.set(xlabel=xlabel, ylabel=ylabel, title=title)
        axes.grid(False)
        figure.legend(loc="outside right upper")
        return Picture(figure, words)


def scatter_classes(axes: Axes, X: np.ndarray, y: np.ndarray) -> None:
    """Two classes: orange squares for positive targets, blue circles for the others."""
    positive = np.ravel(y) > 0
    for rows, colour, marker, name in ((positive, palette.POSITIVE, "s", "target +"),
                                       (~positive, palette.NEGATIVE, "o", "target −")):
        axes.scatter(X[rows, 0], X[rows, 1], c=colour, marker=marker, edgecolors="white", s=36, label=name, zorder=3)


def contour_path(f: Callable[[np.ndarray, np.ndarray], np.ndarray], path: np.ndarray, *,
                 xlim: tuple[float, float], ylim: tuple[float, float], title: str, words: str,
                 xlabel: str = r"$\theta_1$", ylabel: str = r"$\theta_2$") -> Picture:
    """Level lines of `f(a, b)` (vectorised) and a path, shape (steps + 1, 2), from its start (circle) to its end."""
    with canvas(width=5.2, height=3.9) as (figure, (axes,)):
        a, b = np.meshgrid(np.linspace(*xlim, 160), np.linspace(*ylim, 160))
        levels = axes.contour(a, b, f(a, b), 14, colors=palette.GREY, linewidths=0.8, linestyles="solid")
        axes.clabel(levels, levels.levels[::3], fontsize=7)
        axes.plot(*path.T, color=palette.ORANGE, linestyle="solid", marker=".", label="path")
        axes.plot(*path[0], marker="o", color=palette.BLUE, linestyle="none", label="start")
        axes.plot(*path[-1], marker="*", markersize=11, color=palette.BLACK, linestyle="none", label="end")
        axes.set(xlabel=xlabel, ylabel=ylabel, title=title, xlim=xlim, ylim=ylim)
        figure.legend(loc="outside right upper")
        return Picture(figure, words)


def images(rows: np.ndarray, captions: Sequence[str], *, title: str, words: str, side: int = 8) -> Picture:
    """Small square images in a row, each with a caption: `rows` has shape (count, side * side), values in [0, 1]."""
    with canvas(len(rows), height=1.6) as (figure, panels):
        for axes, row, caption in zip(panels, rows, captions, strict=True):
            axes.imshow(row.reshape(side, side), cmap="gray_r", vmin=0, vmax=1)
            axes.set_title(caption, loc="center", fontsize=8, fontweight="normal")
            axes.set_axis_off()
        figure.suptitle(title, fontsize=10, fontweight="bold", x=0.01, ha="left")
        return Picture(figure, words)

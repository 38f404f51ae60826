"""Bench of chapter 07: an error signal on its way back through a deep network; and the learner's own dense layer."""

from __future__ import annotations

from typing import Any

import numpy as np

from nnlib.activations import ReLU, Sigmoid, Tanh
from nnlib.graph import GraphNetwork
from nnlib.layers import Dense
from nnlib.network import Network
from nnlib.workbook import library, plots
from nnlib.workbook.bench import Axes, Bench, Button, Choice, Moment, Scene, Slider
from nnlib.workbook.palette import BLACK, BLUE, GREY, LIGHT, ORANGE, diverging
from nnlib.workbook.scene import Layer, Line, Markers, Text

WIDTH = 3  # units in a hidden layer, and inputs
DEEPEST = 8  # hidden layers
FLOOR = 1e-6  # the smallest error that the right panel shows
ACTIVATIONS = {"sigmoid": Sigmoid, "tanh": Tanh, "ReLU": ReLU}
HEIGHTS = np.array([1.0, 0.0, -1.0])
DIRECTION = np.array([1.0, -0.6, 0.4])  # the input is a multiple of this
SHARES = (0.02, 0.1, 0.3, 0.6)  # of the largest gradient: each one that an arrow's exceeds makes it thicker
DRAWS = np.random.default_rng(11).normal(size=(DEEPEST + 1, WIDTH, WIDTH))


def network(activation: str, hidden: int, scale: float) -> list[Any]:
    """Layers of 3-3-...-3-1 without biases, weights of standard deviation scale / sqrt(3)."""
    parts: list[Any] = []
    for l in range(hidden + 1):
        n_out = WIDTH if l < hidden else 1
        dense = Dense(WIDTH, n_out, bias=False)
        dense.W[:] = scale / np.sqrt(WIDTH) * DRAWS[l, :, :n_out]
        parts += [dense, ACTIVATIONS[activation]()]
    return parts[:-1]


def backward(parts: list[Any], x: float) -> tuple[list[np.ndarray], list[np.ndarray]]:
    """delta of each layer of units, (3,) or (1,), and |dL/dW| below it, from an error of 1 at the output."""
    Network(parts).forward(x * DIRECTION[None])
    deltas, slopes, dy = [], [], np.ones((1, 1))
    for part in reversed(parts):
        if isinstance(part, Dense):
            deltas.append(dy[0])
        dy = part.backward(dy)
        if isinstance(part, Dense):
            slopes.append(np.abs(part.dW))
    return deltas[::-1], slopes[::-1]


def heights(l: int, hidden: int) -> np.ndarray:
    """Where the units of layer l stand; 0 is the input."""
    return HEIGHTS if l <= hidden else np.zeros(1)


def hexadecimal(value: float) -> str:
    """The colour of an error between -1 and 1."""
    return "#{:02X}{:02X}{:02X}".format(*diverging(np.array(value))[:3])


def arrows(slopes: list[np.ndarray], hidden: int, reached: int) -> list[Line]:
    """All arrows, thin; and those the error has passed, as thick as their gradients."""
    largest = max(float(slope.max()) for slope in slopes) or 1.0
    ends = [[(np.nan, np.nan)] for _ in range(len(SHARES) + 1)]
    for l, slope in enumerate(slopes):
        for (j, m), size in np.ndenumerate(slope):
            rank = int(np.searchsorted(SHARES, size / largest)) if l >= reached else 0
            ends[rank] += [(l, heights(l, hidden)[j]), (l + 1, heights(l + 1, hidden)[m]), (np.nan, np.nan)]
    looks = [(LIGHT if rank == 0 else GREY, 1 + 1.5 * rank) for rank in range(len(ends))]
    return [Line(*np.array(points).T, color, width) for points, (color, width) in zip(ends, looks, strict=True)]


class ErrorSignalBench(Bench):
    """A deep network of three units a layer, and the error that comes back through it from the output."""

    title = "An error signal on its way back"
    finding = "Sigmoids shrink the error at every layer: the first layers hear nothing, and do not learn."
    size = (640, 360)
    controls = (
        Choice("activation", "activation", {name: name for name in ACTIVATIONS}),
        Slider("hidden", "hidden layers", 1, DEEPEST, value=6),
        Slider("scale", "size of the weights", 0.5, 6.0, step=0.5, value=1.5),
        Slider("x", "input", -3.0, 3.0, step=0.5, value=1.0),
        Slider("back", "layers gone back", 0, DEEPEST, value=0),
        Button("go", "One layer back", "the error passes one layer of weights and slopes"),
    )
    axes = (
        Axes(xlabel="layer", ylabel="unit", xlim=(-0.6, DEEPEST + 1.6), ylim=(-1.7, 1.7), grid="",
             xticks=[(float(l), str(l)) for l in range(DEEPEST + 2)], yticks=[(1, "1"), (0, "2"), (-1, "3")],
             title="Error δ of each unit", width=1.6),
        Axes(xlabel="layer", ylabel="largest |δ|", xlim=(-0.6, DEEPEST + 1.6), ylim=(FLOOR, 1e3), yscale="log",
             xticks=[(float(l), str(l)) for l in range(0, DEEPEST + 2, 3)], title="How much is left"),
    )  # fmt: skip
    moments = (
        Moment("sigmoid: it dies", back=DEEPEST),
        Moment("ReLU: it gets through", activation="ReLU", back=DEEPEST, scale=2.0),
    )

    def compute(self, *, activation: str, hidden: int, scale: float, x: float, back: int) -> Scene:
        deltas, slopes = backward(network(activation, hidden, scale), x)
        reached = max(hidden - back, 0)  # the lowest layer of weights whose upper end has its error
        layers: list[Layer] = [*arrows(slopes, hidden, reached), Markers(np.zeros(WIDTH), HEIGHTS, BLACK, "s", 9)]
        for l, delta in enumerate(deltas, 1):
            layers += circles(l, heights(l, hidden), delta if l > reached else None)
        sizes = np.maximum([np.abs(delta).max() for delta in deltas], FLOOR)
        heard = np.arange(1, hidden + 2) > reached
        line = Line(np.arange(1, hidden + 2)[heard], sizes[heard], BLACK, axes=1)
        dots = Markers(line.x, line.y, BLACK, "o", size=10, axes=1)
        return Scene([*layers, Text(-0.5, -1.45, "input", GREY), line, dots])

    def static(self) -> Scene:
        return Scene([Line([-0.6, DEEPEST + 1.6], [1, 1], GREY, width=1, style="dashed", axes=1)])

    def describe(self, *, activation: str, hidden: int, scale: float, x: float, back: int) -> str:
        deltas, _ = backward(network(activation, hidden, scale), x)
        l = max(hidden - back, 0) + 1
        left = float(np.abs(deltas[l - 1]).max())
        place = "the output" if l > hidden else f"hidden layer {l}"
        return (
            f"{hidden} hidden layers of {activation} units, weights of size {scale:g}. The error is 1 at the output; "
            f"gone back to {place}, the largest is {left:.1g}."
        )

    def press(self, button: str, *, hidden: int, back: int, **_: Any) -> dict[str, int]:
        return {"back": back + 1 if back < hidden else 0}


def circles(l: int, at: np.ndarray, delta: np.ndarray | None) -> list[Markers]:
    """The units of a layer: empty where the error has not come yet, else in the colour of their errors."""
    rims = Markers(np.full(len(at), l), at, GREY, "o", size=22)
    if delta is None:
        return [rims, Markers(np.full(len(at), l), at, "#FFFFFF", "o", size=18)]
    return [rims, *(Markers(l, y, hexadecimal(d), "o", size=18) for y, d in zip(at, delta, strict=True))]


# ---- a picture that stands still

PLACES = {"p": (0, 1), "q": (0, -1), "g": (1, 0.2), "h": (2, -1), "u": (3, -0.1), "v": (4, 1)}
GRAPH_WORDS = (
    "Six nodes joined by arrows from left to right: inputs p and q, hidden nodes g and h, outputs u and v. Each node "
    "shows its value above, and each but the inputs its error below; the arrow from output u to output v is thick."
)


def graph_picture(graph: GraphNetwork, X: np.ndarray, Y: np.ndarray) -> plots.Picture:
    """The graph of section 7.7 with the values and the errors of one sample, X and Y (1, 2)."""
    graph.loss_and_grad(X, Y)
    with plots.canvas(height=3.2) as (figure, (axes,)):
        for start, end in (arrow for arrow in graph.where if isinstance(arrow, tuple)):
            look = {"arrowstyle": "-|>", "color": BLACK, "shrinkA": 11, "shrinkB": 11}
            look["linewidth"] = 3.0 if (start, end) == ("u", "v") else 1.0
            axes.annotate("", PLACES[end], PLACES[start], arrowprops=look)
        for name, place in PLACES.items():
            node(axes, name, place, graph)
        axes.set(xlim=(-0.5, 4.6), ylim=(-1.6, 1.6), title="Values go right, errors come back left")
        axes.set_axis_off()
        return plots.Picture(figure, GRAPH_WORDS)


def node(axes: Any, name: str, place: tuple[float, float], graph: GraphNetwork) -> None:
    """One node as a circle with its name, its value above it and its error below."""
    x, y = place
    axes.plot(x, y, marker="o", markersize=20, markerfacecolor="white", markeredgecolor=GREY)
    look = {"ha": "center", "va": "center", "zorder": 4}
    axes.text(x, y, name, fontsize=11, **look)
    look["bbox"] = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # no arrow runs through the figures
    axes.text(x, y + 0.34, f"a = {graph.a[name][0]:.2f}".replace("-", "−"), color=BLUE, **look)
    if name in graph.delta:
        axes.text(x, y - 0.34, f"δ = {graph.delta[name][0]:.2f}".replace("-", "−"), color=ORANGE, **look)


def your_dense() -> tuple[type, str]:
    """The class Dense from the learner's own library, or nnlib's where there is none; and whose it is, in words."""
    path = library.folder() / "Dense.py"
    if not path.exists():
        return Dense, "nnlib's"
    return library.alone("Dense", path.read_text(encoding="utf-8")), "your own"

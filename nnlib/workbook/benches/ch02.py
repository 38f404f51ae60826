"""Bench of chapter 02: a computation graph, its values forward and its adjoints back; and how much a formula swells."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib.workbook import plots
from nnlib.workbook.bench import Axes, Bench, Button, Choice, Moment, Scene, Slider
from nnlib.workbook.palette import BLACK, BLUE, GREEN, GREY, ORANGE, WINE
from nnlib.workbook.scene import Arrow, Layer, Line, Markers, Text

# ---------------------------------------------------------------- graphs


@dataclass(frozen=True)
class Place:
    """A node of a drawn graph: its sign ("+" or "×"; none for an input), its two parents, and where it stands."""

    x: float
    y: float
    sign: str = ""
    parents: tuple[str, str] = ("", "")


Graph = Mapping[str, Place]
Numbers = dict[str, float]

PLAIN: Graph = {
    "x": Place(0, 2.4), "y": Place(0, 1.2), "z": Place(0, 0),
    "q": Place(1.5, 1.8, "+", ("x", "y")), "f": Place(3, 0.9, "×", ("q", "z")),
}  # fmt: skip
TWICE: Graph = {
    "y": Place(0, 2.4), "x": Place(0, 1.2), "z": Place(0, 0),
    "q": Place(1.5, 2.1, "+", ("x", "y")), "p": Place(1.5, 0.3, "×", ("x", "z")), "f": Place(3, 1.2, "×", ("q", "p")),
}  # fmt: skip
PAPER: Graph = {
    "x": Place(0, 0.3), "y": Place(0, 2.1),
    "a": Place(1.3, 2.1, "×", ("x", "y")), "b": Place(2.3, 1.2, "+", ("a", "x")),
    "f": Place(3.4, 1.2, "×", ("b", "b")),
}  # fmt: skip
GRAPHS = {"f = (x + y) z": PLAIN, "f = (x + y)(x z)": TWICE}


def forward(graph: Graph, inputs: Mapping[str, float]) -> Numbers:
    """The value of every node, in the order of the graph, which is topological."""
    v: Numbers = {}
    for name, place in graph.items():
        if place.sign:
            a, b = (v[parent] for parent in place.parents)
            v[name] = a + b if place.sign == "+" else a * b
        else:
            v[name] = float(inputs[name])
    return v


def slopes(place: Place, v: Numbers) -> tuple[float, float]:
    """Local slopes of a node along its two arrows: 1 and 1 for a sum, the other factor for a product."""
    a, b = (v[parent] for parent in place.parents)
    return (1.0, 1.0) if place.sign == "+" else (b, a)


def turns(graph: Graph) -> list[str]:
    """The nodes that hand something back, the last one first."""
    return [name for name in reversed(graph) if graph[name].sign]


def backward(graph: Graph, v: Numbers, back: int) -> Numbers:
    """The adjoints after that many steps back: the first gives f its 1, each further one lets a node hand on."""
    adjoint = {"f": 1.0} if back else {}
    for name in turns(graph)[: max(back - 1, 0)]:
        for parent, slope in zip(graph[name].parents, slopes(graph[name], v), strict=True):
            adjoint[parent] = adjoint.get(parent, 0.0) + adjoint[name] * slope
    return adjoint


# ---------------------------------------------------------------- drawing

RADIUS = 0.23  # around a node, in units of the graph: arrows end there


def number(value: float) -> str:
    """A number in print, with a true minus sign and no minus before a zero."""
    return f"{round(value, 2) + 0.0:g}".replace("-", "−")


def arrow(graph: Graph, start: str, end: str, color: str, shift: float = 0.0) -> Arrow:
    """An arrow from node to node that ends at their rims."""
    a, b = graph[start], graph[end]
    length = ((b.x - a.x) ** 2 + (b.y - a.y) ** 2) ** 0.5
    dx, dy = RADIUS * (b.x - a.x) / length, RADIUS * (b.y - a.y) / length
    return Arrow(a.x + dx, a.y + dy + shift, b.x - dx, b.y - dy + shift, color, width=2)


def slope_text(graph: Graph, start: str, end: str, slope: float, shift: float = 0.0) -> Text:
    """The local slope beside the middle of its arrow."""
    a, b = graph[start], graph[end]
    above = 0.14 if shift >= 0 else -0.14
    return Text((a.x + b.x) / 2, (a.y + b.y) / 2 + shift + above, f"· {number(slope)}", ORANGE, "center", 13)


def edges(graph: Graph, v: Numbers, name: str, active: bool) -> list[Layer]:
    """The two arrows into a node; while it hands back they point to its parents and carry their slopes."""
    parents = graph[name].parents
    shifts = (0.09, -0.09) if parents[0] == parents[1] else (0.0, 0.0)
    if not active:
        return [arrow(graph, parent, name, GREY, shift) for parent, shift in zip(parents, shifts, strict=True)]
    layers: list[Layer] = []
    for parent, shift, slope in zip(parents, shifts, slopes(graph[name], v), strict=True):
        layers += [arrow(graph, name, parent, ORANGE, shift), slope_text(graph, parent, name, slope, shift)]
    return layers


def node(name: str, place: Place, v: Numbers, adjoint: Numbers) -> list[Layer]:
    """The circle with its name, the value above, the adjoint below where it is known."""
    label = f"{name} = {number(v[name])}" if name in v else name
    layers: list[Layer] = [
        Markers(place.x, place.y, BLUE, "o", size=26),
        Text(place.x, place.y, place.sign or name, "#FFFFFF", "center", 15),
        Text(place.x, place.y + 0.41, label, BLACK, "center", 14),
    ]
    if name in adjoint:
        layers.append(Text(place.x, place.y - 0.43, f"{name}̄ = {number(adjoint[name])}", ORANGE, "center", 14))
    return layers


def drawn(graph: Graph, v: Numbers, adjoint: Numbers, active: str = "") -> Scene:
    """The whole graph; the node `active` is handing back."""
    arrows = [layer for name in turns(graph) for layer in edges(graph, v, name, name == active)]
    return Scene([*arrows, *(layer for name, place in graph.items() for layer in node(name, place, v, adjoint))])


def picture(graph: Graph, v: Numbers, adjoint: Numbers, *, title: str, words: str) -> plots.Picture:
    """A graph that stands still, with the values and adjoints that are known."""
    with plots.canvas(height=2.8) as (figure, (axes,)):
        axes.set(xlim=(-1.4, 4.4), ylim=(-0.6, 3), title=title)
        axes.set_axis_off()
        drawn(graph, v, adjoint).draw([axes])
        return plots.Picture(figure, words)


def first_graph() -> plots.Picture:
    """The graph of (x + y) z at (-2, 5, -4) with its values."""
    words = (
        "Three inputs x = -2, y = 5, z = -4. x and y go into a sum q = 3; q and z go into a product f = -12. "
        "Each arrow leads from a node to one that uses it."
    )
    v = forward(PLAIN, {"x": -2, "y": 5, "z": -4})
    return picture(PLAIN, v, {}, title="Forward: each node needs only the nodes before it", words=words)


def paper_graph() -> plots.Picture:
    """The graph of exercise 2.1 at x = 3, y = -2, before anything has been computed."""
    words = "A graph: x and y go into a product a; a and x go into a sum b; b goes twice into a product f."
    return picture(PAPER, {"x": 3, "y": -2}, {}, title="Two nodes of this graph are used twice", words=words)


# ---------------------------------------------------------------- the bench


INPUTS = (("x", BLUE, "solid", "o"), ("y", WINE, "dashed", "s"), ("z", GREEN, "dashdot", "^"))
NUDGES = np.linspace(-1, 1, 41)
NEAR = np.array([-0.25, 0.25])  # where the adjoint's promise is marked
TALLEST = 12.0  # the largest change of f that is shown


def visible(heights: np.ndarray) -> np.ndarray:
    """Heights with NaN for those outside the panel."""
    return np.where(np.abs(heights) <= TALLEST, heights, np.nan)


def nudged(graph: Graph, inputs: Mapping[str, float], name: str) -> np.ndarray:
    """By how much f changes when that input alone is changed by each of NUDGES."""
    start = forward(graph, inputs)["f"]
    return np.array([forward(graph, {**inputs, name: inputs[name] + h})["f"] - start for h in NUDGES.tolist()])


class GraphBench(Bench):
    """A graph of three inputs: values run forward at once, adjoints come back one node at a time."""

    title = "A computation graph, forward and back"
    finding = "A sum hands its adjoint on, a product swaps its factors, and a node used twice adds up both parts."
    size = (640, 400)
    controls = (
        Choice("formula", "graph", list(GRAPHS)),
        Slider("x", "x", -6.0, 6.0, step=0.5, value=-2.0),
        Slider("y", "y", -6.0, 6.0, step=0.5, value=5.0),
        Slider("z", "z", -6.0, 6.0, step=0.5, value=-4.0),
        Slider("ahead", "steps forward", 0, 3, value=0),
        Slider("back", "steps back", 0, 4, value=0),
        Button("step", "One step", "forward until f is known, then back; after the last step it begins again"),
    )
    axes = (
        Axes(xlabel="values to the right, adjoints to the left", xlim=(-0.6, 3.6), ylim=(-0.65, 3.05), grid="",
             xticks=(), yticks=(), title="The graph", width=1.75),
        Axes(xlabel="change of one input", ylabel="change of f", xlim=(-1, 1), ylim=(-TALLEST, TALLEST),
             xticks=[(-1, "−1"), (0, "0"), (1, "1")], yticks=[(-10, "−10"), (0, "0"), (10, "10")],
             title="Is it the slope?"),
    )  # fmt: skip
    moments = (
        Moment("forward: all values", ahead=2),
        Moment("back: all adjoints", ahead=2, back=3),
    )

    def stage(self, formula: str, ahead: int, back: int, **inputs: float) -> tuple[Graph, Numbers, Numbers, str]:
        """The graph, its values and adjoints so far, and the node that has handed back last."""
        graph = GRAPHS[formula]
        v, back = forward(graph, inputs), min(back, len(turns(graph)) + 1)
        known = v if back else dict(list(v.items())[: len(inputs) + ahead])  # nothing goes back before f is known
        return graph, known, backward(graph, v, back), turns(graph)[back - 2] if back > 1 else ""

    def compute(self, *, formula: str, ahead: int, back: int, **inputs: float) -> Scene:
        graph, v, adjoint, active = self.stage(formula, ahead, back, **inputs)
        layers = [*drawn(graph, v, adjoint, active).layers]
        for name, color, style, marker in INPUTS:
            change = visible(nudged(graph, inputs, name))
            layers.append(Line(NUDGES, change, color, style=style, axes=1, label=f"{name} changed"))
            promised = adjoint.get(name, np.nan) * NEAR
            shown = np.abs(promised) <= TALLEST
            layers.append(Markers(NEAR[shown], promised[shown], color, marker, size=11, axes=1))
        return Scene(layers)

    def describe(self, *, formula: str, ahead: int, back: int, **inputs: float) -> str:
        graph, v, adjoint, active = self.stage(formula, ahead, back, **inputs)
        values = ", ".join(f"{name} is {v[name]:.3g}" for name in v)
        known = ", ".join(f"of {name} {adjoint[name]:.3g}" for name in graph if name in adjoint) or "none yet"
        handed = f" {active} has handed back to {' and '.join(graph[active].parents)}." if active else ""
        return f"Values: {values}.{handed} Adjoints: {known}.".replace("-", "−")

    def press(self, button: str, *, formula: str, ahead: int, back: int, **inputs: float) -> dict[str, int]:
        count = len(turns(GRAPHS[formula]))
        if back > count:
            return {"ahead": 0, "back": 0}
        return {"back": back + 1} if back or ahead >= count else {"ahead": ahead + 1}


# ---------------------------------------------------------------- computer algebra

Formula = str | float | tuple[Any, ...]  # "x", a number, or (sign, left, right) with the signs + - *


def logistic(k: int) -> Formula:
    """The formula of k steps of e becomes 4 e (1 - e), starting from x."""
    e: Formula = "x"
    for _ in range(k):
        e = ("*", ("*", 4.0, e), ("-", 1.0, e))
    return e


def derivative(e: Formula) -> Formula:
    """The derivative as a formula, by the rules of the first week; terms with a factor 0 are left out."""
    if not isinstance(e, tuple):
        return float(e == "x")
    sign, a, b = e
    da, db = derivative(a), derivative(b)
    if sign == "*":
        return total("+", times(da, b), times(a, db))
    return total(sign, da, db)


def times(a: Formula, b: Formula) -> Formula:
    """a times b, without needless factors."""
    if 0.0 in (a, b):
        return 0.0
    return b if a == 1.0 else a if b == 1.0 else ("*", a, b)


def total(sign: str, a: Formula, b: Formula) -> Formula:
    """a plus or minus b, without needless zeros."""
    if b == 0.0:
        return a
    return b if a == 0.0 and sign == "+" else (sign, a, b)


def operations(e: Formula) -> int:
    """How many signs a formula has."""
    return 1 + operations(e[1]) + operations(e[2]) if isinstance(e, tuple) else 0


def evaluate(e: Formula, x: float) -> float:
    """The value of a formula at x."""
    if not isinstance(e, tuple):
        return x if e == "x" else float(e)
    a, b = evaluate(e[1], x), evaluate(e[2], x)
    return a + b if e[0] == "+" else a - b if e[0] == "-" else a * b

"""Chapter 04: a bench that draws with one hidden layer, and the chapter's pictures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from nnlib import Network, activations
from nnlib.layers import Dense
from nnlib.workbook import plots
from nnlib.workbook.bench import Axes, Bench, Choice, Moment, Scene, Slider
from nnlib.workbook.palette import BLACK, BLUE, GREEN, GREY, ORANGE
from nnlib.workbook.scene import Line, Markers

SMALLEST, LARGEST = -0.2, 1.2  # the inputs shown
MOST = 12  # hidden units
ALL_X = np.linspace(SMALLEST, LARGEST, 561)[:, None]
INSIDE = (ALL_X[:, 0] > -1e-9) & (ALL_X[:, 0] < 1 + 1e-9)


def target(x: np.ndarray) -> np.ndarray:
    """What the networks of the bench are to draw between 0 and 1."""
    return np.sin(5 * x)


@dataclass(frozen=True)
class Kind:
    """An activation, how steep its units are for n of them, whether they step or bend, and what they make."""

    layer: Callable[[], Any]
    steepness: Callable[[int], float]
    steps: bool
    makes: str


KINDS = {
    "ReLU": Kind(activations.ReLU, lambda n: 1.0, False, ""),
    "swish": Kind(activations.Swish, lambda n: 10.0 * n, False, "rounded corners and no kink"),
    "sigmoid": Kind(activations.Sigmoid, lambda n: 4.0 * n, True, "smooth steps and no kink"),
    "none": Kind(activations.Identity, lambda n: 1.0, False, "one straight line and no kink"),
}


def drawing_net(n: int, kind: Kind) -> Network:
    """A network 1-n-1 whose units, one behind the other, follow the target from 0 to 1."""
    x, w = np.linspace(0, 1, n + 1), kind.steepness(n)
    y = target(x)
    # a bend changes the slope, a step the height; a unit of steepness w has the slope w on its upper side
    v = np.diff(y) if kind.steps else np.diff(np.diff(y) * n, prepend=0) / w
    places = (x[1:] + x[:-1]) / 2 if kind.steps else x[:-1]
    net = Network([Dense(1, n), kind.layer(), Dense(n, 1)])
    net.theta = np.concatenate([np.full(n, w), -w * places, v, [0.0]])
    return net


def places_of(net: Network) -> np.ndarray:
    """Where each unit's z is 0: the inputs -b / w."""
    return -net.layers[0].b / net.layers[0].W[0]


def kinks_of(net: Network) -> int:
    """At how many places the slope jumps: units at one place share their kink, and one of weight 0 has none."""
    places, owner = np.unique(places_of(net).round(9), return_inverse=True)
    jumps = np.bincount(owner, net.layers[2].W[:, 0] * abs(net.layers[0].W[0]), len(places))
    return int((abs(jumps) > 1e-9).sum())


def slope_of(net: Network, x: np.ndarray) -> np.ndarray:
    """Slope of the network's output at each input: rows do not see each other, so one backward pass gives all."""
    net.forward(x)
    return net.backward(np.ones((len(x), 1)))


class OneHiddenLayer(Bench):
    """What a network 1-n-1 draws, its slope, and one of its units to move."""

    title = "What one hidden layer draws"
    finding = "Each ReLU is one kink: the network is straight between them, and only there its slope jumps."
    size = (640, 330)
    controls = (
        Slider("n", "hidden units", 1, MOST, value=4),
        Choice("activation", "activation", tuple(KINDS)),
        Slider("unit", "unit to change", 1, MOST, value=2),
        Slider("factor", "its weight times", -1.0, 3.0, step=0.25, value=1.0),
        Slider("shift", "its place plus", -0.2, 0.2, step=0.01, value=0.0),
    )
    axes = (
        Axes(xlabel="input x", ylabel="output", xlim=(SMALLEST, LARGEST), ylim=(-2.2, 2.2), title="What it draws"),
        Axes(xlabel="input x", ylabel="slope", xlim=(SMALLEST, LARGEST), ylim=(-14, 14), title="Its slope"),
    )
    moments = (
        Moment("4 ReLUs, 4 kinks", n=4),
        Moment("Unit 2 off: its kink is gone", n=4, factor=0.0),
        Moment("4 units, no activation: a line", n=4, activation="none"),
    )

    def network(self, n: int, activation: str, unit: int, factor: float, shift: float) -> tuple[Network, int]:
        """The network for these settings, and the index of the unit that is changed (the last, if there are fewer)."""
        net, k = drawing_net(n, KINDS[activation]), min(unit, n) - 1
        net.layers[2].W[k] *= factor
        net.layers[0].b[k] -= net.layers[0].W[0, k] * shift
        return net, k

    def compute(self, **settings: Any) -> Scene:
        net, k = self.network(**settings)
        places, marks = places_of(net), net.forward(places_of(net)[:, None])
        mine = net.layers[1].forward(net.layers[0].forward(ALL_X))[:, k] * net.layers[2].W[k]
        x, here = ALL_X[:, 0], np.repeat(places, 3)
        guides = np.tile([-30.0, 30.0, np.nan], len(places))
        return Scene([
            *(Line(here, guides, GREY, width=1, style="dotted", axes=number) for number in (0, 1)),
            Line(x[INSIDE], target(x[INSIDE]), BLACK, width=1.5, style="dashed", label="sin 5x"),
            Line(x, mine, GREEN, width=2, style="dashdot", label="the unit to change, alone"),
            Line(x, net.forward(ALL_X)[:, 0], BLUE, width=3, label="network"),
            Line(x, slope_of(net, ALL_X)[:, 0], BLUE, width=3, axes=1),
            Markers(places, marks[:, 0], ORANGE, "D", size=10, label="a unit's z = 0"),
            Markers(places[k], marks[k, 0], GREEN, "D", size=13),
        ])  # fmt: skip

    def describe(self, **settings: Any) -> str:
        net, k = self.network(**settings)
        is_relu, kinks = settings["activation"] == "ReLU", kinks_of(net)
        makes = f"{kinks} kink{'' if kinks == 1 else 's'}" if is_relu else KINDS[settings["activation"]].makes
        off = np.abs(net.forward(ALL_X[INSIDE]) - target(ALL_X[INSIDE])).max()
        jump = (net.layers[2].W[k] * abs(net.layers[0].W[0, k])).item() + 0.0
        return (
            f"Hidden units: {settings['n']}. They make {makes}. "
            f"Largest distance from the sine between 0 and 1: {off:.2g}. "
            f"Unit {k + 1} stands at x = {places_of(net)[k] + 0.0:.2f}"
            + (f", where it changes the slope by {jump:.1f}." if is_relu else ".")
        )


# ---- pictures that stand still


LAYERS_WORDS = (
    "Three columns of circles, with 3 inputs, 4 hidden units and 2 outputs. Every circle has an arrow to every circle "
    "of the next column. The three arrows into the second hidden unit stand out: they are column 2 of the first weight "
    "matrix."
)
XOR_WORDS = (
    "Left: the four corners of the square, with the two classes on opposite diagonals. Right: the same four points as "
    "the hidden layer gives them out. Two corners of one class now lie on one point, and a dashed straight line "
    "separates the classes."
)
ACTIVATIONS_WORDS = (
    "Left: ReLU, leaky ReLU and swish rise without end, tanh and sigmoid level off on both sides. Right: their slopes. "
    "Those of tanh and sigmoid are bumps, 1 and 1/4 high; that of the ReLU is a step from 0 to 1."
)
WIDTHS = (3, 4, 2)  # the network drawn as circles and arrows
NAMES = ("input layer\n$A^{(0)} = X$", "hidden layer\n$A^{(1)}$", "output layer\n$A^{(2)} = \\hat{Y}$")


def layers_picture(m: int = 1) -> plots.Picture:
    """A network as circles and arrows; the arrows into unit m of the hidden layer stand out."""
    with plots.canvas(height=2.9) as (figure, (axes,)):
        for l in (0, 1):
            for j, k in np.ndindex(WIDTHS[l], WIDTHS[l + 1]):
                _arrow(axes, (l, j), (l + 1, k), mine=l == 0 and k == m)
        for l, k in [(l, k) for l, width in enumerate(WIDTHS) for k in range(width)]:
            _unit(axes, l, k, mine=l == 1 and k == m)
        for l, name in enumerate(NAMES):
            axes.text(l, -2.05, name, ha="center", va="center", fontsize=9)
        axes.set(xlim=(-0.5, 2.5), ylim=(-2.3, 1.9), title="Column 2 of the weights is what unit 2 listens to")
        axes.set_axis_off()
        return plots.Picture(figure, LAYERS_WORDS)


def _height(l: int, k: int) -> float:
    return (WIDTHS[l] - 1) / 2 - k


def _arrow(axes: Any, start: tuple[int, int], end: tuple[int, int], *, mine: bool) -> None:
    """The connection from one unit (layer, number) to another."""
    look = {"arrowstyle": "-|>", "linewidth": 2.2 if mine else 0.8, "color": ORANGE if mine else GREY}
    axes.annotate("", (end[0] - 0.07, _height(*end)), (start[0] + 0.07, _height(*start)), arrowprops=look)


def _unit(axes: Any, l: int, k: int, *, mine: bool) -> None:
    """One unit: a circle with its symbol."""
    axes.plot(l, _height(l, k), "o", markersize=19, color="white", markeredgewidth=2.4 if mine else 1.4,
              markeredgecolor=ORANGE if mine else BLACK, zorder=3)  # fmt: skip
    symbol = ("x", "a", "\\hat{y}")[l]
    axes.text(l, _height(l, k), f"${symbol}_{k + 1}$", ha="center", va="center", zorder=4)


CORNERS = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]])


def xor_picture(net: Network) -> plots.Picture:
    """The four corners as the first and as the last layer of `net`, a network 2-2-1 with ReLUs, see them."""
    hidden = net.layers[1].forward(net.layers[0].forward(CORNERS))
    v, c = net.layers[2].W[:, 0], net.layers[2].b[0]
    with plots.canvas(2, height=2.9) as (figure, panels):
        for axes, points, name in zip(panels, (CORNERS, hidden), "xa", strict=True):
            plots.scatter_classes(axes, points, np.array([-1, 1, 1, -1]))
            axes.set(xlabel=f"${name}_1$", ylabel=f"${name}_2$", xlim=(-0.5, 2.5), ylim=(-0.5, 1.5), aspect="equal")
        along = np.array([-0.5, 2.5])
        panels[1].plot(along, (0.5 - c - v[0] * along) / v[1], color=BLACK, linestyle="dashed", label="output 1/2")
        panels[1].annotate("two corners", (1.0, 0.05), (0.3, 0.8), fontsize=9, arrowprops={"arrowstyle": "->"})
        panels[0].set_title("Input: no line works")
        panels[1].set_title("Hidden layer: one line does")
        figure.legend(*panels[1].get_legend_handles_labels(), loc="outside lower center", ncols=3)
        return plots.Picture(figure, XOR_WORDS)


SHOWN = (activations.ReLU(), activations.LeakyReLU(0.1), activations.Swish(), activations.Tanh(), activations.Sigmoid())


def activations_picture() -> plots.Picture:
    """Five activations beside their slopes."""
    z = np.linspace(-4, 4, 401)
    with plots.canvas(2, height=3.2) as (figure, (left, right)):
        for layer in SHOWN:
            left.plot(z, layer.forward(z), label=str(layer).removesuffix("()"))
            slope = layer.backward(np.ones_like(z))
            slope[1:][abs(np.diff(slope)) > 0.5] = np.nan  # a jump is no line
            right.plot(z, slope)
        left.set(xlabel="$z$", ylabel="$a = \\phi(z)$", ylim=(-1.3, 3), title="Tanh and sigmoid level off …")
        right.set(xlabel="$z$", ylabel="$\\phi'(z)$", ylim=(-0.3, 1.3), title="… and so their slopes vanish")
        figure.legend(loc="outside lower center", ncols=5, columnspacing=1.0)
        return plots.Picture(figure, ACTIVATIONS_WORDS)

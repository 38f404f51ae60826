"""Benches of chapter 03: one step of gradient descent along a curve, and its whole path on a surface."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from nnlib import surfaces
from nnlib.optimizers import SGD
from nnlib.surfaces import Surface
from nnlib.workbook.bench import Axes, Bench, Choice, Moment, Pointer, Scene, Slider
from nnlib.workbook.palette import BLACK, BLUE, GREY, ORANGE, sequential
from nnlib.workbook.scene import Arrow, Image, Line, Markers, Text

# ---------------------------------------------------------------- one step


@dataclass(frozen=True)
class Curve:
    """A loss of one parameter, its slope, and the most its slope can change for a unit of w: beta, if there is one."""

    L: Callable[[Any], Any]
    dL: Callable[[Any], Any]
    beta: float | None


CURVES = {
    "5 w²": Curve(lambda w: 5 * w * w, lambda w: 10 * w, 10.0),
    "ln cosh 3w": Curve(lambda w: np.log(np.cosh(3 * w)), lambda w: 3 * np.tanh(3 * w), 9.0),
    "w⁴": Curve(lambda w: w**4, lambda w: 4 * w**3, None),
}
RATES = np.linspace(0.001, 0.4, 200)
ALONG = np.linspace(-2.2, 2.2, 177)


def kept(curve: Curve, w: float, eta: Any) -> Any:
    """The decrease of the loss in one step, as a share of the promised eta g^2."""
    g = curve.dL(w)
    return (curve.L(w) - curve.L(w - eta * g)) / (eta * g * g)


class OneStep(Bench):
    """What the slope promises of one step, what the descent lemma guarantees, and what happens."""

    title = "One step: promised, guaranteed, and what happens"
    finding = "The promise holds for short steps only; the guarantee ends at η = 2/β."
    size = (640, 320)
    controls = (
        Choice("loss", "loss", tuple(CURVES)),
        Slider("w", "start w", 0.1, 1.5, step=0.05, value=1.0),
        Slider("eta", "learning rate η", 0.01, 0.4, step=0.01, value=0.05),
    )
    axes = (
        Axes(xlabel="parameter w", ylabel="loss", xlim=(-2.2, 2.2), ylim=(-3, 12), title="The step"),
        Axes(xlabel="learning rate η", ylabel="share kept", xlim=(0, 0.4), ylim=(-1, 1.25),
             title="Share of the promise kept"),
    )  # fmt: skip
    moments = (
        Moment("5 w², η = 0.05", eta=0.05),
        Moment("5 w², η = 0.22", eta=0.22),
        Moment("ln cosh 3w, η = 0.22", loss="ln cosh 3w", eta=0.22),
    )

    def compute(self, *, loss: str, w: float, eta: float) -> Scene:
        return Scene([*self._step(CURVES[loss], w, eta), *self._shares(CURVES[loss], w, eta)])

    @staticmethod
    def _step(curve: Curve, w: float, eta: float) -> list[Any]:
        L, g = curve.L(w), curve.dL(w)
        after, move = w - eta * g, ALONG - w
        layers = [Line(ALONG, curve.L(ALONG), BLUE, width=5, label="what happens"),
                  Line(ALONG, L + g * move, ORANGE, width=2.5, style="dashed", label="promised")]  # fmt: skip
        if curve.beta is not None:
            bound = L + g * move + curve.beta / 2 * move**2
            layers.append(Line(ALONG, bound, BLACK, width=2, style="dashdot", label="guaranteed"))
        arrow = Arrow(w, L, after, curve.L(after), width=2)
        return [*layers, arrow, Markers(w, L, BLACK, "o", size=11), Markers(after, curve.L(after), BLACK, "s", size=11)]

    @staticmethod
    def _shares(curve: Curve, w: float, eta: float) -> list[Any]:
        layers = [Line(RATES, kept(curve, w, RATES), BLUE, width=5, axes=1),
                  Line([0, 0.4], [1, 1], ORANGE, 2.5, "dashed", axes=1)]  # fmt: skip
        if curve.beta is not None:
            layers.append(Line([0, 0.4], [1, 1 - 0.2 * curve.beta], BLACK, 2, "dashdot", axes=1))
            layers.append(Line([2 / curve.beta] * 2, [-1, 1.25], GREY, 1.5, "dotted", axes=1))
            layers.append(Text(2 / curve.beta + 0.008, -0.85, "2/β", GREY, axes=1))
        return [*layers, Markers(eta, kept(curve, w, eta), BLACK, "s", size=11, axes=1)]

    def describe(self, *, loss: str, w: float, eta: float) -> str:
        curve = CURVES[loss]
        promised = eta * curve.dL(w) ** 2
        share = kept(curve, w, eta)
        came = f"falls by {share * promised:.2g}" if share > 0 else f"rises by {-share * promised:.2g}"
        if curve.beta is None:
            limit = "This loss has no β, so nothing is guaranteed"
        elif eta < 2 / curve.beta:
            limit = f"Guaranteed is a fall of {promised * (1 - eta * curve.beta / 2):.2g}"
        else:
            limit = f"η is not below 2/β = {2 / curve.beta:.2g}, so nothing is guaranteed"
        return f"{loss} from w = {w:.3g}, η = {eta:.2g}. Promised: a fall of {promised:.2g}. {limit}. The loss {came}."


# ---------------------------------------------------------------- the whole path
REACH = 3.0  # the parameters shown, each way
PIXELS = 120  # along a side of the landscape
STEPS = 60
LOST = 1e3  # a path this far out is not followed further
STRIDE = 0.2  # of an arrow key
ARROWS = {"ArrowLeft": (-1, 0), "ArrowRight": (1, 0), "ArrowUp": (0, 1), "ArrowDown": (0, -1)}
TICKS = [(float(k), f"{k}") for k in range(-3, 4)]

FIXED = {"double well": surfaces.double_well, "saddle": surfaces.saddle, "plateau": surfaces.plateau}


def surface(name: str, curvature: float) -> Surface:
    """The surface of that name; the bowl has the curvatures 1 and `curvature`."""
    return FIXED[name] if name in FIXED else surfaces.bowl(1.0, curvature)


def descend(f: Surface, theta: tuple[float, float], eta: float, steps: int = STEPS) -> np.ndarray:
    """The path (steps + 1, 2) of gradient descent; it ends early where it has left for good."""
    path = [np.array(theta, dtype=float)]
    rule = SGD(eta)
    while len(path) <= steps and np.abs(path[-1]).max() < LOST:
        path.append(path[-1].copy())
        rule.step(path[-1], f.gradient(path[-1]))
    return np.array(path)


@lru_cache(maxsize=64)
def landscape(name: str, curvature: float) -> Image:
    """The loss over the plane of parameters, in bands of equal height of its logarithm."""
    along = (np.arange(PIXELS) + 0.5) * 2 * REACH / PIXELS - REACH
    L = surface(name, curvature)(*np.meshgrid(along, along))
    height = np.log1p(L - L.min())
    return Image(sequential(0.6 * height / height.max(), bands=24), (-REACH, REACH, -REACH, REACH), origin="lower")


class Descent(Bench):
    """Sixty steps of gradient descent on a surface: where they go, and what becomes of the loss."""

    title = "Sixty steps of gradient descent"
    finding = "Creep, converge, explode: in a bowl the border lies at η = 2/λ, with λ its largest curvature."
    size = (640, 340)
    guide = "Press on the landscape to choose the start; or Tab to the picture, then the arrow keys."
    controls = (
        Choice("name", "surface", ("bowl", *FIXED)),
        Slider("curvature", "bowl: λ₂", 1, 20, value=10),
        Slider("a", "start a", -REACH, REACH, step=0.1, value=2.0),
        Slider("b", "start b", -REACH, REACH, step=0.1, value=1.0),
        Slider("eta", "learning rate η", 0.01, 1.0, step=0.02, value=0.1, log=True),
    )
    axes = (
        Axes(xlabel="a", ylabel="b", xlim=(-REACH, REACH), ylim=(-REACH, REACH), equal=True, grid="", xticks=TICKS,
             yticks=TICKS, title="Loss (dark is high) and path"),
        Axes(xlabel="step", ylabel="loss", xlim=(0, STEPS), ylim=(1e-8, 1e4), yscale="log",
             title="Loss after each step", yticks=[(10.0**k, f"$10^{{{k}}}$") for k in range(-8, 5, 4)]),
    )  # fmt: skip
    moments = (
        Moment("η = 0.01: it creeps", eta=0.01),
        Moment("η = 0.18: it converges", eta=0.18),
        Moment("η = 0.21: it explodes", eta=0.21),
    )

    def compute(self, *, name: str, curvature: float, a: float, b: float, eta: float) -> Scene:
        f = surface(name, curvature)
        path = descend(f, (a, b), eta)
        L = f(path)
        drawable = np.where(L > 0, L, np.nan)  # a log scale has no place for the rest
        long = path[1:][np.abs(np.diff(path, axis=0)).max(axis=1) > 0.1]  # a dot for each step that one can see
        walk = [Line(*path.T, ORANGE, label="path"), Markers(*long.T, ORANGE, "o", size=6)]
        ends = [Markers(a, b, BLUE, "s", size=12, label="start"), Markers(*path[-1], BLACK, "D", size=12, label="end")]
        curve = [Line(range(len(path)), drawable, BLUE, axes=1)]
        if not np.all(L > 0):
            curve.append(Text(3, 1e-7, f"0 or below from step {np.argmax(L <= 0)} on", BLACK, axes=1))
        return Scene([landscape(name, curvature), *walk, *ends, *curve])

    def describe(self, *, name: str, curvature: float, a: float, b: float, eta: float) -> str:
        f = surface(name, curvature)
        path = descend(f, (a, b), eta)
        L, promised = f(path), eta * np.sum(f.gradient(path[0]) ** 2)
        now = f"is {rounded(L[-1])} after {STEPS} steps" if len(path) > STEPS else "has left the picture for good"
        first = f"Promised for the first step: a decrease of {rounded(promised)}; it was {rounded(L[0] - L[1])}."
        bowl = f"Each step multiplies a by {1 - eta:.2g} and b by {1 - eta * curvature:.2g}." if name == "bowl" else ""
        return f"η = {eta:.2g}: the loss starts at {rounded(L[0])} and {now}. {first} {bowl}".rstrip()

    def on_pointer(self, pointer: Pointer, **_: Any) -> dict[str, Any]:
        return start_at(pointer.x, pointer.y) if pointer.axes == 0 else {}

    def on_key(self, key: str, *, a: float, b: float, **_: Any) -> dict[str, Any]:
        right, up = ARROWS.get(key, (0, 0))
        return start_at(a + STRIDE * right, b + STRIDE * up)


def start_at(a: float, b: float) -> dict[str, float]:
    """The start nearest to (a, b) that the sliders have."""
    return {name: float(np.clip(round(value, 1), -REACH, REACH)) for name, value in (("a", a), ("b", b))}


def rounded(L: float) -> str:
    """A loss with two digits; one that has nearly vanished only by name."""
    return "nearly 0" if abs(L) < 1e-6 else f"{L:.2g}"

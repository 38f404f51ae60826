"""Benches of chapter 00: how good is a measured derivative, and what has a network learned about digits?"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from nnlib.gradcheck import complex_grad, numeric_grad
from nnlib.workbook.bench import Axes, Bench, Button, Choice, Moment, Pointer, Scene, Slider, State
from nnlib.workbook.benches import drawing
from nnlib.workbook.palette import BLUE, GREEN, GREY, ORANGE, sequential
from nnlib.workbook.scene import Image, Line, Markers, Text

FLOOR = 1e-17  # an error of exactly 0 is drawn here, since a log scale has no 0


@dataclass(frozen=True)
class Known:
    """A function whose derivative we know, and the point where we pretend not to."""

    f: Callable[[Any], Any]
    df: Callable[[float], float]
    x: float


FUNCTIONS = {
    "sin x": Known(np.sin, np.cos, 1.0),
    "exp x": Known(np.exp, np.exp, 1.0),
    "x³": Known(lambda x: x * x * x, lambda x: 3 * x * x, 1.3),
    "log x": Known(np.log, lambda x: 1 / x, 2.0),
    "1/x": Known(lambda x: 1 / x, lambda x: -1 / (x * x), 1.7),
}


def forward_difference(f: Callable[[Any], Any], x: float, h: float) -> float:
    """(f(x + h) - f(x)) / h."""
    return (f(x + h) - f(x)) / h


@dataclass(frozen=True)
class Scheme:
    """A way to measure a derivative, the step below which rounding rules it, and how it is drawn."""

    label: str
    slope: Callable[[Callable[[Any], Any], float, float], float]
    best: float
    color: str
    style: str
    marker: str


SCHEMES = (
    Scheme("forward difference", forward_difference, 1e-8, ORANGE, "dashed", "s"),
    Scheme("central difference", numeric_grad, 1e-5, BLUE, "solid", "o"),
    Scheme("complex step", complex_grad, 0.0, GREEN, "dashdot", "D"),
)
ALL_H = 10 ** np.linspace(-16, -1, 121)


def relative_error(scheme: Scheme, known: Known, h: float) -> float:
    """|measured - true| / |true|, at least FLOOR."""
    true = known.df(known.x)
    return max(abs(scheme.slope(known.f, known.x, h) - true) / abs(true), FLOOR)


@cache
def curve(scheme: Scheme, function: str) -> tuple[float, ...]:
    """The relative error at every step of ALL_H."""
    return tuple(relative_error(scheme, FUNCTIONS[function], float(h)) for h in ALL_H)


def power_of_ten(number: float) -> str:
    """The nearest power of ten, for errors whose digits are noise."""
    exponent = round(np.log10(number))
    return "below 1e-16" if exponent < -16 else f"about 1e{exponent}"


class ErrorAgainstH(Bench):
    """Error of three ways to measure a derivative, against the step h."""

    title = "Error of a measured derivative against the step h"
    finding = "A smaller step is not a better step: rounding takes over. Only the complex step has no such limit."
    controls = (
        Choice("function", "function", tuple(FUNCTIONS)),
        Slider("log10_h", "log₁₀ h", -16.0, -1.0, step=0.5, value=-3.0),
    )
    axes = (
        Axes(
            xlabel="step h", ylabel="relative error", xlim=(1e-16, 1e-1), ylim=(FLOOR / 3, 10),
            xscale="log", yscale="log", title="Relative error of f′(x) against h",
            xticks=[(10.0**k, f"$10^{{{k}}}$") for k in range(-16, 0, 4)],
            yticks=[(10.0**k, f"$10^{{{k}}}$") for k in range(-16, 1, 4)],
        ),
    )  # fmt: skip
    moments = (
        Moment("sin x, h = 1e-3", function="sin x", log10_h=-3.0),
        Moment("sin x, h = 1e-8", function="sin x", log10_h=-8.0),
        Moment("1/x, h = 1e-13", function="1/x", log10_h=-13.0),
    )

    def compute(self, *, function: str, log10_h: float) -> Scene:
        known, h = FUNCTIONS[function], 10.0**log10_h
        here = Line([h, h], self.axes[0].ylim, GREY, width=1.5, style="dotted")
        curves = [Line(ALL_H, curve(one, function), one.color, style=one.style, label=one.label) for one in SCHEMES]
        marks = [Markers(h, relative_error(one, known, h), one.color, one.marker, size=13) for one in SCHEMES]
        return Scene([here, *curves, *marks])

    def describe(self, *, function: str, log10_h: float) -> str:
        known, h = FUNCTIONS[function], 10.0**log10_h
        errors = [f"{one.label} {power_of_ten(relative_error(one, known, h))}" for one in SCHEMES]
        rounding = [one.label for one in SCHEMES if h < one.best]
        ruled = f" Rounding rules the {' and the '.join(rounding)}: a larger h would be better." if rounding else ""
        return f"{function} at x = {known.x:g}, h = {h:.1e}. Relative error: {', '.join(errors)}.{ruled}"


class Classifier(Protocol):
    """What the digit bench asks of a network."""

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities (B, 10) for pictures (B, 64)."""
        ...


def certainty(probability: float) -> str:
    """A probability in words that hold on every machine."""
    for bound in (99, 90):
        if 100 * probability > bound:
            return f"above {bound} %"
    return f"about {10 * round(10 * probability)} %"


def bars(s: np.ndarray, axes: int) -> list[Line | Text]:
    """Ten bars of the heights s, and the height of the tallest in per cent above it."""
    k, tallest = np.arange(10), int(s.argmax())
    heights = np.stack([0 * s, s, np.nan * s], axis=1).ravel()
    number = Text(tallest, s[tallest] + 0.06, f"{s[tallest]:.0%}", align="center", axes=axes)
    return [Line(np.repeat(k, 3), heights, BLUE, width=18, axes=axes), number]


class DigitBench(Bench):
    """A digit to shift or to draw on, and the ten probabilities of a trained network.

    net: has `predict_proba(X) -> (B, 10)`; X: (N, 64) pictures in [0, 1] that it was not trained on; y: (N,) labels.
    """

    title = "What does the network see in this digit?"
    finding = "Two pixels to the side, and the network is lost: it has learned pixels, not shapes."
    size = (640, 330)
    guide = "Draw with mouse or finger; or Tab to the picture, then arrow keys and Space."
    axes = (
        drawing.picture_axes("The network's input"),
        Axes(
            xlabel="digit", ylabel="probability", xlim=(-0.7, 9.7), ylim=(0, 1.35), width=1.2, grid="y",
            xticks=[(k, str(k)) for k in range(10)], yticks=[(0, "0%"), (0.5, "50%"), (1, "100%")],
            title="What the network says",
        ),
    )  # fmt: skip

    def __init__(self, net: Classifier, X: np.ndarray, y: np.ndarray) -> None:
        if X.ndim != 2 or X.shape[1] != drawing.SIDE**2 or len(X) != len(y):
            raise ValueError(f"DigitBench: expected X (N, 64) and y (N,), got {X.shape} and {np.shape(y)}.")
        self.net, self.X, self.y = net, X, np.asarray(y)
        self.accuracies: dict[tuple[int, int], float] = {}  # by shift, as they are asked for
        self.controls = self._controls()
        self.moments = self._moments()

    def _controls(self) -> tuple[Slider | Choice | Button | State, ...]:
        return (
            Choice("start", "start from", {"a held-out digit": "digit", "an empty sheet": "empty"}),
            Slider("sample", "digit number", 0, len(self.X) - 1, value=0),
            Slider("dx", "shift right", -drawing.REACH, drawing.REACH, value=0, unit="px"),
            Slider("dy", "shift up", -drawing.REACH, drawing.REACH, value=0, unit="px"),
            Button("clear", "Clear my drawing"),
            State("ink", drawing.UNTOUCHED),
            State("pen", 1.0),
            State("cursor", None),
        )

    def _moments(self) -> tuple[Moment, ...]:
        sample = self.most_fooled()
        places = {"as it was written": 0, "one pixel to the right": 1, "two pixels to the right": 2}
        return tuple(Moment(caption, sample=sample, dx=dx) for caption, dx in places.items())

    def most_fooled(self) -> int:
        """The number of the digit that loses most of its probability two pixels to the right."""
        before, after = (self.net.predict_proba(self._all_shifted(dx, 0)) for dx in (0, 2))
        rows = np.arange(len(self.y))
        return int(np.argmax(before[rows, self.y] - after[rows, self.y]))

    def _all_shifted(self, dx: int, dy: int) -> np.ndarray:
        return np.array([drawing.window(drawing.on_sheet(picture), dx, dy).ravel() for picture in self.X])

    def accuracy(self, dx: int, dy: int) -> float:
        """The share of all digits, each shifted by (dx, dy), that the network recognises."""
        if (dx, dy) not in self.accuracies:
            guesses = self.net.predict_proba(self._all_shifted(dx, dy)).argmax(axis=1)
            self.accuracies[dx, dy] = float((guesses == self.y).mean())
        return self.accuracies[dx, dy]

    def picture(self, *, start: str, sample: int, dx: int, dy: int, ink: np.ndarray) -> np.ndarray:
        """The (8, 8) picture that the network sees."""
        sheet = drawing.on_sheet(self.X[sample]) if start == "digit" else np.zeros_like(ink)
        return drawing.window(np.where(np.isnan(ink), sheet, ink), dx, dy)

    def probabilities(self, picture: np.ndarray) -> np.ndarray:
        """What the network says of one picture, (10,)."""
        return self.net.predict_proba(picture.reshape(1, -1))[0]

    def truth(self, *, start: str, sample: int, ink: np.ndarray, **_: int) -> int | None:
        """The label of the digit shown; None for a drawing."""
        return int(self.y[sample]) if start == "digit" and np.isnan(ink).all() else None

    def compute(self, *, pen: float, cursor: drawing.Pixel | None, **shown: Any) -> Scene:
        picture, truth = self.picture(**shown), self.truth(**shown)
        shades = Image(sequential(picture), (*drawing.EDGE, *drawing.EDGE))
        layers = [shades, *bars(self.probabilities(picture), axes=1)]
        if truth is not None:
            share = f"{self.accuracy(shown['dx'], shown['dy']):.0%} of all {len(self.y)} are read right"
            layers.append(Markers(truth, 0.03, ORANGE, "^", size=14, axes=1, label="the true digit"))
            layers.append(Text(-0.5, 1.25, f"At this shift {share}", size=12, axes=1))
        if cursor is not None:
            layers.append(drawing.frame(cursor))
        return Scene(layers)

    def static(self) -> Scene:
        return Scene(drawing.pixel_grid())

    def describe(self, *, pen: float, cursor: drawing.Pixel | None, **shown: Any) -> str:
        picture, truth = self.picture(**shown), self.truth(**shown)
        s = self.probabilities(picture)
        what = "Your drawing" if truth is None else f"Held-out digit number {shown['sample']}, a {truth}"
        moved = f", shifted {shown['dx']} right and {shown['dy']} up" if shown["dx"] or shown["dy"] else ""
        place = "" if cursor is None else self._place(cursor, picture)
        return f"{what}{moved}. The network says {s.argmax()}, probability {certainty(s.max())}.{place}"

    @staticmethod
    def _place(cursor: drawing.Pixel, picture: np.ndarray) -> str:
        column, row = cursor
        return f" Row {row + 1}, column {column + 1} is {'dark' if picture[row, column] > 0.5 else 'light'}."

    def press(self, button: str, **_: Any) -> dict[str, Any]:
        return {"ink": drawing.UNTOUCHED, "cursor": None}

    def on_pointer(self, pointer: Pointer, *, pen: float, cursor: drawing.Pixel | None, **shown: Any) -> dict[str, Any]:
        if pointer.axes != 0:
            return {}
        pixels = drawing.pixels_of(pointer)
        pen = self._opposite(pixels[-1:], shown) if pointer.event == "press" else pen
        return {"ink": self._drawn(pixels, pen, shown), "pen": pen, "cursor": None}

    def on_key(self, key: str, *, pen: float, cursor: drawing.Pixel | None, **shown: Any) -> dict[str, Any]:
        cursor = drawing.moved(cursor, key)
        if key in drawing.ARROWS:
            return {"cursor": cursor}
        pixels = np.array([cursor])
        return {"cursor": cursor, "ink": self._drawn(pixels, self._opposite(pixels, shown), shown)}

    def _opposite(self, pixels: np.ndarray, shown: dict[str, Any]) -> float:
        """Ink for a light pixel, paper for a dark one."""
        column, row = np.clip(pixels[0], 0, drawing.SIDE - 1)
        return 0.0 if self.picture(**shown)[row, column] > 0.5 else 1.0

    @staticmethod
    def _drawn(pixels: np.ndarray, pen: float, shown: dict[str, Any]) -> np.ndarray:
        return drawing.inked(shown["ink"], pixels, pen, shown["dx"], shown["dy"])

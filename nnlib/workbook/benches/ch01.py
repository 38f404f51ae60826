"""Bench of chapter 01: one tanh neuron, its decision surface and the gradient that moves its weights."""

from __future__ import annotations

from functools import cache

import numpy as np

from nnlib.neuron import TanhNeuron
from nnlib.workbook.bench import Axes, Bench, Button, Moment, Scene, Slider
from nnlib.workbook.palette import BLACK, NEGATIVE, POSITIVE, diverging, sequential
from nnlib.workbook.scene import Arrow, Image, Line, Markers

N = 24  # points
REACH = 3.0  # the inputs shown, each way
LARGEST = 6.0  # the weights shown, each way
BAR = 0.4  # length of a residual of 1, in units of the input
SURFACE, LANDSCAPE = 60, 120  # pixels along a side of the two images


def two_groups() -> tuple[np.ndarray, np.ndarray]:
    """X (24, 2) in two groups, and targets -1 or +1."""
    rng = np.random.default_rng(1)
    y = np.repeat([-1.0, 1.0], N // 2)
    return rng.normal(scale=0.6, size=(N, 2)) + y[:, None] * np.array([1.1, 0.8]), y


X, Y = two_groups()


def middles(reach: float, pixels: int) -> np.ndarray:
    """The middles of that many pixels between -reach and reach."""
    return (np.arange(pixels) + 0.5) * 2 * reach / pixels - reach


def square(reach: float, pixels: int) -> np.ndarray:
    """All points of the square of half side `reach`, (pixels * pixels, 2), the lowest row first."""
    along = middles(reach, pixels)
    return np.stack(np.meshgrid(along, along), axis=-1).reshape(-1, 2)


TICKS_X, TICKS_W = ([(float(k), f"{k}") for k in range(-m, m + 1, m // 3)] for m in (3, 6))
INPUTS, WEIGHTS = square(REACH, SURFACE), square(LARGEST, LANDSCAPE)


def surface(neuron: TanhNeuron) -> Image:
    """The neuron's output over the plane of inputs."""
    y_hat = neuron.forward(INPUTS).reshape(SURFACE, SURFACE)
    return Image(diverging(0.85 * y_hat), (-REACH, REACH, -REACH, REACH), origin="lower", smooth=True)


@cache
def landscape(b: float) -> Image:
    """The loss over the plane of weights, in bands of equal height."""
    # tanh(x w + b) is the same with x and w exchanged: one forward pass for each sample serves all weights at once
    squares = [(TanhNeuron(x, b).forward(WEIGHTS) - y) ** 2 for x, y in zip(X, Y, strict=True)]
    L = np.mean(squares, axis=0).reshape(LANDSCAPE, LANDSCAPE)
    extent = (-LARGEST, LARGEST, -LARGEST, LARGEST)
    return Image(sequential(0.6 * L, 0, 4, bands=16), extent, origin="lower", axes=1)


class TanhNeuronBench(Bench):
    """One neuron with two inputs: what it says, what it gets wrong, and where its gradient points."""

    title = "One tanh neuron and its gradient"
    finding = "Large weights saturate tanh: even a neuron that gets nearly all points wrong no longer moves."
    size = (640, 350)
    controls = (
        Slider("w1", "w₁", -LARGEST, LARGEST, step=0.1, value=0.5),
        Slider("w2", "w₂", -LARGEST, LARGEST, step=0.1, value=-0.5),
        Slider("b", "b", -3.0, 3.0, step=0.1, value=0.0),
        Slider("eta", "learning rate η", 0.01, 10.0, step=0.25, value=1.0, log=True),
        Button("step", "Take one step", "w becomes w minus η times the gradient"),
    )
    axes = (
        Axes(xlabel="x₁", ylabel="x₂", xlim=(-REACH, REACH), ylim=(-REACH, REACH), equal=True, grid="",
             xticks=TICKS_X, yticks=TICKS_X, title="Output, and how far off it is"),
        Axes(xlabel="w₁", ylabel="w₂", xlim=(-LARGEST, LARGEST), ylim=(-LARGEST, LARGEST), equal=True, grid="",
             xticks=TICKS_W, yticks=TICKS_W, title="Loss (dark is high) and step"),
    )  # fmt: skip
    moments = (
        Moment("small weights: a long step", w1=0.5, w2=-0.5),
        Moment("large and wrong: no step", w1=-5.0, w2=-4.0),
    )

    def compute(self, *, w1: float, w2: float, b: float, eta: float) -> Scene:
        neuron = TanhNeuron([w1, w2], b)
        step = neuron.w - eta * neuron.gradient(X, Y)[0]
        weights = [Arrow(w1, w2, *step, axes=1), Markers(w1, w2, BLACK, "o", size=11, axes=1, label="weights")]
        return Scene([surface(neuron), landscape(b), *self._data(neuron), *weights])

    @staticmethod
    def _data(neuron: TanhNeuron) -> list[Line | Markers]:
        ends = X[:, 1] - BAR * (neuron.forward(X) - Y)
        bars = np.stack([X[:, 1], ends, np.full(N, np.nan)], axis=1).ravel()
        positive, negative = X[Y > 0].T, X[Y < 0].T
        return [
            Line(np.repeat(X[:, 0], 3), bars, BLACK, width=2, label="residual"),
            Markers(*positive, POSITIVE, "s", size=10, label="target +1"),
            Markers(*negative, NEGATIVE, "o", size=10, label="target −1"),
        ]

    def describe(self, *, w1: float, w2: float, b: float, eta: float) -> str:
        neuron = TanhNeuron([w1, w2], b)
        y_hat, slope = neuron.forward(X), np.linalg.norm(neuron.gradient(X, Y)[0])
        right, flat = int((np.sign(y_hat) == Y).sum()), int((np.abs(y_hat) > 0.99).sum())
        return (
            f"{right} of {N} points on the right side, loss {neuron.loss(X, Y):.1f}, {flat} outputs saturated. "
            f"Gradient of length {slope:.2g}: with η = {eta:.2g} the weights move by {eta * slope:.2g}."
        )

    def press(self, button: str, *, w1: float, w2: float, b: float, eta: float) -> dict[str, float]:
        neuron = TanhNeuron([w1, w2], b)
        w1, w2 = neuron.w - eta * neuron.gradient(X, Y)[0]
        return {"w1": float(w1), "w2": float(w2)}

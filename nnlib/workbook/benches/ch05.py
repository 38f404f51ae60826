"""Bench of chapter 05: three logits, a temperature, and what the softmax cross-entropy charges for them."""

from __future__ import annotations

import numpy as np

from nnlib.losses import BCEWithLogits, SoftmaxCrossEntropy
from nnlib.numerics import sigmoid, softmax
from nnlib.workbook import plots
from nnlib.workbook.bench import Axes, Bench, Choice, Moment, Scene, Slider
from nnlib.workbook.palette import BLUE, GREY, ORANGE, WINE
from nnlib.workbook.scene import Layer, Line, Markers, Text

K = 3  # classes
LEAST, MOST = 1e-16, 40.0  # the smallest probability and the largest loss in the picture


def exact_loss(z: np.ndarray, k: int) -> float:
    """Loss of the true class k for logits (K,), through log-sum-exp."""
    return SoftmaxCrossEntropy().value(z[None], np.array([k]))


def naive_loss(z: np.ndarray, k: int) -> float:
    """The same as people first write it: exponentials, their sum, a quotient, a logarithm."""
    with np.errstate(all="ignore"):
        return float(-np.log(np.exp(z) / np.exp(z).sum())[k])


def in_words(loss: float) -> str:
    """A loss with at most three digits."""
    if loss < 0.001:
        return "below 0.001"
    return f"{loss:.2f}" if loss < 10 else f"{float(f'{loss:.3g}'):.0f}"


def per_cent(probability: float) -> str:
    """A probability in whole per cent."""
    return "below 1 %" if probability < 0.01 else f"{100 * probability:.0f} %"


def verdict(z: np.ndarray, k: int) -> str:
    """What becomes of the naive code, in one word or two."""
    naive = naive_loss(z, k)
    return "the same" if np.isclose(naive, exact_loss(z, k), rtol=1e-3, atol=1e-6) else f"{naive:.0f}"


class SoftmaxBench(Bench):
    """Bars of probabilities, and the loss against the probability of the true class."""

    title = "What does a probability cost?"
    finding = "Ten times less probability for the truth always costs 2.3 more: confidence is paid for logarithmically."
    size = (640, 340)
    controls = (
        *(Slider(f"z{k + 1}", f"logit z{'₁₂₃'[k]}", -10.0, 10.0, step=0.5, value=value)
          for k, value in enumerate((2.0, 0.0, -1.0))),
        Slider("tau", "temp. τ", 0.01, 100.0, step=0.25, value=1.0, log=True),
        Choice("k", "true class", {"1": 0, "2": 1, "3": 2}),
    )  # fmt: skip
    axes = (
        Axes(xlabel="class", ylabel="probability", xlim=(0.4, 3.6), ylim=(0, 1.25), grid="y",
             xticks=[(1, "1"), (2, "2"), (3, "3")], yticks=[(0, "0%"), (0.5, "50%"), (1, "100%")],
             title="What the model says"),
        Axes(xlabel="probability of the true class", ylabel="loss in nats", xlim=(LEAST / 3, 3), ylim=(-1, 44),
             xscale="log", width=1.3, title="What it is charged",
             xticks=[(10.0**p, f"$10^{{{p}}}$") for p in range(-16, 1, 4)],
             yticks=[(loss, f"{loss}") for loss in range(0, 41, 10)]),
    )  # fmt: skip
    moments = (
        Moment("right, and fairly sure", k=0),
        Moment("wrong, and very sure", z1=10.0, z3=-10.0, k=2),
        Moment("colder: naive code fails", z1=8.0, tau=0.01, k=1),
    )

    def static(self) -> Scene:
        p = np.logspace(np.log10(LEAST), 0, 50)
        guess = Line([LEAST / 3, 3], np.log([K, K]), GREY, width=1.5, style="dotted", axes=1, label="no idea: log 3")
        return Scene([Line(p, -np.log(p), BLUE, axes=1, label="−log probability"), guess])

    def compute(self, *, k: int, tau: float, **logits: float) -> Scene:
        z = np.array(list(logits.values())) / tau
        return Scene([*self._bars(softmax(z), k), *self._charge(z, k)])

    @staticmethod
    def _bars(s: np.ndarray, k: int) -> list[Layer]:
        places = np.arange(1, K + 1)
        heights = np.stack([0 * s, s, np.nan * s], axis=1).ravel()
        numbers = [Text(place, height + 0.11, per_cent(height), align="center")
                   for place, height in zip(places, s, strict=True)]  # fmt: skip
        truth = Markers(places[k], 0.03, ORANGE, "^", size=14, label="true class")
        return [Line(np.repeat(places, 3), heights, BLUE, width=36), *numbers, truth]

    @staticmethod
    def _charge(z: np.ndarray, k: int) -> list[Layer]:
        loss = exact_loss(z, k)
        inside = loss <= MOST
        here = Markers(max(np.exp(-loss), LEAST), min(loss, MOST), ORANGE, "s" if inside else "^", size=12, axes=1)
        words = f"loss {in_words(loss)}" + ("" if inside else ", above the picture")
        naive = Text(2, 35, f"naive code: {verdict(z, k)}", WINE, align="right", axes=1)
        return [here, Text(2, 39, words, align="right", axes=1), naive]

    def describe(self, *, k: int, tau: float, **logits: float) -> str:
        z = np.array(list(logits.values())) / tau
        shares = ", ".join(per_cent(s) for s in softmax(z))
        says = verdict(z, k)
        naive = "agrees" if says == "the same" else f"fails: {says}"
        return (f"Probabilities {shares} for the classes 1, 2, 3. True is class {k + 1}: "
                f"loss {in_words(exact_loss(z, k))}. The naive code {naive}.")  # fmt: skip


def losses_of_a_logit() -> plots.Picture:
    """The two branches of the binary cross-entropy, and the squared error of the sigmoid, against the logit."""
    z = np.linspace(-6, 6, 121)
    bce = BCEWithLogits()
    branches = {f"cross-entropy, y = {y}": [bce.value(np.array([entry]), np.array([float(y)])) for entry in z]
                for y in (1, 0)}  # fmt: skip
    return plots.curves(
        z, branches | {"squared error, y = 1": (1 - sigmoid(z)) ** 2}, xlabel="logit z", ylabel="loss of one sample",
        title="Sure and wrong: the square goes flat",
        words="Three losses against the logit. For the target 1 the cross-entropy falls from 6 at the left in a "
              "straight line and flattens out near zero; for the target 0 it is the mirror image. The squared error is "
              "flat at 1 on the left.",
    )  # fmt: skip

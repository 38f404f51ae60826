"""Benches of chapter 06: the softmax Jacobian as a heat map, and what two losses say to a confident mistake."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nnlib.activations import Softmax
from nnlib.losses import SoftmaxCrossEntropy
from nnlib.numerics import sigmoid
from nnlib.workbook.bench import Axes, Bench, Button, Choice, Moment, Scene, Slider
from nnlib.workbook.palette import BLUE, GREY, ORANGE, diverging
from nnlib.workbook.scene import Image, Line, Markers, Text

K = 4  # classes
CLASSES = np.arange(1, K + 1)
NAMES = [(float(k), str(k)) for k in CLASSES]
FROM_TOP = [(float(K + 1 - k), str(k)) for k in CLASSES]  # class 1 in the highest row, as in a matrix
DARKEST = 0.35  # above 1/4, the largest entry, so that black figures stay readable


def figure(number: float, decimals: int = 2) -> str:
    """A number in print: a true minus sign, and no minus before a zero."""
    return f"{round(number, decimals) + 0.0:.{decimals}f}".replace("-", "−")


def heat_map(J: np.ndarray) -> list[Image | Text]:
    """J (K, K) in colours, with its numbers."""
    numbers = [Text(m + 1, K - j, figure(entry), align="center") for (j, m), entry in np.ndenumerate(J)]
    return [Image(diverging(J, DARKEST), (0.5, K + 0.5, 0.5, K + 0.5)), *numbers]


def bars(heights: np.ndarray, shift: float, color: str, marker: str, label: str) -> list[Line | Markers]:
    """One bar for each class, beside its number by `shift`, with a marker at its end."""
    x = CLASSES + shift
    ends = np.stack([0 * heights, heights, np.nan * heights], axis=1).ravel()
    tips = Markers(x, heights, color, marker, size=11, axes=1, label=label)
    return [Line(np.repeat(x, 3), ends, color, width=12, axes=1), tips]


class SoftmaxJacobianBench(Bench):
    """Four logits and a target: the Jacobian of softmax, and the error that cross-entropy sends to the logits."""

    title = "The softmax Jacobian, and what reaches the logits"
    finding = "A softmax that is sure has a Jacobian near zero. Sure and wrong, it still receives ŷ − y in full."
    size = (640, 340)
    controls = (
        *(Slider(f"z{k}", f"logit z{'₁₂₃₄'[k - 1]}", -6.0, 6.0, step=0.5, value=0.0) for k in CLASSES.tolist()),
        Choice("target", "true class", {str(k): k for k in CLASSES.tolist()}),
    )
    axes = (
        Axes(xlabel="logit m", ylabel="probability j", xlim=(0.5, K + 0.5), ylim=(0.5, K + 0.5), equal=True, grid="",
             xticks=NAMES, yticks=FROM_TOP, title="Jacobian J, entry by entry"),
        Axes(xlabel="class", ylabel="value", xlim=(0.4, K + 0.6), ylim=(-1.35, 1.15), grid="y", xticks=NAMES,
             title="Answer and error"),
    )  # fmt: skip
    moments = (
        Moment("undecided"),
        Moment("sure and right", z1=6.0),
        Moment("sure and wrong", z1=6.0, target=3),
    )

    def values(self, target: int, **logits: float) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Probabilities (K,), Jacobian (K, K) and the gradient at the logits (K,)."""
        z = np.array([list(logits.values())])
        softmax = Softmax()
        delta = SoftmaxCrossEntropy().grad(z, np.array([target - 1]))
        return softmax.forward(z)[0], softmax.jacobian(z)[0], delta[0]

    def compute(self, *, target: int, **logits: float) -> Scene:
        s, J, delta = self.values(target, **logits)
        return Scene([
            *heat_map(J),
            *bars(s, -0.17, BLUE, "o", "probability ŷ"),
            *bars(delta, 0.17, ORANGE, "^", "error ŷ − y"),
            Text(target, -1.22, "true", align="center", axes=1),
        ])  # fmt: skip

    def static(self) -> Scene:
        return Scene([Line([0.4, K + 0.6], [0, 0], GREY, width=1, axes=1)])

    def describe(self, *, target: int, **logits: float) -> str:
        s, J, delta = self.values(target, **logits)
        return (
            f"Probabilities {', '.join(figure(entry) for entry in s)}; the true class is {target}. "
            f"The largest entry of the Jacobian is {figure(J.max())}, the largest error {figure(np.abs(delta).max())}."
        )


STEPS = 60  # of gradient descent, with a learning rate of 1
REACH = 12.0  # the logits shown, each way


@dataclass(frozen=True)
class Teacher:
    """A loss on top of a sigmoid: the error it sends to the logit z for the target y, and how it is drawn."""

    label: str
    delta: Callable[[np.ndarray, int], np.ndarray]
    color: str
    style: str
    marker: str


def delta_squared(z: np.ndarray, y: int) -> np.ndarray:
    """Half the squared error: (ŷ - y) ŷ (1 - ŷ)."""
    y_hat = sigmoid(z)
    return (y_hat - y) * y_hat * (1 - y_hat)


def delta_entropy(z: np.ndarray, y: int) -> np.ndarray:
    """Cross-entropy: ŷ - y."""
    return sigmoid(z) - y


TEACHERS = (
    Teacher("squared error", delta_squared, ORANGE, "dashed", "s"),
    Teacher("cross-entropy", delta_entropy, BLUE, "solid", "o"),
)
ALL_Z = np.linspace(-REACH, REACH, 193)


def descend(teacher: Teacher, z: float, y: int) -> np.ndarray:
    """The logit before the first step and after each of STEPS, (STEPS + 1,)."""
    path = [z]
    for _ in range(STEPS):
        path.append(path[-1] - float(teacher.delta(path[-1], y)))
    return np.array(path)


class ConfidentMistakeBench(Bench):
    """One logit that learns from half the squared error, and one that learns from cross-entropy."""

    title = "What two losses say to a confident mistake"
    finding = "Sure and wrong: cross-entropy sends it back at full speed, the squared error leaves it where it is."
    size = (640, 340)
    controls = (
        Slider("z", "logit at the start", -REACH, REACH, step=0.5, value=8.0),
        Choice("target", "target y", {"0": 0, "1": 1}),
        Slider("steps", "steps taken", 0, STEPS, value=0),
        Button("more", "Ten more steps", "gradient descent with a learning rate of 1"),
    )
    axes = (
        Axes(xlabel="logit z", ylabel="error δ sent to z", xlim=(-REACH, REACH), ylim=(-1.1, 1.1),
             yticks=[(-1, "−1"), (-0.5, "−0.5"), (0, "0"), (0.5, "0.5"), (1, "1")],
             title="The error for each logit"),
        Axes(xlabel="step", ylabel="logit z", xlim=(0, STEPS), ylim=(-REACH - 1, REACH + 1),
             title="Descending with η = 1"),
    )  # fmt: skip
    moments = (
        Moment("undecided at the start", z=0.0, steps=20),
        Moment("sure and wrong", z=8.0, steps=20),
    )

    def compute(self, *, z: float, target: int, steps: int) -> Scene:
        layers: list[Line | Markers] = []
        for one in TEACHERS:
            path = descend(one, z, target)
            here = path[steps]
            layers += [
                Line(ALL_Z, one.delta(ALL_Z, target), one.color, style=one.style, label=one.label),
                Line(np.arange(STEPS + 1), path, one.color, style=one.style, axes=1),
                Markers(here, one.delta(here, target), one.color, one.marker, size=12),
                Markers(steps, here, one.color, one.marker, size=12, axes=1),
            ]
        return Scene(layers)

    def describe(self, *, z: float, target: int, steps: int) -> str:
        ends = [(one.label, descend(one, z, target)[steps]) for one in TEACHERS]
        reached = ", ".join(f"{label} at logit {figure(end, 1)}, answer {figure(sigmoid(end))}" for label, end in ends)
        return f"Target {target}. Both start at logit {figure(z, 1)}; after {steps} steps: {reached}."

    def press(self, button: str, *, z: float, target: int, steps: int) -> dict[str, int]:
        return {"steps": min(steps + 10, STEPS)}

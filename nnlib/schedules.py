"""Schedules: the learning rate as a function of the step t = 0, 1, 2, ... They never change once they are made.

Give one to an optimizer in place of a number, as in SGD(InverseTime(0.5, kappa=0.01)). Home: chapter 08.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

from nnlib.checks import in_range


@dataclass(frozen=True)
class Schedule:
    """What the schedules share: each number is at least 0, and each count of steps at least 1."""

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not callable(value):
                low = 1 if name in ("steps", "every") else 0
                in_range(type(self).__name__, name, value, low, math.inf, f"at least {low}")

    def __call__(self, t: int) -> float:
        """The learning rate of step t."""
        raise NotImplementedError(f"{type(self).__name__} has no __call__(t).")


@dataclass(frozen=True)
class Constant(Schedule):
    """lr at every step.

    >>> Constant(0.1)(1000)
    0.1
    """

    lr: float

    def __call__(self, t: int) -> float:
        """lr."""
        return self.lr


@dataclass(frozen=True)
class InverseTime(Schedule):
    """lr / (1 + kappa t): slow enough for the steps to reach anywhere, their sum is infinite.

    Half of lr is left at t = 1 / kappa. Source: Robbins and Monro, 1951.

    >>> InverseTime(0.1, kappa=0.01)(100)
    0.05
    """

    lr: float
    kappa: float

    def __call__(self, t: int) -> float:
        """lr / (1 + kappa t)."""
        return self.lr / (1 + self.kappa * t)


@dataclass(frozen=True)
class Exponential(Schedule):
    """lr e^(-kappa t): half of what is left goes every log(2) / kappa steps; their sum is finite.

    >>> round(Exponential(0.1, kappa=0.01)(100), 6)
    0.036788
    """

    lr: float
    kappa: float

    def __call__(self, t: int) -> float:
        """lr e^(-kappa t)."""
        return self.lr * math.exp(-self.kappa * t)


@dataclass(frozen=True)
class Step(Schedule):
    """lr factor^floor(t / every): multiplied by `factor` after every `every` steps.

    >>> [Step(0.5, factor=0.5, every=10)(t) for t in (9, 10, 20)]
    [0.5, 0.25, 0.125]
    """

    lr: float
    factor: float
    every: int

    def __call__(self, t: int) -> float:
        """lr factor^floor(t / every)."""
        return self.lr * self.factor ** (t // self.every)


@dataclass(frozen=True)
class Cosine(Schedule):
    """lr_min + (lr - lr_min) (1 + cos(pi t / steps)) / 2: half a wave from lr down to lr_min, where it stays.

    Source: Loshchilov and Hutter, 2017.

    >>> [round(Cosine(0.1, steps=10)(t), 6) for t in (0, 5, 10, 99)]
    [0.1, 0.05, 0.0, 0.0]
    """

    lr: float
    steps: int
    lr_min: float = 0.0

    def __call__(self, t: int) -> float:
        """lr_min + (lr - lr_min) (1 + cos(pi t / steps)) / 2, with t at most steps."""
        return self.lr_min + (self.lr - self.lr_min) * (1 + math.cos(math.pi * min(t, self.steps) / self.steps)) / 2


@dataclass(frozen=True)
class Warmup(Schedule):
    """then(0) t / steps up to t = steps, from there on then(t - steps): a line from 0, and another schedule after it.

    Raises TypeError if `then` is not a schedule. Source: Goyal and others, 2017.

    >>> [Warmup(10, then=Step(1.0, factor=0.5, every=5))(t) for t in (0, 5, 10, 15)]
    [0.0, 0.5, 1.0, 0.5]
    """

    steps: int
    then: Callable[[int], float]

    def __post_init__(self) -> None:
        super().__post_init__()
        if not callable(self.then):
            raise TypeError(f"Warmup: then must be a schedule, such as Constant(0.1), got {self.then!r}.")

    def __call__(self, t: int) -> float:
        """then(0) t / steps for t < steps, then(t - steps) afterwards."""
        return self.then(0) * t / self.steps if t < self.steps else self.then(t - self.steps)

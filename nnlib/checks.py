"""What every layer checks about its arguments, so that a mistake is named where it is made."""

from typing import Any

import numpy as np


class Named:
    """What prints as it is written: the name of its class, and the arguments that `shown` lists."""

    shown: tuple[str, ...] = ()

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(str(getattr(self, name)) for name in self.shown)})"


def batch(who: object, x: np.ndarray, width: int | None = None) -> np.ndarray:
    """Return `x` as an array after checking that it is a batch: (batch, width), rows are samples.

    >>> batch("Dense(3, 4)", np.ones((2, 3)), 3).shape
    (2, 3)
    """
    x = np.asarray(x)
    if x.ndim != 2 or width not in (None, x.shape[1]):
        hint = f" One sample is a batch of one: x[None, :] has shape (1, {len(x)})." if x.ndim == 1 else ""
        wanted = "features" if width is None else width
        raise ValueError(f"{who}: expected input of shape (batch, {wanted}), got {x.shape}.{hint}")
    return x


def kept(who: object, cache: Any) -> np.ndarray:
    """Return what the forward pass kept, or say that there was none."""
    if cache is None:
        raise RuntimeError(f"{who}: backward needs a forward pass before it; call forward(x) first.")
    return cache


def upstream(who: object, dy: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """Return `dy` as an array after checking that it has the shape of the output it belongs to."""
    dy = np.asarray(dy)
    if dy.shape != shape:
        raise ValueError(f"{who}: expected dy of the output's shape {shape}, got {dy.shape}.")
    return dy


def require(condition: object, message: str, error: type[Exception] = ValueError) -> None:
    """Raise the error with this message unless the condition holds.

    Only where time does not matter: the message is made in any case.
    """
    if not condition:
        raise error(message)


def same_length(who: object, X: np.ndarray, y: np.ndarray) -> None:
    """Raise ValueError if `X` and `y` do not have one row per sample each."""
    require(len(X) == len(y), f"{who}: X has {len(X)} samples and y has {len(y)}; each sample needs one target.")


def in_range(who: object, name: str, value: float, low: float, high: float, text: str) -> float:
    """Return `value` as a Python float if low <= value <= high; `text` says the range in words.

    >>> in_range("SGD", "momentum", 0.9, 0, 1, "in [0, 1]")
    0.9
    """
    require(low <= value <= high, f"{who}: {name} must be {text}, got {value}.")
    return float(value)  # a numpy scalar would turn float32 arithmetic into float64

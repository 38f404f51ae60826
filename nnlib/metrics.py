"""Numbers that people read; no gradient is taken of them."""

from __future__ import annotations

import numpy as np

from nnlib import checks


def accuracy(y_hat: np.ndarray, y: np.ndarray) -> float:
    """Share of samples, in [0, 1], whose predicted class is the target class.

    Each argument holds classes (B,) or one score per class (B, K), whose largest entry is the class.

    >>> accuracy(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0]))
    0.5
    """
    predicted, target = _classes(y_hat), _classes(y)
    checks.same_length("accuracy", predicted, target)
    if len(target) == 0:
        raise ValueError("accuracy: there are no samples.")
    return float((predicted == target).mean())


def _classes(y: np.ndarray) -> np.ndarray:
    y = np.asarray(y)
    if y.ndim == 1:
        return y
    if y.ndim != 2 or y.shape[1] == 1:
        raise ValueError(f"accuracy: expected classes (batch,) or scores (batch, classes), got shape {y.shape}.")
    return y.argmax(axis=1)

"""Losses: how wrong an output is, as one number, and the gradient of that number at the output.

A loss is a mean, never a sum. Shapes must match: nothing broadcasts.
"""

from __future__ import annotations

from typing import Protocol

import numpy as np

from nnlib import numerics


class Loss(Protocol):
    """What a network asks of a loss; any class with these two methods fits in.

    One that can find both faster together may have `value_and_grad(y_hat, y)` as well; one on classes has
    `probabilities(y_hat)`.
    """

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """The loss, averaged over the batch."""
        ...

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The gradient at y_hat, of the same shape."""
        ...


class MSE:
    """Mean squared error L = mean((y_hat - y)^2) over all entries, of any shape, and dL/dy_hat = 2 (y_hat - y) / size.

    Raises ValueError if y_hat and y differ in shape.

    >>> MSE().value(np.array([[1.0], [2.0]]), np.array([[0.0], [4.0]]))
    2.5
    >>> MSE().grad(np.array([[1.0], [2.0]]), np.array([[0.0], [4.0]]))
    array([[ 1.],
           [-2.]])
    """

    def __repr__(self) -> str:
        return "MSE()"

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """mean((y_hat - y)^2)."""
        d = _difference(y_hat, y).ravel()
        return (d @ d).item() / d.size

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """2 (y_hat - y) / size."""
        d = _difference(y_hat, y)
        return d * (2 / d.size)


def _difference(y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
    y_hat = numerics.floating(y_hat)
    y = np.asarray(y)
    if y_hat.shape != y.shape:
        hint = " A column of targets is y[:, None]." if y.ndim == 1 and y_hat.shape == (y.size, 1) else ""
        raise ValueError(f"MSE: y_hat has shape {y_hat.shape} and y has shape {y.shape}; they must be equal.{hint}")
    if y_hat.size == 0:
        raise ValueError("MSE: the batch is empty.")
    return np.subtract(y_hat, y, dtype=y_hat.dtype)


class SoftmaxCrossEntropy:
    """L = -(1/B) sum_i sum_k y_ik log s_ik with s = softmax(z), from the logits z (B, K) of a classifier.

    Targets y are integer labels (B,) in 0..K-1, or rows of weights (B, K): one-hot or soft. For rows that sum to one
    the gradient is (s - y) / B; for other rows it is (s sum_k y_k - y) / B.
    Raises ValueError for a wrong shape or a label outside 0..K-1, TypeError for labels that are not integers.

    >>> loss = SoftmaxCrossEntropy()
    >>> round(loss.value(np.array([[0.0, 0.0]]), np.array([1])), 4)
    0.6931
    >>> loss.grad(np.array([[0.0, 0.0]]), np.array([1]))
    array([[ 0.5, -0.5]])
    """

    def __repr__(self) -> str:
        return "SoftmaxCrossEntropy()"

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """Mean over the batch of sum_k y_k (logsumexp(z) - z_k)."""
        return self.value_and_grad(y_hat, y)[0]

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(s - y) / B, from logits (B, K) to (B, K)."""
        return self.value_and_grad(y_hat, y)[1]

    def value_and_grad(self, y_hat: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        """Both at once, since both need the same exponentials.

        The classes run down the rows here: sums over 3 to 10 classes along the last axis are several times slower.
        """
        z, y = _logits(y_hat), np.asarray(y)
        z -= z.max(axis=0)
        p = np.exp(z)
        total = p.sum(axis=0)
        p /= total
        loss_and_grad = _from_labels if y.ndim == 1 else _from_rows
        value, grad = loss_and_grad(z, np.log(total), p, y)
        return value, grad.T

    def probabilities(self, y_hat: np.ndarray) -> np.ndarray:
        """softmax of the logits: (B, K) to (B, K)."""
        return numerics.softmax(y_hat)


def _logits(y_hat: np.ndarray) -> np.ndarray:
    """A copy of the logits with the classes on axis 0: (B, K) to (K, B)."""
    z = numerics.floating(y_hat)
    if z.ndim != 2 or z.size == 0:
        raise ValueError(f"SoftmaxCrossEntropy: expected logits of shape (batch, classes), got {z.shape}.")
    return z.T.copy()


def _from_labels(z: np.ndarray, lse: np.ndarray, p: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and gradient for integer labels y (B,); z, p (K, B) are overwritten, lse (B,)."""
    K, B = z.shape
    _check_labels(y, K, B)
    rows = np.arange(B)
    value = (lse - z[y, rows]).sum().item() / B
    p[y, rows] -= 1
    p /= B
    return value, p


def _check_labels(y: np.ndarray, K: int, B: int) -> None:
    if y.dtype.kind not in "iu":
        raise TypeError(
            f"SoftmaxCrossEntropy: labels must be integers, got dtype {y.dtype}; y.astype(int) converts them."
        )
    if y.size != B:
        raise ValueError(f"SoftmaxCrossEntropy: {B} rows of logits need {B} labels, got {y.size}.")
    if y.astype(np.uint64).max() >= K:  # one look at the labels instead of two: unsigned, a negative one is huge
        raise ValueError(f"SoftmaxCrossEntropy: labels must lie in 0..{K - 1}, got {y.min()}..{y.max()}.")


def _from_rows(z: np.ndarray, lse: np.ndarray, p: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and gradient for targets y (B, K), one-hot or soft; z, p (K, B) are overwritten, lse (B,)."""
    K, B = z.shape
    if y.shape != (B, K):
        raise ValueError(f"SoftmaxCrossEntropy: logits have shape {(B, K)} and targets {y.shape}; they must be equal.")
    y = y.T
    z -= lse
    value = -(y * z).sum().item() / B
    p *= y.sum(axis=0)
    p -= y
    p /= B
    return value, p

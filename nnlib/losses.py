"""Losses: how wrong an output is, as one number, and the gradient of that number at the output.

A loss is a mean, never a sum. Shapes must match: nothing broadcasts. NaN in gives NaN out, and training stops at it.
"""

from typing import Protocol

import numpy as np

from nnlib import numerics
from nnlib.checks import Named

CLIP = 1e-12  # the smallest probability whose logarithm is taken


class Loss(Protocol):
    """What a network asks of a loss; any class with these two methods fits in.

    One that can find both faster together may have `value_and_grad(y_hat, y)` as well; one on classes has
    `probabilities(y_hat)`.
    """

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """The loss, averaged over the batch."""

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """The gradient at y_hat, of the same shape."""


class MSE(Named):
    """Mean squared error L = mean((y_hat - y)^2) over all entries, of any shape, and dL/dy_hat = 2 (y_hat - y) / size.

    Eq. (D1.2), (5.8). Raises ValueError if y_hat and y differ in shape.

    >>> MSE().value(np.array([[1.0], [2.0]]), np.array([[0.0], [4.0]]))
    2.5
    >>> MSE().grad(np.array([[1.0], [2.0]]), np.array([[0.0], [4.0]]))
    array([[ 1.],
           [-2.]])
    """

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """mean((y_hat - y)^2)."""
        d = _difference(y_hat, y).ravel()
        return (d @ d).item() / d.size

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """2 (y_hat - y) / size."""
        y_hat, y = _matched("MSE", y_hat, y)
        return (y_hat - y) * (2 / y.size)


def _difference(y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
    y_hat, y = _matched("MSE", y_hat, y)
    return y_hat - y


def _matched(who: str, y_hat: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Output and target as floating arrays of one dtype, after checking that they have one shape."""
    y_hat, y = _floats(y_hat), np.asarray(y)
    if y_hat.shape != y.shape:
        hint = " A column of targets is y[:, None]." if y.ndim == 1 and y_hat.shape == (y.size, 1) else ""
        raise ValueError(f"{who}: y_hat has shape {y_hat.shape} and y has shape {y.shape}; they must be equal.{hint}")
    if y_hat.size == 0:
        raise ValueError(f"{who}: the batch is empty.")
    return y_hat, y.astype(y_hat.dtype, casting="same_kind", copy=False)


def _floats(y_hat: np.ndarray) -> np.ndarray:
    """A floating array, of single precision at least: a sum in half precision overflows at 65,504."""
    y_hat = numerics.floating(y_hat)
    return y_hat.astype(np.float32) if y_hat.dtype.itemsize == 2 else y_hat


class BCE(Named):
    """Binary cross-entropy L = -mean(y log p + (1 - y) log(1 - p)) over all entries, from probabilities p = y_hat.

    y_hat and y have one shape, any, and entries in [0, 1]. Both logarithms are taken of at least 1e-12, so that L
    stays finite, up to 27.6. The gradient is ((1 - y) / (1 - p) - y / p) / size = (p - y) / (p (1 - p)) / size, and
    the fraction whose denominator is at most 1e-12 is 0 in it, as the clipped logarithm is constant there: a network
    that is surely wrong learns nothing. `BCEWithLogits` has no such dead zone. Eq. (D5.4), (5.9), (5.19).
    Raises ValueError for a wrong shape, or what lies outside [0, 1] by more than 0.01.

    >>> round(BCE().value(np.array([[0.5], [0.25]]), np.array([[1.0], [0.0]])), 4)
    0.4904
    >>> BCE().grad(np.array([[0.5], [0.25]]), np.array([[1.0], [0.0]])).round(4)
    array([[-1.    ],
           [ 0.6667]])
    """

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """-mean(y log p + (1 - y) log(1 - p))."""
        p, y = self._arguments(y_hat, y)
        return -(y * _log(p) + (1 - y) * _log(1 - p)).mean().item()

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """((1 - y) / (1 - p) - y / p) / size."""
        p, y = self._arguments(y_hat, y)
        return ((1 - y) * _reciprocal(1 - p) - y * _reciprocal(p)) / y.size

    def probabilities(self, y_hat: np.ndarray) -> np.ndarray:
        """The outputs themselves."""
        return y_hat

    def _arguments(self, y_hat: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p, y = _binary("BCE", y_hat, y)
        _in_unit_interval("BCE", "probabilities", p, "For logits there is BCEWithLogits.")
        return p, y


def _binary(who: str, y_hat: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Output and target as `_matched` has them, after checking that the targets are chances."""
    y_hat, y = _matched(who, y_hat, y)
    _in_unit_interval(who, "targets", y)
    return y_hat, y


def _log(p: np.ndarray) -> np.ndarray:
    """log max(p, 1e-12)."""
    return np.log(np.maximum(p, CLIP))


def _reciprocal(p: np.ndarray) -> np.ndarray:
    """The derivative of `_log`: 1 / p, and 0 for p <= 1e-12."""
    return (p > CLIP) / np.maximum(p, CLIP)


def _in_unit_interval(who: str, name: str, a: np.ndarray, hint: str = "") -> None:
    low, high = a.real.min(), a.real.max()
    if low < -0.01 or high > 1.01:  # room for rounding, and for the steps of central differences
        raise ValueError(f"{who}: {name} must lie in [0, 1], got {low:.4g} to {high:.4g}. {hint}".rstrip())


class BCEWithLogits(Named):
    """Binary cross-entropy from logits z = y_hat, with p = sigma(z): L = mean(max(z, 0) - z y + log(1 + e^-|z|)).

    y_hat and y have one shape, any, and y lies in [0, 1]; the mean is over all entries. dL/dz = (sigma(z) - y) / size.
    Nothing overflows and nothing is clipped. Eq. (5.10), (5.11). Raises ValueError for a wrong shape or target.

    >>> round(BCEWithLogits().value(np.array([[0.0], [1000.0]]), np.array([[1.0], [0.0]])), 4)
    500.3466
    >>> BCEWithLogits().grad(np.array([[0.0], [1000.0]]), np.array([[1.0], [0.0]]))
    array([[-0.25],
           [ 0.5 ]])
    """

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """mean(max(z, 0) - z y + log(1 + e^-|z|))."""
        z, y = _binary("BCEWithLogits", y_hat, y)
        return (np.maximum(z, 0) - z * y + numerics.softplus(numerics.minus_abs(z))).mean().item()

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(sigma(z) - y) / size."""
        z, y = _binary("BCEWithLogits", y_hat, y)
        return (numerics.sigmoid(z) - y) / y.size

    def probabilities(self, y_hat: np.ndarray) -> np.ndarray:
        """sigma of the logits."""
        return numerics.sigmoid(y_hat)


class CCE(Named):
    """Categorical cross-entropy L = -(1/B) sum_i sum_k y_ik log p_ik, from probabilities p = y_hat (B, K).

    Targets y are integer labels (B,) in 0..K-1, or rows of weights (B, K): one-hot or soft. The logarithm is taken of
    at least 1e-12, so that L stays finite. The gradient is -y / p / B, and 0 where p <= 1e-12, as the clipped
    logarithm is constant there: a network that is surely wrong learns nothing. `SoftmaxCrossEntropy` has no such dead
    zone. Eq. (5.14), (5.19); its gradient: Eq. (6.11).
    Raises ValueError for a wrong shape, a label outside 0..K-1, or what lies outside [0, 1] by more than 0.01,
    TypeError for labels that are not integers.

    >>> round(CCE().value(np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 0])), 4)
    0.4904
    >>> CCE().grad(np.array([[0.25, 0.75], [0.5, 0.5]]), np.array([1, 0])).round(4)
    array([[-0.    , -0.6667],
           [-1.    , -0.    ]])
    """

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """-(1/B) sum_i sum_k y_ik log p_ik."""
        p, y = self._arguments(y_hat, y)
        return -(y * _log(p)).sum().item() / len(p)

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """-y / p / B, from probabilities (B, K) to (B, K)."""
        p, y = self._arguments(y_hat, y)
        return -y * _reciprocal(p) / len(p)

    def probabilities(self, y_hat: np.ndarray) -> np.ndarray:
        """The outputs themselves."""
        return y_hat

    def _arguments(self, y_hat: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        p, y = _rows("CCE", "probabilities", y_hat), np.asarray(y)
        if y.ndim == 1:
            y = _one_hot("CCE", y, *p.T.shape).T
        p, y = _matched("CCE", p, y)
        _in_unit_interval("CCE", "probabilities", p, "For logits there is SoftmaxCrossEntropy.")
        return p, y


def _rows(who: str, what: str, y_hat: np.ndarray) -> np.ndarray:
    """Outputs of a classifier, after checking that there is a row for each sample."""
    y_hat = _floats(y_hat)
    if y_hat.ndim != 2 or y_hat.size == 0:
        raise ValueError(f"{who}: expected {what} of shape (batch, classes), got {y_hat.shape}.")
    return y_hat


class SoftmaxCrossEntropy(Named):
    """L = -(1/B) sum_i sum_k y_ik log s_ik with s = softmax(z), from the logits z (B, K) of a classifier.

    Targets y are integer labels (B,) in 0..K-1, or rows of weights (B, K): one-hot or soft. For rows that sum to one
    the gradient is (s - y) / B; for other rows it is (s sum_k y_k - y) / B, Eq. (6.12), (6.16).
    Raises ValueError for a wrong shape or a label outside 0..K-1, TypeError for labels that are not integers.

    >>> loss = SoftmaxCrossEntropy()
    >>> round(loss.value(np.array([[0.0, 0.0]]), np.array([1])), 4)
    0.6931
    >>> loss.grad(np.array([[0.0, 0.0]]), np.array([1]))
    array([[ 0.5, -0.5]])
    """

    def value(self, y_hat: np.ndarray, y: np.ndarray) -> float:
        """Mean over the batch of sum_k y_k (logsumexp(z) - z_k), Eq. (6.13)."""
        return self.value_and_grad(y_hat, y)[0]

    def grad(self, y_hat: np.ndarray, y: np.ndarray) -> np.ndarray:
        """(s - y) / B, from logits (B, K) to (B, K)."""
        return self.value_and_grad(y_hat, y)[1]

    def value_and_grad(self, y_hat: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        """Both at once, since both need the same exponentials.

        The classes run down the rows here: sums over 3 to 10 classes along the last axis are several times slower.
        """
        z, y = _rows("SoftmaxCrossEntropy", "logits", y_hat).T.copy(), np.asarray(y)
        z -= z.max(axis=0)
        p = np.exp(z)
        total = p.sum(axis=0)
        p /= total
        value, grad = (_from_labels if y.ndim == 1 else _from_rows)(z, np.log(total), p, y)
        return value, grad.T

    def probabilities(self, y_hat: np.ndarray) -> np.ndarray:
        """softmax of the logits: (B, K) to (B, K)."""
        return numerics.softmax(y_hat)


def _from_labels(z: np.ndarray, lse: np.ndarray, p: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    """Loss and gradient for integer labels y (B,); z, p (K, B) are overwritten, lse (B,)."""
    K, B = z.shape
    Y = _one_hot("SoftmaxCrossEntropy", y, K, B)
    rows = np.arange(B)
    value = (lse - z[y, rows]).sum().item() / B
    p -= Y.astype(p.dtype)  # several times faster than p[y, rows] -= 1
    p /= B
    return value, p


def _one_hot(who: str, y: np.ndarray, K: int, B: int) -> np.ndarray:
    """Labels (B,) as columns (K, B) with one True in each, after checking that they are labels."""
    if y.dtype.kind not in "iu":
        raise TypeError(f"{who}: labels must be integers, got dtype {y.dtype}; y.astype(int) converts them.")
    if y.size != B:
        raise ValueError(f"{who}: {B} rows need {B} labels, got {y.size}.")
    Y = np.arange(K)[:, None] == y
    if np.count_nonzero(Y) < B:
        raise ValueError(f"{who}: labels must lie in 0..{K - 1}, got {y.min()}..{y.max()}.")
    return Y


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

"""Functions that are simple on paper and overflow in a computer, written so that they do not.

All of them keep the dtype of a floating or complex argument and turn integers into float64.
Complex arguments are for the complex step: their real parts decide which branch is taken.
"""

import numpy as np


def floating(z: np.ndarray | float) -> np.ndarray:
    """Return `z` as a floating or complex array; integers become float64. Raises TypeError for what is no number."""
    z = np.asarray(z)
    if z.dtype.kind not in "fciub":
        raise TypeError(f"expected an array of numbers, got dtype {z.dtype}.")
    return z if z.dtype.kind in "fc" else z.astype(float)


def minus_abs(z: np.ndarray) -> np.ndarray:
    """-|z|, written so that its complex derivative is right: exp of it never overflows."""
    return np.where(z.real >= 0, -z, z)


def sigmoid(z: np.ndarray | float) -> np.ndarray:
    """Logistic function sigma(z) = 1 / (1 + e^-z), elementwise; any shape.

    With e = e^-|z| it is 1 / (1 + e) for z >= 0 and e / (1 + e) below, so no exponential is ever above 1.
    Eq. (D4.4), (4.9).

    >>> sigmoid(np.array([-1000.0, 0.0, 1000.0]))
    array([0. , 0.5, 1. ])
    """
    z = floating(z)
    e = np.exp(minus_abs(z))
    return np.where(z.real >= 0, 1, e) / (1 + e)


def softplus(z: np.ndarray | float) -> np.ndarray:
    """log(1 + e^z) = max(z, 0) + log(1 + e^-|z|), elementwise; any shape. Its derivative is `sigmoid`.

    Used in Eq. (5.11).

    >>> softplus(np.array([-1000.0, 0.0, 1000.0])).round(4).tolist()
    [0.0, 0.6931, 1000.0]
    """
    z = floating(z)
    return np.where(z.real >= 0, z, 0) + np.log1p(np.exp(minus_abs(z)))


def logsumexp(z: np.ndarray, axis: int | None = -1, *, keepdims: bool = False) -> np.ndarray:
    """log sum_k e^(z_k) = c + log sum_k e^(z_k - c) with c = max_k z_k, along `axis` (None: over all entries).

    An entry of -inf counts as e^-inf = 0; if there is nothing else, the result is -inf. Eq. (D5.7), (5.15).

    >>> float(logsumexp(np.array([1000.0, 1000.0])).round(4))
    1000.6931
    """
    z = floating(z)
    c = z.max(axis=axis, keepdims=True)
    c = np.where(np.isfinite(c), c, 0)  # inf - inf has no value
    with np.errstate(divide="ignore", over="ignore"):  # log 0 = -inf and e^1000 = inf are what is meant
        lse = c + np.log(np.exp(z - c).sum(axis=axis, keepdims=True))
    return lse if keepdims else np.squeeze(lse, axis=axis)[()]


def log_softmax(z: np.ndarray) -> np.ndarray:
    """log s_k = z_k - logsumexp(z) along the last axis: logits (..., K) to (..., K). Eq. (5.16).

    >>> log_softmax(np.array([[0.0, 1000.0]]))
    array([[-1000.,     0.]])
    """
    z = floating(z)
    return z - logsumexp(z, keepdims=True)


def softmax(z: np.ndarray) -> np.ndarray:
    """s_k = e^(z_k) / sum_j e^(z_j) along the last axis: logits (..., K) to probabilities (..., K).

    A shift of all logits changes nothing, so the largest is moved to 0 before the exponential.
    Eq. (D5.5), (5.13).

    >>> softmax(np.array([[1000.0, 1000.0], [0.0, -1000.0]]))
    array([[0.5, 0.5],
           [1. , 0. ]])
    """
    z = floating(z)
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def one_hot(labels: np.ndarray, n_classes: int | None = None) -> np.ndarray:
    """Rows of the identity matrix: integer labels (B,) in 0..K-1 to float64 (B, K); K defaults to max + 1.

    Raises TypeError for labels that are not integers, ValueError for labels outside 0..K-1.

    >>> one_hot(np.array([0, 2]))
    array([[1., 0., 0.],
           [0., 0., 1.]])
    """
    labels = np.asarray(labels)
    if labels.dtype.kind not in "iu":
        raise TypeError(f"one_hot: labels must be integers, got dtype {labels.dtype}.")
    if labels.ndim != 1 or labels.size == 0:
        raise ValueError(f"one_hot: expected labels of shape (batch,) with at least one label, got {labels.shape}.")
    K = int(labels.max()) + 1 if n_classes is None else n_classes
    if labels.min() < 0 or labels.max() >= K:
        raise ValueError(f"one_hot: labels must lie in 0..{K - 1}, got {labels.min()}..{labels.max()}.")
    return np.eye(K)[labels]

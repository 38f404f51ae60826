"""Numbers that people read; no gradient is taken of them."""

import numpy as np

from nnlib import checks


def accuracy(y_hat: np.ndarray, y: np.ndarray) -> float:
    """Share of samples, in [0, 1], whose predicted class is the target class. Eq. (D5.6).

    Each argument holds classes (B,) or one score per class (B, K), whose largest entry is the class.

    >>> accuracy(np.array([[0.9, 0.1], [0.2, 0.8]]), np.array([0, 0]))
    0.5
    """
    predicted, target = _pair("accuracy", y_hat, y)
    return float((predicted == target).mean())


def confusion(y_hat: np.ndarray, y: np.ndarray, n_classes: int | None = None) -> np.ndarray:
    """How often each class is taken for which: counts (K, K), entry [true, predicted]. Home: chapter 15.

    Each argument holds integer classes (B,) or one score per class (B, K). K is `n_classes`, by default the number of
    scores, or the largest class + 1. Raises TypeError for classes that are not integers, ValueError outside 0..K-1.

    >>> confusion(np.array([0, 1, 1]), np.array([0, 0, 1]))
    array([[1, 1],
           [0, 1]])
    """
    predicted, target = _pair("confusion", y_hat, y)
    for classes in (target, predicted):
        if classes.dtype.kind not in "iu":
            raise TypeError(f"confusion: classes must be integers, got {classes.dtype}; y.astype(int) converts them.")
    labels = np.stack([target, predicted]).astype(np.int64)
    scores = [np.shape(scores)[1] for scores in (y_hat, y) if np.ndim(scores) == 2]
    K = max(int(labels.max()) + 1, *scores, 0) if n_classes is None else n_classes
    if labels.min() < 0 or labels.max() >= K:
        raise ValueError(f"confusion: classes must lie in 0..{K - 1}, got {labels.min()}..{labels.max()}.")
    return np.bincount(K * labels[0] + labels[1], minlength=K * K).reshape(K, K)


def ece(probabilities: np.ndarray, y: np.ndarray, bins: int = 15) -> float:
    """Expected calibration error: how far confidence and accuracy lie apart, in [0, 1]. Home: chapter 15.

    A sample's confidence is its largest probability. The samples are sorted into `bins` >= 1 intervals of confidence,
    each open on the left, and ECE = sum_m (|B_m| / N) |accuracy(B_m) - mean confidence(B_m)|. Takes probabilities
    (B, K), or (B,) and (B, 1) of class 1 of two, and classes (B,) or one-hot rows. Raises ValueError for what is no
    probability, such as a logit. Source: Guo, Pleiss, Sun and Weinberger, 2017.

    >>> round(ece(np.array([[0.9, 0.1], [0.8, 0.2]]), np.array([0, 1])), 4)
    0.45
    """
    p = np.asarray(probabilities, float)
    if p.ndim == 1 or p.shape[1:] == (1,):
        p = np.column_stack([1 - p, p])
    predicted, target = _pair("ece", p, y)
    if p.min() < 0 or not np.allclose(p.sum(axis=1), 1, atol=1e-3):
        raise ValueError("ece: each row must be probabilities, >= 0 and with sum 1; softmax makes them from logits.")
    checks.require(bins >= 1, f"ece: bins must be at least 1, got {bins}.")
    confidence = p.max(axis=1)
    gap = (predicted == target) - confidence
    m = np.searchsorted(np.linspace(0, 1, bins + 1), confidence)
    # |B_m| times a mean over B_m is a sum over it, so the counts cancel
    return float(np.abs(np.bincount(m, gap)).sum() / len(gap))


def _pair(who: str, y_hat: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Predicted and true classes, one of each per sample."""
    predicted, target = _classes(who, y_hat), _classes(who, y)
    checks.same_length(who, predicted, target)
    checks.require(len(target), f"{who}: there are no samples.")
    return predicted, target


def _classes(who: str, y: np.ndarray) -> np.ndarray:
    y = np.asarray(y)
    if y.ndim == 1:
        return y
    if y.ndim != 2 or y.shape[1] == 1:
        raise ValueError(f"{who}: expected classes (batch,) or scores (batch, classes), got shape {y.shape}.")
    checks.require(not np.isnan(y).any(), f"{who}: a score is NaN, so no class is the largest.")
    return y.argmax(axis=1)

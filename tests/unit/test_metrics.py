"""Confusion counts and calibration; accuracy is tested with the data sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.metrics import accuracy, confusion, ece

SCORES = np.array([[0.1, 0.7, 0.2], [0.6, 0.3, 0.1], [0.2, 0.2, 0.6], [0.5, 0.4, 0.1]])
LABELS = np.array([1, 0, 0, 2])


# -- confusion --------------------------------------------------------------------------------------------------------


def test_confusion_counts_true_by_predicted():
    expected = [[1, 0, 1], [0, 1, 0], [1, 0, 0]]
    assert confusion(SCORES, LABELS).tolist() == expected
    assert confusion(SCORES.argmax(axis=1), np.eye(3)[LABELS]).tolist() == expected
    assert confusion(SCORES.tolist(), LABELS.tolist()).tolist() == expected
    assert confusion(SCORES, LABELS).dtype.kind == "i"


def test_number_of_classes():
    assert confusion(np.array([0, 1]), np.array([0, 0])).shape == (2, 2)
    assert confusion(np.array([0, 1]), np.array([0, 0]), n_classes=5).shape == (5, 5)
    assert confusion(np.eye(4)[[0, 1]], np.array([0, 0])).shape == (4, 4)
    assert confusion(np.array([0]), np.array([2])).tolist() == [[0, 0, 0], [0, 0, 0], [1, 0, 0]]


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1, max_size=40))
def test_confusion_adds_up(pairs):
    predicted, true = np.array(pairs).T
    counts = confusion(predicted, true, 5)
    assert counts.sum() == len(pairs)
    np.testing.assert_array_equal(counts.sum(axis=1), [list(true).count(k) for k in range(5)])
    np.testing.assert_array_equal(counts.sum(axis=0), [list(predicted).count(k) for k in range(5)])
    assert np.trace(counts) / len(pairs) == pytest.approx(accuracy(predicted, true))


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.int64, np.uint64])
def test_any_integers(dtype):
    classes = np.array([0, 2, 1], dtype)
    classes.flags.writeable = False
    np.testing.assert_array_equal(confusion(classes, np.array([0, 1, 1])), [[1, 0, 0], [0, 1, 1], [0, 0, 0]])


@pytest.mark.parametrize(
    ("arguments", "error", "words"),
    [
        ((LABELS, LABELS[:2]), ValueError, "confusion: X has 4 samples and y has 2"),
        ((LABELS[:0], LABELS[:0]), ValueError, "confusion: there are no samples"),
        ((LABELS / 1, LABELS), TypeError, r"classes must be integers, got float64; y\.astype\(int\) converts"),
        ((LABELS > 0, LABELS), TypeError, "classes must be integers, got bool"),
        ((LABELS, LABELS - 1), ValueError, r"classes must lie in 0\.\.2, got -1\.\.2"),
        ((LABELS, LABELS, 2), ValueError, r"classes must lie in 0\.\.1, got 0\.\.2"),
        ((SCORES[:, :1], LABELS), ValueError, r"expected classes \(batch,\) or scores .* got shape \(4, 1\)"),
        ((SCORES * np.nan, LABELS), ValueError, "confusion: a score is NaN, so no class is the largest"),
    ],
)
def test_confusion_errors(arguments, error, words):
    with pytest.raises(error, match=words):
        confusion(*arguments)


def test_accuracy_of_nan_is_no_number():
    with pytest.raises(ValueError, match="accuracy: a score is NaN"):
        accuracy(np.array([[np.nan, 1.0]]), np.array([0]))


# -- expected calibration error ---------------------------------------------------------------------------------------


def test_ece_by_hand():
    """Four bins: 0.5 in the second, wrong; 0.6, 0.7 in the third, one of two right; 0.8, 0.9, 1 above, all right."""
    confidence = np.array([0.6, 0.7, 0.8, 0.9, 1.0, 0.5])
    right = np.array([1, 0, 1, 1, 1, 0])
    p = np.column_stack([confidence, 1 - confidence])
    expected = 2 / 6 * abs(0.5 - 0.65) + 3 / 6 * abs(1 - 0.9) + 1 / 6 * abs(0 - 0.5)
    assert ece(p, 1 - right, bins=4) == pytest.approx(expected, rel=1e-14)


def test_bins_are_open_on_the_left():
    """0.5 belongs to (0.25, 0.5], so it does not meet 0.75 with two bins; with one bin both gaps cancel."""
    p = np.array([[0.5, 0.5], [0.75, 0.25]])
    assert ece(p, np.array([1, 0]), bins=2) == pytest.approx((0.5 + 0.25) / 2)
    assert ece(p, np.array([1, 0]), bins=1) == pytest.approx(0.25 / 2)


@given(st.integers(0, 1000), st.integers(2, 5), st.integers(1, 20))
def test_ece_as_it_is_defined(seed, K, bins):
    rng = np.random.default_rng(seed)
    p, y = rng.dirichlet(np.ones(K), 30), rng.integers(0, K, 30)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    total = 0
    for m in range(bins):
        here = (confidence > m / bins) & (confidence <= (m + 1) / bins)
        if here.any():
            total += here.mean() * abs(right[here].mean() - confidence[here].mean())
    assert ece(p, y, bins) == pytest.approx(total, rel=1e-10)
    assert ece(p, np.eye(K)[y], bins) == pytest.approx(total, rel=1e-10)


def test_honest_probabilities_are_calibrated_and_sharpened_ones_are_not():
    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), 50_000)
    y = (rng.random((50_000, 1)) > p.cumsum(axis=1)).sum(axis=1)
    assert ece(p, y) < 0.01
    sharp = p**3 / (p**3).sum(axis=1, keepdims=True)
    assert ece(sharp, y) > 0.1


@pytest.mark.parametrize("shape", [(4,), (4, 1)])
def test_one_probability_is_that_of_class_1(shape):
    p, y = np.array([0.9, 0.2, 0.6, 0.4]), np.array([1, 1, 0, 0])
    assert ece(p.reshape(shape), y) == pytest.approx(ece(np.column_stack([1 - p, p]), y), rel=1e-14)


def test_certainty():
    assert ece(np.eye(3), np.arange(3)) == 0
    assert ece(np.eye(3), np.array([1, 2, 0])) == 1
    assert type(ece(np.eye(3, dtype=np.float32), np.arange(3))) is float


def test_float32_softmax_counts_as_probabilities():
    z = np.random.default_rng(0).normal(0, 5, (50, 10)).astype(np.float32)
    p = np.exp(z) / np.exp(z).sum(axis=1, keepdims=True)
    y = np.arange(50) % 10
    assert ece(p, y) == pytest.approx(ece(p.astype(float), y), rel=1e-6)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((SCORES * 10, LABELS), "each row must be probabilities, .* softmax makes them from logits"),
        ((np.array([[1.5, -0.5]]), np.array([0])), "each row must be probabilities"),
        ((np.array([1.5]), np.array([1])), "each row must be probabilities"),
        ((np.array([np.inf]), np.array([1])), "each row must be probabilities"),
        ((np.array([np.nan]), np.array([1])), "ece: a score is NaN"),
        ((SCORES, LABELS, 0), "ece: bins must be at least 1, got 0"),
        ((SCORES, LABELS[:2]), "ece: X has 4 samples and y has 2"),
        ((SCORES[:0], LABELS[:0]), "ece: there are no samples"),
    ],
)
def test_ece_errors(arguments, words):
    with pytest.raises(ValueError, match=words):
        ece(*arguments)

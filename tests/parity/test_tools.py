"""Metrics, preprocessing and augmentation against scikit-learn and scipy."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.ndimage
import sklearn.metrics
import sklearn.preprocessing
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.augmentation import rotate, shift
from nnlib.metrics import accuracy, confusion, ece
from nnlib.preprocessing import MinMax, Standardizer

once = settings(deadline=None, derandomize=True, max_examples=40)


@once
@given(st.integers(0, 10_000), st.integers(2, 6), st.integers(1, 50))
def test_confusion_and_accuracy(seed, K, N):
    rng = np.random.default_rng(seed)
    predicted, true = rng.integers(0, K, (2, N))
    expected = sklearn.metrics.confusion_matrix(true, predicted, labels=range(K))
    np.testing.assert_array_equal(confusion(predicted, true, K), expected)
    assert accuracy(predicted, true) == pytest.approx(sklearn.metrics.accuracy_score(true, predicted))


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [(MinMax, sklearn.preprocessing.MinMaxScaler), (Standardizer, sklearn.preprocessing.StandardScaler)],
)
def test_scalers(ours, theirs):
    X = np.random.default_rng(0).normal(2, 7, (30, 5))
    X[:, 2] = 0.1  # a constant column
    ours, theirs = ours().fit(X), theirs().fit(X)
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.transform(-X), theirs.transform(-X), rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(ours.inverse_transform(X), theirs.inverse_transform(X), rtol=1e-10, atol=1e-12)


def test_ece_with_the_bins_of_scikit_learn():
    """Its calibration curve gives accuracy and confidence per bin; the weights of the bins are counted here."""
    from sklearn.calibration import calibration_curve

    rng = np.random.default_rng(0)
    p = rng.dirichlet(np.ones(3), 500)
    y = rng.integers(0, 3, 500)
    confidence, right = p.max(axis=1), p.argmax(axis=1) == y
    share, mean = calibration_curve(right, confidence, n_bins=10)
    weights = np.histogram(confidence, bins=10, range=(0, 1))[0]
    assert ece(p, y, bins=10) == pytest.approx(weights[weights > 0] / 500 @ np.abs(share - mean), rel=1e-10)


@once
@given(st.integers(0, 10_000), st.integers(1, 9), st.floats(0, 180))
def test_turned_images(seed, side, degrees):
    X = np.random.default_rng(seed).random((3, side * side))
    angles = np.random.default_rng(seed).uniform(-degrees, degrees, (3, 1, 1)).ravel()
    for image, turned, angle in zip(X, rotate(X, degrees, rng=seed), angles, strict=True):
        image = image.reshape(side, side)
        expected = scipy.ndimage.rotate(image, angle, reshape=False, order=1, mode="grid-constant")
        np.testing.assert_allclose(turned.reshape(side, side), expected, rtol=1e-10, atol=1e-12)


@once
@given(st.integers(0, 10_000), st.integers(1, 9), st.integers(0, 10))
def test_shifted_images(seed, side, pixels):
    X = np.random.default_rng(seed).random((3, side * side))
    down, right = np.random.default_rng(seed).integers(-pixels, pixels + 1, (2, 3, 1, 1)).reshape(2, 3)
    for i, shifted in enumerate(shift(X, pixels, rng=seed)):
        expected = scipy.ndimage.shift(X[i].reshape(side, side), (down[i], right[i]), order=0, mode="grid-constant")
        np.testing.assert_array_equal(shifted.reshape(side, side), expected)

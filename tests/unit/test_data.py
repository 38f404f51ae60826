"""Data sets, batches, preprocessing and metrics."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib import data
from nnlib.metrics import accuracy
from nnlib.preprocessing import Standardizer

TOYS = [data.spirals, data.moons, data.blobs, data.xor, data.sines]

# -- data sets --------------------------------------------------------------------------------------------------------


def test_digits():
    X, y = data.load_digits()
    assert X.shape == (1797, 64)
    assert X.dtype == np.float64
    assert (X.min(), X.max()) == (0, 1)
    assert y.dtype.kind == "i"
    assert np.bincount(y).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    np.testing.assert_array_equal(X * 16, np.round(X * 16))


def test_digits_come_with_their_licence():
    text = data.DIGITS.with_name("digits.LICENSE.txt").read_text(encoding="utf-8")
    assert "10.24432/C50P49" in text
    assert "CC BY 4.0" in text


@given(st.sampled_from(TOYS), st.integers(3, 40), st.integers(0, 100))
def test_toys_have_one_row_per_sample_and_obey_the_seed(toy, n, seed):
    X, y = toy(n, rng=seed)
    assert X.shape == ((n, 1) if toy is data.sines else (n, 2))
    assert y.shape == ((n, 1) if toy is data.sines else (n,))
    again = toy(n, rng=np.random.default_rng(seed))
    np.testing.assert_array_equal(X, again[0])
    np.testing.assert_array_equal(y, again[1])


@given(st.sampled_from([data.spirals, data.blobs]), st.integers(1, 6), st.integers(0, 30))
def test_classes_are_as_equal_as_can_be(toy, classes, more):
    n = classes + more
    _, y = toy(n, classes, rng=0)
    counts = np.bincount(y, minlength=classes)
    assert counts.sum() == n
    assert counts.max() - counts.min() <= 1


def test_blobs_lie_around_their_centres():
    X, y = data.blobs(3000, classes=4, spread=0.3, rng=0)
    for k in range(4):
        centre = [np.cos(k * np.pi / 2), np.sin(k * np.pi / 2)]
        np.testing.assert_allclose(X[y == k].mean(axis=0), centre, atol=0.06)
        np.testing.assert_allclose(X[y == k].std(axis=0), 0.3, atol=0.03)


def test_moons_are_half_circles():
    X, y = data.moons(50, noise=0)
    np.testing.assert_allclose(np.linalg.norm(X[y == 0], axis=1), 1)
    np.testing.assert_allclose(np.linalg.norm(X[y == 1] - [1, 0.5], axis=1), 1)
    assert (X[y == 0][:, 1] >= -1e-15).all()
    assert (X[y == 1][:, 1] <= 0.5 + 1e-15).all()


def test_spiral_arms_are_turned_copies():
    X, y = data.spirals(30, classes=3, noise=0)
    turn = 2 * np.pi / 3
    turned = X[y == 0] @ [[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]]
    np.testing.assert_allclose(X[y == 1], turned, atol=1e-12)
    np.testing.assert_allclose(np.linalg.norm(X[y == 2], axis=1), np.linspace(0, 1, 10))


def test_xor_and_sines():
    X, y = data.xor(400, noise=0.1, rng=0)
    np.testing.assert_array_equal(y, (X[:, 0] > 0.5) != (X[:, 1] > 0.5))
    X, y = data.sines(500, noise=0.1, rng=0)
    assert (X[0, 0], X[-1, 0]) == (-1, 1)
    assert (y - np.sin(np.pi * X)).std() == pytest.approx(0.1, rel=0.1)


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: data.spirals(2, 3), "spirals: n must be at least 3, got 2"),
        (lambda: data.blobs(5, 0), "blobs: classes must be at least 1, got 0"),
        (lambda: data.moons(1), "moons: n must be at least 2, got 1"),
        (lambda: data.xor(0), "xor: n must be at least 1, got 0"),
        (lambda: data.sines(0), "sines: n must be at least 1, got 0"),
        (lambda: data.batches(np.ones((3, 1)), np.ones(2), 1), "batches: X has 3 samples and y has 2"),
        (lambda: data.batches(np.ones((3, 1)), np.ones(3), 0), "batches: size must be at least 1, got 0"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()


# -- batches ----------------------------------------------------------------------------------------------------------


@given(st.integers(1, 30), st.integers(1, 35), st.integers(0, 100))
def test_an_epoch_holds_every_sample_once_beside_its_target(n, size, seed):
    X, y = np.arange(2 * n).reshape(n, 2), 10 * np.arange(n)
    epoch = list(data.batches(X, y, size, rng=seed))
    assert [len(y_batch) for _, y_batch in epoch] == [size] * (n // size) + [n % size] * (n % size > 0)
    X_all, y_all = (np.concatenate(parts) for parts in zip(*epoch, strict=True))
    assert sorted(y_all) == y.tolist()
    np.testing.assert_array_equal(X_all, X[y_all // 10])


def test_batches_are_mixed_anew_in_each_epoch():
    """Not only the order of the batches changes, but who is in a batch with whom."""
    rng, y = np.random.default_rng(0), np.arange(20)
    first, second = ([set(b) for _, b in data.batches(y[:, None], y, 5, rng=rng)] for _ in range(2))
    assert all(batch not in second for batch in first)


def test_a_seed_repeats_the_epoch():
    y = np.arange(20)
    one, other = (np.concatenate([b for _, b in data.batches(y, y, 5, rng=3)]) for _ in range(2))
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, y)


# -- preprocessing ----------------------------------------------------------------------------------------------------


TABLES = arrays(
    float, st.tuples(st.integers(2, 6), st.integers(1, 4)), elements=st.integers(-9999, 9999).map(lambda k: k / 100)
)


@given(TABLES)
def test_standardizer(X):
    scaler = Standardizer()
    assert scaler.fit(X) is scaler
    Z = scaler.transform(X)
    constant = (X == X[0]).all(axis=0)
    np.testing.assert_allclose(Z.mean(axis=0), 0, atol=1e-9)
    np.testing.assert_allclose(Z.std(axis=0), np.where(constant, 0, 1), atol=1e-9)
    np.testing.assert_allclose(scaler.inverse_transform(Z), X, atol=1e-9)


def test_a_constant_column_keeps_scale_one():
    X = np.full((3, 1), 0.1)
    assert X.std() > 0  # rounding
    scaler = Standardizer().fit(X)
    assert scaler.scale.tolist() == [1]


def test_standardizer_uses_the_population_deviation_of_the_training_set():
    scaler = Standardizer().fit(np.array([[0.0], [2.0], [4.0]]))
    assert scaler.scale[0] == pytest.approx((8 / 3) ** 0.5)
    assert scaler.transform(np.array([[2.0 + (8 / 3) ** 0.5]]))[0, 0] == pytest.approx(1)


def test_standardizer_keeps_float32_and_its_argument():
    X = np.array([[1, 2], [3, 5]], np.float32)
    kept = X.copy()
    scaler = Standardizer().fit(X)
    assert scaler.transform(X).dtype == scaler.inverse_transform(X).dtype == np.float32
    np.testing.assert_array_equal(X, kept)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Standardizer().transform(np.ones((2, 2))), RuntimeError, r"call fit\(X\) on the training set first"),
        (lambda: Standardizer().fit(np.ones((0, 2))), ValueError, "fit needs at least one sample"),
        (lambda: Standardizer().fit(np.ones(2)), ValueError, r"input of shape \(batch, features\), got \(2,\)"),
        (lambda: Standardizer().fit(np.eye(2)).transform(np.ones((2, 3))), ValueError, r"\(batch, 2\), got \(2, 3\)"),
    ],
)
def test_standardizer_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- metrics ----------------------------------------------------------------------------------------------------------


def test_accuracy():
    scores, labels = np.array([[0.1, 0.9], [0.8, 0.2], [0.3, 0.7]]), np.array([1, 1, 1])
    assert accuracy(scores, labels) == pytest.approx(2 / 3)
    assert accuracy(np.array([1, 0, 1]), labels) == pytest.approx(2 / 3)
    assert accuracy(scores, np.eye(2)[labels]) == pytest.approx(2 / 3)
    assert type(accuracy(scores, labels)) is float


@pytest.mark.parametrize(
    ("y_hat", "y", "words"),
    [
        (np.ones((3, 2)), np.ones(2), "accuracy: X has 3 samples and y has 2"),
        (np.ones((3, 1)), np.ones(3), r"expected classes \(batch,\) or scores \(batch, classes\), got shape \(3, 1\)"),
        (np.ones(0), np.ones(0), "accuracy: there are no samples"),
    ],
)
def test_accuracy_errors(y_hat, y, words):
    with pytest.raises(ValueError, match=words):
        accuracy(y_hat, y)

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.gradcheck import complex_grad, gradient_check
from nnlib.losses import MSE, SoftmaxCrossEntropy
from nnlib.numerics import one_hot

CE = SoftmaxCrossEntropy()


def logits_and_labels(seed, B, K, scale=1.0):
    rng = np.random.default_rng(seed)
    return rng.normal(0, scale, (B, K)), rng.integers(0, K, B)


# -- MSE --------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 4))
def test_mse_gradient(seed, B, n):
    y_hat, y = np.random.default_rng(seed).normal(size=(2, B, n))
    assert gradient_check(lambda y_hat: MSE().value(y_hat, y), lambda y_hat: MSE().grad(y_hat, y), y_hat)


def test_mse_is_a_mean_over_all_entries():
    y_hat, y = np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[1.0, 0.0], [0.0, 0.0]])
    assert MSE().value(y_hat, y) == (0 + 4 + 9 + 16) / 4
    assert MSE().value(y_hat[0], y[0]) == 2


# -- SoftmaxCrossEntropy ----------------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 5), st.sampled_from([1.0, 10.0]))
def test_cross_entropy_gradient(seed, B, K, scale):
    z, labels = logits_and_labels(seed, B, K, scale)
    soft = np.random.default_rng(seed).random((B, K))  # rows that do not sum to one are differentiated as well
    for y in (labels, one_hot(labels, K), soft / soft.sum(axis=1, keepdims=True), soft):
        report = gradient_check(lambda z, y=y: CE.value(z, y), lambda z, y=y: CE.grad(z, y), z)
        assert report, str(report)
        measured = complex_grad(lambda z, y=y: CE.value(z, y), z)
        np.testing.assert_allclose(CE.grad(z, y), measured, rtol=1e-10, atol=1e-14)


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 5))
def test_labels_and_one_hot_rows_are_the_same(seed, B, K):
    z, labels = logits_and_labels(seed, B, K)
    rows = one_hot(labels, K)
    assert CE.value(z, labels) == pytest.approx(CE.value(z, rows), rel=1e-13, abs=1e-15)
    np.testing.assert_allclose(CE.grad(z, labels), CE.grad(z, rows), rtol=1e-13, atol=1e-16)


def test_values_by_hand():
    z = np.log([[1.0, 2.0, 5.0], [4.0, 4.0, 8.0]])
    assert CE.value(z, np.array([2, 0])) == pytest.approx(-(math.log(5 / 8) + math.log(1 / 4)) / 2, rel=1e-14)
    np.testing.assert_allclose(CE.grad(z, np.array([2, 0])) * 2, [[1 / 8, 2 / 8, -3 / 8], [-3 / 4, 1 / 4, 2 / 4]])
    np.testing.assert_allclose(CE.probabilities(z), [[1 / 8, 2 / 8, 5 / 8], [1 / 4, 1 / 4, 2 / 4]])


@pytest.mark.parametrize("y", [np.array([0]), np.array([1]), np.array([[0.3, 0.7]])], ids=["right", "wrong", "soft"])
def test_logits_of_a_thousand(y):
    z = np.array([[1000.0, -1000.0]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, grad = CE.value_and_grad(z, y)
    p = np.array([[1.0, 0.0]])
    target = one_hot(y, 2) if y.ndim == 1 else y
    assert value == pytest.approx(2000 * target[0, 1])
    np.testing.assert_array_equal(grad, p - target)


@given(st.integers(0, 1000))
def test_value_and_grad_agrees_with_both(seed):
    z, y = logits_and_labels(seed, 4, 3)
    value, grad = CE.value_and_grad(z, y)
    assert value == CE.value(z, y)
    np.testing.assert_array_equal(grad, CE.grad(z, y))


# -- both -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("loss", "y"),
    [(MSE(), np.ones((2, 3))), (CE, np.array([0, 2])), (CE, np.array([0, 2], np.uint8)), (CE, np.full((2, 3), 1 / 3))],
)
def test_types_and_arguments(loss, y, dtype):
    y_hat = np.arange(6, dtype=dtype).reshape(2, 3)
    kept = y_hat.copy(), y.copy()
    assert type(loss.value(y_hat, y)) is float
    assert loss.grad(y_hat, y).dtype == dtype
    assert loss.grad(y_hat, y).shape == (2, 3)
    np.testing.assert_array_equal(y_hat, kept[0])
    np.testing.assert_array_equal(y, kept[1])


@pytest.mark.parametrize("method", ["value", "grad"])
@pytest.mark.parametrize(
    ("loss", "y_hat", "y", "error", "words"),
    [
        (MSE(), np.ones((2, 1)), np.ones(2), ValueError, r"shape \(2, 1\) and y has shape \(2,\).*y\[:, None\]"),
        (MSE(), np.ones((2, 3)), np.ones((1, 3)), ValueError, r"MSE: y_hat has shape \(2, 3\) and y .* \(1, 3\)"),
        (MSE(), np.ones((2, 3)), 1.0, ValueError, "they must be equal"),
        (MSE(), np.ones((0, 3)), np.ones((0, 3)), ValueError, "MSE: the batch is empty"),
        (CE, np.ones((2, 3)), np.array([0, 3]), ValueError, r"labels must lie in 0\.\.2, got 0\.\.3"),
        (CE, np.ones((2, 3)), np.array([-1, 1]), ValueError, r"labels must lie in 0\.\.2, got -1\.\.1"),
        (CE, np.ones((2, 3)), np.array([0.0, 1.0]), TypeError, r"must be integers, got dtype float64; y\.astype"),
        (CE, np.ones((2, 3)), np.array([0, 1, 2]), ValueError, "2 rows of logits need 2 labels, got 3"),
        (CE, np.ones((2, 3)), np.ones((2, 1)), ValueError, r"logits have shape \(2, 3\) and targets \(2, 1\)"),
        (CE, np.ones(3), np.array([0]), ValueError, r"expected logits of shape \(batch, classes\), got \(3,\)"),
        (CE, np.ones((0, 3)), np.zeros(0, int), ValueError, r"logits of shape \(batch, classes\), got \(0, 3\)"),
    ],
)
def test_errors(loss, y_hat, y, error, words, method):
    with pytest.raises(error, match=words):
        getattr(loss, method)(y_hat, y)

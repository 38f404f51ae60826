from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Network, data, fit
from nnlib.activations import Sigmoid, Softmax
from nnlib.gradcheck import complex_grad, gradient_check, numeric_grad
from nnlib.layers import Dense
from nnlib.losses import BCE, CCE, MSE, BCEWithLogits, SoftmaxCrossEntropy
from nnlib.numerics import one_hot
from nnlib.optimizers import Adam

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


# -- BCE and BCEWithLogits ---------------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 4), st.sampled_from([1.0, 10.0]), st.booleans())
def test_binary_cross_entropy_gradients(seed, B, n, scale, soft):
    rng = np.random.default_rng(seed)
    z, y = rng.normal(0, scale, (B, n)), rng.random((B, n))
    y = y if soft else y.round()
    report = gradient_check(lambda z: BCEWithLogits().value(z, y), lambda z: BCEWithLogits().grad(z, y), z)
    assert report, str(report)
    p = rng.uniform(0.01, 0.99, (B, n))
    report = gradient_check(lambda p: BCE().value(p, y), lambda p: BCE().grad(p, y), p)
    assert report, str(report)


@pytest.mark.parametrize("y", [0.0, 0.3, 1.0])
@pytest.mark.parametrize("z", [-1000.0, -40.0, -1.0, 0.5, 40.0, 1000.0])
def test_binary_cross_entropy_of_large_logits(z, y):
    z, y = np.array([[z]]), np.array([[y]])
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        value, grad = BCEWithLogits().value(z, y), BCEWithLogits().grad(z, y)
    expected = y * np.logaddexp(0, -z) + (1 - y) * np.logaddexp(0, z)
    assert value == pytest.approx(expected.item(), rel=1e-12)
    np.testing.assert_allclose(grad, complex_grad(lambda z: BCEWithLogits().value(z, y), z), rtol=1e-12, atol=1e-16)


@pytest.mark.parametrize("p", [1e-9, 1e-3, 0.5, 1 - 1e-3, 1 - 1e-9])
@pytest.mark.parametrize("y", [0.0, 0.25, 1.0])
def test_gradients_on_probabilities_near_the_ends(p, y):
    p, y = np.array([[p, 1 - p]]), np.array([[y, 1 - y]])
    for loss in (BCE(), CCE()):
        measured = complex_grad(lambda p, loss=loss: loss.value(p, y), p)
        np.testing.assert_allclose(loss.grad(p, y), measured, rtol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_central_differences_may_step_beyond_the_ends(dtype):
    y = np.array([[1.0, 0.0]])
    for loss in (BCE(), CCE()):
        p = np.array([[1.0, 0.0]], dtype)
        measured = numeric_grad(lambda p, loss=loss: loss.value(p, y), p)
        assert np.isfinite(measured).all()


@given(st.integers(0, 1000))
def test_probabilities_and_logits_give_the_same_loss(seed):
    z, y = np.random.default_rng(seed).normal(0, 3, (2, 4, 3))
    y = (y > 0).astype(float)
    p = BCEWithLogits().probabilities(z)
    assert BCE().probabilities(p) is p
    assert BCE().value(p, y) == pytest.approx(BCEWithLogits().value(z, y), rel=1e-9)
    sigmoid = Sigmoid()
    sigmoid.forward(z)
    np.testing.assert_allclose(sigmoid.backward(BCE().grad(p, y)), BCEWithLogits().grad(z, y), rtol=1e-9, atol=1e-13)


def test_binary_cross_entropy_by_hand():
    p, y = np.array([[0.5, 0.2], [0.9, 1.0]]), np.array([[1, 0], [1, 1]])
    assert BCE().value(p, y) == pytest.approx(-(math.log(0.5) + math.log(0.8) + math.log(0.9)) / 4, rel=1e-14)
    np.testing.assert_allclose(BCE().grad(p, y), np.array([[-2, 1.25], [-1 / 0.9, -1]]) / 4, rtol=1e-13)
    assert BCEWithLogits().value(np.zeros((3, 1)), np.array([[0], [1], [1]])) == pytest.approx(math.log(2))


def test_descending_with_the_gradient_makes_the_right_class_more_likely():
    """The sign of the derivative is a classic mistake: with the other one p would go to 0."""
    z, y = np.array([[0.0]]), np.array([[1.0]])
    for _ in range(20):
        z = z - BCEWithLogits().grad(z, y)
    assert BCEWithLogits().probabilities(z) > 0.9


# -- the dead zone ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("p", [0.0, 1e-13])
def test_surely_wrong_is_finite_and_learns_nothing(p, dtype):
    p, y = np.array([[p, 1 - p]], dtype), np.array([[1, 0]])
    for loss in (BCE(), CCE()):
        # BCE sees 1 - p in float32 as 1, and so as wrong as p
        assert loss.value(p, y) == pytest.approx(-math.log(1e-12), rel=1e-3)
        assert (loss.grad(p, y) == 0).all()


def test_the_gradient_in_the_dead_zone_is_that_of_the_clipped_value():
    y = np.array([[1.0, 0.0]])
    for loss in (BCE(), CCE()):
        for p in (1e-13, 5e-13):
            below, above = np.array([[p, 0.5]]), np.array([[p + 1e-13, 0.5]])
            assert loss.value(above, y) - loss.value(below, y) == loss.grad(below, y)[0, 0] == 0
        beyond = np.array([[2e-12, 0.5]])
        measured = complex_grad(lambda p, loss=loss: loss.value(p, y), beyond)
        assert loss.grad(beyond, y)[0, 0] == pytest.approx(measured[0, 0], rel=1e-12)
        assert abs(measured[0, 0]) > 1e11


@pytest.mark.parametrize(("p", "y"), [(0.0, 0.0), (1.0, 1.0)])
def test_surely_right_costs_nothing_and_keeps_its_true_slope(p, y):
    """-log(1 - p) has slope 1 at p = 0: only the logarithm that is clipped is constant."""
    assert BCE().value(np.array([[p]]), np.array([[y]])) == 0
    assert BCE().grad(np.array([[p]]), np.array([[y]])) == pytest.approx(1 - 2 * y)


# -- CCE --------------------------------------------------------------------------------------------------------------


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(2, 5))
def test_cce_gradient_for_labels_and_rows(seed, B, K):
    rng = np.random.default_rng(seed)
    p, labels = rng.uniform(0.05, 0.95, (B, K)), rng.integers(0, K, B)
    for y in (labels, one_hot(labels, K), rng.random((B, K))):
        report = gradient_check(lambda p, y=y: CCE().value(p, y), lambda p, y=y: CCE().grad(p, y), p)
        assert report, str(report)


@given(st.integers(0, 1000))
def test_cce_after_softmax_is_softmax_cross_entropy(seed):
    z, labels = logits_and_labels(seed, 5, 4, 3.0)
    softmax = Softmax()
    s = softmax.forward(z)
    assert CCE().probabilities(s) is s
    for y in (labels, one_hot(labels, 4)):
        assert CCE().value(s, y) == pytest.approx(CE.value(z, y), rel=1e-9)
        np.testing.assert_allclose(softmax.backward(CCE().grad(s, y)), CE.grad(z, y), rtol=1e-9, atol=1e-14)


def test_cce_by_hand():
    p = np.array([[0.7, 0.2, 0.1], [0.1, 0.5, 0.4]])
    assert CCE().value(p, np.array([0, 2])) == pytest.approx(-(math.log(0.7) + math.log(0.4)) / 2, rel=1e-14)
    np.testing.assert_allclose(CCE().grad(p, np.array([0, 2])), [[-1 / 1.4, 0, 0], [0, 0, -1 / 0.8]], rtol=1e-14)


# -- all of them ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", [MSE(), BCE(), BCEWithLogits(), CCE(), CE], ids=repr)
def test_nan_is_seen_in_the_loss(loss):
    assert math.isnan(loss.value(np.array([[math.nan, 0.5]]), np.array([[1.0, 0.0]])))


@pytest.mark.parametrize("loss", [MSE(), BCE(), BCEWithLogits(), CCE(), CE], ids=repr)
def test_half_precision_lists_strides_and_read_only_arrays(loss):
    rng = np.random.default_rng(0)
    whole, y = rng.uniform(0.1, 0.9, (8, 6)).astype(np.float16), np.eye(3)[[0, 2, 1, 1]]
    whole.flags.writeable = y.flags.writeable = False
    y_hat = whole[::2, ::2]
    expected = loss.value(y_hat.astype(float), y), loss.grad(y_hat.astype(float), y)
    pairs = (y_hat, y), (y_hat.tolist(), y.tolist()), (y_hat, y.astype(bool)), (y_hat, y.astype(np.int8))
    for other, target in pairs:
        assert loss.value(other, target) == pytest.approx(expected[0], rel=1e-5)
        np.testing.assert_allclose(loss.grad(other, target), expected[1], rtol=1e-5, atol=1e-7)


def test_half_precision_does_not_overflow():
    y_hat = np.full((1000, 1), 100.0, np.float16)
    assert MSE().value(y_hat, np.zeros((1000, 1))) == 10_000


@pytest.mark.parametrize("loss", ["logits", "probabilities"])
def test_a_network_learns_two_classes(loss):
    X, y = data.moons(80, rng=0)
    layers = [Dense(2, 8), Sigmoid(), Dense(8, 1)] + ([Sigmoid()] if loss == "probabilities" else [])
    net = Network(layers, loss=BCE() if loss == "probabilities" else BCEWithLogits(), rng=0)
    history = fit(net, X, y[:, None], optimizer=Adam(0.05), epochs=100, batch_size=20, rng=0, progress=False)
    assert history.loss[-1] < 0.5 * history.loss[0]
    assert (net.predict_classes(X) == y).mean() > 0.85
    assert ((net.predict_proba(X)[:, 0] >= 0.5) == net.predict_classes(X)).all()


# -- types and errors -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    ("loss", "y"),
    [
        (MSE(), np.ones((2, 3))), (CE, np.array([0, 2])), (CE, np.array([0, 2], np.uint8)),
        (CE, np.full((2, 3), 1 / 3)),
        (BCE(), np.ones((2, 3))), (BCEWithLogits(), np.ones((2, 3), bool)), (CCE(), np.array([0, 2])),
        (CCE(), np.full((2, 3), 1 / 3)),
    ],
)  # fmt: skip
def test_types_and_arguments(loss, y, dtype):
    y_hat = np.arange(6, dtype=dtype).reshape(2, 3) / 5
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
        (MSE(), [["a"]], [[1.0]], TypeError, "expected an array of numbers, got dtype <U1"),
        (MSE(), [[1.0]], [["1"]], TypeError, "Cannot cast array data"),
        (MSE(), [[1.0]], [[1j]], TypeError, "Cannot cast array data"),
        (BCE(), np.ones((2, 1)), np.ones(2), ValueError, r"BCE: y_hat has shape \(2, 1\) and y .*y\[:, None\]"),
        (BCE(), np.ones((0, 1)), np.ones((0, 1)), ValueError, "BCE: the batch is empty"),
        (BCE(), [[1.5]], [[1.0]], ValueError, r"BCE: probabilities must lie in \[0, 1\], got 1\.5 to 1\.5\. For"),
        (BCE(), [[0.5]], [[-1]], ValueError, r"BCE: targets must lie in \[0, 1\], got -1 to -1\.$"),
        (BCEWithLogits(), [[0.5], [2.0]], [[2], [0]], ValueError, r"WithLogits: targets must .* \[0, 1\], got 0 to 2"),
        (BCEWithLogits(), np.ones((2, 1)), np.ones(2), ValueError, r"BCEWithLogits: y_hat .*y\[:, None\]"),
        (CCE(), np.ones((2, 3)), np.array([0, 3]), ValueError, r"CCE: labels must lie in 0\.\.2, got 0\.\.3"),
        (CCE(), np.ones((2, 3)), np.array([0.0, 1.0]), TypeError, "CCE: labels must be integers, got dtype float64"),
        (CCE(), np.ones((2, 3)), np.array([0]), ValueError, "CCE: 2 rows need 2 labels, got 1"),
        (CCE(), np.ones((2, 3)), np.ones((2, 1)), ValueError, r"CCE: y_hat has shape \(2, 3\) and y .* \(2, 1\)"),
        (CCE(), np.ones(3), np.array([0]), ValueError, r"expected probabilities .*\(batch, classes\), got \(3,\)"),
        (CCE(), [[3.0, -1.0]], np.array([0]), ValueError, r"CCE: probabilities .* -1 to 3\. For logits .* SoftmaxCr"),
        (CE, np.ones((2, 3)), np.array([0, 3]), ValueError, r"labels must lie in 0\.\.2, got 0\.\.3"),
        (CE, np.ones((2, 3)), np.array([-1, 1]), ValueError, r"labels must lie in 0\.\.2, got -1\.\.1"),
        (CE, np.ones((2, 3)), np.array([0.0, 1.0]), TypeError, r"must be integers, got dtype float64; y\.astype"),
        (CE, np.ones((2, 3)), np.array([0, 1, 2]), ValueError, "2 rows need 2 labels, got 3"),
        (CE, np.ones((2, 3)), np.ones((2, 1)), ValueError, r"logits have shape \(2, 3\) and targets \(2, 1\)"),
        (CE, np.ones(3), np.array([0]), ValueError, r"expected logits of shape \(batch, classes\), got \(3,\)"),
        (CE, np.ones((0, 3)), np.zeros(0, int), ValueError, r"logits of shape \(batch, classes\), got \(0, 3\)"),
    ],
)
def test_errors(loss, y_hat, y, error, words, method):
    with pytest.raises(error, match=words):
        getattr(loss, method)(y_hat, y)

"""Batch normalisation: both modes, both gradients, and what the layer before it can and cannot learn."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Network
from nnlib.activations import Tanh
from nnlib.gradcheck import check_layer, check_network, complex_grad, numeric_grad
from nnlib.layers import BatchNorm, Dense


def made(n, seed=0, **options):
    """A BatchNorm with parameters and running statistics that are not the first ones."""
    rng, bn = np.random.default_rng(seed), BatchNorm(n, **options)
    bn.gamma[:], bn.beta[:] = rng.uniform(0.5, 1.5, n), rng.normal(size=n)
    bn.running_mean[:], bn.running_var[:] = rng.normal(size=n), rng.uniform(0.5, 2, n)
    return bn


def batch(B, n, seed=1):
    return np.random.default_rng(seed).normal(3, 5, (B, n))


# -- forward ----------------------------------------------------------------------------------------------------------


def test_by_hand():
    """Column 1, 2, 3, 6: mean 3, variance 14/4; running statistics from 0 and 1 with the variance 14/3."""
    bn = BatchNorm(1, momentum=0.5, eps=0.0)
    y = bn.forward(np.array([[1.0], [2.0], [3.0], [6.0]]), training=True)
    np.testing.assert_allclose(y.ravel(), np.array([-2, -1, 0, 3]) / np.sqrt(3.5), rtol=1e-14)
    assert bn.running_mean.tolist() == [1.5]
    assert bn.running_var == pytest.approx(0.5 + 7 / 3, rel=1e-14)
    np.testing.assert_allclose(bn.forward(np.array([[4.5]])), [[3 / np.sqrt(0.5 + 7 / 3)]], rtol=1e-14)


@given(st.integers(0, 100), st.integers(2, 8), st.integers(1, 4))
def test_each_column_has_mean_beta_and_deviation_gamma(seed, B, n):
    bn, x = made(n, seed, eps=0.0), batch(B, n, seed)
    y = bn.forward(x, training=True)
    np.testing.assert_allclose(y.mean(axis=0), bn.beta, atol=1e-12)
    np.testing.assert_allclose(y.std(axis=0), bn.gamma, rtol=1e-10)
    np.testing.assert_allclose(bn.forward(7 * x + 4, training=True), y, rtol=1e-9, atol=1e-9)


@given(st.floats(0, 1))
def test_momentum_is_the_weight_of_the_new_batch(momentum):
    bn, x = made(2, momentum=momentum), batch(5, 2)
    mean, var = bn.running_mean.copy(), bn.running_var.copy()
    bn.forward(x, training=True)
    np.testing.assert_allclose(bn.running_mean, (1 - momentum) * mean + momentum * x.mean(axis=0), rtol=1e-13)
    np.testing.assert_allclose(bn.running_var, (1 - momentum) * var + momentum * x.var(axis=0, ddof=1), rtol=1e-13)


def test_evaluation_uses_the_running_statistics_and_leaves_them():
    bn = made(3)
    kept = {name: array.copy() for name, array in bn.buffers.items()}
    x = batch(1, 3)
    expected = bn.gamma * (x - kept["running_mean"]) / np.sqrt(kept["running_var"] + 1e-5) + bn.beta
    np.testing.assert_allclose(bn.forward(x), expected, rtol=1e-14)
    for name, array in bn.buffers.items():
        np.testing.assert_array_equal(array, kept[name])


def test_running_statistics_reach_those_of_the_data():
    bn, rng = BatchNorm(2, momentum=0.01), np.random.default_rng(0)
    for _ in range(1500):
        bn.forward(rng.normal([3, -1], [2, 0.5], (64, 2)), training=True)
    np.testing.assert_allclose(bn.running_mean, [3, -1], atol=0.1)
    np.testing.assert_allclose(bn.running_var, [4, 0.25], rtol=0.05)


def test_buffers_are_the_arrays_themselves():
    bn = BatchNorm(2)
    bn.buffers["running_mean"][:] = [5, 6]
    assert bn.running_mean.tolist() == [5, 6]
    bn.forward(batch(4, 2), training=True)
    np.testing.assert_array_equal(bn.buffers["running_mean"], bn.running_mean)


def test_reset_begins_anew():
    bn, new = made(3), BatchNorm(3)
    bn.reset(0)
    for name in ("gamma", "beta", "running_mean", "running_var"):
        np.testing.assert_array_equal(getattr(bn, name), getattr(new, name))


# -- the gradient -----------------------------------------------------------------------------------------------------


@given(st.integers(0, 100), st.integers(3, 8), st.integers(1, 4), st.sampled_from([0.0, 1e-5, 0.1]), st.booleans())
def test_gradients(seed, B, n, eps, training):
    report = check_layer(made(n, seed, eps=eps), batch(B, n, seed), training=training)
    assert report, str(report)
    assert set(report.parts) == {"x", "gamma", "beta"}


def test_two_samples_are_plus_and_minus_one_so_nothing_flows_back():
    bn = made(1, eps=0.0)
    bn.forward(np.array([[1.0], [5.0]]), training=True)
    assert np.abs(bn.backward(np.array([[3.0], [-2.0]]))).max() < 1e-14
    assert check_layer(made(1, eps=0.1), np.array([[1.0], [5.0]]))


@pytest.mark.parametrize(
    ("x", "rtol"),
    [
        (batch(5, 1), 1e-11),
        ([[5.0], [5.0], [5.0]], 1e-11),  # a constant column
        ([[1e-4], [0.0], [-1e-4]], 1e-11),  # a spread far below sqrt(eps)
        ([[1e6], [1e6 + 1], [1e6 - 3]], 1e-9),  # an offset that costs 6 of 16 digits
        ([[1000.0], [-1000.0], [999.0], [0.0]], 1e-10),
    ],
)
def test_the_complex_step_agrees_to_rounding_also_at_hard_points(x, rtol):
    x = np.array(x)
    weights = batch(len(x), 1, seed=2)
    bn = made(1)
    bn.forward(x, training=True)
    dx = bn.backward(weights)
    measured = complex_grad(lambda x: (weights * made(1).forward(x, training=True)).sum(), x)
    np.testing.assert_allclose(dx, measured, rtol=rtol, atol=rtol * np.abs(dx).max())

    def with_parameter(name, value):
        other = made(1)
        setattr(other, name, value)
        return (weights * other.forward(x, training=True)).sum()

    for name in ("gamma", "beta"):
        measured = complex_grad(lambda value, name=name: with_parameter(name, value), getattr(bn, name))
        np.testing.assert_allclose(getattr(bn, "d" + name), measured, rtol=rtol, atol=1e-13)


def test_dx_is_orthogonal_to_one_and_for_eps_zero_to_xhat():
    bn, x = made(2, eps=0.0), batch(6, 2)
    bn.forward(x, training=True)
    dx = bn.backward(batch(6, 2, seed=3))
    np.testing.assert_allclose(dx.sum(axis=0), 0, atol=1e-13)
    np.testing.assert_allclose((dx * bn.xhat).sum(axis=0), 0, atol=1e-13)
    bn = made(2, eps=1.0)
    bn.forward(x, training=True)
    assert np.abs((bn.backward(batch(6, 2, seed=3)) * bn.xhat).sum(axis=0)).min() > 1e-6


def test_after_evaluation_both_gradients_are_the_same_and_right():
    x, g = batch(4, 3), batch(4, 3, seed=5)
    results = []
    for gradient in ("full", "frozen_stats"):
        bn = made(3, gradient=gradient)
        bn.forward(x)
        results.append(bn.backward(g))
        assert check_layer(made(3, gradient=gradient), x, training=False)
    np.testing.assert_array_equal(*results)


class HalfSquares:
    """Half the sum of squares, the loss of the example below."""

    def value(self, y_hat, y):
        return 0.5 * float(((y_hat - y) ** 2).sum())

    def grad(self, y_hat, y):
        return y_hat - y


def network(m, seed, gradient="full"):
    """Four normalised tanh units and one output on m samples, all drawn at random."""
    rng = np.random.default_rng(seed)
    X, W, b = rng.normal(size=(m, 3)), rng.normal(size=(3, 4)), rng.normal(size=4)
    gamma, beta = rng.uniform(0.5, 1.5, 4), rng.normal(size=4)
    V, y = rng.normal(size=(4, 1)), rng.normal(size=(m, 1))
    layers = [Dense(3, 4), BatchNorm(4, gradient=gradient), Tanh(), Dense(4, 1, bias=False)]
    net = Network(layers, loss=HalfSquares())
    net.theta = np.concatenate([W.ravel(), b, gamma, beta, V.ravel()])
    return net, X, y


def weight_gradients(m, seed):
    """dL/dW of the first layer: as frozen statistics have it, and measured by the complex step."""
    frozen, X, y = network(m, seed, "frozen_stats")
    frozen.loss_and_grad(X, y)
    net, _, _ = network(m, seed)
    dense, bn, tanh, out = net.layers

    def loss(W):
        a = tanh.forward(bn.forward(X @ W + dense.b, training=True)) @ out.W
        return 0.5 * ((a - y) ** 2).sum()

    return frozen.layers[0].dW, complex_grad(loss, dense.W)


@pytest.mark.parametrize(("m", "expected"), [(4, 1.58), (8, 0.96), (32, 0.89), (256, 0.91)])
def test_frozen_statistics_are_not_the_gradient_and_larger_batches_do_not_help(m, expected):
    errors = []
    for seed in range(20):
        frozen, true = weight_gradients(m, seed)
        errors.append(np.linalg.norm(frozen - true) / np.linalg.norm(true))
    assert np.median(errors) == pytest.approx(expected, abs=0.005)
    assert min(errors) > 0.1


def test_the_full_gradient_passes_where_the_frozen_one_fails():
    full, X, y = network(8, 0)
    assert check_network(full, X, y)
    frozen, X, y = network(8, 0, "frozen_stats")
    report = check_network(frozen, X, y)
    assert {name for name, part in report.parts.items() if not part} == {"0.W", "0.b"}


def test_a_bias_before_it_is_redundant_and_weights_are_scale_invariant():
    full, X, y = network(8, 0)
    full.loss_and_grad(X, y)
    frozen, _, _ = network(8, 0, "frozen_stats")
    frozen.loss_and_grad(X, y)
    assert np.abs(full.layers[0].db).max() < 1e-14
    assert np.abs(frozen.layers[0].db).max() == pytest.approx(6.8, abs=0.05)
    radial = [np.abs((net.layers[0].W * net.layers[0].dW).sum(axis=0)).max() for net in (full, frozen)]
    assert radial[0] < 1e-3  # exactly 0 only for eps = 0
    assert radial[1] == pytest.approx(8.3, abs=0.05)


def test_a_network_with_it_is_measured_right_in_evaluation_mode():
    net, X, y = network(8, 3)
    net.loss_and_grad(X, y)
    y_hat = net.forward(X)
    net.backward(net.loss.grad(y_hat, y))
    claimed = net.grad.copy()

    def loss(theta):
        net.theta = theta
        return net.loss.value(net.forward(X), y)

    np.testing.assert_allclose(claimed, numeric_grad(loss, net.theta.copy()), rtol=1e-5, atol=1e-8)


# -- kinds of numbers, errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("training", [True, False])
def test_a_network_in_float32_stays_there(training):
    net = Network([Dense(3, 4), BatchNorm(4)], rng=0, dtype=np.float32)
    y = net.forward(batch(5, 3), training=training)
    assert y.dtype == net.backward(y).dtype == np.float32
    other = Network([Dense(3, 4), BatchNorm(4)], rng=0)
    np.testing.assert_allclose(y, other.forward(batch(5, 3), training=training), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.int64, np.int8])
def test_other_kinds_of_numbers(dtype):
    x = np.array([[100, 1], [-90, 2], [80, 4]]).astype(dtype)
    expected = made(2).forward(x.astype(float), training=True)
    for other in (x, x.tolist(), np.repeat(x, 2, axis=0)[::2]):
        np.testing.assert_allclose(made(2).forward(other, training=True), expected, rtol=1e-12)


def test_arguments_stay_as_they_are():
    bn, x, dy = made(3), batch(4, 3), batch(4, 3, seed=9)
    x.flags.writeable = dy.flags.writeable = False
    for training in (True, False):
        bn.forward(x, training=training)
        bn.backward(dy)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: BatchNorm(0), ValueError, "BatchNorm: n must be at least 1, got 0"),
        (lambda: BatchNorm(3, momentum=1.5), ValueError, r"BatchNorm: momentum must be in \[0, 1\], got 1\.5"),
        (lambda: BatchNorm(3, eps=-1), ValueError, "BatchNorm: eps must be at least 0, got -1"),
        (lambda: BatchNorm(3, gradient="true"), ValueError, "gradient must be 'full' or 'frozen_stats', got 'true'"),
        (lambda: BatchNorm(3).forward(np.ones((2, 4))), ValueError, r"BatchNorm\(3\): expected input .* got \(2, 4\)"),
        (lambda: BatchNorm(3).forward(np.ones((1, 3)), training=True), ValueError,
         "at least 2 samples in a batch, got 1, since one alone has variance 0. Choose a batch size"),
        (lambda: BatchNorm(3).forward(np.ones((0, 3)), training=True), ValueError, "at least 2 samples .* got 0"),
        (lambda: BatchNorm(1).forward([["a"], ["b"]], training=True), TypeError, "expected an array of numbers"),
        (lambda: BatchNorm(3).backward(np.ones((2, 3))), RuntimeError, r"BatchNorm\(3\): backward needs a forward"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


def test_dy_has_the_shape_of_the_output():
    bn = BatchNorm(3)
    bn.forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"expected dy of the output's shape \(2, 3\), got \(3,\)"):
        bn.backward(np.ones(3))


def test_one_sample_is_welcome_in_evaluation_mode_and_a_refused_batch_leaves_no_trace():
    bn = made(3)
    kept = bn.running_mean.copy()
    with pytest.raises(ValueError, match="at least 2 samples"):
        bn.forward(np.ones((1, 3)), training=True)
    np.testing.assert_array_equal(bn.running_mean, kept)
    assert bn.forward(np.ones((1, 3))).shape == (1, 3)

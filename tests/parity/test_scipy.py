"""Numerics against scipy, in the same process."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.optimize
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib import initializers, losses, numerics
from nnlib.activations import Sigmoid, Softmax, Swish
from nnlib.optimizers import ImplicitSGD

LOGITS = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 6)), elements=st.floats(-1000, 1000))
EVERY = np.concatenate([-np.logspace(3, -300, 200), [0.0], np.logspace(-300, 3, 200)])

once = settings(deadline=None, derandomize=True, max_examples=100)


def test_sigmoid_and_softplus_on_the_whole_line():
    np.testing.assert_allclose(numerics.sigmoid(EVERY), scipy.special.expit(EVERY), rtol=1e-14)
    np.testing.assert_allclose(numerics.softplus(EVERY), np.logaddexp(0, EVERY), rtol=1e-14)


@once
@given(LOGITS)
def test_softmax_family(z):
    np.testing.assert_allclose(numerics.softmax(z), scipy.special.softmax(z, axis=1), rtol=1e-12, atol=1e-300)
    np.testing.assert_allclose(numerics.log_softmax(z), scipy.special.log_softmax(z, axis=1), rtol=1e-12, atol=1e-14)
    for axis in (0, 1, None):
        expected = scipy.special.logsumexp(z, axis=axis)
        np.testing.assert_allclose(numerics.logsumexp(z, axis), expected, rtol=1e-13, atol=1e-14)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_float32_is_as_good_as_float32_can_be(dtype):
    z = np.random.default_rng(0).normal(0, 30, (50, 10)).astype(dtype)
    tolerance = 100 * np.finfo(dtype).eps
    np.testing.assert_allclose(numerics.softmax(z), scipy.special.softmax(z, axis=1), rtol=tolerance, atol=1e-37)
    np.testing.assert_allclose(numerics.sigmoid(z), scipy.special.expit(z), rtol=tolerance, atol=1e-37)


def test_softmax_jacobian_against_scipys_derivative_of_logsumexp():
    """d log s_j / dz_m = delta_jm - s_m, with s from scipy: row j of the Jacobian is s_j times that."""
    z = np.random.default_rng(1).normal(size=(3, 4))
    s = scipy.special.softmax(z, axis=1)
    for J, s_i in zip(Softmax().jacobian(z), s, strict=True):
        np.testing.assert_allclose(J / s_i[:, None], np.eye(4) - np.tile(s_i, (4, 1)), atol=1e-14)


def test_binary_cross_entropy_against_scipys_entropies():
    """scipy.special.xlogy and xlog1py keep their digits near 0 and 1."""
    p, y = np.random.default_rng(2).random((2, 20, 3))
    expected = -(scipy.special.xlogy(y, p) + scipy.special.xlog1py(1 - y, -p)).mean()
    assert losses.BCE().value(p, y) == pytest.approx(expected, rel=1e-13)
    z = 300 * np.random.default_rng(3).normal(size=(20, 3))
    expected = -(y * scipy.special.log_expit(z) + (1 - y) * scipy.special.log_expit(-z)).mean()
    assert losses.BCEWithLogits().value(z, y) == pytest.approx(expected, rel=1e-13)


def test_sigmoid_and_swish_slopes_on_the_whole_line():
    """Their derivatives from scipy's expit: no digit is lost where e^-|z| is above rounding."""
    z = EVERY[np.abs(EVERY) < 30][:, None]
    s = scipy.special.expit(z)
    for layer, slope in ((Sigmoid(), s * scipy.special.expit(-z)), (Swish(), s * (1 + z * scipy.special.expit(-z)))):
        layer.forward(z)
        np.testing.assert_allclose(layer.backward(np.ones_like(z)), slope, rtol=1e-10, atol=1e-15)


def test_orthogonal_matrices_have_the_spread_of_scipys():
    """Entries of a uniform orthogonal matrix of size n have variance 1/n, and so has scipy's own sample."""
    from scipy.stats import ortho_group

    ours = np.stack([initializers.orthogonal((4, 4), rng=k) for k in range(2000)])
    theirs = ortho_group.rvs(4, size=2000, random_state=np.random.default_rng(0))
    for moment in (2, 4):
        a, b = (ours**moment).mean(axis=0), (theirs**moment).mean(axis=0)
        np.testing.assert_allclose(a, b, atol=6 * (theirs**moment).std() * np.sqrt(2 / 2000))


def test_implicit_steps_against_a_root_finder():
    """A loss without closed form: log cosh; both solve theta' - theta + lr grad(theta') = 0."""
    start, lr = np.array([2.0, -0.3, 1.0]), 8.0
    H = np.array([[2.0, 0.5, 0.0], [0.5, 1.0, 0.2], [0.0, 0.2, 3.0]])
    grad = lambda q: H.T @ np.tanh(H @ q)  # noqa: E731
    expected = scipy.optimize.root(lambda q: q - start + lr * grad(q), start, tol=1e-14, method="hybr").x
    theta = start.copy()
    ImplicitSGD(lr).step(theta, grad)
    np.testing.assert_allclose(theta, expected, rtol=1e-9, atol=1e-11)

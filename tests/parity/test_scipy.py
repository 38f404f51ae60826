"""Numerics against scipy, in the same process."""

from __future__ import annotations

import numpy as np
import pytest
import scipy.special
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib import numerics
from nnlib.activations import Softmax

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

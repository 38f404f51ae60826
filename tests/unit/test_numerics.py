from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib import numerics
from nnlib.gradcheck import complex_grad, numeric_grad

logits = arrays(float, st.tuples(st.integers(1, 4), st.integers(1, 5)), elements=st.floats(-1000, 1000))
ELEMENTWISE = [numerics.sigmoid, numerics.softplus]
ROWWISE = [numerics.softmax, numerics.log_softmax, numerics.logsumexp]


@pytest.mark.parametrize(
    ("z", "expected"), [(-1000, 0), (-30, math.exp(-30) / (1 + math.exp(-30))), (0, 0.5), (30, 1 - 9.4e-14), (1000, 1)]
)
def test_sigmoid_values(z, expected):
    assert numerics.sigmoid(z) == pytest.approx(expected, rel=1e-13)


def test_sigmoid_keeps_relative_accuracy_far_left():
    assert numerics.sigmoid(-700.0) == pytest.approx(math.exp(-700), rel=1e-13)


@pytest.mark.parametrize(("z", "expected"), [(-1000, 0), (-40, math.exp(-40)), (0, math.log(2)), (1000, 1000)])
def test_softplus_values(z, expected):
    assert numerics.softplus(z) == pytest.approx(expected, rel=1e-13)


@given(z=st.floats(-1000, 1000))
def test_sigmoid_and_its_mirror_image_sum_to_one(z):
    assert numerics.sigmoid(z) + numerics.sigmoid(-z) == pytest.approx(1, abs=1e-15)


@given(z=st.floats(-30, 30))
def test_softplus_has_the_slope_sigmoid(z):
    assert numeric_grad(numerics.softplus, z) == pytest.approx(float(numerics.sigmoid(z)), abs=1e-8)
    assert complex_grad(numerics.softplus, z) == pytest.approx(float(numerics.sigmoid(z)), rel=1e-13)


@given(logits)
def test_softmax_rows_are_probabilities(z):
    s = numerics.softmax(z)
    assert s.shape == z.shape
    assert (s >= 0).all()
    np.testing.assert_allclose(s.sum(axis=1), 1, rtol=1e-14)


@given(logits, st.floats(-1000, 1000))
def test_softmax_does_not_see_a_shift(z, c):
    np.testing.assert_allclose(numerics.softmax(z + c), numerics.softmax(z), rtol=1e-9, atol=1e-300)


@given(logits)
def test_log_softmax_is_the_log_of_softmax(z):
    s = numerics.softmax(z)
    seen = s > 1e-300
    np.testing.assert_allclose(numerics.log_softmax(z)[seen], np.log(s[seen]), rtol=1e-12, atol=1e-12)


@given(logits, st.sampled_from([0, 1, None]))
def test_logsumexp_lies_between_the_maximum_and_log_n_above_it(z, axis):
    lse = numerics.logsumexp(z, axis)
    n = z.size if axis is None else z.shape[axis]
    assert np.shape(lse) == np.shape(z.max(axis=axis))
    assert (lse >= z.max(axis=axis)).all()
    assert (lse <= z.max(axis=axis) + math.log(n) + 1e-12).all()


def test_logsumexp_by_hand():
    assert numerics.logsumexp(np.log([1.0, 2.0, 3.0])) == pytest.approx(math.log(6), rel=1e-14)
    assert numerics.logsumexp(np.zeros((2, 3)), keepdims=True).shape == (2, 1)


@pytest.mark.parametrize("function", ELEMENTWISE + ROWWISE)
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.complex128])
def test_dtype_is_kept(function, dtype):
    assert function(np.ones((2, 3), dtype)).dtype == dtype


@pytest.mark.parametrize("function", ELEMENTWISE + ROWWISE)
def test_integers_become_float64_and_arguments_stay(function):
    z = np.array([[-1000, 0, 1000]])
    result = function(z)
    assert result.dtype == np.float64
    assert np.isfinite(result).all()
    assert z.tolist() == [[-1000, 0, 1000]]


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", ELEMENTWISE + ROWWISE)
def test_no_warning_at_the_ends_of_the_range(function, dtype):
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.isfinite(function(np.array([[-1000, 1000, 0], [1000, 1000, 1000]], dtype))).all()


@pytest.mark.parametrize("function", ROWWISE)
@pytest.mark.parametrize("scale", [1, 1000])
def test_the_complex_step_sees_the_derivative(function, scale):
    z = scale * np.array([0.5, -0.3, 1.0])
    weights = np.array([1.0, -2.0, 0.5])
    total = lambda z: (weights * function(z)).sum()  # noqa: E731
    np.testing.assert_allclose(complex_grad(total, z), numeric_grad(total, z), rtol=1e-7, atol=1e-7)


@pytest.mark.parametrize(
    ("z", "expected"),
    [
        ([-math.inf, 0.0], 0),
        ([-math.inf, -math.inf], -math.inf),
        ([math.inf, 0.0], math.inf),
        ([math.inf, 1000.0], math.inf),
    ],
)
def test_logsumexp_of_infinities(z, expected):
    assert numerics.logsumexp(np.array(z)) == expected


def test_the_ends_of_the_line():
    z = np.array([-math.inf, math.inf, math.nan])
    np.testing.assert_array_equal(numerics.sigmoid(z), [0, 1, math.nan])
    np.testing.assert_array_equal(numerics.softplus(z), [0, math.inf, math.nan])


@pytest.mark.parametrize("function", ELEMENTWISE + ROWWISE)
def test_half_precision_strides_and_read_only_arrays(function):
    z = np.arange(24.0).reshape(4, 6) - 12
    expected = function(z[::2, ::3].copy())
    z.flags.writeable = False
    np.testing.assert_array_equal(function(z[::2, ::3]), expected)
    half = function(z[::2, ::3].astype(np.float16))
    assert half.dtype == np.float16
    np.testing.assert_allclose(half, expected, rtol=2e-3, atol=12 * np.finfo(np.float16).eps)  # z is up to 12


@pytest.mark.parametrize("function", ELEMENTWISE + ROWWISE)
@pytest.mark.parametrize("z", [["1", "2"], [None, 1.0]])
def test_what_is_no_number_is_refused(function, z):
    with pytest.raises(TypeError, match="expected an array of numbers, got dtype"):
        function(z)


def test_one_hot():
    assert numerics.one_hot([2, 0], 3).tolist() == [[0, 0, 1], [1, 0, 0]]
    assert numerics.one_hot(np.array([1, 0], np.uint8)).tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("labels", "n_classes", "error", "words"),
    [
        ([0.0, 1.0], None, TypeError, "labels must be integers, got dtype float64"),
        ([[0], [1]], None, ValueError, r"expected labels of shape \(batch,\) with at least one label, got \(2, 1\)"),
        (np.zeros(0, int), None, ValueError, "at least one label"),
        ([0, 3], 3, ValueError, r"labels must lie in 0\.\.2, got 0\.\.3"),
        ([-1, 1], 3, ValueError, r"labels must lie in 0\.\.2, got -1\.\.1"),
    ],
)
def test_one_hot_refuses(labels, n_classes, error, words):
    with pytest.raises(error, match=words):
        numerics.one_hot(labels, n_classes)

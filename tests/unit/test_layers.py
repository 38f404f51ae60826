"""Dense and the activations, used on their own."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.activations import Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Swish, Tanh
from nnlib.gradcheck import check_layer, complex_grad, numeric_jacobian
from nnlib.layers import Dense

ACTIVATIONS = [Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Swish, Tanh]


def batch(seed, B, n, scale=1.0):
    """Random inputs, none so near to the kink of ReLU that a difference would step over it."""
    x = np.random.default_rng(seed).normal(0, scale, (B, n))
    return np.where(np.abs(x) < 1e-3, 0.5, x)


# -- gradients --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ACTIVATIONS)
@given(seed=st.integers(0, 1000), B=st.integers(1, 6), n=st.integers(1, 5))
def test_gradients_of_activations(kind, seed, B, n):
    report = check_layer(kind(), batch(seed, B, n))
    assert report, str(report)


@given(st.integers(0, 1000), st.integers(1, 6), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_gradients_of_dense(seed, B, n_in, n_out, bias):
    report = check_layer(Dense(n_in, n_out, bias=bias, rng=seed), batch(seed, B, n_in))
    assert report, str(report)
    assert set(report.parts) == ({"x", "W", "b"} if bias else {"x", "W"})


@pytest.mark.parametrize("kind", ACTIVATIONS)
@pytest.mark.parametrize("z", [-1000.0, -20.0, 20.0, 1000.0])
def test_gradients_where_activations_saturate(kind, z):
    report = check_layer(kind(), np.array([[z, -z, z + 1]]))
    assert report, str(report)
    layer = kind()
    layer.forward(np.array([[z, -z, z + 1]]))
    assert np.isfinite(layer.backward(np.ones((1, 3)))).all()


def test_relu_has_slope_zero_at_its_kink():
    relu = ReLU()
    relu.forward(np.array([[-0.0, 0.0, 1e-300]]))
    assert relu.backward(np.ones((1, 3))).tolist() == [[0, 0, 1]]


@pytest.mark.parametrize("alpha", [0.0, 0.25, 1.0])
def test_leaky_relu_has_its_left_slope_at_the_kink_and_where_its_value_underflows(alpha):
    leaky = LeakyReLU(alpha)
    z = np.array([[-5e-324, -0.0, 0.0, 5e-324]])
    leaky.forward(z)
    assert leaky.backward(np.ones((1, 4))).tolist() == [[alpha, alpha, alpha, 1]]


@given(st.integers(0, 1000), st.floats(0, 1))
def test_gradient_of_leaky_relu_for_any_slope(seed, alpha):
    report = check_layer(LeakyReLU(alpha), batch(seed, 3, 4))
    assert report, str(report)


def test_two_points_of_swish_with_one_value_have_different_slopes():
    """The root of the slope is at -1.2785; on both sides of it the value -0.1 is met."""
    z = np.array([[-3.5372596267896417, -0.2252655288104787]])  # z sigma(z) = -0.1
    swish = Swish()
    np.testing.assert_allclose(swish.forward(z), -0.1, rtol=1e-12)
    slopes = swish.backward(np.ones((1, 2)))
    np.testing.assert_allclose(slopes, numeric_jacobian(lambda z: Swish().forward(z).sum(), z), atol=1e-9)
    assert slopes[0, 0] < 0 < slopes[0, 1]


@given(st.integers(0, 1000), st.integers(1, 4), st.integers(1, 5), st.sampled_from([1, 30]))
def test_softmax_jacobian(seed, B, K, scale):
    z = batch(seed, B, K, scale)
    J = Softmax().jacobian(z)
    assert J.shape == (B, K, K)
    for i in range(B):
        measured = numeric_jacobian(lambda z: Softmax().forward(z[None])[0], z[i])
        np.testing.assert_allclose(J[i], measured, atol=1e-9)


@given(st.integers(0, 1000), st.integers(1, 4), st.integers(1, 5))
def test_softmax_backward_is_the_jacobian_applied(seed, B, K):
    softmax, z, dy = Softmax(), batch(seed, B, K), batch(seed + 1, B, K)
    softmax.forward(z)
    applied = np.stack([J.T @ g for J, g in zip(softmax.jacobian(z), dy, strict=True)])
    np.testing.assert_allclose(softmax.backward(dy), applied, rtol=1e-12, atol=1e-15)


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_the_complex_step_goes_through(kind):
    x, weights = batch(5, 2, 3), batch(6, 2, 3)
    layer = kind()
    layer.forward(x)
    measured = complex_grad(lambda x: (weights * kind().forward(x)).sum(), x)
    np.testing.assert_allclose(layer.backward(weights), measured, rtol=1e-12, atol=1e-14)


# -- values, dtypes, shapes -------------------------------------------------------------------------------------------


def test_values():
    z = np.array([[-1.0, 0.0, 2.0]])
    assert ReLU().forward(z).tolist() == [[0, 0, 2]]
    assert LeakyReLU(0.25).forward(z).tolist() == [[-0.25, 0, 2]]
    assert LeakyReLU().alpha == 0.01
    assert Identity().forward(z).tolist() == z.tolist()
    np.testing.assert_allclose(Swish().forward(z), [[-0.2689414213699951, 0, 1.7615941559557649]], rtol=1e-14)
    np.testing.assert_allclose(Tanh().forward(z), [[-0.7615941559557649, 0, 0.9640275800758169]], rtol=1e-14)
    np.testing.assert_allclose(Sigmoid().forward(z), [[0.2689414213699951, 0.5, 0.8807970779778823]], rtol=1e-14)
    np.testing.assert_allclose(Softmax().forward(np.log([[1.0, 2.0, 5.0]])), [[0.125, 0.25, 0.625]], rtol=1e-14)


@pytest.mark.parametrize("kind", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(B=st.integers(1, 6), n=st.integers(1, 5))
def test_activations_keep_dtype_and_shape(dtype, kind, B, n):
    layer, x = kind(), batch(0, B, n).astype(dtype)
    y = layer.forward(x)
    dx = layer.backward(np.ones_like(y))
    assert y.dtype == dx.dtype == dtype
    assert y.shape == dx.shape == x.shape


@pytest.mark.parametrize("kind", ACTIVATIONS)
@pytest.mark.parametrize("dtype", [np.float16, np.int64, np.int8, np.uint8, bool])
def test_other_kinds_of_numbers_give_the_value_of_the_same_numbers_in_float64(kind, dtype):
    z = np.array([[0, 1, 3], [1, 1, 0]]).astype(dtype)
    expected = kind().forward(z.astype(float))
    np.testing.assert_allclose(kind().forward(z), expected, rtol=2e-3 if dtype is np.float16 else 1e-15)
    np.testing.assert_allclose(kind().forward(z.tolist()), expected, rtol=1e-15)


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_read_only_and_strided_arrays(kind):
    z = batch(0, 6, 8)
    plain = kind()
    expected, slopes = plain.forward(z[::2, ::2].copy()), plain.backward(z[1::2, 1::2].copy())
    z.flags.writeable = False
    layer = kind()
    np.testing.assert_array_equal(layer.forward(z[::2, ::2]), expected)
    np.testing.assert_array_equal(layer.backward(z[1::2, 1::2]), slopes)


@pytest.mark.parametrize("kind", ACTIVATIONS)
def test_nan_is_seen_in_what_comes_out(kind):
    assert np.isnan(kind().forward(np.array([[np.nan, 1.0]]))[0, 0])


@given(st.integers(1, 6), st.integers(1, 5), st.integers(1, 4), st.booleans())
def test_dense_is_the_sum_over_its_inputs(B, n_in, n_out, bias):
    dense, x = Dense(n_in, n_out, bias=bias, rng=0), batch(0, B, n_in)
    if bias:
        dense.b[:] = np.arange(n_out)
    z = dense.forward(x)
    for i in range(B):
        for m in range(n_out):
            expected = sum(x[i, j] * dense.W[j, m] for j in range(n_in)) + (m if bias else 0)
            assert z[i, m] == pytest.approx(expected, rel=1e-12, abs=1e-13)


@pytest.mark.parametrize("layer", [Dense(3, 3, rng=0), *(kind() for kind in ACTIVATIONS)], ids=repr)
def test_a_layer_on_its_own_changes_no_argument(layer):
    x, dy = batch(1, 4, 3), batch(2, 4, 3)
    kept = x.copy(), dy.copy()
    layer.forward(x)
    layer.backward(dy)
    np.testing.assert_array_equal(x, kept[0])
    np.testing.assert_array_equal(dy, kept[1])


def test_dense_starts_as_its_initializer_says():
    assert Dense(3, 2, init="zeros").W.tolist() == [[0, 0]] * 3
    assert Dense(3, 2, init="constant").W.tolist() == [[1, 1]] * 3
    assert Dense(3, 2, init=lambda shape, rng: np.full(shape, 7.0)).W.tolist() == [[7, 7]] * 3
    assert Dense(3, 2, rng=5).b.tolist() == [0, 0]
    np.testing.assert_array_equal(Dense(3, 2, rng=5).W, Dense(3, 2, rng=np.random.default_rng(5)).W)
    assert not np.array_equal(Dense(3, 2, rng=5).W, Dense(3, 2, rng=6).W)
    assert not np.array_equal(Dense(3, 2).W, Dense(3, 2).W)


def test_reset_begins_anew():
    dense = Dense(3, 2, rng=0)
    W = dense.W.copy()
    dense.W[:], dense.b[:] = 9, 9
    dense.reset(rng=0)
    np.testing.assert_array_equal(dense.W, W)
    assert dense.b.tolist() == [0, 0]


def test_dense_without_bias_has_none():
    dense = Dense(3, 2, bias=False)
    assert dense.shapes == {"W": (3, 2)}
    assert not hasattr(dense, "b")
    assert dense.forward(np.zeros((1, 3))).tolist() == [[0, 0]]


# -- errors -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("layer", [Dense(3, 4), *(kind() for kind in ACTIVATIONS)], ids=repr)
def test_backward_needs_a_forward_pass(layer):
    with pytest.raises(RuntimeError, match=r"\(.*\): backward needs a forward pass before it; call forward\(x\) first"):
        layer.backward(np.ones((1, 4)))


@pytest.mark.parametrize("layer", [Dense(3, 3), *(kind() for kind in ACTIVATIONS)], ids=repr)
@pytest.mark.parametrize("shape", [(2, 4), (1, 3), (3,), (2, 3, 1)])
def test_backward_needs_the_shape_of_the_output(layer, shape):
    layer.forward(np.ones((2, 3)))
    with pytest.raises(ValueError, match=r"expected dy of the output's shape \(2, 3\), got"):
        layer.backward(np.ones(shape))


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: Dense(3, 4).forward(np.ones((5, 2))), r"Dense\(3, 4\): expected input .*\(batch, 3\), got \(5, 2\)"),
        (lambda: Dense(3, 4).forward(np.ones(3)), r"got \(3,\)\. One sample .* x\[None, :\] has shape \(1, 3\)"),
        (lambda: Softmax().forward(np.ones(3)), r"Softmax\(\): expected input .*\(batch, features\), got \(3,\)"),
        (lambda: Softmax().jacobian(np.ones(3)), r"Softmax\(\): expected input .*\(batch, features\), got \(3,\)"),
        (lambda: LeakyReLU(1.5), r"LeakyReLU: alpha must be in \[0, 1\], got 1\.5"),
        (lambda: Dense(0, 4), "Dense: n_in and n_out must be at least 1, got 0 and 4"),
        (lambda: Dense(3, 4, init="best"), "unknown initializer 'best'; choose one of zeros, constant, "),
    ],
)
def test_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()

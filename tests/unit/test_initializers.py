from __future__ import annotations

import math

import numpy as np
import pytest

from nnlib import initializers

SHAPE = (400, 100)
NAMES = ["zeros", "constant", "normal", "xavier", "he", "orthogonal"]
ALL = [getattr(initializers, name) for name in NAMES]


@pytest.mark.parametrize("init", ALL)
def test_shape_dtype_and_seed(init):
    W = init(SHAPE, rng=3)
    assert W.shape == SHAPE
    assert W.dtype == np.float64
    np.testing.assert_array_equal(W, init(SHAPE, rng=np.random.default_rng(3)))


@pytest.mark.parametrize(
    ("init", "variance"), [(initializers.normal, 1e-4), (initializers.xavier, 2 / 500), (initializers.he, 2 / 400)]
)
def test_mean_and_variance(init, variance):
    """40,000 draws: the mean is known to 5 standard errors, the variance to 5 per cent."""
    W = init(SHAPE, rng=0)
    assert abs(W.mean()) < 5 * math.sqrt(variance / W.size)
    assert W.var() == pytest.approx(variance, rel=0.05)


def test_xavier_is_uniform_up_to_its_limit():
    W, limit = initializers.xavier(SHAPE, rng=0), math.sqrt(6 / 500)
    assert 0.99 * limit < np.abs(W).max() <= limit


def test_he_keeps_the_size_of_activations_through_ten_relu_layers():
    rng = np.random.default_rng(0)
    a = rng.normal(size=(200, 200))
    for _ in range(10):
        a = np.maximum(a @ initializers.he((200, 200), rng=rng), 0)
    assert 0.5 < (a * a).mean() < 2


def test_constants():
    assert initializers.zeros((2, 1)).tolist() == [[0], [0]]
    assert initializers.constant((2,), value=3).tolist() == [3, 3]


def test_named():
    assert [initializers.named(name) for name in NAMES] == ALL
    assert initializers.named(math.sqrt) is math.sqrt


@pytest.mark.parametrize("shape", [(1, 1), (5, 5), (7, 3), (3, 7)])
def test_orthogonal(shape):
    W = initializers.orthogonal(shape, rng=0)
    assert W.flags.c_contiguous
    product = W.T @ W if shape[0] >= shape[1] else W @ W.T
    np.testing.assert_allclose(product, np.eye(min(shape)), atol=1e-14)


def test_orthogonal_keeps_lengths_through_fifty_layers():
    rng = np.random.default_rng(0)
    a = x = rng.normal(size=(4, 30))
    for _ in range(50):
        a = a @ initializers.orthogonal((30, 30), rng=rng)
    np.testing.assert_allclose(np.linalg.norm(a, axis=1), np.linalg.norm(x, axis=1), rtol=1e-12)


def test_every_rotation_and_reflection_is_equally_likely():
    """1 x 1: +1 and -1 half the time each. 2 x 2: each entry has mean 0, which QR without its signs misses."""
    rng = np.random.default_rng(0)
    signs = [initializers.orthogonal((1, 1), rng=rng).item() for _ in range(400)]
    assert set(signs) == {-1, 1}
    assert abs(np.mean(signs)) < 5 / math.sqrt(400)
    mean = np.mean([initializers.orthogonal((2, 2), rng=rng) for _ in range(2000)], axis=0)
    np.testing.assert_allclose(mean, 0, atol=5 * math.sqrt(0.5 / 2000))


@pytest.mark.parametrize("init", [initializers.xavier, initializers.he, initializers.orthogonal])
@pytest.mark.parametrize("shape", [(3,), (2, 3, 4), (0, 3), (3, 0)])
def test_a_weight_matrix_is_needed(init, shape):
    with pytest.raises(ValueError, match=rf"{init.__name__}: expected the shape \(n_in, n_out\) .*, got \("):
        init(shape)


@pytest.mark.parametrize("std", [-0.1, math.nan])
def test_a_standard_deviation_is_not_negative(std):
    with pytest.raises(ValueError, match="normal: std must be at least 0, got"):
        initializers.normal((2,), std=std)

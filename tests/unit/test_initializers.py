from __future__ import annotations

import math

import numpy as np
import pytest

from nnlib import initializers

SHAPE = (400, 100)
ALL = [initializers.zeros, initializers.constant, initializers.normal, initializers.xavier, initializers.he]


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
    assert [initializers.named(name) for name in ("zeros", "constant", "normal", "xavier", "he")] == ALL
    assert initializers.named(math.sqrt) is math.sqrt


@pytest.mark.parametrize("init", [initializers.xavier, initializers.he])
def test_a_weight_matrix_is_needed(init):
    with pytest.raises(ValueError, match=rf"{init.__name__}: expected the shape \(n_in, n_out\) .*, got \(3,\)"):
        init((3,))

"""Augmentation: what moves, what is filled, what stays in range."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib.augmentation import noise, rotate, shift
from nnlib.data import load_digits

RNG = np.random.default_rng(0)
X = RNG.random((20, 64))
EACH = pytest.mark.parametrize("change", [shift, rotate, noise])


def moved(image, down, right):
    """The image moved, pixel by pixel."""
    result = np.zeros_like(image)
    for r, c in np.ndindex(image.shape):
        if 0 <= r - down < image.shape[0] and 0 <= c - right < image.shape[1]:
            result[r, c] = image[r - down, c - right]
    return result


@given(st.integers(1, 6), st.integers(0, 8), st.integers(0, 1000))
def test_shift_moves_without_wrapping_around(side, pixels, seed):
    image = np.random.default_rng(seed).random((side, side))
    found = shift(image.reshape(1, -1), pixels, rng=seed).reshape(side, side)
    span = range(-pixels, pixels + 1)
    assert any(np.array_equal(found, moved(image, down, right)) for down in span for right in span)


def test_every_shift_occurs_and_each_image_has_its_own():
    dot = np.zeros((7, 7))
    dot[3, 3] = 1
    found = shift(np.tile(dot.ravel(), (500, 1)), 2, rng=0)
    assert (found.sum(axis=1) == 1).all()
    at = np.array(np.unravel_index(found.argmax(axis=1), (7, 7))) - 3
    assert set(map(tuple, at.T.tolist())) == {(down, right) for down in range(-2, 3) for right in range(-2, 3)}


def test_a_shift_by_none_and_a_turn_by_none_change_nothing():
    np.testing.assert_array_equal(shift(X, 0), X)
    np.testing.assert_array_equal(rotate(X, 0), X)
    np.testing.assert_array_equal(noise(X, 0), X)


class Turn(np.random.Generator):
    """A generator whose uniform numbers are all the largest possible, so that the angle is known."""

    def uniform(self, low=0.0, high=1.0, size=None):
        return np.full(size, high)


@pytest.mark.parametrize(("degrees", "quarters"), [(90, 1), (180, 2), (270, 3), (360, 4)])
@pytest.mark.parametrize("side", [1, 2, 5, 8])
def test_quarter_turns_are_counter_clockwise(degrees, quarters, side):
    images = RNG.random((3, side, side))
    found = rotate(images.reshape(3, -1), degrees, rng=Turn(np.random.PCG64(0)))
    expected = np.rot90(images, quarters, axes=(1, 2))
    np.testing.assert_allclose(found.reshape(3, side, side), expected, atol=1e-12)


def test_turning_a_bright_image_by_45_degrees_darkens_the_corners():
    found = rotate(np.ones((1, 81)), 45, rng=Turn(np.random.PCG64(0))).reshape(9, 9)
    assert found[[0, 0, -1, -1], [0, -1, 0, -1]].tolist() == [0, 0, 0, 0]
    np.testing.assert_allclose(found[3:6, 3:6], 1, atol=1e-12)


def test_angles_are_uniform_and_each_image_has_its_own():
    bar = np.zeros((21, 21))
    bar[10, 20] = 1
    found = rotate(np.tile(bar.ravel(), (2000, 1)), 30, rng=0).reshape(-1, 21, 21)
    r, c = np.indices((21, 21)) - 10
    weight = found.sum(axis=(1, 2))
    angle = np.degrees(np.arctan2(-(found * r).sum(axis=(1, 2)) / weight, (found * c).sum(axis=(1, 2)) / weight))
    assert abs(angle).max() == pytest.approx(30, abs=3)
    assert angle.std() == pytest.approx(60 / np.sqrt(12), rel=0.05)
    assert angle.mean() == pytest.approx(0, abs=1)


def test_noise_has_the_size_it_says():
    found = noise(np.full((200, 64), 0.5), 0.05, rng=0)
    assert found.std() == pytest.approx(0.05, rel=0.03)
    assert found.mean() == pytest.approx(0.5, abs=0.002)


@EACH
@given(st.integers(0, 10_000), st.sampled_from([np.float16, np.float32, np.float64]), st.booleans())
def test_pixels_stay_in_range_and_keep_their_dtype(change, seed, dtype, extreme):
    images = np.random.default_rng(seed).random((3, 16))
    images = (images.round() if extreme else images).astype(dtype)
    found = change(images, 3, rng=seed)
    assert found.shape == images.shape
    assert found.dtype == dtype
    assert found.min() >= 0
    assert found.max() <= 1


@EACH
def test_the_images_stay_as_they_are_and_may_be_anything_like_an_array(change):
    frozen = X.copy()
    frozen.flags.writeable = False
    expected = change(frozen, rng=4)
    np.testing.assert_array_equal(frozen, X)
    assert not np.shares_memory(expected, frozen)
    for images in (np.asfortranarray(X), np.repeat(X, 2, axis=1)[:, ::2], X.tolist()):
        np.testing.assert_array_equal(change(images, rng=4), expected)
    np.testing.assert_array_equal(change(X, rng=np.random.default_rng(4)), expected)
    assert not np.array_equal(change(X, rng=5), expected)
    assert change(np.ones((2, 4), int), rng=0).dtype == float
    assert change(np.ones((0, 4)), rng=0).shape == (0, 4)


def test_digits_stay_digits():
    digits, _ = load_digits()
    for change in (shift, rotate, noise):
        found = change(digits, rng=0)
        assert found.shape == digits.shape
        correlation = [np.corrcoef(a, b)[0, 1] for a, b in zip(found[:200], digits[:200], strict=True)]
        assert np.median(correlation) > 0.2
        assert np.median(correlation) < 1


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: shift(X[:, :60]), "shift: images must be square, and 60 pixels are not"),
        (lambda: rotate(X[:, :0]), "rotate: images must be square, and 0 pixels are not"),
        (lambda: shift(X[0]), r"shift: expected input of shape \(batch, features\), got \(64,\)"),
        (lambda: noise(X[0]), r"noise: expected input of shape \(batch, features\), got \(64,\)"),
        (lambda: shift(X, -1), "pixels must be a whole number, at least 0, got -1"),
        (lambda: shift(X, 1.5), "pixels must be a whole number, at least 0, got 1.5"),
        (lambda: shift(X, np.nan), "pixels must be a whole number"),
        (lambda: shift(X, np.inf), "pixels must be a whole number"),
        (lambda: rotate(X, -5), r"rotate: degrees must be in \[0, 360\], got -5"),
        (lambda: rotate(X, np.nan), r"rotate: degrees must be in \[0, 360\], got nan"),
        (lambda: noise(X, -0.1), "noise: std must be at least 0, got -0.1"),
        (lambda: noise(16 * X), r"noise: pixels must lie in \[0, 1\]; divide by the largest"),
        (lambda: noise(np.full((1, 4), np.nan)), "noise: pixels must lie in"),
    ],
)
def test_errors(call, words):
    with pytest.raises(ValueError, match=words):
        call()

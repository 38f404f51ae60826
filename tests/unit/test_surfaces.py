"""Surfaces: derivatives measured, minima where they are said to be, one point or many."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import surfaces
from nnlib.gradcheck import complex_grad, numeric_grad, numeric_jacobian
from nnlib.optimizers import SGD
from nnlib.surfaces import Surface

ALL = [thing for thing in vars(surfaces).values() if isinstance(thing, Surface)]
ALL.append(surfaces.bowl(0.5, 30.0))
everywhere = pytest.mark.parametrize("f", ALL, ids=lambda f: f.name)
coordinate = st.floats(-2, 2)


def test_the_six_are_there():
    names = ["quadratic", "saddle", "double_well", "plateau", "rosenbrock", "beale"]
    assert sorted(f.name for f in ALL[:-1]) == sorted(names)
    assert all(getattr(surfaces, name).name == name for name in names)


@pytest.mark.parametrize(
    ("f", "a", "b", "value"),
    [
        (surfaces.quadratic, 2, 3, 2 + 45),
        (surfaces.saddle, 2, 3, 2 - 4.5),
        (surfaces.double_well, -1, 2, 2),
        (surfaces.double_well, 1, 0, 4 * 0.32),
        (surfaces.plateau, 2, 1, 1 - np.exp(-2.5)),
        (surfaces.rosenbrock, -1, 3, 4 + 400),
        (surfaces.beale, 2, 3, 5.5**2 + 18.25**2 + 54.625**2),
    ],
)
def test_values(f, a, b, value):
    assert f(a, b) == pytest.approx(value, rel=1e-14)


@everywhere
@given(a=coordinate, b=coordinate)
def test_gradient(f, a, b):
    theta = np.array([a, b])
    np.testing.assert_allclose(f.gradient(theta), complex_grad(f, theta), rtol=1e-11, atol=1e-11)


@everywhere
@given(a=coordinate, b=coordinate)
def test_hessian(f, a, b):
    theta = np.array([a, b])
    H = f.hessian(theta)
    np.testing.assert_allclose(H, H.T, rtol=1e-12, atol=1e-14)
    scale = max(1, np.abs(f.gradient(theta)).max())
    np.testing.assert_allclose(H, numeric_jacobian(f.gradient, theta), rtol=1e-6, atol=1e-8 * scale)


@everywhere
def test_minima(f):
    values = [f(*minimum) for minimum in f.minima]
    assert values == sorted(values)
    for a, b in f.minima:
        np.testing.assert_allclose(f.gradient(a, b), 0, atol=1e-14)
        assert np.linalg.eigvalsh(f.hessian(a, b)).min() > 0


def test_what_is_said_about_them():
    assert surfaces.saddle.minima == surfaces.bowl(1, 0).minima == ()
    np.testing.assert_allclose(np.linalg.eigvalsh(surfaces.saddle.hessian(0, 0)), [-1, 1])
    np.testing.assert_allclose(np.linalg.eigvalsh(surfaces.bowl(2.0, 7.0).hessian(3, 4)), [2, 7])
    np.testing.assert_allclose(surfaces.double_well.gradient(0.2, 0), 0, atol=1e-14)
    assert np.linalg.eigvalsh(surfaces.double_well.hessian(0.2, 0))[0] < 0
    assert surfaces.double_well(0.8, 0) > surfaces.double_well(-1, 0) == 0
    assert np.abs(surfaces.plateau.gradient(6, 6)).max() < 1e-14


@everywhere
def test_many_points_are_as_good_as_one(f):
    a, b = np.meshgrid(np.linspace(-2, 2, 5), np.linspace(-1, 3, 4))
    theta = np.stack([a, b], axis=-1)
    assert f(a, b).shape == f(theta).shape == (4, 5)
    assert f.gradient(a, b).shape == (4, 5, 2)
    assert f.hessian(theta).shape == (4, 5, 2, 2)
    for index in np.ndindex(4, 5):
        assert f(a, b)[index] == pytest.approx(f(theta[index]), rel=1e-14, abs=1e-14)
        np.testing.assert_allclose(f.gradient(a, b)[index], f.gradient(theta[index]), rtol=1e-14)
        np.testing.assert_allclose(f.hessian(a, b)[index], f.hessian(theta[index]), rtol=1e-14)


@everywhere
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.int64])
def test_any_numbers(f, dtype):
    theta = np.array([1, -1], dtype)
    theta.flags.writeable = False
    assert f(theta) == pytest.approx(f([1.0, -1.0]), rel=3e-3)
    np.testing.assert_allclose(f.gradient(theta), f.gradient(1.0, -1.0), rtol=3e-3, atol=1e-2)
    np.testing.assert_allclose(f.hessian(theta), f.hessian([1, -1]), rtol=3e-3, atol=1e-2)


def test_an_optimizer_goes_down():
    f, theta = surfaces.double_well, np.array([1.3, 1.0])
    for _ in range(200):
        SGD(0.1).step(theta, f.gradient(theta))
    np.testing.assert_allclose(theta, f.minima[1], atol=1e-6)
    assert numeric_grad(f, theta) == pytest.approx([0, 0], abs=1e-5)


@pytest.mark.parametrize("theta", [np.ones(3), np.ones((2, 3)), 1.0, []])
def test_another_shape_is_refused(theta):
    for method in (surfaces.beale, surfaces.beale.gradient, surfaces.beale.hessian):
        with pytest.raises(ValueError, match=r"beale: expected theta of shape \(2,\) or \(\.\.\., 2\), got"):
            method(theta)

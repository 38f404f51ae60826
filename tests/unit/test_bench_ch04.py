"""The bench of chapter 04: what a reader discovers on it holds."""

from __future__ import annotations

import numpy as np
import pytest

from nnlib.workbook.benches import ch04
from nnlib.workbook.benches.ch04 import OneHiddenLayer
from nnlib.workbook.plots import Picture
from nnlib.workbook.scene import Line, Markers

bench = OneHiddenLayer()


def lines(**changes):
    """The network's curve and its slope, as the two thick lines show them."""
    scene = bench.compute(**bench.settings(**changes))
    curve, slope = [layer for layer in scene.layers if isinstance(layer, Line) and layer.width == 3]
    assert (curve.axes, slope.axes) == (0, 1)
    return np.asarray(curve.x), np.asarray(curve.y), np.asarray(slope.y)


def marks(**changes):
    """The places of the units, and the height of the curve there."""
    scene = bench.compute(**bench.settings(**changes))
    (found,) = [layer for layer in scene.layers if isinstance(layer, Markers) and layer.label]
    return np.asarray(found.x), np.asarray(found.y)


@pytest.mark.parametrize("n", range(1, ch04.MOST + 1))
def test_each_relu_is_one_kink(n):
    x, y, _ = lines(n=n)
    bends = np.abs(np.diff(y, n=2)) > 1e-9
    runs = bends & ~np.r_[False, bends[:-1]]  # a kink between two places bends the curve at both
    assert runs.sum() == n == len(marks(n=n)[0])
    assert f"make {n} kink" in bench.describe(**bench.settings(n=n))


def test_the_curve_bends_at_the_marks():
    x, y, _ = lines(n=5)
    bent = x[1:-1][np.abs(np.diff(y, n=2)) > 1e-9]
    assert all(np.abs(place - marks(n=5)[0]).min() < 0.0026 for place in bent)


def test_the_slope_is_that_of_the_curve():
    for activation in ch04.KINDS:
        x, y, slope = lines(n=3, activation=activation)
        quotients = np.diff(y) / np.diff(x)
        assert np.median(np.abs(quotients - (slope[1:] + slope[:-1]) / 2)) < 1e-3


def test_a_weight_turns_only_what_lies_behind_its_kink():
    (x, before, slope_before), (_, after, slope_after) = lines(), lines(factor=2.0)
    assert after[x < 0.25] == pytest.approx(before[x < 0.25])
    change = (slope_after - slope_before)[x > 0.2501]
    assert change == pytest.approx(change[0]) and abs(change[0]) > 1


def test_a_unit_of_weight_zero_has_no_kink():
    _, y, _ = lines(n=1, factor=0.0)
    assert y == pytest.approx(0 * y)
    assert "make 0 kinks" in bench.describe(**bench.settings(n=1, factor=0.0))
    assert "make 3 kinks" in bench.describe(**bench.settings(n=4, factor=0.0))


def test_two_units_at_one_place_make_one_kink():
    assert "make 4 kinks" in bench.describe(**bench.settings(n=5, shift=0.2))


def test_shifting_a_unit_shifts_its_kink():
    assert marks(shift=0.1)[0] - marks()[0] == pytest.approx([0, 0.1, 0, 0])


def test_without_activation_there_is_one_straight_line():
    for n in (1, 4, 12):
        _, y, slope = lines(n=n, activation="none")
        assert np.abs(np.diff(y, n=2)).max() < 1e-9 and np.ptp(slope) < 1e-9


@pytest.mark.parametrize("activation", ["swish", "sigmoid"])
def test_smooth_activations_have_no_jump(activation):
    _, _, slope = lines(n=4, activation=activation)
    assert np.abs(np.diff(slope)).max() < 0.2 * np.ptp(slope)
    assert np.abs(np.diff(lines(n=4)[2])).max() > 0.5 * np.ptp(lines(n=4)[2])


@pytest.mark.parametrize("n", [2, 5, 12])
def test_the_relus_stay_within_the_bound(n):
    x, y, _ = lines(n=n)
    inside = (x >= 0) & (x <= 1)
    error = np.abs(y - np.sin(5 * x))[inside].max()
    assert 0.2 * 25 / (8 * n**2) < error <= 25 / (8 * n**2)


def test_the_chapters_pictures_are_described():
    assert isinstance(ch04.layers_picture(), Picture) and isinstance(ch04.activations_picture(), Picture)

"""The benches of chapter 06 show what a reader is to discover there."""

from __future__ import annotations

import numpy as np
import pytest

from nnlib.gradcheck import complex_grad
from nnlib.workbook.benches import ch06
from nnlib.workbook.benches.ch06 import ConfidentMistakeBench, SoftmaxJacobianBench
from nnlib.workbook.scene import Image, Line, Markers, Text


def layers(bench, kind, **changes):
    return [layer for layer in bench.compute(**bench.settings(**changes)).layers if isinstance(layer, kind)]


def softmax(z):
    return np.exp(z) / np.exp(z).sum()


def written(text):
    """The number that a cell of the heat map shows."""
    return float(text.text.replace("−", "-"))


MIXED = {"z1": 2.0, "z2": -1.0, "z3": 0.5, "z4": 1.5}


def test_each_cell_shows_the_measured_slope():
    z = np.array(list(MIXED.values()))
    cells = [text for text in layers(SoftmaxJacobianBench(), Text, **MIXED) if text.axes == 0]
    shown = {(text.x, text.y): written(text) for text in cells}
    assert len(shown) == 16
    for j in range(4):
        slopes = complex_grad(lambda z, j=j: softmax(z)[j], z)
        for m in range(4):
            assert shown[m + 1, 4 - j] == pytest.approx(slopes[m], abs=0.0051)


def test_colours_are_orange_on_the_diagonal_and_blue_beside_it():
    (image,) = layers(SoftmaxJacobianBench(), Image)
    red_above_blue = image.rgba[..., 0].astype(int) - image.rgba[..., 2]
    assert (np.diag(red_above_blue) > 0).all()
    assert (red_above_blue[~np.eye(4, dtype=bool)] < 0).all()


def tips(**changes):
    """Heights of the two groups of bars: probabilities and errors."""
    return [np.array(mark.y) for mark in layers(SoftmaxJacobianBench(), Markers, **changes)]


def test_bars_are_the_answer_and_its_distance_from_the_target():
    s, delta = tips(**MIXED, target=3)
    assert s == pytest.approx(softmax(np.array(list(MIXED.values()))))
    assert delta == pytest.approx(s - np.array([0, 0, 1, 0]))


def test_sure_and_wrong_has_a_pale_table_and_a_full_error():
    sure = {"z1": 6.0, "target": 3}
    (pale,), (strong,) = layers(SoftmaxJacobianBench(), Image, **sure), layers(SoftmaxJacobianBench(), Image)
    assert pale.rgba.min() > 240 > 150 > strong.rgba.min()
    _, wrong = tips(**sure)
    _, right = tips(z1=6.0, target=1)
    assert np.abs(wrong).max() > 0.98 and np.abs(right).max() < 0.02


def test_no_minus_before_a_zero():
    assert [ch06.figure(number) for number in (-0.001, -0.006, 0.25)] == ["0.00", "−0.01", "0.25"]


# ---- two losses


@pytest.mark.parametrize("target", [0, 1])
def test_both_curves_are_the_slopes_of_their_losses(target):
    def squared(z):
        return 0.5 * (1 / (1 + np.exp(-z)) - target) ** 2

    def entropy(z):
        p = 1 / (1 + np.exp(-z))
        return -np.log(p if target else 1 - p)

    curves = [line for line in layers(ConfidentMistakeBench(), Line, target=target) if line.axes == 0]
    for curve, loss in zip(curves, (squared, entropy), strict=True):
        measured = [complex_grad(loss, float(z)) for z in curve.x]
        assert np.array(curve.y) == pytest.approx(np.array(measured), abs=1e-10)


def reached(**changes):
    """The logits of both after the steps."""
    return [mark.y for mark in layers(ConfidentMistakeBench(), Markers, **changes) if mark.axes == 1]


def test_sure_and_wrong_only_cross_entropy_comes_back():
    squared, entropy = reached(z=8.0, target=0, steps=60)
    assert squared > 7.95 and entropy < 0
    assert np.array(reached(z=-8.0, target=1, steps=60)) == pytest.approx(-np.array([squared, entropy]))


def test_undecided_both_learn():
    assert max(reached(z=0.0, target=0, steps=60)) < -1


def test_the_squared_error_needs_thousands_of_steps():
    z, steps = 8.0, 0
    while z > 0 and steps < 5000:
        z, steps = z - ch06.delta_squared(z, 0), steps + 1
    assert 2500 < steps < 3500


def test_the_markers_stand_on_their_curves():
    at_once = layers(ConfidentMistakeBench(), Markers, z=3.0, steps=7)
    paths = [line for line in layers(ConfidentMistakeBench(), Line, z=3.0, steps=7) if line.axes == 1]
    on_curve, on_path = [mark for mark in at_once if mark.axes == 0], [mark for mark in at_once if mark.axes == 1]
    for teacher, left, right, path in zip(ch06.TEACHERS, on_curve, on_path, paths, strict=True):
        assert right.x == 7 and right.y == path.y[7] == left.x
        assert left.y == teacher.delta(left.x, 0)


def test_ten_more_steps_and_no_more_than_there_are():
    bench = ConfidentMistakeBench()
    assert bench.press("more", **bench.settings(steps=20)) == {"steps": 30}
    assert bench.press("more", **bench.settings(steps=55)) == {"steps": 60}

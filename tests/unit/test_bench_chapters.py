"""The benches of the chapters: each is swept over its controls, and shows what it promises to show."""

from __future__ import annotations

import itertools
import pkgutil
import re
from importlib import import_module

import numpy as np
import pytest

from nnlib import Network, activations, data, fit, layers, losses, optimizers
from nnlib.gradcheck import numeric_grad
from nnlib.neuron import TanhNeuron
from nnlib.workbook import benches
from nnlib.workbook.bench import Bench, Button, Pointer
from nnlib.workbook.benches import ch01, drawing
from nnlib.workbook.benches.ch00 import SCHEMES, DigitBench, ErrorAgainstH
from nnlib.workbook.benches.ch01 import TanhNeuronBench
from nnlib.workbook.scene import Arrow, Image, Line, Markers


@pytest.fixture(scope="module")
def digits() -> DigitBench:
    """The digit bench as chapter 00 shows it: a small network, trained on three quarters of the digits."""
    X, y = data.load_digits()
    stack = [layers.Dense(64, 32), activations.ReLU(), layers.Dense(32, 10)]
    net = Network(stack, loss=losses.SoftmaxCrossEntropy(), rng=0)
    adam = optimizers.Adam(0.005)
    fit(net, X[:1400], y[:1400], optimizer=adam, epochs=10, batch_size=32, progress=False, rng=0)
    return DigitBench(net, X[1400:], y[1400:])


MODULES = [import_module(f"nnlib.workbook.benches.{found.name}")
           for found in pkgutil.iter_modules(benches.__path__) if found.name.startswith("ch")]  # fmt: skip
BENCHES = [value for module in MODULES for value in vars(module).values()
           if isinstance(value, type) and issubclass(value, Bench) and value.__module__ == module.__name__]  # fmt: skip


@pytest.fixture(params=BENCHES, ids=lambda bench: bench.__name__)
def bench(request, digits):
    return digits if request.param is DigitBench else request.param()


def sweep(bench):
    """All combinations of the ends and defaults of the controls."""
    controls = [control for control in bench.controls if not isinstance(control, Button)]
    for values in itertools.product(*(control.grid() for control in controls)):
        yield {control.name: value for control, value in zip(controls, values, strict=True)}


def test_every_setting_gives_the_same_scene_twice_and_words(bench):
    pictures = set()
    for parameters in sweep(bench):
        headers, buffers = bench.compute(**parameters).pack()
        assert (headers, buffers) == bench.compute(**parameters).pack()
        assert {header["axes"] for header in headers} <= set(range(len(bench.axes)))
        assert len(bench.describe(**parameters)) > 20
        pictures.add(b"".join(buffers))
    assert len(pictures) > 10


def test_words_round_hard(bench):
    for parameters in sweep(bench):
        words = bench.describe(**parameters)
        digits_of_numbers = [number.replace(".", "").strip("0") for number in re.findall(r"[\d.]+", words)]
        assert max(map(len, digits_of_numbers)) <= 3, words


def test_parameters_are_never_changed_in_place(bench):
    parameters = bench.settings()
    arrays = {name: value.copy() for name, value in parameters.items() if isinstance(value, np.ndarray)}
    bench.compute(**parameters)
    bench.on_key("Space", **parameters)
    bench.on_pointer(Pointer("press", 0, 1, 1, 5, 5), **parameters)
    for name, value in arrays.items():
        assert np.array_equal(parameters[name], value, equal_nan=True)


# ---- chapter 00: steps


def errors(bench, function, log10_h):
    """Errors of the three schemes at one step, as their markers show them."""
    scene = bench.compute(function=function, log10_h=log10_h)
    return [layer.y for layer in scene.layers if isinstance(layer, Markers)]


@pytest.mark.parametrize("function", ErrorAgainstH.controls[0].grid())
def test_a_smaller_step_is_not_a_better_step(function):
    bench = ErrorAgainstH()
    forward, central, by_complex = zip(*(errors(bench, function, h) for h in (-1, -5, -8, -13)), strict=True)
    assert forward[0] > forward[1] > forward[2] and forward[3] > 1e3 * forward[2]
    assert central[0] > 1e4 * central[1] and central[3] > 1e4 * central[1]
    assert max(by_complex[2:]) < 1e-14


def test_markers_lie_on_their_curves():
    bench = ErrorAgainstH()
    scene = bench.compute(function="exp x", log10_h=-3.0)
    curves = [layer for layer in scene.layers if isinstance(layer, Line) and layer.label]
    for curve, mark in zip(curves, [layer for layer in scene.layers if isinstance(layer, Markers)], strict=True):
        nearest = int(np.argmin(np.abs(np.log(curve.x) - np.log(mark.x))))
        assert curve.y[nearest] == pytest.approx(mark.y, rel=1e-3)


def test_the_words_name_what_rounding_rules():
    bench = ErrorAgainstH()
    assert "Rounding" not in bench.describe(function="sin x", log10_h=-4.0)
    assert "rules the central difference:" in bench.describe(function="sin x", log10_h=-6.0)
    both = bench.describe(function="sin x", log10_h=-10.0)
    assert "rules the forward difference and the central difference:" in both


def test_every_scheme_measures_the_derivatives_we_know():
    for function in ErrorAgainstH.controls[0].grid():
        assert max(errors(ErrorAgainstH(), function, -6.0)) < 1e-4, function
    assert [scheme.label for scheme in SCHEMES] == ["forward difference", "central difference", "complex step"]


# ---- chapter 00: digits


def probabilities(bench, **changes):
    """Heights of the ten bars."""
    (bars,) = [layer for layer in bench.compute(**bench.settings(**changes)).layers if isinstance(layer, Line)]
    return np.array(bars.y)[1::3]


def shades(bench, **changes):
    """Darkness of the 64 pixels, from 0 (white)."""
    (image,) = [layer for layer in bench.compute(**bench.settings(**changes)).layers if isinstance(layer, Image)]
    return 255 - image.rgba[..., 0].astype(int)


def test_bars_are_the_probabilities_of_the_picture_shown(digits):
    expected = digits.net.predict_proba(digits.X[7:8])[0]
    assert probabilities(digits, sample=7) == pytest.approx(expected)
    assert probabilities(digits, sample=7).sum() == pytest.approx(1)


def test_two_pixels_fool_the_network(digits):
    assert digits.accuracy(0, 0) > 0.85
    assert digits.accuracy(2, 0) < 0.5
    before, after = digits.moments[0].parameters, digits.moments[-1].parameters
    label = digits.y[before["sample"]]
    assert probabilities(digits, **before)[label] > 0.9
    assert probabilities(digits, **after)[label] < 0.1


@pytest.mark.parametrize(("dx", "dy"), [(1, 0), (-3, 0), (0, 2), (0, -1), (2, 3)])
def test_shifting_moves_every_pixel(digits, dx, dy):
    before, after = shades(digits, sample=3), shades(digits, sample=3, dx=dx, dy=dy)
    for row, column in itertools.product(range(8), range(8)):
        from_row, from_column = row + dy, column - dx
        inside = 0 <= from_row < 8 and 0 <= from_column < 8
        assert after[row, column] == (before[from_row, from_column] if inside else 0)


def test_a_drag_draws_without_gaps_and_a_press_on_ink_erases(digits):
    parameters = digits.settings(start="empty")
    parameters |= digits.on_pointer(Pointer("press", 0, 1, 6, 1, 6), **parameters)
    parameters |= digits.on_pointer(Pointer("drag", 0, 1, 6, 6, 6), **parameters)
    inked = [(1, column) for column in range(1, 7)]
    assert list(zip(*np.nonzero(shades(digits, **parameters)), strict=True)) == inked
    parameters |= digits.on_pointer(Pointer("press", 0, 3, 6, 3, 6), **parameters)
    assert list(zip(*np.nonzero(shades(digits, **parameters)), strict=True)) == [p for p in inked if p != (1, 3)]


def test_what_was_drawn_moves_with_the_sheet_and_nothing_is_lost(digits):
    parameters = digits.settings(start="empty", dx=2, dy=-1)
    parameters |= digits.on_pointer(Pointer("press", 0, 7, 0, 7, 0), **parameters)
    assert list(zip(*np.nonzero(shades(digits, **parameters)), strict=True)) == [(7, 7)]
    assert list(zip(*np.nonzero(shades(digits, **parameters | {"dx": 0, "dy": 0})), strict=True)) == [(6, 5)]
    assert not shades(digits, **parameters | {"dy": -3}).any()
    assert shades(digits, **parameters).any()


def test_the_keyboard_draws_what_the_pointer_draws(digits):
    by_key, by_pointer = digits.settings(start="empty"), digits.settings(start="empty")
    for key in ("ArrowUp", "ArrowUp", "ArrowLeft", "Space"):  # the first key only shows the cursor, in the middle
        by_key |= digits.on_key(key, **by_key)
    by_pointer |= digits.on_pointer(Pointer("press", 0, 3, 4, 3, 4), **by_pointer)
    assert by_key["cursor"] == (3, 3)
    assert np.array_equal(by_key["ink"], by_pointer["ink"], equal_nan=True)
    assert "Row 4, column 4 is dark." in digits.describe(**by_key)
    by_key |= digits.on_key("Space", **by_key)
    assert not shades(digits, **by_key).any()


def test_the_cursor_stays_on_the_picture(digits):
    parameters = digits.settings()
    for _ in range(12):
        parameters |= digits.on_key("ArrowRight", **parameters)
    assert parameters["cursor"] == (7, 4)


def test_clearing_takes_away_all_ink(digits):
    parameters = digits.settings(start="empty") | {"ink": np.ones((drawing.SHEET, drawing.SHEET)), "cursor": (1, 1)}
    assert "Your drawing" in digits.describe(**parameters)
    parameters |= digits.press("clear", **parameters)
    assert not shades(digits, **parameters).any() and parameters["cursor"] is None


def test_a_press_beside_the_picture_draws_nothing(digits):
    assert digits.on_pointer(Pointer("press", 1, 3, 0.5, 3, 0.5), **digits.settings()) == {}


def test_digits_of_another_shape_are_refused():
    with pytest.raises(ValueError, match=r"DigitBench: expected X \(N, 64\) and y \(N,\), got \(3, 63\) and \(3,\)"):
        DigitBench(None, np.zeros((3, 63)), np.zeros(3))


# ---- chapter 01


def arrow(**changes):
    bench = TanhNeuronBench()
    (one,) = [layer for layer in bench.compute(**bench.settings(**changes)).layers if isinstance(layer, Arrow)]
    return np.array([one.x1 - one.x0, one.y1 - one.y0])


@pytest.mark.parametrize(("w", "b", "eta"), [((0.5, -0.5), 0.0, 1.0), ((-1.0, 2.0), 0.7, 0.3)])
def test_the_arrow_is_the_step_against_the_measured_slope(w, b, eta):
    slope = numeric_grad(lambda w: TanhNeuron(w, b).loss(ch01.X, ch01.Y), np.array(w))
    assert arrow(w1=w[0], w2=w[1], b=b, eta=eta) == pytest.approx(-eta * slope, rel=1e-5)


def test_the_button_takes_the_step_that_the_arrow_shows():
    bench = TanhNeuronBench()
    settings = bench.settings()
    after = bench.press("step", **settings)
    assert [after["w1"] - settings["w1"], after["w2"] - settings["w2"]] == pytest.approx(list(arrow()))


def test_large_wrong_weights_do_not_move():
    wrong = {"w1": -5.0, "w2": -4.0}
    assert np.linalg.norm(arrow(**wrong)) < np.linalg.norm(arrow()) / 100
    assert TanhNeuron([-5.0, -4.0]).loss(ch01.X, ch01.Y) > 3


@pytest.mark.parametrize("b", [0.0, -1.3])
def test_the_landscape_is_the_loss(b):
    middles = ch01.middles(ch01.LARGEST, ch01.LANDSCAPE)
    image = ch01.landscape(b).rgba
    losses_and_shades = [
        (TanhNeuron([middles[column], middles[row]], b).loss(ch01.X, ch01.Y), image[row, column, 0])
        for row, column in [(5, 5), (20, 100), (60, 60), (110, 30), (118, 118)]
    ]
    in_order = [shade for _, shade in sorted(losses_and_shades, key=lambda pair: pair[0])]
    assert in_order == sorted(in_order, reverse=True) and in_order[0] > in_order[-1] + 60


def test_residual_bars_are_as_long_as_the_residuals():
    bench = TanhNeuronBench()
    (bars,) = [layer for layer in bench.compute(**bench.settings()).layers if isinstance(layer, Line)]
    lengths = np.array(bars.y)[1::3] - np.array(bars.y)[::3]
    y_hat = np.tanh(ch01.X @ [0.5, -0.5])
    assert lengths == pytest.approx(ch01.BAR * (ch01.Y - y_hat))

"""The bench of chapter 07 shows what a reader is to discover there; and which dense layer `your_dense` hands out."""

from __future__ import annotations

import numpy as np
import pytest

from nnlib.gradcheck import numeric_grad
from nnlib.graph import GraphNetwork
from nnlib.layers import Dense
from nnlib.losses import MSE
from nnlib.workbook import library
from nnlib.workbook.benches import ch07
from nnlib.workbook.benches.ch07 import ErrorSignalBench, graph_picture, your_dense
from nnlib.workbook.scene import Line, Markers

FUNCTIONS = {"sigmoid": lambda z: 1 / (1 + np.exp(-z)), "tanh": np.tanh, "ReLU": lambda z: np.maximum(z, 0)}


def layers(kind, **changes):
    bench = ErrorSignalBench()
    return [layer for layer in bench.compute(**bench.settings(**changes)).layers if isinstance(layer, kind)]


def left(**changes):
    """Sizes of the errors that the right panel shows, from the lowest layer reached to the output."""
    (dots,) = [mark for mark in layers(Markers, **changes) if mark.axes == 1]
    return np.array(dots.y)


def rest(z, parts, phi):
    """The network from the sums z of a hidden layer on, without nnlib: `parts` are the weights above."""
    for W in parts:
        z = phi(z) @ W
    return z.item()


@pytest.mark.parametrize("activation", FUNCTIONS)
def test_the_errors_are_the_measured_slopes(activation):
    parts = ch07.network(activation, 3, 1.5)
    weights, phi = [part.W for part in parts if isinstance(part, Dense)], FUNCTIONS[activation]
    deltas, slopes = ch07.backward(parts, 0.8)
    a = 0.8 * ch07.DIRECTION
    for l in range(3):
        z = a @ weights[l]
        measured = numeric_grad(lambda z, l=l: rest(z, weights[l + 1 :], phi), z)
        assert deltas[l] == pytest.approx(measured, rel=1e-6, abs=1e-9)
        assert slopes[l] == pytest.approx(np.abs(np.outer(a, measured)), rel=1e-6, abs=1e-9)
        a = phi(z)
    assert deltas[3] == pytest.approx(np.ones(1))


def test_a_sigmoid_error_dies_and_a_relu_error_gets_through():
    sigmoid, relu = left(back=8), left(activation="ReLU", scale=2.0, back=8)
    assert sigmoid[0] < 1e-3 and (sigmoid[:-1] < sigmoid[1:] / 2).all()
    assert relu[0] > 0.1


def test_a_tanh_error_grows_with_the_weights_and_then_dies():
    sizes = [left(activation="tanh", scale=scale, back=8)[0] for scale in (0.5, 3.0, 6.0)]
    assert sizes[0] < 0.01 < 1 < sizes[1] and sizes[2] < 0.2


@pytest.mark.parametrize(("back", "heard"), [(0, 1), (1, 2), (6, 7), (8, 7)])
def test_only_layers_that_the_error_has_reached_are_shown(back, heard):
    assert len(left(back=back)) == heard


def test_no_arrow_is_thick_before_the_error_has_passed():
    thick = [line for line in layers(Line, back=0) if line.axes == 0 and line.width > 1]
    places = np.concatenate([np.array(line.x, float) for line in thick])
    assert np.nanmin(places) >= 6
    assert len(layers(Line, back=0)) == len(layers(Line, back=8))


def test_colours_tell_the_sign():
    assert ch07.hexadecimal(1.0) == "#E66100" and ch07.hexadecimal(-1.0) == "#0072B2"
    assert ch07.hexadecimal(0.0) == "#FFFFFF"


def test_the_button_goes_back_and_begins_anew():
    bench = ErrorSignalBench()
    assert bench.press("go", **bench.settings(back=2)) == {"back": 3}
    assert bench.press("go", **bench.settings(back=6)) == {"back": 0}


def test_the_picture_of_the_graph_shows_values_and_measured_errors():
    graph = GraphNetwork(["p", "q"], loss=MSE(), rng=0).add("g", ["p", "q"], "tanh").add("h", ["q", "g"], "sigmoid")
    graph.add("u", ["g", "h"], "tanh").add("v", ["p", "u"]).outputs(["u", "v"])
    X, Y = np.array([[0.4, -0.7]]), np.array([[1.0, -2.0]])

    def loss(theta):
        graph.theta = theta
        return MSE().value(graph.forward(X), Y)

    at_biases = numeric_grad(loss, graph.theta.copy())
    (axes,) = graph_picture(graph, X, Y).figure.axes
    shown = [text.get_text().replace("−", "-") for text in axes.texts]
    for name in "ghuv":
        error = float(shown[shown.index(name) + 2].removeprefix("δ = "))
        assert error == pytest.approx(at_biases[graph.where[name]], abs=0.0051)
    outputs = [float(shown[shown.index(name) + 1].removeprefix("a = ")) for name in "uv"]
    assert outputs == pytest.approx(graph.forward(X)[0], abs=0.0051)


def test_your_dense_is_nnlibs_until_there_is_one_of_your_own(tmp_path, monkeypatch):
    monkeypatch.setenv("NNLIB_STATE", str(tmp_path))
    assert your_dense() == (Dense, "nnlib's")
    library.keep("Dense", "class Dense:\n    mine = True\n")
    yours, whose = your_dense()
    assert yours.mine and whose == "your own"

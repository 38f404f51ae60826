"""Dropout and DropConnect: masks, their mean and variance, gradients, and whose random numbers they draw."""

from __future__ import annotations

import copy
import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Network
from nnlib.activations import Tanh
from nnlib.gradcheck import check_layer, check_network
from nnlib.layers import Dense, DropConnect, Dropout
from nnlib.losses import MSE

RATES = st.floats(0, 0.95)
X = np.random.default_rng(0).normal(size=(6, 3))
MAKE = {
    "dropout": lambda q, rng=None: Dropout(q, rng=rng),
    "dropconnect": lambda q, rng=None: DropConnect(3, 4, q, rng=rng),
}
both = pytest.mark.parametrize("make", MAKE.values(), ids=MAKE)


# -- what is computed -------------------------------------------------------------------------------------------------


def test_dropout_by_hand():
    dropout = Dropout(0.75)
    dropout.mask = [[1, 0], [0, 1]]
    assert dropout.forward(np.array([[1.0, 2.0], [3.0, 4.0]]), training=True).tolist() == [[4, 0], [0, 16]]
    assert dropout.backward(np.array([[1.0, 1.0], [1.0, 2.0]])).tolist() == [[4, 0], [0, 8]]


def test_dropconnect_by_hand():
    layer = DropConnect(2, 2, 0.5)
    layer.W[:], layer.b[:] = [[1, 2], [3, 4]], [10, 20]
    layer.mask = [[1, 0], [1, 1]]
    assert layer.forward(np.array([[1.0, 1.0]]), training=True).tolist() == [[10 + 2 + 6, 20 + 8]]
    assert layer.backward(np.array([[1.0, 1.0]])).tolist() == [[2, 6 + 8]]
    assert layer.dW.tolist() == [[2, 0], [2, 2]]
    assert layer.db.tolist() == [1, 1]


@given(st.integers(0, 100), RATES)
def test_dropconnect_is_dense_with_a_thinned_w(seed, q):
    layer, dense = DropConnect(3, 4, q, rng=seed), Dense(3, 4)
    z = layer.forward(X, training=True)
    dense.W[:], dense.b[:] = layer.W * layer.mask / (1 - q), layer.b
    np.testing.assert_allclose(z, dense.forward(X), rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(layer.forward(X), X @ layer.W + layer.b, rtol=1e-15)


@both
def test_evaluation_drops_nothing_and_draws_nothing(make):
    layer, twin = make(0.9, rng=3), make(0.9, rng=3)
    expected = X if isinstance(layer, Dropout) else X @ layer.W
    for _ in range(3):
        np.testing.assert_array_equal(layer.forward(X), expected)
    assert layer.mask is None
    layer.forward(X, training=True)
    twin.forward(X, training=True)
    np.testing.assert_array_equal(layer.mask, twin.mask)


@both
def test_a_rate_of_zero_drops_nothing(make):
    layer = make(0.0)
    np.testing.assert_array_equal(layer.forward(X, training=True), layer.forward(X))


@pytest.mark.parametrize("q", [0.1, 0.5, 0.8])
def test_mean_and_variance_by_enumeration(q):
    """Over all 8 masks of 3 entries, with their probabilities: mean a and variance a^2 q / (1 - q)."""
    a, dropout = np.array([[1.0, -2.0, 3.0]]), Dropout(q)
    outputs, chances = [], []
    for mask in itertools.product([0, 1], repeat=3):
        dropout.mask = [mask]
        outputs.append(dropout.forward(a, training=True)[0])
        chances.append(np.prod([1 - q if kept else q for kept in mask]))
    mean = np.average(outputs, axis=0, weights=chances)
    np.testing.assert_allclose(mean, a[0], rtol=1e-13)
    variance = np.average((outputs - mean) ** 2, axis=0, weights=chances)
    np.testing.assert_allclose(variance, a[0] ** 2 * q / (1 - q), rtol=1e-12)


@both
@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_the_rate_is_the_rate_of_dropping(make, q):
    """40,000 draws: the share that is dropped is q up to 5 standard errors."""
    layer = Dropout(q, rng=0) if isinstance(make(q), Dropout) else DropConnect(200, 200, q, rng=0)
    layer.forward(np.ones((200, 200)), training=True)
    assert abs((layer.mask == 0).mean() - q) < 5 * np.sqrt(q * (1 - q) / 40_000)


def test_the_mask_is_one_uniform_number_per_entry():
    dropout = Dropout(0.3, rng=np.random.default_rng(5))
    dropout.forward(X, training=True)
    np.testing.assert_array_equal(dropout.mask, np.random.default_rng(5).random(X.shape, dtype=np.float32) < 1 - 0.3)


# -- gradients --------------------------------------------------------------------------------------------------------


@both
@given(q=RATES, training=st.booleans(), fixed=st.booleans())
def test_gradients(make, q, training, fixed):
    layer = make(q, rng=1)
    if fixed:
        shape = X.shape if isinstance(layer, Dropout) else (3, 4)
        layer.mask = np.random.default_rng(2).random(shape) < 0.5
    report = check_layer(layer, X, training=training)
    assert report, str(report)


def test_a_network_with_both_passes_its_check():
    net = Network([DropConnect(3, 5, 0.3), Tanh(), Dropout(0.5), Dense(5, 2)], loss=MSE(), rng=0)
    report = check_network(net, X, np.ones((6, 2)))
    assert report, str(report)


@both
def test_backward_uses_the_mask_of_its_forward_pass(make):
    layer = make(0.5, rng=0)
    layer.forward(X, training=True)
    dy = np.ones((6, 3 if isinstance(layer, Dropout) else 4))
    first = layer.backward(dy)
    drawn = layer.mask.copy()
    layer.mask = 1 - drawn  # for the next pass; the backward pass still belongs to the last one
    np.testing.assert_array_equal(layer.backward(dy), first)
    layer.mask = None
    np.testing.assert_array_equal(layer.backward(dy), first)
    layer.forward(X)
    assert not np.array_equal(layer.backward(dy), first)


# -- masks that are set -----------------------------------------------------------------------------------------------


@both
def test_a_mask_that_is_set_is_used_until_none_is_set(make):
    layer, twin = make(0.5, rng=0), make(0.5, rng=0)
    layer.forward(X, training=True)
    twin.forward(X, training=True)
    fixed = 1 - layer.mask
    layer.mask = fixed
    for _ in range(3):
        layer.forward(X, training=True)
        np.testing.assert_array_equal(layer.mask, fixed)
    layer.mask = None
    assert layer.mask is None
    for _ in range(2):  # nothing was drawn in between: the sequence goes on where it was
        layer.forward(X, training=True)
        twin.forward(X, training=True)
        np.testing.assert_array_equal(layer.mask, twin.mask)


@both
def test_a_mask_is_copied(make):
    layer = make(0.5)
    mask = np.ones(X.shape if isinstance(layer, Dropout) else (3, 4), bool)
    layer.mask = mask
    expected = layer.forward(X, training=True)
    mask[:] = 0
    np.testing.assert_array_equal(layer.forward(X, training=True), expected)


@both
def test_each_pass_draws_anew(make):
    layer = make(0.5, rng=0)
    layer.forward(X, training=True)
    first = layer.mask.copy()
    layer.forward(X, training=True)
    assert not np.array_equal(layer.mask, first)


# -- random numbers ---------------------------------------------------------------------------------------------------


@both
def test_seeds_decide(make):
    def masks(layer):
        return [layer.forward(X, training=True).tolist() for _ in range(3)]

    assert masks(make(0.5, rng=7)) == masks(make(0.5, rng=7))
    assert masks(make(0.5, rng=7)) == masks(make(0.5, rng=np.random.default_rng(7)))
    assert masks(make(0.5, rng=7)) != masks(make(0.5, rng=8))
    assert masks(make(0.5)) != masks(make(0.5))


@both
def test_masks_after_a_reset_do_not_depend_on_what_others_draw(make):
    masks = []
    for others in (0, 100):
        layer, rng = make(0.5), np.random.default_rng(3)
        layer.reset(rng)
        rng.random(others)
        layer.forward(X, training=True)
        masks.append(layer.mask)
    np.testing.assert_array_equal(*masks)


@both
def test_a_copy_draws_the_same_numbers_and_its_own(make):
    layer = make(0.5, rng=0)
    twin = copy.deepcopy(layer)
    for _ in range(2):
        np.testing.assert_array_equal(layer.forward(X, training=True), twin.forward(X, training=True))


def test_the_global_random_state_is_left_alone():
    state = np.random.get_state()[1].copy()  # noqa: NPY002
    for make in MAKE.values():
        make(0.5).forward(X, training=True)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_dropout_does_not_change_the_weights_that_a_seed_gives():
    plain = Network([Dense(3, 4), Tanh(), Dense(4, 1)], rng=5)
    thinned = Network([Dense(3, 4), Tanh(), Dropout(0.5), Dense(4, 1)], rng=5)
    np.testing.assert_array_equal(plain.theta, thinned.theta)


def test_layers_of_one_network_draw_different_masks():
    net = Network([Dropout(0.5), Dropout(0.5)], rng=0)
    net.forward(np.ones((10, 10)), training=True)
    assert not np.array_equal(net.layers[0].mask, net.layers[1].mask)
    again = Network([Dropout(0.5), Dropout(0.5)], rng=0)
    again.forward(np.ones((10, 10)), training=True)
    np.testing.assert_array_equal(net.layers[1].mask, again.layers[1].mask)


# -- kinds of numbers, errors -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_dropout_keeps_the_dtype(dtype):
    dropout = Dropout(0.3, rng=0)
    assert dropout.forward(X.astype(dtype), training=True).dtype == dtype
    assert dropout.backward(X.astype(dtype)).dtype == dtype


def test_a_network_in_float32_stays_there():
    net = Network([DropConnect(3, 5, 0.3), Dropout(0.5), Dense(5, 2)], loss=MSE(), rng=0, dtype=np.float32)
    y_hat = net.forward(X, training=True)
    assert y_hat.dtype == net.backward(y_hat).dtype == np.float32


@both
def test_integers_lists_strides_and_read_only_arrays(make):
    whole = np.arange(36).reshape(6, 6)
    whole.flags.writeable = False
    x = whole[:, ::2]
    layer = make(0.5, rng=0)
    layer.mask = np.ones((6, 3) if isinstance(layer, Dropout) else (3, 4))
    expected = layer.forward(x.astype(float), training=True)
    np.testing.assert_array_equal(layer.forward(x, training=True), expected)
    np.testing.assert_array_equal(layer.forward(x.tolist(), training=True), expected)
    layer.backward(np.ones(expected.shape, int).tolist())


@both
def test_arguments_stay_as_they_are(make):
    layer = make(0.5, rng=0)
    x, dy = X.copy(), np.ones((6, 3 if isinstance(layer, Dropout) else 4))
    for training in (True, False):
        layer.forward(x, training=training)
        layer.backward(dy)
    np.testing.assert_array_equal(x, X)
    assert (dy == 1).all()


def test_reprs():
    assert repr(Dropout(0.5)) == "Dropout(0.5)"
    assert repr(DropConnect(3, 4, 0.5)) == "DropConnect(3, 4, 0.5)"


@pytest.mark.parametrize("q", [1.0, -0.1, 1.5, float("nan"), float("inf")])
@pytest.mark.parametrize("make", [lambda q: Dropout(q), lambda q: DropConnect(3, 4, q)])
def test_rates_out_of_range(make, q):
    with pytest.raises(ValueError, match=rf"(Dropout|DropConnect): rate must be in \[0, 1\), got {q}"):
        make(q)


def masked(layer, mask, x):
    layer.mask = mask
    return layer.forward(x, training=True)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: masked(Dropout(0.5), [[0.5, 1, 0]], X), ValueError, r"Dropout\(0\.5\): a mask holds only 0, for what"),
        (lambda: masked(Dropout(0.5), np.ones(3), X), ValueError, r"set has shape \(3,\), but \(6, 3\) is needed here"),
        (lambda: masked(DropConnect(3, 4, 0.5), np.ones((6, 3)), X), ValueError, r"\(6, 3\), but \(3, 4\) is needed"),
        (lambda: Dropout(0.5).forward([["a"]], training=True), TypeError, "expected an array of numbers, got dtype"),
        (lambda: DropConnect(3, 4, 0.5).forward(np.ones((2, 5))), ValueError, r"DropConnect\(3, 4, 0\.5\): expected"),
        (lambda: DropConnect(0, 4, 0.5), ValueError, "DropConnect: n_in and n_out must be at least 1, got 0 and 4"),
        (lambda: Dropout(0.5).backward(X), RuntimeError, r"Dropout\(0\.5\): backward needs a forward pass before it"),
        (lambda: DropConnect(3, 4, 0.5).backward(X), RuntimeError, "backward needs a forward pass before it"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


@both
def test_dy_has_the_shape_of_the_output(make):
    layer = make(0.5)
    layer.forward(X, training=True)
    with pytest.raises(ValueError, match="expected dy of the output's shape"):
        layer.backward(np.ones((6, 2)))

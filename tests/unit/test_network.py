"""One vector of parameters, views that stay views, a learner's own layers, and files."""

from __future__ import annotations

import copy
import io
import json
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Network, storage
from nnlib.activations import Identity, ReLU, Sigmoid, Softmax, Tanh
from nnlib.gradcheck import check_network, complex_grad
from nnlib.layers import Dense
from nnlib.losses import MSE, SoftmaxCrossEntropy
from nnlib.numerics import softmax
from nnlib.optimizers import SGD, Adam
from nnlib.preprocessing import Standardizer
from nnlib.training import fit

RNG = np.random.default_rng(0)
X, LABELS, Y = RNG.normal(size=(8, 3)), RNG.integers(0, 2, 8), RNG.normal(size=(8, 2))


def make(loss=None, rng=0, **options):
    return Network([Dense(3, 5), Tanh(), Dense(5, 2)], loss=loss or SoftmaxCrossEntropy(), rng=rng, **options)


def holds_views(net):
    """Whether each parameter and gradient lies at its own place in theta and grad, and together they fill them."""
    names = [(i, name) for i, layer in enumerate(net.layers) for name in getattr(layer, "shapes", {})]
    for flat, prefix in ((net.theta, ""), (net.grad, "d")):
        pieces = [getattr(net.layers[i], prefix + name) for i, name in names]
        assert all(np.shares_memory(piece, flat) for piece in pieces)
        flat[:] = np.arange(flat.size)
        np.testing.assert_array_equal(np.concatenate([piece.ravel() for piece in pieces]), np.arange(flat.size))
    return True


class Scale:
    """A learner's own layer: y = x * s, with the gradient bound to a new array each time."""

    def __init__(self, n):
        self.n = n
        self.shapes = {"s": (n,)}
        self.s = np.full(n, 2.0)

    def forward(self, x, *, training=False):
        self.x = x
        return x * self.s

    def backward(self, dy):
        self.ds = (dy * self.x).sum(axis=0)
        return dy * self.s


# -- forward, backward ------------------------------------------------------------------------------------------------


def test_forward_is_the_layers_in_turn():
    net = make()
    first, _, last = net.layers
    np.testing.assert_allclose(net.forward(X), np.tanh(X @ first.W + first.b) @ last.W + last.b, rtol=1e-14)


@given(
    st.integers(0, 100),
    st.integers(1, 5),
    st.lists(st.integers(1, 4), min_size=2, max_size=4),
    st.sampled_from([ReLU, Tanh, Sigmoid, Softmax, Identity]),
    st.sampled_from([MSE, SoftmaxCrossEntropy]),
)
def test_gradients_of_any_net(seed, B, widths, activation, loss):
    rng = np.random.default_rng(seed)
    layers = [layer for pair in zip(widths, widths[1:], strict=False) for layer in (Dense(*pair), activation())]
    net = Network(layers, loss=loss(), rng=seed)
    # biases away from zero keep ReLU away from its kink
    net.theta = net.theta + rng.uniform(0.1, 0.2, net.theta.size)
    y = rng.normal(size=(B, widths[-1])) if loss is MSE else rng.integers(0, widths[-1], B)
    report = check_network(net, rng.normal(size=(B, widths[0])), y)
    assert report, str(report)


def test_backward_returns_the_gradient_at_the_input():
    net, dy = make(), RNG.normal(size=(8, 2))
    net.forward(X)
    dX = net.backward(dy)
    np.testing.assert_allclose(dX, complex_grad(lambda X: (dy * net.forward(X)).sum(), X), rtol=1e-12)


def test_loss_and_grad_is_forward_loss_backward():
    net = make()
    value, grad = net.loss_and_grad(X, LABELS)
    grad = grad.copy()
    y_hat = net.forward(X, training=True)
    assert value == net.loss.value(y_hat, LABELS)
    net.backward(net.loss.grad(y_hat, LABELS))
    np.testing.assert_allclose(grad, net.grad, rtol=1e-14)
    assert net.loss_and_grad(X, LABELS)[1] is net.grad


def test_training_flag_reaches_the_layers():
    seen = []

    class Spy(Identity):
        def forward(self, x, *, training=False):
            seen.append(training)
            return super().forward(x)

    net = Network([Spy(), Dense(3, 2)], loss=MSE())
    net.forward(X)
    net.forward(X, training=True)
    net.predict(X)
    net.loss_and_grad(X, Y)
    assert seen == [False, True, False, True]


@given(st.sampled_from([np.float32, np.float64]), st.sampled_from([np.float32, np.float64, np.int64]))
def test_one_dtype_all_the_way(dtype, given_dtype):
    net = make(dtype=dtype)
    value, grad = net.loss_and_grad(X.astype(given_dtype), LABELS)
    assert type(value) is float
    found = (net.theta, grad, net.predict(X), net.predict_proba(X), net.layers[0].W, net.layers[2].db)
    kinds = {array.dtype for array in found}
    assert kinds == {np.dtype(dtype)}
    optimizer = Adam(1e-3)
    optimizer.step(net.theta, grad)
    assert optimizer.m.dtype == net.layers[1].a.dtype == dtype


def test_inputs_stay_as_they_are():
    kept = X.copy(), LABELS.copy()
    make().loss_and_grad(X, LABELS)
    np.testing.assert_array_equal(X, kept[0])
    np.testing.assert_array_equal(LABELS, kept[1])


def test_rng_none_keeps_the_weights_and_a_seed_draws_new_ones():
    dense = Dense(3, 2, rng=7)
    W = dense.W.copy()
    np.testing.assert_array_equal(Network([dense]).layers[0].W, W)
    assert not np.array_equal(Network([dense], rng=0).layers[0].W, W)
    np.testing.assert_array_equal(make(rng=3).theta, make(rng=np.random.default_rng(3)).theta)
    assert not np.array_equal(make(rng=3).theta, make(rng=4).theta)


# -- predictions ------------------------------------------------------------------------------------------------------


def test_predictions():
    net = make()
    logits = net.predict(X)
    np.testing.assert_allclose(net.predict_proba(X), softmax(logits))
    np.testing.assert_array_equal(net.predict_classes(X), logits.argmax(axis=1))
    assert make(MSE()).predict_classes(X).shape == (8,)


def test_one_output_is_a_probability():
    class Logistic(MSE):
        def probabilities(self, y_hat):
            return 1 / (1 + np.exp(-y_hat))

    net = Network([Dense(3, 1)], loss=Logistic(), rng=0)
    classes = net.predict_classes(X)
    assert classes.shape == (8,)
    np.testing.assert_array_equal(classes, (net.predict(X)[:, 0] >= 0).astype(int))


def test_named_parameters_and_summary():
    net = make()
    assert [(name, p.shape) for name, p in net.named_parameters()] == [
        ("0.W", (3, 5)), ("0.b", (5,)), ("2.W", (5, 2)), ("2.b", (2,)),
    ]  # fmt: skip
    np.testing.assert_array_equal(np.concatenate([p.ravel() for _, p in net.named_parameters()]), net.theta)
    lines = net.summary().splitlines()
    assert len(lines) == 5
    assert lines[-1].split() == ["total", "32"]
    assert "Dense(3, 5)" in lines[1]


# -- views ------------------------------------------------------------------------------------------------------------


def stepped(net):
    SGD(0.1).step(net.theta, net.loss_and_grad(X, LABELS)[1])
    return net


def assigned(net):
    net.theta = net.theta - 0.1 * net.loss_and_grad(X, LABELS)[1]
    return net


def pickled(net):
    return pickle.loads(pickle.dumps(net))


def trained(net):
    fit(net, X, LABELS, optimizer=SGD(0.1), epochs=2, batch_size=3, progress=False)
    return net


@pytest.mark.parametrize(
    "treatment",
    [lambda net: net, stepped, assigned, trained, copy.deepcopy, pickled],
    ids=["new", "step", "assign", "fit", "deepcopy", "pickle"],
)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_layers_hold_views(treatment, dtype):
    net = treatment(make(dtype=dtype))
    assert net.theta.flags.c_contiguous
    assert net.grad.flags.c_contiguous
    assert holds_views(net)


@pytest.mark.parametrize("twin", [copy.deepcopy, pickled], ids=["deepcopy", "pickle"])
def test_a_copy_is_the_same_and_is_its_own(twin):
    net = stepped(make())
    other = twin(net)
    np.testing.assert_array_equal(other.predict(X), net.predict(X))
    kept = net.theta.copy()
    stepped(other)
    np.testing.assert_array_equal(net.theta, kept)
    assert not np.array_equal(other.theta, kept)


@pytest.mark.parametrize("act", ["forward", "theta", "copy", "named"])
def test_weights_that_the_learner_binds_are_taken_over(act):
    net, W = make(), RNG.normal(size=(3, 5))
    net.layers[0].W = W
    if act == "forward":
        net.forward(X)
    elif act == "copy":
        net = copy.deepcopy(net)
    elif act == "named":
        np.testing.assert_array_equal(dict(net.named_parameters())["0.W"], W)
    np.testing.assert_array_equal(net.theta[:15], W.ravel())
    assert holds_views(net)


def test_binding_a_wrong_shape_is_told():
    net = make()
    net.layers[0].W = np.ones((5, 3))
    with pytest.raises(ValueError, match=r"Dense\(3, 5\): W must have shape \(3, 5\), got \(5, 3\)"):
        net.forward(X)


def test_a_learners_own_layer_trains():
    net = Network([Dense(3, 4), Scale(4), Tanh(), Dense(4, 2)], loss=SoftmaxCrossEntropy(), rng=0)
    report = check_network(net, X, LABELS)
    assert report, str(report)
    before, value = net.layers[1].s.copy(), net.loss_and_grad(X, LABELS)[0]
    fit(net, X, LABELS, optimizer=SGD(0.1), epochs=30, batch_size=4, progress=False, rng=0)
    assert net.loss_and_grad(X, LABELS)[0] < value
    assert not np.array_equal(net.layers[1].s, before)
    assert holds_views(net)


def test_a_learners_own_layer_may_come_first():
    net = Network([Scale(3), Dense(3, 2)], loss=MSE(), rng=0)
    assert check_network(net, X, Y)


# -- errors -----------------------------------------------------------------------------------------------------------

TWICE = ReLU()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: Network([]), ValueError, "Network: give at least one layer"),
        (lambda: Network([Dense(2, 2), ReLU]), TypeError, r"layer 1 is the class ReLU; make one: ReLU\(\.\.\.\)"),
        (lambda: Network([np.tanh]), TypeError, "layer 0 needs the methods forward and backward, got <ufunc 'tanh'>"),
        (lambda: Network([TWICE, Dense(2, 2), TWICE]), ValueError, r"layer 2, ReLU\(\), is used twice; make a second"),
        (lambda: make(dtype=int), TypeError, "dtype must be float32 or float64, got int64"),
        (lambda: Network([Dense(3, 2)]).loss_and_grad(X, Y), RuntimeError, "there is no loss; give one"),
        (lambda: make(MSE()).predict_proba(X), TypeError, r"its loss is MSE\(\), not on classes"),
        (lambda: make().forward(X[:, :2]), ValueError, r"Dense\(3, 5\): expected input .*, got \(8, 2\)"),
        (lambda: make().forward([["1", "2", "3"]]), TypeError, "expected an array of numbers, got dtype <U1"),
        (lambda: make().predict([[None, 1, 2]]), TypeError, "expected an array of numbers, got dtype object"),
        (lambda: make().predict_classes(X * np.nan), ValueError, "an output is NaN, so no class has the largest"),
        (lambda: make().backward(Y), RuntimeError, "backward needs a forward pass before it"),
        (lambda: setattr(make(), "theta", np.ones(3)), ValueError, "could not broadcast"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- files ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("loss", [MSE(), SoftmaxCrossEntropy()])
def test_saved_and_loaded(tmp_path, dtype, loss):
    first, second = Dense(3, 4, init="xavier"), Dense(4, 4, bias=False)
    net = Network(
        [first, ReLU(), second, Sigmoid(), Tanh(), Identity(), Dense(4, 2), Softmax()], loss=loss, dtype=dtype, rng=1
    )
    net.save(tmp_path / "net.npz")
    other = Network.load(tmp_path / "net.npz")
    np.testing.assert_array_equal(other.predict(X), net.predict(X))
    assert other.dtype == net.theta.dtype == dtype
    assert repr(other) == repr(net)
    assert other.layers[0].init == "xavier"
    assert other.preprocessing is None
    assert holds_views(other)
    assert [path.name for path in tmp_path.iterdir()] == ["net.npz"]


def test_preprocessing_travels_along(tmp_path):
    scaler, path = Standardizer().fit(X), tmp_path / "net"
    make().save(path, preprocessing=scaler)
    net = Network.load(path)
    np.testing.assert_array_equal(net.preprocessing.transform(X), scaler.transform(X))
    net.save(path)
    np.testing.assert_array_equal(Network.load(path).preprocessing.mean, scaler.mean)


def test_an_own_layer_is_handed_to_load_by_name(tmp_path):
    net = Network([Scale(3), Dense(3, 2, init=lambda shape, rng: np.ones(shape))])
    net.save(tmp_path / "net.npz")
    np.testing.assert_array_equal(Network.load(tmp_path / "net.npz", Scale=Scale).predict(X), net.predict(X))
    with pytest.raises(ValueError, match=r"the class Scale is not known; .* Network\.load\(path, Scale=Scale\)"):
        Network.load(tmp_path / "net.npz")


def test_an_argument_that_is_not_kept_cannot_be_saved(tmp_path):
    class Forgetful(Scale):
        def __init__(self, width):
            super().__init__(width)

    with pytest.raises(TypeError, match=r"Forgetful takes the argument width .* self\.width = width"):
        Network([Forgetful(3)]).save(tmp_path / "net.npz")


def test_a_save_that_fails_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "net.npz"
    net = make()
    net.save(path)
    before = path.read_bytes()
    monkeypatch.setattr(storage, "_pack", lambda file, arrays: file.write(b"half") and 1 / 0)
    with pytest.raises(ZeroDivisionError):
        net.save(path)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_no_file(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no file .*net.npz"):
        Network.load(tmp_path / "net.npz")


def npy(array):
    """The bytes of a file with one array."""
    file = io.BytesIO()
    np.save(file, array)
    return file.getvalue()


def rewritten(path, change=None, **arrays):
    """Change the header or the arrays of a saved network."""
    with np.load(path) as file:
        content = dict(file) | arrays
    if change:
        content["header"] = np.array(json.dumps(change(json.loads(content["header"].item()))))
    np.savez(path, **{name: value for name, value in content.items() if value is not None})


def first_layer(**changes):
    def change(header):
        header["layers"][0] |= changes
        return header

    return change


@pytest.mark.parametrize(
    ("damage", "words"),
    [
        (lambda path: path.write_bytes(b""), "cannot be used as a saved network"),
        (lambda path: path.write_bytes(b"not a network at all"), "cannot be used as a saved network"),
        (lambda path: path.write_bytes(path.read_bytes()[:-40]), "cannot be used as a saved network"),
        (lambda path: path.write_bytes(path.read_bytes()[:60] + b"!!!!" + path.read_bytes()[64:]), "cannot be used"),
        (lambda path: path.write_bytes(pickle.dumps(print)), "cannot be used as a saved network"),
        (lambda path: path.write_bytes(npy(np.zeros(3))), "cannot be used as a saved network"),
        (lambda path: rewritten(path, theta=None), "theta"),
        (lambda path: rewritten(path, change=lambda h: {"kind": "checkpoint"}), "is a checkpoint, not a saved network"),
        (lambda path: rewritten(path, change=lambda h: [1, 2]), "cannot be used"),
        (lambda path: rewritten(path, change=lambda h: h | {"layers": 3}), "cannot be used"),
        (lambda path: rewritten(path, theta=np.zeros(31)), r"theta must have shape \(32,\), got \(31,\)"),
        (lambda path: rewritten(path, theta=np.zeros((32, 1))), r"theta must have shape \(32,\), got \(32, 1\)"),
        (lambda path: rewritten(path, theta=np.zeros(32, complex)), "dtype must be float32 or float64"),
        (lambda path: rewritten(path, change=first_layer(**{"class": "system"})), "the class system is not known"),
        (lambda path: rewritten(path, change=first_layer(**{"class": "__import__"})), "__import__ is not known"),
        (lambda path: rewritten(path, change=first_layer(arguments={"n_in": -1, "n_out": 2})), "at least 1"),
        (lambda path: rewritten(path, change=first_layer(arguments={"command": "rm"})), "unexpected keyword"),
    ],
)
def test_damaged_files_are_refused(tmp_path, damage, words):
    path = tmp_path / "net.npz"
    make().save(path)
    damage(path)
    with pytest.raises(ValueError, match=words):
        Network.load(path)


class Trap:
    def __reduce__(self):
        return (pytest.fail, ("code from the file was run",))


@pytest.mark.parametrize("name", ["theta", "header", "extra"])
def test_objects_in_a_file_are_never_unpickled(tmp_path, name):
    path = tmp_path / "net.npz"
    make().save(path)
    rewritten(path, **{name: np.array([Trap()], dtype=object)})
    with pytest.raises(ValueError, match="it holds Python objects, and those are never loaded"):
        Network.load(path)

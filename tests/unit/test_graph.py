"""Networks as graphs: any wiring, errors of the nodes, dropout of arrows, layers used by several nodes."""

from __future__ import annotations

import copy
import itertools
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Network
from nnlib.activations import Identity, ReLU, Softmax, Tanh
from nnlib.gradcheck import check_network, complex_grad, numeric_grad
from nnlib.graph import ACTIVATIONS, GraphNetwork
from nnlib.layers import BatchNorm, Dense
from nnlib.losses import MSE, SoftmaxCrossEntropy
from nnlib.optimizers import SGD, Adam
from nnlib.regularizers import L2
from nnlib.training import fit

RNG = np.random.default_rng(0)
X, Y = RNG.normal(size=(6, 2)), RNG.normal(size=(6, 2))


def skips(**options):
    """Two inputs, five neurons, arrows over several levels; node 4 is an output and feeds others."""
    options = {"loss": MSE(), "rng": 0} | options
    net = GraphNetwork(["x1", "x2"], **options)
    net.add("h1", ["x1", "x2"], "tanh").add("h2", ["x1", "h1"], "sigmoid", bias=False)
    net.add("h3", ["h1", "x2", "h2"], "swish").add("y1", ["h2", "h3"], "tanh").add("y2", ["h3", "y1", "x1"])
    return net.outputs(["y1", "y2"])


def random_graph(seed, q=0.0):
    """A graph of up to eight nodes, each with random parents among those before it, and random outputs."""
    rng = np.random.default_rng(seed)
    inputs = [f"x{i}" for i in range(rng.integers(1, 4))]
    net, names = GraphNetwork(inputs, loss=MSE(), rng=rng), list(inputs)
    for k in range(rng.integers(1, 9)):
        parents = rng.permutation(names)[: rng.integers(1, len(names) + 1)].tolist()
        activation = rng.choice(["identity", "swish", "tanh", "sigmoid"])
        net.add(f"h{k}", parents, str(activation), bias=bool(rng.integers(2)), q=q)
        names.append(f"h{k}")
    nodes = names[len(inputs) :]
    net.outputs(rng.permutation(nodes)[: rng.integers(1, len(nodes) + 1)].tolist())
    net.theta = rng.normal(size=net.theta.size)
    return net, rng.normal(size=(4, len(inputs))), rng.normal(size=(4, len(net.forward(np.zeros((1, len(inputs))))[0])))


# -- forward and backward ---------------------------------------------------------------------------------------------


def test_forward_written_out():
    net = GraphNetwork(2, rng=0).add("h", [0, 1], "tanh").add("y", ["h", 0], "sigmoid").outputs(["y", "h"])
    w0h, w1h, bh, why, w0y, by = net.theta
    h = np.tanh(w0h * X[:, 0] + w1h * X[:, 1] + bh)
    y = 1 / (1 + np.exp(-(why * h + w0y * X[:, 0] + by)))
    np.testing.assert_allclose(net.forward(X), np.column_stack([y, h]), rtol=1e-14)
    np.testing.assert_allclose(net.a["h"], h, rtol=1e-14)


@given(st.integers(0, 10_000))
def test_gradients_of_any_graph(seed):
    net, X, y = random_graph(seed)
    report = check_network(net, X, y)
    assert report, str(report)


@given(st.integers(0, 10_000))
def test_gradient_at_the_input_of_any_graph(seed):
    net, X, y = random_graph(seed)
    dX = (net.forward(X), net.backward(y))[1]
    np.testing.assert_allclose(dX, complex_grad(lambda X: (y * net.forward(X)).sum(), X), rtol=1e-10, atol=1e-12)


@given(st.integers(0, 10_000))
def test_errors_give_the_gradients(seed):
    """dL/dw = sum_i delta_k a_l and dL/db = sum_i delta_k."""
    net, X, y = random_graph(seed)
    net.loss_and_grad(X, y)
    for place, i in net.where.items():
        k = place[1] if isinstance(place, tuple) else place
        expected = net.delta[k] @ net.a[place[0]] if isinstance(place, tuple) else net.delta[k].sum()
        assert net.grad[i] == pytest.approx(expected, rel=1e-12, abs=1e-14)


def test_a_linear_graph_is_a_sum_over_paths():
    arrows = {("x", "a"): 2.0, ("x", "b"): 3.0, ("a", "b"): 5.0, ("a", "c"): 7.0, ("b", "c"): 11.0, ("x", "c"): 13.0}
    net = GraphNetwork(["x"])
    for k in "abc":
        net.add(k, [l for l, m in arrows if m == k])
    net.outputs(["c"])
    for place, w in arrows.items():
        net.theta[net.where[place]] = w
    assert net.forward([[1.0]]).item() == 13 + 2 * 7 + 3 * 11 + 2 * 5 * 11
    assert net.backward([[1.0]]).item() == 13 + 2 * 7 + 3 * 11 + 2 * 5 * 11
    assert {k: v.item() for k, v in net.delta.items()} == {"c": 1, "b": 11, "a": 7 + 5 * 11}


def test_an_output_that_feeds_others_gets_the_loss_directly_too():
    net = skips()
    net.loss_and_grad(X, Y)
    i = net.where["y1"]

    def loss(b):
        trial = copy.deepcopy(net)
        trial.theta[i] = b
        return trial.loss_and_grad(X, Y)[0]

    true = numeric_grad(loss, float(net.theta[i]))
    assert net.delta["y1"].sum() == pytest.approx(true, rel=1e-7)
    without = net.theta[net.where["y1", "y2"]] * net.delta["y2"] * (1 - net.a["y1"] ** 2)
    assert abs(without.sum() - true) > 0.01


def test_the_order_of_adding_does_not_matter():
    nodes = {"a": ["x"], "b": ["a", "x"], "c": ["b", "a"], "d": ["c", "x"]}
    rng = np.random.default_rng(3)
    weights = {(l, k): rng.normal() for k, parents in nodes.items() for l in parents} | {k: rng.normal() for k in nodes}
    found = []
    for order in itertools.permutations(nodes):
        net = GraphNetwork(["x"])
        for k in order:
            net.add(k, nodes[k], "tanh")
        net.outputs(["d", "b"])
        for place, w in weights.items():
            net.theta[net.where[place]] = w
        found.append((net.forward(X[:, :1]), net.backward(Y), [net.grad[net.where[place]] for place in weights]))
    for forward, backward, grads in found[1:]:
        np.testing.assert_array_equal(forward, found[0][0])
        np.testing.assert_allclose(backward, found[0][1], rtol=1e-13)
        np.testing.assert_allclose(grads, found[0][2], rtol=1e-13)


def test_a_second_backward_gives_the_same():
    net = skips()
    net.forward(X)
    first, grad = net.backward(Y), net.grad.copy()
    np.testing.assert_array_equal(net.backward(Y), first)
    np.testing.assert_array_equal(net.grad, grad)


def test_a_node_that_leads_nowhere_has_no_gradient():
    net = GraphNetwork(1, loss=MSE(), rng=0).add("h", [0], "tanh").add("lost", ["h"], "tanh").add("y", ["h"])
    net.outputs(["y", 0]).loss_and_grad(X[:, :1], Y)
    assert not net.delta["lost"].any()
    assert net.grad[net.where["h", "lost"]] == 0
    np.testing.assert_array_equal(net.predict(X[:, :1])[:, 1], X[:, 0])


def test_a_chain_of_ten_thousand_nodes():
    net = GraphNetwork(1, loss=MSE(), rng=0)
    for k in range(10_000):
        net.add(k + 1, [k])
    net.outputs([10_000])
    net.theta[[net.where[k, k + 1] for k in range(10_000)]] = 0.9999
    value, _ = net.loss_and_grad([[1.0], [2.0]], [[0.0], [0.0]])
    slope = 0.9999**10_000
    assert value == pytest.approx(2.5 * slope**2, rel=1e-10)
    np.testing.assert_allclose(net.delta[1], np.array([1, 2]) * slope**2 / 0.9999, rtol=1e-10)
    np.testing.assert_allclose(net.delta[10_000], np.array([1, 2]) * slope, rtol=1e-10)


# -- agreement with Network -------------------------------------------------------------------------------------------


def layered(widths, activation, loss, **options):
    """The same layered network twice: as a Network and as a graph, with equal weights."""
    pairs = list(itertools.pairwise(widths))
    layers = [layer for n in pairs for layer in (Dense(*n), ACTIVATIONS[activation]())]
    net, graph = Network(layers, loss=loss(), rng=0, **options), GraphNetwork(widths[0], loss=loss(), **options)
    before = list(range(widths[0]))
    for depth, n in enumerate(widths[1:]):
        names = [f"{depth}.{m}" for m in range(n)]
        for name in names:
            graph.add(name, before, activation)
        before = names
    graph.outputs(before)
    graph.theta[positions(graph, net)] = net.theta
    return net, graph


def positions(graph, net):
    """Where in the graph's theta each parameter of the network is."""
    names = [[l for l, _ in itertools.groupby(range(net.layers[0].n_in))]]
    names += [[f"{depth}.{m}" for m in range(dense.n_out)] for depth, dense in enumerate(net.layers[::2])]
    found = []
    for before, here in itertools.pairwise(names):
        found += [graph.where[l, k] for l in before for k in here] + [graph.where[k] for k in here]
    return found


@given(
    st.lists(st.integers(1, 4), min_size=2, max_size=4),
    st.sampled_from(sorted(ACTIVATIONS)),
    st.integers(1, 5),
    st.integers(0, 100),
)
def test_layered_graphs_are_networks(widths, activation, B, seed):
    net, graph = layered(widths, activation, MSE)
    rng = np.random.default_rng(seed)
    X, y = rng.normal(size=(B, widths[0])), rng.normal(size=(B, widths[-1]))
    np.testing.assert_allclose(graph.predict(X), net.predict(X), rtol=1e-12, atol=1e-12)
    value, grad = net.loss_and_grad(X, y)
    graph_value, graph_grad = graph.loss_and_grad(X, y)
    assert graph_value == pytest.approx(value, rel=1e-12)
    np.testing.assert_allclose(graph_grad[positions(graph, net)], grad, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(graph.backward(y), (net.forward(X), net.backward(y))[1], rtol=1e-12, atol=1e-12)


def test_both_are_trained_alike_by_fit():
    net, graph = layered([2, 5, 3], "tanh", SoftmaxCrossEntropy)
    labels = RNG.integers(0, 3, 6)
    options = {"epochs": 5, "batch_size": 4, "validation": (X, labels), "regularizer": L2(0.01), "progress": False}
    for trained in (net, graph):
        trained.history = fit(trained, X, labels, optimizer=Adam(0.05), rng=0, **options)
    np.testing.assert_allclose(graph.theta[positions(graph, net)], net.theta, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(graph.history.val_loss, net.history.val_loss, rtol=1e-12)
    np.testing.assert_array_equal(graph.predict_classes(X), net.predict_classes(X))
    np.testing.assert_allclose(graph.predict_proba(X), net.predict_proba(X), rtol=1e-12)


# -- dropout of arrows ------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.sampled_from([0.2, 0.5, 1.0]))
def test_gradients_with_dropped_arrows(seed, q):
    net, X, y = random_graph(seed, q)
    report = check_network(net, X, y)  # its copies draw the same masks
    assert report, str(report)
    net.loss_and_grad(X, y)
    for k, r in net.r.items():
        parents = [place[0] for place in net.where if isinstance(place, tuple) and place[1] == k]
        for l, r_lk in zip(parents, r, strict=True):
            assert r_lk in (0, 1)
            assert net.grad[net.where[l, k]] == pytest.approx(r_lk * net.delta[k] @ net.a[l], rel=1e-12, abs=1e-14)


def test_the_evaluation_pass_is_the_mean_over_all_masks():
    net = GraphNetwork(2, rng=0).add("y", [0, 1], q=[0.25, 0.5]).outputs(["y"])
    w0, w1, b = net.theta
    mean = 0
    for r0, r1 in itertools.product([0, 1], repeat=2):
        mean += (0.75 if r0 else 0.25) * 0.5 * (w0 * r0 * X[:, 0] + w1 * r1 * X[:, 1] + b)
    np.testing.assert_allclose(net.forward(X)[:, 0], mean, rtol=1e-14)


def test_how_often_arrows_are_kept():
    net = GraphNetwork(4, rng=0).add("y", range(4), q=[0, 0.25, 0.5, 1]).outputs(["y"])
    drawn = np.array([(net.forward(np.ones((3, 4)), training=True), net.r["y"])[1] for _ in range(2000)])
    np.testing.assert_allclose(drawn.mean(axis=0), [1, 0.75, 0.5, 0], atol=0.03)
    assert set(np.unique(drawn)) == {0, 1}
    assert abs(np.corrcoef(drawn[:, 1], drawn[:, 2])[0, 1]) < 0.06


def test_raw_masks_are_inverted_ones_for_weights_times_p():
    """The same outputs in both modes, and the same net after a step, with a learning rate p^2 as large."""
    p, lr, y = 0.6, 0.1, Y[:, :1]
    net = GraphNetwork(2, loss=MSE(), rng=0).add("y", [0, 1], bias=False, q=1 - p).outputs(["y"])
    w = p * net.theta
    np.testing.assert_allclose(net.forward(X)[:, 0], X @ w, rtol=1e-14)
    for _ in range(5):
        _, grad = net.loss_and_grad(X, y)
        r = net.r["y"]
        z = X @ (w * r / p)
        np.testing.assert_allclose(net.a["y"], z, rtol=1e-12)
        w = w - p**2 * lr * (r / p) * (X.T @ (2 * (z - y[:, 0]) / len(X)))
        SGD(lr).step(net.theta, grad)
        np.testing.assert_allclose(p * net.theta, w, rtol=1e-12)


def test_a_break_changes_nothing_even_with_dropout(tmp_path):
    options = {"batch_size": 2, "progress": False, "rng": 5}

    def make():
        net = GraphNetwork(2, loss=MSE(), rng=1).add("h", [0, 1], "tanh", q=0.5).add("y", ["h", 0], q=0.3)
        return net.outputs(["y"])

    whole, half = make(), make()
    fit(whole, X, Y[:, :1], optimizer=Adam(0.1), epochs=4, **options)
    fit(half, X, Y[:, :1], optimizer=Adam(0.1), epochs=2, checkpoint=tmp_path / "half.npz", **options)
    other = make()
    fit(other, X, Y[:, :1], optimizer=Adam(0.1), epochs=4, checkpoint=tmp_path / "half.npz", **options)
    np.testing.assert_array_equal(other.theta, whole.theta)


# -- layers as activations --------------------------------------------------------------------------------------------


class Slope:
    """A learner's activation with a parameter, a = s z; its gradient is bound to a new array, or written in place."""

    def __init__(self, in_place=False):
        self.shapes = {"s": (1,)}
        self.s, self.ds = np.array([0.5]), np.zeros(1)
        self.in_place = in_place

    def forward(self, x, *, training=False):
        self.x = x
        return x * self.s

    def backward(self, dy):
        ds = (dy * self.x).sum(axis=0)
        if self.in_place:
            self.ds[:] = ds
        else:
            self.ds = ds
        return dy * self.s


@pytest.mark.parametrize("in_place", [False, True])
def test_a_layer_on_several_paths_adds_its_gradients(in_place):
    slope = Slope(in_place)
    net = GraphNetwork(2, loss=MSE(), rng=0).add("a", [0, 1], slope).add("b", ["a", 1], slope)
    net.add("c", ["a", "b"], slope).outputs(["c", "a"])
    assert net.theta.size == 9 + 1
    for _ in range(2):
        report = check_network(net, X, Y)
        assert report, str(report)
        SGD(0.1).step(net.theta, net.loss_and_grad(X, Y)[1])
        assert slope.ds == net.grad[-1] != 0
        assert np.shares_memory(slope.s, net.theta)
    slope.s = np.array([3.0])
    assert net.theta[-1] == 3
    assert check_network(copy.deepcopy(net), X, Y)


def test_one_activation_object_serves_many_nodes():
    def make(give):
        net = GraphNetwork(2, loss=MSE(), rng=0).add("a", [0, 1], give()).add("b", ["a", 1], give())
        return net.add("c", ["a", "b"], give()).outputs(["c", "b"])

    tanh = Tanh()
    one, many = make(lambda: tanh), make(Tanh)
    np.testing.assert_array_equal(one.loss_and_grad(X, Y)[1], many.loss_and_grad(X, Y)[1])


def test_the_training_flag_reaches_the_activations():
    seen = []

    class Spy(Identity):
        def forward(self, x, *, training=False):
            seen.append(training)
            return super().forward(x)

    net = GraphNetwork(2, loss=MSE()).add("y", [0, 1], Spy()).outputs(["y"])
    net.forward(X)
    net.predict(X)
    net.loss_and_grad(X, Y[:, :1])
    assert seen == [False, False, True]


def test_batch_norm_as_an_activation():
    net = GraphNetwork(2, loss=MSE(), rng=0).add("h", [0, 1], BatchNorm(1)).add("y", ["h"], "tanh").outputs(["y"])
    report = check_network(net, X, Y[:, :1])
    assert report, str(report)
    assert net.grad.size == net.theta.size == 5 + 2


# -- a network like any other -----------------------------------------------------------------------------------------


def test_theta_and_grad_are_contiguous_and_where_covers_them():
    net = skips()
    assert net.theta.flags.c_contiguous
    assert net.grad.flags.c_contiguous
    assert sorted(net.where.values()) == list(range(net.theta.size)) == list(range(16))
    assert list(net.where)[:3] == [("x1", "h1"), ("x2", "h1"), "h1"]
    assert "h2" not in net.where  # it has no bias
    assert net.loss_and_grad(X, Y)[1] is net.grad


def pickled(net):
    return pickle.loads(pickle.dumps(net))


@pytest.mark.parametrize("twin", [copy.deepcopy, pickled])
def test_a_copy_is_the_same_and_is_its_own(twin):
    net = skips()
    net.loss_and_grad(X, Y)
    other, kept = twin(net), net.theta.copy()
    np.testing.assert_array_equal(other.predict(X), net.predict(X))
    SGD(0.1).step(other.theta, other.loss_and_grad(X, Y)[1])
    np.testing.assert_array_equal(net.theta, kept)
    assert not np.array_equal(other.predict(X), net.predict(X))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("given_dtype", [np.float16, np.float32, np.float64, np.int64])
def test_one_dtype_all_the_way(dtype, given_dtype):
    net = GraphNetwork(2, loss=MSE(), dtype=dtype, rng=0).add("h", [0, 1], "swish", q=0.5).add("y", ["h", 1], "tanh")
    value, grad = net.outputs(["y"]).loss_and_grad((4 * X).astype(given_dtype), Y[:, :1].astype(dtype))
    assert type(value) is float
    kinds = {array.dtype for array in (net.theta, grad, net.predict(X), net.a["h"], net.delta["h"], net.a["y"])}
    assert kinds == {np.dtype(dtype)}


def test_inputs_stay_as_they_are_and_may_be_anything_like_an_array():
    net, expected = skips(), skips().predict(X)
    frozen = X.copy()
    frozen.flags.writeable = False
    for given_X in (frozen, np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2], X.tolist()):
        np.testing.assert_array_equal(net.predict(given_X), expected)
        net.loss_and_grad(given_X, Y)
    dy = np.ones((6, 2))
    dy.flags.writeable = False
    net.backward(dy)
    np.testing.assert_array_equal(net.backward(dy.astype(int).tolist()), net.backward(dy))
    np.testing.assert_array_equal(frozen, X)
    assert net.forward(np.ones((0, 2))).shape == (0, 2)


def test_a_seed_makes_the_same_network_and_the_same_masks():
    grads = []
    for rng in (3, 3, np.random.default_rng(3), 4):
        net = GraphNetwork(2, loss=MSE(), rng=rng).add("h", [0, 1], "tanh", q=0.5).add("y", ["h", 0], q=0.5)
        net.outputs(["y"])
        grads.append([net.loss_and_grad(X, Y[:, :1])[1].copy() for _ in range(5)])
    np.testing.assert_array_equal(grads[0], grads[1])
    np.testing.assert_array_equal(grads[0], grads[2])
    assert not np.array_equal(grads[0], grads[3])


def test_named_parameters_fit_to_theta():
    net = skips()
    np.testing.assert_array_equal(np.concatenate([p.ravel() for _, p in net.named_parameters()]), net.theta)
    assert net.summary().splitlines()[-1].split() == ["total", "16"]
    assert repr(net) == "GraphNetwork(2 inputs, 5 nodes, 2 outputs)"


def test_a_penalty_leaves_the_biases_out():
    net = skips()
    net.theta = np.ones(16)
    penalised = np.flatnonzero(L2(0.5).grad(net)).tolist()
    assert penalised == sorted(i for place, i in net.where.items() if isinstance(place, tuple))


# -- errors -----------------------------------------------------------------------------------------------------------


def cyclic():
    net = GraphNetwork(["x"]).add("a", ["x", "c"]).add("b", ["a"]).add("c", ["b"]).add("y", ["c"])
    return net.outputs(["y"])


def test_a_cycle_is_refused_and_its_nodes_are_listed():
    with pytest.raises(ValueError, match="form a cycle") as caught:
        cyclic()
    named = str(caught.value).split("arrows ")[1].split(" form")[0].split(" -> ")
    assert named[0] == named[-1]
    assert set(named) == {"'a'", "'b'", "'c'"}
    following = {("'a'", "'b'"), ("'b'", "'c'"), ("'c'", "'a'")}
    assert set(itertools.pairwise(named)) == following
    with pytest.raises(ValueError, match="arrows 'a' -> 'a' form a cycle"):
        GraphNetwork(1).add("a", ["a"]).outputs(["a"])


def test_a_graph_that_was_refused_can_be_completed():
    net = GraphNetwork(1).add("y", [0, "h"])
    with pytest.raises(ValueError, match="'h' is used, but it is neither an input nor a node"):
        net.outputs(["y"])
    assert net.add("h", [0]).outputs(["y"]).forward([[1.0]]).shape == (1, 1)


def open_graph():
    return GraphNetwork(["x"], loss=MSE()).add("h", ["x"])


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: open_graph().add("h", ["x"]), ValueError, "there is a node 'h' already"),
        (lambda: open_graph().add("x", ["h"]), ValueError, "there is a node 'x' already"),
        (lambda: open_graph().add("y", ["x", "x"]), ValueError, r"parents of 'y' .* none twice, got \['x', 'x'\]"),
        (lambda: open_graph().add("y", []), ValueError, "parents of 'y' must be at least one name"),
        (lambda: open_graph().add("y", "x"), TypeError, "parents of 'y' must be a list of names, .* got 'x'"),
        (lambda: open_graph().add(("a", "b"), ["x"]), TypeError, "the node must be a list of names, text or integers"),
        (lambda: open_graph().add("y", ["x"], "tan"), ValueError, "unknown activation 'tan'; choose one of identity"),
        (lambda: open_graph().add("y", ["x"], Softmax()), ValueError, "take SoftmaxCrossEntropy as the loss instead"),
        (lambda: open_graph().add("y", ["x"], q=1.5), ValueError, r"q of 'y' must lie in \[0, 1\], one .*, got 1.5"),
        (lambda: open_graph().add("y", ["x"], q=np.nan), ValueError, "q of 'y' must lie in"),
        (lambda: open_graph().add("y", ["x", "h"], q=[0.5]), ValueError, r"one number or 2, got \[0.5\]"),
        (lambda: open_graph().add("y", ["x"], ReLU).outputs(["y"]), TypeError, "is the class ReLU; make one"),
        (lambda: open_graph().outputs(["z"]), ValueError, "'z' is used, but it is neither an input nor a node"),
        (lambda: open_graph().add("y", ["z"]).outputs(["y"]), ValueError, "'z' is used, but it is neither"),
        (lambda: open_graph().outputs([]), ValueError, "outputs must be at least one name"),
        (lambda: open_graph().outputs(["h", "h"]), ValueError, "none twice"),
        (lambda: open_graph().outputs("h"), TypeError, "outputs must be a list of names"),
        (lambda: open_graph().outputs(["h"]).add("y", ["h"]), RuntimeError, "are declared; add 'y' before that"),
        (lambda: open_graph().forward([[1.0]]), RuntimeError, "0 outputs.*: say first which nodes are the outputs"),
        (lambda: open_graph().loss_and_grad([[1.0]], [[1.0]]), RuntimeError, "say first which nodes are the outputs"),
        (lambda: open_graph().backward([[1.0]]), RuntimeError, "backward needs a forward pass before it"),
        (lambda: skips().backward(Y), RuntimeError, "backward needs a forward pass before it"),
        (lambda: (net := skips()).forward(X) is net.backward(Y[:, :1]), ValueError, r"shape \(6, 2\), got \(6, 1\)"),
        (lambda: skips().forward(X[:, :1]), ValueError, r"2 outputs\): expected input .* \(batch, 2\), got \(6, 1\)"),
        (lambda: skips().forward(X[0]), ValueError, "One sample is a batch of one"),
        (lambda: skips(loss=None).loss_and_grad(X, Y), RuntimeError, "there is no loss; give one, as in GraphNetwork"),
        (lambda: skips(dtype=int), TypeError, "dtype must be float32 or float64"),
        (lambda: skips().predict_proba(X), TypeError, "not on classes"),
        (lambda: skips().save("net.npz"), NotImplementedError, "a file cannot hold a graph"),
        (lambda: GraphNetwork(0), ValueError, "inputs must be at least one name"),
        (lambda: GraphNetwork("xy"), TypeError, "inputs must be a list of names"),
        (lambda: GraphNetwork([1.5]), TypeError, "text or integers"),
    ],
)  # fmt: skip
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()

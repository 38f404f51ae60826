"""Networks as directed acyclic graphs: neurons joined by arrows, in any pattern without a cycle. Home: chapter 07."""

import copy
import graphlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from nnlib import checks
from nnlib.activations import Identity, LeakyReLU, ReLU, Sigmoid, Softmax, Swish, Tanh
from nnlib.checks import require
from nnlib.initializers import Rng
from nnlib.layers import Dense
from nnlib.network import Network
from nnlib.numerics import floating

Name = str | int
ACTIVATIONS = {cls.__name__.lower(): cls for cls in (Identity, ReLU, LeakyReLU, Swish, Tanh, Sigmoid)}


class GraphNetwork(Network):
    """A network of single neurons: each has parents, inputs or other neurons, and a weight for each arrow from them.

    Forward, parents before children: z_k = sum_l w_lk a_l + b_k over the parents l of k, then a_k = phi_k(z_k).
    Backward, children before parents: delta_k = dL/dz_k = phi'_k(z_k) (direct_k + sum_m w_km delta_m) over the children
    m, where direct_k is the loss's own derivative at a_k: not 0 at outputs, also at those that feed others. Then
    dL/dw_lk = delta_k a_l and dL/db_k = delta_k, summed over the batch.

    `inputs` are names (text or integers), or their number n, for the names 0..n-1. Build it with `add`, finish it with
    `outputs`, and use and train it as a `Network`, which it is; only `save` is not possible. `where` tells the place in
    `theta` and `grad` of each weight, where["x", "h"] for the arrow from x to h, and each bias, where["h"]. After a
    pass `a` and `delta` hold a_k and delta_k of each node by name, (B,) each.

    Dropout of arrows: in training z_k = sum_l w_lk r_lk a_l + b_k with r_lk in {0, 1} drawn anew for each batch, 1 with
    probability p_lk = 1 - q_lk; otherwise p_lk stands for r_lk, which gives the mean of z_k. After a pass r[k] holds
    the factors that were used. Inverted dropout, as in `Dropout`, is the same function in both modes for the weights
    w' = p w; a step of SGD on w with learning rate lr is one on w' with p^2 lr.
    Source: Wan, Zeiler, Zhang, LeCun and Fergus, 2013.

    >>> net = GraphNetwork(["x"]).add("h", ["x"], "tanh").add("y", ["x", "h"]).outputs(["y"])
    >>> list(net.where)
    [('x', 'h'), 'h', ('x', 'y'), ('h', 'y'), 'y']
    >>> net.theta = [1.0, 0.0, 2.0, 3.0, 0.5]
    >>> net.forward(np.array([[0.0], [1.0]])).round(4).tolist()
    [[0.5], [4.7848]]
    >>> net.backward(np.array([[1.0], [1.0]])).round(4).tolist()
    [[5.0], [3.2599]]
    >>> net.delta["h"].round(4), net.grad[net.where["h", "y"]].round(4)
    (array([3.    , 1.2599]), np.float64(0.7616))
    """

    def __init__(self, inputs: int | Sequence[Name], *, loss: Any = None, dtype: Any = np.float64,
                 rng: Rng = None) -> None:
        super().__init__([Identity()], loss=loss, dtype=dtype)  # without parameters, until `outputs` is called
        self._inputs = _names("inputs", range(inputs) if isinstance(inputs, int) else inputs)
        self._outputs: list[Name] = []
        self._nodes: dict[Name, tuple[Any, ...]] = {}
        self.rng = np.random.default_rng(rng)
        self.where: dict[Name | tuple[Name, Name], int] = {}
        self.a: dict[Name, np.ndarray] = {}
        self.r: dict[Name, np.ndarray] = {}
        self.delta: dict[Name, np.ndarray] = {}

    def __repr__(self) -> str:
        return f"GraphNetwork({len(self._inputs)} inputs, {len(self._nodes)} nodes, {len(self._outputs)} outputs)"

    def add(self, name: Name, parents: Sequence[Name], activation: Any = "identity", bias: bool = True, *,
            q: Any = 0.0) -> Self:
        """Add a neuron, with weights drawn by `initializers.he`; a parent may be added later. Returns the network.

        `activation` is one of "identity", "relu", "leakyrelu", "swish", "tanh", "sigmoid", or an elementwise layer; one
        layer given to several nodes has its parameters once, and their gradients add up. q in [0, 1] is the drop rate
        of the arrows: a number, or one for each parent. Raises TypeError for what is no name, ValueError for a name or
        an arrow that is there already, RuntimeError after `outputs`.
        """
        require(not self._outputs, f"{self}: its outputs are declared; add {name!r} before that.", RuntimeError)
        _names("the node", [name])
        require(name not in [*self._inputs, *self._nodes], f"GraphNetwork: there is a node {name!r} already.")
        parents = _names(f"the parents of {name!r}", parents)
        dense = Dense(len(parents), 1, bias=bias, rng=self.rng)
        keep = _kept(name, q, len(parents)).astype(self.dtype)
        self._nodes[name] = name, parents, keep, dense, _phi(activation)
        for place in [*((l, name) for l in parents), *[name] * bias]:
            self.where[place] = len(self.where)
        return self

    def outputs(self, names: Sequence[Name]) -> Self:
        """Complete the graph: the columns of y_hat (B, K) are the nodes `names`, in this order.

        Raises ValueError for an unknown node, and for a cycle, whose nodes it lists.
        """
        names = _names("outputs", names)
        order = _sorted({name: parents for name, parents, *_ in self._nodes.values()})
        for name in [*order, *names]:
            if name not in self._nodes and name not in self._inputs:
                raise ValueError(f"GraphNetwork: {name!r} is used, but it is neither an input nor a node.")
        self._order = [self._nodes[name] for name in order if name in self._nodes]
        phis = {id(phi): phi for *_, phi in self._nodes.values()}
        denses = [dense for *_, dense, _ in self._nodes.values()]
        super().__init__([*denses, *phis.values()], loss=self.loss, dtype=self.dtype)
        self._outputs = names
        return self

    def forward(self, X: np.ndarray, *, training: bool = False) -> np.ndarray:
        """a_k of every node, parents before children: X (B, inputs) to the outputs (B, K)."""
        require(self._outputs, f"{self}: say first which nodes are the outputs: net.outputs([...]).", RuntimeError)
        self._adopt(self._parameters)
        X = checks.batch(self, X, len(self._inputs))
        X = X if X.dtype.kind == "c" else X.astype(self.dtype, copy=False)
        self.a = a = dict(zip(self._inputs, X.T, strict=True))
        self._phis = {}
        for k, parents, keep, dense, phi in self._order:
            self.r[k] = r = self.rng.random(len(keep)) < keep if training else keep
            z = dense.forward(np.array([a[l] for l in parents]).T * r)
            a[k] = phi.forward(z, training=training)[:, 0]
            self._phis[k] = copy.copy(phi)  # it keeps this pass, while phi may go on to another node
        return np.stack([a[k] for k in self._outputs], axis=1)

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill grad and delta, from dy (B, K) at the outputs; return the gradient at X, (B, inputs)."""
        if not self.a:
            raise RuntimeError(f"{self}: backward needs a forward pass before it; call forward(X) first.")
        dy = checks.upstream(self, floating(dy), (len(self.a[self._outputs[0]]), len(self._outputs)))
        da = {k: np.zeros(len(dy), dy.dtype) for k in self.a}
        for k, direct in zip(self._outputs, dy.T, strict=True):
            da[k] += direct
        totals: dict[tuple[int, str], Any] = {}
        for k, parents, _, dense, phi in reversed(self._order):
            delta = self._phis[k].backward(da[k][:, None])
            self.delta[k] = delta[:, 0]
            through = dense.backward(delta) * self.r[k]
            for l, da_l in zip(parents, through.T, strict=True):
                da[l] += da_l
            for name in getattr(phi, "shapes", ()):
                total = totals.get((id(phi), name), 0) + getattr(self._phis[k], "d" + name)
                totals[id(phi), name] = total
                setattr(phi, "d" + name, total)
        self._adopt(self._gradients)
        return np.stack([da[k] for k in self._inputs], axis=1)

    def loss_and_grad(self, X: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        """Loss of a training pass on the batch, and its gradient (M,) at theta, which is `grad` itself.

        Raises RuntimeError if the network has no loss.
        """
        if self.loss is None:
            raise RuntimeError("GraphNetwork: there is no loss; give one, as in GraphNetwork(inputs, loss=MSE()).")
        y_hat = self.forward(X, training=True)
        self.backward(self.loss.grad(y_hat, y))
        return self.loss.value(y_hat, y), self.grad

    def save(self, path: str | Path, preprocessing: Any = None) -> None:
        """Not possible. Keep theta, and the lines that build the graph. Raises NotImplementedError."""
        raise NotImplementedError("GraphNetwork: a file cannot hold a graph; save theta, and build the graph anew.")


def _names(what: str, names: Any) -> list[Name]:
    """The names as a list, after checking that they are names, at least one, and none twice."""
    names = names if isinstance(names, str) else list(names)
    if isinstance(names, str) or not all(isinstance(name, Name) for name in names):
        raise TypeError(f"GraphNetwork: {what} must be a list of names, text or integers, got {names!r}.")
    if not names or len(set(names)) < len(names):
        raise ValueError(f"GraphNetwork: {what} must be at least one name, and none twice, got {names}.")
    return names


def _kept(name: Name, q: Any, p: int) -> np.ndarray:
    """Probability of each of p arrows to be kept."""
    q = np.asarray(q, float)
    if q.shape not in ((), (p,)) or not ((q >= 0) & (q <= 1)).all():
        raise ValueError(f"GraphNetwork: q of {name!r} must lie in [0, 1], one number or {p}, got {q}.")
    return np.broadcast_to(1 - q, p)


def _phi(activation: Any) -> Any:
    """The activation of that name, or the layer itself."""
    if isinstance(activation, Softmax):
        raise ValueError("GraphNetwork: softmax couples several nodes; take SoftmaxCrossEntropy as the loss instead.")
    if not isinstance(activation, str):
        return activation
    if activation not in ACTIVATIONS:
        raise ValueError(f"GraphNetwork: unknown activation {activation!r}; choose one of {', '.join(ACTIVATIONS)}.")
    return ACTIVATIONS[activation]()


def _sorted(parents: dict[Name, list[Name]]) -> list[Name]:
    """Nodes and inputs, parents before children."""
    try:
        return list(graphlib.TopologicalSorter(parents).static_order())
    except graphlib.CycleError as error:
        cycle = " -> ".join(map(repr, error.args[1]))
        raise ValueError(f"GraphNetwork: the arrows {cycle} form a cycle, so that no node can come first.") from None

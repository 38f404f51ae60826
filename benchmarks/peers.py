"""The same training in each library, in the way that the library itself recommends, or a faster one.

Each peer has `reset()`, which goes back to the starting weights and is not timed, `run()`, which trains through all
epochs of the workload, and `parameters()`, what came out. Everybody knows the loss of each step when it is done, as
nnlib does to notice divergence; only the last two of JAX read nothing before the end.
"""

from __future__ import annotations

import importlib
import warnings
from typing import Any

import numpy as np
from workloads import SEED, Workload

from nnlib.optimizers import SGD, Adam
from nnlib.training import fit


class Nnlib:
    """`fit`; for single samples the loop that a learner writes first."""

    label, needs, own_order = "nnlib", "numpy", False

    def __init__(self, work: Workload) -> None:
        self.work, self.net = work, work.network()
        self.start = self.net.theta.copy()

    def reset(self) -> None:
        self.net.theta = self.start
        self.optimizer = Adam(self.work.lr) if self.work.classes else SGD(self.work.lr)

    def run(self) -> None:
        work, net, optimizer = self.work, self.net, self.optimizer
        if work.batch_size > 1:
            options = {"epochs": work.epochs, "batch_size": work.batch_size, "progress": False, "rng": SEED}
            fit(net, work.X, work.y, optimizer=optimizer, **options)
            return
        for i in range(len(work.X)):
            _, grad = net.loss_and_grad(work.X[i : i + 1], work.y[i : i + 1])
            optimizer.step(net.theta, grad)

    def parameters(self) -> list[np.ndarray]:
        return [p for _, p in self.net.named_parameters()]


class Gemm:
    """Not a peer but the floor: the matrix products of forward pass, dW and dX, and nothing else."""

    label, needs = "matrix products alone", "numpy"

    def __init__(self, work: Workload) -> None:
        self.W = work.weights()[::2]
        self.sizes = [len(batch) for batch in work.batches()]
        rng = np.random.default_rng(0)

        def arrays(B: int) -> list[np.ndarray]:
            return [rng.normal(size=(B, n)).astype(np.float32) for n in work.widths]

        self.a = {B: arrays(B) for B in set(self.sizes)}
        self.da = {B: arrays(B) for B in set(self.sizes)}
        self.out = {B: arrays(B) for B in set(self.sizes)}
        self.dW = [np.empty_like(W) for W in self.W]

    def reset(self) -> None:
        pass

    def run(self) -> None:
        W, dW = self.W, self.dW
        for B in self.sizes:
            a, da, out = self.a[B], self.da[B], self.out[B]
            for i in range(len(W)):
                np.matmul(a[i], W[i], out=out[i + 1])
            for i in reversed(range(len(W))):
                np.matmul(a[i].T, da[i + 1], out=dW[i])
                if i:
                    np.matmul(da[i + 1], W[i].T, out=out[i])


class Torch:
    """Eager mode: Sequential, backward(), step(), on batches cut out of one tensor (a DataLoader is slower)."""

    label, needs, own_order = "torch eager", "torch", False
    options: dict[str, Any] = {}

    def __init__(self, work: Workload) -> None:
        import torch
        from torch import nn

        torch.set_num_threads(1)
        self.torch, self.work = torch, work
        self.start = [torch.from_numpy(p.T.copy()) for p in work.weights()]  # torch keeps W as (out, in)
        layers = [
            layer for n in zip(work.widths, work.widths[1:], strict=False) for layer in (nn.Linear(*n), nn.ReLU())
        ]
        self.model = nn.Sequential(*layers[:-1])
        self.loss = nn.CrossEntropyLoss() if work.classes else nn.MSELoss()
        self.X, self.y = torch.from_numpy(work.X), torch.from_numpy(work.y)
        self.batches = [torch.from_numpy(batch) for batch in work.batches()]

    def reset(self) -> None:
        with self.torch.no_grad():
            for p, start in zip(self.model.parameters(), self.start, strict=True):
                p.copy_(start)
        optim = self.torch.optim
        self.losses: list[float] = []
        rule = optim.Adam if self.work.classes else optim.SGD
        self.optimizer = rule(self.model.parameters(), lr=self.work.lr, **self.options)

    def run(self) -> None:
        X, y, model, loss, optimizer = self.X, self.y, self.model, self.loss, self.optimizer
        if self.work.batch_size == 1:
            pairs = ((X[i : i + 1], y[i : i + 1]) for i in range(len(X)))
        elif self.work.batch_size >= len(X):
            pairs = ((X, y) for _ in self.batches)
        else:
            pairs = ((X[batch], y[batch]) for batch in self.batches)
        for X_batch, y_batch in pairs:
            optimizer.zero_grad()
            value = loss(model(X_batch), y_batch)
            value.backward()
            optimizer.step()
            self.losses.append(value.item())

    def parameters(self) -> list[np.ndarray]:
        return [p.detach().numpy().T for p in self.model.parameters()]


class TorchFused(Torch):
    """Eager mode with the fastest Adam that torch has for the CPU."""

    label, options = "torch, Adam(fused=True)", {"fused": True}


class Sklearn:
    """MLPClassifier and MLPRegressor as they come: one `fit` for all epochs, which shuffles the samples by itself."""

    label, needs, own_order = "scikit-learn MLP", "sklearn", True

    def __init__(self, work: Workload) -> None:
        from sklearn.neural_network import MLPClassifier, MLPRegressor

        self.work, self.kind = work, MLPClassifier if work.classes else MLPRegressor
        self.y = work.y if work.classes else work.y[:, 0]
        solver = {"solver": "adam"} if work.classes else {"solver": "sgd", "momentum": 0.0}
        self.options = solver | {
            "hidden_layer_sizes": work.widths[1:-1],
            "learning_rate_init": work.lr * (1 if work.classes else 2),  # its square has a factor 1/2
            "batch_size": min(work.batch_size, len(work.X)),
            "alpha": 0.0,
            "epsilon": 5e-10,  # stands elsewhere in its rule: about the same as 1e-8 with us in the first steps
            "shuffle": self.own_order,
            "max_iter": work.epochs,
            "n_iter_no_change": 10**9,
            "warm_start": True,
        }

    def reset(self) -> None:
        """One step on one sample of each class makes the arrays, which then get the starting weights."""
        _, first = np.unique(self.y, return_index=True)
        self.model = self.kind(**self.options | {"max_iter": 1, "batch_size": len(first)})
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # that so few steps do not converge
            self.model.fit(self.work.X[first], self.y[first])
        self.model.set_params(**self.options)
        weights = self.work.weights()
        self.model.coefs_, self.model.intercepts_ = weights[::2], weights[1::2]
        del self.model._optimizer  # else `partial_fit` would go on with the state of that step

    def run(self) -> None:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            self.train()

    def train(self) -> None:
        self.model.fit(self.work.X, self.y)

    def parameters(self) -> list[np.ndarray]:
        pairs = zip(self.model.coefs_, self.model.intercepts_, strict=True)
        return [p for pair in pairs for p in pair]


class SklearnOrdered(Sklearn):
    """Without shuffling, on samples in the order that all take: a `fit` or, if the order changes, a `partial_fit` each.

    `partial_fit` trains an epoch; called for each batch it would check the data every time, and be far slower.
    """

    label, own_order = "scikit-learn MLP, shuffle=False", False

    def __init__(self, work: Workload) -> None:
        super().__init__(work)
        self.one_fit = work.batch_size >= len(work.X) or work.epochs == 1
        self.data = [(work.X[order], self.y[order]) for order in work.order()[: 1 if self.one_fit else None]]

    def train(self) -> None:
        for X, y in self.data:
            (self.model.fit if self.one_fit else self.model.partial_fit)(X, y)


class JaxStep:
    """A jitted step that returns state and loss, as the guides of JAX and optax write it, called with each batch."""

    label, needs, own_order = "JAX jit(step)", "jax", False

    def __init__(self, work: Workload) -> None:
        import jax
        import jax.numpy as jnp

        self.jax, self.jnp, self.work = jax, jnp, work
        self.step = jax.jit(self.trained)

    def reset(self) -> None:
        params = [self.jnp.array(p) for p in self.work.weights()]
        m, v = ([self.jnp.zeros_like(p) for p in params if self.work.classes] for _ in range(2))
        self.state: Any = (params, m, v, self.jnp.zeros((), self.jnp.int32))
        self.losses: list[Any] = []

    def run(self) -> None:
        work = self.work
        X, y = work.X, work.y
        if work.batch_size == 1:
            pairs = ((X[i : i + 1], y[i : i + 1]) for i in range(len(X)))
        elif work.batch_size >= len(X):
            X, y = self.jnp.asarray(X), self.jnp.asarray(y)  # once for all steps
            pairs = ((X, y) for _ in range(work.epochs))
        else:
            pairs = ((X[batch], y[batch]) for batch in work.batches())
        for X_batch, y_batch in pairs:
            self.state, loss = self.step(self.state, X_batch, y_batch)
            self.losses.append(float(loss))
        self.jax.block_until_ready(self.state)

    def parameters(self) -> list[np.ndarray]:
        return [np.asarray(p) for p in self.state[0]]

    def trained(self, state: Any, X: Any, y: Any) -> Any:
        """State after one step of SGD or Adam, as optax writes them, and the loss before it."""
        params, m, v, t = state
        each, lr = self.jax.tree.map, self.work.lr
        loss, g = self.jax.value_and_grad(self.loss)(params, X, y)
        if not self.work.classes:
            return (each(lambda p, g: p - lr * g, params, g), m, v, t), loss
        t = t + 1
        m = each(lambda m, g: 0.9 * m + 0.1 * g, m, g)
        v = each(lambda v, g: 0.999 * v + 0.001 * g * g, v, g)
        c1, c2 = 1 - 0.9**t, 1 - 0.999**t
        params = each(lambda p, m, v: p - lr * (m / c1) / (self.jnp.sqrt(v / c2) + 1e-8), params, m, v)
        return (params, m, v, t), loss

    def loss(self, params: Any, X: Any, y: Any) -> Any:
        for W, b in zip(params[:-2:2], params[1:-2:2], strict=True):
            X = self.jax.nn.relu(X @ W + b)
        z = X @ params[-2] + params[-1]
        if not self.work.classes:
            return self.jnp.mean((z - y) ** 2)
        return -self.jnp.mean(self.jnp.take_along_axis(self.jax.nn.log_softmax(z), y[:, None], axis=1))


class JaxAhead(JaxStep):
    """The same step, faster: state donated, all data and indices on the device, losses not read before the end."""

    label = "JAX jit(step), nothing read"

    def __init__(self, work: Workload) -> None:
        super().__init__(work)
        self.X, self.y = self.jnp.asarray(work.X), self.jnp.asarray(work.y)
        self.whole = work.batch_size >= len(work.X)
        self.batches = [self.jnp.asarray(batch) for batch in work.batches()]
        self.step = self.jax.jit(self.on_batch, donate_argnums=0)

    def run(self) -> None:
        for batch in self.batches:
            self.state, loss = self.step(self.state, self.X, self.y, batch)
            self.losses.append(loss)
        self.jax.block_until_ready(self.state)

    def on_batch(self, state: Any, X: Any, y: Any, batch: Any) -> Any:
        return self.trained(state, X, y) if self.whole else self.trained(state, X[batch], y[batch])


class JaxScan(JaxAhead):
    """A jitted lax.scan over all batches of an epoch, which Python calls once; the last, smaller batch apart."""

    label = "JAX jit(lax.scan)"

    def __init__(self, work: Workload) -> None:
        super().__init__(work)
        orders, size = work.order(), work.batch_size
        if self.whole:  # one batch an epoch: scan over the epochs
            orders, size = [np.zeros(work.epochs, int)], 1
        cuts = [len(order) // size * size for order in orders]
        self.epochs = [
            (self.jnp.asarray(order[:n].reshape(-1, size)), self.jnp.asarray(order[n:]))
            for order, n in zip(orders, cuts, strict=True)
        ]
        self.scan = self.jax.jit(self.on_epoch, donate_argnums=0)

    def run(self) -> None:
        for batches, rest in self.epochs:
            self.state, losses = self.scan(self.state, self.X, self.y, batches)
            self.losses.append(losses)
            if len(rest):
                self.state, loss = self.step(self.state, self.X, self.y, rest)
                self.losses.append(loss)
        self.jax.block_until_ready(self.state)

    def on_epoch(self, state: Any, X: Any, y: Any, batches: Any) -> Any:
        return self.jax.lax.scan(lambda state, batch: self.on_batch(state, X, y, batch), state, batches)


def available() -> tuple[list[type], list[str]]:
    """The peers whose library can be imported, and the names of the libraries that are missing."""
    peers: list[Any] = [Torch, TorchFused, Sklearn, SklearnOrdered, JaxStep, JaxAhead, JaxScan, Gemm]
    missing = set()
    for library in {peer.needs for peer in peers}:
        try:
            importlib.import_module(library)
        except ModuleNotFoundError:
            missing.add(library)
    return [peer for peer in peers if peer.needs not in missing], sorted(missing)

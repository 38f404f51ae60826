"""Networks as graphs against PyTorch, in float64: the same graph written with tensors, one per node."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nnlib.graph import GraphNetwork
from nnlib.losses import MSE, SoftmaxCrossEntropy
from nnlib.optimizers import Adam

THEIRS = {
    "identity": lambda z: z,
    "relu": torch.relu,
    "leakyrelu": torch.nn.functional.leaky_relu,
    "swish": torch.nn.functional.silu,
    "tanh": torch.tanh,
    "sigmoid": torch.sigmoid,
}


def random_graph(seed, loss):
    """Our graph, and its wiring as (name, parents, activation, has bias) in an order in which it can be computed."""
    rng = np.random.default_rng(seed)
    names = ["x0", "x1", "x2"][: rng.integers(1, 4)]
    net, n_inputs, wiring = GraphNetwork(list(names), loss=loss, rng=rng), len(names), []
    for k in range(rng.integers(2, 10)):
        parents = rng.permutation(names)[: rng.integers(1, len(names) + 1)].tolist()
        wiring.append((f"h{k}", parents, str(rng.choice(list(THEIRS))), bool(rng.integers(2))))
        names.append(f"h{k}")
    for i in rng.permutation(len(wiring)):
        net.add(*wiring[i])
    outputs = rng.permutation(names[n_inputs:])[: rng.integers(2, len(wiring) + 1)].tolist()
    net.outputs(outputs)
    net.theta = rng.normal(size=net.theta.size)
    return net, wiring, outputs, rng.normal(size=(5, n_inputs)), rng.normal(size=(5, len(outputs)))


def theirs(net, wiring, outputs, theta, X):
    """y_hat, and z of each node, whose gradient is our delta."""
    a, z = {f"x{i}": column for i, column in enumerate(X.T)}, {}
    for k, parents, activation, bias in wiring:
        z[k] = sum(theta[net.where[l, k]] * a[l] for l in parents) + (theta[net.where[k]] if bias else 0)
        z[k].retain_grad()
        a[k] = THEIRS[activation](z[k])
    return torch.stack([a[k] for k in outputs], dim=1), z


@settings(deadline=None, derandomize=True, max_examples=60)
@given(st.integers(0, 10_000))
def test_random_graphs(seed):
    net, wiring, outputs, X, y = random_graph(seed, MSE())
    theta, X_torch = torch.tensor(net.theta, requires_grad=True), torch.tensor(X, requires_grad=True)
    y_hat, z = theirs(net, wiring, outputs, theta, X_torch)
    loss = torch.nn.functional.mse_loss(y_hat, torch.tensor(y))
    loss.backward()
    np.testing.assert_allclose(net.predict(X), y_hat.detach().numpy(), rtol=1e-10, atol=1e-12)
    value, grad = net.loss_and_grad(X, y)
    assert value == pytest.approx(loss.item(), rel=1e-10)
    np.testing.assert_allclose(grad, theta.grad.numpy(), rtol=1e-10, atol=1e-12)
    for k, z_k in z.items():
        expected = np.zeros(len(X)) if z_k.grad is None else z_k.grad.numpy()
        np.testing.assert_allclose(net.delta[k], expected, rtol=1e-10, atol=1e-12)
    dX = net.backward(net.loss.grad(net.forward(X), y))
    np.testing.assert_allclose(dX, X_torch.grad.numpy(), rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("seed", range(3))
def test_ten_steps_of_adam(seed):
    net, wiring, outputs, X, _ = random_graph(seed, SoftmaxCrossEntropy())
    labels = np.random.default_rng(seed).integers(0, len(outputs), len(X))
    theta = torch.tensor(net.theta, requires_grad=True)
    ours, other = Adam(0.05), torch.optim.Adam([theta], lr=0.05)
    for _ in range(10):
        ours.step(net.theta, net.loss_and_grad(X, labels)[1])
        other.zero_grad()
        y_hat, _ = theirs(net, wiring, outputs, theta, torch.tensor(X))
        torch.nn.functional.cross_entropy(y_hat, torch.tensor(labels)).backward()
        other.step()
    np.testing.assert_allclose(net.theta, theta.detach().numpy(), rtol=1e-10, atol=1e-12)

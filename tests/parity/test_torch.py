"""Values, gradients and optimizer trajectories against PyTorch, in the same process, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnlib import Network, activations, losses
from nnlib.layers import Dense
from nnlib.optimizers import SGD, Adam

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(16, 5)), RNG.integers(0, 3, 16)
SOFT = RNG.dirichlet(np.ones(3), 16)
REAL = RNG.normal(size=(16, 3))

ACTIVATIONS = {
    "relu": (activations.ReLU, torch.nn.ReLU),
    "tanh": (activations.Tanh, torch.nn.Tanh),
    "sigmoid": (activations.Sigmoid, torch.nn.Sigmoid),
    "identity": (activations.Identity, torch.nn.Identity),
    "softmax": (activations.Softmax, lambda: torch.nn.Softmax(dim=1)),
}
LOSSES = {
    "mse": (losses.MSE(), torch.nn.MSELoss(), REAL),
    "labels": (losses.SoftmaxCrossEntropy(), torch.nn.CrossEntropyLoss(), LABELS),
    "one-hot": (losses.SoftmaxCrossEntropy(), torch.nn.CrossEntropyLoss(), np.eye(3)[LABELS]),
    "soft": (losses.SoftmaxCrossEntropy(), torch.nn.CrossEntropyLoss(), SOFT),
}


def close(ours, theirs, tolerance=1e-12):
    np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=tolerance, atol=tolerance)


def twins(activation="tanh", loss="labels"):
    """A network of ours and one of theirs with the same weights."""
    ours, theirs = ACTIVATIONS[activation]
    net = Network([Dense(5, 8), ours(), Dense(8, 3)], loss=LOSSES[loss][0], rng=1)
    net.theta = RNG.normal(size=net.theta.size)
    other = torch.nn.Sequential(torch.nn.Linear(5, 8), theirs(), torch.nn.Linear(8, 3)).double()
    with torch.no_grad():
        for dense, linear in ((net.layers[0], other[0]), (net.layers[2], other[2])):
            linear.weight.copy_(torch.tensor(dense.W.T))
            linear.bias.copy_(torch.tensor(dense.b))
    return net, other


def flat(module, what):
    """Their parameters, or gradients of them, in the order of our theta."""
    pieces = []
    for linear in (module[0], module[2]):
        pieces += [what(linear.weight).T.reshape(-1), what(linear.bias).reshape(-1)]
    return torch.cat(pieces)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("scale", [1, 40], ids=["mild", "saturated"])
def test_activations(activation, scale):
    ours, theirs = (make() for make in ACTIVATIONS[activation])
    z, dy = scale * X, RNG.normal(size=X.shape)
    z_torch = torch.tensor(z, requires_grad=True)
    a = theirs(z_torch)
    a.backward(torch.tensor(dy))
    close(ours.forward(z), a)
    close(ours.backward(dy), z_torch.grad)


@pytest.mark.parametrize("loss", LOSSES)
@pytest.mark.parametrize("scale", [1, 100], ids=["mild", "extreme"])
def test_losses(loss, scale):
    ours, theirs, y = LOSSES[loss]
    y_hat = scale * RNG.normal(size=(16, 3))
    y_torch = torch.tensor(y_hat, requires_grad=True)
    value = theirs(y_torch, torch.tensor(y))
    value.backward()
    assert ours.value(y_hat, y) == pytest.approx(value.item(), rel=1e-12)
    close(ours.grad(y_hat, y), y_torch.grad)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_networks(activation, loss):
    net, other = twins(activation, loss)
    _, criterion, y = LOSSES[loss]
    X_torch = torch.tensor(X, requires_grad=True)
    y_hat = other(X_torch)
    value = criterion(y_hat, torch.tensor(y))
    value.backward()
    ours, grad = net.loss_and_grad(X, y)
    assert ours == pytest.approx(value.item(), rel=1e-12)
    close(net.predict(X), y_hat)
    close(grad, flat(other, lambda p: p.grad))
    close(net.backward(net.loss.grad(net.predict(X), y)), X_torch.grad)


RULES = {
    "sgd": (SGD, torch.optim.SGD, {}, {}),
    "momentum": (SGD, torch.optim.SGD, {"momentum": 0.9}, {"momentum": 0.9}),
    "nesterov": (SGD, torch.optim.SGD, *[{"momentum": 0.9, "nesterov": True}] * 2),
    "adam": (Adam, torch.optim.Adam, {"beta1": 0.8, "beta2": 0.95, "eps": 1e-6}, {"betas": (0.8, 0.95), "eps": 1e-6}),
    "adam as it comes": (Adam, torch.optim.Adam, {}, {}),
}


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("weight_decay", [0.0, 0.1])
@pytest.mark.parametrize("clip_norm", [None, 0.05])
def test_ten_steps(rule, weight_decay, clip_norm):
    """The whole path of all 75 parameters, to 1e-10."""
    ours, theirs, our_options, their_options = RULES[rule]
    net, other = twins()
    optimizer = ours(0.05, weight_decay=weight_decay, clip_norm=clip_norm, **our_options)
    reference = theirs(other.parameters(), lr=0.05, weight_decay=weight_decay, **their_options)
    criterion, start = torch.nn.CrossEntropyLoss(), net.theta.copy()
    for _ in range(10):
        optimizer.step(net.theta, net.loss_and_grad(X, LABELS)[1])
        reference.zero_grad()
        criterion(other(torch.tensor(X)), torch.tensor(LABELS)).backward()
        if clip_norm is not None:
            norm = torch.sqrt(sum((p.grad**2).sum() for p in other.parameters()))
            for p in other.parameters():
                p.grad *= min(1.0, clip_norm / norm.item())
        reference.step()
        close(net.theta, flat(other, lambda p: p), 1e-10)
    assert np.abs(net.theta - start).max() > 1e-3


@pytest.mark.parametrize("schedule", [lambda t: 0.1 / (1 + t), lambda t: 0.1 * 0.5**t])
def test_schedules_step_by_step(schedule):
    net, other = twins()
    optimizer, reference = Adam(schedule), torch.optim.Adam(other.parameters(), lr=1.0)
    scheduler = torch.optim.lr_scheduler.LambdaLR(reference, schedule)
    for _ in range(10):
        optimizer.step(net.theta, net.loss_and_grad(X, LABELS)[1])
        reference.zero_grad()
        torch.nn.CrossEntropyLoss()(other(torch.tensor(X)), torch.tensor(LABELS)).backward()
        reference.step()
        scheduler.step()
        close(net.theta, flat(other, lambda p: p), 1e-10)

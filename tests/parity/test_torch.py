"""Values, gradients and optimizer trajectories against PyTorch, in the same process, in float64."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from nnlib import Network, activations, losses, regularizers, schedules
from nnlib.layers import BatchNorm, Dense, DropConnect, Dropout
from nnlib.optimizers import SGD, AdaGrad, Adam, AdamW, ImplicitSGD, RMSProp, clip_grad_norm, least_squares_step

RNG = np.random.default_rng(0)
X, LABELS = RNG.normal(size=(16, 5)), RNG.integers(0, 3, 16)
SOFT = RNG.dirichlet(np.ones(3), 16)
REAL = RNG.normal(size=(16, 3))
BINARY, CHANCES = RNG.integers(0, 2, (16, 3)).astype(float), RNG.random((16, 3))

ACTIVATIONS = {
    "relu": (activations.ReLU, torch.nn.ReLU),
    "tanh": (activations.Tanh, torch.nn.Tanh),
    "sigmoid": (activations.Sigmoid, torch.nn.Sigmoid),
    "leaky relu": (lambda: activations.LeakyReLU(0.1), lambda: torch.nn.LeakyReLU(0.1)),
    "swish": (activations.Swish, torch.nn.SiLU),
    "identity": (activations.Identity, torch.nn.Identity),
    "softmax": (activations.Softmax, lambda: torch.nn.Softmax(dim=1)),
}
LOSSES = {
    "mse": (losses.MSE(), torch.nn.MSELoss(), REAL),
    "labels": (losses.SoftmaxCrossEntropy(), torch.nn.CrossEntropyLoss(), LABELS),
    "one-hot": (losses.SoftmaxCrossEntropy(), torch.nn.CrossEntropyLoss(), np.eye(3)[LABELS]),
    "soft": (losses.SoftmaxCrossEntropy(), torch.nn.CrossEntropyLoss(), SOFT),
    "binary": (losses.BCEWithLogits(), torch.nn.BCEWithLogitsLoss(), BINARY),
    "chances": (losses.BCEWithLogits(), torch.nn.BCEWithLogitsLoss(), CHANCES),
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


def nll(p, y):
    """Torch has no cross-entropy of probabilities, but it has that of their logarithms."""
    return torch.nn.functional.nll_loss(torch.log(p), y)


ON_PROBABILITIES = {
    "binary": (losses.BCE(), torch.nn.BCELoss(), BINARY),
    "chances": (losses.BCE(), torch.nn.BCELoss(), CHANCES),
    "classes": (losses.CCE(), nll, LABELS),
}


@pytest.mark.parametrize("loss", ON_PROBABILITIES)
@pytest.mark.parametrize("margin", [0.1, 1e-6, 1e-9])
def test_losses_on_probabilities(loss, margin):
    """Up to a distance of `margin` from 0 and 1, where 1 - p has lost log10(1 / margin) of its 16 digits."""
    ours, theirs, y = ON_PROBABILITIES[loss]
    p = np.clip(RNG.random((16, 3)) * 1.4 - 0.2, margin, 1 - margin)
    p_torch = torch.tensor(p, requires_grad=True)
    value = theirs(p_torch, torch.tensor(y))
    value.backward()
    assert ours.value(p, y) == pytest.approx(value.item(), rel=1e-12)
    np.testing.assert_allclose(ours.grad(p, y), p_torch.grad.numpy(), rtol=1e-11, atol=1e-14)


@pytest.mark.parametrize("training", [True, False])
@pytest.mark.parametrize(("momentum", "eps"), [(0.1, 1e-5), (0.7, 0.1)])
def test_batch_norm(training, momentum, eps):
    """Outputs, all gradients and the running statistics over five batches."""
    bn, theirs = BatchNorm(5, momentum=momentum, eps=eps), torch.nn.BatchNorm1d(5, eps=eps, momentum=momentum).double()
    bn.gamma[:], bn.beta[:] = RNG.uniform(0.5, 1.5, 5), RNG.normal(size=5)
    bn.running_mean[:], bn.running_var[:] = RNG.normal(size=5), RNG.uniform(0.5, 2, 5)
    with torch.no_grad():
        for mine, other in ((bn.gamma, theirs.weight), (bn.beta, theirs.bias),
                            (bn.running_mean, theirs.running_mean), (bn.running_var, theirs.running_var)):  # fmt: skip
            other.copy_(torch.tensor(mine))
    theirs.train(training)
    for B in (16, 2, 3, 40, 7):
        x, dy = RNG.normal(2, 3, (B, 5)), RNG.normal(size=(B, 5))
        x_torch = torch.tensor(x, requires_grad=True)
        y = theirs(x_torch)
        theirs.zero_grad()
        y.backward(torch.tensor(dy))
        close(bn.forward(x, training=training), y, 1e-10)
        close(bn.backward(dy), x_torch.grad, 1e-10)
        close(bn.dgamma, theirs.weight.grad, 1e-10)
        close(bn.dbeta, theirs.bias.grad, 1e-10)
        close(bn.running_mean, theirs.running_mean)
        close(bn.running_var, theirs.running_var)


def test_batch_norm_refuses_one_sample_as_torch_does():
    with pytest.raises(ValueError, match="more than 1 value per channel"):
        torch.nn.BatchNorm1d(5)(torch.zeros(1, 5))
    with pytest.raises(ValueError, match="at least 2 samples"):
        BatchNorm(5).forward(np.zeros((1, 5)), training=True)


def test_a_whole_network_with_batch_norm():
    """Batch norm between the layers, in training: gradient of every parameter, ten steps of Adam, and evaluation."""
    layers = [Dense(5, 8), BatchNorm(8), activations.Tanh(), Dense(8, 3)]
    net = Network(layers, loss=losses.SoftmaxCrossEntropy(), rng=1)
    other = torch.nn.Sequential(
        torch.nn.Linear(5, 8), torch.nn.BatchNorm1d(8), torch.nn.Tanh(), torch.nn.Linear(8, 3)
    ).double()
    names = dict(net.named_parameters())
    pairs = {"0.W": other[0].weight, "0.b": other[0].bias, "1.gamma": other[1].weight, "1.beta": other[1].bias,
             "3.W": other[3].weight, "3.b": other[3].bias}  # fmt: skip
    with torch.no_grad():
        for name, theirs in pairs.items():
            theirs.copy_(torch.tensor(names[name].T))
    optimizer, reference = Adam(0.02), torch.optim.Adam(other.parameters(), lr=0.02)
    for _ in range(10):
        value, grad = net.loss_and_grad(X, LABELS)
        reference.zero_grad()
        loss = torch.nn.CrossEntropyLoss()(other(torch.tensor(X)), torch.tensor(LABELS))
        loss.backward()
        assert value == pytest.approx(loss.item(), rel=1e-10)
        close(net.layers[0].dW, other[0].weight.grad.T, 1e-10)
        # the bias before it has gradient 0, and Adam would divide the rounding of 0 by its own size
        assert np.abs(net.layers[0].db).max() < 1e-13
        net.layers[0].db[:] = 0
        other[0].bias.grad.zero_()
        optimizer.step(net.theta, grad)
        reference.step()
        for name, theirs in pairs.items():
            close(names[name], theirs.T if theirs.ndim == 2 else theirs, 1e-10)
    other.eval()
    close(net.predict(X), other(torch.tensor(X)), 1e-10)


@pytest.mark.parametrize("q", [0.0, 0.3, 0.8])
def test_dropout_with_their_mask(q):
    """Torch draws, we take its mask from its output; then outputs and gradients agree."""
    dropout, x, dy = Dropout(q), RNG.normal(size=(16, 5)), RNG.normal(size=(16, 5))
    torch.manual_seed(0)
    x_torch = torch.tensor(x, requires_grad=True)
    y = torch.nn.Dropout(q)(x_torch)
    y.backward(torch.tensor(dy))
    dropout.mask = y.detach().numpy() != 0
    close(dropout.forward(x, training=True), y)
    close(dropout.backward(dy), x_torch.grad)
    close(dropout.forward(x), torch.nn.Dropout(q).eval()(x_torch))


@pytest.mark.parametrize("bias", [True, False])
def test_dropconnect_is_a_linear_map_of_masked_weights(bias):
    layer, dz = DropConnect(5, 3, 0.4, bias=bias, rng=0), RNG.normal(size=(16, 3))
    z = layer.forward(X, training=True)
    x, W = torch.tensor(X, requires_grad=True), torch.tensor(layer.W, requires_grad=True)
    b = torch.tensor(layer.b, requires_grad=True) if bias else None
    theirs = torch.nn.functional.linear(x, (W * torch.tensor(layer.mask) / 0.6).T, b)
    theirs.backward(torch.tensor(dz))
    close(z, theirs)
    close(layer.backward(dz), x.grad)
    close(layer.dW, W.grad)
    if bias:
        close(layer.db, b.grad)


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
    "adamw": (AdamW, torch.optim.AdamW, {"beta1": 0.8, "beta2": 0.95}, {"betas": (0.8, 0.95)}),
    "adagrad": (AdaGrad, torch.optim.Adagrad, {}, {}),
    "adagrad, eps": (AdaGrad, torch.optim.Adagrad, {"eps": 1e-3}, {"eps": 1e-3}),
    "rmsprop": (RMSProp, torch.optim.RMSprop, {}, {"alpha": 0.9}),
    "rmsprop, rho": (RMSProp, torch.optim.RMSprop, {"rho": 0.99, "eps": 1e-3}, {"alpha": 0.99, "eps": 1e-3}),
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


def test_adamw_as_it_comes_decays_as_theirs():
    net, other = twins()
    optimizer, reference = AdamW(0.05), torch.optim.AdamW(other.parameters(), lr=0.05)
    for _ in range(10):
        optimizer.step(net.theta, net.loss_and_grad(X, LABELS)[1])
        reference.zero_grad()
        torch.nn.CrossEntropyLoss()(other(torch.tensor(X)), torch.tensor(LABELS)).backward()
        reference.step()
        close(net.theta, flat(other, lambda p: p), 1e-10)


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_clipping(scale):
    """Torch divides by the norm plus 1e-6; with that taken back, the two agree."""
    g = scale * RNG.normal(size=20)
    p = torch.zeros(20, dtype=torch.float64, requires_grad=True)
    p.grad = torch.tensor(g)
    norm = torch.nn.utils.clip_grad_norm_([p], 0.5).item()
    theirs = p.grad.numpy() * ((norm + 1e-6) / norm if norm > 0.5 else 1)
    np.testing.assert_allclose(clip_grad_norm(g, 0.5), theirs, rtol=1e-12)


def test_implicit_steps_on_logistic_regression():
    """Ten steps at a rate of 30; theirs are minima of the proximal objective, found by LBFGS."""
    x, y = torch.tensor(X), torch.tensor(BINARY[:, 0])
    theta, optimizer = np.zeros(5), ImplicitSGD(30.0)

    def grad(q):
        return ((torch.sigmoid(x @ torch.tensor(q)) - y) @ x / len(y)).numpy()

    for _ in range(10):
        start = torch.tensor(theta)
        q = start.clone().requires_grad_()
        lbfgs = torch.optim.LBFGS(
            [q], max_iter=500, tolerance_grad=1e-14, tolerance_change=1e-16, line_search_fn="strong_wolfe"
        )

        def objective(q=q, start=start, lbfgs=lbfgs):
            lbfgs.zero_grad()
            logits = torch.nn.functional.binary_cross_entropy_with_logits(x @ q, y)
            value = 30 * logits + ((q - start) ** 2).sum() / 2
            value.backward()
            return value

        lbfgs.step(objective)
        optimizer.step(theta, grad)
        close(theta, q, 1e-6)  # a minimum is known to half of the digits of its value


def test_least_squares_step_against_their_solver():
    theta, y = RNG.normal(size=5), REAL[:, 0]
    start, x = torch.tensor(theta.copy()), torch.tensor(X)
    A = torch.eye(5, dtype=torch.float64) + 4.0 / 16 * x.T @ x
    least_squares_step(theta, X, y, 4.0)
    close(theta, torch.linalg.solve(A, start + 4.0 / 16 * x.T @ torch.tensor(y)), 1e-12)


PENALTIES = {
    "l1": (regularizers.L1(0.3), lambda w: 0.3 * w.abs().sum()),
    "l2": (regularizers.L2(0.3), lambda w: 0.3 * (w * w).sum()),
    "elastic net": (regularizers.ElasticNet(0.2, 0.4), lambda w: 0.2 * w.abs().sum() + 0.4 * (w * w).sum()),
}


@pytest.mark.parametrize("penalty", PENALTIES)
def test_penalties(penalty):
    ours, theirs = PENALTIES[penalty]
    net, other = twins()
    net.layers[0].W[0, :3] = 0  # where |w| has its kink, torch's slope is 0, too
    with torch.no_grad():
        other[0].weight.copy_(torch.tensor(net.layers[0].W.T))
    value = theirs(other[0].weight) + theirs(other[2].weight)
    value.backward()
    assert ours.value(net) == pytest.approx(value.item(), rel=1e-12)
    close(ours.grad(net), flat(other, lambda p: torch.zeros_like(p) if p.grad is None else p.grad))


SCHEDULERS = {
    "exponential": (
        schedules.Exponential(0.1, 0.2),
        lambda adam: torch.optim.lr_scheduler.ExponentialLR(adam, float(np.exp(-0.2))),
    ),
    "step": (schedules.Step(0.1, 0.3, 4), lambda adam: torch.optim.lr_scheduler.StepLR(adam, 4, 0.3)),
    "cosine": (
        schedules.Cosine(0.1, 12, 0.01),
        lambda adam: torch.optim.lr_scheduler.CosineAnnealingLR(adam, 12, 0.01),
    ),
}


@pytest.mark.parametrize("name", SCHEDULERS)
def test_schedules(name):
    ours, theirs = SCHEDULERS[name]
    adam = torch.optim.Adam([torch.zeros(1, requires_grad=True)], lr=0.1)
    scheduler = theirs(adam)
    for t in range(13):
        assert ours(t) == pytest.approx(scheduler.get_last_lr()[0], rel=1e-12)
        adam.step()
        scheduler.step()


@pytest.mark.parametrize("schedule", [lambda t: 0.1 / (1 + t), lambda t: 0.1 * 0.5**t, schedules.InverseTime(0.1, 0.3)])
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

"""Derivatives against torch.func in float64: gradients, Jacobians, Hessians and their products with vectors."""

from __future__ import annotations

import numpy
import pytest
import torch

import nnlib.autodiff.numpy as np
from nnlib.autodiff import grad, hessian, hessian_vector_product, jacobian, make_vjp, value_and_grad

RNG = numpy.random.default_rng(0)
INPUTS, TARGETS, LABELS = RNG.normal(size=(7, 3)), RNG.normal(size=(7, 2)), RNG.integers(0, 2, 7)
THETA = RNG.normal(size=3 * 5 + 5 + 5 * 2 + 2) / 2
POSITIVE, REAL, SQUARE = RNG.uniform(0.5, 2, (3, 4)), RNG.normal(size=(3, 4)), RNG.normal(size=(4, 4))
CLOSE = {"rtol": 1e-10, "atol": 1e-10}


def logits(lib, theta, inputs):
    """A 3-5-2 network with its parameters in one vector."""
    W1, b1 = theta[:15].reshape(3, 5), theta[15:20]
    W2, b2 = theta[20:30].reshape(5, 2), theta[30:]
    return lib.tanh(inputs @ W1 + b1) @ W2 + b2


def regression(lib, theta, inputs, targets):
    return lib.mean((logits(lib, theta, inputs) - targets) ** 2)


def classification(lib, theta, inputs, targets):
    z = logits(lib, theta, inputs)
    shifted = z - lib.max(z)
    log_p = shifted - lib.log(lib.exp(shifted).sum(1))[:, None]
    return -lib.mean(log_p[numpy.arange(7), LABELS]) + 0.1 * lib.sum(theta * theta)


def penalised(lib, theta, inputs, targets):
    a = lib.where(theta > 0, theta, 0.1 * theta)
    return lib.sum(lib.sqrt(1 + a**2)) + lib.prod(lib.cos(theta[:6])) + lib.abs(theta).max() * lib.var(theta[3:])


def torch_var(x):
    return torch.var(x, correction=0)


class Torch:
    """torch with numpy's names and definitions."""

    var = staticmethod(torch_var)

    def __getattr__(self, name):
        return getattr(torch, name)


def torch_hessian(f):
    """torch.func.hessian without its forward mode, which warns about torch itself when it is loaded."""
    return torch.func.jacrev(torch.func.jacrev(f))


def both(f):
    """f of an array, once for nnlib and once for torch."""
    data = torch.tensor(INPUTS), torch.tensor(TARGETS)
    return lambda x: f(np, x, INPUTS, TARGETS), lambda x: f(Torch(), x, *data)


@pytest.mark.parametrize("f", [regression, classification, penalised])
def test_of_one_number(f):
    ours, theirs = both(f)
    theta, v = torch.tensor(THETA), RNG.normal(size=THETA.shape)
    value, slope = value_and_grad(ours)(THETA)
    expected = torch.func.grad_and_value(theirs)(theta)
    numpy.testing.assert_allclose(value, expected[1], **CLOSE)
    numpy.testing.assert_allclose(slope, expected[0], **CLOSE)
    numpy.testing.assert_allclose(hessian(ours)(THETA), torch_hessian(theirs)(theta), **CLOSE)
    product = torch.func.vjp(torch.func.grad(theirs), theta)[1](torch.tensor(v))[0]  # H is symmetric
    numpy.testing.assert_allclose(hessian_vector_product(ours)(THETA, v), product, **CLOSE)


def test_fourth_derivative():
    ours, theirs = (lambda x: np.sum(np.tanh(x) ** 3)), (lambda x: (x.tanh() ** 3).sum())
    for _ in range(3):
        ours = (lambda f: lambda x: np.sum(grad(f)(x)))(ours)
        theirs = (lambda f: lambda x: torch.func.grad(f)(x).sum())(theirs)
    numpy.testing.assert_allclose(grad(ours)(REAL), torch.func.grad(theirs)(torch.tensor(REAL)), **CLOSE)


def test_jacobian_and_vjp_of_a_network():
    ours, theirs = both(lambda lib, theta, inputs, targets: logits(lib, theta, inputs))
    J = torch.func.jacrev(theirs)(torch.tensor(THETA))
    numpy.testing.assert_allclose(jacobian(ours)(THETA), J, **CLOSE)
    g = RNG.normal(size=(7, 2))
    expected = torch.func.vjp(theirs, torch.tensor(THETA))[1](torch.tensor(g))[0]
    numpy.testing.assert_allclose(make_vjp(ours)(THETA)[0](g), expected, **CLOSE)


def test_derivative_by_each_argument():
    f = lambda lib, x, y: lib.sum(lib.exp(x @ y) / (1 + lib.sqrt(lib.abs(y))))  # noqa: E731
    for argnum in (0, 1):
        ours = jacobian(grad(lambda x, y: f(np, x, y), argnum), 1 - argnum)(SQUARE / 3, SQUARE.T / 3)
        theirs = torch.func.jacrev(torch.func.grad(lambda x, y: f(torch, x, y), argnum), 1 - argnum)
        numpy.testing.assert_allclose(ours, theirs(torch.tensor(SQUARE / 3), torch.tensor(SQUARE.T / 3)), **CLOSE)


# name: what differs from torch is written twice
FUNCTIONS = {
    "exp": (np.exp, torch.exp, REAL), "expm1": (np.expm1, torch.expm1, REAL), "log": (np.log, torch.log, POSITIVE),
    "log2": (np.log2, torch.log2, POSITIVE), "log10": (np.log10, torch.log10, POSITIVE),
    "log1p": (np.log1p, torch.log1p, POSITIVE), "sqrt": (np.sqrt, torch.sqrt, POSITIVE),
    "square": (np.square, torch.square, REAL), "abs": (np.abs, torch.abs, REAL), "sin": (np.sin, torch.sin, REAL),
    "cos": (np.cos, torch.cos, REAL), "tan": (np.tan, torch.tan, REAL / 3), "arcsin": (np.arcsin, torch.asin, REAL / 3),
    "arccos": (np.arccos, torch.acos, REAL / 3), "arctan": (np.arctan, torch.atan, REAL),
    "sinh": (np.sinh, torch.sinh, REAL), "cosh": (np.cosh, torch.cosh, REAL), "tanh": (np.tanh, torch.tanh, REAL),
    "arcsinh": (np.arcsinh, torch.asinh, REAL), "arccosh": (np.arccosh, torch.acosh, 1 + POSITIVE),
    "arctanh": (np.arctanh, torch.atanh, REAL / 3),
    "power": (lambda x: x**1.7, lambda x: x**1.7, POSITIVE), "exponent": (lambda x: 1.7**x, lambda x: 1.7**x, REAL),
    "square at 0": (lambda x: x**2, lambda x: x**2, numpy.zeros(3)),
    "zeroth power at 0": (lambda x: x**0, lambda x: x**0, numpy.zeros(3)),
    "maximum, with ties": (lambda x: np.maximum(x, 1.0), lambda x: torch.maximum(x, torch.tensor(1.0)), numpy.ones(2)),
    "clip, on its bounds": (
        lambda x: np.clip(x, 0, 1), lambda x: torch.clip(x, 0, 1), numpy.array([-0.5, 0.0, 0.5, 1.0, 2.0]),
    ),
    "max, with ties": (
        lambda x: np.max(x, axis=1), lambda x: torch.amax(x, 1), numpy.array([[1.0, 3.0, 3.0], [2.0, 2.0, 2.0]]),
    ),
    "logaddexp": (lambda x: np.logaddexp(x, x[0] * x), lambda x: torch.logaddexp(x, x[0] * x), REAL),
    "arctan2": (lambda x: np.arctan2(x, x[1] * x), lambda x: torch.atan2(x, x[1] * x), POSITIVE),
    "var": (lambda x: np.var(x, axis=1, ddof=1), lambda x: torch.var(x, 1), REAL),
    "std": (lambda x: np.std(x, axis=0, ddof=1), lambda x: torch.std(x, 0), REAL),
    "prod with a zero": (np.prod, torch.prod, numpy.array([2.0, 0.0, 3.0, -1.0, 0.5])),
    "prod with two zeros": (np.prod, torch.prod, numpy.array([2.0, 0.0, 3.0, 0.0])),
    "cumsum": (lambda x: np.cumsum(x**2, axis=1), lambda x: torch.cumsum(x**2, 1), REAL),
    "einsum": (
        lambda x: np.einsum("ij,kj,ii->ik", x, x, x), lambda x: torch.einsum("ij,kj,ii->ik", x, x, x), SQUARE,
    ),
    "tensordot": (
        lambda x: np.tensordot(x, x, ([0, 1], [1, 0])), lambda x: torch.tensordot(x, x, ([0, 1], [1, 0])), SQUARE,
    ),
    "outer": (lambda x: np.outer(x[0], x[1]), lambda x: torch.outer(x[0], x[1]), REAL),
    "trace of a power": (lambda x: np.trace(x @ x @ x), lambda x: torch.trace(x @ x @ x), SQUARE),
    "diag": (lambda x: np.diag(np.diag(x)) @ x, lambda x: torch.diag(torch.diag(x)) @ x, SQUARE),
    "tile and repeat": (
        lambda x: np.tile(x, (2, 1)) * np.repeat(x, 2, axis=0),
        lambda x: torch.tile(x, (2, 1)) * torch.repeat_interleave(x, 2, dim=0), REAL,
    ),
    "indices with repeats": (lambda x: x[[0, 2, 2]] * x[[1, 1, 0]], lambda x: x[[0, 2, 2]] * x[[1, 1, 0]], REAL),
    "mask": (lambda x: x[x > 0] ** 3, lambda x: x[REAL > 0] ** 3, REAL),
    "stack": (
        lambda x: np.stack([x, x.T]) @ np.concatenate([x, x]).T, lambda x: torch.stack([x, x.T]) @ torch.cat([x, x]).T,
        SQUARE,
    ),
    "matmul of stacks": (
        lambda x: x[None, None] @ np.stack([x.T, x]), lambda x: x[None, None] @ torch.stack([x.T, x]), SQUARE,
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FUNCTIONS)
def test_jacobian_and_second_derivative(name):
    ours, theirs, x = FUNCTIONS[name]
    numpy.testing.assert_allclose(jacobian(ours)(x), torch.func.jacrev(theirs)(torch.tensor(x)), **CLOSE)
    weights = numpy.random.default_rng(1).normal(size=numpy.shape(ours(x)))
    second = hessian(lambda x: np.sum(weights * ours(x)))(x)
    expected = torch_hessian(lambda x: (torch.tensor(weights) * theirs(x)).sum())(torch.tensor(x))
    numpy.testing.assert_allclose(second, expected.numpy(force=True), **CLOSE)


def test_standard_deviation_at_its_kink():
    x = numpy.ones(3)
    expected = torch.func.grad(lambda x: torch.std(x, correction=0))(torch.tensor(x))
    numpy.testing.assert_array_equal(grad(np.std)(x), expected)

"""nnlib: the numerical library of the workbook. Numpy only; each function stands beside its equation in a chapter."""

from __future__ import annotations

from nnlib import (
    activations,
    data,
    gradcheck,
    initializers,
    layers,
    losses,
    metrics,
    network,
    neuron,
    numerics,
    optimizers,
    preprocessing,
    training,
)
from nnlib.network import Network
from nnlib.training import fit

__version__ = "0.1.0"

__all__ = [
    "Network",
    "activations",
    "data",
    "fit",
    "gradcheck",
    "initializers",
    "layers",
    "losses",
    "metrics",
    "network",
    "neuron",
    "numerics",
    "optimizers",
    "preprocessing",
    "training",
]

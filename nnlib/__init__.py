"""nnlib: the numerical library of the workbook. Numpy only; each function stands beside its equation in a chapter.

A module is loaded when it is first used, so that `import nnlib` takes no time.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from nnlib import (  # noqa: I001
        activations, augmentation, autodiff, data, diagnostics, gradcheck, graph, initializers, layers, losses, metrics,
        network, neuron, numerics, optimizers, preprocessing, regularizers, schedules, surfaces, training, validation,
    )
    from nnlib.network import Network
    from nnlib.training import fit

__version__ = "0.1.0"

__all__ = [
    "Network", "activations", "augmentation", "autodiff", "data", "diagnostics", "fit", "gradcheck", "graph",
    "initializers", "layers", "losses", "metrics", "network", "neuron", "numerics", "optimizers", "preprocessing",
    "regularizers", "schedules", "surfaces", "training", "validation",
]  # fmt: skip

_HOME = {"Network": "network", "fit": "training"}


def __getattr__(name: str) -> Any:
    if name not in (*__all__, "estimators"):  # which needs scikit-learn, so `import *` leaves it out
        raise AttributeError(f"module 'nnlib' has no attribute {name!r}")
    module = import_module(f"nnlib.{_HOME.get(name, name)}")
    return getattr(module, name) if name in _HOME else module


def __dir__() -> list[str]:
    return [*__all__, "__version__"]

"""The four workloads: shapes, data, starting weights, and the batches of each epoch, the same for everybody."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from nnlib import Network, data
from nnlib.activations import ReLU
from nnlib.layers import Dense
from nnlib.losses import MSE, SoftmaxCrossEntropy

SEED = 0  # of the weights, and of the order of the samples


@dataclass
class Workload:
    """Train `widths` with ReLU between them on X, y: Adam on cross-entropy, or plain SGD on squares, one by one."""

    name: str
    widths: tuple[int, ...]
    X: np.ndarray
    y: np.ndarray
    batch_size: int
    epochs: int
    lr: float

    @property
    def classes(self) -> bool:
        return self.y.ndim == 1

    def network(self) -> Network:
        """The network as nnlib builds it, in float32, with the weights that all begin with."""
        layers = [layer for n in zip(self.widths, self.widths[1:], strict=False) for layer in (Dense(*n), ReLU())]
        loss = SoftmaxCrossEntropy() if self.classes else MSE()
        return Network(layers[:-1], loss=loss, dtype=np.float32, rng=SEED)

    def weights(self) -> list[np.ndarray]:
        """W, b, W, b, ... to begin with."""
        return [p.copy() for _, p in self.network().named_parameters()]

    def order(self) -> list[np.ndarray]:
        """Indices of the samples in each epoch, as `nnlib.fit` with rng=SEED will take them."""
        rng, n = np.random.default_rng(SEED), len(self.X)
        alone = self.batch_size == 1 or self.batch_size >= n  # one by one as they come, or all at once
        return [np.arange(n) if alone else rng.permutation(n) for _ in range(self.epochs)]

    def batches(self) -> list[np.ndarray]:
        """Indices of each batch of each epoch."""
        size = self.batch_size
        return [order[i : i + size] for order in self.order() for i in range(0, len(order), size)]


def workloads(share: float = 1.0) -> list[Workload]:
    """The four of them; a share below 1 takes fewer epochs or samples, to try things out."""

    def part(n: int) -> int:
        return max(1, round(share * n))

    X, y = data.spirals(300, rng=0)
    A = Workload("A", (2, 64, 3), X.astype(np.float32), y, 300, part(1000), 0.01)
    X, y = data.load_digits()
    n = max(37, part(1797))
    B = Workload("B", (64, 128, 10), X[:n].astype(np.float32), y[:n], 32, 5, 0.001)
    rng = np.random.default_rng(0)
    n = max(300, part(60_000))
    C = Workload(
        "C", (784, 256, 128, 10), rng.random((n, 784), dtype=np.float32), rng.integers(0, 10, n), 128, 1, 0.001
    )
    X = rng.uniform(-1, 1, (part(1000), 2)).astype(np.float32)
    D = Workload("D", (2, 16, 1), X, np.sin(3 * X[:, :1]) * X[:, 1:], 1, 1, 0.01)
    return [A, B, C, D]

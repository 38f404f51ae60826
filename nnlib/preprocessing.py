"""Preprocessing: what is done to the inputs before a network sees them, learned from the training set alone."""

from __future__ import annotations

from typing import Self

import numpy as np

from nnlib import checks, numerics


class Standardizer:
    """Shifts and scales each column to mean 0 and standard deviation 1: X (N, d) to (X - mean) / scale.

    `scale` is the population standard deviation (divided by N); a constant column keeps scale 1, so that it becomes 0.

    >>> X = np.array([[1.0, 5.0], [3.0, 5.0]])
    >>> Standardizer().fit(X).transform(X)
    array([[-1.,  0.],
           [ 1.,  0.]])
    """

    state = ("mean", "scale")

    def __init__(self) -> None:
        self.mean: np.ndarray | None = None
        self.scale: np.ndarray | None = None

    def __repr__(self) -> str:
        return "Standardizer()"

    def fit(self, X: np.ndarray) -> Self:
        """Take mean and scale from X (N, d); returns the Standardizer itself."""
        X = numerics.floating(checks.batch(self, X))
        if len(X) == 0:
            raise ValueError("Standardizer(): fit needs at least one sample.")
        self.mean = X.mean(axis=0)
        # whether a column is constant is asked of its values: rounding can give it a tiny standard deviation
        self.scale = np.where(X.max(axis=0) == X.min(axis=0), 1, X.std(axis=0))
        return self

    def transform(self, X: np.ndarray) -> np.ndarray:
        """(X - mean) / scale: (N, d) to (N, d)."""
        mean, scale = self._fitted()
        return (checks.batch(self, X, len(mean)) - mean) / scale

    def inverse_transform(self, X: np.ndarray) -> np.ndarray:
        """X scale + mean: (N, d) to (N, d)."""
        mean, scale = self._fitted()
        return checks.batch(self, X, len(mean)) * scale + mean

    def _fitted(self) -> tuple[np.ndarray, np.ndarray]:
        if self.mean is None or self.scale is None:
            raise RuntimeError("Standardizer(): call fit(X) on the training set first.")
        return self.mean, self.scale

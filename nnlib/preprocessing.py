"""Preprocessing: what is done to the inputs before a network sees them, learned from the training set alone."""

from typing import Self

import numpy as np

from nnlib import checks, numerics


class _Scaler(checks.Named):
    """Shifts and scales each column by numbers that `fit` takes from the data: X to (X - shift) / scale.

    `state` names the attributes that hold shift and scale, (d,) each: what is saved with a model.
    """

    state: tuple[str, str]
    scale: np.ndarray | None = None

    def fit(self, X: np.ndarray) -> Self:
        """Take shift and scale from X (N, d); returns the object itself. Raises ValueError for NaN and infinities."""
        X = numerics.floating(checks.batch(self, X))
        checks.require(len(X), f"{self}: fit needs at least one sample.")
        checks.require(np.isfinite(X).all(), f"{self}: fit needs finite numbers; X holds NaN or an infinity.")
        shift, scale = self._measured(X)
        setattr(self, self.state[0], shift)
        # whether a column is constant is asked of its values: rounding can give it a tiny standard deviation
        self.scale = np.where(X.max(axis=0) == X.min(axis=0), 1, scale)
        return self

    def _measured(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Shift and scale of each column."""
        raise NotImplementedError

    def transform(self, X: np.ndarray) -> np.ndarray:
        """(X - shift) / scale: (N, d) to (N, d)."""
        shift, scale = self._fitted()
        return (checks.batch(self, X, len(shift)) - shift) / scale

    def inverse_transform(self, X: np.ndarray) -> np.ndarray:
        """X scale + shift: (N, d) to (N, d)."""
        shift, scale = self._fitted()
        return checks.batch(self, X, len(shift)) * scale + shift

    def _fitted(self) -> tuple[np.ndarray, np.ndarray]:
        shift = getattr(self, self.state[0])
        if shift is None or self.scale is None:
            raise RuntimeError(f"{self}: call fit(X) on the training set first.")
        return shift, self.scale


class Standardizer(_Scaler):
    """Shifts and scales each column to mean 0 and standard deviation 1: X (N, d) to (X - mean) / scale.

    `scale` is the population standard deviation (divided by N); a constant column keeps scale 1, so that it becomes 0.
    Home: chapter 15.

    >>> X = np.array([[1.0, 5.0], [3.0, 5.0]])
    >>> Standardizer().fit(X).transform(X)
    array([[-1.,  0.],
           [ 1.,  0.]])
    """

    state = ("mean", "scale")
    mean: np.ndarray | None = None

    def _measured(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return X.mean(axis=0), X.std(axis=0)


class MinMax(_Scaler):
    """Shifts and scales each column to [0, 1]: X (N, d) to (X - low) / scale, with scale = max - min and low = min.

    A constant column keeps scale 1, so that it becomes 0; other data than the fitted may leave [0, 1].
    Home: chapter 15.

    >>> X = np.array([[1.0, 5.0], [2.0, 5.0], [5.0, 5.0]])
    >>> MinMax().fit(X).transform(X)
    array([[0.  , 0.  ],
           [0.25, 0.  ],
           [1.  , 0.  ]])
    """

    state = ("low", "scale")
    low: np.ndarray | None = None

    def _measured(self, X: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        low = X.min(axis=0)
        return low, X.max(axis=0) - low

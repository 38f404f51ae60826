"""Networks that behave like scikit-learn's estimators: for its pipelines, searches and scores.

This is the only module of nnlib that needs scikit-learn.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

try:
    from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
    from sklearn.utils.multiclass import check_classification_targets
    from sklearn.utils.validation import check_is_fitted, validate_data
except ModuleNotFoundError as error:
    raise ImportError(
        "nnlib.estimators needs scikit-learn, which is not installed here: python -m pip install scikit-learn"
    ) from error

from nnlib.activations import LeakyReLU, ReLU, Sigmoid, Swish, Tanh
from nnlib.layers import Dense
from nnlib.losses import MSE, SoftmaxCrossEntropy
from nnlib.network import Network
from nnlib.optimizers import AdamW
from nnlib.training import fit

ACTIVATIONS = {cls.__name__.lower(): cls for cls in (ReLU, LeakyReLU, Swish, Tanh, Sigmoid)}


class NNEstimator(BaseEstimator):  # type: ignore[misc]
    """What the two estimators share: their parameters, and how the network is built and trained.

    hidden: widths of the hidden layers; activation: "relu", "leakyrelu", "swish", "tanh" or "sigmoid"; lr and
    weight_decay: those of AdamW; epochs, batch_size: those of `fit`; random_state: an integer >= 0 for repeatable
    results, None, or a generator of numpy. Columns of X should be of one scale: put a StandardScaler before.
    """

    def __init__(
        self,
        hidden: Sequence[int] = (64,),
        *,
        activation: str = "relu",
        lr: float = 0.01,
        weight_decay: float = 0.0,
        epochs: int = 100,
        batch_size: int = 32,
        random_state: Any = None,
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.lr = lr
        self.weight_decay = weight_decay
        self.epochs = epochs
        self.batch_size = batch_size
        self.random_state = random_state

    def _train(self, X: np.ndarray, y: np.ndarray, n_out: int, loss: Any) -> None:
        rng = _generator(self.random_state)
        widths = [X.shape[1], *self.hidden]
        if self.activation not in ACTIVATIONS:
            raise ValueError(f"{self}: activation must be one of {', '.join(ACTIVATIONS)}, got {self.activation!r}.")
        layers: list[Any] = []
        for n_in, n in zip(widths, self.hidden, strict=False):
            layers += [Dense(n_in, n), ACTIVATIONS[self.activation]()]
        self.network_ = Network([*layers, Dense(widths[-1], n_out)], loss=loss, rng=rng)
        self.history_ = fit(
            self.network_,
            X,
            y,
            optimizer=AdamW(self.lr, weight_decay=self.weight_decay),
            epochs=self.epochs,
            batch_size=self.batch_size,
            progress=False,
            rng=rng,
        )

    def _output(self, X: Any) -> np.ndarray:
        check_is_fitted(self)
        return self.network_.predict(validate_data(self, X, reset=False))


class NNClassifier(ClassifierMixin, NNEstimator):  # type: ignore[misc]
    """A classifier: dense layers on softmax and cross-entropy, trained with AdamW; for the parameters see NNEstimator.

    After `fit` there are `network_`, `history_` and `classes_`.

    >>> from nnlib import data
    >>> X, y = data.blobs(90, rng=0)
    >>> model = NNClassifier((8,), epochs=20, random_state=0).fit(X, y)
    >>> model.predict_proba(X[:2]).shape, bool(model.score(X, y) > 0.9)
    ((2, 3), True)
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train a new network on X (N, d) and labels y (N,), of any kind."""
        X, y = validate_data(self, X, y, dtype=float)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self._train(X, labels, len(self.classes_), SoftmaxCrossEntropy())
        return self

    def predict_proba(self, X: Any) -> np.ndarray:
        """Probabilities, columns as in `classes_`: (B, d) to (B, K)."""
        y_hat = self._output(X)
        return self.network_.loss.probabilities(y_hat)

    def predict(self, X: Any) -> np.ndarray:
        """The most probable class: (B, d) to labels (B,)."""
        k = self._output(X).argmax(axis=1)
        return self.classes_[k]


class NNRegressor(RegressorMixin, NNEstimator):  # type: ignore[misc]
    """A regressor: dense layers on the mean squared error, trained with AdamW; for the parameters see NNEstimator.

    After `fit` there are `network_` and `history_`. Targets should be of scale 1, as in TransformedTargetRegressor.

    >>> from nnlib import data
    >>> X, y = data.sines(100, rng=0)
    >>> bool(NNRegressor(random_state=0).fit(X, y[:, 0]).score(X, y[:, 0]) > 0.9)
    True
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Train a new network on X (N, d) and targets y, (N,) or (N, K)."""
        X, y = validate_data(self, X, y, dtype=float, multi_output=True, y_numeric=True)
        self._shape = y.shape[1:]
        y = y.reshape(len(y), -1).astype(float)
        self._train(X, y, y.shape[1], MSE())
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Predictions: (B, d) to (B,) or (B, K), as the targets were."""
        y_hat = self._output(X)
        return y_hat.reshape(len(y_hat), *self._shape)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags


def _generator(random_state: Any) -> np.random.Generator:
    """A generator from what scikit-learn allows: its older kind of generator gives a seed."""
    if isinstance(random_state, np.random.RandomState):
        random_state = random_state.randint(2**31)
    return np.random.default_rng(random_state)

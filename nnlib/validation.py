"""Validation: measure a model on samples that it has not seen, and choose between models without deceiving oneself."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib import checks, metrics
from nnlib.progressbar import ProgressBar

if TYPE_CHECKING:
    from nnlib.initializers import Rng

Fold = tuple[np.ndarray, np.ndarray]
Train = Callable[..., Any]
Score = Callable[[Any, np.ndarray, np.ndarray], float]


def split(
    n: int | np.ndarray, held_out: float | Sequence[float] = 0.2, *, stratify: Any = None, rng: Rng = None
) -> tuple[np.ndarray, ...]:
    """Indices of a training set and of one held-out set, or several, drawn at random: each of 0..n-1 is in one set.

    `n` is the number of samples, or an array with one row for each. `held_out` is the share of the samples, in (0, 1),
    that is held out, or a share for each set; the training set comes first and has the rest. With labels (n,) as
    `stratify` each set has the same share of every class, up to rounding. Home: chapter 15. Raises ValueError if a
    set would be empty.

    >>> train, validation, test = split(10, (0.2, 0.3), rng=0)
    >>> len(train), len(validation), len(test)
    (5, 2, 3)
    """
    n, labels = _labels("split", n, stratify)
    shares = np.atleast_1d(np.asarray(held_out, float))
    if not ((shares > 0).all() and shares.sum() < 1):
        raise ValueError(f"split: the shares held out must be above 0 and their sum below 1, got {held_out}.")
    rng = np.random.default_rng(rng)
    cuts = np.cumsum([1 - shares.sum(), *shares[:-1]])
    members = [rng.permutation(np.flatnonzero(labels == label)) for label in range(labels.max() + 1)]
    pieces = [np.split(i, np.rint(cuts * len(i)).astype(int)) for i in members]
    sets = tuple(np.sort(np.concatenate(parts)) for parts in zip(*pieces, strict=True))
    if not all(map(len, sets)):
        raise ValueError(f"split: {n} samples are too few to hold out {held_out}; a set would be empty.")
    return sets


def kfold(n: int | np.ndarray, k: int, stratify: Any = None, *, rng: Rng = None) -> list[Fold]:
    """k pairs of indices (training set, held-out fold), in which each of 0..n-1 is held out once.

    The folds are drawn at random, and their sizes differ by at most 1. With labels (n,) as `stratify` the same is true
    of the number of samples of each class. Home: chapter 15. Raises ValueError unless 2 <= k <= n, or if a class has
    fewer than k samples.

    >>> [fold.tolist() for _, fold in kfold(5, 2, rng=0)]
    [[1, 2, 3], [0, 4]]
    """
    n, labels = _labels("kfold", n, stratify)
    if not isinstance(k, int | np.integer):
        raise TypeError(f"kfold: k must be an integer, got {k!r}.")
    if not 2 <= k <= n:
        raise ValueError(f"kfold: k must be at least 2 and at most the number of samples, {n}, got {k}.")
    if (fewest := np.bincount(labels).min()) < k:
        raise ValueError(f"kfold: a class has {fewest} samples, too few for k = {k} folds.")
    order = np.random.default_rng(rng).permutation(n)
    order = order[np.argsort(labels[order], kind="stable")]  # class after class, at random within a class
    fold = np.empty(n, int)
    fold[order] = np.arange(n) % k  # like dealing cards
    return [(np.flatnonzero(fold != i), np.flatnonzero(fold == i)) for i in range(k)]


def _labels(who: str, n: Any, stratify: Any) -> tuple[int, np.ndarray]:
    """Number of samples, and the class of each as an integer: all the same where nothing is stratified."""
    if np.ndim(n) == 0 and not isinstance(n, int | np.integer):
        raise TypeError(f"{who}: n must be an integer, or an array with a row for each sample, got {n!r}.")
    n = int(n) if np.ndim(n) == 0 else len(n)
    if n < 1:
        raise ValueError(f"{who}: there must be at least 1 sample, got {n}.")
    labels = np.zeros(n, int) if stratify is None else np.unique(stratify, return_inverse=True)[1]
    if labels.shape != (n,):
        raise ValueError(f"{who}: stratify must be labels of shape ({n},), got {np.shape(stratify)}.")
    return n, labels


def default_score(model: Any, X: np.ndarray, y: np.ndarray) -> float:
    """Accuracy if the model's loss is on classes, else minus its loss: the larger the better.

    X first goes through the model's `preprocessing`, if it has one: set it in `train`, fitted to the training set.
    """
    if getattr(model, "preprocessing", None) is not None:
        X = model.preprocessing.transform(X)
    if hasattr(model.loss, "probabilities"):
        return metrics.accuracy(model.predict_classes(X), y.ravel() if y.size == len(y) else y)
    return -model.loss.value(model.predict(X), y)


def cross_validate(
    train: Train,
    X: np.ndarray,
    y: np.ndarray,
    *,
    parameters: Mapping[str, Any] | None = None,
    k: int = 5,
    stratify: Any = None,
    score: Score = default_score,
    executor: Executor | None = None,
    progress: bool = True,
    rng: Rng = None,
) -> np.ndarray:
    """Scores (k,) of k models, each trained on the samples outside one fold and measured on that fold.

    `train(X, y, rng=..., **parameters)` is your function: it builds a network, trains it on these samples alone, which
    goes for its preprocessing too, and returns it. `rng` is a generator for the weights, the batches and whatever else
    is random. `score(model, X, y)` is a number, the larger the better.

    With any `concurrent.futures.Executor` the folds run in parallel: a ProcessPoolExecutor, or client.get_executor()
    of a Dask cluster. `train` then has to be a function that the workers can import or that can be sent to them. The
    folds and the seed of each follow from `rng` alone, so the numbers are the same whoever computes them, in whichever
    order. Home: chapter 15. Raises RuntimeError, with the parameters and the seed, if a fold fails or has a score that
    is not finite. Source: Stone, 1974.

    >>> from nnlib import Network, data, fit, layers, losses, optimizers
    >>> def train(X, y, rng, lr=0.1):
    ...     net = Network([layers.Dense(2, 3)], loss=losses.SoftmaxCrossEntropy(), rng=rng)
    ...     fit(net, X, y, optimizer=optimizers.Adam(lr), epochs=20, batch_size=20, rng=rng, progress=False)
    ...     return net
    >>> scores = cross_validate(train, *data.blobs(100, rng=0), k=4, rng=0)
    >>> scores.shape, bool(scores.min() > 0.9)
    ((4,), True)
    """
    grid = {name: [value] for name, value in (parameters or {}).items()}
    options: dict[str, Any] = {"k": k, "stratify": stratify, "score": score, "executor": executor}
    return grid_search(train, grid, X, y, progress=progress, rng=rng, **options).scores[0]


@dataclass
class GridSearch:
    """What `grid_search` found: a dictionary of parameters for each row of scores (combinations, k)."""

    parameters: list[dict[str, Any]]
    scores: np.ndarray

    @property
    def best(self) -> dict[str, Any]:
        """The parameters with the largest mean score, the first of them if there are several."""
        return self.parameters[int(self.scores.mean(axis=1).argmax())]

    def __str__(self) -> str:
        """A table, best first: mean and standard deviation over the folds, then the parameters."""
        rows = zip(self.scores.mean(axis=1), self.scores.std(axis=1), self.parameters, strict=True)
        ordered = sorted(rows, key=lambda row: -row[0])
        return "\n".join(f"{mean:9.4f} ± {deviation:.4f}  {values}" for mean, deviation, values in ordered)


def grid_search(
    train: Train,
    grid: Mapping[str, Sequence[Any]],
    X: np.ndarray,
    y: np.ndarray,
    *,
    k: int = 5,
    stratify: Any = None,
    score: Score = default_score,
    executor: Executor | None = None,
    progress: bool = True,
    rng: Rng = None,
) -> GridSearch:
    """Cross-validate `train` for each combination of parameters, on the same folds and with the same seeds.

    `grid` names the values to try, such as {"lr": [0.01, 0.1], "width": [16, 64]}. All else is as in `cross_validate`,
    whose scores for one combination and the same integer `rng` are the row that is found here. The best mean score is
    too good an estimate of what the winner can do, since it was chosen for it: measure that on a test set that no fold
    contains. Home: chapter 15. Raises TypeError if an entry of the grid is no list, ValueError if it is empty.

    >>> from nnlib import Network, data, fit, layers, losses, optimizers
    >>> def train(X, y, rng, lr):
    ...     net = Network([layers.Dense(2, 3)], loss=losses.SoftmaxCrossEntropy(), rng=rng)
    ...     fit(net, X, y, optimizer=optimizers.SGD(lr), epochs=5, batch_size=20, rng=rng, progress=False)
    ...     return net
    >>> found = grid_search(train, {"lr": [0.0, 1.0]}, *data.blobs(60, rng=0), k=3, rng=0)
    >>> found.best, found.scores.shape
    ({'lr': 1.0}, (2, 3))
    """
    X, y = np.asarray(X), np.asarray(y)
    checks.same_length("grid_search", X, y)
    combinations = _combinations(grid)
    rng = np.random.default_rng(rng)
    folds = kfold(len(X), k, stratify, rng=rng)
    seeds = rng.integers(2**63, size=k).tolist()
    jobs, names = [], []
    for values in combinations:
        for i, (seed, fold) in enumerate(zip(seeds, folds, strict=True)):
            jobs.append(partial(_score_on_fold, train, score, X, y, fold, seed, values))
            names.append(f"fold {i + 1} of {k} with {values} and seed {seed}")
    return GridSearch(combinations, np.reshape(_results(jobs, names, executor, progress), (-1, k)))


def _combinations(grid: Mapping[str, Sequence[Any]]) -> list[dict[str, Any]]:
    for name, values in grid.items():
        if isinstance(values, str) or not isinstance(values, Sequence | np.ndarray):
            raise TypeError(f"grid_search: {name} must be a list of values, got {values!r}.")
        if len(values) == 0:
            raise ValueError(f"grid_search: the list of values of {name} is empty.")
    return [dict(zip(grid, values, strict=True)) for values in itertools.product(*grid.values())]


def _score_on_fold(
    train: Train, score: Score, X: np.ndarray, y: np.ndarray, fold: Fold, seed: int, values: dict[str, Any]
) -> float:
    """What a worker does: train outside the fold, measure on it."""
    outside, held_out = fold
    model = train(X[outside], y[outside], rng=np.random.default_rng(seed), **values)
    return score(model, X[held_out], y[held_out])


def _results(
    jobs: Sequence[Callable[[], float]], names: Sequence[str], executor: Executor | None, progress: bool
) -> list[float]:
    """The scores of all jobs, in their order; the first that fails is named, and those not begun are cancelled."""
    futures = [executor.submit(job) for job in jobs] if executor is not None else []
    calls = [future.result for future in futures] or jobs
    bar, scores = ProgressBar(len(jobs), enabled=progress), []
    try:
        for name, call in zip(names, calls, strict=True):
            scores.append(_finite_score(name, call))
            bar.advance()
    finally:
        bar.close()
        for future in futures:
            future.cancel()
    return scores


def _finite_score(name: str, call: Callable[[], float]) -> float:
    try:
        score = float(call())
    except Exception as error:
        raise RuntimeError(f"{name} failed: {type(error).__name__}: {error}") from error
    if not math.isfinite(score):
        raise RuntimeError(f"{name} failed: its score is {score}.")
    return score

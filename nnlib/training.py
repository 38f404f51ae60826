"""Training: go through the data in batches, step against the gradient, write down what happened."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib import checks, data, metrics, storage
from nnlib.network import Network
from nnlib.progressbar import ProgressBar

if TYPE_CHECKING:
    from nnlib.initializers import Rng

Pair = tuple[np.ndarray, np.ndarray]


@dataclass
class History:
    """What happened in each epoch; entry e belongs to epoch e, counted from 0.

    loss: mean over the samples while they were trained on; val_loss: on the validation set after the epoch; metrics:
    lists by name ("val_accuracy" for classifiers); lr: learning rate at the start of the epoch; seconds: duration.
    stopped: why training ended before its last epoch, "early stopping" or "interrupted"; else "".
    """

    loss: list[float] = field(default_factory=list)
    val_loss: list[float] = field(default_factory=list)
    metrics: dict[str, list[float]] = field(default_factory=dict)
    lr: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    stopped: str = ""


class EarlyStopping:
    """Stops when the validation loss has not fallen by more than `min_delta` >= 0 for `patience` >= 1 epochs.

    With restore_best=True the network gets back the state of its best epoch, also if training ends otherwise.

    Home: chapter 13. Source: Morgan and Bourlard, 1990.

    >>> from nnlib import layers
    >>> stopping, net = EarlyStopping(patience=2), Network([layers.Dense(1, 1)])
    >>> [stopping.update(loss, net) for loss in (1.0, 0.5, 0.6, 0.5)]
    [False, False, False, True]
    """

    def __init__(self, patience: int = 10, min_delta: float = 0.0, restore_best: bool = True) -> None:
        if patience < 1:
            raise ValueError(f"EarlyStopping: patience must be at least 1, got {patience}.")
        self.patience, self.restore_best = patience, restore_best
        self.min_delta = checks.in_range("EarlyStopping", "min_delta", min_delta, 0, math.inf, "at least 0")
        self.reset()

    def reset(self) -> None:
        """Forget what was seen; `fit` begins with this."""
        self.best, self.waited = math.inf, 0
        self.best_state: dict[str, np.ndarray] = {}

    def update(self, val_loss: float, net: Network) -> bool:
        """Take note of an epoch; returns whether to stop."""
        if val_loss < self.best - self.min_delta:
            self.best, self.waited, self.best_state = val_loss, 0, net.state_dict()
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore(self, net: Network) -> None:
        """Give the network the state of its best epoch, if that is wanted and there was one."""
        if self.restore_best and self.best_state:
            net.load_state_dict(self.best_state)


def fit(
    net: Network,
    X: np.ndarray,
    y: np.ndarray,
    *,
    optimizer: Any,
    epochs: int,
    batch_size: int,
    validation: Pair | None = None,
    regularizer: Any = None,
    early_stopping: EarlyStopping | None = None,
    callbacks: Sequence[Callable[[int, Network, History], object]] = (),
    checkpoint: str | Path | None = None,
    progress: bool = True,
    rng: Rng = None,
) -> History:
    """Train `net` in place on X (N, d_0) and targets y, N of them, until it has had `epochs` epochs.

    Each epoch takes every sample once, in random order, in batches of `batch_size`. `optimizer` is any object with
    step(theta, grad). A regularizer adds value(net) to the loss and grad(net) to its gradient. `validation`, a pair
    (X, y), is measured after each epoch; then each callback is called with (epoch, net, history). With `checkpoint`, a
    path, the state is saved there after each epoch, and a later call with the same arguments goes on from it exactly,
    as if there had been no break; remove the file to begin anew. Ctrl-C ends training and keeps the history. Home:
    chapter 08. Raises FloatingPointError, naming step and learning rate, when the loss is no longer a finite number,
    and ValueError for a checkpoint that is damaged or belongs to another training.

    >>> from nnlib import layers, losses, optimizers
    >>> X, y = data.blobs(30, rng=0)
    >>> net = Network([layers.Dense(2, 3)], loss=losses.SoftmaxCrossEntropy(), rng=0)
    >>> history = fit(net, X, y, optimizer=optimizers.SGD(0.5), epochs=20, batch_size=10, rng=0, progress=False)
    >>> history.loss[-1] < history.loss[0]
    True
    """
    _check_options(optimizer, epochs, batch_size, validation, early_stopping)
    X, y = _samples(net, X, y)
    if validation is not None:
        validation = _samples(net, *validation)
    rng = np.random.default_rng(rng)
    if early_stopping:
        early_stopping.reset()
    state = _State(net, optimizer, rng, early_stopping)
    if checkpoint is not None and Path(checkpoint).exists():
        state.load(checkpoint)
    history = state.history
    steps = -(-len(X) // batch_size)
    bar = ProgressBar((epochs - len(history.loss)) * steps, enabled=progress)
    try:
        while len(history.loss) < epochs and not history.stopped:
            start, lr = perf_counter(), _rate(optimizer)
            loss = _epoch(net, data.batches(X, y, batch_size, rng=rng), optimizer, regularizer, bar)
            _record(history, net, loss, lr, start, validation)
            bar.text = f"epoch {len(history.loss)} of {epochs}, loss {loss:.3g}"
            for callback in callbacks:
                callback(len(history.loss) - 1, net, history)
            if early_stopping and early_stopping.update(history.val_loss[-1], net):
                history.stopped = "early stopping"
            if checkpoint is not None:
                state.save(checkpoint)
    except KeyboardInterrupt:
        history.stopped = "interrupted"
    finally:
        bar.close()
    if early_stopping:
        early_stopping.restore(net)
    return history


def _check_options(optimizer: Any, epochs: int, batch_size: int, validation: Any, early_stopping: Any) -> None:
    if isinstance(optimizer, type) or not hasattr(optimizer, "step"):
        raise TypeError(f"fit: optimizer must have step(theta, grad), as Adam(0.001) has; got {optimizer!r}.")
    for name, value in (("epochs", epochs), ("batch_size", batch_size)):
        if not isinstance(value, int | np.integer):
            raise TypeError(f"fit: {name} must be an integer, got {value!r}.")
        if value < 1:
            raise ValueError(f"fit: {name} must be at least 1, got {value}.")
    if validation is not None and len(validation) != 2:
        raise ValueError("fit: validation must be a pair (X, y).")
    if early_stopping is not None and validation is None:
        raise ValueError("fit: early stopping watches the validation loss; give validation=(X, y).")


def _samples(net: Network, X: np.ndarray, y: np.ndarray) -> Pair:
    """X and y in the network's dtype, integer targets as they are, after checking that they are samples."""
    X, y = np.asarray(X), np.asarray(y)
    for name, array in (("X", X), ("y", y)):
        if array.dtype.kind not in "fiub":
            raise TypeError(f"fit: {name} must hold real numbers, got dtype {array.dtype}.")
    if X.ndim == 0 or y.ndim == 0 or X.size == 0:
        raise ValueError(f"fit: there are no samples in X of shape {X.shape} with y of shape {y.shape}.")
    checks.same_length("fit", X, y)
    return X.astype(net.dtype, copy=False), y.astype(net.dtype, copy=False) if y.dtype.kind == "f" else y


def _rate(optimizer: Any) -> float:
    """The learning rate of the coming step; an optimizer of one's own need not tell."""
    return optimizer.rate() if hasattr(optimizer, "rate") else getattr(optimizer, "lr", math.nan)


def _epoch(net: Network, batches: Any, optimizer: Any, regularizer: Any, bar: ProgressBar) -> float:
    """One step for each batch; returns the mean loss over the samples."""
    total, count, theta = 0.0, 0, net.theta
    # what overflows while training diverges is told once, below, and better
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for X, y in batches:
            value, grad = net.loss_and_grad(X, y)
            if regularizer is not None:
                value += regularizer.value(net)
                grad += regularizer.grad(net)
            if not math.isfinite(value):
                raise FloatingPointError(
                    f"fit: the loss is {value} at step {bar.done}, with learning rate {_rate(optimizer):g}. "
                    "Try a smaller learning rate, clip_norm, or look for infinities in the data."
                )
            optimizer.step(theta, grad)
            total += value * len(y)
            count += len(y)
            bar.advance()
    return total / count


def _record(history: History, net: Network, loss: float, lr: float, start: float, validation: Pair | None) -> None:
    """Append one epoch to the history."""
    if validation is not None:
        X, y = validation
        history.val_loss.append(net.loss.value(net.predict(X), y))
        classes = y[:, 0] >= 0.5 if y.ndim == 2 and y.shape[1] == 1 else y
        if hasattr(net.loss, "probabilities") and (classes.ndim == 1 or np.allclose(classes.sum(axis=1), 1)):
            history.metrics.setdefault("val_accuracy", []).append(metrics.accuracy(net.predict_classes(X), classes))
    history.lr.append(lr)
    history.seconds.append(perf_counter() - start)
    history.loss.append(loss)


@dataclass
class _State:
    """All that the next epoch depends on, and how it goes to a file and back."""

    net: Network
    optimizer: Any
    rng: np.random.Generator
    early_stopping: EarlyStopping | None
    history: History = field(default_factory=History)

    def save(self, path: str | Path) -> None:
        arrays = _named("net", self.net.state_dict()) | _named("optimizer", self.optimizer.state_dict())
        header = {
            "rng": [rng.bit_generator.state for rng in self._generators()],
            "history": asdict(self.history),
        }
        if stopping := self.early_stopping:
            header["early_stopping"] = {"best": stopping.best, "waited": stopping.waited}
            arrays |= _named("best", stopping.best_state)
        storage.write(path, "checkpoint", header, arrays)

    def load(self, path: str | Path) -> None:
        header, arrays = storage.read(path, "checkpoint")
        try:
            self._take(header, arrays)
        except Exception as error:  # whatever a broken file leads to, it means one thing
            raise storage.unusable(path, "checkpoint of this training", error) from error

    def _take(self, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        self.net.load_state_dict(_of("net", arrays))
        self.optimizer.load_state_dict(_of("optimizer", arrays))
        for rng, state in zip(self._generators(), header["rng"], strict=True):
            rng.bit_generator.state = state
        self.history = _history(header["history"])
        if self.early_stopping and "early_stopping" in header:
            seen = header["early_stopping"]
            self.early_stopping.best, self.early_stopping.waited = float(seen["best"]), int(seen["waited"])
            self.early_stopping.best_state = _of("best", arrays)

    def _generators(self) -> list[np.random.Generator]:
        """All that numbers are drawn from: the order of the samples first, then the layers."""
        return [self.rng, *self.net.generators()]


def _named(prefix: str, arrays: dict[str, Any]) -> dict[str, np.ndarray]:
    return {f"{prefix}.{name}": np.asarray(array) for name, array in arrays.items()}


def _of(prefix: str, arrays: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """The arrays that were `_named` with this prefix."""
    return {name[len(prefix) + 1 :]: array for name, array in arrays.items() if name.startswith(prefix + ".")}


def _history(values: dict[str, Any]) -> History:
    """A history from a file, each entry of the kind that it has in a new one."""
    for name, empty in asdict(History()).items():
        if type(values[name]) is not type(empty):
            raise TypeError(f"history.{name} is {values[name]!r}")
    return History(**values)

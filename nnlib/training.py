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
from nnlib.optimizers import Optimizer
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

    With restore_best=True the network gets back the parameters of its best epoch, also if training ends otherwise.

    >>> stopping = EarlyStopping(patience=2)
    >>> [stopping.update(loss, np.zeros(1)) for loss in (1.0, 0.5, 0.6, 0.5)]
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
        self.best_theta: np.ndarray | None = None

    def update(self, val_loss: float, theta: np.ndarray) -> bool:
        """Take note of an epoch; returns whether to stop."""
        if val_loss < self.best - self.min_delta:
            self.best, self.waited, self.best_theta = val_loss, 0, theta.copy()
        else:
            self.waited += 1
        return self.waited >= self.patience

    def restore(self, net: Network) -> None:
        """Give the network the parameters of its best epoch, if that is wanted and there was one."""
        if self.restore_best and self.best_theta is not None:
            net.theta = self.best_theta


def fit(
    net: Network,
    X: np.ndarray,
    y: np.ndarray,
    *,
    optimizer: Optimizer,
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

    A regularizer adds value(net) to the loss and grad(net) to its gradient. After each epoch each callback is called
    with (epoch, net, history). With `checkpoint`, a path, the state is saved there after each epoch, and a later call
    goes on from it exactly, as if there had been no break; remove the file to begin anew. Ctrl-C ends training and
    keeps the history. Raises FloatingPointError, naming step and learning rate, when the loss is no longer a finite
    number.

    >>> from nnlib import layers, losses, optimizers
    >>> X, y = data.blobs(30, rng=0)
    >>> net = Network([layers.Dense(2, 3)], loss=losses.SoftmaxCrossEntropy(), rng=0)
    >>> history = fit(net, X, y, optimizer=optimizers.SGD(0.5), epochs=20, batch_size=10, rng=0, progress=False)
    >>> history.loss[-1] < history.loss[0]
    True
    """
    X, y = _arguments(net, X, y, epochs, batch_size, validation, early_stopping)
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
            start, lr = perf_counter(), optimizer.rate()
            loss = _epoch(net, data.batches(X, y, batch_size, rng=rng), optimizer, regularizer, bar)
            _record(history, net, loss, lr, start, validation)
            bar.text = f"epoch {len(history.loss)} of {epochs}, loss {loss:.3g}"
            for callback in callbacks:
                callback(len(history.loss) - 1, net, history)
            if early_stopping and early_stopping.update(history.val_loss[-1], net.theta):
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


def _arguments(
    net: Network, X: np.ndarray, y: np.ndarray, epochs: int, batch_size: int, validation: Any, early_stopping: Any
) -> Pair:
    """X and y in the network's dtype (integer labels as they are), after checking what `fit` was given."""
    X, y = np.asarray(X, net.dtype), np.asarray(y)
    checks.same_length("fit", X, y)
    if len(X) == 0:
        raise ValueError("fit: there are no samples.")
    if epochs < 1 or batch_size < 1:
        raise ValueError(f"fit: epochs and batch_size must be at least 1, got {epochs} and {batch_size}.")
    if early_stopping is not None and validation is None:
        raise ValueError("fit: early stopping watches the validation loss; give validation=(X, y).")
    return X, y.astype(net.dtype) if y.dtype.kind == "f" else y


def _epoch(net: Network, batches: Any, optimizer: Optimizer, regularizer: Any, bar: ProgressBar) -> float:
    """One step for each batch; returns the mean loss over the samples."""
    total, count = 0.0, 0
    # what overflows while training diverges is told once, below, and better
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        for X, y in batches:
            value, grad = net.loss_and_grad(X, y)
            if regularizer is not None:
                value += regularizer.value(net)
                grad += regularizer.grad(net)
            if not math.isfinite(value):
                raise _diverged(value, optimizer)
            optimizer.step(net.theta, grad)
            total += value * len(y)
            count += len(y)
            bar.advance()
    return total / count


def _diverged(value: float, optimizer: Optimizer) -> FloatingPointError:
    return FloatingPointError(
        f"fit: the loss is {value} at step {optimizer.t}, with learning rate {optimizer.rate():g}. "
        "Try a smaller learning rate, clip_norm, or look for infinities in the data."
    )


def _record(history: History, net: Network, loss: float, lr: float, start: float, validation: Pair | None) -> None:
    """Append one epoch to the history."""
    if validation is not None:
        X, y = validation
        y_hat = net.predict(X)
        history.val_loss.append(net.loss.value(y_hat, y))
        if hasattr(net.loss, "probabilities"):
            history.metrics.setdefault("val_accuracy", []).append(metrics.accuracy(net.predict_classes(X), y))
    history.lr.append(lr)
    history.seconds.append(perf_counter() - start)
    history.loss.append(loss)


@dataclass
class _State:
    """All that the next epoch depends on, and how it goes to a file and back."""

    net: Network
    optimizer: Optimizer
    rng: np.random.Generator
    early_stopping: EarlyStopping | None
    history: History = field(default_factory=History)

    def save(self, path: str | Path) -> None:
        optimizer = self.optimizer.state_dict()
        arrays = {"theta": self.net.theta}
        arrays |= {f"optimizer.{name}": np.asarray(value) for name, value in optimizer.items()}
        header = {"rng": self.rng.bit_generator.state, "history": asdict(self.history)}
        if stopping := self.early_stopping:
            header["early_stopping"] = {"best": stopping.best, "waited": stopping.waited}
            if stopping.best_theta is not None:
                arrays["best_theta"] = stopping.best_theta
        storage.write(path, "checkpoint", header, arrays)

    def load(self, path: str | Path) -> None:
        header, arrays = storage.read(path, "checkpoint")
        try:
            self._take(header, arrays)
        except Exception as error:  # whatever a broken file leads to, it means one thing
            raise storage.unusable(path, "checkpoint of this training", error) from error

    def _take(self, header: dict[str, Any], arrays: dict[str, np.ndarray]) -> None:
        if arrays["theta"].shape != self.net.theta.shape:
            raise ValueError(f"it has {arrays['theta'].size} parameters, the network {self.net.theta.size}")
        state = {name[10:]: value for name, value in arrays.items() if name.startswith("optimizer.")}
        self.optimizer.load_state_dict(state)
        self.net.theta = arrays["theta"]
        self.rng.bit_generator.state = header["rng"]
        self.history = History(**header["history"])
        if self.early_stopping and "early_stopping" in header:
            vars(self.early_stopping).update(header["early_stopping"], best_theta=arrays.get("best_theta"))

"""A network: layers in a row, all their parameters in one vector theta, all their gradients in another."""

from __future__ import annotations

import inspect
import math
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from nnlib import activations, layers, losses, numerics, preprocessing, storage

if TYPE_CHECKING:
    from nnlib.initializers import Rng

KNOWN = {
    name: cls
    for module in (layers, activations, losses, preprocessing)
    for name, cls in vars(module).items()
    if isinstance(cls, type) and cls.__module__ == module.__name__
}


class Network:
    """Layers applied one after the other, and the loss they are trained on.

    `theta` holds every parameter and `grad` every gradient, flat and contiguous; W, b, dW, db of the layers are views
    of them, so a step that changes theta in place changes the layers. `dtype` is float64 or float32. With rng=None
    the layers keep the weights that they have; otherwise each is reset from that generator. Raises TypeError for what
    is not a layer, ValueError for an empty network or a layer used twice.

    >>> net = Network([layers.Dense(2, 3), activations.Tanh(), layers.Dense(3, 1)], loss=losses.MSE(), rng=0)
    >>> net.theta.shape, net.forward(np.zeros((4, 2))).shape
    ((13,), (4, 1))
    """

    def __init__(self, layers: Sequence[Any], *, loss: Any = None, dtype: Any = np.float64, rng: Rng = None) -> None:
        self.layers = _checked(layers)
        self.loss = loss
        self.dtype = np.dtype(dtype)
        if self.dtype not in (np.float32, np.float64):
            raise TypeError(f"Network: dtype must be float32 or float64, got {self.dtype}.")
        self.preprocessing: Any = None
        if rng is not None:
            self._reset(np.random.default_rng(rng))
        size = sum(np.prod(shape, dtype=int) for _, _, shape in self._slots())
        self._theta, self._grad = np.zeros(size, self.dtype), np.zeros(size, self.dtype)
        self._make_views()
        self._adopt(self._parameters)
        self._bind(self._gradients)

    def __repr__(self) -> str:
        return f"Network({self.layers}, loss={self.loss}, dtype={self.dtype})"

    @property
    def theta(self) -> np.ndarray:
        """All parameters (M,); assigning to it copies the values in."""
        self._adopt(self._parameters)
        return self._theta

    @theta.setter
    def theta(self, values: np.ndarray) -> None:
        self._theta[:] = values

    @property
    def grad(self) -> np.ndarray:
        """The gradient (M,) of the last backward pass, in the order of theta; the next pass overwrites it."""
        return self._grad

    def forward(self, X: np.ndarray, *, training: bool = False) -> np.ndarray:
        """Output of the last layer: X (B, d_0) to (B, d_L)."""
        self._adopt(self._parameters)
        a = np.asarray(X)
        if a.dtype != self.dtype and a.dtype.kind != "c":  # complex: somebody measures with the complex step
            a = numerics.floating(a).astype(self.dtype)
        for layer in self.layers:
            a = layer.forward(a, training=training)
        return a

    def backward(self, dy: np.ndarray) -> np.ndarray:
        """Fill grad, and return the gradient at X: from dy (B, d_L) to (B, d_0)."""
        dy = np.asarray(dy)
        for layer in reversed(self.layers):
            dy = layer.backward(dy)
        self._adopt(self._gradients)
        return dy

    def loss_and_grad(self, X: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
        """Loss of a training pass on the batch, and its gradient (M,) at theta, which is `grad` itself.

        Raises RuntimeError if the network has no loss.
        """
        if self.loss is None:
            raise RuntimeError("Network: there is no loss; give one, as in Network(layers, loss=MSE()).")
        y_hat = self.forward(X, training=True)
        value, dy = _value_and_grad(self.loss, y_hat, y)
        for layer in reversed(self.layers[1:]):
            dy = layer.backward(dy)
        # nobody asks for the gradient at X here, so the first layer need not compute it
        first = self.layers[0]
        getattr(first, "gradients", first.backward)(dy)
        self._adopt(self._gradients)
        return value, self._grad

    def predict(self, X: np.ndarray) -> np.ndarray:
        """Output in evaluation mode, X (B, d_0) to (B, d_L): logits where the loss is on logits."""
        return self.forward(X, training=False)

    def predict_proba(self, X: np.ndarray) -> np.ndarray:
        """Probabilities of the classes: (B, d_0) to (B, K). Raises TypeError if the loss knows no probabilities."""
        if not hasattr(self.loss, "probabilities"):
            raise TypeError(f"Network: its loss is {self.loss}, not on classes, so there are no probabilities.")
        return self.loss.probabilities(self.predict(X))

    def predict_classes(self, X: np.ndarray) -> np.ndarray:
        """Class with the largest output for each sample: (B, d_0) to integers (B,).

        One output alone is a probability of class 1 after `predict_proba`, and the class is 1 from 1/2 on. Raises
        ValueError if an output is NaN.
        """
        y_hat = self.predict(X)
        if np.isnan(y_hat).any():
            raise ValueError("Network: an output is NaN, so no class has the largest.")
        if y_hat.shape[1] == 1:
            return (self.predict_proba(X)[:, 0] >= 0.5).astype(int)
        return y_hat.argmax(axis=1)

    def named_parameters(self) -> Iterator[tuple[str, np.ndarray]]:
        """Pairs such as ("0.W", array): number of the layer, name, view of theta, in the order of theta."""
        self._adopt(self._parameters)
        for i, name, _ in self._slots():
            yield f"{i}.{name}", getattr(self.layers[i], name)

    def state_dict(self) -> dict[str, np.ndarray]:
        """A copy of all that was learned: theta, and the buffers of the layers by name, such as "1.running_mean".

        >>> sorted(Network([layers.Dense(2, 3), layers.BatchNorm(3)]).state_dict())
        ['1.running_mean', '1.running_var', 'theta']
        """
        return {"theta": self.theta.copy()} | {name: buffer.copy() for name, buffer in self._buffers().items()}

    def load_state_dict(self, state: dict[str, np.ndarray]) -> None:
        """Go back to a state that `state_dict` returned; raises ValueError if it belongs to another network."""
        arrays = {"theta": self.theta} | self._buffers()
        if set(state) != set(arrays):
            raise ValueError(f"Network: expected the state {sorted(arrays)}, got {sorted(state)}.")
        for name, array in arrays.items():
            if np.shape(state[name]) != array.shape:
                raise ValueError(f"Network: {name} must have shape {array.shape}, got {np.shape(state[name])}.")
        for name, array in arrays.items():
            np.copyto(array, state[name])

    def generators(self) -> list[np.random.Generator]:
        """The generators that the layers draw from, as Dropout does from its attribute `rng`."""
        found = [getattr(owner, "rng", None) for owner in (self, *self.layers)]
        return [rng for rng in found if isinstance(rng, np.random.Generator)]

    def summary(self) -> str:
        """One line per layer with its number of parameters, and their total.

        >>> print(Network([layers.Dense(784, 128), activations.ReLU(), layers.Dense(128, 10)]).summary())
        layer                parameters
        0 Dense(784, 128)       100,480
        1 ReLU()                      0
        2 Dense(128, 10)          1,290
        total                   101,770
        """
        counts = [0] * len(self.layers)
        for i, _, shape in self._slots():
            counts[i] += int(np.prod(shape))
        rows = [(f"{i} {layer}", f"{n:,}") for i, (layer, n) in enumerate(zip(self.layers, counts, strict=True))]
        rows = [("layer", "parameters"), *rows, ("total", f"{sum(counts):,}")]
        width = max(20, *(len(name) for name, _ in rows))
        return "\n".join(f"{name:<{width}} {n:>10}" for name, n in rows)

    def save(self, path: str | Path, preprocessing: Any = None) -> None:
        """Write layers, loss and `state_dict` to an npz file, atomically, with a fitted preprocessing if one is given.

        Raises TypeError if an argument of a layer cannot be written as plain data.
        """
        preparation = self.preprocessing if preprocessing is None else preprocessing
        header = {
            "layers": [_described(layer) for layer in self.layers],
            "loss": _described(self.loss),
            "preprocessing": _described(preparation),
        }
        state = {f"preprocessing.{name}": getattr(preparation, name) for name in getattr(preparation, "state", ())}
        storage.write(path, "saved network", header, self.state_dict() | state)

    @classmethod
    def load(cls, path: str | Path, **classes: Any) -> Network:
        """Read a network that `save` wrote; what was saved with it as preprocessing is its attribute `preprocessing`.

        A class of your own is handed over by name: Network.load(path, MyLayer=MyLayer). Nothing in the file is run,
        but the arguments of your class come from it. Raises FileNotFoundError if there is no file, ValueError if it is
        damaged or names an unknown class.
        """
        header, arrays = storage.read(path, "saved network")
        try:
            _check_sizes(header["layers"], arrays["theta"].size)
            net = cls(
                [_built(entry, classes) for entry in header["layers"]],
                loss=_built(header["loss"], classes),
                dtype=arrays["theta"].dtype,
            )
            net.preprocessing = _built(header["preprocessing"], classes)
            for name in getattr(net.preprocessing, "state", ()):
                setattr(net.preprocessing, name, arrays.pop(f"preprocessing.{name}"))
            net.load_state_dict(arrays)
        except Exception as error:  # whatever a broken file leads to, it means one thing
            raise storage.unusable(path, "saved network", error) from error
        return net

    def _reset(self, rng: np.random.Generator) -> None:
        for layer in self.layers:
            if hasattr(layer, "reset"):
                layer.reset(rng)

    def _slots(self) -> Iterator[tuple[int, str, tuple[int, ...]]]:
        """Number of the layer, name and shape of each parameter, in the order of theta."""
        for i, layer in enumerate(self.layers):
            for name, shape in getattr(layer, "shapes", {}).items():
                yield i, name, shape

    def _buffers(self) -> dict[str, np.ndarray]:
        """State of the layers beyond their parameters: the arrays themselves."""
        owners = enumerate(self.layers)
        return {f"{i}.{name}": b for i, layer in owners for name, b in getattr(layer, "buffers", {}).items()}

    def _make_views(self) -> None:
        """Cut theta and grad into one view for each parameter."""
        self._parameters: list[tuple[Any, str, np.ndarray]] = []
        self._gradients: list[tuple[Any, str, np.ndarray]] = []
        start = 0
        for i, name, shape in self._slots():
            here = slice(start, start + int(np.prod(shape)))
            self._parameters.append((self.layers[i], name, self._theta[here].reshape(shape)))
            self._gradients.append((self.layers[i], "d" + name, self._grad[here].reshape(shape)))
            start = here.stop

    @staticmethod
    def _bind(views: list[tuple[Any, str, np.ndarray]]) -> None:
        for layer, name, view in views:
            setattr(layer, name, view)

    @staticmethod
    def _adopt(views: list[tuple[Any, str, np.ndarray]]) -> None:
        """Where a layer has bound a name to an array of its own, copy that into the view and bind the view again."""
        for layer, name, view in views:
            value = getattr(layer, name)
            if value is not view:
                if np.shape(value) != view.shape:
                    raise ValueError(f"{layer}: {name} must have shape {view.shape}, got {np.shape(value)}.")
                view[...] = value
                setattr(layer, name, view)

    def __getstate__(self) -> dict[str, Any]:
        """All but the views: a copy of a view is no view of the copy."""
        self._adopt(self._parameters)
        return {name: value for name, value in vars(self).items() if name not in ("_parameters", "_gradients")}

    def __setstate__(self, state: dict[str, Any]) -> None:
        vars(self).update(state)
        self._make_views()
        self._bind(self._parameters + self._gradients)


def _checked(layers: Sequence[Any]) -> list[Any]:
    """The layers as a list, each with forward and backward, no object twice."""
    layers = list(layers)
    if not layers:
        raise ValueError("Network: give at least one layer.")
    for i, layer in enumerate(layers):
        if isinstance(layer, type):
            raise TypeError(f"Network: layer {i} is the class {layer.__name__}; make one: {layer.__name__}(...).")
        if not hasattr(layer, "forward") or not hasattr(layer, "backward"):
            raise TypeError(f"Network: layer {i} needs the methods forward and backward, got {layer!r}.")
        if any(layer is other for other in layers[:i]):
            raise ValueError(f"Network: layer {i}, {layer}, is used twice; make a second one.")
    return layers


def _value_and_grad(loss: Any, y_hat: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray]:
    if hasattr(loss, "value_and_grad"):
        return loss.value_and_grad(y_hat, y)
    return loss.value(y_hat, y), loss.grad(y_hat, y)


def _described(thing: Any) -> dict[str, Any] | None:
    """Class name and constructor arguments, read from the attributes of the same names."""
    if thing is None:
        return None
    arguments = {}
    for name in inspect.signature(type(thing)).parameters:
        # neither a generator nor a function can be written: load takes the constructor's default
        if name != "rng" and not callable(value := _attribute(thing, name)):
            arguments[name] = value
    return {"class": type(thing).__name__, "arguments": arguments}


def _attribute(thing: Any, name: str) -> Any:
    if not hasattr(thing, name):
        raise TypeError(
            f"save: {type(thing).__name__} takes the argument {name} but has no attribute of that name; "
            f"keep it with self.{name} = {name}."
        )
    return getattr(thing, name)


def _check_sizes(entries: list[dict[str, Any]], size: int) -> None:
    """Refuse widths that a false file made up, before a layer asks for the memory: a Dense has n_in n_out weights."""
    arguments = [entry["arguments"] for entry in entries if entry["class"] in KNOWN]
    widths = [[abs(given[name]) for name in ("n", "n_in", "n_out") if name in given] for given in arguments]
    if not sum(math.prod(n) for n in widths if n) <= size:  # a sum that is no number is refused, too
        raise ValueError(f"the layers have more parameters than the {size} in the file")


def _built(entry: dict[str, Any] | None, classes: dict[str, Any]) -> Any:
    """The object that `_described` described."""
    if entry is None:
        return None
    known = KNOWN | classes
    name = entry["class"]
    if name not in known:
        raise ValueError(f"the class {name} is not known; hand it to load: Network.load(path, {name}={name})")
    return known[name](**entry["arguments"])

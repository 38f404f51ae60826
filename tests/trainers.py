"""Functions that train a model, in a module of their own: worker processes have to be able to import them."""

from __future__ import annotations

import os
import time

from nnlib import Network, fit
from nnlib.activations import ReLU
from nnlib.layers import Dense, Dropout
from nnlib.losses import MSE, SoftmaxCrossEntropy
from nnlib.optimizers import Adam
from nnlib.preprocessing import Standardizer


def classifier(X, y, rng, width=8, lr=0.05, epochs=5):
    """Everything that can be random: weights, batches, masks."""
    layers = [Dense(X.shape[1], width), ReLU(), Dropout(0.2), Dense(width, 3)]
    net = Network(layers, loss=SoftmaxCrossEntropy(), rng=rng)
    fit(net, X, y, optimizer=Adam(lr), epochs=epochs, batch_size=16, rng=rng, progress=False)
    return net


def standardized(X, y, rng):
    net = Network([Dense(X.shape[1], 1)], loss=MSE(), rng=rng)
    net.preprocessing = Standardizer().fit(X)
    options = {"optimizer": Adam(0.1), "epochs": 60, "batch_size": 100, "rng": rng, "progress": False}
    fit(net, net.preprocessing.transform(X), y, **options)
    return net


def slow_at_first(X, y, rng, delay):
    """Later jobs are done before earlier ones."""
    time.sleep(delay)
    return classifier(X, y, rng, epochs=1)


def failing(X, y, rng, lr):
    if lr > 1:
        raise FloatingPointError(f"the rate {lr} is too large")
    return classifier(X, y, rng, epochs=1)


def dying(X, y, rng):
    os._exit(3)

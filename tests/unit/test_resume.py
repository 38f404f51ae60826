"""Training that is broken off, also by force, goes on from its checkpoint as if nothing had happened."""

from __future__ import annotations

import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from nnlib import Network, data, storage
from nnlib.activations import ReLU
from nnlib.graph import GraphNetwork
from nnlib.layers import BatchNorm, Dense, DropConnect, Dropout
from nnlib.losses import MSE, BCEWithLogits, SoftmaxCrossEntropy
from nnlib.optimizers import Adam
from nnlib.regularizers import L2
from nnlib.schedules import Cosine
from nnlib.training import EarlyStopping, fit

X, Y = data.blobs(60, rng=0)
HELD_OUT = data.blobs(30, rng=1)


def make(dtype=np.float64, rng=0):
    layers = [Dense(2, 8), BatchNorm(8), ReLU(), Dropout(0.3), DropConnect(8, 6, 0.2), ReLU(), Dense(6, 3)]
    return Network(layers, loss=SoftmaxCrossEntropy(), dtype=dtype, rng=rng)


def run(net, epochs=6, **options):
    settings = {"optimizer": Adam(Cosine(0.02, 40)), "batch_size": 20, "progress": False, "rng": 3}
    return fit(net, X, Y, epochs=epochs, validation=HELD_OUT, **(settings | options))


def interrupt(epoch, net, history):
    if epoch == 2:
        raise KeyboardInterrupt


def same(net, other):
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, other.state_dict()[name], err_msg=name)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_masks_and_running_statistics_go_on_where_they_were(tmp_path, dtype):
    whole, again, options = make(dtype), make(dtype, rng=99), {"regularizer": L2(1e-3)}
    expected = run(whole, **options)
    run(make(dtype), checkpoint=tmp_path / "run", callbacks=[interrupt], **options)
    history = run(again, checkpoint=tmp_path / "run", rng=99, **options)
    same(whole, again)
    assert (history.loss, history.val_loss, history.lr) == (expected.loss, expected.val_loss, expected.lr)
    assert not np.array_equal(whole.layers[1].running_mean, np.zeros(8))


def test_a_graph_goes_on_too(tmp_path):
    def graph():
        net = GraphNetwork(2, loss=MSE(), rng=0)
        return net.add("h", [0, 1], "tanh", q=0.3).add("y", ["h", 0], q=0.5).outputs(["y"])

    def train(net, **options):
        settings = {"optimizer": Adam(0.01), "epochs": 6, "batch_size": 20, "progress": False, "rng": 3}
        return fit(net, X, X[:, :1], **settings, **options)

    whole, again = graph(), graph()
    expected = train(whole)
    train(graph(), checkpoint=tmp_path / "run", callbacks=[interrupt])
    assert train(again, checkpoint=tmp_path / "run").loss == expected.loss
    same(whole, again)


@pytest.mark.parametrize("bits", [np.random.MT19937, np.random.Philox, np.random.SFC64, np.random.PCG64DXSM])
def test_any_generator_can_be_used(tmp_path, bits):
    def train(net, **options):
        return run(net, rng=np.random.Generator(bits(5)), **options)

    whole, again = make(), make()
    train(whole)
    train(make(), checkpoint=tmp_path / "run", callbacks=[interrupt])
    train(again, checkpoint=tmp_path / "run")
    same(whole, again)


def test_the_best_state_includes_running_statistics(tmp_path):
    net, seen = make(), []
    stopping = EarlyStopping(patience=3)
    history = run(net, 60, early_stopping=stopping, callbacks=[lambda e, net, h: seen.append(net.state_dict())])
    best = int(np.argmin(history.val_loss))
    assert 0 < best < len(seen) - 1
    for name, array in net.state_dict().items():
        np.testing.assert_array_equal(array, seen[best][name])


def test_the_best_state_survives_a_break(tmp_path):
    whole, again, path = make(), make(), tmp_path / "run"
    expected = run(whole, 60, early_stopping=EarlyStopping(patience=3))

    def interrupt_after_the_best(epoch, net, history):
        if epoch == int(np.argmin(expected.val_loss)) + 1:
            raise KeyboardInterrupt

    run(make(), 60, early_stopping=EarlyStopping(3), checkpoint=path, callbacks=[interrupt_after_the_best])
    assert run(again, 60, early_stopping=EarlyStopping(3), checkpoint=path).val_loss == expected.val_loss
    same(whole, again)


@pytest.mark.parametrize("y", [Y % 2, (Y % 2)[:, None], (Y % 2)[:, None] * 0.9, np.eye(3)[Y]])
def test_accuracy_of_one_class_each(y):
    one = y.ndim == 1 or y.shape[1] == 1
    loss = BCEWithLogits() if y.ndim == 2 and one else SoftmaxCrossEntropy()
    net = Network([Dense(2, 3 if y.ndim == 1 or not one else 1)], loss=loss, rng=0)
    history = fit(net, X, y, optimizer=Adam(0.1), epochs=30, batch_size=60, validation=(X, y), progress=False, rng=0)
    classes = y if y.ndim == 1 else (y[:, 0] > 0.5 if one else Y)
    share = np.mean(net.predict_classes(X) == classes)
    assert history.metrics["val_accuracy"][-1] == share


def test_several_classes_at_once_have_no_accuracy():
    y = np.column_stack([Y > 0, Y < 2]).astype(float)
    net = Network([Dense(2, 2)], loss=BCEWithLogits(), rng=0)
    history = fit(net, X, y, optimizer=Adam(0.1), epochs=2, batch_size=60, validation=(X, y), progress=False, rng=0)
    assert history.metrics == {}
    assert len(history.val_loss) == 2


# -- an optimizer of one's own ----------------------------------------------------------------------------------------


class Mine:
    """All that fit asks for."""

    def __init__(self, lr):
        self.lr = lr

    def step(self, theta, grad):
        theta -= self.lr * grad


def test_an_own_optimizer_needs_a_step_and_nothing_else():
    history = run(make(), optimizer=Mine(0.1))
    assert history.lr == [0.1] * 6
    assert history.loss[-1] < history.loss[0]
    with pytest.raises(FloatingPointError, match=r"the loss is .* at step \d+, with learning rate 1e\+300"):
        run(make(), optimizer=Mine(1e300))


def test_an_own_optimizer_without_a_rate():
    mine = Mine(0.1)
    mine.step = lambda theta, grad, lr=mine.lr: np.subtract(theta, lr * grad, out=theta)
    del mine.lr
    assert np.isnan(run(make(), optimizer=mine).lr).all()


# -- checkpoints that do not fit --------------------------------------------------------------------------------------


def changed(path, change=None, **arrays):
    header, content = storage.read(path, "checkpoint")
    if change:
        change(header)
    content = {name: array for name, array in (content | arrays).items() if array is not None}
    storage.write(path, "checkpoint", header, content)


@pytest.mark.parametrize(
    "damage",
    [
        lambda path: path.write_bytes(path.read_bytes()[:-1]),
        lambda path: changed(path, **{"net.theta": None}),
        lambda path: changed(path, **{"net.1.running_mean": np.zeros(3)}),
        lambda path: changed(path, **{"optimizer.m": None}),
        lambda path: changed(path, lambda header: header.pop("rng")),
        lambda path: changed(path, lambda header: header["rng"].pop()),
        lambda path: changed(path, lambda header: header["rng"][0].update(bit_generator="MT19937")),
        lambda path: changed(path, lambda header: header["rng"][0].update(state=-1)),
        lambda path: changed(path, lambda header: header.update(history=[])),
        lambda path: changed(path, lambda header: header["history"].update(loss=7)),
        lambda path: changed(path, lambda header: header["history"].update(metrics=[])),
        lambda path: changed(path, lambda header: header["history"].update(more=[])),
        lambda path: changed(path, lambda header: header["history"].pop("stopped")),
        lambda path: changed(path, lambda header: header.update(early_stopping={"best": "low", "waited": 0})),
    ],
)
def test_a_checkpoint_that_does_not_fit_is_refused(tmp_path, damage):
    path = tmp_path / "run"
    run(make(), checkpoint=path)
    damage(path)
    with pytest.raises(ValueError, match="run cannot be used as a checkpoint"):
        run(make(), 9, checkpoint=path, early_stopping=EarlyStopping())


def test_a_saved_network_is_no_checkpoint(tmp_path):
    make().save(tmp_path / "net")
    with pytest.raises(ValueError, match="is a saved network, not a checkpoint"):
        run(make(), checkpoint=tmp_path / "net")


# -- killed -----------------------------------------------------------------------------------------------------------

PROGRAM = """
import os, signal, sys
sys.path.insert(0, sys.argv[1])
import numpy as np
from nnlib import Network, data, fit, storage
from nnlib.layers import BatchNorm, Dense, Dropout
from nnlib.losses import SoftmaxCrossEntropy
from nnlib.optimizers import Adam

def train(checkpoint, epochs, width, tell=lambda *_: None):
    X, y = data.blobs(60, rng=0)
    layers = [Dense(2, width), BatchNorm(width), Dropout(0.3), Dense(width, 200), Dense(200, 3)]
    net = Network(layers, loss=SoftmaxCrossEntropy(), rng=0)
    options = dict(optimizer=Adam(0.001), epochs=epochs, batch_size=30, progress=False, rng=0, callbacks=[tell])
    return net, fit(net, X, y, checkpoint=checkpoint, **options)

def die(*_, **__):
    os.kill(os.getpid(), signal.SIGKILL)
"""

AT_RANDOM = """
train(sys.argv[2], 60, 300, lambda epoch, net, history: print(epoch, flush=True))
"""

AT_A_POINT = """
point, pack, replace, epochs = sys.argv[3], storage._pack, os.replace, []

def half(file, arrays):
    if len(epochs) == 3:
        file.write(b"half a file")
        file.flush()
        die()
    pack(file, arrays)

def before(*names):
    die() if len(epochs) == 3 else replace(*names)

def after(*names):
    replace(*names)
    if len(epochs) == 3:
        die()

if point == "while writing":
    storage._pack = half
else:
    os.replace = {"before the exchange": before, "after the exchange": after}[point]
train(sys.argv[2], 6, 20, lambda *_: epochs.append(0))
"""


def start(program, path, *arguments):
    command = [sys.executable, "-c", PROGRAM + program, str(Path(__file__).parents[2]), str(path), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


@pytest.fixture(scope="module")
def train():
    names: dict = {}
    exec(PROGRAM.replace("sys.path.insert(0, sys.argv[1])", ""), names)
    return names["train"]


def epochs_in(path):
    header, _ = storage.read(path, "checkpoint")
    return len(header["history"]["loss"])


@pytest.mark.parametrize(
    ("point", "epochs"), [("while writing", 2), ("before the exchange", 2), ("after the exchange", 3)]
)
def test_killed_at_the_worst_moment(tmp_path, train, point, epochs):
    with start(AT_A_POINT, tmp_path / "run", point) as process:
        assert process.wait() == -signal.SIGKILL
    assert epochs_in(tmp_path / "run") == epochs
    assert len(list(tmp_path.iterdir())) == (1 if point == "after the exchange" else 2)
    whole, again = train(None, 6, 20), train(tmp_path / "run", 6, 20)
    same(whole[0], again[0])
    assert whole[1].loss == again[1].loss


def test_killed_again_and_again(tmp_path, train):
    """A kill at a random moment, eight times: there is always a whole checkpoint, and the end is the same."""
    path, moments, done = tmp_path / "run", random.Random(0), 0
    for _ in range(8):
        with start(AT_RANDOM, path) as process:
            process.stdout.readline()
            process.stdout.readline()  # one epoch has been saved by now
            time.sleep(moments.uniform(0, 0.03))
            process.kill()
        assert epochs_in(path) > done
        done = epochs_in(path)
        if done == 60:
            break
    whole, again = train(None, 60, 300), train(path, 60, 300)
    same(whole[0], again[0])
    assert whole[1].loss == again[1].loss

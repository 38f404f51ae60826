from __future__ import annotations

import io
import time

import numpy as np
import pytest

from nnlib import Network, data, fit
from nnlib.activations import Tanh
from nnlib.layers import Dense
from nnlib.losses import MSE, SoftmaxCrossEntropy
from nnlib.metrics import accuracy
from nnlib.optimizers import SGD, Adam
from nnlib.progressbar import ProgressBar
from nnlib.training import EarlyStopping, History

X, Y = data.blobs(60, rng=0)
HELD_OUT = data.blobs(30, rng=1)


def make(loss=None, dtype=np.float64):
    return Network([Dense(2, 8), Tanh(), Dense(8, 3)], loss=loss or SoftmaxCrossEntropy(), rng=0, dtype=dtype)


def run(net, **options):
    settings = {"optimizer": SGD(0.2), "epochs": 5, "batch_size": 16, "progress": False, "rng": 0}
    return fit(net, options.pop("X", X), options.pop("y", Y), **(settings | options))


# -- what fit does ----------------------------------------------------------------------------------------------------


def test_fit_is_the_loop_written_out():
    net, other, rng, sgd = make(), make(), np.random.default_rng(4), SGD(0.2, momentum=0.5)
    history = run(net, optimizer=SGD(0.2, momentum=0.5), epochs=3, rng=4)
    for epoch in range(3):
        losses, sizes = [], []
        for X_batch, y_batch in data.batches(X, Y, 16, rng=rng):
            value, grad = other.loss_and_grad(X_batch, y_batch)
            sgd.step(other.theta, grad)
            losses.append(value)
            sizes.append(len(y_batch))
        assert history.loss[epoch] == pytest.approx(np.average(losses, weights=sizes), rel=1e-13)
    assert sizes[-1] == 12
    np.testing.assert_array_equal(net.theta, other.theta)


def test_fit_learns_and_writes_down_what_happened():
    net = make()
    history = run(net, epochs=20, optimizer=SGD(lambda t: 0.5 / (1 + 0.01 * t)), validation=HELD_OUT)
    assert isinstance(history, History)
    assert history.loss[-1] < 0.5 * history.loss[0]
    assert [len(entry) for entry in (history.loss, history.val_loss, history.lr, history.seconds)] == [20] * 4
    assert history.lr[:2] == pytest.approx([0.5, 0.5 / 1.04])
    assert all(seconds > 0 for seconds in history.seconds)
    assert history.val_loss[-1] == pytest.approx(net.loss.value(net.predict(HELD_OUT[0]), HELD_OUT[1]))
    assert history.metrics == {"val_accuracy": history.metrics["val_accuracy"]}
    assert history.metrics["val_accuracy"][-1] == accuracy(net.predict(HELD_OUT[0]), HELD_OUT[1])
    assert history.stopped == ""


def test_without_validation_there_is_none():
    history = run(make())
    assert history.val_loss == []
    assert history.metrics == {}


def test_arguments_stay_as_they_are():
    kept = X.copy(), Y.copy()
    run(make(dtype=np.float32), validation=HELD_OUT)
    np.testing.assert_array_equal(X, kept[0])
    np.testing.assert_array_equal(Y, kept[1])


def test_regression_in_float32():
    X, y = data.sines(50, noise=0, rng=0)
    net = Network([Dense(1, 16), Tanh(), Dense(16, 1)], loss=MSE(), rng=0, dtype=np.float32)
    history = run(net, X=X, y=y, optimizer=Adam(0.02), epochs=200, validation=(X, y))
    assert history.loss[-1] < 0.1 * history.loss[0]
    assert history.metrics == {}
    assert net.theta.dtype == np.float32


def test_targets_come_in_the_dtype_of_the_network():
    class Watching:
        value = MSE().value

        def grad(self, y_hat, y):
            seen.add((y_hat.dtype, y.dtype))
            return MSE().grad(y_hat, y)

    seen = set()
    run(make(Watching(), dtype=np.float32), y=np.eye(3)[Y])
    assert seen == {(np.dtype(np.float32),) * 2}


class HalfSquares:
    """A learner's own penalty."""

    def value(self, net):
        return 0.05 * float(net.theta @ net.theta)

    def grad(self, net):
        return 0.1 * net.theta


def test_a_regularizer_is_added_to_loss_and_gradient():
    net, other = make(), make()
    plain = other.loss_and_grad(X, Y)[0] + HalfSquares().value(other)
    history = run(net, regularizer=HalfSquares(), epochs=4, batch_size=100)
    assert history.loss[0] == pytest.approx(plain)
    run(other, optimizer=SGD(0.2, weight_decay=0.1), epochs=4, batch_size=100)
    np.testing.assert_allclose(net.theta, other.theta, rtol=1e-12)


def test_callbacks_are_told_of_each_epoch():
    calls, net = [], make()
    run(net, epochs=3, callbacks=[lambda epoch, net, history: calls.append((epoch, net, len(history.loss)))])
    assert calls == [(0, net, 1), (1, net, 2), (2, net, 3)]


# -- early stopping ---------------------------------------------------------------------------------------------------


def test_early_stopping_counts_epochs_without_progress():
    stopping, net, told = EarlyStopping(patience=2, min_delta=0.1), make(), []
    for loss in [1.0, 0.8, 0.75, 0.6, 0.55, 0.51]:
        net.theta = loss
        told.append(stopping.update(loss, net))
    assert told == [False, False, False, False, False, True]
    assert stopping.best == 0.6
    stopping.restore(net)
    assert set(net.theta) == {0.6}


def noise(seed):
    """Random labels: the more is learned of them, the worse it gets on others."""
    rng = np.random.default_rng(seed)
    return rng.normal(size=(40, 2)), rng.integers(0, 3, 40)


@pytest.mark.parametrize("restore", [True, False])
def test_fit_stops_early_and_gives_back_the_best(restore):
    (X, y), (X_val, y_val) = noise(0), noise(1)
    net = make()
    stopping = EarlyStopping(patience=3, restore_best=restore)
    options = {"optimizer": Adam(0.05), "validation": (X_val, y_val), "early_stopping": stopping}
    history = run(net, X=X, y=y, epochs=200, **options)
    assert history.stopped == "early stopping"
    assert len(history.loss) == int(np.argmin(history.val_loss)) + 1 + 3
    end = min(history.val_loss) if restore else history.val_loss[-1]
    assert net.loss.value(net.predict(X_val), y_val) == pytest.approx(end, rel=1e-12)


def test_early_stopping_begins_anew_with_each_fit():
    stopping = EarlyStopping(patience=1)
    stopping.update(-1e9, make())
    history = run(make(), validation=HELD_OUT, early_stopping=stopping)
    assert len(history.loss) > 1


# -- interruptions ----------------------------------------------------------------------------------------------------


def interrupt(epoch, net, history):
    if epoch == 2:
        raise KeyboardInterrupt


def test_an_interrupt_keeps_the_history():
    history = run(make(), epochs=50, callbacks=[interrupt])
    assert history.stopped == "interrupted"
    assert len(history.loss) == 3


OPTIMIZERS = {
    "sgd": lambda: SGD(0.1),
    "nesterov": lambda: SGD(0.1, momentum=0.9, nesterov=True),
    "adam": lambda: Adam(0.01),
}


@pytest.mark.parametrize("optimizer", OPTIMIZERS.values(), ids=OPTIMIZERS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_resuming_is_bit_identical(tmp_path, optimizer, dtype):
    options = {"validation": HELD_OUT, "rng": 3}
    whole, parts = make(dtype=dtype), make(dtype=dtype)
    expected = run(whole, optimizer=optimizer(), epochs=7, **options)
    run(parts, optimizer=optimizer(), epochs=7, checkpoint=tmp_path / "run", callbacks=[interrupt], **options)
    again = make(dtype=dtype)
    again.theta[:] = 99
    history = run(again, optimizer=optimizer(), epochs=7, checkpoint=tmp_path / "run", **options)
    np.testing.assert_array_equal(again.theta, whole.theta)
    assert (history.loss, history.val_loss, history.lr) == (expected.loss, expected.val_loss, expected.lr)
    assert history.metrics == expected.metrics
    assert history.stopped == ""
    assert [path.name for path in tmp_path.iterdir()] == ["run"]


def test_resuming_early_stopping_is_exact(tmp_path):
    X, y = noise(0)

    def train(net, **options):
        options |= {"validation": noise(1), "early_stopping": EarlyStopping(patience=4)}
        return run(net, X=X, y=y, optimizer=Adam(0.05), epochs=200, **options)

    whole, again, path = make(), make(), tmp_path / "run"
    expected = train(whole)

    def interrupt_after_the_best(epoch, net, history):
        if epoch == int(np.argmin(expected.val_loss)) + 2:
            raise KeyboardInterrupt

    train(make(), checkpoint=path, callbacks=[interrupt_after_the_best])
    history = train(again, checkpoint=path)
    assert (history.val_loss, history.stopped) == (expected.val_loss, "early stopping")
    np.testing.assert_array_equal(again.theta, whole.theta)
    # a training that has ended is not taken up again
    assert train(make(), checkpoint=path).val_loss == expected.val_loss


def test_more_epochs_go_on_from_a_finished_training(tmp_path):
    whole, parts, path = make(), make(), tmp_path / "run"
    run(whole, epochs=6)
    run(parts, epochs=4, checkpoint=path)
    history = run(parts, epochs=6, checkpoint=path)
    assert len(history.loss) == 6
    np.testing.assert_array_equal(parts.theta, whole.theta)


@pytest.mark.parametrize(
    ("net", "optimizer", "words"),
    [
        (Network([Dense(2, 3)], loss=SoftmaxCrossEntropy()), SGD(0.1), r"theta must have shape \(9,\), got \(51,\)"),
        (make(), Adam(0.1), r"Adam: expected the state \['m', 't', 'v'\], got \['t'\]"),
    ],
)
def test_a_checkpoint_of_something_else_is_refused(tmp_path, net, optimizer, words):
    run(make(), checkpoint=tmp_path / "run")
    with pytest.raises(ValueError, match=words):
        run(net, optimizer=optimizer, checkpoint=tmp_path / "run")


@pytest.mark.parametrize("content", [b"", b"nonsense"])
def test_a_damaged_checkpoint_is_refused(tmp_path, content):
    (tmp_path / "run").write_bytes(content)
    with pytest.raises(ValueError, match="run cannot be used as a checkpoint"):
        run(make(), checkpoint=tmp_path / "run")


# -- divergence and other errors --------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_divergence_is_one_clear_error(dtype):
    X, y = data.sines(50, rng=0)
    net = Network([Dense(1, 16), Tanh(), Dense(16, 1)], loss=MSE(), rng=0, dtype=dtype)
    with pytest.raises(FloatingPointError, match=r"the loss is (inf|nan) at step \d+, with learning rate 1000\. Try"):
        run(net, X=X, y=y, optimizer=SGD(1000.0), epochs=400)


def test_nan_in_the_data_is_told_at_step_zero():
    bad = X.copy()
    bad[3, 0] = np.nan
    with pytest.raises(FloatingPointError, match="the loss is nan at step 0"):
        run(make(), X=bad, batch_size=60)


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"y": Y[:-1]}, ValueError, "fit: X has 60 samples and y has 59"),
        ({"X": X[:0], "y": Y[:0]}, ValueError, "fit: there are no samples"),
        ({"X": 3.0}, ValueError, r"fit: there are no samples in X of shape \(\)"),
        ({"X": X.astype(str)}, TypeError, "fit: X must hold real numbers, got dtype <U"),
        ({"X": X + 0j}, TypeError, "fit: X must hold real numbers, got dtype complex128"),
        ({"y": [None] * 60}, TypeError, "fit: y must hold real numbers, got dtype object"),
        ({"epochs": 0}, ValueError, "fit: epochs must be at least 1, got 0"),
        ({"epochs": 2.5}, TypeError, "fit: epochs must be an integer, got 2.5"),
        ({"batch_size": 0}, ValueError, "fit: batch_size must be at least 1, got 0"),
        ({"batch_size": "16"}, TypeError, "fit: batch_size must be an integer, got '16'"),
        ({"optimizer": SGD}, TypeError, r"fit: optimizer must have step\(theta, grad\), as Adam.* has; got <class"),
        ({"optimizer": "adam"}, TypeError, r"fit: optimizer must have step\(theta, grad\).*; got 'adam'"),
        ({"validation": (X,)}, ValueError, r"fit: validation must be a pair \(X, y\)"),
        ({"validation": (X, Y[:3])}, ValueError, "fit: X has 60 samples and y has 3"),
        ({"early_stopping": EarlyStopping()}, ValueError, r"early stopping watches .* give validation=\(X, y\)"),
    ],
)
def test_errors(options, error, words):
    with pytest.raises(error, match=words):
        run(make(), **options)


@pytest.mark.parametrize(
    ("options", "words"),
    [({"patience": 0}, "patience must be at least 1, got 0"), ({"min_delta": -1}, "min_delta must be at least 0")],
)
def test_early_stopping_errors(options, words):
    with pytest.raises(ValueError, match=words):
        EarlyStopping(**options)


# -- the bar ----------------------------------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


def shown(bar, steps=4, text="loss 0.5"):
    bar.next -= 10  # as if a long time had gone by
    bar.start -= 10
    bar.every = 0
    for _ in range(steps):
        bar.text = text
        bar.advance()
    bar.close()
    return bar.stream.getvalue()


def test_the_bar_rewrites_one_line():
    text = shown(ProgressBar(4, stream=Terminal()))
    assert text.count("\r") == 5
    assert text.count("\n") == 1
    assert text.endswith("\n")
    last = text.strip().split("\r")[-1]
    assert last.startswith("100% [####################]")
    assert last.endswith("loss 0.5")
    assert " 25% [#####               ]" in text


def test_a_shorter_line_covers_a_longer_one():
    bar = ProgressBar(2, stream=Terminal())
    bar.start -= 10
    bar.next, bar.every = 0, 0
    bar.text = "a long remark"
    bar.advance()
    bar.text = "ok"
    bar.advance()
    first, second = bar.stream.getvalue().split("\r")[1:]
    assert len(second) == len(first)


def test_a_log_file_gets_one_line():
    text = shown(ProgressBar(4, stream=io.StringIO()))
    assert "\r" not in text
    assert text.count("\n") == 1


def test_short_work_and_work_without_a_bar_print_nothing(capfd):
    short = ProgressBar(2, stream=Terminal())
    short.advance()
    short.close()
    assert short.stream.getvalue() == ""
    assert shown(ProgressBar(2, enabled=False, stream=Terminal())) == ""
    run(make())
    fit(make(), X, Y, optimizer=SGD(0.1), epochs=1, batch_size=10)
    assert capfd.readouterr() == ("", "")


def test_long_training_shows_its_bar(capfd, monkeypatch):
    monkeypatch.setattr(ProgressBar, "first", 0.01)
    callbacks = [lambda epoch, net, history: time.sleep(0.02)]
    fit(make(), X, Y, optimizer=SGD(0.1), epochs=2, batch_size=10, callbacks=callbacks)
    out, err = capfd.readouterr()
    assert out == ""
    assert "100%" in err
    assert "epoch 2 of 2, loss" in err

"""Disjoint sets, honest folds, and the same numbers from one process, a pool of them, and a cluster."""

from __future__ import annotations

import multiprocessing
import re
from concurrent.futures import Future, ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
import trainers
from hypothesis import given
from hypothesis import strategies as st

from nnlib import Network, data
from nnlib.activations import Sigmoid
from nnlib.layers import Dense
from nnlib.losses import BCE, MSE, SoftmaxCrossEntropy
from nnlib.preprocessing import Standardizer
from nnlib.validation import GridSearch, cross_validate, default_score, grid_search, kfold, split

X, Y = data.blobs(60, rng=0)

# -- split ------------------------------------------------------------------------------------------------------------


@given(st.integers(8, 60), st.integers(1, 3), st.integers(0, 9))
def test_each_sample_is_in_one_set(n, parts, seed):
    share = 0.9 / (parts + 1)
    sets = split(n, (share,) * parts, rng=seed)
    assert len(sets) == parts + 1
    assert sorted(np.concatenate(sets)) == list(range(n))
    for held_out in sets[1:]:
        assert abs(len(held_out) - share * n) <= 1
        assert (np.diff(held_out) > 0).all()


@given(st.lists(st.integers(0, 2), min_size=12, max_size=60), st.integers(0, 9))
def test_classes_are_shared_out_in_proportion(labels, seed):
    labels = np.array(labels + [0] * 12)
    train, test = split(labels, 0.25, stratify=labels, rng=seed)
    for label in set(labels):
        assert abs((labels[test] == label).sum() - 0.25 * (labels == label).sum()) <= 0.5
    assert sorted([*train, *test]) == list(range(len(labels)))


def test_splits_are_random_and_repeatable():
    first, again, other = (split(100, rng=seed)[1].tolist() for seed in (0, 0, 1))
    assert first == again != other
    assert len(first) == 20
    several = [split(10, 0.1, rng=seed)[1][0] for seed in range(60)]
    assert set(several) == set(range(10))


@pytest.mark.parametrize("n", [X, X.tolist(), np.int64(60), 60])
def test_a_number_or_an_array(n):
    np.testing.assert_array_equal(split(n, rng=0)[0], split(60, rng=0)[0])
    assert [len(fold) for _, fold in kfold(n, 7, rng=0)] == [9, 9, 9, 9, 8, 8, 8]


@pytest.mark.parametrize("labels", [["b", "a"] * 20, [0.5, np.nan] * 20, [-7, 2**60] * 20, [True, False] * 20])
def test_labels_of_any_kind(labels):
    _, test = split(40, 0.25, stratify=labels, rng=0)
    assert [(test % 2 == i).sum() for i in (0, 1)] == [5, 5]


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: split(10, 0.0), ValueError, "split: the shares held out must be above 0 .* below 1, got 0.0"),
        (lambda: split(10, 1.0), ValueError, "below 1, got 1.0"),
        (lambda: split(10, (0.5, 0.5)), ValueError, r"below 1, got \(0.5, 0.5\)"),
        (lambda: split(10, np.nan), ValueError, "below 1, got nan"),
        (lambda: split(2, 0.2), ValueError, "split: 2 samples are too few to hold out 0.2"),
        (lambda: split(0), ValueError, "split: there must be at least 1 sample, got 0"),
        (lambda: split(-3), ValueError, "split: there must be at least 1 sample, got -3"),
        (lambda: split([]), ValueError, "split: there must be at least 1 sample, got 0"),
        (lambda: split(10.0), TypeError, "split: n must be an integer, or an array .*, got 10.0"),
        (lambda: split("ten"), TypeError, "split: n must be an integer, or an array .*, got 'ten'"),
        (lambda: split(10, stratify=[0, 1]), ValueError, r"split: stratify must be .* shape \(10,\), got \(2,\)"),
        (lambda: split(3, stratify=np.eye(3)), ValueError, r"of shape \(3,\), got \(3, 3\)"),
        (lambda: kfold(10, 1), ValueError, "kfold: k must be at least 2 and at most .*, 10, got 1"),
        (lambda: kfold(10, 11), ValueError, "kfold: k must be at least 2 and at most .*, 10, got 11"),
        (lambda: kfold(10, 2.5), TypeError, "kfold: k must be an integer, got 2.5"),
        (lambda: kfold(5, 3, [0, 0, 0, 1, 1]), ValueError, "kfold: a class has 2 samples, too few for k = 3 folds"),
    ],
)
def test_errors(call, error, words):
    with pytest.raises(error, match=words):
        call()


# -- folds ------------------------------------------------------------------------------------------------------------


@given(st.integers(2, 8), st.integers(0, 40), st.integers(0, 9))
def test_each_sample_is_held_out_once(k, more, seed):
    n = k + more
    folds = kfold(n, k, rng=seed)
    assert len(folds) == k
    assert sorted(np.concatenate([fold for _, fold in folds])) == list(range(n))
    assert max(len(fold) for _, fold in folds) - min(len(fold) for _, fold in folds) <= 1
    for train, fold in folds:
        assert sorted([*train, *fold]) == list(range(n))


@given(st.lists(st.integers(0, 3), max_size=40), st.integers(2, 5), st.integers(0, 9))
def test_each_fold_has_its_share_of_each_class(labels, k, seed):
    labels = np.array(labels + [0, 1, 2, 3] * k)
    folds = kfold(len(labels), k, labels, rng=seed)
    counts = np.array([np.bincount(labels[fold], minlength=4) for _, fold in folds])
    assert (np.ptp(counts, axis=0) <= 1).all()
    assert np.ptp(counts.sum(axis=1)) <= 1


def test_folds_are_random_and_repeatable():
    first, again, other = ([fold.tolist() for _, fold in kfold(30, 3, rng=seed)] for seed in (0, 0, 1))
    assert first == again != other
    state = np.random.get_state()[1].copy()  # noqa: NPY002  the state that must not be touched
    kfold(30, 3)
    split(30)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


# -- scores -----------------------------------------------------------------------------------------------------------


def test_the_score_of_each_kind_of_network():
    def of(loss, *layers):
        return Network([*layers], loss=loss, rng=0)

    net = of(SoftmaxCrossEntropy(), Dense(2, 3))
    assert default_score(net, X, Y) == np.mean(net.predict(X).argmax(axis=1) == Y)
    assert default_score(net, X, np.eye(3)[Y]) == default_score(net, X, Y)
    net = of(BCE(), Dense(2, 1), Sigmoid())
    share = np.mean((net.predict(X)[:, 0] >= 0.5) == (Y == 1))
    assert default_score(net, X, (Y == 1)[:, None].astype(float)) == share
    net = of(MSE(), Dense(2, 1))
    assert default_score(net, X, Y[:, None]) == pytest.approx(-np.mean((net.predict(X) - Y[:, None]) ** 2))
    net.preprocessing = Standardizer().fit(X)
    transformed = (X - X.mean(axis=0)) / X.std(axis=0)
    assert default_score(net, X, Y[:, None]) == pytest.approx(-np.mean((net.predict(transformed) - Y[:, None]) ** 2))


def test_cross_validation_is_the_loop_written_out():
    scores = cross_validate(trainers.classifier, X, Y, k=4, stratify=Y, parameters={"width": 5}, rng=7)
    rng = np.random.default_rng(7)
    folds, seeds = kfold(60, 4, Y, rng=rng), rng.integers(2**63, size=4)
    for score, seed, (train, fold) in zip(scores, seeds, folds, strict=True):
        net = trainers.classifier(X[train], Y[train], np.random.default_rng(seed), width=5)
        assert score == np.mean(net.predict_classes(X[fold]) == Y[fold])
    assert len(set(seeds)) == 4


def test_what_train_sees_is_never_measured():
    seen = []

    def train(X, y, rng):
        seen.append(set(X[:, 0]))

    def score(model, X, y):
        assert not seen[-1] & set(X[:, 0])
        assert seen[-1] | set(X[:, 0]) == set(range(10))
        np.testing.assert_array_equal(X[:, 0], y)
        return len(y)

    numbers = np.arange(10.0)
    assert cross_validate(train, numbers[:, None], numbers, k=3, score=score, rng=0).tolist() == [4, 3, 3]


def test_preprocessing_is_part_of_the_training():
    x = np.linspace(1000, 1010, 40)[:, None]
    scores = cross_validate(trainers.standardized, x, (x - 1005) / 5, rng=0)
    assert scores.min() > -0.01


def test_arguments_stay_as_they_are():
    kept = X.copy(), Y.copy()
    cross_validate(trainers.classifier, X, Y, k=2, rng=0)
    np.testing.assert_array_equal(X, kept[0])
    np.testing.assert_array_equal(Y, kept[1])


GRID = {"lr": [0.0, 0.05], "width": [2, 8, 4]}


def test_grid_search_is_cross_validation_of_each_combination():
    found = grid_search(trainers.classifier, GRID, X.tolist(), Y.tolist(), k=3, rng=5)
    assert found.scores.shape == (6, 3)
    assert found.parameters[1] == {"lr": 0.0, "width": 8}
    for parameters, scores in zip(found.parameters, found.scores, strict=True):
        alone = cross_validate(trainers.classifier, X, Y, k=3, parameters=parameters, rng=5)
        np.testing.assert_array_equal(scores, alone)
    assert found.best["lr"] == 0.05


def test_the_first_of_the_best_and_a_table():
    found = GridSearch([{"a": 1}, {"a": 2}, {"a": 3}], np.array([[0.5, 0.5], [0.5, 1.0], [1.0, 0.5]]))
    assert found.best == {"a": 2}
    lines = str(found).splitlines()
    assert [line[-8:] for line in lines] == ["{'a': 2}", "{'a': 3}", "{'a': 1}"]
    assert lines[0].split()[:3] == ["0.7500", "±", "0.2500"]


@pytest.mark.parametrize(
    ("grid", "error", "words"),
    [
        ({"lr": 0.1}, TypeError, "grid_search: lr must be a list of values, got 0.1"),
        ({"lr": "0.1"}, TypeError, "grid_search: lr must be a list of values, got '0.1'"),
        ({"lr": []}, ValueError, "grid_search: the list of values of lr is empty"),
    ],
)
def test_grids_that_are_none(grid, error, words):
    with pytest.raises(error, match=words):
        grid_search(trainers.classifier, grid, X, Y)


def test_samples_and_targets_must_match():
    with pytest.raises(ValueError, match="X has 60 samples and y has 59"):
        cross_validate(trainers.classifier, X, Y[:-1])


# -- where it runs ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def pool():
    with ProcessPoolExecutor(2, multiprocessing.get_context("spawn")) as executor:
        yield executor


@pytest.fixture(scope="module")
def cluster(tmp_path_factory):
    from distributed import Client, LocalCluster

    options = {"dashboard_address": None, "local_directory": tmp_path_factory.mktemp("dask")}
    with LocalCluster(2, host="127.0.0.1", threads_per_worker=1, **options) as cluster, Client(cluster) as client:
        yield client.get_executor()


@pytest.fixture(scope="module")
def threads():
    with ThreadPoolExecutor(3) as executor:
        yield executor


@pytest.fixture(params=["pool", "cluster", "threads"])
def executor(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(scope="module")
def serial():
    return grid_search(trainers.classifier, GRID, X, Y, k=3, stratify=Y, rng=11)


def test_the_same_numbers_everywhere(executor, serial):
    found = grid_search(trainers.classifier, GRID, X, Y, k=3, stratify=Y, rng=11, executor=executor)
    assert found.parameters == serial.parameters
    np.testing.assert_array_equal(found.scores, serial.scores)
    assert len(set(serial.scores.ravel())) > 3


def test_the_order_of_execution_does_not_matter(executor):
    grid = {"delay": [0.3, 0.0]}
    found = grid_search(trainers.slow_at_first, grid, X, Y, k=2, rng=0, executor=executor)
    np.testing.assert_array_equal(found.scores[0], found.scores[1])


FAILED = r"fold 1 of 2 with {'lr': 5} and seed \d+ failed: FloatingPointError: the rate 5 is too large"


def test_a_failing_fold_is_named(executor):
    for where in (None, executor):
        with pytest.raises(RuntimeError, match=FAILED) as caught:
            grid_search(trainers.failing, {"lr": [0.1, 5]}, X, Y, k=2, rng=0, executor=where)
        assert isinstance(caught.value.__cause__, FloatingPointError)


def test_the_seed_of_a_failing_fold_repeats_it():
    drawn = []

    def train(X, y, rng):
        drawn.append(rng.random())
        raise ValueError("no")

    with pytest.raises(RuntimeError, match="failed: ValueError: no") as caught:
        cross_validate(train, X, Y, rng=0)
    seed = int(re.search(r"seed (\d+)", str(caught.value)).group(1))
    assert drawn == [np.random.default_rng(seed).random()]


@pytest.mark.parametrize("value", [np.nan, np.inf, "good", None])
def test_a_score_that_is_no_number_is_named(value):
    with pytest.raises(RuntimeError, match=r"fold 1 of 5 with {} and seed \d+ failed"):
        cross_validate(trainers.classifier, X, Y, score=lambda *_: value, rng=0)


def test_a_function_that_cannot_be_sent_is_named(pool):
    with pytest.raises(RuntimeError, match=r"fold 1 of 5 .* failed: .*[Pp]ickle"):
        cross_validate(lambda X, y, rng: None, X, Y, executor=pool)


def test_a_worker_that_dies_is_named():
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as executor:
        with pytest.raises(RuntimeError, match=r"fold 1 of 2 .* failed: BrokenProcessPool"):
            cross_validate(trainers.dying, X, Y, k=2, executor=executor)


class Waiting:
    """An executor whose first job fails and whose others never begin."""

    def __init__(self):
        self.futures = []

    def submit(self, function, *arguments):
        self.futures.append(Future())
        if len(self.futures) == 1:
            self.futures[0].set_exception(ValueError("first"))
        return self.futures[-1]


def test_what_has_not_begun_is_cancelled():
    waiting = Waiting()
    with pytest.raises(RuntimeError, match="fold 1 of 3 .* failed: ValueError: first"):
        cross_validate(trainers.classifier, X, Y, k=3, executor=waiting)
    assert [future.cancelled() for future in waiting.futures] == [False, True, True]


def test_long_work_shows_its_progress(capfd, monkeypatch):
    monkeypatch.setattr("nnlib.progressbar.ProgressBar.first", 0.0)
    cross_validate(trainers.classifier, X, Y, k=2, rng=0)
    assert "100%" in capfd.readouterr().err
    cross_validate(trainers.classifier, X, Y, k=2, rng=0, progress=False)
    assert capfd.readouterr().err == ""

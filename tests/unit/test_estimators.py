"""scikit-learn's own examination, and the three ways in which its users will meet the estimators."""

from __future__ import annotations

import subprocess
import sys

import numpy as np
import pytest
from sklearn.base import clone
from sklearn.compose import TransformedTargetRegressor
from sklearn.exceptions import NotFittedError
from sklearn.model_selection import GridSearchCV, cross_val_score
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator

from nnlib import data
from nnlib.estimators import NNClassifier, NNRegressor

X, Y = data.blobs(90, rng=0)


@pytest.mark.parametrize("estimator", [NNClassifier(), NNRegressor(), NNClassifier((), activation="tanh")])
def test_scikit_learn_accepts_them(estimator):
    results = check_estimator(estimator, on_skip=None)
    skipped = [result["check_name"] for result in results if result["status"] != "passed"]
    assert skipped == ["check_array_api_input"]  # other kinds of arrays than numpy's
    assert len(results) > 40


def test_in_a_pipeline():
    scaled = make_pipeline(StandardScaler(), NNClassifier((16,), epochs=30, random_state=0))
    assert cross_val_score(scaled, X * [1, 1000], Y, cv=3).min() > 0.9
    scaled.fit(X, np.array(["a", "b", "c"])[Y])
    assert set(scaled.predict(X)) == {"a", "b", "c"}
    np.testing.assert_allclose(scaled.predict_proba(X).sum(axis=1), 1)


def test_in_a_grid_search():
    grid = {"lr": [0.0, 0.02], "hidden": [(4,), (8, 8)], "activation": ["relu", "swish"]}
    search = GridSearchCV(NNClassifier(epochs=10, random_state=0), grid, cv=2).fit(X, Y)
    assert search.best_params_["lr"] == 0.02
    assert search.score(X, Y) > 0.9
    assert len(search.best_estimator_.history_.loss) == 10


def test_regression_of_one_and_of_several_columns():
    X, y = data.sines(100, noise=0, rng=0)
    model = TransformedTargetRegressor(NNRegressor(random_state=0), transformer=StandardScaler())
    assert model.fit(X, 50 + 10 * y[:, 0]).score(X, 50 + 10 * y[:, 0]) > 0.99
    both = NNRegressor(random_state=0).fit(X, np.hstack([y, -y]))
    assert both.predict(X).shape == (100, 2)
    assert both.score(X, np.hstack([y, -y])) > 0.99
    assert NNRegressor(epochs=1).fit(X, y).predict(X).shape == (100, 1)


def test_the_network_is_the_one_that_was_asked_for():
    model = NNClassifier((5, 6), activation="tanh", epochs=2).fit(X, Y)
    assert str([*model.network_.layers]) == "[Dense(2, 5), Tanh(), Dense(5, 6), Tanh(), Dense(6, 3)]"
    np.testing.assert_array_equal(model.predict(X), model.network_.predict_classes(X))


@pytest.mark.parametrize("make", [lambda: 3, lambda: np.random.default_rng(3), lambda: np.random.RandomState(3)])  # noqa: NPY002
def test_results_can_be_repeated(make):
    first, again = (NNClassifier(epochs=2, random_state=make()).fit(X, Y).network_.theta for _ in range(2))
    np.testing.assert_array_equal(first, again)


def test_without_a_seed_results_differ_and_nobody_else_is_disturbed():
    state = np.random.get_state()[1].copy()  # noqa: NPY002  the state that must not be touched
    first, again = (NNClassifier(epochs=1).fit(X, Y).network_.theta for _ in range(2))
    assert not np.array_equal(first, again)
    np.testing.assert_array_equal(np.random.get_state()[1], state)  # noqa: NPY002


def test_parameters_are_kept_as_they_came():
    model = NNRegressor([3, 4], lr=0.5, weight_decay=0.1)
    assert clone(model).get_params() == model.get_params()
    assert model.set_params(lr=0.25).lr == 0.25
    strong = NNRegressor(weight_decay=10.0, random_state=0).fit(X, Y)
    assert np.abs(strong.network_.theta).max() < 0.5


def test_errors():
    with pytest.raises(ValueError, match="activation must be one of relu, leakyrelu, swish, tanh, sigmoid, got 'Relu'"):
        NNClassifier(activation="Relu").fit(X, Y)
    with pytest.raises(NotFittedError):
        NNClassifier().predict_proba(X)
    with pytest.raises(ValueError, match="Unknown label type"):
        NNClassifier().fit(X, Y + 0.5)
    with pytest.raises(ValueError, match="Dense: n_in and n_out must be at least 1"):
        NNClassifier((0,)).fit(X, Y)


def test_without_scikit_learn_there_is_a_clear_sentence():
    code = "import sys; sys.modules['sklearn'] = None; import nnlib; nnlib.Network; import nnlib.estimators"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    last = run.stderr.strip().splitlines()[-1]
    assert last.startswith("ImportError: nnlib.estimators needs scikit-learn, which is not installed here: ")

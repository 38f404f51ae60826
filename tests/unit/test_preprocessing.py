"""MinMax, and what it has in common with Standardizer, which is tested with the data sets."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from nnlib import Network
from nnlib.layers import Dense
from nnlib.preprocessing import MinMax, Standardizer

X = np.random.default_rng(0).normal(3, 5, (20, 4))
BOTH = pytest.mark.parametrize("make", [MinMax, Standardizer])
TABLES = arrays(float, st.tuples(st.integers(1, 6), st.integers(1, 3)), elements=st.floats(-1e6, 1e6))


@given(TABLES)
def test_columns_fill_zero_to_one(X):
    scaler = MinMax()
    assert scaler.fit(X) is scaler
    out = scaler.transform(X)
    constant = X.max(axis=0) == X.min(axis=0)
    np.testing.assert_array_equal(out.min(axis=0), 0)
    np.testing.assert_allclose(out.max(axis=0), np.where(constant, 0, 1), rtol=1e-12)
    np.testing.assert_array_equal(scaler.scale[constant], 1)
    np.testing.assert_allclose(scaler.inverse_transform(out), X, rtol=1e-12, atol=1e-9)


def test_other_data_may_leave_the_range():
    scaler = MinMax().fit(np.array([[0.0], [2.0]]))
    assert scaler.transform(np.array([[-2.0], [1.0], [4.0]])).ravel().tolist() == [-1, 0.5, 2]
    assert scaler.low.tolist() == [0]
    assert scaler.scale.tolist() == [2]


@BOTH
def test_saved_with_the_model(make, tmp_path):
    scaler = make().fit(X)
    Network([Dense(4, 2)]).save(tmp_path / "net.npz", preprocessing=scaler)
    loaded = Network.load(tmp_path / "net.npz").preprocessing
    assert type(loaded) is make
    np.testing.assert_array_equal(loaded.transform(X), scaler.transform(X))
    np.testing.assert_array_equal(loaded.inverse_transform(X), scaler.inverse_transform(X))


@BOTH
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.int8, np.uint8, np.int64])
def test_any_numbers(make, dtype):
    table = np.array([[0, 100, 7], [100, 120, 7], [50, 110, 7]], dtype)
    table.flags.writeable = False
    expected = make().fit(table.astype(float)).transform(table.astype(float))
    out = make().fit(table).transform(table)
    np.testing.assert_allclose(out, expected, atol=2e-3 if dtype is np.float16 else 1e-6)
    assert out.dtype == (dtype if np.dtype(dtype).kind == "f" else float)


@BOTH
def test_lists_and_slices(make):
    expected = make().fit(X).transform(X)
    for given_X in (X.tolist(), np.asfortranarray(X), np.repeat(X, 2, axis=0)[::2]):
        np.testing.assert_allclose(make().fit(given_X).transform(given_X), expected, rtol=1e-14)


@BOTH
@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda make: make().transform(X), RuntimeError, r"\(\): call fit\(X\) on the training set first"),
        (lambda make: make().inverse_transform(X), RuntimeError, r"call fit\(X\) on the training set first"),
        (lambda make: make().fit(X[:0]), ValueError, r"\(\): fit needs at least one sample"),
        (lambda make: make().fit(X[0]), ValueError, r"\(\): expected input of shape \(batch, features\)"),
        (lambda make: make().fit(X).transform(X[:, :2]), ValueError, r"\(batch, 4\), got \(20, 2\)"),
        (lambda make: make().fit(np.where(X > 9, np.nan, X)), ValueError, "finite numbers; X holds NaN or an infinity"),
        (lambda make: make().fit(np.where(X > 9, np.inf, X)), ValueError, "finite numbers; X holds NaN or an infinity"),
    ],
)  # fmt: skip
def test_errors(make, call, error, words):
    with pytest.raises(error, match=words) as caught:
        call(make)
    assert str(caught.value).startswith(make.__name__)

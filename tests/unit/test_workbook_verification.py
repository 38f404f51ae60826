"""`verify` raises where an equation fails, `refute` where a wrong claim holds; neither can be fooled by NaN."""
from __future__ import annotations

import numpy as np
import pytest

from nnlib.workbook import refute, verify


def test_what_verify_says(capsys):
    verify("0.1", [1.0, 2.0], [1.0, 2.0 + 1e-12], by="counting")
    assert "(0.1) holds: 2 numbers agree to better than 1e-9. Measured by counting." in capsys.readouterr().out
    verify("0.1", 3.0, 3.0, by="counting", rtol=1e-12)
    assert "1 number agrees to better than 1e-12" in capsys.readouterr().out
    verify("0.1", [2.0, 3.0], [1.0, 3.0], by="counting", relation="at most")
    assert "2 numbers measured, none above its bound" in capsys.readouterr().out


def test_the_words_do_not_depend_on_round_off(capsys):
    for noise in (0.0, 1e-13, -4e-11):
        verify("0.1", [1.0, 2.0], [1.0, 2.0 + noise], by="counting")
    assert len(set(capsys.readouterr().out.splitlines())) == 1


@pytest.mark.parametrize(("claimed", "measured", "relation"), [
    ([1.0, 2.0], [1.0, 2.1], "equal"), ([1.0, np.nan], [1.0, 2.0], "equal"), ([1.0, 2.0], [np.nan, 2.0], "equal"),
    ([np.nan], [np.nan], "equal"), ([np.inf], [np.inf], "equal"), ([1.0, 2.0], [1.1, 0.0], "at most"),
    ([1.0, 2.0], [3.0, 1.9], "at least"), ([np.nan], [0.0], "at most"), ([0.0], [1e-30], "equal"),
])
def test_verify_raises(claimed, measured, relation):
    with pytest.raises(AssertionError, match=r"\(9.9\) does not hold"):
        verify("9.9", claimed, measured, by="counting", relation=relation)


def test_shapes_must_fit():
    with pytest.raises(ValueError, match=r"claimed has shape \(2,\), measured \(2, 1\)"):
        verify("9.9", np.ones(2), np.ones((2, 1)), by="counting")
    with pytest.raises(ValueError, match="nothing was measured"):
        verify("9.9", [], [], by="counting")
    with pytest.raises(ValueError, match="relation must be one of"):
        verify("9.9", 1, 1, by="counting", relation="about")


def test_refute_says_the_claim_and_raises_if_it_holds(capsys):
    refute("S9-01", "two is three.", claimed=3.0, measured=2.0, by="counting")
    assert "It says: two is three. Off by 1, where the measured size is 2." in capsys.readouterr().out
    refute("S9-01", "it is a number.", claimed=np.nan, measured=2.0, by="counting")
    assert "not a number" in capsys.readouterr().out
    with pytest.raises(AssertionError, match="S9-01 was to fail, but holds"):
        refute("S9-01", "two is two.", claimed=2.0, measured=2.0, by="counting")

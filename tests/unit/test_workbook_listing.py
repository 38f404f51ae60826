"""`show` displays the code that runs, without docstrings, never a copy."""
from __future__ import annotations

import inspect

import nnlib
from nnlib.workbook import show


def test_show_gives_the_lines_of_the_source(capsys):
    show(nnlib.neuron.TanhNeuron.gradient)
    shown = capsys.readouterr().out
    before, docstring, after = inspect.getsource(nnlib.neuron.TanhNeuron.gradient).split('"""')
    assert "(1 - y_hat * y_hat)" in after
    assert len(docstring.split()) > 8 and docstring.split()[-1] not in shown
    code = [line.strip() for line in (before + after).splitlines() if line.strip()]
    assert len(code) == 4 and all(line in shown for line in code)

"""`show` displays the code that runs, without docstrings, never a copy."""
from __future__ import annotations

import inspect

import nnlib
from nnlib.workbook import show


def test_show_gives_the_lines_of_the_source(capsys):
    show(nnlib.neuron.TanhNeuron.gradient)
    shown = capsys.readouterr().out
    source = inspect.getsource(nnlib.neuron.TanhNeuron.gradient)
    assert "(1 - y_hat * y_hat)" in shown and '"""' not in shown
    code = [line.strip() for line in source.splitlines() if '"""' not in line]
    assert all(line in shown.replace("\\n", "\n") for line in code if line and "\\" not in line)

"""Every example in a docstring of the core runs and prints what it says, and all that is public has a docstring."""

from __future__ import annotations

import doctest
import importlib
import inspect
import pkgutil

import pytest

import nnlib

MODULES = [f"nnlib.{info.name}" for info in pkgutil.iter_modules(nnlib.__path__) if not info.ispkg]


@pytest.mark.parametrize("name", MODULES)
def test_examples(name):
    module = importlib.import_module(name)
    result = doctest.testmod(module)
    assert result.failed == 0
    assert result.attempted > 0 or name in ("nnlib.storage", "nnlib.progressbar")


@pytest.mark.parametrize("name", MODULES)
def test_what_is_public_is_described(name):
    module = importlib.import_module(name)
    assert module.__doc__
    for label, thing in vars(module).items():
        if label.startswith("_") or getattr(thing, "__module__", None) != name or not callable(thing):
            continue
        assert thing.__doc__, label
        if inspect.isclass(thing):
            for method, function in inspect.getmembers(thing, inspect.isfunction):
                if not method.startswith("_") and function.__module__ == name:
                    assert function.__doc__, f"{label}.{method}"

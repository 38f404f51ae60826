"""Run a learner's answer on one case and say what became of it, without ever raising."""
from __future__ import annotations

import copy
import ctypes
import linecache
import threading
import traceback
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

SECONDS = 10.0
PACKAGE = Path(__file__).resolve().parents[1]


class TookTooLong(BaseException):
    """Put into a learner's endless loop to end it; not an Exception, so that `except Exception` does not keep it."""


@dataclass
class Outcome:
    """A value, or the exception in its place; `changed` names the argument that was changed in place."""

    value: Any = None
    error: BaseException | None = None
    changed: int | None = None

    def same_as(self, other: Outcome, rtol: float, atol: float) -> bool:
        if self.error is not None or other.error is not None:
            return type(self.error) is type(other.error) and str(self.error) == str(other.error)
        return same(self.value, other.value, rtol, atol)


def run_cases(use: Callable[..., Any], answer: Any, cases: tuple[tuple, ...]) -> list[Outcome] | None:
    """The outcome of every case; None if they do not end within ten seconds together."""
    outcomes: list[Outcome] = []

    def work() -> None:
        try:
            with np.errstate(all="ignore"):
                for case in cases:
                    outcomes.append(try_case(use, answer, case))
        except TookTooLong:
            pass

    worker = threading.Thread(target=work, daemon=True)
    worker.start()
    try:
        worker.join(SECONDS)
    finally:
        if worker.is_alive():
            stop(worker)
    return outcomes if len(outcomes) == len(cases) else None


def try_case(use: Callable[..., Any], answer: Any, case: tuple) -> Outcome:
    """Call on copies, so that nothing the answer does to its arguments reaches the next case."""
    arguments = copy.deepcopy(case)
    try:
        value = use(answer, *arguments)
    except TookTooLong:
        raise
    except BaseException as error:  # also SystemExit: a learner's `exit()` must not end the check
        return Outcome(error=error)
    changed = [i for i, (now, before) in enumerate(zip(arguments, case, strict=True))
               if (is_numeric(before) or isinstance(before, list | dict)) and not same(now, before, 0.0, 0.0)]
    return Outcome(value=copy.deepcopy(value), changed=changed[0] if changed else None)


def stop(worker: threading.Thread) -> None:
    """End a thread that runs Python code."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(worker.ident or 0), ctypes.py_object(TookTooLong))


def same(a: Any, b: Any, rtol: float, atol: float) -> bool:
    """Equal up to rounding: numbers, arrays, and tuples, lists and dicts of them. Kinds and shapes must agree."""
    if isinstance(b, dict):
        return isinstance(a, dict) and a.keys() == b.keys() and all(same(a[k], b[k], rtol, atol) for k in b)
    if isinstance(b, tuple | list):
        return (isinstance(a, tuple | list) and len(a) == len(b)
                and all(same(x, y, rtol, atol) for x, y in zip(a, b, strict=True)))
    if is_numeric(a) and is_numeric(b):
        a, b = np.asarray(a), np.asarray(b)
        return a.shape == b.shape and bool(np.allclose(a, b, rtol=rtol, atol=atol, equal_nan=True))
    if is_numeric(a) or is_numeric(b):
        return False
    return type(a) is type(b) and bool(a == b)


def is_numeric(value: Any) -> bool:
    """A number, a truth value or an array of them."""
    try:
        return np.asarray(value).dtype.kind in "biufc" and not isinstance(value, tuple | list | dict)
    except ValueError:
        return False


def learners_line(error: BaseException) -> str:
    """The last line of the learner's own code that the exception came through."""
    frames = [frame for frame in traceback.extract_tb(error.__traceback__) if not in_package(frame.filename)]
    if not frames:
        return ""
    line = frames[-1].line or linecache.getline(frames[-1].filename, frames[-1].lineno or 0)
    return line.strip()


def in_package(filename: str) -> bool:
    """Whether a frame is ours or numpy's, not the learner's."""
    return Path(filename).is_relative_to(PACKAGE) or "site-packages" in Path(filename).parts

"""Verify an equation in front of the reader, or show a wrong one failing."""
from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from .display import box, paragraphs, publish

RELATIONS = ("equal", "at most", "at least")


@dataclass(frozen=True)
class Comparison:
    """One claim beside one measurement. `holds` says whether the claim passed its bound."""

    name: str
    claimed: np.ndarray
    measured: np.ndarray
    relation: str
    rtol: float
    atol: float

    @property
    def scale(self) -> float:
        """Largest measured magnitude: errors are judged against it."""
        return float(np.max(np.abs(self.measured)))

    @property
    def bound(self) -> float:
        return self.atol + self.rtol * self.scale

    @property
    def holds(self) -> bool:
        return bool(np.isfinite(self.bound)) and self.worst() <= self.bound

    def worst(self) -> float:
        """By how much the worst entry breaks the relation (zero or less: nowhere). NaN counts as broken."""
        with np.errstate(invalid="ignore"):
            above = self.measured - self.claimed
        worst = np.max({"equal": np.abs(above), "at most": above, "at least": -above}[self.relation])
        return float("inf") if np.isnan(worst) else float(worst)


done: list[Comparison] = []


def verify(equation: str, claimed: Any, measured: Any, *, by: str, relation: str = "equal",
           rtol: float = 1e-9, atol: float = 0.0) -> None:
    """Show that a numbered equation holds: `claimed` is what it says, `measured` an independent way to the number.

    Parameters
    ----------
    claimed, measured : array_like of one shape (a single number fits any shape)
    by : the independent way, in words: finite differences, complex step, enumeration, simulation, another library
    relation : "equal", "at most" (measured <= claimed) or "at least" (measured >= claimed)
    rtol, atol : the bound is `atol + rtol * max|measured|`

    Raises AssertionError where it does not hold, ValueError for shapes that do not fit.
    """
    comparison = compare(equation, claimed, measured, relation, rtol, atol)
    done.append(comparison)
    if not comparison.holds:
        raise AssertionError(f"({equation}) does not hold: off by {comparison.worst():.3g}, "
                             f"allowed {comparison.bound:.3g} ({by}).")
    count = f"{comparison.measured.size} numbers" if comparison.measured.size > 1 else "1 number"
    how = {"equal": f"agree{'s' if comparison.measured.size == 1 else ''} to better than {precision(comparison)}",
           "at most": "measured, none above its bound", "at least": "measured, none below its bound"}[relation]
    show("holds", f"({equation}) holds:", f"{count} {how}. Measured by {by}.")


def refute(item: str, says: str, claimed: Any, measured: Any, *, by: str, relation: str = "equal",
           rtol: float = 1e-3) -> None:
    """Show that a statement found in the literature fails: state it, and by how much it is off.

    `item` is the statement's id in the ledger of sources; `says` its claim in words. `claimed` is what it predicts,
    `measured` what an independent way gives. Raises AssertionError if the claim holds after all (to `rtol`).
    """
    comparison = compare(item, claimed, measured, relation, rtol, 0.0)
    if comparison.holds:
        raise AssertionError(f"{item} was to fail, but holds to {rtol:g} ({by}).")
    off = "not a number" if np.isinf(comparison.worst()) else f"{comparison.worst():.2g}"
    show("fails", "The claim fails.", f"It says: {says} Off by {off}, where the measured size is "
         f"{comparison.scale:.2g}. Measured by {by}.")


def compare(name: str, claimed: Any, measured: Any, relation: str, rtol: float, atol: float) -> Comparison:
    """Both sides as float arrays of one shape."""
    if relation not in RELATIONS:
        raise ValueError(f"{name}: relation must be one of {', '.join(RELATIONS)}, got {relation!r}.")
    claimed, measured = np.asarray(claimed, dtype=float), np.asarray(measured, dtype=float)
    if claimed.shape != measured.shape and claimed.ndim and measured.ndim:
        raise ValueError(f"{name}: claimed has shape {claimed.shape}, measured {measured.shape}.")
    if not measured.size:
        raise ValueError(f"{name}: nothing was measured.")
    claimed, measured = np.broadcast_arrays(claimed, measured)
    return Comparison(name, claimed, measured, relation, rtol, atol)


def precision(comparison: Comparison) -> str:
    """The bound as a power of ten: the same words on every machine."""
    return f"1e{int(np.ceil(np.log10(comparison.rtol or comparison.atol)))}"


def show(kind: str, headline: str, body: str) -> None:
    publish(f"{headline} {body}", box(kind, headline, paragraphs(body)))

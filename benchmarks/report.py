"""The table of ratios with what is to be reached, and the versions it was measured with."""

from __future__ import annotations

import datetime
import os
import platform
from importlib.metadata import PackageNotFoundError, version

import numpy as np

GEMM = "matrix products alone"
# peer time / nnlib time is to be at least the first number, and nnlib time / time of the products at most
TARGETS = {
    "torch eager": {"A": (4.5, 6), "B": (5, 6.3), "C": (1.25, 1.5), "D": (7, 10)},
    "torch, Adam(fused=True)": {"A": (3.3, 4.6), "B": (3.4, 4.3), "C": (1.05, 1.2)},
    "scikit-learn MLP": {"A": (4, 5.5), "B": (3, 3.7), "C": (1.6, 1.9), "D": (5, 7.5)},
    "scikit-learn MLP, shuffle=False": {},
    "JAX jit(step)": {"A": (1.05, 1.4), "B": (1.2, 1.5), "C": (0.85, 1.0), "D": (1.4, 1.9)},
    "JAX jit(step), nothing read": {},
    "JAX jit(lax.scan)": {"A": (0, 1.0), "B": (0, 1.0), "C": (0, 1.0), "D": (0, 0.5)},
    GEMM: {"A": (5.5, 4), "B": (5, 4), "C": (1.8, 1.5), "D": (5.2, 4)},
}
HEADING = """# Benchmarks

Time of the peer divided by the time of nnlib, so above 1 nnlib is faster; in the last line time of nnlib divided by
the time of its matrix products alone, the floor. Median over the rounds, quartiles in brackets, then the goal: ✓ where
the median reaches it, ★ where it reaches the second, ambitious one; — where the peer has no such run.
Ratios of paired runs on {when}, one thread, float32; how, is said in `bench.py`, `peers.py` and `workloads.py`.

A: spirals 300x2, 2-64-3, full batch, Adam, 1,000 steps. B: digits 1797x64, 64-128-10, batches of 32, Adam, 5 epochs.
C: noise 60000x784, 784-256-128-10, batches of 128, Adam, 1 epoch. D: one sample at a time, 2-16-1, SGD, 1,000 steps.
"""


def report(ratios: dict[str, dict[str, np.ndarray]], missing: list[str]) -> str:
    """The page latest.md: `ratios` by workload and peer, one number for each round."""
    names = sorted(ratios)
    rows = [["", *names]]
    for label, goals in TARGETS.items():
        if any(label in ratios[name] for name in names):
            title = "nnlib / its matrix products" if label == GEMM else f"{label} / nnlib"
            rows.append([title, *(cell(label, ratios[name].get(label), goals.get(name)) for name in names)])
    lines = ["| " + " | ".join(row) + " |" for row in rows]
    lines.insert(1, "|---" * len(rows[0]) + "|")
    parts = [HEADING.format(when=datetime.date.today()), *lines, "", behind(ratios), versions()]
    if missing:
        parts.append(f"Not installed, so not measured: {', '.join(missing)}.")
    return "\n".join(part for part in parts if part is not None) + "\n"


def cell(label: str, values: np.ndarray | None, goals: tuple[float, float] | None) -> str:
    """Median [quartiles] and whether it reaches the goal."""
    if values is None:
        return "—"
    low, median, high = np.percentile(values, [25, 50, 75])
    text = f"{median:.2f} [{low:.2f}, {high:.2f}]"
    if goals is None:
        return text
    sign = -1 if label == GEMM else 1  # the smaller the better, in the last line
    reached = [sign * median >= sign * goal for goal in goals]
    mark = "★" if reached[1] else "" if not goals[0] else "✓" if reached[0] else "✗"  # some have the second goal only
    wanted = f"{goals[0]} ({goals[1]})" if goals[0] else f"({goals[1]})"
    return f"{text} {mark} {'≤' if label == GEMM else '≥'} {wanted}"


def behind(ratios: dict[str, dict[str, np.ndarray]]) -> str:
    """Where nnlib is the slower one, in words."""
    slower = [
        f"{label} on {name} ({1 / np.median(values):.2f} times as fast)"
        for name, peers in sorted(ratios.items())
        for label, values in peers.items()
        if label != GEMM and np.median(values) < 1
    ]
    return f"Faster than nnlib: {', '.join(slower)}.\n" if slower else "No peer was faster than nnlib.\n"


def versions() -> str:
    found = [f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"]
    for package in ("numpy", "torch", "scikit-learn", "jax", "jaxlib"):
        try:
            found.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            continue
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{', '.join(found)}; numpy's BLAS is {blas['name']} {blas['version']}."

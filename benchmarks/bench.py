"""nnlib beside torch, scikit-learn and JAX on four small trainings: a table of ratios, printed and kept in latest.md.

    python benchmarks/bench.py                          all of it, some minutes
    python benchmarks/bench.py --only B --rounds 5      one workload
    python benchmarks/bench.py --share 0.1              shorter trainings, to try things out; latest.md stays

Times on a shared machine mean little, so only ratios are shown: in each round everybody trains once, in a new order,
from the same weights, on the same batches, in float32 on one thread; a ratio compares two times of one round, and the
table shows the median over the rounds and the quartiles. Round 0, in which things are compiled, does not count, nor do
moments in which other programs have the processor.
"""

from __future__ import annotations

import argparse
import os
import sys

# before numpy, torch and JAX are imported
ONE_THREAD = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "NPROC")
os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
os.environ["JAX_PLATFORMS"] = "cpu"

import random  # noqa: E402
from pathlib import Path  # noqa: E402
from time import perf_counter, process_time  # noqa: E402
from typing import Any  # noqa: E402

import numpy as np  # noqa: E402
from peers import Nnlib, available  # noqa: E402
from report import GEMM, report  # noqa: E402
from workloads import Workload, workloads  # noqa: E402

LATEST = Path(__file__).with_name("latest.md")
ROUNDS = {"A": 15, "B": 40, "C": 9, "D": 40}


def main() -> None:
    options = arguments()
    peers, missing = available()
    ratios = {}
    for work, small in zip(workloads(options.share), workloads(0.01), strict=True):
        if work.name in options.only:
            check_agreement(small, peers)
            rounds = options.rounds or ROUNDS[work.name]
            print(f"{work.name}: {rounds} rounds ...", file=sys.stderr, flush=True)
            ratios[work.name] = compare(work, peers, rounds)
    text = report(ratios, missing)
    print(text)
    if options.share == 1 and len(ratios) == len(ROUNDS) and not missing:
        LATEST.write_text(text, encoding="utf-8")


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="ABCD", help="workloads, such as AB")
    parser.add_argument("--rounds", type=int, help="how many rounds are timed")
    parser.add_argument("--share", type=float, default=1.0, help="share of the epochs or samples, in (0, 1]")
    return parser.parse_args()


def compare(work: Workload, peers: list[type], rounds: int) -> dict[str, np.ndarray]:
    """For each peer its time divided by nnlib's, one number for each round; for the matrix products the inverse."""
    runners = {peer.label: peer(work) for peer in (Nnlib, *peers)}
    times: dict[str, list[float]] = {label: [] for label in runners}
    order = random.Random(0)
    for _ in range(rounds + 1):
        for label in order.sample(list(runners), len(runners)):
            times[label].append(timed(runners[label]))
    own = np.array(times.pop("nnlib")[1:])
    ratios = {label: np.array(spent[1:]) / own for label, spent in times.items()}
    return ratios | {GEMM: 1 / ratios[GEMM]}


def timed(runner: Any) -> float:
    """Seconds of one run from the starting weights: by the clock, or of processor time if that is less.

    Waiting for a processor that other programs use is not counted: it would hit long runs and spare short ones. Nor is
    a second thread, which JAX has.
    """
    runner.reset()
    clock, processor = perf_counter(), process_time()
    runner.run()
    return min(perf_counter() - clock, process_time() - processor)


def check_agreement(work: Workload, peers: list[type]) -> None:
    """Stop if a peer, in a few steps, learns anything else than nnlib does, up to rounding."""
    results = {}
    for peer in (Nnlib, *peers):
        if hasattr(peer, "parameters") and not peer.own_order:
            runner = peer(work)
            timed(runner)
            results[peer.label] = runner.parameters()
    for label, parameters in results.items():
        for p, expected, start in zip(parameters, results["nnlib"], work.weights(), strict=True):
            moved, off = np.linalg.norm(expected - start), np.linalg.norm(p.astype(float) - expected)
            if not off <= 0.01 * moved:
                sys.exit(f"{work.name}: {label} ends elsewhere: {off:.2g} away, after a way of {moved:.2g}.")


if __name__ == "__main__":
    main()

"""Measure: seconds and bytes of a workload, in a process that holds one engine and nothing else.

The collector walks everything that is alive, so what another engine has imported would be paid for
by the one that is measured. Hence a process for each; they take turns, so that whatever else the
machine is doing meets all of them. Seconds are the processor's: everything here is one thread.
"""

from __future__ import annotations

import gc
import math
import os
import sys
from collections.abc import Callable, Generator
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from statistics import median
from time import process_time
from typing import NamedTuple

from benchmarks.engines import ENGINES, GLASSGRAD, Engine, hips_folder

Workload = Callable[[Engine, int], Generator[str, None, list[float]]]


class Run(NamedTuple):
    """One run of a workload: seconds and bytes by phase, what it returned.

    `deep` says that Python's recursion limit had to be raised for it.
    """

    seconds: dict[str, float]
    bytes: dict[str, int]
    numbers: list[float]
    deep: bool = False


class Medians(NamedTuple):
    """Seconds by phase with the collector on and off; of the first run bytes, `deep`, numbers."""

    on: dict[str, float]
    off: dict[str, float]
    bytes: dict[str, int]
    deep: bool
    numbers: list[float]


def medians(cases: dict[str, tuple[str, Workload]], size: int, runs: int) -> dict[str, Medians]:
    """Run every case, an engine's name and a workload, in turns: A B C, A B C, …"""
    workers = {case: worker(engine) for case, (engine, _) in cases.items()}

    def run_all(collector: bool) -> dict[str, Run]:
        return {
            case: workers[case].submit(run, engine, workload, size, collector).result()
            for case, (engine, workload) in cases.items()
        }

    try:
        first = run_all(True)  # warms up, and has a fresh heap: bytes are counted here
        on, off = [], []
        for _ in range(runs):
            on.append(run_all(True))
            off.append(run_all(False))
    finally:
        for process in workers.values():
            process.shutdown()
    return {
        case: Medians(middle(on, case), middle(off, case), one.bytes, one.deep, one.numbers)
        for case, one in first.items()
    }


def worker(engine: str) -> ProcessPoolExecutor:
    """A process of its own for an engine."""
    return ProcessPoolExecutor(1, get_context("spawn"), choose, (engine,))


def choose(engine: str) -> None:
    """What a process does first: glassgrad's engine is chosen before it is imported.

    HIPS autograd has the same name; it is found first in the process that measures it.
    """
    if engine in GLASSGRAD:
        os.environ["GLASSGRAD_ENGINE"] = engine
    if engine == "hips":
        sys.path.insert(0, str(hips_folder()))


def differing(results: dict[str, Medians]) -> list[tuple[str, str]]:
    """Which cases computed other numbers than the one that computed the most, and that one.

    Plain floats have no derivatives: what a case lacks at the end is no difference.
    """
    if not results:
        return []
    most = max(results, key=lambda case: len(results[case].numbers))
    expected = results[most].numbers
    return [
        (case, most)
        for case, result in results.items()
        if not all(
            math.isclose(a, b, rel_tol=1e-6, abs_tol=1e-9) for a, b in zip(result.numbers, expected)
        )
    ]


def middle(runs: list[dict[str, Run]], case: str) -> dict[str, float]:
    """The median seconds of each phase."""
    return {
        phase: median(run[case].seconds[phase] for run in runs) for phase in runs[0][case].seconds
    }


def run(engine: str, workload: Workload, size: int, collector: bool) -> Run:
    """Run a workload once in this process, with the garbage collector on or off."""
    try:
        return phases(workload(ENGINES[engine](), size), collector)
    except RecursionError:  # an engine that recurses: give it room, and say so
        limit = sys.getrecursionlimit()
        sys.setrecursionlimit(10 * size + limit)
        try:
            return phases(workload(ENGINES[engine](), size), collector)._replace(deep=True)
        finally:
            sys.setrecursionlimit(limit)


def phases(workload: Generator[str, None, list[float]], collector: bool) -> Run:
    """Time a workload from each name it yields to the next; "" is a pause."""
    seconds: dict[str, float] = {}
    grown: dict[str, int] = {}
    gc.collect()
    (gc.enable if collector else gc.disable)()
    try:
        phase = next(workload)
        while True:
            before, start = resident(), process_time()
            try:
                following = next(workload)
            finally:
                if phase:
                    seconds[phase] = process_time() - start
                    grown[phase] = resident() - before
            phase = following
    except StopIteration as end:
        return Run(seconds, grown, end.value)
    finally:
        gc.enable()


def resident() -> int:
    """Bytes of memory this process holds; 0 where the system does not say."""
    statm = Path("/proc/self/statm")
    if not statm.exists():
        return 0
    return int(statm.read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

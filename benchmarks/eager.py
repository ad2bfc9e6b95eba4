"""python -m benchmarks.eager: what recording and differentiating costs, against other engines.

Everything is measured in one run and compared by ratios of medians, with Python's garbage collector
on (as it is for users) and off. `pip install micrograd xad torch` adds what to compare with.
"""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from benchmarks.engines import PACKAGES, described, installed
from benchmarks.groups import GROUPS, Group
from benchmarks.measure import medians
from benchmarks.table import aim, heading, row


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the chosen groups and print a table of each as soon as it is there."""
    options = parse(arguments)
    runs = options.runs or (3 if options.quick else 5)
    print(" · ".join(map(described, PACKAGES)))
    print(f"{machine()} · medians of {runs} runs, the engines taking turns")
    print("speed: against the line without a number there; →: what is aimed at, collector on\n")
    print(heading())
    deep = False
    for name in options.only or GROUPS:
        group = GROUPS[name]
        deep |= show(group, group.quick if options.quick else group.size, runs)
    if deep:
        print("\n* RecursionError as installed: measured with Python's recursion limit raised")


def show(group: Group, size: int, runs: int) -> bool:
    """Measure and print one group; says whether an engine needed a higher recursion limit."""
    print(f"\n{group.title.format(size)}: {group.unit}", flush=True)
    cases = {c.label: (c.engine, c.workload) for c in group.cases if installed(c.engine)}
    results = medians(cases, size, runs)
    scale = group.scale / (group.repeats or size)
    nodes = 0 if group.repeats else size
    for case in group.cases:
        if case.label not in results:
            print(f"  {case.label}: not installed")
            continue
        baseline = results.get(group.baseline) if case.label != group.baseline else None
        print(row(case.label, results[case.label], baseline, scale, nodes))
    for target in group.targets:
        print(aim(target, results, scale, nodes))
    return any(result.deep for result in results.values())


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    """The options; a bad one ends with a message and exit code 2."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.eager",
        description="What recording and differentiating costs, against other engines.",
    )
    parser.add_argument("--quick", action="store_true", help="small sizes, 3 runs")
    parser.add_argument("--runs", type=int, metavar="N", help="how often to run all (default 5)")
    parser.add_argument("--only", action="append", choices=GROUPS, help="may be given repeatedly")
    options = parser.parse_args(arguments)
    if options.runs is not None and options.runs < 1:
        parser.error(f"--runs must be at least 1, got {options.runs}")
    return options


def machine() -> str:
    """The processor, how busy it is, and the interpreter."""
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    models = [text.split(": ", 1)[1] for text in lines if text.startswith("model name")]
    processor = models[0] if models else platform.processor() or platform.machine()
    load = f"load {os.getloadavg()[0]:.1f} of {os.cpu_count()}" if hasattr(os, "getloadavg") else ""
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return " · ".join(filter(None, (processor, load, python)))


if __name__ == "__main__":
    main()

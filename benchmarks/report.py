"""The command that measures groups and prints a table of each: its options, and its first lines."""

from __future__ import annotations

import argparse
import os
import platform
from collections.abc import Sequence
from pathlib import Path

from benchmarks.engines import PACKAGES, described
from benchmarks.group import Group
from benchmarks.measure import differing, medians
from benchmarks.table import aim, heading, row


def main(
    command: str, about: str, groups: dict[str, Group], arguments: Sequence[str] | None
) -> None:
    """Measure the chosen groups and print a table of each as soon as it is there."""
    options = parse(command, about, groups, arguments)
    runs = options.runs or (3 if options.quick else 5)
    engines = {case.engine for group in groups.values() for case in group.cases}
    print(" · ".join(described(name) for name in PACKAGES if name in engines))
    print(f"{machine()} · medians of {runs} runs, the engines taking turns")
    print("→: what is aimed at, collector on")
    layout, deep = None, False
    for name in options.only or groups:
        group = groups[name]
        if group.layout != layout:
            print(f"\n{group.layout.legend}\n\n{heading(group.layout)}")
            layout = group.layout
        deep |= show(group, group.quick if options.quick else group.size, runs)
    if deep:
        print("\n* RecursionError as installed: measured with Python's recursion limit raised")


def show(group: Group, size: int, runs: int) -> bool:
    """Measure and print one group; says whether an engine needed a higher recursion limit."""
    print(f"\n{group.title.format(size)}: {group.unit}", flush=True)
    cases = {c.label: (c.engine, c.workload) for c in group.cases if c.available}
    results = medians(cases, size, runs)
    for case in group.cases:
        print(row(group, size, case.label, results))
    for target in group.targets:
        print(aim(target, results, group.scale / (group.repeats or size), size))
    for label, other in differing(results):
        print(f"  ! {label} computed other numbers than {other}")
    return any(result.deep for result in results.values())


def parse(
    command: str, about: str, groups: dict[str, Group], arguments: Sequence[str] | None
) -> argparse.Namespace:
    """The options; a bad one ends with a message and exit code 2."""
    parser = argparse.ArgumentParser(prog=f"python -m {command}", description=about)
    parser.add_argument("--quick", action="store_true", help="small sizes, 3 runs")
    parser.add_argument("--runs", type=int, metavar="N", help="how often to run all (default 5)")
    parser.add_argument("--only", action="append", choices=groups, help="may be given repeatedly")
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

"""python -m benchmarks.eager: what recording and differentiating costs, against other engines.

Everything is measured in one run and compared by ratios of medians, with Python's garbage collector
on (as it is for users) and off. `pip install micrograd xad torch` adds what to compare with.
"""

from __future__ import annotations

from collections.abc import Sequence

from benchmarks import black_scholes, gpt, report, rosenbrock, two_moons
from benchmarks.chain import chain
from benchmarks.group import BASELINE, TOTAL, Case, Column, Group, Layout, Target
from benchmarks.measure import Workload
from benchmarks.random_graph import random_graph


def every(workload: Workload, *engines: str) -> tuple[Case, ...]:
    """A workload on engines that work with single numbers."""
    return tuple(Case(LABELS[engine], engine, workload) for engine in engines)


# fmt: off
LABELS = {
    "floats":    "floats",
    "native":    "glassgrad",
    "python":    "glassgrad (Python)",
    "plain":     "plain Value",
    "micrograd": "micrograd",
    "xad":       "XAD",
    "torch":     "PyTorch 0-d",
}

PHASES = Layout((
    #      name        phase       over
    Column("build",    "build"),
    Column("backward", "backward"),
    Column("free",     "free"),
    Column("total",    TOTAL),
    Column("speed",    TOTAL,      BASELINE),
), "bytes", "speed: against the line without a number there")

#           unit                 how many make a second
NODE     = ("ns per operation",  1e9, PHASES)
STEP     = ("ms per step",       1e3, PHASES)
GRADIENT = ("ms per gradient",   1e3, PHASES)
OPTION   = ("µs per option",     1e6, PHASES)

PER_NODE = (
    #      case               phase       limit         against
    Target("glassgrad",       "build",    "≤", 1.3,     "floats"),
    Target("glassgrad",       "backward", "≤", 7),
    Target("glassgrad",       "free",     "≤", 10),
    Target("glassgrad",       "bytes",    "≤", 96),
)

GROUPS = {
    #     title, unit, size, quick, repeats, baseline
    "chain": Group("chain of {:,} nodes", *NODE, 10**5, 10**4, 0, "micrograd",
        every(chain, *LABELS), PER_NODE),

    "random": Group("random graph of {:,} nodes", *NODE, 10**5, 10**4, 0, "micrograd",
        every(random_graph, *LABELS), PER_NODE[:3]),  # its bytes would count the list of nodes, too

    "moons": Group("two moons, {} points", *STEP, 100, 20, two_moons.STEPS, "micrograd", (
        #    label                   engine    workload
        Case("glassgrad",            "native", two_moons.unchanged),
        Case("glassgrad, dot",       "native", two_moons.with_dot),
        Case("glassgrad, nn",        "native", two_moons.layers),
        Case("glassgrad (Python)",   "python", two_moons.unchanged),
        Case("glassgrad (Py.), dot", "python", two_moons.with_dot),
        Case("glassgrad (Py.), nn",  "python", two_moons.layers),
        *every(two_moons.unchanged,  "plain", "micrograd", "torch"),
        Case("PyTorch tensors",      "torch",  two_moons.tensors),
    ), (
        Target("glassgrad",       "total",    "≥", 300,     "micrograd"),
        Target("glassgrad",       "total",    "≥", 25,      "micrograd", "off"),
        Target("glassgrad, nn",   "total",    "≥", 2000,    "micrograd"),
        Target("glassgrad (Python)",   "total", "≥", 10,    "micrograd"),
        Target("glassgrad (Py.), dot", "total", "≥", 60,    "micrograd"),
        Target("glassgrad, nn",   "total",    "≤", 1.4,     "PyTorch tensors"),
    )),

    "gpt": Group("GPT, forward and backward on {} letters", *STEP, 7, 3, gpt.STEPS, "plain Value", (
        *every(gpt.with_sums,        "native", "python", "plain", "torch"),
        Case("glassgrad, dot",       "native", gpt.with_dot),
        Case("glassgrad (Py.), dot", "python", gpt.with_dot),
    ), (
        Target("glassgrad",       "total",    "≥", 25,      "plain Value"),
    )),

    "gpt-adam": Group("the same with Adam, {} letters", *STEP, 7, 3, gpt.STEPS, "PyTorch tensors", (
        Case("glassgrad, dot",       "native", gpt.with_adam),
        Case("glassgrad (Py.), dot", "python", gpt.with_adam),
        Case("PyTorch tensors",      "torch",  gpt.tensors),
    ), (
        Target("glassgrad, dot",  "total",    "≥", 1,       "PyTorch tensors"),
    )),

    "black-scholes": Group("Black–Scholes, {:,} options", *OPTION, 1000, 100, 0, "plain Value",
        every(black_scholes.options, "floats", "native", "python", "plain", "xad", "torch"), (
        Target("glassgrad",       "total",    "≥", 10,      "XAD"),
        Target("glassgrad",       "total",    "≥", 25,      "plain Value"),
    )),

    "rosenbrock": Group("Rosenbrock, n = {:,}", *GRADIENT, 1000, 200, rosenbrock.CALLS,
        "micrograd", (
        Case("floats, by hand",      "floats", rosenbrock.by_hand),
        *every(rosenbrock.eager,     "native", "python", "plain", "micrograd", "xad", "torch"),
        Case("PyTorch tensors",      "torch",  rosenbrock.tensors),
    ), (
        Target("glassgrad",       "total",    "≥", 10,      "XAD"),
        Target("glassgrad",       "total",    "≥", 25,      "plain Value"),
    )),
}
# fmt: on


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the chosen groups and print a table of each as soon as it is there."""
    about = "What recording and differentiating costs, against other engines."
    report.main("benchmarks.eager", about, GROUPS, arguments)


if __name__ == "__main__":
    main()

"""python -m benchmarks.transforms: what derivatives of functions cost, against other engines.

A gradient against one evaluation of its function, on plain numbers and on those that record; and
Hessians, dense and sparse. What to compare with: `pip install jax torch scipy`, and HIPS autograd,
whose import name is ours, in a folder of its own: `pip install --target=build/hips autograd scipy`,
or another that the environment variable HIPS_AUTOGRAD names.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from benchmarks import black_scholes, flight, gradients, hessians, logistic, report, rosenbrock
from benchmarks.group import BASELINE, Case, Column, Group, Layout, Target
from benchmarks.problem import Problem

# fmt: off
SPEED = "speed: against the line without a number there"
COST = Layout((
    #      name        phase       over
    Column("plain",    "plain"),
    Column("record",   "record"),
    Column("gradient", "gradient"),
    Column("÷plain",   "gradient", "plain"),
    Column("÷record",  "gradient", "record"),
    Column("speed",    "gradient", BASELINE),
), "first", "plain: the function on floats or arrays; record: on Values, or what else records;\n"
    "gradient: value and gradient, from plain arguments; first: the first of them, compiled "
    f"or not;\n{SPEED}")

SECOND = Layout((
    #      name        phase       over
    Column("gradient", "gradient"),
    Column("Hessian",  "hessian"),
    Column("÷grad.",   "hessian",  "gradient"),
    Column("speed",    "hessian",  BASELINE),
), "first", f"first: the first Hessian, compiled or not; {SPEED}")

#           unit              how many make a second
GRADIENT = ("µs per call",    1e6, COST)
HESSIAN  = ("ms per Hessian", 1e3, SECOND)

WAYS = (
    #  label                    engine    way                       packages it needs
    ("glassgrad",               "native", gradients.on_numbers),
    ("glassgrad, backward",     "native", gradients.by_hand),
    ("glassgrad, array",        "native", gradients.on_objects,     "numpy"),
    ("glassgrad (Python)",      "python", gradients.on_numbers),
    ("glassgrad (Py.), backw.", "python", gradients.by_hand),
    ("glassgrad (Py.), array",  "python", gradients.on_objects,     "numpy"),
    ("HIPS autograd",           "hips",   gradients.hips_arrays),
    ("HIPS autograd, list",     "hips",   gradients.hips_numbers),
    ("JAX",                     "jax",    gradients.jax_arrays),
    ("JAX, jitted",             "jax",    gradients.jax_jitted),
    ("PyTorch",                 "torch",  gradients.torch_backward),
    ("PyTorch, torch.func",     "torch",  gradients.torch_func),
)


def gradient(title: str, problem: Problem, size: int, quick: int, *without: str) -> Group:
    """The cost of a gradient of one problem, in all ways but those whose label ends so."""
    cases = tuple(
        Case(label, engine, partial(way, problem), tuple(needs))
        for label, engine, way, *needs in WAYS if not label.endswith(without)
    )
    return Group(title, *GRADIENT, size, quick, problem.calls, "HIPS autograd", cases, (
        #      case         phase       limit     against                other
        Target("glassgrad", "gradient", "≤", 1.5, "glassgrad",           other="record"),
        Target("glassgrad", "gradient", "≤", 1.5, "glassgrad, backward"),
    ))


GROUPS = {
    #             title, problem, size, quick, without
    "rosenbrock":    gradient("Rosenbrock, n = {:,}", rosenbrock.PROBLEM, 1000, 200),
    "logistic":      gradient("logistic loss, {} points", logistic.PROBLEM, 100, 20, "array"),
    "black-scholes": gradient("Black–Scholes", black_scholes.PROBLEM, 1, 1, "array", "list"),
    "flight":        gradient("flight, {} steps in a `while`", flight.PROBLEM, 100, 20,
                              "array", "list"),

    #     title, unit, size, quick, repeats, baseline
    "hessian": Group("Hessian of Rosenbrock, n = {:,}", *HESSIAN, 1000, 100, 1, "HIPS autograd", (
        #    label                    engine    way                        packages it needs
        Case("glassgrad",             "native", hessians.on_list),
        Case("glassgrad, array",      "native", hessians.on_array,         ("numpy",)),
        Case("glassgrad, sparse",     "native", hessians.sparse,           ("scipy",)),
        Case("glassgrad (Python)",    "python", hessians.on_list),
        Case("glassgrad (Py.), array", "python", hessians.on_array,        ("numpy",)),
        Case("glassgrad (Py.), sparse", "python", hessians.sparse,         ("scipy",)),
        Case("HIPS autograd",         "hips",   hessians.hips),
        Case("JAX",                   "jax",    hessians.jax),
        Case("JAX, jitted",           "jax",    hessians.jax_jitted),
        Case("PyTorch, torch.func",   "torch",  hessians.torch_func),
        Case("PyTorch, functional",   "torch",  hessians.torch_functional),
    ), ()),
}
# fmt: on


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the chosen groups and print a table of each as soon as it is there."""
    about = "What derivatives of functions cost, against other engines."
    report.main("benchmarks.transforms", about, GROUPS, arguments)


if __name__ == "__main__":
    main()

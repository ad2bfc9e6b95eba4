"""python -m benchmarks.replay: what a recording is worth that is replayed, against other engines.

Training steps, values with their gradients, one by one and in batches, and how soon the first
result of a new graph is there. What to compare with: `pip install jax torch casadi micrograd
scikit-learn`, and HIPS autograd, whose import name is ours, in a folder of its own: `pip install
--target=build/hips autograd scipy`, or another that the environment variable HIPS_AUTOGRAD names.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from shutil import which

from benchmarks import (
    black_scholes,
    digits,
    gpt_training,
    gradients,
    greeks,
    moons_training,
    new_graph,
    recorded,
    report,
    rosenbrock,
    scaling,
)
from benchmarks.group import BASELINE, Case, Column, Group, Layout, Target
from benchmarks.problem import Problem


def compiled(problem: Problem) -> tuple[Case, ...]:
    """The line of CasADi's C, where there is a compiler."""
    case = Case("CasADi, compiled C", "casadi", partial(recorded.casadi_compiled, problem))
    return (case,) if which("cc") else ()


# fmt: off
LEGEND = (
    "call: by a call from Python; loop: inside a loop or on buffers of the engine's own;\n"
    "×: how many times as fast as the line without a number there; first: once, with what is\n"
    "recorded or compiled for it"
)

STEPS = Layout((
    #      name      phase       over
    Column("call",   "call"),
    Column("call ×", "call",     BASELINE),
    Column("loop",   "loop"),
    Column("loop ×", "loop",     BASELINE),
), "first", LEGEND)

GRADIENTS = STEPS._replace(columns=(
    #      name      phase       over
    Column("call",   "gradient"),
    Column("call ×", "gradient", BASELINE),
    Column("loop",   "loop"),
    Column("loop ×", "loop",     BASELINE),
))

NEW = Layout((
    #      name      phase       over
    Column("first",  "first"),
    Column("×",      "first",    BASELINE),
), "", "first: until the first result is there, recorded or compiled and run; ×: as above")

#          unit                how many make a second
STEP     = ("µs per step",     1e6, STEPS)
EPOCH    = ("ms per epoch",    1e3, STEPS)
GRADIENT = ("µs per gradient", 1e6, GRADIENTS)
BATCH    = ("µs per batch",    1e6, STEPS)
NODE     = ("ns per node",     1e9, NEW)


OPTION = black_scholes.PROBLEM._replace(calls=200)
VALLEY = rosenbrock.PROBLEM._replace(calls=100)
GREEKS = partial(recorded.by_hand, black_scholes.on_paper, OPTION)
SLOPES = partial(recorded.by_hand, rosenbrock.on_paper, VALLEY)

GROUPS = {
    #     title, unit, size, quick, repeats, baseline
    "moons": Group("two moons, full batch of {} points", *STEP, 100, 20, moons_training.STEPS,
        "JAX", (
        #    label                  engine       workload                     packages it needs
        Case("glassgrad",           "native",    moons_training.replayed,     ("numpy",)),
        Case("glassgrad, fit",      "native",    moons_training.fitted),
        Case("glassgrad (Python)",  "python",    moons_training.replayed,     ("numpy",)),
        Case("glassgrad, eager",    "native",    moons_training.eager),
        Case("JAX",                 "jax",       moons_training.jitted),
        Case("NumPy, by hand",      "numpy",     moons_training.by_hand),
        Case("PyTorch",             "torch",     moons_training.tensors),
        Case("HIPS autograd",       "hips",      moons_training.hips),
        Case("plain Value",         "plain",     moons_training.demo),
        Case("micrograd",           "micrograd", moons_training.demo),
    ), (
        #      case         phase       limit   against          other
        Target("glassgrad", "call",     "≥", 4,    "JAX"),
        Target("glassgrad", "loop",     "≥", 1.5,  "JAX"),
    )),

    "gpt": Group("GPT, a step with Adam on {} letters", *STEP, 7, 3, gpt_training.STEPS, "JAX", (
        Case("glassgrad",           "native",    gpt_training.replayed,       ("numpy",)),
        Case("glassgrad, jit",      "native",    gpt_training.with_jit,       ("numpy",)),
        Case("glassgrad (Python)",  "python",    gpt_training.eager_once),
        Case("glassgrad, eager",    "native",    gpt_training.eager),
        Case("JAX",                 "jax",       gpt_training.jitted),
        Case("PyTorch",             "torch",     gpt_training.tensors),
        Case("plain Value",         "plain",     gpt_training.written_out),
    ), (
        Target("glassgrad", "call",     "≥", 1.5,  "JAX"),
        Target("glassgrad", "call",     "≥", 500,  "plain Value"),
    )),

    "digits": Group("{:,} digits in mini-batches of 64", *EPOCH, 1792, 128, digits.EPOCHS, "JAX", (
        Case("glassgrad",           "native",    digits.replayed,             ("sklearn",)),
        Case("glassgrad (Python)",  "python",    digits.replayed_once,        ("sklearn",)),
        Case("glassgrad, eager",    "native",    digits.eager_once,           ("sklearn",)),
        Case("JAX",                 "jax",       digits.jitted,               ("sklearn",)),
        Case("NumPy, by hand",      "numpy",     digits.by_hand,              ("sklearn",)),
        Case("scikit-learn",        "sklearn",   digits.sklearn),
        Case("PyTorch",             "torch",     digits.tensors,              ("sklearn",)),
    ), (
        Target("glassgrad", "loop",     "≥", 1,    "JAX"),
        Target("glassgrad", "loop",     "≥", 4,    "scikit-learn"),
    )),

    "options": Group("Black–Scholes, price and greeks of {:,} options", *BATCH, 10**4, 100,
        greeks.BATCHES, "CasADi, map", (
        Case("glassgrad",           "native",    greeks.replayed,             ("numpy",)),
        Case("glassgrad (Python)",  "python",    greeks.replayed,             ("numpy",)),
        Case("glassgrad, eager",    "native",    greeks.eager,                ("numpy",)),
        Case("CasADi, map",         "casadi",    greeks.casadi_map),
        Case("JAX, vmap",           "jax",       greeks.jitted),
        Case("NumPy, by hand",      "numpy",     greeks.by_hand,              ("scipy",)),
        Case("PyTorch",             "torch",     greeks.tensors,              ("numpy",)),
        Case("HIPS autograd",       "hips",      greeks.hips),
    ), (
        Target("glassgrad", "call",     "≥", 1,    "CasADi, map"),
    )),

    "black-scholes": Group("Black–Scholes, price and greeks", *GRADIENT, 1, 1, OPTION.calls,
        "CasADi", (
        Case("glassgrad",           "native",    partial(recorded.replayed, OPTION)),
        Case("glassgrad (Python)",  "python",    partial(recorded.replayed, OPTION)),
        Case("glassgrad, eager",    "native",    partial(gradients.on_numbers, OPTION)),
        Case("CasADi",              "casadi",    partial(recorded.casadi_machine, OPTION)),
        *compiled(OPTION),
        Case("JAX",                 "jax",       partial(gradients.jax_jitted, OPTION)),
        Case("floats, by hand",     "floats",    GREEKS),
        Case("PyTorch",             "torch",     partial(gradients.torch_backward, OPTION)),
        Case("HIPS autograd",       "hips",      partial(gradients.hips_arrays, OPTION)),
    ), (
        Target("glassgrad", "gradient", "≥", 1,    "CasADi"),
    )),

    "rosenbrock": Group("Rosenbrock, n = {:,}", *GRADIENT, 1000, 200, VALLEY.calls, "CasADi", (
        Case("glassgrad",           "native",    partial(recorded.replayed, VALLEY)),
        Case("glassgrad (Python)",  "python",    partial(recorded.replayed_once, VALLEY)),
        Case("glassgrad, eager",    "native",    partial(gradients.on_numbers, VALLEY)),
        Case("CasADi",              "casadi",    partial(recorded.casadi_machine, VALLEY)),
        *compiled(VALLEY),
        Case("JAX",                 "jax",       partial(gradients.jax_jitted, VALLEY)),
        Case("NumPy, by hand",      "numpy",     SLOPES),
        Case("PyTorch",             "torch",     partial(gradients.torch_backward, VALLEY)),
        Case("HIPS autograd",       "hips",      partial(gradients.hips_arrays, VALLEY)),
    ), (
        Target("glassgrad", "gradient", "≥", 1,    "CasADi"),
    )),

    "new": Group("first result of a new graph of {:,} nodes", *NODE, 1000, 100, 0, "JAX", (
        Case("glassgrad",           "native",    new_graph.replayed),
        Case("glassgrad (Python)",  "python",    new_graph.replayed),
        Case("glassgrad, eager",    "native",    new_graph.eager),
        Case("JAX",                 "jax",       new_graph.jitted),
        Case("floats",              "floats",    new_graph.floats),
    ), (
        Target("glassgrad", "first",    "≥", 1000, "JAX"),
    )),

    "recording": Group("a new graph of {:,} nodes", *NODE, 10**5, 10**4, 0, "glassgrad, eager", (
        Case("glassgrad",           "native",    new_graph.replayed),
        Case("glassgrad (Python)",  "python",    new_graph.replayed),
        Case("glassgrad, eager",    "native",    new_graph.eager),
        Case("floats",              "floats",    new_graph.floats),
    ), (
        Target("glassgrad", "first",    "≤", 100),
    )),
}
# fmt: on


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure the chosen groups, then, if all of them, how it goes with size and with threads."""
    command = (
        "benchmarks.replay",
        "What a recording is worth that is replayed, against other engines.",
        GROUPS,
        arguments,
    )
    report.main(*command)
    options = report.parse(*command)
    if not options.only:
        scaling.show(options.quick)


if __name__ == "__main__":
    main()

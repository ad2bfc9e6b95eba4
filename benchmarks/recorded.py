"""What a gradient costs when the function was recorded once: replayed, interpreted, or compiled.

Ways as in `gradients`, for engines that keep what they recorded. "loop" are CasADi's buffers:
arrays that stay where they are, from which the function reads and into which it writes.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from shutil import which
from subprocess import run
from tempfile import TemporaryDirectory
from typing import Any

from benchmarks.engines import Engine
from benchmarks.gradients import Phases, array_or_float, flat, timed, warm
from benchmarks.problem import Problem

Function = Callable[..., Any]


def replayed(problem: Problem, engine: Engine, size: int) -> Phases:
    """glassgrad: recorded by the first call, replayed by the others; from floats and arrays."""
    inputs, both = replayed_gradient(problem, engine, size)
    return timed(problem.calls, None, None, lambda: both(*inputs))


def replayed_once(problem: Problem, engine: Engine, size: int) -> Phases:
    """The first call alone, of an engine that would take too long for all."""
    inputs, both = replayed_gradient(problem, engine, size)
    return once(lambda: both(*inputs))


def replayed_gradient(problem: Problem, engine: Engine, size: int) -> tuple[list[Any], Function]:
    """Arguments, and a function of them that returns value and gradient."""
    import numpy

    library = engine.library
    inputs = [array_or_float(x, numpy.array) for x in problem.arguments(size)]
    f = library.jit(problem.numbers(engine.math, size))
    return inputs, library.value_and_grad(f, (*range(len(inputs)),))


def eager_once(problem: Problem, engine: Engine, size: int) -> Phases:
    """glassgrad, from floats and lists, recorded at every call: one of them."""
    inputs = problem.arguments(size)
    f = problem.numbers(engine.math, size)
    both = engine.library.value_and_grad(f, (*range(len(inputs)),))
    return once(lambda: both(*inputs))


def once(call: Callable[[], Any]) -> Phases:
    """The phase "first" alone."""
    yield "first"
    result = call()
    yield ""
    return [*flat(result)]


def by_hand(
    formula: Callable[[Any], Function], problem: Problem, engine: Engine, size: int
) -> Phases:
    """A gradient that was found on paper, of floats or of NumPy's arrays."""
    inputs = [array_or_float(x, lambda x: engine.math.array(x)) for x in problem.arguments(size)]
    both = formula(engine.math)
    return timed(problem.calls, None, None, lambda: both(*inputs))


def casadi_machine(problem: Problem, engine: Engine, size: int) -> Phases:
    """CasADi's virtual machine, called with floats and NumPy's arrays; results in its matrices."""
    return called(problem, size, lambda: casadi_function(problem, engine, size))


def casadi_compiled(problem: Problem, engine: Engine, size: int) -> Phases:
    """The C that CasADi writes, called in the same way; that it was compiled is not timed."""
    f = compiled(problem, engine, size)
    return called(problem, size, lambda: f)


def called(problem: Problem, size: int, make: Callable[[], Any]) -> Phases:
    """The phases of a function of CasADi."""
    import numpy

    inputs = [array_or_float(x, numpy.array) for x in problem.arguments(size)]
    yield "first"
    f = make()
    result = f(*inputs)
    yield ""
    kept = [numpy.atleast_1d(x) for x in inputs]
    results = [numpy.empty(f.nnz_out(i)) for i in range(f.n_out())]
    buffer, evaluate = f.buffer()
    for place, array in enumerate(kept):
        buffer.set_arg(place, memoryview(array))
    for place, array in enumerate(results):
        buffer.set_res(place, memoryview(array))
    yield from warm(problem.calls, {"gradient": lambda: f(*inputs), "loop": evaluate})
    return [*flat(result)]


def casadi_function(problem: Problem, engine: Engine, size: int) -> Any:
    """A function of CasADi that returns the value and its gradient by all arguments, in one."""
    library, inputs = engine.library, problem.arguments(size)
    symbols = [library.SX.sym("x", len(x) if isinstance(x, list) else 1) for x in inputs]
    parts = [
        library.vertsplit(symbol) if isinstance(x, list) else symbol
        for symbol, x in zip(symbols, inputs)
    ]
    value = problem.numbers(engine.math, size)(*parts)
    gradient = library.gradient(value, library.vertcat(*symbols))
    return library.Function("f", symbols, [value, gradient])


@cache  # the compiler takes seconds, and no more than -O1 has to offer for statements in a row
def compiled(problem: Problem, engine: Engine, size: int) -> Any:
    """The same function, from the C that CasADi writes of it."""
    code = engine.library.CodeGenerator("f.c")
    code.add(casadi_function(problem, engine, size))
    with TemporaryDirectory() as folder:
        code.generate(f"{folder}/")
        binary = f"{folder}/f.so"
        run([which("cc"), "-O1", "-shared", "-fPIC", "-o", binary, f"{folder}/f.c"], check=True)
        return engine.library.external("f", binary)

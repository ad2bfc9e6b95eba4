"""What a Hessian costs: each engine's own, of Rosenbrock's function of n numbers.

The phases: "first", one Hessian, with whatever is compiled for it; "gradient", the value and
gradient; "hessian".
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from typing import Any

from benchmarks.engines import Engine
from benchmarks.gradients import tensor
from benchmarks.rosenbrock import function, start, vectorised

Phases = Generator[str, None, list[float]]
Function = Callable[[Any], Any]


def on_list(engine: Engine, n: int) -> Phases:
    """glassgrad, on a list: a list of lists."""
    library = engine.library
    return timed(library.value_and_grad(function), library.hessian(function), start(n))


def on_array(engine: Engine, n: int) -> Phases:
    """glassgrad, on a NumPy array: a matrix."""
    import numpy

    library, x = engine.library, numpy.array(start(n))
    return timed(library.value_and_grad(vectorised), library.hessian(vectorised), x)


def sparse(engine: Engine, n: int) -> Phases:
    """glassgrad, on a list: a sparse matrix, which the other engines do not offer."""
    library = engine.library
    return timed(library.value_and_grad(function), library.hessian(function, sparse=True), start(n))


def hips(engine: Engine, n: int) -> Phases:
    """HIPS autograd."""
    import numpy

    library, x = engine.library, numpy.array(start(n))
    return timed(library.value_and_grad(vectorised), library.hessian(vectorised), x)


def jax(engine: Engine, n: int) -> Phases:
    """JAX, one operation after the other."""
    library = engine.library
    ready = library.block_until_ready
    gradient, hessian = library.value_and_grad(vectorised), library.hessian(vectorised)
    x = library.numpy.array(start(n))
    return timed(lambda x: ready(gradient(x)), lambda x: ready(hessian(x)), x)


def jax_jitted(engine: Engine, n: int) -> Phases:
    """JAX, compiled."""
    library = engine.library
    ready = library.block_until_ready
    gradient = library.jit(library.value_and_grad(vectorised))
    hessian = library.jit(library.hessian(vectorised))
    x = library.numpy.array(start(n))
    return timed(lambda x: ready(gradient(x)), lambda x: ready(hessian(x)), x)


def torch_func(engine: Engine, n: int) -> Phases:
    """PyTorch's transforms: all the columns at once."""
    func, x = engine.library.func, tensor(engine.library, start(n))
    return timed(func.grad_and_value(vectorised), func.hessian(vectorised), x)


def torch_functional(engine: Engine, n: int) -> Phases:
    """PyTorch's older way: row by row."""
    torch, x = engine.library, tensor(engine.library, start(n))
    hessian = torch.autograd.functional.hessian
    return timed(torch.func.grad_and_value(vectorised), lambda x: hessian(vectorised, x), x)


def timed(gradient: Function, hessian: Function, x: Any) -> Phases:
    """The phases, one call each."""
    gradient(x)
    yield "first"
    matrix = hessian(x)
    yield ""
    numbers = summary(matrix, len(x))
    yield "gradient"
    gradient(x)
    yield "hessian"
    hessian(x)
    return numbers


def summary(matrix: Any, n: int) -> list[float]:
    """The diagonal, those above and below it, and the sum of all entries."""
    if hasattr(matrix, "toarray"):
        matrix = matrix.toarray()
    rows = matrix if isinstance(matrix, list) else matrix.tolist()
    near = [rows[i][j] for step in (0, 1, -1) for i in range(n) if 0 <= (j := i + step) < n]
    return [*near, sum(map(sum, rows))]

"""What a gradient costs: each engine's way from a function and plain arguments to derivatives.

The phases: "first", one gradient, with whatever is compiled for it; "plain", the function on floats
or arrays, nothing recorded; "record", the function on what records; "gradient", its value and
gradient from plain arguments.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Generator, Iterator
from typing import Any

from benchmarks.engines import Engine
from benchmarks.problem import Problem

Phases = Generator[str, None, list[float]]
Call = Callable[[], Any]


def on_numbers(problem: Problem, engine: Engine, size: int) -> Phases:
    """glassgrad, on floats and lists of floats."""
    inputs = problem.arguments(size)
    plain = problem.numbers(math, size)
    f = problem.numbers(engine.math, size)
    both = engine.library.value_and_grad(f, (*range(len(inputs)),))
    leaves = [each(engine.value, x) for x in inputs]
    return timed(problem.calls, lambda: plain(*inputs), lambda: f(*leaves), lambda: both(*inputs))


def by_hand(problem: Problem, engine: Engine, size: int) -> Phases:
    """glassgrad without its transforms: leaves, the function, `backward`."""
    inputs = problem.arguments(size)
    f = problem.numbers(engine.math, size)

    def both() -> Any:
        leaves = [each(engine.value, x) for x in inputs]
        out = f(*leaves)
        engine.backward(out)
        return engine.data(out), [each(engine.grad, x) for x in leaves]

    return timed(problem.calls, None, None, both)


def on_objects(problem: Problem, engine: Engine, size: int) -> Phases:
    """glassgrad, on NumPy arrays: what is written for arrays, run on arrays of Values."""
    import numpy

    inputs = [array_or_float(x, numpy.array) for x in problem.arguments(size)]
    plain = problem.arrays(numpy, size, numpy.array)
    f = problem.arrays(engine.math, size, numpy.array)
    both = engine.library.value_and_grad(f, (*range(len(inputs)),))
    leaves = [array_or_float(each(engine.value, x), numpy.array) for x in problem.arguments(size)]
    return timed(problem.calls, lambda: plain(*inputs), lambda: f(*leaves), lambda: both(*inputs))


def hips_numbers(problem: Problem, engine: Engine, size: int) -> Phases:
    """HIPS autograd, on floats and lists of floats."""
    inputs = problem.arguments(size)
    return hips(problem.calls, problem.numbers(engine.math, size), inputs, engine)


def hips_arrays(problem: Problem, engine: Engine, size: int) -> Phases:
    """HIPS autograd, on floats and arrays, as its users do."""
    import numpy

    inputs = [array_or_float(x, numpy.array) for x in problem.arguments(size)]
    return hips(problem.calls, problem.arrays(engine.math, size, numpy.array), inputs, engine)


def hips(calls: int, f: Callable[..., Any], inputs: list[Any], engine: Engine) -> Phases:
    """Its forward pass alone is the first half of what `make_vjp` does."""
    from autograd.core import make_vjp

    both = engine.library.value_and_grad(f, (*range(len(inputs)),))
    return timed(
        calls,
        lambda: f(*inputs),
        lambda: make_vjp(lambda together: f(*together), tuple(inputs))[1],
        lambda: both(*inputs),
    )


def jax_arrays(problem: Problem, engine: Engine, size: int) -> Phases:
    """JAX, one operation after the other."""
    jax = engine.library
    inputs = [array_or_float(x, jax.numpy.array) for x in problem.arguments(size)]
    f = problem.arrays(engine.math, size, jax.numpy.array)
    both = jax.value_and_grad(f, (*range(len(inputs)),))
    return timed(
        problem.calls,
        lambda: jax.block_until_ready(f(*inputs)),
        lambda: jax.vjp(f, *inputs)[0],
        lambda: jax.block_until_ready(both(*inputs)),
    )


def jax_jitted(problem: Problem, engine: Engine, size: int) -> Phases:
    """JAX, compiled by the first call; what records is not compiled apart."""
    jax = engine.library
    inputs = [array_or_float(x, jax.numpy.array) for x in problem.arguments(size)]
    f = problem.arrays(engine.math, size, jax.numpy.array)
    if problem.jitted:
        plain, both = None, jax.jit(problem.jitted(size))
    else:
        plain, both = jax.jit(f), jax.jit(jax.value_and_grad(f, (*range(len(inputs)),)))
    return timed(
        problem.calls,
        plain and (lambda: jax.block_until_ready(plain(*inputs))),
        None,
        lambda: jax.block_until_ready(both(*inputs)),
    )


def torch_backward(problem: Problem, engine: Engine, size: int) -> Phases:
    """PyTorch, on tensors that require a gradient."""
    torch = engine.library
    inputs = [tensor(torch, x) for x in problem.arguments(size)]
    f = problem.arrays(torch, size, lambda x: tensor(torch, x))
    leaves = [x.clone().requires_grad_() for x in inputs]

    def both() -> Any:
        own = [x.detach().requires_grad_() for x in inputs]
        out = f(*own)
        out.backward()
        return out.detach(), [x.grad for x in own]

    return timed(problem.calls, lambda: f(*inputs), lambda: f(*leaves), both)


def torch_func(problem: Problem, engine: Engine, size: int) -> Phases:
    """PyTorch's transforms, torch.func, which are after JAX's; `while` on a tensor is allowed."""
    torch = engine.library
    inputs = [tensor(torch, x) for x in problem.arguments(size)]
    f = problem.arrays(torch, size, lambda x: tensor(torch, x))
    both = torch.func.grad_and_value(f, (*range(len(inputs)),))
    return timed(
        problem.calls,
        lambda: f(*inputs),
        lambda: torch.func.vjp(f, *inputs)[0],
        lambda: both(*inputs)[::-1],
    )


def timed(calls: int, plain: Call | None, record: Call | None, gradient: Call) -> Phases:
    """The phases."""
    yield "first"
    result = gradient()
    yield ""
    yield from warm(calls, {"plain": plain, "record": record, "gradient": gradient})
    return [*flat(result)]


def warm(calls: int, phases: dict[str, Call | None]) -> Generator[str, None, None]:
    """Phases of so many calls each, warm when they begin; those without a call are left out."""
    for phase, call in phases.items():
        if call:
            call()
            yield phase
            for _ in range(calls):
                call()
            yield ""


def each(make: Callable[[Any], Any], x: Any) -> Any:
    """A number, or every number of a list, made into something else."""
    return [make(number) for number in x] if isinstance(x, list) else make(x)


def array_or_float(x: Any, array: Callable[[Any], Any]) -> Any:
    """An array for a list; a float stays one."""
    return array(x) if isinstance(x, list) else x


def tensor(torch: Any, x: Any) -> Any:
    """A tensor in double precision, of a float one without dimensions."""
    return torch.tensor(x, dtype=torch.float64)


def flat(thing: Any) -> Iterator[float]:
    """The numbers in what an engine returned."""
    if hasattr(thing, "full"):  # CasADi's matrix, as NumPy's
        thing = thing.full()
    if isinstance(thing, (list, tuple)):
        for part in thing:
            yield from flat(part)
    elif getattr(thing, "shape", ()):
        yield from map(float, thing.ravel())
    else:
        yield float(thing)

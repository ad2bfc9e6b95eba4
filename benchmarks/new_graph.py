"""A new graph: how long until its first result, with all that is recorded or compiled for it.

Chains side by side, y ← a·y + b, added up at the end, as a function of three lists. Every run makes
a function of its own, as one that has been compiled is not compiled again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from random import Random
from typing import Any

from benchmarks.engines import Engine

WIDTH = 50  # chains

Phases = Generator[str, None, list[float]]
Function = Callable[[Any, Any, Any], Any]


def replayed(engine: Engine, nodes: int) -> Phases:
    """glassgrad: recorded, made flat and run."""
    result = yield from first(engine.library.jit, nodes)
    return [result.data]


def eager(engine: Engine, nodes: int) -> Phases:
    """glassgrad: recorded as ever, which is the first part of it."""
    lists = [list(map(engine.value, numbers)) for numbers in arguments()]
    f = function(nodes)
    yield "first"
    result = f(*lists)
    yield ""
    return [result.data]


def jitted(engine: Engine, nodes: int) -> Phases:
    """JAX: traced, compiled and run."""
    return [float((yield from first(engine.library.jit, nodes)))]


def floats(engine: Engine, nodes: int) -> Phases:
    """Plain numbers: what the function takes in Python, with nothing recorded."""
    return [(yield from first(lambda f: f, nodes))]


def first(jit: Callable[[Function], Function], nodes: int) -> Generator[str, None, Any]:
    """The phase; returns the result."""
    lists, f = arguments(), function(nodes)
    yield "first"
    result = jit(f)(*lists)
    yield ""
    return result


def function(nodes: int) -> Function:
    """A function of that many operations, besides the sum at the end."""
    steps = nodes // (2 * WIDTH)

    def f(y: Any, a: Any, b: Any) -> Any:
        for _ in range(steps):
            y = [ai * yi + bi for yi, ai, bi in zip(y, a, b)]
        return sum(y)

    return f


def arguments() -> list[list[float]]:
    """Where the chains start, and their two constants; none of them runs away."""
    rng = Random(0)
    return [[rng.uniform(-1, 1) for _ in range(WIDTH)] for _ in range(3)]

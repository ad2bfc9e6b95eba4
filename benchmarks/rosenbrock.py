"""Rosenbrock's function of n numbers and its gradient, from plain floats to plain floats.

Σ 100 (x[i+1] - x[i]²)² + (1 - x[i])²: https://doi.org/10.1093/comjnl/3.3.175
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Sequence
from itertools import pairwise
from typing import Any

from benchmarks.engines import Engine
from benchmarks.problem import Function, Problem

CALLS = 3  # timed one after the other, as in an optimisation

Point = Sequence[float]


def function(x: Sequence[Any]) -> Any:
    """As a user writes it, whatever x holds."""
    return sum(100 * (b - a**2) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def vectorised(x: Any) -> Any:
    """As a user of arrays writes it, whoever's array x is."""
    return (100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2).sum()


def start(n: int) -> list[float]:
    """The point where it is evaluated."""
    return [0.5 + (i % 7) / 10 for i in range(n)]


def eager(engine: Engine, n: int) -> Generator[str, None, list[float]]:
    """Recorded and differentiated, by every engine of single numbers."""

    def value_and_gradient(point: Point) -> list[float]:
        leaves = engine.leaves(list(point))
        y = function(leaves)
        engine.backward(y)
        return [float(engine.data(y)), *(float(engine.grad(x)) for x in leaves)]

    return (yield from calls(value_and_gradient, n))


def by_hand(engine: Engine, n: int) -> Generator[str, None, list[float]]:
    """The formula of the gradient, found on paper: what no engine of this kind can beat."""

    def value_and_gradient(point: Point) -> list[float]:
        gradient = [0.0] * n
        for i, (a, b) in enumerate(pairwise(point)):
            miss = b - a**2
            gradient[i] -= 400 * a * miss + 2 * (1 - a)
            gradient[i + 1] += 200 * miss
        return [function(point), *gradient]

    return (yield from calls(value_and_gradient, n))


def on_paper(functions: Any) -> Function:
    """The same formula for arrays, from where `empty_like` is."""

    def value_and_gradient(x: Any) -> Any:
        a, b = x[:-1], x[1:]
        miss, rest = b - a * a, 1 - a
        gradient = functions.empty_like(x)
        gradient[:-1] = -400 * a * miss - 2 * rest
        gradient[-1] = 0
        gradient[1:] += 200 * miss
        return 100 * miss @ miss + rest @ rest, gradient

    return value_and_gradient


def tensors(engine: Engine, n: int) -> Generator[str, None, list[float]]:
    """PyTorch on one tensor of n numbers."""
    import torch

    def value_and_gradient(point: Point) -> list[float]:
        x = torch.tensor(point, dtype=torch.float64, requires_grad=True)
        y = vectorised(x)
        y.backward()
        return [y.item(), *x.grad.tolist()]

    return (yield from calls(value_and_gradient, n))


def calls(
    value_and_gradient: Callable[[Point], list[float]], n: int
) -> Generator[str, None, list[float]]:
    """The phases: one call to warm up, then CALLS of them."""
    point = start(n)
    numbers = value_and_gradient(point)
    yield "call"
    for _ in range(CALLS):
        value_and_gradient(point)
    return numbers


def arguments(n: int) -> list[Any]:
    """One list."""
    return [start(n)]


def on_lists(functions: Any, n: int) -> Function:
    """The function of a list, which needs no functions."""
    return function


def on_arrays(functions: Any, n: int, array: Any) -> Function:
    """The function of an array."""
    return vectorised


PROBLEM = Problem(arguments, CALLS, on_lists, on_arrays)

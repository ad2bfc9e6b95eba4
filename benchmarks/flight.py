"""How far a ball flies with drag: a `while` loop that ends where the ball meets the ground.

Euler's method, and a straight line through the last two points.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.problem import Function, Problem

GRAVITY, SECONDS = 9.81, 1.0  # it is in the air for about a second


def arguments(steps: int) -> list[Any]:
    """The speed forward and upward, and the drag."""
    return [7.0, 5.0, 0.02]


def loop(functions: Any, steps: int, array: Callable[[Any], Any] | None = None) -> Function:
    """As it is written in Python, whatever the numbers are."""
    sqrt, step = functions.sqrt, SECONDS / steps

    def distance(u: Any, v: Any, drag: Any) -> Any:
        x = y = before = above = 0.0
        while y >= 0:
            before, above = x, y
            slower = 1 - drag * sqrt(u * u + v * v) * step
            u = u * slower
            v = v * slower - GRAVITY * step
            x = x + u * step
            y = y + v * step
        return before + (x - before) * above / (above - y)

    return distance


def compiled(steps: int) -> Function:
    """For JAX: `while_loop` compiles a `while`, but can only be differentiated forward."""
    import jax
    from jax.numpy import sqrt

    step = SECONDS / steps

    def move(state: Any) -> Any:
        u, v, drag, x, y, _, _ = state
        slower = 1 - drag * sqrt(u * u + v * v) * step
        u = u * slower
        v = v * slower - GRAVITY * step
        return u, v, drag, x + u * step, y + v * step, x, y

    def distance(u: Any, v: Any, drag: Any) -> Any:
        start = (u, v, drag, 0.0, 0.0, 0.0, 0.0)
        *_, x, y, before, above = jax.lax.while_loop(lambda state: state[4] >= 0, move, start)
        far = before + (x - before) * above / (above - y)
        return far, far

    forward = jax.jacfwd(distance, (0, 1, 2), has_aux=True)

    def value_and_gradient(*inputs: Any) -> Any:
        gradient, value = forward(*inputs)
        return value, gradient

    return value_and_gradient


PROBLEM = Problem(arguments, 5, loop, loop, compiled)

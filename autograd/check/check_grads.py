"""check_grads: are the derivatives of a function what its values say?

The truth comes from values alone, by a complex step or by differences: no rule under test has a
part in it. The name and its meaning are JAX's:
https://docs.jax.dev/en/latest/_autosummary/jax.test_util.check_grads.html
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from math import isfinite
from operator import index
from typing import Any

from autograd.check.agreement import (
    by_rules,
    by_values,
    disagreements,
    value_errors,
)
from autograd.check.mismatch import mismatch
from autograd.check.numeric import Numeric, flat, some_results
from autograd.check.suspects import Inquiry
from autograd.real import as_float
from autograd.transforms.gradient import jvp, vjp
from autograd.transforms.misuse import checked_function, name_of

MODES = ("fwd", "rev")
NEARBY = 2  # points around the given one


def check_grads(
    f: Callable[..., Any],
    args: tuple[Any, ...],
    order: int = 2,
    modes: Sequence[str] = MODES,
    rtol: float = 1e-6,
) -> None:
    """Raise GradientMismatch unless the derivatives of `f` at `args` are right.

    Args:
        f: returns numbers: one, an array, or any list, tuple or dict.
        args: its arguments, a tuple of floats, Values, arrays of floats and structures of them.
        order: 1 checks derivatives, 2 also derivatives of derivatives, and so on; above 1 the
            first derivatives are checked also near `args`.
        modes: "fwd" for jvp, "rev" for vjp; above order 1, one over the other in all ways.
        rtol: the largest relative difference. A derivative of 1e-87 is not taken for 0: what is
            allowed besides is only the error that the numerical derivative itself may have.

    Each derivative of each result by each input is compared with a complex step, which is exact to
    rounding, or with adaptive central differences. At a kink any number between the slopes to both
    sides is right; where a result is not finite, or jumps, there is nothing to compare with.
    Derivatives of derivatives are compared with differences of the derivatives; of several results
    they are taken of one combination, in forward mode in one direction.

    >>> from autograd import custom, exp, sin
    >>> check_grads(lambda x, p: sin(x) * exp(p["k"]), (1.0, {"k": 2.0}))
    >>> wrong = custom(lambda x: x**3, lambda x, out: 3 * x, name="cube")
    >>> check_grads(lambda x: exp(wrong(x)), (0.5,))  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autograd.check.mismatch.GradientMismatch: a derivative of <lambda> is wrong: order 1...

    Raises TypeError for arguments that are no floats, ValueError for an order or mode that does not
    exist, for a function without numbers, and for one that returns other numbers each time.
    """
    checked_function(f, "check_grads")
    modes, order = checked_modes(modes), checked_order(order)
    if not 0 < rtol < 1:
        raise ValueError(f"rtol of check_grads is a share between 0 and 1, got {rtol!r}")
    function, xs = flat(f, args)
    Check(function, name_of(f), modes, rtol).run(function, xs, order, ())


class Check:
    """One call of check_grads."""

    def __init__(self, f: Numeric, name: str, modes: Sequence[str], rtol: float) -> None:
        self.f, self.name, self.modes, self.rtol = f, name, modes, rtol

    def run(self, f: Numeric, xs: list[float], order: int, done: tuple[str, ...]) -> None:
        """Check a function, which is a derivative if some modes are done, and its derivatives."""
        values = f.evaluate(xs)
        finite = [k for k, value in enumerate(values) if isfinite(value)]
        if len(finite) < len(values):
            f = some_results(f, finite)
        f = replace(f, rounding=value_errors(f.call, xs))
        self.compare(f, xs, done)
        if order == 1 or not finite:
            return
        for near in nearby(xs):  # a derivative that is right at one point only has a wrong slope
            try:
                f.evaluate(near)
            except Exception:  # the function may be made for the one point
                continue
            self.compare(f, near, done)
        for mode in self.modes:
            self.run(derivative(f, mode), xs, order - 1, (*done, mode))

    def compare(self, f: Numeric, xs: list[float], done: tuple[str, ...]) -> None:
        """Check first derivatives at one point."""
        truth = by_values(f, xs)
        for mode in self.modes:
            wrong = disagreements(f, xs, by_rules(f, xs, mode), truth, self.rtol)
            if not wrong:
                continue
            inquiry = Inquiry(self.f.call, xs, self.rtol)
            suspects = inquiry.rules(len(done) + 1)
            worst = max(wrong, key=lambda d: d.relative)
            raise mismatch(
                self.name,
                (*done, mode),
                wrong,
                len(xs) * len(f.results),
                suspects,
                "" if suspects else inquiry.advice(f.inputs.index(worst.input), worst.derivative),
            )


def derivative(f: Numeric, mode: str) -> Numeric:
    """The derivative of a function, as another: of a combination of its results, or in a direction.

    Of one result, and by one input, it is the derivative itself.
    """
    if mode == "rev":
        weights = some_numbers(len(f.results))

        def gradient(*xs: Any) -> list[Any]:
            return list(vjp(f.call, *xs)[1](weights))

        name = f.results[0] if len(f.results) == 1 else "Σ results"
        results = [f"∂{name}/∂{x}" for x in f.inputs]
        return Numeric(gradient, plainly(gradient), f.inputs, results)
    direction = some_numbers(len(f.inputs))

    def change(*xs: Any) -> list[Any]:
        return list(jvp(f.call, xs, direction)[1])

    by = f"/∂{f.inputs[0]}" if len(f.inputs) == 1 else "/∂direction"
    results = [f"∂{result}{by}" for result in f.results]
    return Numeric(change, plainly(change), f.inputs, results)


def some_numbers(n: int) -> list[float]:
    """1 alone, or several numbers of that size, the same every time."""
    return [1.0] if n == 1 else [random.Random(i).uniform(0.5, 1.5) for i in range(n)]


def nearby(xs: Sequence[float]) -> Iterator[list[float]]:
    """Points around xs, the same every time."""
    for i in range(NEARBY):
        draw = random.Random(i)
        yield [x + draw.choice((-1, 1)) * draw.uniform(0.003, 0.01) * (abs(x) or 1.0) for x in xs]


def plainly(call: Callable[..., list[Any]]) -> Callable[[Sequence[float]], list[float]]:
    """A derivative on floats: floats."""
    return lambda xs: [as_float(x) for x in call(*xs)]


def checked_modes(modes: Any) -> tuple[str, ...]:
    """The modes as a tuple of known ones."""
    given = (modes,) if isinstance(modes, str) else tuple(modes)
    if not given or not set(given) <= set(MODES):
        raise ValueError(f'modes of check_grads are "fwd" and "rev", one or both, got {modes!r}')
    return given


def checked_order(order: Any) -> int:
    """The order, a whole number from 1."""
    try:
        found = index(order)
    except TypeError:
        found = 0
    if found < 1:
        raise ValueError(f"order of check_grads is a whole number from 1, got {order!r}")
    return found

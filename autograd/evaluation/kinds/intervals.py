"""mpmath.iv.mpf: enclosures. The true result is inside, for all numbers of the given intervals.

A comparison of intervals that overlap is not decided; `where` is then the hull of both its values.
See R. E. Moore, R. B. Kearfott and M. J. Cloud, Introduction to Interval Analysis, SIAM 2009.
"""

from __future__ import annotations

import operator
from collections.abc import Sequence
from typing import Any

from mpmath import iv, mp

from autograd.evaluation.foreign import FORMULAS
from autograd.evaluation.kinds.kind import Function, Kind

INCREASING = ["expm1", "log1p", "log2", "log10", "cbrt", "sinh", "tanh", "asinh", "acosh", "atanh"]
INCREASING += ["asin", "atan"]
OWN = ["exp", "log", "sqrt", "sin", "cos", "tan"]


class Undecided:
    """A comparison that holds for some numbers of the intervals and not for others."""

    def __and__(self, other: Undecided) -> Undecided:
        return self

    __or__ = __and__

    def __str__(self) -> str:
        return "a comparison of intervals that overlap"


def intervals() -> Kind:
    """The intervals of mpmath."""
    functions = {name: getattr(iv, name) for name in OWN} | {
        "pi": lambda: +iv.pi,
        "where": lambda condition, x, y: hull(x, y),
        "absolute": abs,
        "atan2": atan2,
        "power": operator.pow,
        "square": lambda x: x**2,  # not x * x, in which x would vary twice
        "floor": floor,
        "step": step,
        "sign": lambda x: iv.mpf([(x.a > 0) - (x.a < 0), (x.b > 0) - (x.b < 0)]),
        "maximum": larger,
        "minimum": lambda x, y: -larger(-x, -y),
        "relu": lambda x: larger(x, iv.mpf(0)),
        "shift": larger,
    }
    return Kind(
        "mpmath.iv",
        iv.mpf,
        iv.mpf,
        functions,
        lambda x: float(x.mid),
        compare,
        derive=of_the_ends,
        real=real,
    )


def hull(*xs: Any) -> Any:
    """The smallest interval around all of them."""
    return iv.mpf([min(x.a for x in xs), max(x.b for x in xs)])


def compare(operation: Function, x: Any, y: Any) -> Any:
    """Whether it holds for all numbers in x and y, for none, or Undecided."""
    if operation in (operator.eq, operator.ne):
        same = x.a == x.b == y.a == y.b
        apart = x.b < y.a or y.b < x.a
        return same is (operation is operator.eq) if same or apart else Undecided()
    answer = operation(x, y)
    return Undecided() if answer is None else bool(answer)


def of_the_ends(formula: Function, numbers: Sequence[Any]) -> Any:
    """Of an increasing function the values at the ends; in a formula the same x varies twice."""
    if formula is FORMULAS["cosh"]:
        numbers = [abs(x) for x in numbers]  # from where on it increases
    elif formula not in [FORMULAS[name] for name in INCREASING]:
        return formula(*numbers)
    (x,) = numbers
    low, high = (formula(type(x)(x.kind, end)) for end in (x.raw.a, x.raw.b))
    trouble = low.trouble or high.trouble
    return type(x)(x.kind, None if trouble else hull(low.raw, high.raw), trouble)


def real(x: Any) -> Any:
    """The interval itself; complex ones are an error."""
    if isinstance(x, iv.mpc):
        raise ArithmeticError("the result is not real for all numbers of the interval")
    return x


def larger(*xs: Any) -> Any:
    return iv.mpf([max(x.a for x in xs), max(x.b for x in xs)])


def atan2(y: Any, x: Any) -> Any:
    """mpmath's, and a little more on both sides: its ends are not always rounded outward."""
    unit = iv.mpf(2) ** (2 - iv.prec)
    return iv.atan2(y, x) * iv.mpf([1 - unit, 1 + unit])


def step(x: Any) -> Any:
    return iv.mpf([int(x.a > 0), int(x.b > 0)])


def floor(x: Any) -> Any:
    return iv.mpf([mp.floor(mp.mpf(x.a)), mp.floor(mp.mpf(x.b))])

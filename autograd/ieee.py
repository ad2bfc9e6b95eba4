"""Arithmetic by IEEE 754 where Python would raise: 1/0 is inf, 0/0 is nan, exp(1000) is inf."""

from __future__ import annotations

import math
from collections.abc import Callable
from math import copysign, inf, nan
from typing import Any


def divide(x: float, y: float) -> float:
    """x / y, with inf or nan where Python raises ZeroDivisionError."""
    try:
        return float.__truediv__(x, y)
    except ZeroDivisionError:
        return nan if x == 0 or x != x else copysign(inf, x) * copysign(1.0, y)


def power(x: float, y: float) -> float:
    """x ** y as C's pow: a pole or an overflow is inf, a negative base with a fraction is nan."""
    try:
        return math.pow(x, y)
    except (ValueError, OverflowError):
        if x < 0 and y != math.floor(y):
            return nan
        return -inf if copysign(1.0, x) < 0 and y % 2 == 1 else inf


class Double(float):
    """A float whose arithmetic never raises: what a rule is given when plain floats raised.

    >>> 1 / Double(0.0), Double(-8.0) ** (1 / 3), Double(10.0) ** 400
    (inf, nan, inf)
    """

    def _operate(self, operation: Any, operands: tuple[Any, ...]) -> Double:
        return Double(operation.compute([float(x) for x in operands]))


def _ieee(function: Callable[..., float], reflected: bool = False) -> Callable[..., Any]:
    def method(x: float, y: float = 0.0) -> Any:
        if not isinstance(y, (int, float)):
            return NotImplemented
        x, y = float(x), float(y)
        return Double(function(y, x) if reflected else function(x, y))

    return method


for _name, _function in {
    "add": float.__add__,
    "sub": float.__sub__,
    "mul": float.__mul__,
    "truediv": divide,
    "pow": power,
}.items():
    setattr(Double, f"__{_name}__", _ieee(_function))
    setattr(Double, f"__r{_name}__", _ieee(_function, reflected=True))
Double.__neg__ = _ieee(lambda x, _: -x)  # type: ignore[method-assign]
Double.__abs__ = _ieee(lambda x, _: math.fabs(x))  # type: ignore[method-assign]

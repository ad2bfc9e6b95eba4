"""fractions.Fraction: exact, or an error."""

from __future__ import annotations

import math
from fractions import Fraction

from autograd.evaluation.kinds.kind import FROM_MATH, Function, Kind, nearly

# fmt: off
RATIONAL = {
    # row      the fractions where its value is one
    "exp":   {0: 1}, "expm1": {0: 0}, "log":   {1: 0}, "log1p": {0: 0},
    "sin":   {0: 0}, "cos":   {0: 1}, "tan":   {0: 0}, "log2":  {1: 0},
    "asin":  {0: 0}, "acos":  {1: 0}, "atan":  {0: 0}, "log10": {1: 0},
    "sinh":  {0: 0}, "cosh":  {0: 1}, "tanh":  {0: 0}, "erf":   {0: 0},
    "asinh": {0: 0}, "acosh": {1: 0}, "atanh": {0: 0}, "erfc":  {0: 1},
}
# fmt: on
HALF, THIRD = Fraction(1, 2), Fraction(1, 3)


def rationals() -> Kind:
    """A power or a root is exact where it is a fraction; exp, sin, … are only at 0 or 1."""
    functions = {name: at_rational_points(name) for name in FROM_MATH} | {
        "absolute": abs,
        "floor": lambda x: Fraction(math.floor(x)),
        "power": power,
        "sqrt": lambda x: power(x, HALF),
        "cbrt": lambda x: power(x, THIRD) if x >= 0 else -power(-x, THIRD),
        "hypot": lambda x, y: power(x * x + y * y, HALF),
        "norm": lambda *xs: power(Fraction(sum(x * x for x in xs)), HALF),
        "atan2": lambda y, x: Fraction(0) if y == 0 < x else irrational("atan2", y, x),
    }
    return Kind("Fraction", Fraction, Fraction, functions, nearly)


def at_rational_points(name: str) -> Function:
    """A function of `math` at the fractions where its value is one."""
    points = RATIONAL.get(name, {})
    return lambda *xs: Fraction(points[xs[0]]) if xs[0] in points else irrational(name, *xs)


def irrational(name: str, *xs: Fraction) -> Fraction:
    """What there is to say about a result that is no fraction."""
    raise ArithmeticError(
        f"{name}({', '.join(map(str, xs))}) is not a fraction; use number=mpmath.mpf or "
        "decimal.Decimal, to as many digits as you like"
    )


def power(x: Fraction, y: Fraction) -> Fraction:
    """x ** y, if it is a fraction.

    >>> power(Fraction(4, 9), Fraction(-3, 2))
    Fraction(27, 8)
    """
    if y.denominator == 1:
        return Fraction(x) ** y.numerator
    if x < 0:
        raise ArithmeticError(f"({x}) ** ({y}) is not a real number")
    roots = [root(part, y.denominator) for part in (x.numerator, x.denominator)]
    if (roots[0] ** y.denominator, roots[1] ** y.denominator) != x.as_integer_ratio():
        return irrational("power", x, y)
    return Fraction(*roots) ** y.numerator


def root(n: int, k: int) -> int:
    """The largest integer whose k-th power is at most n."""
    if n < 2 or k >= n.bit_length():
        return min(n, 1)
    if k == 2:
        return math.isqrt(n)
    high = 1 << -(-n.bit_length() // k)  # Newton's method, from above
    while (lower := ((k - 1) * high + n // high ** (k - 1)) // k) < high:
        high = lower
    return high

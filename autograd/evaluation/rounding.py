"""How far each operation's own rounding may take its result from the true one.

+ − × ÷ and √ are rounded to the nearest double, an error of at most u = 2⁻⁵³ of the result; the C
library's functions are within a few units in the last place (ulp, at most 2u each), of which the
table below knows the worst: see B. Gladman, V. Innocente, J. Mather and P. Zimmermann, Accuracy of
Mathematical Functions in Single, Double, Double Extended, and Quadruple Precision,
https://inria.hal.science/hal-03141101. A row written in others gathers the errors of all its steps:
running error analysis, N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM
2002, section 3.3, by calling its rule with numbers that carry their error.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from fractions import Fraction
from typing import Any, NoReturn

from autograd import ops
from autograd.evaluation.constants import IRRATIONAL, simplest
from autograd.operation import Operation, Reduction, Softmax

U = 2.0**-53
TINY = 2.0**-1074  # the distance between doubles next to 0

# fmt: off
EXACT = {  # they only choose
    "negative", "absolute", "sign", "step", "floor", "relu", "maximum", "minimum", "clip", "where",
    "constant", "shift", "take",
}
NEAREST = {"add", "subtract", "multiply", "divide", "reciprocal", "square", "sqrt"}
UNDERFLOWS = {"multiply", "divide", "reciprocal", "square", "power", "exp", "erfc", "atan2"}
ULPS = {
    # row     largest error of a C library in ulp, rounded up; other functions: 1
    "acosh":  3, "asinh": 2, "atanh": 2, "cbrt": 4, "cosh": 2, "erf":  2,
    "erfc":   6, "log10": 2, "sinh":  2, "tan":  2, "tanh": 3,
}
# fmt: on
ASSUMED = 2  # units u of a node made by hand: one ulp


def rounding(operation: Operation | None, operands: Sequence[float], out: float) -> float:
    """The largest error of the operation's own, on operands taken as exact.

    >>> rounding(ops.add, [1.0, 2.0], 3.0) == 3 * U, rounding(ops.maximum, [1.0, 2.0], 2.0)
    (True, 0.0)
    """
    if operation is None:
        return ASSUMED * U * abs(out)
    if units := own_units(operation):
        return 0.0 if exact(operation.name, operands) else least(units, operation.name, out)
    if is_row(operation) and operation.name in EXACT:
        return 0.0
    if isinstance(operation, Softmax):
        *xs, k = operands
        return Rounded.of(operation.value([Rounded(x) for x in xs])[int(k)]).error
    numbers = [Rounded(x) for x in operands]
    rule = operation.value
    return Rounded.of(rule(numbers) if isinstance(operation, Reduction) else rule(*numbers)).error


def is_row(operation: Operation) -> bool:
    """Whether it is a row of the table, not a user's operation of the same name."""
    return ops.ROWS.get(operation.name) is operation


def own_units(operation: Operation) -> int:
    """How many u of its result a single operation may be off; 0 if it is written in others."""
    name = operation.name
    if not is_row(operation) or name in EXACT:
        return 0
    if name in NEAREST:
        return 1
    return 2 * ULPS.get(name, 1) if operation.from_math or name == "hypot" else 0


def least(units: int, name: str, out: float) -> float:
    """So many units of `out`, but no less than the distance of doubles next to 0."""
    error = units * U * abs(out)
    small = 0 < abs(out) < 2.0**-1000 or (out == 0 and name in UNDERFLOWS)
    return max(error, units * TINY) if small else error


def exact(name: str, operands: Sequence[float]) -> bool:
    """Whether nothing is rounded: 0 is added, or multiplied or divided by a power of two."""
    if name in ("add", "subtract"):
        return 0.0 in operands
    if name == "multiply":
        return any(x == 0 or is_power_of_two(x) for x in operands)
    return name == "divide" and (operands[0] == 0 or is_power_of_two(operands[1]))


def is_power_of_two(x: float) -> bool:
    """±1, ±2, ±0.5, …, as far as products with it do not underflow."""
    return abs(math.frexp(x)[0]) == 0.5 and 2.0**-16 <= abs(x) <= 2.0**16


class Rounded:
    """A float and the largest error it may have, to first order; a rule called with it adds up."""

    __slots__ = ("data", "error")

    def __init__(self, data: float, error: float = 0.0) -> None:
        self.data, self.error = data, error

    @classmethod
    def of(cls, x: Any) -> Rounded:
        """A number written in a rule: it is rounded, too, where it stands for another (√2, 0.1)."""
        if isinstance(x, Rounded):
            return x
        x = float(x)
        if abs(x) in IRRATIONAL:
            return cls(x, U * abs(x))
        return cls(x, float(abs(simplest(x) - Fraction(x))) if math.isfinite(x) else 0.0)

    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Rounded:
        if operation is ops.where:
            condition, x, y = operands
            return self.of(x if condition else y)
        if isinstance(operation, Softmax) and operation is not ops.take:
            *xs, k = operands
            return self.of(operation.value([self.of(x) for x in xs])[int(k)])
        numbers = [self.of(x) for x in operands]
        if not own_units(operation) and not (is_row(operation) and operation.name in EXACT):
            rule = operation.value
            return self.of(rule(numbers) if isinstance(operation, Reduction) else rule(*numbers))
        data = [x.data for x in numbers]
        out = operation.compute(data)
        wanted = [x.error > 0 for x in numbers]
        inherited = 0.0
        if any(wanted):
            errors = [x.error for x in numbers if x.error > 0]
            locals_ = operation.partials(data, out, wanted)
            inherited = sum(abs(d) * e for d, e in zip(locals_, errors, strict=True))
        return Rounded(out, inherited + rounding(operation, data, out))

    def __neg__(self) -> Rounded:
        return Rounded(-self.data, self.error)

    def __abs__(self) -> Rounded:
        return Rounded(abs(self.data), self.error)

    def __bool__(self) -> bool:
        return self.data != 0

    def __float__(self) -> NoReturn:
        raise TypeError("a rule made a float of its input, so that its rounding is not known")

    __hash__ = None  # type: ignore[assignment]  # == compares the numbers


def _arithmetic(operation: Operation, reflected: bool) -> Callable[[Rounded, Any], Rounded]:
    def method(self: Rounded, other: Any) -> Rounded:
        return self._operate(operation, (other, self) if reflected else (self, other))

    return method


def _comparison(name: str) -> Callable[[Rounded, Any], bool]:
    def method(self: Rounded, other: Any) -> Any:
        return getattr(self.data, name)(Rounded.of(other).data)

    return method


for _name, _operation in ops.OPERATORS.items():
    setattr(Rounded, f"__{_name}__", _arithmetic(_operation, reflected=False))
    setattr(Rounded, f"__r{_name}__", _arithmetic(_operation, reflected=True))
for _name in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__"):
    setattr(Rounded, _name, _comparison(_name))

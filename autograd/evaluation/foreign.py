"""Foreign numbers: numbers of another kind that go through the rules of the table.

A rule is written in ordinary arithmetic over other rows, so it needs no change: it is called with
Foreigns, which do arithmetic as their kind does and ask it for its `exp`. `kinds` has the kinds.

A number written in a rule means the real number it is the double of, as `constants` says, to as
many digits as the kind has. Where there is no result (1/0 of fractions, an irrational root) the
Foreign keeps the trouble instead, which is no harm in a branch not chosen.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from functools import reduce
from itertools import compress
from typing import TYPE_CHECKING, Any, NoReturn

from autograd import ops as rows
from autograd.evaluation.constants import IRRATIONAL, simplest
from autograd.operation import Operation, Reduction, Softmax, Take

if TYPE_CHECKING:
    from autograd.evaluation.kinds.kind import Kind

Formula = Callable[..., Any]
ops: Any = rows  # the stub knows floats and Values

# fmt: off
FORMULAS: dict[str, Formula] = {
    # row        from others, where a kind has no function of its own
    "absolute":  lambda x: ops.where(x < 0, -x, x),
    "expm1":     lambda x: ops.exp(x) - 1,
    "log1p":     lambda x: ops.log(1 + x),
    "log2":      lambda x: ops.log(x) / ops.log(lift(2, x.kind)),
    "log10":     lambda x: ops.log(x) / ops.log(lift(10, x.kind)),
    "cbrt":      lambda x: ops.where(x == 0, x, ops.sign(x) * ops.power(abs(x), 1 / 3)),
    "hypot":     lambda x, y: ops.sqrt(ops.square(x) + ops.square(y)),
    "sinh":      lambda x: (ops.exp(x) - ops.exp(-x)) / 2,
    "cosh":      lambda x: (ops.exp(x) + ops.exp(-x)) / 2,
    "tanh":      lambda x: ops.sign(x) * (1 - 2 / (ops.exp(2 * abs(x)) + 1)),
    "asinh":     lambda x: ops.sign(x) * ops.log(abs(x) + ops.sqrt(x * x + 1)),
    "acosh":     lambda x: ops.log(x + ops.sqrt((x - 1) * (x + 1))),
    "atanh":     lambda x: ops.log((1 + x) / (1 - x)) / 2,
    "asin":      lambda x: ops.atan2(x, ops.sqrt((1 - x) * (1 + x))),
    "acos":      lambda x: ops.atan2(ops.sqrt((1 - x) * (1 + x)), x),
    "atan":      lambda x: ops.atan2(x, lift(1, x.kind)),
    "shift":     lambda *xs: largest(xs),
}
# fmt: on


class Foreign:
    """A number of some kind, or the trouble why there is none."""

    __slots__ = ("kind", "raw", "trouble")

    def __init__(self, kind: Kind, raw: Any, trouble: Exception | None = None) -> None:
        self.kind, self.raw, self.trouble = kind, raw, trouble

    @property
    def data(self) -> float:
        """About this much, as a float: what a shift that cancels in the end is taken from."""
        return math.nan if self.trouble else self.kind.approximate(self.raw)

    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Any:
        return value(operation, operands, self.kind)

    if TYPE_CHECKING:  # attached below, for each operator

        def __add__(self, other: Any) -> Foreign: ...
        def __mul__(self, other: Any) -> Foreign: ...
        def __gt__(self, other: Any) -> Any: ...

    def __neg__(self) -> Foreign:
        return attempt(self.kind, operator.neg, [self])

    def __abs__(self) -> Any:
        return self._operate(ops.absolute, [self])

    def __pow__(self, other: Any) -> Any:
        return self._operate(ops.power, [self, other])

    def __rpow__(self, other: Any) -> Any:
        return self._operate(ops.power, [other, self])

    def __bool__(self) -> bool:
        zero: Any = 0
        return bool(self != zero)

    def __float__(self) -> NoReturn:
        raise TypeError(
            f"a rule made a float of a number of {self.kind.name}; write it in arithmetic and "
            "rows of the table: autograd.exp(x) instead of math.exp(x)"
        )

    __int__ = __index__ = __trunc__ = __floor__ = __ceil__ = __complex__ = __float__
    __hash__ = None  # type: ignore[assignment]  # == may be a condition

    def __repr__(self) -> str:
        return f"<{self.kind.name}: {self.trouble or self.raw!r}>"


class Condition(Foreign):
    """A comparison that is not decided: of symbols, or of intervals that overlap."""

    __slots__ = ()

    def __bool__(self) -> NoReturn:
        raise TypeError(
            f"{self.raw} is neither true nor false for {self.kind.name}; in a rule write "
            "autograd.where(condition, x, y) instead of `if`, which needs to know"
        )

    def __and__(self, other: Any) -> Any:
        if isinstance(other, Condition):
            return Condition(self.kind, self.raw & other.raw)
        return self if other else False

    def __or__(self, other: Any) -> Any:
        if isinstance(other, Condition):
            return Condition(self.kind, self.raw | other.raw)
        return True if other else self

    __rand__, __ror__ = __and__, __or__


def _arithmetic(function: Formula, reflected: bool) -> Formula:
    def method(self: Foreign, other: Any) -> Foreign:
        other = lift(other, self.kind)
        return attempt(self.kind, function, [other, self] if reflected else [self, other])

    return method


def _comparison(compare: Formula) -> Formula:
    def method(self: Foreign, other: Any) -> Any:
        other = lift(other, self.kind)
        for x in (self, other):
            if x.trouble:
                raise x.trouble
        answer = self.kind.compare(compare, self.raw, other.raw)
        return answer if type(answer) is bool else Condition(self.kind, answer)

    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv"):
    setattr(Foreign, f"__{_name}__", _arithmetic(getattr(operator, _name), reflected=False))
    setattr(Foreign, f"__r{_name}__", _arithmetic(getattr(operator, _name), reflected=True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Foreign, f"__{_name}__", _comparison(getattr(operator, _name)))


def attempt(kind: Kind, function: Formula, operands: Sequence[Foreign]) -> Foreign:
    """A function of the kind on Foreigns of it; what goes wrong is kept."""
    for x in operands:
        if x.trouble:
            return x
    try:
        return Foreign(kind, kind.real(function(*[x.raw for x in operands])))
    except (ArithmeticError, ValueError, TypeError) as trouble:
        return Foreign(kind, None, trouble)


def lift(x: Any, kind: Kind) -> Foreign:
    """A number written in a rule, as one of the kind: the real number it is the double of.

    >>> from fractions import Fraction
    >>> from autograd.evaluation.kinds import kind_of
    >>> lift(1 / 3, kind_of(Fraction)), lift(0.1 + 0.2, kind_of(Fraction))
    (<Fraction: Fraction(1, 3)>, <Fraction: Fraction(1351079888211149, 4503599627370496)>)
    """
    if isinstance(x, Foreign):
        return x
    if x == "pi":
        if "pi" in kind.functions:
            return Foreign(kind, kind.functions["pi"]())
        return Foreign(kind, None, ArithmeticError(f"{kind.name} has no π{kind.advice}"))
    if not isinstance(x, (int, float)):
        return Foreign(kind, x)
    if kind.constant:
        return Foreign(kind, kind.constant(float(x)))
    if formula := IRRATIONAL.get(abs(x)):
        number = formula(lambda whole: lift(whole, kind))
        return number if x > 0 else -number  # type: ignore[no-any-return]
    return attempt(kind, lambda: kind.ratio(*simplest(float(x)).as_integer_ratio()), [])


def value(operation: Operation, operands: Sequence[Any], kind: Kind) -> Any:
    """A row's value: by the kind's own function, a formula over other rows, or the row's rule."""
    if operation is ops.where:
        return choose(kind, *operands)
    if isinstance(operation, Take):
        *xs, index = operands
        return pick(kind, index, xs)
    if isinstance(operation, Softmax):
        *operands, k = operands
        return operation.value([lift(x, kind) for x in operands])[int(k)]
    numbers = [lift(x, kind) for x in operands]
    name = operation.name if ops.ROWS.get(operation.name) is operation else ""
    if function := kind.functions.get(name):
        return attempt(kind, function, numbers)
    if name in FORMULAS:
        return kind.derive(FORMULAS[name], numbers)
    if operation.from_math:
        return Foreign(kind, None, ArithmeticError(f"{kind.name} has no {name}{kind.advice}"))
    rule = operation.value
    return lift(rule(numbers) if isinstance(operation, Reduction) else rule(*numbers), kind)


def local_derivatives(
    operation: Operation, operands: Sequence[Any], out: Foreign, wanted: Sequence[bool]
) -> list[Foreign]:
    """The local derivatives of the wanted operands by the row's rules; no others are evaluated."""
    kind = out.kind
    if isinstance(operation, Take):
        *xs, index = operands
        every = [choose(kind, here, 1.0, 0.0) for here in places(index, len(xs))]
        return list(compress([*every, lift(0, kind)], wanted))
    if isinstance(operation, Softmax):
        *numbers, k = operands
        every = operation.rule(operation.value([lift(x, kind) for x in numbers]), int(k))
        return [lift(local, kind) for local in compress(every, wanted)]
    numbers = [lift(x, kind) for x in operands]
    if isinstance(operation, Reduction):
        return [lift(local, kind) for local in compress(operation.rule(numbers, out), wanted)]
    return [
        lift(derivative(*numbers, out), kind)
        for derivative in compress(operation.derivatives, wanted)
    ]


def choose(kind: Kind, condition: Any, x: Any, y: Any) -> Foreign:
    """x or y; where the condition is not decided, what the kind makes of both."""
    if not isinstance(condition, Condition):
        return lift(x if condition else y, kind)
    where = kind.functions["where"]
    return attempt(kind, lambda x, y: where(condition.raw, x, y), [lift(x, kind), lift(y, kind)])


def places(index: Any, count: int) -> list[Any]:
    """For each of so many places whether the index says it: bools, or Conditions."""
    found = [index == place for place in range(count)]
    if not any(isinstance(here, Condition) or here for here in found):
        given = getattr(index, "raw", index)
        raise ArithmeticError(f"the index {given} is not a whole number from 0 to {count - 1}")
    return found


def pick(kind: Kind, index: Any, xs: Sequence[Any]) -> Foreign:
    """The x at an index; where that is not decided, what the kind makes of all of them."""
    cases = [*zip(places(index, len(xs)), xs, strict=True)]
    known = [x for here, x in cases if here is True]
    if known:
        return lift(known[0], kind)
    *others, (_, last) = [case for case in cases if isinstance(case[0], Condition)]
    out = lift(last, kind)
    for here, x in reversed(others):
        out = choose(kind, here, x, out)
    return out


def largest(xs: Sequence[Foreign]) -> Foreign:
    """The largest, but 0 where it is not finite, as the row `shift` has it."""
    top: Foreign = reduce(lambda x, y: ops.where(y > x, y, x), xs)
    return top if top.trouble or math.isfinite(top.data) else lift(0, top.kind)

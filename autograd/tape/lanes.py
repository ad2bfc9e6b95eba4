"""Lanes: one number in every row of a batch, side by side; and the rows of the table on them.

A rule is written in ordinary arithmetic over other rows, so it needs no change: it is called with
Lanes, which do arithmetic with NumPy's arrays and know the rows that are functions of `math`.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Sequence
from functools import cache, reduce
from itertools import compress
from typing import Any, NoReturn

from autograd import ops
from autograd.operation import Operation, Reduction, Softmax, Take

NUMPY_NAMES = {  # where they are others
    "absolute": "fabs",
    "asin": "arcsin",
    "acos": "arccos",
    "atan": "arctan",
    "atan2": "arctan2",
    "asinh": "arcsinh",
    "acosh": "arccosh",
    "atanh": "arctanh",
}
SHIFTED = (ops.logsumexp, ops.softmax, ops.log_softmax)  # rules that subtract the largest


class Lanes:
    """A number in every row, or for a comparison whether it holds there.

    What is the same in all rows may be an array without axes.
    """

    __slots__ = ("array",)

    def __init__(self, array: Any) -> None:
        self.array = array

    @property
    def data(self) -> float:
        """The constant that a rule subtracts: none, for `shifted` has done that, lane by lane."""
        return 0.0

    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Lanes:
        return value(operation, operands)

    def __neg__(self) -> Lanes:
        return Lanes(-self.array)

    def __abs__(self) -> Lanes:
        return self._operate(ops.absolute, [self])

    def __pow__(self, other: Any) -> Lanes:
        return self._operate(ops.power, [self, other])

    def __rpow__(self, other: Any) -> Lanes:
        return self._operate(ops.power, [other, self])

    def __bool__(self) -> NoReturn:
        raise TypeError(
            "a comparison may hold in some rows and not in others; in a rule write "
            "autograd.where(condition, x, y) instead of `if`"
        )

    __hash__ = None  # type: ignore[assignment]  # == compares in every row


def _operator(
    function: Callable[[Any, Any], Any], reflected: bool
) -> Callable[[Lanes, Any], Lanes]:
    if reflected:
        return lambda self, other: Lanes(function(array_of(other), self.array))
    return lambda self, other: Lanes(function(self.array, array_of(other)))


for _name in ("add", "sub", "mul", "truediv"):
    setattr(Lanes, f"__{_name}__", _operator(getattr(operator, _name), reflected=False))
    setattr(Lanes, f"__r{_name}__", _operator(getattr(operator, _name), reflected=True))
for _name in ("__lt__", "__le__", "__gt__", "__ge__", "__eq__", "__ne__", "__and__", "__or__"):
    setattr(Lanes, _name, _operator(getattr(operator, _name), reflected=False))


def numpy() -> Any:
    """The package, or how to install it."""
    try:
        import numpy
    except ImportError as error:
        raise ImportError(
            "running a tape without the native engine needs the package numpy; install it: "
            "pip install numpy"
        ) from error
    return numpy


def array_of(x: Any) -> Any:
    """The array of lanes; a plain number is the same in all of them."""
    return x.array if isinstance(x, Lanes) else float(x)


@cache
def functions() -> dict[Operation, Callable[..., Any]]:
    """NumPy's functions by the rows they are the values of; for the others the row, in a loop."""
    np = numpy()
    found = {ops.where: np.where}
    for name, row in ops.ROWS.items():
        if row.from_math or row in (ops.hypot, ops.floor):
            looped = np.vectorize(lambda *xs, row=row: row.compute(xs), otypes=[float])
            found[row] = getattr(np, NUMPY_NAMES.get(name, name), looped)
    return found


def value(operation: Operation, operands: Sequence[Any]) -> Lanes:
    """A row's value: NumPy's own function, or what the row's rule computes."""
    if function := functions().get(operation):
        return Lanes(function(*map(array_of, operands)))
    if operation is ops.shift:
        return largest(operands)
    if isinstance(operation, Take):
        return taken(operands[:-1], operands[-1])
    if isinstance(operation, Softmax):
        return lanes(operation.value(shifted(operands[:-1])[0])[int(operands[-1])])
    if operation in SHIFTED:
        xs, top = shifted(operands)
        return lanes(top + operation.value(xs))
    if isinstance(operation, Reduction):
        return lanes(operation.value(list(operands)))
    return lanes(operation.value(*operands))


def partials(
    operation: Operation, operands: Sequence[Any], out: Lanes, wanted: Sequence[bool]
) -> list[Lanes]:
    """The local derivatives of the wanted operands, by the row's rules; no others are evaluated."""
    if not isinstance(operation, Reduction):
        rules = compress(operation.derivatives, wanted)
        return [lanes(rule(*operands, out)) for rule in rules]
    if isinstance(operation, Take):
        *xs, index = operands
        every = [functions()[ops.where](array_of(index) == i, 1.0, 0.0) for i in range(len(xs))]
        return [*map(Lanes, compress([*every, 0.0], wanted))]
    if isinstance(operation, Softmax):
        xs, k = shifted(operands[:-1])[0], int(operands[-1])
        return [*map(lanes, compress(operation.rule(operation.value(xs), k), wanted))]
    xs = shifted(operands)[0] if operation in SHIFTED else list(operands)
    return [*map(lanes, compress(operation.rule(xs, out), wanted))]


def lanes(x: Any) -> Lanes:
    """A number of a rule as lanes."""
    return x if isinstance(x, Lanes) else Lanes(float(x))


def largest(xs: Sequence[Any]) -> Lanes:
    """The largest in each lane, compared from the first to the last; 0 where it is not finite."""
    np = numpy()
    top = reduce(lambda top, x: np.where(x > top, x, top), map(array_of, xs))
    return Lanes(np.where(np.isfinite(top), top, 0.0))


def shifted(xs: Sequence[Any]) -> tuple[list[Any], Lanes]:
    """What is left of each when the largest is subtracted; and the largest."""
    top = largest(xs)
    return [x - top for x in xs], top


def taken(xs: Sequence[Any], index: Any) -> Lanes:
    """In each lane the x whose number the index is."""
    np = numpy()
    places, *columns = np.broadcast_arrays(array_of(index), *map(array_of, xs))
    for place in np.unique(places).tolist():
        ops.take._place(place, len(xs))
    return Lanes(np.take_along_axis(np.stack(columns), places[None].astype(int), axis=0)[0])

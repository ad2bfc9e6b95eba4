"""The complex step: f'(x) = Im f(x + ih) / h, exact to rounding, because nothing is subtracted.

A function runs on Complex numbers, which do arithmetic as Python's complex does and know the rows
of the table as complex functions: their values only, no derivative rule. Where a function is not
analytic (at a kink), or no complex version is known, the step is refused and differences are
taken instead. Squire and Trapp, Using complex variables to estimate derivatives of real functions,
SIAM Review 40 (1998).
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Sequence
from typing import Any

from autograd import ops
from autograd.check.complex_functions import FUNCTIONS, NotAnalytic
from autograd.operation import Operation, Reduction, Softmax
from autograd.operators import NUMPY_NAMES
from autograd.real import as_float

STEP = 1e-150  # its cube, which would blur a derivative of 0, is 0 in doubles


class Complex:
    """A number of a complex step. Its real part is what a float would have been.

    It has no `data`, no detach() and does not turn into a float: what f takes out of the graph
    must not be lost here, too.
    """

    __slots__ = ("raw",)

    def __init__(self, raw: complex) -> None:
        self.raw = raw

    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Any:
        return value(operation, operands)

    def __getattr__(self, name: str) -> Any:  # x.exp(), and np.exp of an array of objects
        row = NUMPY_NAMES.get(name) or ops.ROWS.get(name)
        if row is None or row is ops.where or isinstance(row, Reduction):
            raise AttributeError(f"a number of a complex step has no {name}")
        return lambda *operands, **named: row(self, *operands, **named)

    def __neg__(self) -> Complex:
        return Complex(-self.raw)

    def __pos__(self) -> Complex:
        return self

    def __abs__(self) -> Any:
        return value(ops.absolute, [self])

    def __bool__(self) -> bool:
        return differs(self, 0)

    __hash__ = object.__hash__


def raw(x: Any) -> complex:
    """Any real number, or one of a complex step, as Python's complex."""
    return x.raw if isinstance(x, Complex) else complex(as_float(x))


def _arithmetic(function: Callable[[Any, Any], Any], reflected: bool) -> Callable[..., Any]:
    def method(self: Complex, other: Any) -> Complex:
        return Complex(
            function(raw(other), self.raw) if reflected else function(self.raw, raw(other))
        )

    return method


def _power(reflected: bool) -> Callable[..., Any]:
    def method(self: Complex, other: Any) -> Any:
        return value(ops.power, [other, self] if reflected else [self, other])

    return method


def _comparison(compare: Callable[[Any, Any], bool]) -> Callable[..., bool]:
    def method(self: Complex, other: Any) -> bool:
        x, y = self.raw, raw(other)
        if x.real == y.real and x.imag != y.imag:
            raise NotAnalytic("a tie that the next larger number would decide: a kink")
        return compare(x.real, y.real)

    return method


for _name in ("add", "sub", "mul", "truediv"):
    _function = getattr(operator, _name)
    setattr(Complex, f"__{_name}__", _arithmetic(_function, reflected=False))
    setattr(Complex, f"__r{_name}__", _arithmetic(_function, reflected=True))
for _name in ("lt", "le", "gt", "ge", "eq", "ne"):
    setattr(Complex, f"__{_name}__", _comparison(getattr(operator, _name)))
for _name, _reflected in (("__pow__", False), ("__rpow__", True)):
    setattr(Complex, _name, _power(_reflected))
differs = _comparison(operator.ne)


def value(operation: Operation, operands: Sequence[Any]) -> Any:
    """The value of an operation: by its complex function, or else by its own rule."""
    if operation is ops.where:
        condition, x, y = operands
        return x if condition else y
    if ops.ROWS.get(operation.name) is operation:
        if function := FUNCTIONS.get(operation.name):
            numbers = [raw(x) for x in operands]
            real = operation.compute([z.real for z in numbers])
            found = function(*numbers)
            if not abs(found.real - real) <= 1e-9 * abs(real):
                raise NotAnalytic(f"{operation.name} of reals is another branch, or no number")
            return Complex(complex(real, found.imag))
        if operation.from_math:
            raise NotAnalytic(f"no complex {operation.name} is known")
    if isinstance(operation, Softmax):
        return operation.value(list(operands[:-1]))[int(operands[-1])]
    if isinstance(operation, Reduction):
        return operation.value(list(operands))
    return operation.value(*operands)


def complex_step(
    f: Callable[..., list[Any]], xs: Sequence[float], place: int, values: Sequence[float]
) -> list[tuple[float, float]] | None:
    """∂f/∂xs[place] of every result, with the smallest number it can tell from 0; None if refused.

    >>> complex_step(lambda x: [x * x], [1.0], 0, [1.0])
    [(2.0, 1e-155)]
    """
    x = abs(xs[place]) or 1.0
    large = 1e-20 * min(x, 1.0)
    found = stepped(f, xs, place, values, min(STEP * max(x, 1.0), large))
    if found is None or all(abs(d) > 1e15 * least for d, least in found):
        return found
    # perhaps not 0 but too small for that step; what a larger one blurs depends on its size
    again, check = (stepped(f, xs, place, values, step) for step in (large, large / 64))
    if again is None or check is None:
        return found
    return [
        new if abs(new[0] - other[0]) <= 1e-9 * abs(new[0]) else own
        for own, new, other in zip(found, again, check, strict=True)
    ]


def stepped(
    f: Callable[..., list[Any]],
    xs: Sequence[float],
    place: int,
    values: Sequence[float],
    step: float,
) -> list[tuple[float, float]] | None:
    """The derivatives by a step of that size."""
    numbers = [Complex(complex(number, step * (i == place))) for i, number in enumerate(xs)]
    try:
        found = [raw(result) for result in f(*numbers)]
    except Exception:  # whatever a function does with numbers that it does not expect
        return None
    for z, value in zip(found, values, strict=True):
        if not abs(z.real - value) <= 1e-9 * abs(value) or not math.isfinite(z.imag / step):
            return None
    return [(z.imag / step, 1e-305 / step) for z in found] if step > 1e-290 else None

"""Value's operators and methods: every row of the table, attached to the class in one loop each.

All of them do what `Value._operate` does; here it is spelled out for one and for two operands, and
for lists of Values, because a loop over a general number of operands would take twice as long.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from typing import Any

from autograd import kernels, ops
from autograd.modes import compared, modes, recorders
from autograd.operation import Operation, Reduction
from autograd.real import as_float
from autograd.scope import calls, here
from autograd.value import Value, births, new

Method = Callable[..., Any]


def small(
    operation: Operation, data: float, x: Value | None, by_x: float, y: Value | None, by_y: float
) -> Value:
    """A node of one or two inputs: a parent and its local derivative, or None and the constant."""
    v: Value = new(Value)
    v._data = data
    v._grad = 0.0
    v._operation = operation
    v._x = x
    v._by_x = by_x
    v._y = y
    v._by_y = by_y
    v._operands = v._parents = v._local_grads = v._name = None
    v._birth = next(births)
    v._call = here() if calls else None
    return v


def unary(operation: Operation) -> Method:
    """The method of a row with one input."""
    value, (derivative,) = kernels.value(operation), kernels.derivatives(operation)

    def method(self: Value) -> Value:
        x = self._data
        try:
            out = value(x)
            by_x = derivative(x, out)
        except (ArithmeticError, ValueError):
            return self._operate(operation, (self,))
        if modes:
            return self._operate(operation, (self,))
        return small(operation, out, self, by_x, None, 0.0)

    return method


def binary(operation: Operation) -> Method:
    """The operator of a row with two inputs; a constant operand costs no node."""
    value, (by_x, by_y) = kernels.value(operation), kernels.derivatives(operation)

    def method(self: Value, other: Any) -> Any:
        x = self._data
        try:
            if type(other) is Value:
                y, parent = other._data, other
                out = value(x, y)
                second = by_y(x, y, out)
            else:
                second = y = other if type(other) is float else as_float(other)
                parent, out = None, value(x, y)
            first = by_x(x, y, out)
        except TypeError:
            return NotImplemented
        except (ArithmeticError, ValueError):
            return self._operate(operation, (self, other))
        if modes:
            return self._operate(operation, (self, other))
        return small(operation, out, self, first, parent, second)

    return method


def reflected(operation: Operation) -> Method:
    """The operator with the Value on the right: 3 - v."""
    value, (_, by_y) = kernels.value(operation), kernels.derivatives(operation)

    def method(self: Value, other: Any) -> Any:
        y = self._data
        try:
            x = other if type(other) is float else as_float(other)
            out = value(x, y)
            second = by_y(x, y, out)
        except TypeError:
            return NotImplemented
        except (ArithmeticError, ValueError):
            return self._operate(operation, (other, self))
        if modes:
            return self._operate(operation, (other, self))
        return small(operation, out, None, x, self, second)

    return method


def comparison(compare: Callable[[Any, Any], bool], sign: str) -> Method:
    """Compares the numbers; the answer is a plain bool."""

    def method(self: Value, other: Any) -> Any:
        try:
            right = other._data if type(other) is Value else as_float(other)
        except TypeError:
            return NotImplemented
        outcome = compare(self._data, right)
        if recorders:
            compared(self, other if type(other) is Value else right, sign, outcome)
        return outcome

    return method


def method(operation: Operation) -> Method:
    """The method of any other row: x.clip(0, 1) is clip(x, 0, 1)."""

    def method(self: Value, *operands: Any, **named: Any) -> Value:
        node: Value = operation(self, *operands, **named)
        return node

    return method


def from_zero(add: Method) -> Method:
    """0 + v is v itself, so that the built-in sum() leaves no 0 in the graph."""

    def method(self: Value, other: Any) -> Any:
        return self if type(other) in (int, float) and other == 0 else add(self, other)

    return method


SIGNS = {"__neg__": ops.negative, "__abs__": ops.absolute}
COMPARISONS = {"lt": "<", "le": "<=", "gt": ">", "ge": ">=", "eq": "==", "ne": "!="}
NUMPY_NAMES = {  # np.arcsin of an object array calls x.arcsin()
    "arcsin": ops.asin,
    "arccos": ops.acos,
    "arctan": ops.atan,
    "arctan2": ops.atan2,
    "arcsinh": ops.asinh,
    "arccosh": ops.acosh,
    "arctanh": ops.atanh,
    "fabs": ops.absolute,
}


def methods() -> dict[str, Method]:
    """Every method that the table gives to Value, by name."""
    found: dict[str, Method] = {}
    for name, row in (ops.ROWS | NUMPY_NAMES).items():
        if not isinstance(row, Reduction) and row is not ops.where:
            found[name] = unary(row) if len(row.inputs) == 1 else method(row)
    for name, row in ops.OPERATORS.items():
        found[f"__{name}__"] = binary(row)
        found[f"__r{name}__"] = reflected(row)
    for name, row in SIGNS.items():
        found[name] = unary(row)
    for name, sign in COMPARISONS.items():
        found[f"__{name}__"] = comparison(getattr(operator, name), sign)
    found["__radd__"] = from_zero(found["__radd__"])
    return found


def attach(value: type) -> None:
    """Give the class its operators and methods."""
    for name, method in methods().items():
        method.__name__, method.__qualname__ = name, f"{value.__name__}.{name}"
        setattr(value, name, method)
        if name in ops.ROWS and len(ops.ROWS[name].inputs) == 1:
            ops.ROWS[name].methods[value] = method


def attach_others(value: type) -> None:
    """Give a class that has its operators and unary methods already the other methods."""
    for name, row in (ops.ROWS | NUMPY_NAMES).items():
        if not isinstance(row, Reduction) and row is not ops.where and not hasattr(value, name):
            setattr(value, name, getattr(value, row.name, None) or method(row))

"""Rows as plain functions of floats: a rule, called with Texts, writes its own Python.

What the Python engine runs for each operation, as the native one runs C written in the same way.
The functions raise where `math` does; whoever calls them then asks the row, which knows IEEE 754.

>>> from autograd import ops
>>> source(ops.relu, ops.relu.value)
'lambda x: (0.0 if x <= 0.0 else x)'
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from autograd import ops
from autograd.operation import Operation
from autograd.text import C, Text, write


class Python(C):
    """Python over floats, with the rows that have no function in `math` written out."""

    signs: ClassVar = {"&": "and", "|": "or"}

    @staticmethod
    def number(x: float) -> str:
        return repr(x) if x - x == 0 else f"float('{x!r}')"

    @staticmethod
    def template(operation: Operation) -> str:
        if operation is ops.where:
            return "({1} if {0} else {2})"
        return operation.c if "{0" in operation.c else operation.name

    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Text:
        if operation.in_c:
            return write(operation, operands, Python)
        inlined = Python.of(operation.value(*map(Python.of, operands)))
        return Python(f"({inlined})")


def source(operation: Operation, rule: Callable[..., Any]) -> str:
    """The Python of a rule, as a lambda expression."""
    names = list(inspect.signature(rule).parameters)
    texts = [Python(name) for name in names]
    in_python = rule is operation.value and operation.in_c
    written = write(operation, texts, Python) if in_python else Python.of(rule(*texts))
    return f"lambda {', '.join(names)}: {written}"


def value(operation: Operation) -> Callable[..., float]:
    """The value as a function of the inputs."""
    return FUNCTIONS.get(operation.name) or _compiled(operation, operation.value)


def derivatives(operation: Operation) -> list[Callable[..., float]]:
    """The derivatives as functions of the inputs and `out`."""
    return [_compiled(operation, rule) for rule in operation.derivatives]


def _compiled(operation: Operation, rule: Callable[..., Any]) -> Callable[..., float]:
    compiled: Callable[..., float] = eval(source(operation, rule), dict(FUNCTIONS))
    return compiled


FUNCTIONS = {  # what a kernel may call: the rows that are a function of `math`, or one like them
    name: row.value for name, row in ops.ROWS.items() if row.in_c and "{0" not in row.c
}

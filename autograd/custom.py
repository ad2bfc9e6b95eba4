"""Operations of a user's own, usable wherever a row of the table is."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any

from autograd.ieee import Double
from autograd.operation import Operation, Rule
from autograd.real import as_float


def custom(
    value: Rule,
    *derivatives: Rule,
    name: str | None = None,
    symbol: str = "",
    latex: str = "",
) -> Operation:
    """An operation of your own, usable wherever a built-in row is.

    value takes the inputs; each derivative, one per input, takes the inputs and then `out`. Written
    in ordinary arithmetic over other operations they work on floats and on Values.

    >>> from autograd import Value, exp
    >>> bell = custom(lambda x: exp(-x * x), lambda x, out: -2 * x * out, name="bell")
    >>> x = Value(1.0); bell(x).backward(); round(x.grad, 6)
    -0.735759

    Make it once, outside of what it is used in: on the native engine a node keeps its operation,
    so an operation whose functions hold that very node is never freed.

    Raises TypeError if something is not callable or the number of derivatives is not the number
    of inputs. To be pickled it must be stored in its module under its name, like a function.
    """
    if not callable(value) or not all(map(callable, derivatives)):
        raise TypeError(
            "custom(value, *derivatives) takes functions: one value, one per derivative"
        )
    inputs = tuple(inspect.signature(value).parameters)
    if len(inputs) != len(derivatives):
        raise TypeError(
            f"the value takes {len(inputs)} inputs ({', '.join(inputs)}) but {len(derivatives)} "
            "derivatives were given; custom(value, *derivatives) needs one derivative per input"
        )
    for derivative in derivatives:
        if len(inspect.signature(derivative).parameters) != len(inputs) + 1:
            raise TypeError(
                f"each derivative takes the inputs and then out: ({', '.join(inputs)}, out)"
            )
    operation = Custom(
        name or getattr(value, "__name__", "custom").strip("<>"),
        value,
        *derivatives,
        symbol=symbol,
        latex=latex,
    )
    operation.__module__ = inspect.stack()[1].frame.f_globals.get("__name__", "__main__")
    return operation


class Custom(Operation):
    """An operation of a user's: its rules get Doubles, which stay real and never raise."""

    def compute(self, numbers: Sequence[Any]) -> Any:
        if all(type(x) is float for x in numbers):
            return as_float(self.value(*map(Double, numbers)))
        return self.value(*numbers)

    def partial(self, index: int, numbers: Sequence[Any], out: Any) -> Any:
        rule = self.derivatives[index]
        if type(out) is float:
            return as_float(rule(*map(Double, numbers), Double(out)))
        return rule(*numbers, out)

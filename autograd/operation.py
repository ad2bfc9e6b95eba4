"""What a row of the table is: a value, one derivative per input, and how both are written.

An operation is called with numbers of any one kind. Floats are computed here. Every other kind
brings a method `_operate(operation, operands)` and is asked to do it: a Value records a node, a
Text writes. So the table knows none of its readers.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from math import nan
from types import BuiltinFunctionType
from typing import Any

from autograd.engine import Function
from autograd.ieee import Double
from autograd.real import as_float, plain

Rule = Callable[..., Any]
ROWS: dict[str, Operation] = {}


class Operation(Function):  # type: ignore[misc]
    """One row: an operation with a fixed number of inputs.

    name         what it is called, here and in every picture
    value        the value from the inputs: a function of `math`, or a rule over other rows
    derivatives  one rule per input: the local derivative from the inputs and then `out`
    edge         the IEEE answer where a function of `math` raises (nan unless said)
    symbol       on pictures; plain, latex, c: templates where the default `name(x)` is not right;
                 js: where JavaScript is not C with another name for numbers
    binds        how tightly its text binds: 1 sums, 2 products, 3 signs, 4 powers, 5 all else
    selects      an input with derivative 0 was not chosen: it is no parent, so it cannot leak nan
    defaults     numbers for the last inputs when they are not given
    """

    def __init__(
        self,
        name: str,
        value: Rule,
        *derivatives: Rule,
        edge: Callable[..., float] | float = nan,
        symbol: str = "",
        plain: str = "",
        latex: str = "",
        c: str = "",
        js: str = "",
        binds: int = 5,
        selects: bool = False,
        defaults: tuple[float, ...] = (),
        doc: str = "",
    ) -> None:
        self.name = self.__name__ = self.__qualname__ = name
        self.value, self.derivatives, self.edge = value, derivatives, edge
        self.symbol, self.binds, self.selects, self.defaults = (
            symbol or name,
            binds,
            selects,
            defaults,
        )
        self.inputs = self._input_names(value, derivatives)
        self.methods: dict[type, Rule] = {}  # for one input: a class of numbers to its own method
        self.plain = plain or name
        self.latex, self.c, self.js = latex, c, js
        self.__doc__ = doc or f"{self.written()}: of floats a float, of Values a node."
        self.__module__ = "autograd.ops"

    @staticmethod
    def _input_names(value: Rule, derivatives: Sequence[Rule]) -> tuple[str, ...]:
        if isinstance(value, BuiltinFunctionType):
            return tuple(inspect.signature(derivatives[0]).parameters)[:-1]
        return tuple(inspect.signature(value).parameters)

    @property
    def from_math(self) -> bool:
        """Whether the value is a function of `math`."""
        return isinstance(self.value, BuiltinFunctionType)

    @property
    def in_c(self) -> bool:
        """Whether C has it; if not, its C is what the value, a rule over other rows, writes."""
        return self.from_math or bool(self.c)

    def written(self) -> str:
        """How it is called: `hypot(x, y)`."""
        return f"{self.name}({', '.join(self.inputs)})"

    def __repr__(self) -> str:
        return f"<operation {self.written()}>"

    def __reduce__(self) -> str:
        return self.__qualname__  # pickled as a global name, like a function

    # -- on numbers of any kind --------------------------------------------------------------

    def call(self, *operands: Any, **named: Any) -> Any:
        """What calling it comes down to, for numbers of any kind."""
        if len(operands) == 1 and (method := self.methods.get(type(operands[0]))):
            return method(operands[0])
        for operand in operands:
            if type(operand) is not float:
                break
        else:
            if len(operands) == len(self.inputs) and not named:
                return self.compute(operands)
        operands = self._complete(operands, named)
        for operand in operands:
            if hasattr(operand, "_operate"):
                return operand._operate(self, operands)
        return self.compute([as_float(x) for x in operands])

    def _complete(self, operands: tuple[Any, ...], named: dict[str, Any]) -> tuple[Any, ...]:
        missing = len(self.inputs) - len(operands)
        if missing > 0:
            last = self.inputs[len(operands) :]
            spare = dict(zip(reversed(self.inputs), reversed(self.defaults), strict=False))
            if named.keys() <= set(last) and all(k in named or k in spare for k in last):
                return operands + tuple(named.get(k, spare.get(k)) for k in last)
        elif missing == 0 and not named:
            return operands
        given = [*map(repr, operands), *(f"{k}={v!r}" for k, v in named.items())]
        raise TypeError(
            f"{self.written()} takes {len(self.inputs)} number{'s' * (len(self.inputs) > 1)}, "
            f"got {len(given)}: ({', '.join(given)})"
        )

    def compute(self, numbers: Sequence[Any]) -> Any:
        """The value on numbers; on floats by IEEE 754, never an exception."""
        try:
            out = self.value(*numbers)
        except (ArithmeticError, ValueError):
            if self.from_math:
                return self.edge(*numbers) if callable(self.edge) else self.edge
            return float(self.value(*map(Double, numbers)))
        return out if type(out) is not complex else float(self.value(*map(Double, numbers)))

    def partial(self, index: int, numbers: Sequence[Any], out: Any) -> Any:
        """The local derivative with respect to input `index`; on floats by IEEE 754."""
        rule = self.derivatives[index]
        try:
            local = rule(*numbers, out)
        except (ArithmeticError, ValueError):
            local = 1j
        if type(local) is complex:  # a rule of plain arithmetic left the doubles: 1/0, (-8)**(1/3)
            local = float(rule(*map(Double, numbers), Double(out)))
        return local

    def partials(
        self, numbers: Sequence[Any], out: Any, wanted: Sequence[bool] | None = None
    ) -> list[Any]:
        """The local derivatives of the wanted inputs, in order; the others are not evaluated."""
        chosen = compress(range(len(numbers)), wanted) if wanted else range(len(numbers))
        return [self.partial(i, numbers, out) for i in chosen]


class Reduction(Operation):
    """A row over any number of inputs: one node with n parents and n local derivatives.

    value        the value from the list of inputs
    rule         all n local derivatives from the list and `out`
    c, c_local   C for the value (statements that make `out`, at first 0, from x[0] … x[n-1], and
                 may leave something in w[0] … w[n-1]) and for local derivative i; `top` is the
                 largest x, if it is finite, and `k` says which result of a softmax it is
    """

    def __init__(self, name: str, value: Rule, rule: Rule, **written: Any) -> None:
        self.rule, self.c_local = rule, written.pop("c_local")
        super().__init__(name, value, **written)
        self.inputs = ("xs",)

    def _list(self, xs: Any) -> list[Any]:
        if type(xs) is list:
            return xs
        if isinstance(xs, Iterable) and not isinstance(xs, (str, bytes)):
            return list(xs)
        raise TypeError(
            f"{self.name} takes a list (or any iterable) of numbers and Values, got {xs!r} of type "
            f"{type(xs).__name__}; write {self.name}([...])"
        )

    def call(self, xs: Any) -> Any:
        return self._reduce(self._list(xs))

    def _reduce(self, operands: list[Any]) -> Any:
        for operand in operands:
            if type(operand) is not float and hasattr(operand, "_operate"):
                return operand._operate(self, operands)
        return self.compute([as_float(x) for x in operands])

    def compute(self, numbers: Sequence[Any]) -> Any:
        try:
            return self.value(numbers)
        except ArithmeticError:
            return float(self.value([Double(x) for x in numbers]))

    def partials(
        self, numbers: Sequence[Any], out: Any, wanted: Sequence[bool] | None = None
    ) -> list[Any]:
        try:
            every = self.rule(numbers, out)
        except ArithmeticError:
            every = [float(x) for x in self.rule([Double(x) for x in numbers], Double(out))]
        return list(compress(every, wanted)) if wanted else every


class Dot(Reduction):
    """dot(ws, xs, bias=None): its inputs are the ws, then the xs, then perhaps the bias."""

    def call(self, ws: Any, xs: Any, bias: Any = None) -> Any:  # type: ignore[override]
        ws, xs = self._list(ws), self._list(xs)
        if len(ws) != len(xs):
            raise ValueError(
                f"dot takes two sequences of the same length, got {len(ws)} and {len(xs)} numbers"
            )
        return self._reduce(ws + xs if bias is None else [*ws, *xs, bias])


class Softmax(Reduction):
    """A row with a result for each input: n nodes, whose last operand says which of them it is."""

    def call(self, xs: Any) -> list[Any]:
        operands = self._list(xs)
        for operand in operands:
            if type(operand) is not float and hasattr(operand, "_operate"):
                return [operand._operate(self, [*operands, float(k)]) for k in range(len(operands))]
        return self._all([as_float(x) for x in operands])

    def _all(self, numbers: Sequence[float]) -> list[float]:
        try:
            return list(self.value(numbers))
        except ArithmeticError:
            return [float(x) for x in self.value([Double(x) for x in numbers])]

    def compute(self, numbers: Sequence[Any]) -> Any:
        return self._all(numbers[:-1])[int(numbers[-1])]

    def partials(
        self, numbers: Sequence[Any], out: Any, wanted: Sequence[bool] | None = None
    ) -> list[Any]:
        every = self.rule(self(numbers[:-1]), int(numbers[-1]))
        return list(compress(every, wanted)) if wanted else every


class Take(Softmax):
    """take(rows, index): the one at a place that may be a Value, so that it can change.

    Of a list of numbers it is a number, of a list of rows it is a row. For an index that is a plain
    number it is rows[index] itself; for a Value it is a node, or a list of them, whose last operand
    is the index. Nothing can be differentiated by the index.
    """

    def call(self, rows: Any, index: Any) -> Any:  # type: ignore[override]
        rows = self._list(rows)
        if not hasattr(index, "_operate"):
            return rows[self._place(as_float(index), len(rows))]
        if hasattr(index, "_data"):
            self._place(index._data, len(rows))
        if all(isinstance(row, Iterable) for row in rows):
            columns = self._columns([list(row) for row in rows])
            return [index._operate(self, [*column, index]) for column in columns]
        return index._operate(self, [*rows, index])

    @staticmethod
    def _columns(rows: list[list[Any]]) -> Iterable[Any]:
        lengths = sorted({len(row) for row in rows})
        if len(lengths) > 1:
            raise ValueError(
                f"take was given rows of different lengths, {', '.join(map(str, lengths))}: for an "
                "index that is a Value they must be of one length"
            )
        return zip(*rows, strict=True)

    @staticmethod
    def _place(index: float, count: int) -> int:
        if 0 <= index < count and index == int(index):
            return int(index)
        allowed = f"a whole number from 0 to {count - 1}" if count else "none, as there are none"
        raise IndexError(
            f"take was given the index {index:g} into {count} row{'s' * (count != 1)}: allowed is "
            f"{allowed}"
        )

    def compute(self, numbers: Sequence[Any]) -> Any:
        return numbers[self._place(numbers[-1], len(numbers) - 1)]

    def partials(
        self, numbers: Sequence[Any], out: Any, wanted: Sequence[bool] | None = None
    ) -> list[Any]:
        every = self.rule(numbers[:-1], int(plain(numbers[-1])))
        return list(compress(every, wanted)) if wanted else every


def row(*columns: Any, kind: Any = Operation, **written: Any) -> Any:
    """Enter an operation into the table."""
    operation = kind(*columns, **written)
    return ROWS.setdefault(operation.name, operation)

"""What a kind of number is: how it converts and compares, and which functions it has."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from autograd import ops

Function = Callable[..., Any]
FROM_MATH = [name for name, row in ops.ROWS.items() if row.from_math]


@dataclass(frozen=True)
class Kind:
    """One kind of number.

    name         what errors call it
    convert      a float, exactly
    make         the class itself, called on anything
    functions    of its numbers, by the row they are the value of; also "pi", and "where" if not
                 every comparison is decided
    approximate  about this number, as a float
    compare      an operator and two numbers: True, False or a condition
    constant     a number written in a rule, if not the simplest real number it is the double of
    derive       a formula over other rows, on Foreigns
    real         a result as it is, or an error if it is not a real number
    result       what the user gets
    advice       how an error about a missing function ends
    """

    name: str
    convert: Function
    make: Function
    functions: Mapping[str, Function]
    approximate: Function
    compare: Function = lambda compare, x, y: bool(compare(x, y))
    constant: Function | None = None
    derive: Function = lambda formula, numbers: formula(*numbers)
    real: Function = lambda x: x
    result: Function = lambda x: x
    advice: str = "; use number=mpmath.mpf, which has every function of the table"

    def ratio(self, p: int, q: int) -> Any:
        """The number p/q."""
        return self.make(p) if q == 1 else self.make(p) / self.make(q)


def nearly(x: Any) -> float:
    """As a float, inf if it is larger than any."""
    try:
        return float(x)
    except OverflowError:
        return math.inf if x > 0 else -math.inf

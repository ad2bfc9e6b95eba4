"""float: the graph as it was recorded, by IEEE 754."""

from __future__ import annotations

from typing import Any

from autograd import ops
from autograd.evaluation.kinds.kind import FROM_MATH, Function, Kind
from autograd.ieee import Double


def doubles() -> Kind:
    """Doubles, whose arithmetic never raises, and the rows as they compute floats."""

    def function(row: Any) -> Function:
        return lambda *xs: Double(row.compute([float(x) for x in xs]))

    functions = {name: function(ops.ROWS[name]) for name in [*FROM_MATH, "hypot", "floor"]}
    return Kind("float", Double, Double, functions, float, constant=Double, result=float)

"""mpmath.mpf: to as many digits as `mpmath.mp.dps` says; every function of the table is there."""

from __future__ import annotations

import operator
from typing import Any

from autograd.evaluation.kinds.kind import FROM_MATH, Kind, nearly


def multiprecision(context: Any) -> Kind:
    """The numbers of an mpmath context."""

    def real(x: Any) -> Any:
        if isinstance(x, context.mpc):
            raise ArithmeticError("the result is not a real number")
        return x

    functions = {name: getattr(context, name) for name in FROM_MATH if hasattr(context, name)}
    functions |= {
        "pi": lambda: +context.pi,
        "absolute": abs,
        "floor": context.floor,
        "power": operator.pow,
        "cbrt": lambda x: context.cbrt(x) if x >= 0 else -context.cbrt(-x),
        "hypot": context.hypot,
    }
    return Kind("mpf", context.mpf, context.mpf, functions, nearly, real=real, advice="")

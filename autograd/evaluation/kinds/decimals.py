"""decimal.Decimal: to the precision of the decimal context."""

from __future__ import annotations

import decimal
from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from autograd.evaluation.kinds.kind import Function, Kind, nearly


def decimals() -> Kind:
    """Decimal has exp, ln, log10, sqrt and powers; the hyperbolic functions follow from them."""
    functions: dict[str, Function] = {
        "absolute": abs,
        "floor": lambda x: x.to_integral_value(decimal.ROUND_FLOOR),
        "exp": Decimal.exp,
        "log": Decimal.ln,
        "log10": Decimal.log10,
        "sqrt": Decimal.sqrt,
        "power": lambda x, y: Decimal(1) if y == 0 else x**y,
    }
    return Kind("Decimal", Decimal, Decimal, functions, nearly, derive=with_guard_digits)


def with_guard_digits(formula: Function, numbers: Sequence[Any]) -> Any:
    """A formula over other functions, with as many more digits as its differences may lose."""
    lost = max((abs(x.raw.adjusted()) for x in numbers if x.raw), default=0)
    with decimal.localcontext() as context:
        context.prec += 10 + min(3 * lost, 2000)
        out = formula(*numbers)
    return out if out.trouble else type(out)(out.kind, +out.raw)

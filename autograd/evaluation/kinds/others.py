"""A class of numbers of your own: arithmetic, and the functions it has as methods."""

from __future__ import annotations

import operator
from typing import Any

from autograd.evaluation.kinds.kind import FROM_MATH, Function, Kind


def others(number: Any) -> Kind:
    """Numbers with + − × ÷; `exp` of them is the method `x.exp()`, if the class has one."""
    made = type(number(1.0))
    named = [name for name in [*FROM_MATH, "hypot", "floor"] if hasattr(made, name)]
    functions: dict[str, Function] = {name: operator.methodcaller(name) for name in named}
    functions |= {
        "floor": lambda x: x // 1,
        "power": operator.pow,
    }
    for name in {"atan2", "hypot"}.intersection(named):
        functions[name] = getattr(made, name)
    if hasattr(made, "__abs__"):
        functions["absolute"] = abs
    name = getattr(number, "__name__", made.__name__)
    advice = f": give the class {made.__name__} a method of that name"
    return Kind(name, number, number, functions, approximately, advice=advice)


def approximately(x: Any) -> float:
    """As a float, where the class says; 0 is no worse a shift, but for overflow."""
    try:
        return float(x)
    except (TypeError, ValueError, OverflowError):
        return 0.0

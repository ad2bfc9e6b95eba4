"""SymPy: exact numbers and expressions, such as sqrt(2) and exp(1/2)."""

from __future__ import annotations

import math
import operator
from collections.abc import Callable
from typing import Any

from autograd.evaluation.kinds.kind import FROM_MATH, Function, Kind

ORDER = {"lt": "Lt", "le": "Le", "gt": "Gt", "ge": "Ge", "eq": "Eq", "ne": "Ne"}


def algebra(convert: Callable[[float], Any] | None = None) -> Kind:
    """The expressions of SymPy; `convert` says what a float becomes, if not the exact rational."""
    sympy, exactly_known = imported(), convert is None
    relations = {getattr(operator, name): getattr(sympy, ORDER[name]) for name in ORDER}

    zero, one = sympy.S.Zero, sympy.S.One
    pair = type(sympy.Piecewise((1, sympy.Symbol("x") > 0)).args[0])

    def compare(operation: Function, x: Any, y: Any) -> Any:
        if operation(0, 0) and x == y:
            return True
        quick = exactly_known or not (x.has(sympy.Piecewise) or y.has(sympy.Piecewise))
        answer = relations[operation](x, y, evaluate=quick)  # of cases it could take forever
        return bool(answer) if answer in (sympy.true, sympy.false) else answer

    def where(condition: Any, x: Any, y: Any) -> Any:
        if condition in (True, False, sympy.true, sympy.false):
            return x if condition else y
        cases = y.args if isinstance(y, sympy.Piecewise) else [case(y, sympy.true)]
        return sympy.Basic.__new__(sympy.Piecewise, case(x, condition), *cases)

    def case(x: Any, condition: Any) -> Any:  # as it is: the constructor would solve conditions
        return sympy.Tuple.__new__(pair, x, condition)

    def positive(x: Any) -> Any:
        return compare(operator.gt, x, zero)

    def sigmoid(x: Any) -> Any:
        return 1 / (1 + sympy.exp(-x))

    def exact(x: float) -> Any:
        if math.isfinite(x):
            return sympy.Rational(*x.as_integer_ratio())
        return sympy.nan if x != x else sympy.oo if x > 0 else -sympy.oo

    named = {name: getattr(sympy, name) for name in FROM_MATH if hasattr(sympy, name)}
    functions = named | {
        "pi": lambda: sympy.pi,
        "where": where,
        "absolute": sympy.Abs,
        "floor": sympy.floor,
        "power": operator.pow,
        "cbrt": lambda x: sympy.sign(x) * sympy.Abs(x) ** sympy.Rational(1, 3),
        "norm": lambda *xs: sympy.sqrt(sum(x**2 for x in xs)),
        "sign": lambda x: where(positive(x), one, where(compare(operator.lt, x, zero), -one, zero)),
        "step": lambda x: where(positive(x), one, zero),
        "relu": lambda x: where(compare(operator.le, x, zero), zero, x),
        "maximum": lambda x, y: where(compare(operator.gt, x, y), x, y),
        "minimum": lambda x, y: where(compare(operator.lt, x, y), x, y),
        "sigmoid": sigmoid,  # a formula cannot overflow
        "softplus": lambda x: sympy.log(1 + sympy.exp(x)),
        "sum": lambda *xs: sympy.Add(*xs),
    }
    return Kind(
        "SymPy",
        convert or exact,
        sympy.sympify,
        functions,
        lambda x: 0.0,  # nothing overflows, and no shift is easier to read
        compare,
        real=lambda x: real(x, sympy),
        advice="",
    )


def real(x: Any, sympy: Any) -> Any:
    """The expression; infinite or complex ones are an error."""
    if x is sympy.zoo or (x.is_real is False and x.is_infinite is False):
        raise ArithmeticError(f"{x} is not a real number")
    return x


def imported() -> Any:
    """The package, or how to install it."""
    try:
        import sympy
    except ImportError as error:
        raise ImportError(
            "symbolic expressions need the package sympy; install it: pip install sympy"
        ) from error
    return sympy

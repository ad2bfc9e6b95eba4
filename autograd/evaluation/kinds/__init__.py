"""The kinds of number a graph can be evaluated over, a file each.

In flows what a user names a kind by (Fraction, mpmath.mpf, sympy, a class), out flows a Kind: how
its numbers convert and compare, and their functions by the names of rows. `foreign.py` calls them.
"""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from types import ModuleType
from typing import Any

from autograd.evaluation.kinds.decimals import decimals
from autograd.evaluation.kinds.doubles import doubles
from autograd.evaluation.kinds.kind import Kind
from autograd.evaluation.kinds.others import others
from autograd.evaluation.kinds.rationals import rationals

STANDARD = {float: doubles, Fraction: rationals, Decimal: decimals}
REFUSED = {
    int: "integers have no division; use fractions.Fraction",
    bool: "use float",
    complex: "a graph is of real numbers, which its kinks compare",
    str: "for text there is trace(loss)",
}

__all__ = ["Kind", "kind_of"]


def kind_of(number: Any) -> Kind:
    """The kind that a class of numbers stands for (or, for mpmath and SymPy, the module).

    >>> kind_of(Fraction).name, kind_of(Decimal).name, kind_of(float).name
    ('Fraction', 'Decimal', 'float')

    Raises TypeError for what is not a class of real numbers with division.
    """
    if isinstance(number, type) and number in STANDARD:
        return STANDARD[number]()
    package = package_of(number)
    if package == "mpmath":
        return of_mpmath(number)
    if package == "sympy":
        if getattr(number, "__name__", "") in ("Symbol", "Dummy"):
            raise TypeError("for an expression over symbols call symbolic(loss)")
        from autograd.evaluation.kinds.algebra import algebra

        return algebra()
    if not callable(number) or (isinstance(number, type) and number in REFUSED):
        given = getattr(number, "__name__", None) or repr(number)
        why = REFUSED.get(number) if isinstance(number, type) else None
        raise TypeError(
            "number is Fraction, Decimal, float, mpmath.mpf, mpmath.iv.mpf, sympy.sympify or a "
            f"class of your own, got {given}" + (f": {why}" if why else "")
        )
    return others(number)


def package_of(number: Any) -> str:
    """The package that a class, a function, an instance or a module comes from."""
    if isinstance(number, ModuleType):
        return number.__name__.partition(".")[0]
    module = getattr(number, "__module__", None) or type(number).__module__
    return str(module).partition(".")[0]


def of_mpmath(number: Any) -> Kind:
    """mpf of a context of mpmath, or its intervals; the context itself and the module do, too."""
    import mpmath

    from autograd.evaluation.kinds.intervals import intervals
    from autograd.evaluation.kinds.multiprecision import multiprecision

    if number is mpmath.iv or number is mpmath.iv.mpf:
        return intervals()
    if number is mpmath:
        return multiprecision(mpmath.mp)
    return multiprecision(getattr(number, "context", number))

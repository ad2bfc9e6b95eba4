"""Which objects count as a number: whatever is one real scalar, as a Python float."""

from __future__ import annotations

from numbers import Complex, Real
from typing import Any


def as_float(x: Any) -> float:
    """A Python float from any real number: int, float, bool, Fraction, NumPy scalar, 0-d array.

    Raises TypeError for anything else (None, text, complex numbers, arrays, Values).

    >>> from fractions import Fraction
    >>> as_float(Fraction(1, 4))
    0.25
    """
    kind = type(x)
    if kind is float:
        return x  # type: ignore[no-any-return]
    if kind is int or kind is bool:
        return float(x)
    if hasattr(x, "dtype") and hasattr(x, "item") and getattr(x, "ndim", 1) == 0:
        x = x.item()  # a NumPy scalar or 0-d array (or another library's): the Python number in it
    textual = isinstance(x, (str, bytes, bytearray))
    imaginary = isinstance(x, Complex) and not isinstance(x, Real)
    array = getattr(x, "ndim", 0) != 0
    if textual or imaginary or array or hasattr(x, "local_grads") or not hasattr(x, "__float__"):
        raise TypeError(refusal(x))
    return float(float(x))  # twice: the first may give a subclass of float


def plain(x: Any) -> Any:
    """The plain number: of a gradient that is a Value, its data."""
    return x._data if hasattr(x, "local_grads") else x


def refusal(x: Any) -> str:
    """What was given, what is allowed, what to do."""
    given = repr(x)
    given = given if len(given) <= 60 else given[:57] + "..."
    message = (
        f"expected a real number (int, float, Fraction, NumPy scalar or 0-d array), got {given}"
    )
    if hasattr(x, "local_grads"):
        advice = "it is a Value already: use it as it is, or v.data for its number"
    elif isinstance(x, (str, bytes, bytearray)):
        advice = "convert text with float(...) first"
    elif isinstance(x, Complex) and not isinstance(x, Real):
        advice = "only real numbers can be differentiated here; use its .real and .imag"
    elif getattr(x, "ndim", 0) or isinstance(x, (list, tuple)):
        advice = "a Value holds one number: make one Value per element"
    else:
        advice = "pass a number"
    return f"{message} of type {type(x).__name__}; {advice}"

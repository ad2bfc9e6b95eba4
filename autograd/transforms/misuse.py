"""Misuse of the transforms: what cannot be differentiated, and what to do instead."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from operator import index
from typing import Any

from autograd.chosen import Value

Function = Callable[..., Any]


def name_of(f: Function) -> str:
    """What errors call a function: an object that can be called goes by its class."""
    if isinstance(f, partial):
        return name_of(f.func)
    return getattr(f, "__name__", None) or type(f).__name__


def checked_argnums(argnums: Any, call: str) -> tuple[int, ...]:
    """The argument numbers as a tuple."""
    try:
        return (index(argnums),) if hasattr(argnums, "__index__") else tuple(map(index, argnums))
    except TypeError:
        raise TypeError(
            f"argnums of {call} must be an int or a tuple of ints, the places of the arguments to "
            f"differentiate by, got {argnums!r}"
        ) from None


def places(argnums: tuple[int, ...], args: Sequence[Any], f: Function, call: str) -> list[int]:
    """The places meant by argnums among the arguments that were given."""
    found = []
    for place in argnums:
        if not -len(args) <= place < len(args):
            raise ValueError(
                f"{call} was to differentiate {name_of(f)} by argument {place}, but it was called "
                f"with {len(args)} positional argument{'s' * (len(args) != 1)}, numbered from 0: "
                "change argnums, or give the argument without its name"
            )
        found.append(place % len(args))
    if len(set(found)) < len(found):
        raise ValueError(f"argnums of {call} names an argument twice: {argnums}")
    return found


def checked_function(f: Any, call: str) -> None:
    """Raise TypeError if `f` cannot be called."""
    if not callable(f):
        raise TypeError(f"{call} takes a function, got {f!r}; write {call}(f)(x), not {call}(f(x))")


def with_aux(result: Any, f: Function, has_aux: bool, call: str) -> tuple[Any, Any]:
    """What a function returned, as the result and the rest."""
    if not has_aux:
        return result, None
    if isinstance(result, tuple) and len(result) == 2:
        return result
    raise TypeError(
        f"{call}(…, has_aux=True) needs a function that returns (result, aux), a tuple of two; "
        f"{name_of(f)} returned {result!r}"
    )


def scalar(out: Any, f: Function, call: str) -> Any:
    """The one number that a function to be differentiated by grad returns: a Value or a float."""
    if isinstance(out, Value) or type(out) is float:
        return out
    if getattr(out, "ndim", 1) == 0 and hasattr(out, "item"):
        out = out.item()
        return out if isinstance(out, Value) else float(out)
    advice = f"{call} differentiates a function with one number as its result"
    if out is None:
        raise TypeError(f"{name_of(f)} returned None: {advice}; is its return missing?")
    if isinstance(out, (int, float)):
        return float(out)
    shape = f" of shape {out.shape}" if hasattr(out, "shape") else ""
    many = hasattr(out, "__len__") and not isinstance(out, str)
    raise TypeError(
        f"{name_of(f)} returned a {type(out).__name__}{shape}: {advice}; "
        + ("for several results use jacobian, or add them up" if many else "return a Value")
    )


def one(argnums: Any) -> bool:
    """Whether a single argument is meant, so that its derivative stands alone."""
    return hasattr(argnums, "__index__")

"""State: the numbers that training changes, and the check that they fit where they go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite
from numbers import Real
from typing import Any, NamedTuple

from .suggestion import did_you_mean


class MismatchedKeys(NamedTuple):
    """The paths that only the model has, and those that only the state has."""

    missing_keys: list[str]
    unexpected_keys: list[str]


def check_state(
    state: Mapping[str, Any], model_state: Mapping[str, float], owner: str, strict: bool = True
) -> MismatchedKeys:
    """Compare a state with the state a model has now, and raise before anything is changed.

    Raises ValueError naming the paths that are missing, unexpected (both only if `strict`), or
    that do not hold a finite number; TypeError if `state` is not a dict.
    """
    if not isinstance(state, Mapping):
        raise TypeError(
            f"a state must be a dict of path and number, got {type(state).__name__}: "
            "nothing was changed"
        )
    missing = [path for path in model_state if path not in state]
    unexpected = [path for path in state if path not in model_state]
    unusable = [
        f"{path!r} is {state[path]!r}"
        for path in model_state
        if path in state and not is_finite_number(state[path])
    ]
    problems = []
    if missing and strict:
        problems.append(f"missing: {shorten([repr(path) for path in missing])}")
    if unexpected and strict:
        names = shorten([repr(path) for path in unexpected])
        problems.append(f"unexpected: {names} {did_you_mean(str(unexpected[0]), missing)}".rstrip())
    if unusable:
        problems.append(f"not a finite number: {shorten(unusable)}")
    if problems:
        raise ValueError(
            f"this state does not fit {owner}, nothing was changed: {'; '.join(problems)}. "
            "Build the model with the sizes it was saved with"
            + (", or pass strict=False to take over what fits" if not unusable else "")
        )
    return MismatchedKeys(missing, unexpected)


def is_finite_number(thing: Any) -> bool:
    """True for finite ints, floats and NumPy's kinds of them; a bool is not a number here."""
    if isinstance(thing, bool) or not isinstance(thing, Real):
        return False
    try:
        return isfinite(thing)
    except OverflowError:  # an int too large for a float
        return False


def shorten(texts: Sequence[str], limit: int = 5) -> str:
    """The first few of many texts, and how many more there are.

    >>> shorten(["a", "b", "c"], limit=2)
    'a, b and 1 more'
    """
    rest = len(texts) - limit
    return ", ".join(texts[:limit]) + (f" and {rest} more" if rest > 0 else "")

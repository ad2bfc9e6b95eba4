"""Problem: a function to differentiate, as users of single numbers and of arrays write it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

Function = Callable[..., Any]


class Problem(NamedTuple):
    """A function of floats and lists of floats, spelled for each kind of engine.

    arguments   floats and lists of floats, from the size: all are differentiated by
    calls       how often a phase calls the function
    numbers     the function of single numbers, from where exp, log, … are and the size
    arrays      the function of arrays, from the same and what makes an array of lists
    jitted      for JAX, value and gradient where `arrays` cannot be compiled, from the same
    """

    arguments: Callable[[int], list[Any]]
    calls: int
    numbers: Callable[[Any, int], Function]
    arrays: Callable[[Any, int, Callable[[Any], Any]], Function]
    jitted: Callable[[int], Function] | None = None

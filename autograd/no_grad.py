"""no_grad: computing without recording."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from contextlib import ContextDecorator
from typing import Any

from autograd import modes
from autograd.generators import inside


class no_grad(ContextDecorator):
    """Compute without recording: results have data but no parents.

    A context manager, nested at will, and a decorator of functions and generators.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> with no_grad():
    ...     y = x * x
    >>> y.data, y.parents
    (9.0, ())
    """

    def __enter__(self) -> no_grad:
        modes.enter(modes.PAUSED)
        return self

    def __exit__(self, *error: object) -> None:
        modes.leave(modes.PAUSED)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:  # type: ignore[override]
        if inspect.isgeneratorfunction(function):
            return inside(self, function)
        return super().__call__(function)

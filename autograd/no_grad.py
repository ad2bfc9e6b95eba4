"""no_grad: computing without recording."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from contextlib import ContextDecorator
from typing import Any

from autograd import modes


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
        if not inspect.isgeneratorfunction(function):
            return super().__call__(function)

        @functools.wraps(function)
        def generator(*args: Any, **kwargs: Any) -> Any:
            # paused only while the generator runs, not while its caller holds what it yielded
            running = function(*args, **kwargs)
            resume, reply = running.send, None
            while True:
                try:
                    with no_grad():
                        item = resume(reply)
                except StopIteration as end:
                    return end.value
                try:
                    resume, reply = running.send, (yield item)
                except BaseException as error:  # thrown in, or closed: the function's to handle
                    resume, reply = running.throw, error

        return generator

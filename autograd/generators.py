"""Generators that run inside a context: only while they run, not while their caller does."""

from __future__ import annotations

import functools
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any


def inside(
    context: AbstractContextManager[Any], function: Callable[..., Any]
) -> Callable[..., Any]:
    """The generator function, with every step from one yield to the next inside the context."""

    @functools.wraps(function)
    def generator(*args: Any, **kwargs: Any) -> Any:
        running = function(*args, **kwargs)
        resume, reply = running.send, None
        while True:
            try:
                with context:
                    item = resume(reply)
            except StopIteration as end:
                return end.value
            try:
                resume, reply = running.send, (yield item)
            except BaseException as error:  # thrown in, or closed: the function's to handle
                resume, reply = running.throw, error

    return generator

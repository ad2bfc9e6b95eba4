"""scope: a name for what is computed inside, so that pictures can show it as one.

A call is one time that a scope was entered: a pair of the call around it, or None, and the name. A
node keeps the call it was made in, so that two calls of one function stay apart; the path of a call
is what both have in common.
"""

from __future__ import annotations

import functools
import inspect
from collections.abc import Callable
from threading import get_ident
from typing import Any

from autograd.engine import native
from autograd.generators import inside

Call = tuple[Any, str]  # the call around it or None, the name
calls: list[tuple[int, Call]] = []  # the thread and its call, once per nested scope


def here() -> Call | None:
    """The innermost call that this thread is in."""
    thread = get_ident()
    for owner, call in reversed(calls):
        if owner == thread:
            return call
    return None


class PythonScope:
    """What is entered and left: a call of its own each time, in the thread that does it."""

    name: str

    def __enter__(self) -> None:
        calls.append((get_ident(), (here(), self.name)))

    def __exit__(self, *error: object) -> None:
        thread = get_ident()
        calls.pop(max(i for i, (owner, _) in enumerate(calls) if owner == thread))

    def run(self, function: Callable[..., Any], args: Any, kwargs: Any) -> Any:
        """The answer of a function called inside."""
        with self:
            return function(*args, **kwargs)


Scope: Any = PythonScope
if native:  # which keeps the calls of each thread in a place of its own: the list stays empty
    here, Scope = native.here, native.Scope


class scope(Scope):  # type: ignore[misc]
    """Name what is computed inside, for pictures and tables.

    A context manager, nested at will, and a decorator of functions and generators. Modules of `nn`
    do it by themselves. What was made inside tells by its `scope`.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> with scope("encoder"):
    ...     with scope("square"):
    ...         y = x * x
    >>> y.scope, x.scope
    ('encoder/square', '')

    Raises TypeError for a name that is not text, ValueError for an empty one.
    """

    def __init__(self, name: str) -> None:
        if not isinstance(name, str):
            raise TypeError(
                f"a scope's name is text, got {name!r} of type {type(name).__name__}; "
                f"write scope({str(name)!r})"
            )
        if not all(name.split("/")):
            raise ValueError(
                f"a scope's name is one or more words with single slashes between them, "
                f"such as 'encoder' or 'encoder/0', got {name!r}"
            )
        self.name = str(name)

    def __call__(self, function: Callable[..., Any]) -> Callable[..., Any]:
        if inspect.isgeneratorfunction(function):
            return inside(self, function)
        return functools.wraps(function)(lambda *args, **kwargs: self.run(function, args, kwargs))

    @staticmethod
    def path() -> str:
        """The path of the scope that this thread is in; '' outside of any."""
        return path_of(here())


def path_of(call: Call | None) -> str:
    """The names from the outermost call to this one.

    >>> path_of(((None, "encoder"), "0")), path_of(None)
    ('encoder/0', '')
    """
    names = list[str]()
    while call is not None:
        call, name = call
        names.append(name)
    return "/".join(reversed(names))


def call_of(path: object) -> Call | None:
    """A call of its own with this path."""
    if not isinstance(path, str):
        raise TypeError(f"a scope is a path such as 'encoder/0', got {path!r}")
    return (None, scope(path).name) if path else None

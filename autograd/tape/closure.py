"""Closure: what a function reads beside its arguments, and whether that has been replaced since.

A recording knows the parameters that the function read, by the Values themselves. Where another one
has been put in such a place, in a list, an attribute or a variable, the recording is out of date.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from types import BuiltinFunctionType, CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from autograd.chosen import Value
from autograd.engine import native

PLAIN = {float, int, str, bool, bytes, type(None), complex, type, ModuleType, BuiltinFunctionType}
DEEPEST = 200  # containers in containers


class Closure:
    """The containers that lead from a function to some Values, and what was in each.

    >>> weights = [Value(1.0), Value(2.0)]
    >>> closure = Closure([lambda x: weights[0] * x], weights)
    >>> closure.unchanged()
    True
    >>> weights[0] = Value(3.0)
    >>> closure.unchanged()
    False
    """

    def __init__(self, roots: Iterable[Any], values: Iterable[Value]) -> None:
        self._values = {id(v) for v in values}
        self._met: dict[int, bool] = {}
        self._kept: list[Any] = []  # so that no other thing takes the place of one that was met
        self.places: list[Any] = []  # a list, tuple, dict or cell; or a dict and a key
        self.contents: list[tuple[Any, ...]] = []
        if self._values:
            for root in roots:
                self._leads(root, 0)
        self._met, self._kept = {}, []

    def unchanged(self) -> bool:
        """Whether all of them hold what they held."""
        return same(self.places, self.contents)

    def _leads(self, thing: Any, depth: int) -> bool:
        """Whether a thing is or holds one of the Values; notes what is in it if it does."""
        kind = type(thing)
        if kind is Value:
            return id(thing) in self._values
        if kind in PLAIN or depth > DEEPEST:
            return False
        if id(thing) in self._met:
            return self._met[id(thing)]
        self._met[id(thing)] = False
        self._kept.append(thing)
        found = False
        for place, content in contents(thing):
            inside = [self._leads(x, depth + 1) for x in content if type(x) not in PLAIN]
            if any(inside):
                found = True
                self.places.append(place)
                self.contents.append(content)
        self._met[id(thing)] = found
        return found


def contents(thing: Any) -> list[tuple[Any, tuple[Any, ...]]]:
    """The places in a thing that can hold something else, each with what it holds now."""
    if isinstance(thing, (list, tuple)):
        return [(thing, tuple(thing))]
    if isinstance(thing, dict):
        return [(thing, tuple(thing.values()))]
    if isinstance(thing, CellType):
        try:
            return [(thing, (thing.cell_contents,))]
        except ValueError:  # not yet assigned
            return []
    if isinstance(thing, FunctionType):
        cells = [(cell, held) for c in thing.__closure__ or () for cell, held in contents(c)]
        used = [(thing.__globals__, name) for name in names(thing.__code__)]
        found = [(place, (place[0][place[1]],)) for place in used if place[1] in place[0]]
        return cells + found + [(thing.__defaults__ or (), thing.__defaults__ or ())]
    if isinstance(thing, MethodType):
        held = (thing.__self__, thing.__func__)
        return [(held, held)]
    if getattr(getattr(thing, "dtype", None), "hasobject", False):
        held = tuple(thing.ravel().tolist())
        return [(held, held)]
    held_in: list[Any] = []
    if hasattr(thing, "__dict__") and not isinstance(thing, type):
        held_in.append(vars(thing))
    places: list[tuple[Any, tuple[Any, ...]]] = [(d, tuple(d.values())) for d in held_in]
    call = type(thing).__dict__.get("__call__")
    if isinstance(call, FunctionType):  # an object that is called like a function
        places.append(((call,), (call,)))
    inside = getattr(thing, "func", None)  # of functools.partial
    if inside and hasattr(thing, "args"):
        places.append(((inside, thing.args), (inside, thing.args)))
    return places


def names(code: CodeType) -> set[str]:
    """The global names that code, or a function inside it, may read."""
    inner = [names(x) for x in code.co_consts if isinstance(x, CodeType)]
    return set(code.co_names).union(*inner)


def same(places: list[Any], contents: list[tuple[Any, ...]]) -> bool:
    """Whether every place holds the very things it held."""
    for place, content in zip(places, contents, strict=True):
        if type(place) is dict:
            now: Iterable[Any] = place.values()
        elif type(place) is CellType:
            now = (place.cell_contents,)
        elif type(place) is tuple and len(place) == 2 and type(place[0]) is dict:
            now = (place[0].get(place[1]),)
        else:
            now = place
        now = tuple(now)
        if len(now) != len(content) or any(x is not y for x, y in zip(now, content, strict=True)):
            return False
    return True


if native:
    same: Callable[[list[Any], list[tuple[Any, ...]]], bool] = native.same  # type: ignore[no-redef]

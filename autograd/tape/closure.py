"""Closure: what a function reads beside its arguments, and whether that has been replaced since.

A recording knows the parameters that the function read, by the Values themselves. Where another one
has been put in such a place, in a list, an attribute or a variable, the recording is out of date.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable
from functools import partial
from types import (
    BuiltinFunctionType,
    CellType,
    CodeType,
    FunctionType,
    MemberDescriptorType,
    MethodType,
    ModuleType,
)
from typing import Any

from autograd.chosen import Value
from autograd.engine import native
from autograd.tape.signature import Static

PLAIN = {float, int, str, bool, bytes, type(None), complex, ModuleType, BuiltinFunctionType}
OWN = ("autograd", "nn", "numpy", "builtins", "functools", "collections", "typing", "abc")
DEEPEST = 200  # containers in containers
FIXED = object()  # a place in which nothing can be replaced
Read = Callable[[], tuple[Any, ...]]  # says what a place holds, where `same` cannot look itself


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
        self.places: list[Any] = []  # a list, dict or cell; or a dict and a key
        self.contents: list[tuple[Any, ...]] = []
        self.others: list[tuple[Read, tuple[Any, ...]]] = []  # places of other kinds
        if self._values:
            for root in roots:
                self._leads(root, 0)
        self._met, self._kept = {}, []

    def unchanged(self) -> bool:
        """Whether all of them hold what they held."""
        if not same(self.places, self.contents):
            return False
        return all(same_things(read(), content) for read, content in self.others)

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
                self._note(place, content)
        self._met[id(thing)] = found
        return found

    def _note(self, place: Any, content: tuple[Any, ...]) -> None:
        if type(place) is FunctionType:
            self.others.append((place, content))
        elif place is not FIXED:
            self.places.append(place)
            self.contents.append(content)


def contents(thing: Any) -> list[tuple[Any, tuple[Any, ...]]]:
    """The places in a thing that can hold something else, each with what it holds now."""
    if type(thing) is list:
        return [(thing, tuple(thing))]
    if type(thing) is dict:
        return [(thing, tuple(thing.values()))]
    if type(thing) is tuple:
        return [(FIXED, thing)]
    if isinstance(thing, CellType):
        try:
            return [(thing, (thing.cell_contents,))]
        except ValueError:  # not yet assigned
            return []
    if isinstance(thing, FunctionType):
        return contents_of_function(thing)
    if isinstance(thing, MethodType):
        return [(FIXED, (thing.__self__, thing.__func__))]
    if getattr(getattr(thing, "dtype", None), "hasobject", False):
        return looked(lambda: tuple(thing.ravel().tolist()))
    if isinstance(thing, Static):
        return [(FIXED, (thing.thing,))]
    if isinstance(thing, type):
        return looked(lambda: attributes(thing))
    return contents_of_object(thing)


def looked(read: Read) -> list[tuple[Any, tuple[Any, ...]]]:
    """The one place that `read` looks at."""
    return [(read, read())]


def contents_of_function(f: FunctionType) -> list[tuple[Any, tuple[Any, ...]]]:
    """Its cells, defaults and globals; and what it may read from modules among these."""
    found = [(cell, held) for c in f.__closure__ or () for cell, held in contents(c)]
    used = names(f.__code__)
    spaces = [f.__globals__]
    spaces += [
        vars(module)
        for name in used
        if type(module := f.__globals__.get(name)) is ModuleType
        and module.__name__.partition(".")[0] not in OWN
    ]
    for space in spaces:
        found += [((space, name), (space[name],)) for name in used if name in space]
    if f.__defaults__:
        found += looked(lambda: f.__defaults__ or ())
    if f.__kwdefaults__:
        found += looked(lambda: tuple((f.__kwdefaults__ or {}).values()))
    return found


def contents_of_object(thing: Any) -> list[tuple[Any, tuple[Any, ...]]]:
    """What it holds by itself, in its attributes, and in those of its class."""
    found: list[tuple[Any, tuple[Any, ...]]] = []
    if isinstance(thing, dict):
        found += looked(lambda: tuple(thing.values()))
    elif isinstance(thing, (list, tuple, deque, set, frozenset)):
        found += looked(lambda: tuple(thing))
    elif isinstance(thing, partial):
        found.append((FIXED, (thing.func, thing.args, thing.keywords)))
    own = getattr(thing, "__dict__", None)
    if any(attributes(kind) or slots(kind) for kind in type(thing).__mro__):
        found += looked(lambda: all_attributes(thing))
    elif type(own) is dict:
        found.append((own, tuple(own.values())))
    methods = [
        x
        for kind in type(thing).__mro__
        if kind.__module__.partition(".")[0] not in OWN
        for x in vars(kind).values()
        if isinstance(x, FunctionType)
    ]
    return [*found, (FIXED, tuple(methods))]


def all_attributes(thing: Any) -> tuple[Any, ...]:
    """What the attributes of an object are: its own, in slots, and those of its class."""
    kinds = type(thing).__mro__
    return (
        *getattr(thing, "__dict__", {}).values(),
        *[getattr(thing, name, None) for kind in kinds for name in slots(kind)],
        *[x for kind in kinds for x in attributes(kind)],
    )


def attributes(kind: type) -> tuple[Any, ...]:
    """What a class holds that could be, or lead to, a Value."""
    if kind.__module__.partition(".")[0] in OWN:
        return ()
    return tuple(
        x
        for name, x in list(vars(kind).items())
        if type(x) not in PLAIN and not name.startswith("__") and not hasattr(type(x), "__get__")
    )


def slots(kind: type) -> list[str]:
    """The names of the attributes that a class keeps in slots."""
    if kind.__module__.partition(".")[0] in OWN:
        return []
    return [name for name, x in vars(kind).items() if type(x) is MemberDescriptorType]


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
        elif type(place) is tuple:
            now = (place[0].get(place[1]),)
        else:
            now = place
        if not same_things(tuple(now), content):
            return False
    return True


def same_things(now: tuple[Any, ...], content: tuple[Any, ...]) -> bool:
    """Whether these are the very same things."""
    return len(now) == len(content) and all(x is y for x, y in zip(now, content, strict=True))


if native:
    same: Callable[[list[Any], list[tuple[Any, ...]]], bool] = native.same  # type: ignore[no-redef]

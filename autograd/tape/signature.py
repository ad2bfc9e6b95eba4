"""Signatures: the arguments of a call as numbers, and all the rest about them as a key.

Floats, Values and arrays are numbers, which may be others at the next call. What is left belongs to
the key: how they are arranged, and arguments of other kinds, such as an int or a string.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from math import prod
from typing import Any

from autograd.chosen import Value
from autograd.real import as_float

FLOAT, VALUE = "float", "Value"
ALIKE: dict[type, str] = {float: FLOAT, Value: VALUE}


@dataclass(frozen=True)
class Many:
    """The key of a list or tuple whose items are all floats, or all Values."""

    kind: type
    part: str
    count: int


def take_apart(args: tuple[Any, ...], named: dict[str, Any]) -> tuple[list[Any], Any]:
    """The numbers in the arguments of a call, floats and Values in order; and the key.

    Raises TypeError for an argument that is neither made of numbers nor hashable.
    """
    numbers: list[Any] = []
    return numbers, (key_of(args, numbers), key_of(named, numbers) if named else None)


def build(key: Any, numbers: Iterator[Any]) -> tuple[tuple[Any, ...], dict[str, Any]]:
    """The arguments again, from other numbers."""
    return _build(key[0], numbers), _build(key[1], numbers) if key[1] else {}


def key_of(thing: Any, numbers: list[Any]) -> Any:
    """The key of one argument, whose numbers are added to the others."""
    kind = type(thing)
    if kind is float:
        numbers.append(thing)
        return FLOAT
    if kind is Value:
        numbers.append(thing)
        return VALUE
    if kind is tuple or kind is list:
        kinds = {*map(type, thing)}
        if len(kinds) == 1 and (part := ALIKE.get(kinds.pop())):
            numbers += thing
            return Many(kind, part, len(thing))
        return (kind, *[key_of(x, numbers) for x in thing])
    if isinstance(thing, dict):
        return (kind, tuple(thing), *[key_of(x, numbers) for x in thing.values()])
    if isinstance(thing, tuple):  # a named one
        return (kind._make, *[key_of(x, numbers) for x in thing])
    if kind is int or kind is bool or kind is str or thing is None:
        return Static(thing)
    if hasattr(thing, "dtype") and hasattr(thing, "shape"):
        return _key_of_array(thing, numbers)
    try:
        hash(thing)
    except TypeError:
        raise TypeError(
            f"an argument is {thing!r:.60}, of type {kind.__name__}: allowed are floats, Values, "
            "arrays, lists, tuples and dicts of them, and anything hashable"
        ) from None
    return Static(thing)


def _key_of_array(thing: Any, numbers: list[Any]) -> Any:
    if thing.shape == () and thing.dtype.kind in "fO":
        item = thing.item()
        numbers.append(item if type(item) is Value else as_float(item))
        return VALUE if type(item) is Value else FLOAT
    if thing.dtype.kind not in "fiubO":
        raise TypeError(f"an argument is an array of {thing.dtype}: allowed are arrays of numbers")
    if thing.dtype.kind == "O":
        items = [x if type(x) is Value else as_float(x) for x in thing.ravel().tolist()]
        numbers.extend(items)
        return ("array", thing.shape, tuple(type(x) is Value for x in items))
    numbers.extend(thing.ravel().astype(float).tolist())
    return ("array", thing.shape, None)


def _build(key: Any, numbers: Iterator[Any]) -> Any:
    if key is FLOAT or key is VALUE:
        return next(numbers)
    if type(key) is Static:
        return key.thing
    if type(key) is Many:
        return key.kind(islice(numbers, key.count))
    kind = key[0]
    if kind == "array":
        return array_of([next(numbers) for _ in range(prod(key[1]))], key[1])
    if kind is tuple or kind is list:
        return kind([_build(part, numbers) for part in key[1:]])
    if isinstance(kind, type):
        return dict(zip(key[1], [_build(part, numbers) for part in key[2:]], strict=True))
    return kind([_build(part, numbers) for part in key[1:]])


def array_of(values: Sequence[Any], shape: tuple[int, ...]) -> Any:
    """A NumPy array of objects."""
    numpy = sys.modules["numpy"]
    made = numpy.empty(len(values), dtype=object)
    made[:] = values
    return made.reshape(shape)


class Static:
    """An argument that is part of the key: equal only to one of the same type and value."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Static) or type(other.thing) is not type(self.thing):
            return False
        return self.thing is other.thing or bool(self.thing == other.thing)

    def __hash__(self) -> int:
        return hash(self.thing)


Function = Callable[..., Any]

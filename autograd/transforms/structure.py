"""Structures: numbers in lists, tuples, dicts and NumPy arrays, taken apart and put together again.

What goes in is taken apart into one flat list of numbers and a Form, which puts any other numbers
together in the same way: the gradient of a dict of arrays is a dict of arrays.
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


@dataclass(frozen=True)
class Number:
    """One number: a float, a Value, or a float of NumPy's, which `kind` makes again."""

    kind: Callable[[float], Any] | None = None
    size = 1

    def build(self, numbers: Sequence[Any]) -> Any:
        (number,) = numbers
        return self.kind(number) if self.kind and type(number) is float else number


@dataclass(frozen=True)
class Array:
    """A NumPy array of any shape; of Values it is an array of objects."""

    shape: tuple[int, ...]
    dtype: Any

    @property
    def size(self) -> int:
        return prod(self.shape)

    def build(self, numbers: Sequence[Any]) -> Any:
        return array(numbers, self.shape, self.dtype)


@dataclass(frozen=True)
class Container:
    """A list, tuple or dict, with the forms of what is in it."""

    make: Callable[[list[Any]], Any]
    parts: list[Form]


Form = Number | Array | Container
ONE, AS_VALUE = Number(), Number(lambda x: Value(x))


def take_apart(thing: Any, name: str, argument: bool = False) -> tuple[list[Any], Form]:
    """The numbers in a thing, as floats and Values in order, and the form that they had.

    With `argument` the form remembers the kind of each number, and an integer, which cannot change
    by a little, is refused. Raises TypeError for what is no number, naming where it stands.
    """
    numbers: list[Any] = []
    return numbers, _form(thing, name, argument, numbers)


def _form(thing: Any, name: str, argument: bool, numbers: list[Any]) -> Form:
    kind = type(thing)
    if kind is float:
        numbers.append(thing)
        return ONE
    if isinstance(thing, Value):
        numbers.append(thing)
        return AS_VALUE if argument else ONE
    if isinstance(thing, (list, tuple)):
        make = _remake(thing)
        if set(map(type, thing)) == {float}:  # the usual case, without a look at each
            numbers.extend(thing)
            return Container(make, [ONE] * len(thing))
        parts = [_form(x, f"{name}[{i}]", argument, numbers) for i, x in enumerate(thing)]
        return Container(make, parts)
    if isinstance(thing, dict):
        parts = [_form(x, f"{name}[{key!r}]", argument, numbers) for key, x in thing.items()]
        return Container(_keyed(thing), parts)
    if thing is None:
        return Container(lambda parts: None, [])
    numpy = sys.modules.get("numpy")
    if numpy and isinstance(thing, numpy.ndarray):
        return _array_form(thing, name, argument, numbers)
    if argument and _is_integer(thing):
        raise TypeError(
            f"{name} is {thing!r}, of type {kind.__name__}: to differentiate by it, it must be a "
            f"float; write {float(thing)!r}, or leave it out of argnums"
        )
    try:
        numbers.append(as_float(thing))
    except TypeError:
        raise TypeError(
            f"{name} is {_short(thing)}, of type {kind.__name__}: allowed are floats, Values, and "
            "lists, tuples, dicts and NumPy arrays of them"
        ) from None
    return Number(kind) if argument and hasattr(thing, "dtype") else ONE


def _array_form(thing: Any, name: str, argument: bool, numbers: list[Any]) -> Form:
    if thing.dtype.kind == "f":
        numbers.extend(thing.ravel().astype(float).tolist())
        return Array(thing.shape, thing.dtype)
    if thing.dtype.kind == "O":
        inside: list[Any] = []
        for i, x in enumerate(thing.ravel().tolist()):
            if _form(x, f"{name}.flat[{i}]", argument, inside) not in (ONE, AS_VALUE):
                inside[-1] = as_float(inside[-1])
        numbers.extend(inside)
        return Array(thing.shape, object if argument else float)
    if thing.dtype.kind in "biu" and not argument:
        numbers.extend(thing.ravel().astype(float).tolist())
        return Array(thing.shape, float)
    raise TypeError(
        f"{name} is an array of {thing.dtype}: to differentiate by it, it must be of floats; use "
        f"{name}.astype(float)"
    )


def _is_integer(thing: Any) -> bool:
    return isinstance(thing, int) or getattr(getattr(thing, "dtype", None), "kind", "") in (*"biu",)


def _remake(thing: Any) -> Callable[[list[Any]], Any]:
    kind = type(thing)
    if hasattr(kind, "_make"):  # a named tuple
        return kind._make  # type: ignore[no-any-return]
    return kind


def _keyed(thing: dict[Any, Any]) -> Callable[[list[Any]], Any]:
    keys = list(thing)

    def make(parts: list[Any]) -> Any:
        if type(thing) is dict:
            return dict(zip(keys, parts, strict=True))
        made = thing.copy()  # an OrderedDict, a defaultdict, …
        made.update(zip(keys, parts, strict=True))
        return made

    return make


def _short(thing: Any) -> str:
    text = repr(thing)
    return text if len(text) <= 60 else text[:57] + "..."


def array(numbers: Sequence[Any], shape: tuple[int, ...], dtype: Any = float) -> Any:
    """A NumPy array of the numbers; where one of them is a Value, an array of objects."""
    numpy = sys.modules["numpy"]
    if dtype is object or any(isinstance(x, Value) for x in numbers):
        made = numpy.empty(len(numbers), dtype=object)
        made[:] = numbers
        return made.reshape(shape)
    return numpy.array(numbers, dtype=dtype).reshape(shape)


def each(change: Callable[[Any], Any], thing: Any) -> Any:
    """A thing of any kind, with every Value in it changed."""
    if isinstance(thing, Value):
        return change(thing)
    if isinstance(thing, (list, tuple)):
        return _remake(thing)([each(change, x) for x in thing])
    if isinstance(thing, dict):
        return _keyed(thing)([each(change, x) for x in thing.values()])
    if getattr(getattr(thing, "dtype", None), "kind", "") == "O":
        return array([each(change, x) for x in thing.ravel().tolist()], thing.shape, None)
    return thing


def leaves(form: Form) -> list[Number | Array]:
    """The numbers and arrays in a form, in order."""
    if not isinstance(form, Container):
        return [form]
    return [leaf for part in form.parts for leaf in leaves(part)]


def assemble(form: Form, things: Iterator[Any]) -> Any:
    """Containers of that form, with the next of the things in place of each number and array."""
    if not isinstance(form, Container):
        return next(things)
    return form.make([assemble(part, things) for part in form.parts])


def build(form: Form, numbers: Sequence[Any]) -> Any:
    """The numbers in that form."""
    if isinstance(form, Container) and form.make is list and all(p is ONE for p in form.parts):
        return list(numbers)
    rest = iter(numbers)
    return assemble(form, (leaf.build([*islice(rest, leaf.size)]) for leaf in leaves(form)))


def as_arguments(form: Form, values: Sequence[Any]) -> Any:
    """The Values in that form, for the function to work on: arrays are arrays of objects."""
    if isinstance(form, Container) and form.make is list and all(p is ONE for p in form.parts):
        return list(values)
    rest = iter(values)

    def leaf(form: Number | Array) -> Any:
        own = [*islice(rest, form.size)]
        return array(own, form.shape, object) if isinstance(form, Array) else own[0]

    return assemble(form, map(leaf, leaves(form)))


def size(form: Form) -> int:
    """How many numbers have that form."""
    return sum(leaf.size for leaf in leaves(form))


def same_structure(thing: Any, form: Form, name: str, other: str) -> tuple[list[Any], Form]:
    """The numbers of a thing that must have a certain form."""
    numbers, own = take_apart(thing, name)
    if outline(own) == outline(form):
        return numbers, own
    raise ValueError(
        f"{name} must have the structure of {other}, {outline(form)}, got {outline(own)}"
    )


def outline(form: Form) -> str:
    """A form in words: what must agree between two structures."""
    if isinstance(form, Container):
        inside = [outline(part) for part in form.parts]
        if len(inside) > 4 and len(set(inside)) == 1:
            return f"[{len(inside)} × {inside[0]}]"
        return f"[{', '.join(inside)}]"
    return f"array{form.shape}" if isinstance(form, Array) else "number"

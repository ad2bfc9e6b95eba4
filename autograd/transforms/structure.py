"""Structures: numbers in lists, tuples, dicts and NumPy arrays, taken apart and put together again.

What goes in is taken apart into one flat list of numbers and a Form, which puts any other numbers
together in the same way: the gradient of a dict of arrays is a dict of arrays.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any, ClassVar

from autograd.chosen import Value
from autograd.real import as_float
from autograd.transforms.misuse import name_of


@dataclass(frozen=True)
class Number:
    """One number: a float, a Value, or a float of NumPy's, which `kind` makes again."""

    kind: Callable[[float], Any] | None = None
    size: ClassVar[int] = 1

    @property
    def floats(self) -> bool:
        """Whether it was a float, or some, and no Value."""
        return self.kind is not Value

    def build(self, numbers: Sequence[Any], at: int = 0) -> Any:
        """The numbers from number `at` on, in this form."""
        number = numbers[at]
        return self.kind(number) if self.kind and type(number) is float else number

    def arguments(self, values: Sequence[Value], at: int = 0) -> Any:
        """The Values from number `at` on, for a function to work on."""
        return values[at]


class Array:
    """A NumPy array of any shape; of Values it is an array of objects."""

    def __init__(self, shape: tuple[int, ...], dtype: Any) -> None:
        self.shape, self.dtype, self.size = shape, dtype, prod(shape)
        self.floats = dtype is not object

    def build(self, numbers: Sequence[Any], at: int = 0) -> Any:
        return array(numbers[at : at + self.size], self.shape, self.dtype)

    def arguments(self, values: Sequence[Value], at: int = 0) -> Any:
        return array(values[at : at + self.size], self.shape, object)


class Container:
    """A list, tuple or dict, with the forms of what is in it."""

    def __init__(
        self, make: Callable[[Sequence[Any]], Any], parts: list[Form], plain: bool
    ) -> None:
        self.make, self.parts, self.plain = make, parts, plain  # plain: all of them are floats
        self.size: int = len(parts) if plain else sum([part.size for part in parts])
        self.floats: bool = plain or all(part.floats for part in parts)

    def build(self, numbers: Sequence[Any], at: int = 0) -> Any:
        if self.plain:
            return self.make(numbers[at : at + self.size])
        return self.make([part.build(numbers, k) for part, k in self._starts(at)])

    def arguments(self, values: Sequence[Value], at: int = 0) -> Any:
        if self.plain:
            return self.make(values[at : at + self.size])
        return self.make([part.arguments(values, k) for part, k in self._starts(at)])

    def _starts(self, at: int) -> Iterator[tuple[Form, int]]:
        for part in self.parts:
            yield part, at
            at += part.size


Form = Number | Array | Container
ONE, AS_VALUE = Number(), Number(Value)


class Argument:
    """What errors call an argument; put into words only when there is one."""

    __slots__ = ("f", "place")

    def __init__(self, place: int, f: Callable[..., Any]) -> None:
        self.place, self.f = place, f

    def __str__(self) -> str:
        return f"argument {self.place} of {name_of(self.f)}"


Name = (
    str | Argument | tuple[Any, Any]
)  # of a thing; or of what it is in, and its place or key there


def spelled(name: Name) -> str:
    """A name in words: argument 0 of f[2]['w']."""
    return f"{spelled(name[0])}[{name[1]!r}]" if isinstance(name, tuple) else str(name)


def take_apart(thing: Any, name: Name, argument: bool = False) -> tuple[list[Any], Form]:
    """The numbers in a thing, as floats and Values in order, and the form that they had.

    With `argument` the form remembers the kind of each number, and an integer, which cannot change
    by a little, is refused. Raises TypeError for what is no number, naming where it stands.
    """
    numbers: list[Any] = []
    return numbers, _form(thing, name, argument, numbers)


def _form(thing: Any, name: Name, argument: bool, numbers: list[Any]) -> Form:
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
            return Container(make, [ONE] * len(thing), plain=True)
        parts = [_form(x, (name, i), argument, numbers) for i, x in enumerate(thing)]
        return Container(make, parts, plain=False)
    if isinstance(thing, dict):
        parts = [_form(x, (name, key), argument, numbers) for key, x in thing.items()]
        return Container(_keyed(thing), parts, plain=False)
    if thing is None:
        return Container(lambda parts: None, [], plain=False)
    numpy = sys.modules.get("numpy")
    if numpy and isinstance(thing, numpy.ndarray):
        return _array_form(thing, name, argument, numbers)
    if argument and _is_integer(thing):
        raise TypeError(
            f"{spelled(name)} is {thing!r}, of type {kind.__name__}: to differentiate by it, it "
            f"must be a float; write {float(thing)!r}, or leave it out of argnums"
        )
    try:
        numbers.append(as_float(thing))
    except TypeError:
        raise TypeError(
            f"{spelled(name)} is {_short(thing)}, of type {kind.__name__}: allowed are floats, "
            "Values, and lists, tuples, dicts and NumPy arrays of them"
        ) from None
    return Number(kind) if argument and hasattr(thing, "dtype") else ONE


def _array_form(thing: Any, name: Name, argument: bool, numbers: list[Any]) -> Form:
    if thing.dtype.kind == "f":
        numbers.extend(thing.ravel().astype(float).tolist())
        return Array(thing.shape, thing.dtype)
    if thing.dtype.kind == "O":
        inside: list[Any] = []
        for i, x in enumerate(thing.ravel().tolist()):
            if _form(x, (name, i), argument, inside) not in (ONE, AS_VALUE):
                inside[-1] = as_float(inside[-1])
        numbers.extend(inside)
        return Array(thing.shape, object if argument else float)
    if thing.dtype.kind in "biu" and not argument:
        numbers.extend(thing.ravel().astype(float).tolist())
        return Array(thing.shape, float)
    raise TypeError(
        f"{spelled(name)} is an array of {thing.dtype}: to differentiate by it, it must be of "
        "floats; use .astype(float)"
    )


def _is_integer(thing: Any) -> bool:
    return isinstance(thing, int) or getattr(getattr(thing, "dtype", None), "kind", "") in (*"biu",)


def _remake(thing: Any) -> Callable[[Any], Any]:
    kind = type(thing)
    if hasattr(kind, "_make"):  # a named tuple
        return kind._make  # type: ignore[no-any-return]
    return kind


def _keyed(thing: dict[Any, Any]) -> Callable[[Any], Any]:
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
    if dtype is object or Value in {*map(type, numbers)}:
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

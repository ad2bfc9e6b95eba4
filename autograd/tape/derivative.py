"""The gradient of a jitted function at plain numbers: that of its replay, with no node made."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from autograd.tape import signature
from autograd.tape.recording import Recording
from autograd.transforms.structure import ONE, Argument, Array, Number, take_apart


class Derivative:
    """The arguments of a call, to be differentiated by those at some places.

    key      that of the recordings for it
    numbers  all of them; None if one is a Value, so that a node must be made
    """

    forms: Sequence[Any]
    spans: list[tuple[int, int]]
    of_call: Any
    numbers: list[Any] | None

    def __init__(self, f: Any, args: tuple[Any, ...], named: Any, places: Sequence[int]) -> None:
        if not named and {*map(type, args)} == {float}:  # the usual case, without a look at each
            self.forms, self.spans = [ONE] * len(places), [(i, i + 1) for i in places]
            self.of_call, self.numbers = key_of_floats(len(args)), list(args)
        else:
            self._take_apart(f, args, named, places)
        self.key = (self.of_call, tuple(places))

    @property
    def wanted(self) -> list[bool]:
        """Of each number, whether the gradient by it is asked for."""
        return [any(a <= i < b for a, b in self.spans) for i in range(len(self.numbers or ()))]

    def _take_apart(self, f: Any, args: tuple[Any, ...], named: Any, places: Sequence[int]) -> None:
        self.forms = [form_of(args[i], Argument(i, f)) for i in places]
        numbers: list[Any] = []
        keys, self.spans = [], []
        for arg in args:
            first = len(numbers)
            keys.append(signature.key_of(arg, numbers))
            self.spans.append((first, len(numbers)))
        self.of_call = ((tuple, *keys), signature.key_of(named, numbers) if named else None)
        self.spans = [self.spans[i] for i in places]
        self.numbers = numbers if {*map(type, numbers)} <= {float} else None

    def of(self, recording: Recording) -> tuple[float, tuple[Any, ...]] | None:
        """Value and gradient by a recording; None if the numbers decide otherwise."""
        found = recording.program.row(self.numbers, recording.parameters, True)
        if found is None:
            return None
        (value,), (gradient,) = found
        by = memoryview(gradient).cast("d")
        if all(form is ONE for form in self.forms):
            return value, tuple([by[first] for first, _ in self.spans])
        pairs = zip(self.forms, self.spans, strict=True)
        return value, tuple([part(form, by[first:end]) for form, (first, end) in pairs])


def form_of(arg: Any, name: Argument) -> Any:
    """The form of an argument; of an array of floats without a look at its numbers."""
    if getattr(getattr(arg, "dtype", None), "kind", "") == "f" and arg.shape:
        return Array(arg.shape, arg.dtype)
    return take_apart(arg, name, argument=True)[1]


@cache
def key_of_floats(count: int) -> Any:
    """The key of a call with so many floats."""
    return signature.Many(tuple, signature.FLOAT, count), None


def part(form: Any, numbers: Any) -> Any:
    """The gradient by one argument, in its form."""
    if isinstance(form, Array):
        from numpy import array

        return array(numbers, dtype=form.dtype).reshape(form.shape)
    return form.build(numbers.tolist())


def scalar(recording: Recording) -> bool:
    """Whether the result is one number that depends on something."""
    return isinstance(recording.form, Number) and len(recording.which) == 1

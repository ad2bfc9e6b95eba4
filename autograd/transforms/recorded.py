"""Recorded: one run of a function on fresh Values, to be swept backward or forward.

Each run has Values of its own, so derivatives nest to any depth without confusion:
what tells them apart is which nodes they are about.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import inf
from operator import attrgetter
from threading import get_ident
from typing import Any

from autograd import modes, sweeps
from autograd.chosen import Value
from autograd.operation import Operation
from autograd.transforms.misuse import name_of
from autograd.transforms.structure import Argument, Form, each, take_apart

numbers_of = attrgetter("_data")
# the node that stands for a Value among the variables
SAME = Operation("same", lambda x: x, lambda x, out: 1.0, symbol="=", plain="{0}", latex="{0}")


class Recorded:
    """One run of a function, on fresh Values in place of some of its arguments.

    variables    the fresh Values, in the order they were made
    form         how they are arranged, in one tuple for all the arguments
    result       what the function returned
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        places: Sequence[int],
        named: dict[str, Any] | None = None,
        call: str = "grad",
    ) -> None:
        given: list[Any] = []
        self.forms: list[Form] = []
        self.of_values = False
        for place in places:
            numbers, form = take_apart(args[place], Argument(place, f), argument=True)
            given += numbers
            self.forms.append(form)
            self.of_values |= not form.floats
        self.variables: list[Value] = [*map(fresh if self.of_values else Value, given)]
        self.call, self.name = call, name_of(f)
        arguments, at = list(args), 0
        for place, form in zip(places, self.forms, strict=True):
            arguments[place] = form.arguments(self.variables, at)
            at += form.size
        data = [getattr(x, "_data", x) for x in given] if self.of_values else given
        edits = sweeps.edits()
        self.result = self._run(f, arguments, named or {})
        if sweeps.edits() != edits:
            self._refuse_changed(data)
        if sweeps.kept_grads:  # by a backward() inside: they would keep the variables alive
            for variable in self.variables:
                if isinstance(variable.grad, Value):
                    variable.grad = 0.0

    def _run(self, f: Callable[..., Any], arguments: Sequence[Any], named: dict[str, Any]) -> Any:
        """Call the function, recording even inside no_grad()."""
        own = (get_ident(), self)
        sweeps.running.append(own)
        try:
            if not modes.modes:
                return f(*arguments, **named)
            with modes.recording_again():
                return f(*arguments, **named)
        finally:
            sweeps.running.remove(own)

    def _refuse_changed(self, data: list[float]) -> None:
        for before, now in zip(data, map(numbers_of, self.variables), strict=True):
            if before != now and before == before:
                raise ValueError(
                    f"{self.name} changed the data of an argument from {before!r} to {now!r} while "
                    f"{self.call} recorded it: no derivative belongs to both; compute a new Value "
                    "instead of setting .data"
                )

    def is_open(self, roots: list[Any], *more: list[Any]) -> bool:
        """Whether the derivative must itself be differentiable: a Value, not a float.

        It must when an argument is a Value, and inside the run of an outer derivative when the
        function closes over anything older than its variables, for that may be the outer variable.
        """
        if self.of_values or (more and not {*map(type, *more)} <= {float}):
            return True
        if not sweeps.running or not self.variables:
            return False
        older = sweeps.reach(roots, self.variables[0])[1]
        if not older:
            return False
        return any(t == get_ident() or outer.made(older) for t, outer in list(sweeps.running))

    def made(self, values: list[Value]) -> bool:
        """Whether one of the values depends on a variable of this run, in whatever thread."""
        first = self.variables[0] if self.variables else None
        late = [v for v in values if first is not None and v._birth >= first._birth]
        if first is None or not late:
            return False
        return not {*self.variables}.isdisjoint(sweeps.reach(late, first)[0])

    def pull(self, roots: list[Value], seeds: list[Any], is_open: bool) -> list[Any]:
        """Σ seed · ∂root/∂variable for every variable."""
        if not self.variables or not roots:
            return [0.0] * len(self.variables)
        if not is_open:
            return sweeps.pull(roots, seeds, self.variables)
        with modes.recording_again():
            return sweeps.pull(roots, seeds, self.variables, sweeps.differentiable)

    def push(self, roots: list[Value], tangents: list[Any], is_open: bool) -> list[Any]:
        """Σ ∂root/∂variable · tangent for every root."""
        if not self.variables or not roots:
            return [0.0] * len(roots)
        if not is_open:
            return sweeps.push(roots, self.variables, tangents)
        with modes.recording_again():
            return sweeps.push(roots, self.variables, tangents, sweeps.differentiable)

    def arranged(self, numbers: list[Any]) -> tuple[Any, ...]:
        """One number for each variable, arranged as the arguments are."""
        at, arguments = 0, []
        for form in self.forms:
            arguments.append(form.build(numbers, at))
            at += form.size
        return tuple(arguments)

    def closed(self, thing: Any) -> Any:
        """A result with plain numbers in place of the Values that this run made."""
        first = self.variables[0]._birth if self.variables else inf
        return each(lambda v: v._data if v._birth >= first else v, thing)


def fresh(x: Any) -> Value:
    """A Value of its own for an argument: a leaf for a float, the same number again for a Value."""
    if type(x) is float:
        return Value(x)
    return Value._node(SAME, x._data, (x,), (x,), (1.0,))


def roots_among(numbers: Sequence[Any]) -> tuple[list[Value], list[int]]:
    """The Values among the numbers of a result, and where they stand."""
    which = [i for i, x in enumerate(numbers) if isinstance(x, Value)]
    return [numbers[i] for i in which], which

"""A recording: one run of a function as a tape, and what it takes to run it again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain, compress
from typing import Any

from autograd import modes
from autograd.chosen import Value
from autograd.engine import native
from autograd.operation import Operation
from autograd.tape import signature
from autograd.tape.closure import Closure
from autograd.tape.flatten import flatten
from autograd.tape.programs import program
from autograd.tape.recorder import Recorder
from autograd.tape.tape import Tape
from autograd.transforms.checkpoint import Again
from autograd.transforms.misuse import name_of
from autograd.transforms.recorded import roots_among
from autograd.transforms.structure import Array, leaves, take_apart

Function = Callable[..., Any]


class CannotReplay(Exception):
    """Why a run of a function is no recording."""


class Recording:
    """One run of a function, made a tape.

    tape        with the numbers of the arguments as inputs
    parameters  the Values that the function closes over, in the tape's order
    program     what runs the tape
    used        when it was last used, as whoever keeps it counts

    Gradients may be asked for by the numbers that are `wanted`; if that is not said, by the Values
    among them and the parameters.

    Raises CannotReplay if the run did what a tape cannot repeat.
    """

    def __init__(
        self,
        f: Function,
        key: Any,
        numbers: Sequence[Any],
        wanted: Sequence[bool] | None = None,
    ) -> None:
        self.f, self.key, self.used = f, key, 0
        self.variables = [Value(x if type(x) is float else x._data) for x in numbers]
        oldest = self.variables[0] if self.variables else Value(0.0)
        recorder = Recorder(self.variables)
        args, named = signature.build(key, iter(self.variables))
        with recorder.noting():
            result = f(*args, **named)
        if recorder.problem:
            raise CannotReplay(recorder.problem)
        outs, self.form = take_apart(result, f"the result of {name_of(f)}")
        self.roots, self.which = roots_among(outs)
        self.outs = outs
        try:
            self.tape, self.parameters = self._flat(oldest._birth, recorder.guards)
        except RuntimeError as error:
            raise CannotReplay(f"{name_of(f)}: {error}") from None
        by_inputs = [type(x) is Value for x in numbers] if wanted is None else wanted
        self.program = program(self.tape, by_inputs, parameters_wanted=wanted is None)
        self.closure = Closure(chain([f], statics(key)), self.parameters)
        self.operations = [
            Again(name_of(f), partial(number, f, key, place), len(numbers)) for place in self.which
        ]
        self.differentiable = any(by_inputs) or bool(self.parameters)
        del self.roots, self.variables

    def _flat(self, oldest: int, guards: list[Any]) -> tuple[Tape, list[Value]]:
        return flatten(self.roots, self.variables, oldest, guards)

    def replay(self, numbers: list[Any], parameters: list[Value] | None = None) -> Any:
        """A tuple with the result for other numbers; None if they decide otherwise.

        `parameters` are others in place of those that were recorded, in the same order.
        """
        parameters = self.parameters if parameters is None else parameters
        differentiate = self.differentiable and modes.recording()
        found = self.program.row(numbers, parameters, differentiate)
        if found is None:
            return None
        outs, results = list(self.outs), found[0]
        for place, operation, data, k in zip(
            self.which, self.operations, results, range(len(results)), strict=True
        ):
            if differentiate:
                outs[place] = join(operation, data, numbers, parameters, found[1][k])
            else:
                outs[place] = data
        return (self._arranged(outs, not differentiate),)

    def arranged(self, results: Sequence[float]) -> Any:
        """The result with these numbers in place of what was computed."""
        outs = list(self.outs)
        for place, number in zip(self.which, results, strict=True):
            outs[place] = number
        return self.form.build([getattr(x, "_data", x) for x in outs])

    def _arranged(self, outs: list[Any], plain: bool) -> Any:
        """The result: single numbers are Values always, arrays of plain numbers stay plain."""
        at = 0
        for leaf in leaves(self.form):
            if not isinstance(leaf, Array) or not plain:
                outs[at : at + leaf.size] = [
                    x if type(x) is Value else Value(x) for x in outs[at : at + leaf.size]
                ]
            at += leaf.size
        return self.form.build(outs)


def number(f: Function, key: Any, place: int, numbers: Sequence[Any]) -> Any:
    """The number at a place of the result that the function computes from its own arguments."""
    args, named = signature.build(key, iter(numbers))
    return take_apart(f(*args, **named), "the result")[0][place]


def joined(
    operation: Operation,
    data: float,
    numbers: list[Any],
    parameters: list[Value],
    gradient: bytes,
) -> Value:
    """One node in place of all that a replay computed."""
    local_grads = memoryview(gradient).cast("d").tolist()
    operands = (*numbers, *parameters)
    wanted = [isinstance(x, Value) for x in operands]
    parents, by = tuple(compress(operands, wanted)), tuple(compress(local_grads, wanted))
    return Value._node(operation, data, operands, parents, by)


join: Callable[..., Value] = native.joined if native else joined


def statics(key: Any) -> Iterator[Any]:
    """The static arguments in a key."""
    if isinstance(key, signature.Static):
        yield key.thing
    elif type(key) is tuple:
        for part in key:
            yield from statics(part)

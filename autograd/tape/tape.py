"""The tape itself: a computation as plain arrays, to be printed, drawn, saved and measured."""

from __future__ import annotations

import operator
import os
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields
from itertools import pairwise
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.chosen import Value
from autograd.operation import Dot, Operation, Reduction
from autograd.tape.instruction import Instruction, list_count

if TYPE_CHECKING:
    from autograd.drawing import Drawing

COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
    "==": operator.eq,
    "!=": operator.ne,
}
FREE = (ops.constant, ops.take)  # they hand a number on and compute nothing


@dataclass(frozen=True)
class Guard:
    """What a comparison decided while it was recorded: a replay must decide the same."""

    how: str  # one of COMPARISONS
    left: int  # slots
    right: int
    outcome: bool


@dataclass(frozen=True, eq=False, repr=False)
class Tape:
    """A computation made flat: instructions in order, each reading numbers that are there already.

    Every number has a place, its slot: first the inputs, then the parameters, then the constants,
    then the result of each instruction. `print(tape)` lists them.

    inputs       the names of the inputs, "" for one that has none
    parameters   the names of the parameters: older Values that the function closed over
    constants    numbers, each distinct pattern of bits once
    codes        of each instruction, which of the operations it runs
    operations   rows of the table and operations of a user's own, each once
    starts       where the operands of each instruction start in `operands`, and where the last end
    operands     slots; where an operation takes a list, the number of one; and see `Instruction`
    list_starts  where each list starts in `list_items`, and where the last ends
    list_items   slots
    outputs      slots
    guards       what comparisons decided
    """

    inputs: tuple[str, ...]
    parameters: tuple[str, ...]
    constants: array[float]
    codes: array[int]
    operations: tuple[Operation, ...]
    starts: array[int]
    operands: array[int]
    list_starts: array[int]
    list_items: array[int]
    outputs: array[int]
    guards: tuple[Guard, ...] = ()

    @property
    def size(self) -> int:
        """How many instructions there are."""
        return len(self.codes)

    def __len__(self) -> int:
        return self.size

    @property
    def base(self) -> int:
        """The slot of the first instruction's result."""
        return len(self.inputs) + len(self.parameters) + len(self.constants)

    @property
    def flops(self) -> int:
        """The floating-point operations of one run.

        An operation on one, two or three numbers counts 1, whichever it is; a dot product of n
        pairs 2n, and 1 more with a bias; a sum of n numbers n − 1; any other operation on a list of
        n numbers n. `constant` and `take` hand a number on and count 0.
        """
        lengths = [end - start for start, end in pairwise(self.list_starts)]
        return sum(
            self._flops(self.operations[code], self.operands[start:end], lengths)
            for code, (start, end) in zip(self.codes, pairwise(self.starts), strict=True)
        )

    @staticmethod
    def _flops(operation: Operation, operands: array[int], lengths: list[int]) -> int:
        if operation in FREE:
            return 0
        if not isinstance(operation, Reduction):
            return 1
        n = lengths[operands[0]]
        if isinstance(operation, Dot):
            return 2 * n + len(operands) - 2
        return n - (operation is ops.sum)

    @property
    def memory(self) -> int:
        """The bytes of its arrays."""
        return sum(part.itemsize * len(part) for part in self._parts() if isinstance(part, array))

    def instruction(self, k: int) -> Instruction:
        """Instruction number k, with the slots of its lists in place."""
        operation = self.operations[self.codes[k]]
        operands: Sequence[Any] = self.operands[self.starts[k] : self.starts[k + 1]]
        count = list_count(operation)
        return Instruction(operation, (*map(self._list, operands[:count]), *operands[count:]))

    def instructions(self) -> Iterator[Instruction]:
        """All of them, in order."""
        return map(self.instruction, range(self.size))

    def _list(self, number: int) -> tuple[int, ...]:
        return tuple(self.list_items[self.list_starts[number] : self.list_starts[number + 1]])

    def values(self, inputs: Sequence[Any], parameters: Sequence[Any] = ()) -> list[Value]:
        """The outputs, computed once more as a graph of Values.

        Inputs and parameters are numbers, of which Values with their names are made, or Values.

        Raises ValueError if there are more or fewer than the tape has.
        """
        slots: list[Any] = [*leaves("input", inputs, self.inputs)]
        slots += leaves("parameter", parameters, self.parameters)
        slots += self.constants
        for instruction in self.instructions():
            operation, numbers = instruction.operation, instruction.numbers(slots)
            value = next((x for x in numbers if isinstance(x, Value)), None)
            slots.append(
                operation.compute(numbers) if value is None else value._operate(operation, numbers)
            )
        results = [slots[slot] for slot in self.outputs]
        return [x if isinstance(x, Value) else Value(x) for x in results]

    def draw(
        self,
        inputs: Sequence[Any] | None = None,
        parameters: Sequence[Any] | None = None,
        *,
        output: int = 0,
        title: str | None = None,
        max_nodes: int = 200,
    ) -> Drawing:
        """Draw the graph of one output, with the gradient of that output.

        The numbers on the picture are those of a run on the given inputs and parameters, 1 each
        where none are given. Raises IndexError if there is no such output.
        """
        from autograd.drawing import draw

        inputs = [1.0] * len(self.inputs) if inputs is None else inputs
        parameters = [1.0] * len(self.parameters) if parameters is None else parameters
        if not 0 <= output < len(self.outputs):
            raise IndexError(
                f"this tape has {counted(len(self.outputs), 'output')}, numbered from 0; "
                f"there is no output {output}"
            )
        result = self.values(inputs, parameters)[output]
        if result.parents:
            result.backward()
        return draw(result, title=title, max_nodes=max_nodes)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write the tape to a file, which is complete or not there at all.

        Raises TypeError for operations of a user's own, which are code and not on the tape.
        """
        from autograd.tape.file import save

        save(self, path)

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> Tape:
        """The tape that `save` wrote. Nothing in a file is ever run.

        Raises ValueError that says what is wrong with a file that is damaged, or none of these.
        """
        from autograd.tape.file import load

        return load(path)

    def _parts(self) -> list[Any]:
        return [getattr(self, field.name) for field in fields(self)]

    def __eq__(self, other: object) -> bool:
        """Whether all is the same; constants are where their bits are."""
        if not isinstance(other, Tape):
            return NotImplemented
        pairs = zip(self._parts(), other._parts(), strict=True)
        return all(as_bytes(mine) == as_bytes(theirs) for mine, theirs in pairs)

    __hash__ = None  # type: ignore[assignment]  # of a million instructions it would take long

    def __repr__(self) -> str:
        counts = [
            counted(len(self.inputs), "input"),
            counted(len(self.parameters), "parameter"),
            counted(self.size, "instruction"),
            counted(len(self.outputs), "output"),
        ]
        counts += [counted(len(self.guards), "guard")] if self.guards else []
        return f"<Tape: {', '.join(counts)}>"

    def __str__(self) -> str:
        from autograd.tape.listing import listing

        return listing(self)


def leaves(what: str, given: Sequence[Any], names: Sequence[str]) -> list[Value]:
    """A Value for each name: the given one, or one of the given number."""
    if len(given) != len(names):
        raise ValueError(f"this tape has {counted(len(names), what)}, got {len(given)} numbers")
    return [
        x if isinstance(x, Value) else Value(x, name=name or None)
        for x, name in zip(given, names, strict=True)
    ]


def counted(n: int, what: str) -> str:
    """How many of something: "1 input", "2 inputs"."""
    return f"{n:,} {what}{'' if n == 1 else 's'}"


def as_bytes(part: Any) -> Any:
    """An array as its bytes, so that nan equals nan and -0.0 does not equal 0.0."""
    return part.tobytes() if isinstance(part, array) else part

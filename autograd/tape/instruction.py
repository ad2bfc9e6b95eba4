"""One operation of a tape, with its operands."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

from autograd.operation import Dot, Operation, Reduction, Softmax, Take


class Instruction(NamedTuple):
    """An operation and what it reads: slots, the places of numbers on a tape.

    The slots of a list of operands are a tuple. The last operand of a softmax is no slot: it says
    which of the results is meant.

    >>> from autograd import ops
    >>> Instruction.of(ops.hypot, [4, 7]).operands
    (4, 7)
    >>> Instruction.of(ops.dot, [0, 1, 2, 3, 9]).operands  # ws, xs and a bias
    ((0, 1), (2, 3), 9)
    >>> Instruction.of(ops.softmax, [5, 6, 7], which=2).operands
    ((5, 6, 7), 2)
    """

    operation: Operation
    operands: tuple[Any, ...]

    @staticmethod
    def of(operation: Operation, slots: Sequence[int], which: int | None = None) -> Instruction:
        """From all slots in one row, as the operands of a node are."""
        if not isinstance(operation, Reduction):
            return Instruction(operation, tuple(slots))
        if isinstance(operation, Take):
            return Instruction(operation, (tuple(slots[:-1]), slots[-1]))
        if isinstance(operation, Softmax):
            return Instruction(operation, (tuple(slots), which))
        if isinstance(operation, Dot):
            n = len(slots) // 2
            lists = (tuple(slots[:n]), tuple(slots[n : 2 * n]))
            return Instruction(operation, (*lists, *slots[2 * n :]))
        return Instruction(operation, (tuple(slots),))

    @property
    def which(self) -> int | None:
        """Which of the results of a softmax it is; None for any other operation."""
        return self.operands[-1] if picks(self.operation) else None

    def slots(self) -> Iterator[int]:
        """Every slot that is read, in the order of a node's operands."""
        for operand in self.operands[:-1] if picks(self.operation) else self.operands:
            if type(operand) is tuple:
                yield from operand
            else:
                yield operand

    def numbers(self, numbers: Any) -> list[Any]:
        """The operands as a node has them: the numbers in the slots, then a softmax's k."""
        found = [numbers[slot] for slot in self.slots()]
        return [*found, float(self.operands[-1])] if picks(self.operation) else found

    def moved(self, place: Callable[[int], int]) -> Instruction:
        """The same with other numbers for the slots."""
        return Instruction.of(self.operation, [*map(place, self.slots())], self.which)


def picks(operation: Operation) -> bool:
    """Whether its last operand says which of its results is meant, as a plain number."""
    return isinstance(operation, Softmax) and not isinstance(operation, Take)


def list_count(operation: Operation) -> int:
    """How many of its operands are lists; they come first."""
    return (1 + isinstance(operation, Dot)) if isinstance(operation, Reduction) else 0

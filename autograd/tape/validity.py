"""Validity: whether arrays from anywhere, a file say, are a tape that can be run."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from autograd.operation import Dot, Operation, Reduction, Softmax
from autograd.tape.instruction import list_count, picks
from autograd.tape.tape import COMPARISONS, Tape


def check(tape: Tape) -> None:
    """Raise a ValueError that says what is wrong, unless the tape can be run.

    Whatever has a number must be there, and an instruction may only read what was computed before
    it, in as many operands as its operation takes.
    """
    slots = tape.base + tape.size
    if len(set(tape.operations)) < len(tape.operations):
        raise ValueError("an operation is listed twice")
    check_starts("the operands", tape.starts, len(tape.operands))
    check_starts("the lists", tape.list_starts, len(tape.list_items))
    if len(tape.starts) != tape.size + 1:
        raise ValueError(f"{tape.size} instructions have operands for {len(tape.starts) - 1}")
    check_numbers("an instruction", "operation", tape.codes, len(tape.operations))
    check_numbers("a list", "slot", tape.list_items, slots)
    check_numbers("an output", "slot", tape.outputs, slots)
    for guard in tape.guards:
        check_numbers("a guard", "slot", (guard.left, guard.right), slots)
        if guard.how not in COMPARISONS:
            raise ValueError(f"a guard compares by {guard.how!r}, not by {' '.join(COMPARISONS)}")
    check_instructions(tape)


def check_starts(what: str, starts: Sequence[int], end: int) -> None:
    """Where things start in an array of so many items, and where the last ends."""
    rising = all(start <= end for start, end in pairwise(starts))
    if not starts or starts[0] != 0 or starts[-1] != end or not rising:
        raise ValueError(f"{what} do not fill their array one after the other")


def check_numbers(what: str, of: str, numbers: Sequence[int], count: int) -> None:
    """Each must be one of so many."""
    if numbers and not (min(numbers) >= 0 and max(numbers) < count):
        number = min(numbers) if min(numbers) < 0 else max(numbers)
        raise ValueError(f"{what} names {of} {number}, of {count}")


def check_instructions(tape: Tape) -> None:
    """Each must have operands that its operation takes and that are there by then."""
    lists = [tape.list_items[start:end] for start, end in pairwise(tape.list_starts)]
    sizes = [(len(items), max(items, default=-1)) for items in lists]
    for k, code in enumerate(tape.codes):
        operands = tape.operands[tape.starts[k] : tape.starts[k + 1]]
        try:
            check_operands(tape.operations[code], operands, sizes, tape.base + k)
        except ValueError as problem:
            name = tape.operations[code].name
            raise ValueError(f"instruction {k}, {name}: {problem}") from None


def check_operands(
    operation: Operation, operands: Sequence[int], sizes: Sequence[tuple[int, int]], here: int
) -> None:
    """The operands of an instruction whose result is in slot `here`.

    `sizes` says of each list how long it is, and the last slot in it.
    """
    check_operand_count(operation, len(operands))
    numbers, others = split(operands, list_count(operation))
    check_numbers("it", "list", numbers, len(sizes))
    lengths, last = [[sizes[number][i] for number in numbers] for i in (0, 1)]
    check_lists(operation, lengths)
    if picks(operation):
        check_numbers("it", "result", others, lengths[0])
        others = others[:0]
    check_numbers("it", "slot", [*others, *(slot for slot in last if slot >= 0)], here)


def split(items: Sequence[int], count: int) -> tuple[Sequence[int], Sequence[int]]:
    """The first so many, and the others."""
    return items[:count], items[count:]


def check_operand_count(operation: Operation, given: int) -> None:
    """Lists count as one operand each."""
    if not isinstance(operation, Reduction):
        allowed = [len(operation.inputs)]
    elif isinstance(operation, Dot):
        allowed = [2, 3]  # perhaps a bias
    else:
        allowed = [1 + isinstance(operation, Softmax)]
    if given not in allowed:
        raise ValueError(f"it has {given} operands, not {' or '.join(map(str, allowed))}")


def check_lists(operation: Operation, lengths: list[int]) -> None:
    """Lists of factors must be of the same length, and no other list may be empty."""
    if isinstance(operation, Dot) and lengths[0] != lengths[1]:
        raise ValueError(f"it multiplies lists of {lengths[0]} and {lengths[1]} numbers")
    if not isinstance(operation, Dot) and 0 in lengths:
        raise ValueError("it takes a list of at least one number")

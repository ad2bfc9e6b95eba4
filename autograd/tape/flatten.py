"""Flatten: the nodes between some variables and some results, as a tape.

One pass over the nodes, in the order they were made. Most of them become an instruction; not those
that only depend on constants, and not those that compute what another one has computed already.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from itertools import compress
from operator import attrgetter
from struct import pack
from typing import Any

from autograd import ops
from autograd.chosen import Value
from autograd.engine import native
from autograd.operation import Operation
from autograd.real import plain
from autograd.tape.instruction import Instruction, list_count, picks
from autograd.tape.merging import merge
from autograd.tape.tape import Guard, Tape
from autograd.transforms.recorded import SAME

Number = Value | float
Comparison = tuple[str, Number, Number, bool]  # how, left, right, outcome
EXPONENTS: dict[Any, Operation] = {2.0: ops.square, -1.0: ops.reciprocal}  # of these powers


def flatten(
    outputs: Sequence[Number],
    variables: Sequence[Value],
    oldest: int,
    guards: Iterable[Comparison] = (),
) -> tuple[Tape, list[Value]]:
    """The tape of the outputs as a function of the variables; and the parameters.

    The parameters are what was made before `oldest`, a birth, and is read. `guards` are the
    comparisons that were made. Everything but the inputs is numbered by its first use: by the
    instructions in order, then as an output, then by a guard.

    Raises RuntimeError for a node whose local derivatives or operands are not known: one made by
    hand, or under no_grad().
    """
    guards = list(guards)
    if native:
        return flattened(outputs, variables, oldest, guards)
    compared = [x for _, left, right, _ in guards for x in (left, right)]
    nodes = Nodes(variables)
    for node in reach([*outputs, *compared], nodes.slots, oldest):
        nodes.slots[node] = nodes.slot_of_result(node)
    decided = [
        Guard(how, nodes.slot(left), nodes.slot(right), outcome)
        for how, left, right, outcome in guards
    ]
    decided = [g for g in decided if not (nodes.constant(g.left) and nodes.constant(g.right))]
    return nodes.tape([*map(nodes.slot, outputs)], list(dict.fromkeys(decided)))


def flattened(
    outputs: Sequence[Number],
    variables: Sequence[Value],
    oldest: int,
    guards: list[Comparison],
) -> tuple[Tape, list[Value]]:
    """The same by the native engine, which flattens and merges in one go."""
    ends = [*outputs, *(x for _, left, right, _ in guards for x in (left, right))]
    roots = [x for x in ends if isinstance(x, Value)]
    parameters, constants, codes, operations, *parts = native.flatten(
        roots, ends, list(variables), oldest, SAME
    )
    starts, operands, list_starts, list_items, slots = (array("i", part) for part in parts)
    fixed = range(first := len(variables) + len(parameters), first + len(constants) // 8)
    decided = []
    for place, (how, _, _, outcome) in enumerate(guards):
        left, right = slots[len(outputs) + 2 * place : len(outputs) + 2 * place + 2]
        decided.append(Guard(how, left, right, outcome))
    varies = [g.left not in fixed or g.right not in fixed for g in decided]
    if not all(varies):  # without those that always decide the same
        return flattened(outputs, variables, oldest, list(compress(guards, varies)))
    tape = Tape(
        names(variables),
        names(parameters),
        array("d", constants),
        array("i", codes),
        tuple(operations),
        starts,
        operands,
        list_starts,
        list_items,
        slots[: len(outputs)],
        tuple(dict.fromkeys(decided)),
    )
    return tape, parameters


def reach(roots: Iterable[Number], known: dict[Value, int], oldest: int) -> list[Value]:
    """What the roots were computed from since `oldest`, in the order it was made."""
    seen: set[Value] = set()
    frontier = list(roots)
    while frontier:
        x = frontier.pop()
        if isinstance(x, Value) and x._birth >= oldest and x not in known and x not in seen:
            seen.add(x)
            frontier += x.operands
    return sorted(seen, key=attrgetter("_birth"))


class Nodes:
    """The nodes met so far. Until all are known, instruction k has slot k and leaf i has slot ~i.

    leaves        the variables; then parameters, which are Values, and constants, which are floats
    slots         of each node
    instructions  in order
    known         the slot of each constant, by its bits, and of each instruction
    """

    def __init__(self, variables: Sequence[Value]) -> None:
        self.variables, self.inputs = variables, len(variables)
        self.leaves: list[Number] = list(variables)
        self.slots = {v: ~i for i, v in enumerate(variables)}
        self.instructions: list[Instruction] = []
        self.known: dict[Any, int] = {}

    def slot(self, x: Number) -> int:
        """Where a number is: a constant, a node, or else a parameter."""
        if isinstance(x, float):
            return self.slot_of_constant(x)
        slot = self.slots.get(x)
        if slot is None:
            slot = self.slots[x] = ~len(self.leaves)
            self.leaves.append(x)
        return slot

    def slot_of_constant(self, x: float) -> int:
        slot = self.known.setdefault(pack("d", x), ~len(self.leaves))
        if slot == ~len(self.leaves):
            self.leaves.append(x)
        return slot

    def constant(self, slot: int) -> bool:
        """Whether it is known what is there."""
        return slot < 0 and isinstance(self.leaves[~slot], float)

    def slot_of_result(self, node: Value) -> int:
        """Where the number of a node is to be found."""
        operation, operands = node.operation, list(node.operands)
        if not operation or not operands:
            return self.slot_of_leaf(node)
        if operation is SAME:
            return self.slot(operands[0])
        if operation.selects:  # a guard sees to the condition
            return self.slot(operands[1] if operands[0] else operands[2])
        which = int(plain(operands.pop())) if picks(operation) else None
        slots = [*map(self.slot, operands)]
        in_table = ops.ROWS.get(operation.name) is operation
        if in_table and all(map(self.constant, slots)):
            return self.slot_of_constant(node._data)
        if operation is ops.power and self.constant(slots[1]):
            exponent = self.leaves[~slots[1]]
            if exponent == 1.0:
                return slots[0]
            if exponent in EXPONENTS:
                operation, slots = EXPONENTS[exponent], slots[:1]
        return self.slot_of_instruction(Instruction.of(operation, slots, which))

    def slot_of_leaf(self, node: Value) -> int:
        """Where a number is that was made from no others: it is a constant."""
        if node.operation:
            raise RuntimeError(
                "a result was computed under no_grad(), so it would stay the same "
                "when it is replayed with other numbers; compute it outside no_grad, or let no "
                "gradient pass with stop_gradient"
            )
        if node.operands:
            raise RuntimeError(
                "a node made by hand, Value(data, parents, local_grads), cannot be computed again "
                "from other numbers; make the operation with autograd.custom(value, *derivatives)"
            )
        return self.slot_of_constant(node._data)

    def slot_of_instruction(self, new: Instruction) -> int:
        """Where its result is: that of an equal one, x + y and y + x among them, or a new one."""
        key: Any = new
        if new.operation in (ops.add, ops.multiply):
            key = (new.operation, *sorted(new.operands))
        slot = self.known.setdefault(key, len(self.instructions))
        if slot == len(self.instructions):
            self.instructions.append(new)
        return slot

    def tape(self, outputs: list[int], guards: list[Guard]) -> tuple[Tape, list[Value]]:
        """All of it merged, and numbered by first use."""
        ends = [*outputs, *(slot for guard in guards for slot in (guard.left, guard.right))]
        steps = merge(self.instructions, ends)
        read = [slot for _, step in steps for slot in step.slots()]
        used = {~slot: None for slot in read + ends if slot < 0}
        leaves = {i: self.leaves[i] for i in used if i >= self.inputs}
        parameters = {i: x for i, x in leaves.items() if isinstance(x, Value)}
        constants = {i: x for i, x in leaves.items() if isinstance(x, float)}
        places = {~i: i for i in range(self.inputs)}
        places |= {~i: p for p, i in enumerate([*parameters, *constants], self.inputs)}
        places |= {slot: p for p, (slot, _) in enumerate(steps, len(places))}
        place = places.__getitem__
        tape = assembled(
            names(self.variables),
            names(parameters.values()),
            array("d", constants.values()),
            [step.moved(place) for _, step in steps],
            [*map(place, outputs)],
            [Guard(g.how, place(g.left), place(g.right), g.outcome) for g in guards],
        )
        return tape, list(parameters.values())


def names(values: Iterable[Value]) -> tuple[str, ...]:
    """What they are called."""
    return tuple([value.name or "" for value in values])


def assembled(
    inputs: tuple[str, ...],
    parameters: tuple[str, ...],
    constants: array[float],
    instructions: Iterable[Instruction],
    outputs: Iterable[int],
    guards: Iterable[Guard] = (),
) -> Tape:
    """A tape from instructions in order; each list and each operation is stored once."""
    codes, starts, operands = array("i"), array("i", [0]), array("i")
    list_starts, list_items = array("i", [0]), array("i")
    operations: dict[Operation, int] = {}
    lists: dict[tuple[int, ...], int] = {}
    for operation, given in instructions:
        codes.append(operations.setdefault(operation, len(operations)))
        for items in given[: list_count(operation)]:
            number = lists.setdefault(items, len(lists))
            if number == len(list_starts) - 1:
                list_items.extend(items)
                list_starts.append(len(list_items))
            operands.append(number)
        operands.extend(given[list_count(operation) :])
        starts.append(len(operands))
    return Tape(
        inputs,
        parameters,
        constants,
        codes,
        tuple(operations),
        starts,
        operands,
        list_starts,
        list_items,
        array("i", outputs),
        tuple(guards),
    )

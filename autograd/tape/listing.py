"""The listing of a tape: a line for every input, parameter, instruction, guard and output.

>>> from array import array
>>> from autograd.ops import dot, tanh
>>> from autograd.tape.flatten import assembled
>>> from autograd.tape.instruction import Instruction
>>> from autograd.tape.tape import Guard
>>> steps = [
...     Instruction.of(dot, [2, 3, 0, 1, 6]),  # ws, xs and a bias
...     Instruction.of(dot, [4, 5, 0, 1]),
...     Instruction.of(tanh, [8]),
... ]
>>> names, constants = ("w1", "w2", "", "", "b"), array("d", [0.5])
>>> print(assembled(("x", "y"), names, constants, steps, [9, 10], [Guard("<", 9, 7, False)]))
name  operation  formula          note
────  ─────────  ───────────────  ──────────
x     input
y     input
w1    parameter
w2    parameter
p2    parameter
p3    parameter
b     parameter
v0    dot        w1×x + w2×y + b  layer of 2
v1    dot        p2×x + p3×y      layer of 2
v2    tanh       tanh(v0)
      guard      v1 < 0.5         false
      output     v1
      output     v2
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import TYPE_CHECKING

from autograd.naming import labels
from autograd.operation import Dot
from autograd.table import aligned
from autograd.tape.tape import COMPARISONS
from autograd.text import Text, write

if TYPE_CHECKING:
    from autograd.tape.tape import Tape

FEW, MANY = (6, 2), (20, 10)  # lines at either end of a section: of leaves, and of what is computed
HEADING = ("name", "operation", "formula", "note")
Line = tuple[str, str, str, str]


def listing(tape: Tape) -> str:
    """The tape as an aligned table.

    Of each section (inputs, parameters, instructions, guards, outputs) with many lines the first
    and the last are shown, with how many are left out. Inputs and parameters go by their own names
    or as x0, x1, …, p0, p1, …, and results as v0, v1, …; constants stand where they are used.
    `layer of m` marks the m dot products that read the same list of numbers.
    """
    names, layers = Names(tape), layer_sizes(tape)
    leaves = len(tape.inputs) + len(tape.parameters)

    def leaf(slot: int) -> Line:
        what = "input" if slot < len(tape.inputs) else "parameter"
        return str(names[slot]), what, "", ""

    def instruction(k: int) -> Line:
        step, size = tape.instruction(k), layer_size(tape, k, layers)
        note = f"layer of {size}" if size > 1 else ""
        formula = write(step.operation, step.numbers(names))
        return str(names[tape.base + k]), step.operation.name, str(formula), note

    def guard(k: int) -> Line:
        g = tape.guards[k]
        compared = COMPARISONS[g.how](Text.of(names[g.left]), names[g.right])
        return "", "guard", str(compared), str(g.outcome).lower()

    def output(k: int) -> Line:
        return "", "output", str(Text.of(names[tape.outputs[k]])), ""

    lines: list[Line] = [HEADING]
    lines += shortened(leaf, range(len(tape.inputs)), *FEW)
    lines += shortened(leaf, range(len(tape.inputs), leaves), *FEW)
    lines += shortened(instruction, range(tape.size), *MANY)
    lines += shortened(guard, range(len(tape.guards)), *FEW)
    lines += shortened(output, range(len(tape.outputs)), *FEW)
    if not any(note for *_, note in lines[1:]):
        return aligned([line[:3] for line in lines], "lll")
    return aligned(lines, "llll")


def shortened(line: Callable[[int], Line], numbers: range, first: int, last: int) -> list[Line]:
    """A line for each number; of more than `first + last` only so many from either end."""
    left_out = len(numbers) - first - last
    if left_out <= 1:
        return [*map(line, numbers)]
    start, end = numbers[:first], numbers[len(numbers) - last :]
    return [*map(line, start), ("…", "", f"{left_out:,} more", ""), *map(line, end)]


class Names:
    """What each slot is called in formulas; a constant is its number."""

    def __init__(self, tape: Tape) -> None:
        own = [" ".join(name.split()) for name in (*tape.inputs, *tape.parameters)]
        count = len(tape.inputs)
        x, p = free("x", own), free("p", own)
        named = [
            SimpleNamespace(name=name or (f"{x}{i}" if i < count else f"{p}{i - count}"), scope="")
            for i, name in enumerate(own)
        ]
        self.leaves: Sequence[str] = labels(named)  # type: ignore[arg-type]
        self.result = free("v", self.leaves)
        self.constants, self.base = tape.constants, tape.base

    def __getitem__(self, slot: int) -> Text | float:
        if slot < len(self.leaves):
            return Text(self.leaves[slot])
        if slot < self.base:
            return self.constants[slot - len(self.leaves)]
        return Text(f"{self.result}{slot - self.base}")


def free(letter: str, taken: Sequence[str]) -> str:
    """The letter, or a longer beginning, that no name has with a number after it.

    >>> free("v", ["x", "value"]), free("v", ["x", "v1", "v_x"])
    ('v', 'v_')
    """
    while any(name.startswith(letter) and name[len(letter) :].isdigit() for name in taken):
        letter += "_"
    return letter


def layer_sizes(tape: Tape) -> tuple[Counter[int], Counter[int]]:
    """How many dot products read each list, as the first of their two and as the second."""
    dots = [code for code, operation in enumerate(tape.operations) if isinstance(operation, Dot)]
    starts = [start for code, start in zip(tape.codes, tape.starts, strict=False) if code in dots]
    return (
        Counter(tape.operands[start] for start in starts),
        Counter(tape.operands[start + 1] for start in starts),
    )


def layer_size(tape: Tape, k: int, sizes: tuple[Counter[int], Counter[int]]) -> int:
    """How many dot products share a list with instruction k; 0 if that is none."""
    if not isinstance(tape.operations[tape.codes[k]], Dot):
        return 0
    start = tape.starts[k]
    return max(size[tape.operands[start + i]] for i, size in enumerate(sizes))

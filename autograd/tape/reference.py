"""The reference: a tape run over a batch of rows by NumPy, with the rows of the table themselves.

It says in a page what running a tape means: other programs that do so are compared with it. It also
is the one that serves where nothing was compiled.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import ops
from autograd.operation import Operation
from autograd.tape.instruction import Instruction
from autograd.tape.lanes import Lanes, numpy, partials, value
from autograd.tape.tape import COMPARISONS, Guard, Tape, counted


class Reference:
    """A program that runs a tape.

    >>> from autograd import Value
    >>> from autograd.tape.flatten import flatten
    >>> x, y = variables = [Value(3.0), Value(4.0)]
    >>> tape, parameters = flatten([x * y + y], variables, x._birth)
    >>> outputs, fits = Reference(tape).forward([[3.0, 4.0], [1.0, 0.5]], parameters)
    >>> outputs.tolist(), fits.tolist()
    ([[16.0], [1.0]], [True, True])

    Raises ImportError without NumPy.
    """

    def __init__(self, tape: Tape) -> None:
        numpy()
        self.tape, self.steps = tape, [*tape.instructions()]
        self.guards: dict[int, list[Guard]] = {}  # by the slot at which they can be decided
        for guard in tape.guards:
            self.guards.setdefault(max(guard.left, guard.right), []).append(guard)

    def forward(self, inputs: Any, parameters: Any = ()) -> tuple[Any, Any]:
        """The outputs of every row, and whether it decided every guard as it was recorded.

        For B rows inputs is an array of shape (B, inputs of the tape), parameters one of shape
        (parameters,); out come arrays of shape (B, outputs) and (B,). The outputs of a row that
        does not fit mean nothing.

        Raises ValueError for another shape, IndexError if a row that fits takes what is not there.
        """
        with numpy().errstate(all="ignore"):
            slots, fits = self._run(inputs, parameters)
            return self._outputs(slots, fits), fits

    def backward(self, inputs: Any, parameters: Any, seeds: Any) -> tuple[Any, Any, Any, Any]:
        """Outputs and fits; and Σ seed · ∂output/∂x for every input x and every parameter x.

        seeds has the shape (B, outputs). The derivatives by the inputs have the shape (B, inputs);
        those by the parameters are summed over the rows, from the first to the last, and have the
        shape (parameters,). A gradient that is 0 passes nothing on, not even 0 · inf; that of a row
        that does not fit is 0.

        Raises what `forward` does.
        """
        np, tape = numpy(), self.tape
        with np.errstate(all="ignore"):
            slots, fits = self._run(inputs, parameters)
            seeds = shaped(seeds, (len(fits), len(tape.outputs)), "output")
            grads: list[Any] = [np.zeros(len(fits)) for _ in slots]
            for slot, seed in zip(tape.outputs, seeds.T, strict=True):
                grads[slot] = grads[slot] + np.where(fits, seed, 0.0)
            for k in reversed(range(tape.size)):
                self._pass_back(k, slots, grads)
            i, p = len(tape.inputs), len(tape.inputs) + len(tape.parameters)
            by_inputs = np.array(grads[:i]).reshape(i, len(fits)).T
            by_parameters = np.array([ordered_sum(grad) for grad in grads[i:p]])
            return self._outputs(slots, fits), fits, by_inputs, by_parameters

    def _run(self, inputs: Any, parameters: Any) -> tuple[list[Lanes], Any]:
        """The number in every slot, and which rows fit."""
        np, tape = numpy(), self.tape
        inputs = shaped(inputs, (None, len(tape.inputs)), "input")
        parameters = shaped(parameters, (len(tape.parameters),), "parameter")
        slots = [Lanes(column) for column in inputs.T]
        slots += [Lanes(np.asarray(x)) for x in (*parameters, *tape.constants)]
        fits = np.ones(len(inputs), dtype=bool)
        for slot in range(tape.base + tape.size):
            if slot >= tape.base:
                slots.append(self._result(self.steps[slot - tape.base], slots, fits))
            for guard in self.guards.get(slot, ()):
                compare = COMPARISONS[guard.how]
                decided = compare(slots[guard.left].array, slots[guard.right].array)
                fits &= decided == guard.outcome
        return slots, fits

    def _result(self, step: Instruction, slots: Sequence[Lanes], fits: Any) -> Lanes:
        """The result of an instruction; in rows that do not fit nothing may fail."""
        np, operands = numpy(), step.numbers(slots)
        if step.operation is ops.take:
            operands[-1] = Lanes(np.where(fits, operands[-1].array, 0.0))
        if in_table(step.operation):
            return value(step.operation, operands)
        out = np.full(len(fits), np.nan)
        numbers = by_row(operands, len(fits))
        for row in np.flatnonzero(fits):
            out[row] = step.operation.compute(numbers[row].tolist())
        return Lanes(out)

    def _pass_back(self, k: int, slots: Sequence[Lanes], grads: list[Any]) -> None:
        """The chain rule for instruction k: add to the gradients of what it reads."""
        np, tape, step = numpy(), self.tape, self.steps[k]
        grad = grads[tape.base + k]
        if not grad.any():
            return
        constants = range(len(tape.inputs) + len(tape.parameters), tape.base)
        wanted = [slot not in constants for slot in step.slots()]
        out, operands = slots[tape.base + k], step.numbers(slots)
        if in_table(step.operation):
            found = [x.array for x in partials(step.operation, operands, out, wanted)]
        else:
            found = partials_by_row(step.operation, operands, out, wanted, grad)
        read = [slot for slot, want in zip(step.slots(), wanted, strict=True) if want]
        for slot, local in zip(read, found, strict=True):
            stops = (grad == 0) | (local == 0 if step.operation.selects else False)
            grads[slot] = grads[slot] + np.where(stops, 0.0, local * grad)

    def _outputs(self, slots: Sequence[Lanes], fits: Any) -> Any:
        return by_row([slots[slot] for slot in self.tape.outputs], len(fits))


def in_table(operation: Operation) -> bool:
    """Whether it is a row of the table: any other only computes floats, row by row."""
    return ops.ROWS.get(operation.name) is operation


def by_row(operands: Sequence[Lanes], rows: int) -> Any:
    """The operands of each row, as an array."""
    np = numpy()
    columns = [np.broadcast_to(x.array, rows) for x in operands]
    return np.array(columns).reshape(len(columns), rows).T


def partials_by_row(
    operation: Operation, operands: Sequence[Lanes], out: Lanes, wanted: list[bool], grad: Any
) -> list[Any]:
    """The local derivatives of an operation of a user's own, in the rows where they are needed."""
    np = numpy()
    numbers = by_row([*operands, out], len(grad))
    found = np.zeros((len(grad), sum(wanted)))
    for row in np.flatnonzero(grad):
        *inputs, result = numbers[row].tolist()
        found[row] = operation.partials(inputs, result, wanted)
    return list(found.T)


def shaped(numbers: Any, shape: tuple[int | None, ...], what: str) -> Any:
    """The numbers as an array of float64 of this shape, where None is any length."""
    given = numpy().asarray(numbers, dtype=float)
    wanted = tuple(n if want is None else want for n, want in zip(given.shape, shape, strict=False))
    if given.shape == wanted and len(shape) == given.ndim:
        return given
    allowed = ", ".join("rows" if n is None else str(n) for n in shape)
    raise ValueError(
        f"this tape has {counted(shape[-1] or 0, what)}: it takes an array of shape "
        f"({allowed}{',' * (len(shape) == 1)}), got one of shape {given.shape}"
    )


def ordered_sum(numbers: Any) -> float:
    """The sum from the first to the last."""
    np = numpy()
    return float(np.add.accumulate(np.append(0.0, numbers))[-1])

"""Programs: what runs a tape again, on one row of numbers or on many.

The native one where it was built, the reference in NumPy where it was not, or where the tape has an
operation of a user's own.
"""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from typing import Any

from autograd import ops
from autograd.chosen import Value
from autograd.engine import native
from autograd.tape.reference import Reference
from autograd.tape.tape import COMPARISONS, Tape

ROWS = {row: place for place, row in enumerate(ops.ROWS.values())}
SIGNS = {sign: place for place, sign in enumerate(("<", "<=", "==", "!=", ">", ">="))}
assert SIGNS.keys() == COMPARISONS.keys()
Row = tuple[tuple[float, ...], Sequence[Any] | None]


def program(tape: Tape, wanted: Sequence[bool], parameters_wanted: bool = True) -> Any:
    """What runs the tape; `wanted` says by which inputs gradients may be asked for."""
    if native and all(row in ROWS for row in tape.operations):
        return native.Replay(
            len(tape.inputs), len(tape.parameters), arrays(tape, wanted), parameters_wanted
        )
    return ByNumPy(tape)


def arrays(tape: Tape, wanted: Sequence[bool]) -> tuple[Any, ...]:
    """The arrays of a tape as the native engine takes them."""
    guards = array("i")
    for guard in tape.guards:
        guards.extend((SIGNS[guard.how], guard.left, guard.right, guard.outcome))
    return (
        tape.constants,
        tape.codes,
        tape.starts,
        tape.operands,
        tape.list_starts,
        tape.list_items,
        tape.outputs,
        guards,
        bytes(wanted),
        array("i", [ROWS[row] for row in tape.operations]),
    )


class ByNumPy:
    """The reference, with the face of the native program."""

    def __init__(self, tape: Tape) -> None:
        self.tape, self.reference = tape, Reference(tape)

    def row(self, numbers: Any, parameters: list[Value], differentiate: bool) -> Row | None:
        """Outputs and gradients of one row; None if it decides otherwise than was recorded."""
        import numpy as np

        inputs = np.array([[getattr(x, "_data", x) for x in numbers]], dtype=float)
        data = np.array([p._data for p in parameters], dtype=float)
        try:
            outputs, fits = self.reference.forward(inputs, data)
        except IndexError:
            return None
        if not fits[0]:
            return None
        if not differentiate:
            return tuple(outputs[0].tolist()), None
        gradients = []
        for seeds in np.eye(outputs.shape[1]):
            _, _, by_inputs, by_parameters = self.reference.backward(inputs, data, seeds[None])
            gradients.append(np.concatenate([by_inputs[0], by_parameters]).tobytes())
        return tuple(outputs[0].tolist()), gradients

    def rows(
        self,
        columns: Sequence[Any],
        order: Any,
        parameters: list[Value],
        fits: Any,
        outputs: Any,
        seeds: Any,
        by_inputs: Any,
        by_parameters: Any,
        threads: int,
        single: bool,
    ) -> int:
        """Many rows at once, as the native program does it; returns how many do not fit."""
        import numpy as np

        wide = [np.asarray(column).reshape(len(column), -1) for column in columns]
        inputs = np.concatenate(wide, axis=1)
        if order is not None:
            inputs = inputs[np.asarray(order)]
        data = np.array([p._data for p in parameters], dtype=float)
        fit = np.frombuffer(fits, dtype=bool)
        where = self._sound(inputs, data)
        fit[:] = where
        if seeds is None:
            found, decided = self.reference.forward(inputs[where], data)
        else:
            given = np.asarray(seeds).reshape(len(fit), -1)[where]
            found, decided, own, by = self.reference.backward(inputs[where], data, given)
            np.asarray(by_parameters)[:] = by
            if by_inputs is not None:
                np.asarray(by_inputs).reshape(len(fit), -1)[where] = own
        fit[where] = decided
        if outputs is not None:
            np.asarray(outputs).reshape(len(fit), -1)[fit] = found[decided]
        return int(len(fit) - fit.sum())

    def _sound(self, inputs: Any, data: Any) -> Any:
        """The rows that take only what is there."""
        import numpy as np

        try:
            self.reference.forward(inputs, data)
        except IndexError:
            return np.array(
                [
                    self.row(row.tolist(), [Value(x) for x in data], False) is not None
                    for row in inputs
                ],
                dtype=bool,
            )
        return np.ones(len(inputs), dtype=bool)

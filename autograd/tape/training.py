"""Training on the tape: gradients and steps of an optimizer, batch after batch, at native speed."""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Callable, Sequence
from math import inf
from operator import is_
from typing import Any, NamedTuple

from autograd.chosen import Value
from autograd.clipping import clip
from autograd.engine import native
from autograd.loops import zero_grad
from autograd.tape.recorder import FrozenRecording
from autograd.tape.recording import CannotReplay, Recording
from autograd.tape.rowwise import Rowwise, arguments_of, numbers_of
from autograd.tape.signature import FLOAT
from autograd.transforms.misuse import name_of

Columns = Sequence[Any]


class Opened(NamedTuple):
    """Native steps that are held open, and what they were opened for."""

    recording: Recording
    columns: Columns
    batch_size: int
    params: list[Value]
    state: list[array[float]]
    steps: Any  # None without the native engine


class Training:
    """A function of one row, run over many at once, with its mean gradient by the parameters.

    Args:
        f: returns one number. It is given a list of Values for each column of the data, or one
            Value where the column holds single numbers.
        params: the leaf Values that training moves.
        threads: how many run at once; the sums do not depend on it.
        dtype: "float64" or "float32".
        max_norm: how long the gradient of a batch may be; inf for any length.

    `columns` are buffers of doubles, one behind the other, of shape (rows, width) or (rows,), one
    for each argument of f; `order` says which rows, as array("q").

    A function that does what a tape cannot repeat runs as it is, with a `FrozenRecording` warning.

    Raises ValueError for another dtype.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        params: list[Value],
        *,
        threads: int = 1,
        dtype: str = "float64",
        max_norm: float = inf,
    ) -> None:
        if dtype not in ("float64", "float32"):
            raise ValueError(f"dtype is 'float64' or 'float32', got {dtype!r}")
        self.f, self.params, self.threads, self.single = f, params, threads, dtype == "float32"
        self.max_norm = max_norm
        self.places = {p: i for i, p in enumerate(params)}
        self.rowwise: dict[Any, Rowwise] = {}
        self.frozen = False  # whether the function cannot be replayed
        self.opened: Opened | None = None

    def epoch(
        self,
        columns: Columns,
        order: array[int],
        batch_size: int,
        optimizer: Any,
        rates: array[float] | None = None,
    ) -> float:
        """For each batch of rows in `order`: the mean gradient, then one step of the optimizer.

        `rates` is the learning rate of each batch, or None. Returns the mean of f over these rows,
        each as it was met.
        """
        done, total = self._quickly(columns, order, batch_size, optimizer, rates)
        batches = -(-len(order) // batch_size)
        while done < batches:  # rows that decide otherwise: a batch with a recording for each
            batch = order[done * batch_size : (done + 1) * batch_size]
            total += self._carefully(columns, batch, optimizer, rates[done] if rates else None)
            done += 1
            rest = order[done * batch_size :]
            made, sum_of_batches = self._quickly(
                columns, rest, batch_size, optimizer, rates[done:] if rates else None
            )
            total += sum_of_batches
            done += made
        return total / len(order)

    def mean(self, columns: Columns, order: Sequence[int] | None = None) -> float:
        """The mean of f over these rows, or over all; without gradients."""
        rows = array("q", range(len(columns[0])) if order is None else order)
        return self._sum(columns, rows, None) / len(rows)

    def _rows(self, columns: Columns) -> Rowwise:
        widths = tuple([column.shape[1:] for column in columns])
        known = self.rowwise.get(widths)
        if known is None:
            parts = [(list, *[FLOAT] * width[0]) if width else FLOAT for width in widths]
            known = self.rowwise[widths] = Rowwise(self.f, ((tuple, *parts), None))
        return known

    def _quickly(
        self, columns: Columns, order: array[int], batch_size: int, optimizer: Any, rates: Any
    ) -> tuple[int, float]:
        """As many batches as one recording serves, in one go: how many, and the sum of f."""
        rule = optimizer.rule()
        if rule is None or self.frozen or not order:
            return 0, 0.0
        opened = self.opened
        if not (
            opened
            and opened.columns is columns
            and opened.batch_size == batch_size
            and opened.params is optimizer.params
            and all(map(is_, opened.state, rule.state))
            and opened.recording.closure.unchanged()
        ):
            recording = self._recording(columns, order[0])
            if recording is None or not recording.which:
                return 0, 0.0
            opened = self.opened = self._open(recording, columns, batch_size, optimizer, rule)
        if opened.steps is None:
            return 0, 0.0
        made, total, _, interrupted = opened.steps.run(order, rule.settings, rates, self.max_norm)
        optimizer.stepped(made)
        if interrupted:
            raise KeyboardInterrupt
        return made, total

    def _recording(self, columns: Columns, row: int) -> Recording | None:
        """One that is up to date, or else a new one, of this row; None if there can be none."""
        rowwise = self._rows(columns)
        known = rowwise.current()
        try:
            return known[0] if known else rowwise.recording(numbers_of(columns, row))
        except CannotReplay as why:
            self._freeze(why)
            return None

    def _open(
        self, recording: Recording, columns: Columns, batch_size: int, optimizer: Any, rule: Any
    ) -> Opened:
        """Native steps along these columns, to be kept while nothing of this changes."""
        places = {p: i for i, p in enumerate(optimizer.params)}
        positions = array("i", [places.get(p, -1) for p in recording.parameters])
        steps = None
        if hasattr(recording.program, "steps"):
            steps = recording.program.steps(
                tuple(columns), recording.parameters, batch_size, optimizer.params, positions,
                rule.name, rule.state, self.threads, self.single,
            )  # fmt: skip
        return Opened(recording, columns, batch_size, optimizer.params, rule.state, steps)

    def _carefully(
        self, columns: Columns, batch: array[int], optimizer: Any, rate: float | None
    ) -> float:
        """One batch, whose rows may need several recordings: the sum of f over it."""
        zero_grad(self.params)
        total = self._sum(columns, batch, self.places)
        for p in self.params:
            p.grad /= len(batch)
        clip(self.params, self.max_norm)
        lr = optimizer.lr
        try:
            optimizer.lr = lr if rate is None else rate
            optimizer.step()
        finally:
            optimizer.lr = lr
        return total

    def _freeze(self, why: CannotReplay) -> None:
        """From now on run the function as it is."""
        self.frozen = True
        warnings.warn(
            f"training does not replay {name_of(self.f)} but runs it as it is, row by row: {why}",
            FrozenRecording,
            stacklevel=2,
        )

    def _sum(self, columns: Columns, order: array[int], params: dict[Value, int] | None) -> float:
        """The sum of f over rows; with params it is differentiated, and added to their grads."""
        totals = [0.0]

        def run(recording: Recording, rows: array[int], fits: bytearray) -> None:
            outputs = array("d", bytes(8 * len(rows) * len(recording.which)))
            seeds = array("d", [1.0]) * len(outputs) if params is not None else None
            gradient = array("d", bytes(8 * len(recording.parameters)))
            recording.program.rows(
                tuple(columns), rows, recording.parameters, fits, outputs, seeds, None, gradient,
                self.threads, self.single,
            )  # fmt: skip
            fitting = sum(fits)
            if not recording.which:  # f is a constant
                totals.append(fitting * float(recording.outs[0]))
            totals.extend(outputs)
            if params is not None:
                for p, g in zip(recording.parameters, gradient, strict=True):
                    if p in params:
                        p.grad += g

        left = order
        if not self.frozen:
            try:
                left = self._rows(columns).split(columns, order, run)
            except CannotReplay as why:
                self._freeze(why)
                totals[:] = [0.0]
                zero_grad(self.params if params else [])
        for row in left:  # as it is: there are too many ways to decide, or it cannot be replayed
            loss = self.f(*arguments_of(columns, row))
            if params is not None:
                loss.backward()
            totals.append(loss._data)
        total = 0.0
        for x in totals:
            total += x
        return total


def can_replay() -> bool:
    """Whether anything here can run a tape: the native engine, or NumPy."""
    from importlib.util import find_spec

    return native is not None or find_spec("numpy") is not None

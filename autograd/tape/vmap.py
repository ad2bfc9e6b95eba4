"""vmap: a function of one row, over many rows in one replay."""

from __future__ import annotations

import warnings
from array import array
from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from autograd import modes
from autograd.chosen import Value
from autograd.tape.batch import Batch
from autograd.tape.lanes import numpy
from autograd.tape.recorder import FrozenRecording
from autograd.tape.recording import CannotReplay, Recording
from autograd.tape.rowwise import Rowwise, numbers_of
from autograd.tape.stacking import stacked, stacked_numbers
from autograd.transforms.misuse import checked_function, name_of

Function = Callable[..., Any]


def vmap(f: Function, in_axes: Any = 0, *, threads: int = 1, dtype: str = "float64") -> Function:
    """A function that runs `f` over the leading axis of its array arguments, in one replay.

    Args:
        f: of one row; returns a number, an array, or a list, tuple or dict of such.
        in_axes: along which axis the rows of an argument lie: one for all, or a tuple or list with
            one for each argument. None: the argument is the same for all rows. For an argument
            that is a list, tuple or dict it may be such a thing, too.
        threads: how many run at once.
        dtype: "float64", or "float32" to compute in single precision.

    The results of all rows are stacked: a number becomes an array of shape (rows,), an array of
    shape S one of shape (rows, *S). They are floats, or Values where a gradient can flow: if `f`
    closes over Values, or is given some. Rows that decide otherwise, at an `if`, get a recording of
    their own. Needs NumPy.

    >>> import numpy as np
    >>> from autograd import grad
    >>> vmap(grad(lambda x: x**3 if x > 0 else -x))(np.array([1.0, 2.0, -1.0])).tolist()
    [3.0, 12.0, -1.0]

    Warns with `FrozenRecording` if `f` does what a replay would not do again, such as reading the
    `.data` of a Value: then it runs row by row.

    Raises ValueError if arguments have different numbers of rows, or none has any, or if an axis
    is not there; TypeError for an argument that has no rows.
    """
    checked_function(f, "vmap")
    if dtype not in ("float64", "float32"):
        raise ValueError(f"dtype of vmap is 'float64' or 'float32', got {dtype!r}")
    mapped = Mapped(f, in_axes, threads, dtype == "float32")

    @wraps(f)
    def over_rows(*args: Any) -> Any:
        return mapped(args)

    return over_rows


class Mapped:
    """A function over rows, with its recordings by how the arguments are arranged.

    Where no gradient can flow, what all rows share are parameters of a recording, and one replay
    runs all rows. Else they are inputs, as a row is, and each row leaves its nodes.
    """

    def __init__(self, f: Function, in_axes: Any, threads: int, single: bool) -> None:
        self.f, self.in_axes, self.threads, self.single = f, in_axes, threads, single
        self.known: dict[Any, Rowwise] = {}
        self.flowing: set[Any] = set()  # keys of calls that close over Values
        self.frozen: set[Any] = set()  # keys of calls that cannot be replayed

    def __call__(self, args: tuple[Any, ...]) -> Any:
        oldest = Value(0.0)
        batch = Batch(self.f, args, self.in_axes)
        results: list[Any] = [None] * batch.count
        left: Sequence[int] = range(batch.count)
        watched = (modes.recorders and modes.recorder()) or (modes.modes and modes.watch())
        if not watched and batch.key not in self.frozen:
            try:
                left, whole = self._replayed(batch, results)
            except CannotReplay as why:
                self.frozen.add(batch.key)
                warnings.warn(
                    f"{name_of(self.f)} is not replayed but runs row by row: {why}",
                    FrozenRecording,
                    stacklevel=3,
                )
            else:
                if whole:
                    return whole[0]
        for row in left:
            results[row] = self.f(*batch.row(row))
        return stacked(results, batch.name, oldest)

    def _replayed(
        self, batch: Batch, results: list[Any]
    ) -> tuple[array[int], tuple[Any, ...] | None]:
        """Fill in results; the rows that are left, and a tuple with all of them as a whole."""
        if modes.recording() and (batch.values or batch.key in self.flowing):
            return self._nodes(batch, results), None
        try:
            return self._numbers(batch, results)
        except GradientsFlow:
            self.flowing.add(batch.key)
            return self._nodes(batch, results), None

    def _nodes(self, batch: Batch, results: list[Any]) -> array[int]:
        """Results with nodes, one row after the other; returns the rows that are left."""
        rowwise = self._rowwise(batch, batch.of_row_and_shared(), nodes=True)

        def run(recording: Recording, rows: array[int], fits: bytearray) -> None:
            for place, row in enumerate(rows):
                found = recording.replay([*batch.numbers(row), *batch.shared])
                fits[place] = found is not None
                if found is not None:
                    results[row] = found[0]

        def record(row: int) -> Recording:
            numbers = [*batch.numbers(row), *batch.shared]
            return rowwise.recording([getattr(x, "_data", x) for x in numbers])

        return rowwise.split(batch.columns, array("q", range(batch.count)), run, record)

    def _numbers(
        self, batch: Batch, results: list[Any]
    ) -> tuple[array[int], tuple[Any, ...] | None]:
        """Results without nodes. Raises GradientsFlow where these are needed."""
        rowwise = self._rowwise(batch, self.f, nodes=False)
        stand_ins = [Value(getattr(x, "_data", x)) for x in batch.shared]
        found: list[tuple[array[int], bytearray, Any, Recording]] = []

        def run(recording: Recording, rows: array[int], fits: bytearray) -> None:
            now = dict(zip(recording.f.stand_ins, stand_ins, strict=True))  # type: ignore[attr-defined]
            if modes.recording() and any(p not in now for p in recording.parameters):
                raise GradientsFlow
            parameters = [now.get(p, p) for p in recording.parameters]
            outputs = numpy().empty((len(rows), len(recording.which)))
            recording.program.rows(
                tuple(batch.columns), rows, parameters, fits, outputs, None, None, None,
                self.threads, self.single,
            )  # fmt: skip
            found.append((rows, fits, outputs, recording))

        def record(row: int) -> Recording:
            return rowwise.recording(numbers_of(batch.columns, row), batch.of_row(stand_ins))

        every = array("q", range(batch.count))
        left = rowwise.split(batch.columns, every, run, record)
        if len(found) == 1 and not left:
            return left, (stacked_numbers(found[0][2], found[0][3], batch.count),)
        for rows, fits, outputs, recording in found:
            for place, row in enumerate(rows):
                if fits[place]:
                    results[row] = recording.arranged(outputs[place].tolist())
        return left, None

    def _rowwise(self, batch: Batch, f: Function, nodes: bool) -> Rowwise:
        key = (batch.key, nodes)
        if key not in self.known:
            self.known[key] = Rowwise(f, batch.key_of_row(nodes), of_values=nodes)
        return self.known[key]


class GradientsFlow(Exception):
    """A function that was run for its numbers alone closes over Values."""

"""Rowwise: a function of one row, run over many, with a recording for each way to decide."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterator, Sequence
from itertools import compress
from typing import Any

from autograd.chosen import Value
from autograd.tape.recording import Recording

MOST = 32  # recordings of one function that are kept and tried


class TooManyRecordings(Exception):
    """Rows are left that decide unlike all that were recorded."""


class Rowwise:
    """A function of one row, and the recordings that rows have led to.

    `key` says how the numbers of a row are arranged as the arguments (see `signature`); `of_values`
    whether gradients by them are asked for, too.
    """

    def __init__(self, f: Callable[..., Any], key: Any, of_values: bool = False) -> None:
        self.f, self.key, self.of_values = f, key, of_values
        self.recordings: list[Recording] = []

    def current(self) -> list[Recording]:
        """Those that are not out of date."""
        self.recordings = [r for r in self.recordings if r.closure.unchanged()]
        return self.recordings

    def recording(self, numbers: Sequence[float], f: Callable[..., Any] | None = None) -> Recording:
        """A new one, of a row, and of `f` in place of the function if it is given.

        Raises CannotReplay if there can be none.
        """
        if len(self.recordings) >= MOST:
            raise TooManyRecordings
        given = [*map(Value, numbers)] if self.of_values else list(numbers)
        made = Recording(f or self.f, self.key, given)
        self.recordings.append(made)
        return made

    def split(
        self,
        columns: Sequence[Any],
        order: array[int],
        run: Callable[[Recording, array[int], bytearray], None],
        record: Callable[[int], Recording] | None = None,
    ) -> array[int]:
        """Let `run` take rows with a recording, until all have fitted one.

        It is given the recording, the rows, and where to note which of them fit. `record` makes a
        recording of a row in a way of its own. Returns the rows that are left, if there are too
        many ways to decide. Raises CannotReplay.
        """
        tried: list[Recording] = []
        while len(order):
            recording = next((r for r in self.current() if r not in tried), None)
            if recording is None:
                try:
                    recording = (
                        record(order[0])
                        if record
                        else self.recording(numbers_of(columns, order[0]))
                    )
                except TooManyRecordings:
                    return order
            tried.append(recording)
            if len(tried) > 2 * MOST:  # some do not even fit the row they were made of
                return order
            fits = bytearray(len(order))
            run(recording, order, fits)
            if 0 not in fits:
                return array("q")
            left = array("q", compress(order, (not fit for fit in fits)))
            order = left
        return order


def numbers_of(columns: Sequence[Any], row: int) -> list[float]:
    """The numbers of one row, as one list."""
    return [
        x for part in arguments_of(columns, row) for x in ([part] if type(part) is float else part)
    ]


def arguments_of(columns: Sequence[Any], row: int) -> Iterator[Any]:
    """A float or a list of floats for each column."""
    for column in columns:
        if 0 in column.shape:
            yield []
            continue
        flat = memoryview(column).cast("B").cast("d")
        if len(column.shape) == 1:
            yield flat[row]
        else:
            width = column.shape[1]
            yield flat[row * width : (row + 1) * width].tolist()

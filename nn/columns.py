"""Columns: rows of numbers as one flat block, checked, in the form that training reads.

An array with or without NumPy: a column is a buffer of doubles, of shape (rows, width) for rows of
numbers and (rows,) for single ones.
"""

from __future__ import annotations

import sys
from array import array
from dataclasses import dataclass
from math import isfinite
from typing import Any, NoReturn


@dataclass(frozen=True)
class Column:
    """Rows of the same width, or single numbers."""

    data: Any  # a NumPy array or a memoryview of doubles, contiguous
    whole: bool  # whether all numbers were given as ints: they may be classes

    @property
    def rows(self) -> int:
        return int(self.data.shape[0])

    @property
    def width(self) -> int | None:
        """How many numbers a row has; None for single numbers."""
        return int(self.data.shape[1]) if self.data.ndim == 2 else None

    @property
    def flat(self) -> memoryview[float]:
        """All numbers, one row after the other."""
        return memoryview(self.data).cast("B").cast("d")

    def row(self, place: int) -> Any:
        """One row as a list of floats, or one of the single numbers."""
        width = self.width
        return self.flat[place] if width is None else self.flat[place * width :][:width].tolist()

    def tolist(self) -> list[Any]:
        """The rows as lists of floats, or the single numbers."""
        rows: list[Any] = self.data.tolist()
        return rows

    def narrowed(self) -> Column:
        """Rows of one number as single numbers."""
        return Column(self.flat, self.whole)


def column(given: Any, name: str) -> Column:
    """Rows of numbers, or single numbers, from an array or from lists.

    Raises TypeError for what is no such thing, ValueError for no rows, for rows of different
    widths, and for numbers that are not finite; all name the row.
    """
    found = of_array(given, name) if hasattr(given, "__array__") else of_rows(given, name)
    if not found.rows:
        raise ValueError(f"{name} has no rows: there is nothing to learn from")
    refuse_not_finite(found, name)
    return found


def of_array(given: Any, name: str) -> Column:
    """The column of an array, or of what turns itself into one."""
    import numpy as np

    data = np.asarray(given)
    if data.dtype.kind not in "fiub":
        raise TypeError(
            f"{name} must hold numbers, got an array of {data.dtype}: convert it, as in "
            f"{name}.astype(float)"
        )
    if data.ndim not in (1, 2):
        raise ValueError(
            f"{name} must have the shape (rows, width) or (rows,), got {data.shape}: "
            f"as in {name}.reshape(len({name}), -1)"
        )
    if data.ndim == 2 and not data.shape[1]:
        refuse_empty_rows(name)
    return Column(np.ascontiguousarray(data, dtype=np.float64), data.dtype.kind in "iu")


def of_rows(given: Any, name: str) -> Column:
    """The column of a list of rows, or of single numbers."""
    if isinstance(given, (str, bytes, dict, set)) or not hasattr(given, "__iter__"):
        raise TypeError(
            f"{name} must be an array of shape (rows, width) or a list of rows, got "
            f"a {type(given).__name__}"
        )
    rows = [row.tolist() if hasattr(row, "tolist") else row for row in given]
    single = not rows or not isinstance(rows[0], (list, tuple))
    width = 1 if single else len(rows[0])
    if not width:
        refuse_empty_rows(name)
    numbers = array("d")
    for place, row in enumerate(rows):
        if isinstance(row, (list, tuple)) == single or (not single and len(row) != width):
            first = "is a single number" if single else f"has {width} numbers"
            this = f"has {len(row)}" if isinstance(row, (list, tuple)) else f"is {row!r}"
            raise ValueError(
                f"{name}: row {place} {this}, but row 0 {first}: all must have the same width"
            )
        try:
            numbers.extend([row] if single else row)
        except TypeError as problem:
            raise TypeError(f"{name}: row {place} is {row!r}, not numbers ({problem})") from None
    flat = [rows] if single else rows
    whole = all(type(x) is int for row in flat for x in row)
    if single:
        return Column(memoryview(numbers), whole)
    shape = [len(rows), width]
    return Column(memoryview(numbers).cast("B").cast("d", shape), whole)


def refuse_empty_rows(name: str) -> NoReturn:
    raise ValueError(f"{name} has no numbers in its rows: there is nothing to learn from")


def refuse_not_finite(found: Column, name: str) -> None:
    """Raise ValueError naming the first row that holds nan or an infinity."""
    if "numpy" in sys.modules:
        import numpy as np

        data = np.asarray(found.data)
        places: Any = np.flatnonzero(~np.isfinite(data))
    else:
        places = [i for i, x in enumerate(found.flat) if not isfinite(x)]
    if len(places):
        row, at = divmod(int(places[0]), found.width or 1)
        where = f"row {row}" + (f", number {at}," if found.width else "")
        raise ValueError(
            f"{name}: {where} is {found.flat[int(places[0])]}: leave such rows out, or fill them "
            "in, before training"
        )

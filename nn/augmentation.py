"""Augmentation: other rows for each epoch, made from those there are."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from random import Random
from typing import Any, TypeAlias

from .columns import Column, column

Augment: TypeAlias = Callable[[Any, Random], Any]


class Augmented:
    """The rows of an epoch, as a column that is filled anew for each.

    The function is given a copy of all rows, an array if X was one or else a list of lists, and a
    `random.Random` that is the same for the same seed and epoch; it returns as many rows.
    """

    def __init__(self, augment: Augment, rows: Column) -> None:
        self.augment, self.rows = augment, rows
        self.numbers = array("d", rows.flat)
        shape = [rows.rows] if rows.width is None else [rows.rows, rows.width]
        self.column = memoryview(self.numbers).cast("B").cast("d", shape)

    def draw(self, seed: int, epoch: int) -> None:
        """Fill in the rows of an epoch.

        Raises ValueError for rows of another number or width, or with numbers that are not finite.
        """
        data = self.rows.data
        given = data.copy() if hasattr(data, "copy") else self.rows.tolist()
        made = column(self.augment(given, Random(f"augment {seed} {epoch}")), "augment(X)")
        if (made.rows, made.width) != (self.rows.rows, self.rows.width):
            raise ValueError(
                f"augment must return as many rows of the same width, {self.rows.rows} of "
                f"{self.rows.width}, got {made.rows} of {made.width}"
            )
        self.numbers[:] = array("d", made.flat)

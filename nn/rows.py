"""Rows: data to learn from or to measure on, tried out on the model before training begins."""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from autograd import Value, no_grad

from .columns import Column, column
from .module import Module, evaluating
from .objectives import Objective, check_targets


@dataclass(frozen=True)
class Rows:
    """Inputs and targets, row by row."""

    X: Column
    y: Column

    @cached_property
    def columns(self) -> list[Any]:
        """The two buffers of doubles, always the same list: training goes on where it was."""
        return [self.X.data, self.y.data]

    def __len__(self) -> int:
        return self.X.rows

    def checksum(self) -> int:
        """A number that tells these rows from others."""
        return zlib.crc32(self.y.data, zlib.crc32(self.X.data))


def rows_for(
    model: Module, found: Objective, X: Any, y: Any, names: Sequence[str] = ("X", "y")
) -> Rows:
    """The rows as columns, if the model takes them and the loss is defined for all targets.

    Raises ValueError or TypeError that names the row, or says what the model expects.
    """
    inputs, targets = column(X, names[0]), column(y, names[1])
    if inputs.rows != targets.rows:
        raise ValueError(
            f"{names[0]} has {inputs.rows} rows and {names[1]} has {targets.rows}: there must be "
            "one target for each row"
        )
    with no_grad(), evaluating():
        prediction = answer(model, inputs, names[0])
        if targets.width == 1 and not isinstance(prediction, (list, tuple)):
            targets = targets.narrowed()
        check_targets(found, targets, prediction, names[1])
        loss = found.loss(prediction, target_of(targets.row(0), targets.whole))
    if not isinstance(loss, Value):
        raise TypeError(
            f"the loss must return one Value for each row, got {loss!r} of type "
            f"{type(loss).__name__}: compute it from the prediction, with the functions of nn "
            "and autograd"
        )
    return Rows(inputs, targets)


def answer(model: Module, inputs: Column, name: str) -> Any:
    """What the model makes of the first row."""
    try:
        return model(inputs.row(0))
    except (ValueError, TypeError, IndexError) as problem:
        held = "single numbers" if inputs.width is None else f"rows of {inputs.width} numbers"
        raise type(problem)(
            f"{name} has {held}, and the model takes others: {problem}"
        ) from problem


def target_of(target: Any, whole: bool) -> Any:
    """A target as the loss gets it: whole numbers as ints, for they may be classes.

    A Value stays a Value.
    """
    if not whole:
        return target
    if isinstance(target, (list, tuple)):
        return [target_of(part, whole) for part in target]
    return int(target) if isinstance(target, float) else target

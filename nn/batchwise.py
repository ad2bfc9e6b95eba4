"""Batchwise: training of a model whose answers to the rows of a batch depend on one another.

That is what a `BatchNorm` needs: a graph for each batch. Nothing is replayed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import no_grad

from .eager import Eager, rows_of


class Batchwise(Eager):
    """As `Eager`, with a function of many inputs and their targets that gives the mean loss."""

    def gradient(self, columns: Sequence[Any], batch: Sequence[int]) -> float:
        """Leave the gradient of a batch in the parameters; returns the sum over its rows."""
        loss = self.f(*zip(*rows_of(columns, batch), strict=True))
        loss.backward()
        total: float = loss.data * len(batch)
        return total

    def mean(self, columns: Sequence[Any], order: Sequence[int] | None = None) -> float:
        """The mean over these rows, or over all; nothing is recorded."""
        order = range(len(columns[0])) if order is None else order
        with no_grad():
            loss: float = self.f(*zip(*rows_of(columns, order), strict=True)).data
        return loss

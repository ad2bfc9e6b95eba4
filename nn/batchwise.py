"""Batchwise: training of a model whose answers to the rows of a batch depend on one another.

The same interface as `autograd.tape.training.Training`, with a graph for each batch: what a
`BatchNorm` needs. Nothing is replayed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from autograd import Value, no_grad
from autograd.clipping import clip
from autograd.loops import zero_grad

from .eager import rows_of
from .optimizer import Optimizer


class Batchwise:
    """A function of many rows, the inputs and the targets, that gives the mean loss of them."""

    def __init__(self, f: Callable[..., Any], params: list[Value], max_norm: float) -> None:
        self.f, self.params, self.max_norm = f, params, max_norm

    def epoch(
        self,
        columns: Sequence[Any],
        order: Sequence[int],
        batch_size: int,
        optimizer: Optimizer,
        rates: Sequence[float] | None = None,
    ) -> float:
        """For each batch of rows in `order` a step; returns the mean of f over the rows."""
        total, lr = 0.0, optimizer.lr
        try:
            for number, start in enumerate(range(0, len(order), batch_size)):
                batch = order[start : start + batch_size]
                zero_grad(self.params)
                loss = self.f(*zip(*rows_of(columns, batch), strict=True))
                loss.backward()
                clip(self.params, self.max_norm)
                total += loss.data * len(batch)
                if rates is not None:
                    optimizer.lr = rates[number]
                optimizer.step()
        finally:
            optimizer.lr = lr
        return total / len(order)

    def mean(self, columns: Sequence[Any], order: Sequence[int] | None = None) -> float:
        """The mean of f over these rows, or over all; nothing is recorded."""
        order = range(len(columns[0])) if order is None else order
        with no_grad():
            loss: float = self.f(*zip(*rows_of(columns, order), strict=True)).data
        return loss

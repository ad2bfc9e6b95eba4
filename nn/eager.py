"""Eager: training that makes the graph of every row anew; what runs where nothing can be replayed.

The same interface as `autograd.tape.training.Training`, and the same sums in the same order: a
batch's gradient is the sum over its rows, row by row, divided by their number, and clipped.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from math import inf
from typing import Any

from autograd import Value, no_grad
from autograd.clipping import clip
from autograd.loops import zero_grad

from .optimizer import Optimizer


class Eager:
    """A function of one row, run over many, with its gradient by the parameters."""

    def __init__(self, f: Callable[..., Any], params: list[Value], max_norm: float = inf) -> None:
        self.f, self.params, self.max_norm = f, params, max_norm

    def epoch(
        self,
        columns: Sequence[Any],
        order: Sequence[int],
        batch_size: int,
        optimizer: Optimizer,
        rates: Sequence[float] | None = None,
    ) -> float:
        """For each batch of rows in `order`: the mean gradient, then one step of the optimizer.

        `columns` are buffers of doubles, one per argument of f, of shape (rows, width) or (rows,);
        `rates` the learning rate of each batch, or None to leave the optimizer's as it is. Returns
        the mean of f over these rows, each as it was met.
        """
        total, lr = 0.0, optimizer.lr
        try:
            for number, start in enumerate(range(0, len(order), batch_size)):
                batch = order[start : start + batch_size]
                zero_grad(self.params)
                total += self.gradient(columns, batch)
                clip(self.params, self.max_norm)
                if rates is not None:
                    optimizer.lr = rates[number]
                optimizer.step()
        finally:
            optimizer.lr = lr
        return total / len(order)

    def gradient(self, columns: Sequence[Any], batch: Sequence[int]) -> float:
        """Leave the mean gradient of a batch in the parameters; returns the sum of f over it."""
        total = 0.0
        for row in rows_of(columns, batch):
            loss = self.f(*row)
            loss.backward()
            total += loss.data
        for p in self.params:
            p.grad /= len(batch)
        return total

    def mean(self, columns: Sequence[Any], order: Sequence[int] | None = None) -> float:
        """The mean of f over these rows, or over all; nothing is recorded."""
        order = range(len(columns[0])) if order is None else order
        total = 0.0
        with no_grad():
            for row in rows_of(columns, order):
                total += self.f(*row).data
        return total / len(order)


def rows_of(columns: Sequence[Any], order: Sequence[int]) -> Iterator[list[Any]]:
    """The arguments of f for each of these rows: a list of floats or a float for each column."""
    flat = [
        (memoryview(column).cast("B").cast("d"), column.shape[1] if column.ndim == 2 else None)
        for column in columns
    ]
    for i in order:
        yield [
            numbers[i] if width is None else numbers[i * width : (i + 1) * width].tolist()
            for numbers, width in flat
        ]

"""Dropout: numbers left out at random while a model is trained, so that none is relied upon.

What is drawn for a row in a recording comes from outside, as a column of its own: see `Masks`.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from random import Random
from typing import Any

from autograd import modes

from .initializers import generator
from .module import Module
from .optimizer import setting

given: list[Iterator[Any] | list[float]] = []  # where masks come from: the last counts


class Dropout(Module):
    """While training, each number is 0 with probability p, and the others are 1/(1 - p) as large.

    So the mean stays; in `eval()` mode everything passes (Srivastava et al., 2014). In `nn.fit`
    each row gets a mask of its own in each epoch, from fit's seed.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Dropout.html

    Args:
        p: how many are left out, from 0 to below 1.
        seed: what they are drawn from in a loop of your own; as for `Neuron`.

    >>> dropout = Dropout(0.5, seed=1)
    >>> dropout([1.0, 1.0, 1.0, 1.0])
    [0.0, 2.0, 2.0, 0.0]
    >>> dropout.eval()([1.0, 2.0])
    [1.0, 2.0]
    """

    def __init__(self, p: float = 0.5, *, seed: int | Random | None = None) -> None:
        self.p = setting("p", p, below=1.0)
        self.rng = generator(seed)

    def forward(self, inputs: Sequence[Any]) -> list[Any]:
        """The row, thinned out."""
        row = list(inputs)
        if not self.training or not self.p:
            return row
        source = given[-1] if given else None
        if isinstance(source, list):  # they are being counted
            source += [self.p] * len(row)
            return row
        if source is not None:
            return [x * next(source) for x in row]
        if modes.recorders and (recorder := modes.recorder()):
            recorder.touched(self, "random")
        return [x * draw(self.rng, self.p) for x in row]

    def extra_repr(self) -> str:
        return f"p={self.p}"


def draw(rng: Random, p: float) -> float:
    """What a number is multiplied by."""
    return 0.0 if rng.random() < p else 1.0 / (1.0 - p)


class Masks:
    """The masks of all rows, as a column of numbers that is drawn anew for each epoch.

    chances   for each number that a row's mask has, the probability of 0
    """

    def __init__(self, chances: Sequence[float], rows: int) -> None:
        self.chances, self.rows = chances, rows
        numbers = array("d", [1.0]) * (rows * len(chances))
        self.column = memoryview(numbers).cast("B").cast("d", [rows, len(chances)])
        self.numbers = numbers

    def draw(self, seed: int, epoch: int) -> None:
        """Fill in the masks of an epoch: the same for the same seed."""
        rng = Random(f"dropout {seed} {epoch}")
        self.numbers[:] = array("d", [draw(rng, p) for _ in range(self.rows) for p in self.chances])


@contextmanager
def drawn(source: Iterator[Any] | list[float]) -> Iterator[None]:
    """Let every Dropout take its masks from there; a list notes their probabilities instead."""
    given.append(source)
    try:
        yield
    finally:
        given.pop()

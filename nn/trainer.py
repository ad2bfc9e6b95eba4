"""Trainer: steps of training at native speed, one or many at a time, in a loop of your own."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from operator import is_
from typing import Any

from autograd.tape.training import Training, can_replay

from .columns import column
from .eager import Eager
from .optimizer import Optimizer


class Trainer:
    """What `fit` does with a batch, for a loop of your own: gradient and step in one replay.

    Args:
        loss: a function of one row that returns its loss, such as
            `lambda x, t: nn.mse_loss(model(x), t)`. It is recorded once: an argument is a list of
            Values where the column holds rows, and a Value where it holds single numbers.
        optimizer: moves its parameters along the mean gradient; see `nn.SGD`, `nn.Adam`, ….
        threads: how many run at once; the sums do not depend on it.
        dtype: "float64", or "float32" to compute in single precision.

    >>> from autograd import Value
    >>> from nn import SGD
    >>> w = Value(0.0)
    >>> trainer = Trainer(lambda x, t: (w * x - t) ** 2, SGD([w], lr=0.1))
    >>> round(trainer.step([1.0, 2.0], [2.0, 4.0], steps=50), 9), round(w.data, 9)
    (0.0, 2.0)

    Between two steps every parameter is a Value as always. Raises TypeError if `loss` cannot be
    called or `optimizer` is none, ValueError for a dtype that is not there.
    """

    def __init__(
        self,
        loss: Callable[..., Any],
        optimizer: Optimizer,
        *,
        threads: int = 1,
        dtype: str = "float64",
    ) -> None:
        if not callable(loss):
            raise TypeError(f"loss must be a function of one row, got {loss!r}")
        if not isinstance(optimizer, Optimizer):
            raise TypeError(
                f"optimizer must be one of nn's, such as nn.SGD(params, lr=0.1), got {optimizer!r}"
            )
        self.optimizer = optimizer
        self._engine: Training | Eager
        if can_replay():
            self._engine = Training(loss, optimizer.params, threads=threads, dtype=dtype)
        else:
            self._engine = Eager(loss, optimizer.params)
        self._given: tuple[Any, ...] = ()  # if all of them are read where they lie
        self._columns: tuple[Any, ...] = ()
        self._order = array("q")

    def step(self, *columns: Any, steps: int = 1) -> float:
        """Move the parameters along the mean gradient of all these rows; `steps` times in a row.

        Each column is an array or a list of as many rows. Returns the mean loss of the last step,
        as it was before the parameters moved.

        Raises ValueError for columns of different lengths, or with numbers that are not finite.
        """
        self._take(columns)
        rows = len(self._order)
        if steps > 1:
            self._engine.epoch(self._columns, self._order * (steps - 1), rows, self.optimizer)
        return self._engine.epoch(self._columns, self._order, rows, self.optimizer)

    def _take(self, given: tuple[Any, ...]) -> None:
        """Look at the columns; the very arrays of the last step are not looked at again."""
        if len(given) == len(self._given) and all(map(is_, given, self._given)):
            return
        found = [column(x, f"column {i}") for i, x in enumerate(given)]
        if not found or len({c.rows for c in found}) > 1:
            counts = ", ".join(str(c.rows) for c in found) or "none"
            raise ValueError(f"a step takes columns of equally many rows, got {counts}")
        self._columns = tuple(c.data for c in found)
        self._given = given if all(map(is_, given, self._columns)) else ()
        self._order = array("q", range(found[0].rows))

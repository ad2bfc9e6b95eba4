"""Perceptron: a hard threshold on a weighted sum, and Rosenblatt's rule by which it learns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from autograd import Value, dot

from .columns import column
from .initializers import Initializer
from .layers import Neuron
from .row import row


@dataclass(frozen=True)
class Update:
    """One correction: the row that was wrong, and the weights and the bias after it."""

    row: int
    weights: tuple[float, ...]
    bias: float


@dataclass(frozen=True)
class Learning:
    """What became of a perceptron that learned.

    mistakes   in each round through all rows, how many were wrong
    updates    each correction
    """

    mistakes: list[int]
    updates: list[Update]

    @property
    def converged(self) -> bool:
        """Whether the last round went without a mistake."""
        return bool(self.mistakes) and self.mistakes[-1] == 0

    def __repr__(self) -> str:
        end = "all right" if self.converged else f"{self.mistakes[-1]} wrong"
        rounds = f"{len(self.mistakes)} round{'s' * (len(self.mistakes) != 1)}"
        return f"<Learning: {rounds}, {len(self.updates)} corrections, {end}>"


class Perceptron(Neuron):
    """1 where w·x + b ≥ 0, else 0: a neuron with a hard threshold (Rosenblatt, 1958).

    The derivative of the threshold is 0, so it does not learn by gradients; `learn` has a rule of
    its own. Weights can be given, to build one by hand.

    >>> both = Perceptron(2, weights=[1.0, 1.0], bias=-1.5)  # and
    >>> [both([a, b]) for a in (0.0, 1.0) for b in (0.0, 1.0)]
    [0, 0, 0, 1]
    """

    def __init__(
        self,
        n_inputs: int,
        *,
        weights: Iterable[float] | None = None,
        bias: float = 0.0,
        init: str | Initializer = "zeros",
        seed: int | Random | None = None,
    ) -> None:
        super().__init__(n_inputs, None, init=init, seed=seed)
        assert self.bias is not None
        self.bias.data = bias
        if weights is not None:
            numbers = row(list(weights), n_inputs, type(self).__name__)
            for w, x in zip(self.weights, numbers, strict=True):
                w.data = x

    def forward(self, inputs: Iterable[float | Value]) -> int:  # type: ignore[override]
        """1 or 0 for a row."""
        return int(self.score(inputs) >= 0.0)

    def score(self, inputs: Iterable[float | Value]) -> Value:
        """w·x + b, how far a row is on the side of 1."""
        score: Value = dot(self.weights, row(inputs, len(self.weights), "Perceptron"), self.bias)
        return score

    def learn(self, X: Any, t: Any, rounds: int = 100, lr: float = 1.0) -> Learning:
        """Correct the weights, row after row, until a round goes without a mistake.

        For a row that is wrong: w ← w + lr·(t - y)·x and b ← b + lr·(t - y), y being the answer
        and t the target, 1 or 0; targets of -1 count as 0. It ends if the classes can be separated
        by a line (Novikoff, 1962), and else after so many rounds.

        Raises ValueError for targets that are none of these, and for rows of another width.
        """
        rows, targets = column(X, "X").tolist(), column(t, "t").tolist()
        if len(rows) != len(targets):
            raise ValueError(
                f"X has {len(rows)} rows and t has {len(targets)}: there must be one for each"
            )
        for place, target in enumerate(targets):
            if target not in (-1.0, 0.0, 1.0):
                raise ValueError(
                    f"t: row {place} is {target}, allowed are 1, and 0 or -1 for the other class"
                )
        mistakes, updates = list[int](), list[Update]()
        while len(mistakes) < rounds and (not mistakes or mistakes[-1]):
            before = len(updates)
            for place, (x, target) in enumerate(zip(rows, targets, strict=True)):
                if (by := lr * (float(target > 0) - self(x))) != 0.0:
                    self.correct(x, by)
                    assert self.bias is not None
                    weights = tuple(w.data for w in self.weights)
                    updates.append(Update(place, weights, self.bias.data))
            mistakes.append(len(updates) - before)
        return Learning(mistakes, updates)

    def correct(self, x: Sequence[float], by: float) -> None:
        """One step of the rule."""
        for w, number in zip(self.weights, x, strict=True):
            w.data += by * number
        assert self.bias is not None
        self.bias.data += by

    def extra_repr(self) -> str:
        return f"{len(self.weights)}"

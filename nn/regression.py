"""Linear, logistic and softmax regression: the models without a hidden layer."""

from __future__ import annotations

from collections.abc import Iterable
from random import Random
from typing import Any

from autograd import Value, softmax

from .initializers import Initializer
from .layers import Neuron, size
from .module import Module
from .sequential import Linear


class LinearRegression(Neuron):
    """f = βᵀx + β₀: train it with `mse_loss` or `half_squared_error`.

    >>> model = LinearRegression(2)
    >>> model([1.0, 2.0]).data  # it starts at 0
    0.0
    """

    def __init__(
        self,
        n_inputs: int,
        *,
        init: str | Initializer = "zeros",
        seed: int | Random | None = None,
    ) -> None:
        super().__init__(n_inputs, None, init=init, seed=seed)

    def extra_repr(self) -> str:
        return f"{len(self.weights)}"


class LogisticRegression(LinearRegression):
    """log P(y = 1 | x)/P(y = 0 | x) = βᵀx + β₀: train it with `binary_cross_entropy_with_logits`.

    Called with a row it gives the logit; `probability` is its sigmoid.
    """

    def probability(self, inputs: Iterable[float | Value]) -> Value:
        """P(y = 1 | x)."""
        answer: Value = self(inputs).sigmoid()
        return answer


class SoftmaxRegression(Module):
    """P(y = k | x) ∝ exp(βₖᵀx + βₖ₀): train it with `cross_entropy`.

    Called with a row it gives the logits of all classes; `probabilities` are their softmax. With
    `full=True` every class has parameters, which is one set too many: adding the same to all of
    them changes nothing. With `full=False` the first class has none, its logit is 0, and K - 1 sets
    are left.

    >>> SoftmaxRegression(4, 3)
    SoftmaxRegression(4, 3, full=True) (15 parameters)
    >>> len(SoftmaxRegression(4, 3, full=False).parameters())
    10
    """

    def __init__(
        self,
        n_inputs: int,
        classes: int,
        *,
        full: bool = True,
        init: str | Initializer = "zeros",
        seed: int | Random | None = None,
    ) -> None:
        if size(classes, "classes") < 2:
            raise ValueError(f"there must be at least 2 classes, got {classes}")
        self.full = bool(full)
        self.scores = Linear(n_inputs, classes if full else classes - 1, init=init, seed=seed)

    def forward(self, inputs: Iterable[float | Value]) -> list[Any]:
        """The logit of each class."""
        scores = self.scores(inputs)
        return scores if self.full else [Value(0.0), *scores]

    def probabilities(self, inputs: Iterable[float | Value]) -> list[Any]:
        """P(y = k | x) of each class."""
        found: list[Any] = softmax(self(inputs))
        return found

    def extra_repr(self) -> str:
        classes = len(self.scores.neurons) + (not self.full)
        return f"{self.scores.n_inputs}, {classes}, full={self.full}"

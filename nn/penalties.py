"""Penalties: what is added to a loss so that weights stay small; of biases nothing is asked.

A penalty is called with the model and returns one Value: `loss + L2(0.01)(model)` in a loop of your
own, or `nn.fit(…, penalty=L2(0.01))`. Textbooks that divide by the number of rows, as in
λ/(2N)·Σw², mean L2(λ / N); those without the ½, as in λ·Σw², mean L2(2·λ).

Only the weights count, as biases need fewer data to be fitted well and do little harm: a parameter
is a bias if the last name on its path, numbers aside, is one of those in `BIASES`.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd import Value, square, sum

from .module import Module
from .optimizer import setting

BIASES = {"b", "bias", "biases", "shift"}  # of layers, and of normalisations


def weights(model: Module) -> list[Value]:
    """The parameters of a model that are no biases.

    >>> import nn
    >>> len(weights(nn.MLP(2, [3, 1]))), len(nn.MLP(2, [3, 1]).parameters())
    (9, 13)
    """
    if not isinstance(model, Module):
        raise TypeError(f"a penalty is one of a Module, got {model!r:.60}")
    found = []
    for path, parameter in model.named_parameters():
        names = [name for name in path.split(".") if not name.isdecimal()]
        if not names or names[-1] not in BIASES:
            found.append(parameter)
    return found


@dataclass(frozen=True)
class L2:
    """½·strength·Σw²: weight decay, ridge; its gradient is strength·w.

    >>> import nn
    >>> model = nn.MLP(1, [1])
    >>> model.layers[0].neurons[0].w[0].data = 3.0
    >>> L2(0.1)(model).data
    0.45
    """

    strength: float

    def __post_init__(self) -> None:
        setting("strength", self.strength)

    def __call__(self, model: Module) -> Value:
        penalty: Value = 0.5 * self.strength * sum([square(w) for w in weights(model)])
        return penalty


@dataclass(frozen=True)
class L1:
    """strength·Σ|w|: lasso, which makes weights 0; its gradient is strength times the sign."""

    strength: float

    def __post_init__(self) -> None:
        setting("strength", self.strength)

    def __call__(self, model: Module) -> Value:
        penalty: Value = self.strength * sum([abs(w) for w in weights(model)])
        return penalty


@dataclass(frozen=True)
class ElasticNet:
    """A share l1_ratio of L1 and the rest of L2, as in scikit-learn's ElasticNet.

    strength·(l1_ratio·Σ|w| + ½·(1 - l1_ratio)·Σw²); H. Zou and T. Hastie, 2005.
    """

    strength: float
    l1_ratio: float = 0.5

    def __post_init__(self) -> None:
        setting("strength", self.strength)
        if not 0.0 <= setting("l1_ratio", self.l1_ratio) <= 1.0:
            raise ValueError(f"l1_ratio must be from 0 to 1, got {self.l1_ratio}")

    def __call__(self, model: Module) -> Value:
        share = self.strength * self.l1_ratio
        penalty: Value = L1(share)(model) + L2(self.strength - share)(model)
        return penalty

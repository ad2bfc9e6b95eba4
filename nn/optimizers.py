"""Optimizers: how the parameters move when their gradients are known.

Formulas, argument names and defaults are PyTorch's. A gradient of 0.0 is a gradient like any other
(PyTorch's rule for zeros, not for None): momentum and weight decay go on acting on a parameter that
backward never reached, so leave out of `params` what must stay as it is. A gradient that is not
finite is stepped along, too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import ClassVar

from autograd import Value

from .optimizer import Optimizer, Rule, per_parameter, positive, setting, zeros
from .suggestion import did_you_mean


class SGD(Optimizer):
    """Stochastic gradient descent: every parameter moves a little way down its gradient.

        g ← grad + weight_decay·p
        v ← momentum·v + g              (with momentum; v starts at 0)
        p ← p - lr·v                    (Nesterov: p - lr·(g + momentum·v))

    Where lr stands inside of v instead (v ← momentum·v - lr·g, p ← p + v), as many texts have it,
    the parameters move the same as long as lr stays the same.

    Args:
        params, lr: as for `Optimizer`.
        momentum: how much of the last step's direction is kept, at least 0; 0.9 is usual.
        nesterov: look ahead along the momentum; needs momentum above 0.
        weight_decay: pull towards 0, at least 0: the gradient of ½·weight_decay·p².

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.optim.SGD.html

    >>> w = Value(1.0)
    >>> optimizer = SGD([w], lr=0.1)
    >>> (w * w).backward()
    >>> optimizer.step()
    >>> w.data
    0.8
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        self.momentum = setting("momentum", momentum)
        self.nesterov = bool(nesterov)
        self.weight_decay = setting("weight_decay", weight_decay)
        if nesterov and not momentum:
            raise ValueError("nesterov needs momentum above 0, got 0: pass momentum=0.9 with it")
        self.velocity = zeros(self.params)

    def _rule(self) -> Rule:
        settings = (self.lr, 0.0, self.momentum, float(self.nesterov), self.weight_decay)
        return Rule("sgd", settings, [self.velocity])


class Adagrad(Optimizer):
    """Adagrad: the more a parameter has been asked to move, the smaller its steps become.

        g ← grad + weight_decay·p
        s ← s + g²                      (starts at initial_accumulator_value)
        p ← p - rate·g / (√s + eps)     rate = lr / (1 + (t - 1)·lr_decay), t = 1, 2, …

    Args:
        params, lr: as for `Optimizer`.
        lr_decay: how fast the rate falls with the number of steps, at least 0.
        weight_decay: as for `SGD`.
        initial_accumulator_value: what s starts at, at least 0.
        eps: keeps the division finite, above 0.

    Source: Duchi, Hazan and Singer, "Adaptive subgradient methods" (2011), and
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adagrad.html
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        lr_decay: float = 0.0,
        weight_decay: float = 0.0,
        initial_accumulator_value: float = 0.0,
        eps: float = 1e-10,
    ) -> None:
        super().__init__(params, lr)
        self.lr_decay = setting("lr_decay", lr_decay)
        self.weight_decay = setting("weight_decay", weight_decay)
        start = setting("initial_accumulator_value", initial_accumulator_value)
        self.eps = positive("eps", eps)
        self.t = 0
        self.squares = per_parameter([start] * len(self.params))

    def _rule(self) -> Rule:
        settings = (self.lr, float(self.t), self.lr_decay, self.eps, self.weight_decay)
        return Rule("adagrad", settings, [self.squares])

    def stepped(self, steps: int = 1) -> None:
        self.t += steps


class RMSprop(Optimizer):
    """RMSprop: every step is divided by the size that the gradients have had lately.

        g ← grad + weight_decay·p
        s ← alpha·s + (1 - alpha)·g²    (starts at 0)
        d ← g / (√s + eps)              (centered: √(s - m²), m ← alpha·m + (1 - alpha)·g)
        v ← momentum·v + d              (with momentum; v starts at 0)
        p ← p - lr·v

    Args:
        params, lr: as for `Optimizer`.
        alpha: how much of the past is kept in s, from 0 up to, not including, 1.
        eps: keeps the division finite, above 0.
        weight_decay, momentum: as for `SGD`.
        centered: divide by the spread of the gradients about their mean.

    Source: Tieleman and Hinton, "Neural networks for machine learning", lecture 6.5 (2012), and
    https://docs.pytorch.org/docs/stable/generated/torch.optim.RMSprop.html
    """

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-2,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(params, lr)
        self.alpha = setting("alpha", alpha, below=1.0)
        self.eps = positive("eps", eps)
        self.weight_decay = setting("weight_decay", weight_decay)
        self.momentum = setting("momentum", momentum)
        self.centered = bool(centered)
        self.squares, self.means = zeros(self.params), zeros(self.params)
        self.velocity = zeros(self.params)

    def _rule(self) -> Rule:
        usual = (self.lr, 0.0, self.alpha, self.eps, self.weight_decay)
        settings = (*usual, self.momentum, float(self.centered))
        return Rule("rmsprop", settings, [self.squares, self.means, self.velocity])


class Adam(Optimizer):
    """Adam: every parameter gets a step size of its own from the sizes of its past gradients.

        g ← grad + weight_decay·p
        m ← β₁·m + (1 - β₁)·g           v ← β₂·v + (1 - β₂)·g²       (both start at 0)
        p ← p - lr·m̂ / (√v̂ + eps)       m̂ = m / (1 - β₁ᵗ), v̂ = v / (1 - β₂ᵗ), t = 1, 2, …

    The hats undo the pull of the zeros that m and v start with, so that the first step has length
    lr, whatever the size of the gradient.

    Args:
        params, lr: as for `Optimizer`.
        betas: β₁ and β₂, how much of the past is kept in m and in v; each from 0 up to, not
            including, 1.
        eps: keeps the division finite, above 0; added outside the root.
        weight_decay: pull towards 0, at least 0, as part of the gradient.

    Source: Kingma and Ba, "Adam: a method for stochastic optimization" (2015), algorithm 1, and
    https://docs.pytorch.org/docs/stable/generated/torch.optim.Adam.html
    """

    update: ClassVar[str] = "adam"

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(params, lr)
        if not isinstance(betas, (tuple, list)) or len(betas) != 2:
            raise ValueError(f"betas must be two numbers, got {betas!r}")
        beta1, beta2 = betas
        self.betas = (setting("betas[0]", beta1, below=1.0), setting("betas[1]", beta2, below=1.0))
        self.eps = positive("eps", eps)
        self.weight_decay = setting("weight_decay", weight_decay)
        self.t = 0
        self.m, self.v = zeros(self.params), zeros(self.params)

    def _rule(self) -> Rule:
        settings = (self.lr, float(self.t), *self.betas, self.eps, self.weight_decay)
        return Rule(self.update, settings, [self.m, self.v])

    def stepped(self, steps: int = 1) -> None:
        self.t += steps


class AdamW(Adam):
    """Adam with a weight decay of its own: the parameter shrinks, whatever its gradients have been.

        p ← p - lr·weight_decay·p, then as Adam without weight decay

    In Adam the decay is part of the gradient, and parameters with large gradients feel it less.
    Arguments as for `Adam`; only the default of `weight_decay` is another.

    Source: Loshchilov and Hutter, "Decoupled weight decay regularization" (2019), algorithm 2, and
    https://docs.pytorch.org/docs/stable/generated/torch.optim.AdamW.html
    """

    update: ClassVar[str] = "adamw"

    def __init__(
        self,
        params: Iterable[Value],
        lr: float = 1e-3,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 1e-2,
    ) -> None:
        super().__init__(params, lr, betas, eps, weight_decay)


OPTIMIZERS: dict[str, Callable[[Iterable[Value]], Optimizer]] = {
    "sgd": SGD,
    "adagrad": Adagrad,
    "rmsprop": RMSprop,
    "adam": Adam,
    "adamw": AdamW,
}


def optimizer_named(name: str, params: Iterable[Value]) -> Optimizer:
    """The optimizer of that name, with its usual settings.

    Raises ValueError for an unknown name.
    """
    kind = OPTIMIZERS.get(name.lower())
    if kind is None:
        raise ValueError(
            f"unknown optimizer {name!r}: {did_you_mean(name.lower(), OPTIMIZERS)}"
            f"Allowed are {', '.join(map(repr, OPTIMIZERS))}, or an optimizer, as in "
            "nn.SGD(model.parameters(), lr=0.1)"
        )
    return kind(params)

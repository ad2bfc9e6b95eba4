"""Optimizers: how the parameters move when their gradients are known.

Formulas, argument names and defaults are PyTorch's. A gradient of 0.0 is a gradient like any other
(PyTorch's rule for zeros, not for None): momentum and weight decay go on acting on a parameter that
backward never reached, so leave out of `params` what must stay as it is. A gradient that is not
finite is stepped along, too.
"""

from __future__ import annotations

from collections.abc import Iterable

from autograd import Value
from autograd.loops import adam, sgd

from .optimizer import Optimizer, per_parameter, setting


class SGD(Optimizer):
    """Stochastic gradient descent: every parameter moves a little way down its gradient.

        g ← grad + weight_decay·p
        v ← momentum·v + g              (with momentum; v starts at 0)
        p ← p - lr·v                    (Nesterov: p - lr·(g + momentum·v))

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
        lr: float,
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
        self.velocity = per_parameter([0.0] * len(self.params))

    def step(self) -> None:
        """Move every parameter once, along the gradient that its `grad` holds now."""
        sgd(self.params, self.velocity, self.lr, self.momentum, self.nesterov, self.weight_decay)


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
        self.eps = setting("eps", eps)
        if not self.eps:
            raise ValueError("eps must be above 0, got 0: it keeps the division finite")
        self.weight_decay = setting("weight_decay", weight_decay)
        self.t = 0
        self.m = per_parameter([0.0] * len(self.params))
        self.v = per_parameter([0.0] * len(self.params))

    def step(self) -> None:
        """Move every parameter once, along the gradient that its `grad` holds now."""
        self.t += 1
        beta1, beta2 = self.betas
        adam(
            self.params, self.m, self.v, self.lr, beta1, beta2, self.eps, self.weight_decay, self.t
        )

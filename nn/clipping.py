"""Clipping: gradients that are too long are shortened before a step, so that it stays small.

See R. Pascanu, T. Mikolov and Y. Bengio, On the difficulty of training recurrent neural networks,
2013. Call one of these between `backward()` and `optimizer.step()`; `nn.fit` has `clip_norm`.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import inf, sqrt

from autograd import Value
from autograd.clipping import clip

from .optimizer import leaves, positive


def clip_grad_norm_(parameters: Iterable[Value], max_norm: float) -> float:
    """Shorten the gradient of all parameters together to a length, if it is longer.

    Returns the length that it had: the root of the sum of the squares of all gradients. As in
    PyTorch: https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_norm_.html

    Raises ValueError for a max_norm that is not above 0.

    >>> a, b = Value(1.0), Value(1.0)
    >>> a.grad, b.grad = 3.0, 4.0
    >>> clip_grad_norm_([a, b], 1.0), round(a.grad, 3), round(b.grad, 3)
    (5.0, 0.6, 0.8)
    """
    params = leaves(parameters, "clip_grad_norm_")
    norm = sqrt(sum(p.grad * p.grad for p in params))
    if max_norm != inf:
        clip(params, positive("max_norm", max_norm, "it is a length"))
    return norm


def clip_grad_value_(parameters: Iterable[Value], clip_value: float) -> None:
    """Bring every gradient into the range from -clip_value to clip_value.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.utils.clip_grad_value_.html

    >>> w = Value(1.0)
    >>> w.grad = -7.0
    >>> clip_grad_value_([w], 2.0)
    >>> w.grad
    -2.0
    """
    most = positive("clip_value", clip_value, "it is a size")
    for p in leaves(parameters, "clip_grad_value_"):
        p.grad = min(most, max(-most, p.grad))

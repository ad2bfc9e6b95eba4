"""Clipping: a gradient that is longer than a norm, shortened to that; epoch.h has its twin in C."""

from __future__ import annotations

from collections.abc import Sequence
from math import inf, sqrt
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd.value import Value


def clip(params: Sequence[Value], max_norm: float) -> None:
    """Shorten the gradient of these parameters together; with inf nothing is done.

    By max_norm / (norm + 1e-6), if that is less than 1, as PyTorch does.
    """
    if max_norm == inf:
        return
    share = max_norm / (sqrt(sum([p.grad * p.grad for p in params])) + 1e-6)
    if share < 1.0:
        for p in params:
            p.grad *= share

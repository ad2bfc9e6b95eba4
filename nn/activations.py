"""Activations: the function a neuron passes its weighted sum through.

Every operation of the table that can be called with one number is one, by its name; so is any
function of a Value.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeAlias

from autograd.operation import Reduction
from autograd.ops import ROWS

from .suggestion import did_you_mean

Activation: TypeAlias = str | Callable[[Any], Any] | None


def activation_function(activation: Activation) -> Callable[[Any], Any] | None:
    """The function behind `activation`, or None where the weighted sum is left as it is.

    Raises ValueError for a name that is not an operation of one number, TypeError for what is
    neither a name, nor a function, nor None.

    >>> activation_function("relu")(-3.0)
    0.0
    """
    if activation is None or activation == "linear":
        return None
    if callable(activation):
        return activation
    if not isinstance(activation, str):
        raise TypeError(
            "activation must be the name of an operation, a function of one Value or None, "
            f"got {activation!r}"
        )
    allowed = sorted(
        name
        for name, row in ROWS.items()
        if len(row.inputs) - len(row.defaults) == 1 and not isinstance(row, Reduction)
    )
    if activation not in allowed:
        raise ValueError(
            f"unknown activation {activation!r}: {did_you_mean(activation, allowed)}"
            f"Allowed are {', '.join(allowed)}, any function of one Value, and None or 'linear' "
            "for none"
        )
    return ROWS[activation]


def activation_name(activation: Callable[[Any], Any] | None) -> str:
    """The name of an activation function, "linear" for None."""
    if activation is None:
        return "linear"
    name: str = getattr(activation, "__name__", type(activation).__name__)
    return name

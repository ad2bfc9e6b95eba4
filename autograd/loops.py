"""Loops over many Values that a network runs again and again; the native engine has them in C."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from math import sqrt
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.engine import native
from autograd.real import plain

if TYPE_CHECKING:
    from autograd.value import Value


def layer(neurons: list[Any], kind: type[Any], inputs: Iterable[Any]) -> list[Any] | None:
    """The answers of neurons side by side to one row: the sums first, then the activations.

    For neurons that are all of this kind, with one and the same activation; None for others.
    """
    activation = neurons[0].activation if neurons else None
    for neuron in neurons:
        if type(neuron) is not kind or neuron.activation is not activation:
            return None
    totals = [ops.dot(n.weights, inputs, n.bias) for n in neurons]
    return totals if activation is None else list(map(activation, totals))


def zero_grad(params: list[Value]) -> None:
    """Set every gradient to 0."""
    for p in params:
        p.grad = 0.0


def sgd(
    params: list[Value],
    velocity: array[float],
    lr: float,
    momentum: float,
    nesterov: bool,
    weight_decay: float,
) -> None:
    """One step of stochastic gradient descent; `velocity` is updated in place."""
    for i, p in enumerate(params):
        g = plain(p.grad)
        if weight_decay:
            g += weight_decay * p.data
        if momentum:
            v = velocity[i] = momentum * velocity[i] + g
            g = g + momentum * v if nesterov else v
        p.data -= lr * g


def adam(
    params: list[Value],
    m: array[float],
    v: array[float],
    lr: float,
    beta1: float,
    beta2: float,
    eps: float,
    weight_decay: float,
    t: int,
) -> None:
    """Step number `t` of Adam, from 1; `m` and `v` are updated in place."""
    rate, root = lr / (1.0 - beta1**t), sqrt(1.0 - beta2**t)
    for i, p in enumerate(params):
        g = plain(p.grad)
        if weight_decay:
            g += weight_decay * p.data
        first = m[i] = beta1 * m[i] + (1.0 - beta1) * g
        second = v[i] = beta2 * v[i] + (1.0 - beta2) * g * g
        p.data -= rate * first / (sqrt(second) / root + eps)


if native:
    layer, zero_grad, sgd, adam = native.layer, native.zero_grad, native.sgd, native.adam

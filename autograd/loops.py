"""Loops over many Values that a network runs again and again; the native engine has them in C."""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Sequence
from math import isfinite
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.engine import native
from autograd.real import plain
from autograd.updates import UPDATES

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


def read_data(params: list[Value], numbers: array[float]) -> bool:
    """Copy the data of every parameter into an array; returns whether all of it is finite."""
    for i, p in enumerate(params):
        numbers[i] = p.data
    return all(map(isfinite, numbers))


def write_data(params: list[Value], numbers: array[float]) -> None:
    """Copy an array into the data of every parameter."""
    for p, number in zip(params, numbers, strict=True):
        p.data = number


def update(
    rule: str, params: list[Value], settings: tuple[float, ...], state: Sequence[array[float]]
) -> None:
    """One step along the gradients by a rule of `updates`; the state is updated in place."""
    data = [p.data for p in params]
    UPDATES[rule](data, [plain(p.grad) for p in params], state, settings)
    for p, number in zip(params, data):
        p.data = number


if native:
    layer, zero_grad, update = native.layer, native.zero_grad, native.update
    read_data, write_data = native.read_data, native.write_data

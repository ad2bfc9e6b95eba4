"""Stacking: the results of many rows as one, with a first axis for the rows."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

from autograd import modes
from autograd.chosen import Value
from autograd.tape import signature
from autograd.tape.lanes import numpy
from autograd.tape.recording import Recording
from autograd.transforms.structure import Array, Form, assemble, leaves, take_apart


def stacked(results: Sequence[Any], name: str, oldest: Value) -> Any:
    """The results of all rows as one; a Value made since the `oldest`, of nothing, is a number."""
    taken = [take_apart(result, f"the result of {name}") for result in results]
    if not taken:
        return numpy().empty(0)
    form = taken[0][1]
    shapes = [shape_of(x) for x in leaves(form)]
    if any([shape_of(x) for x in leaves(other)] != shapes for _, other in taken):
        raise ValueError(f"{name} returns results of different shapes for different rows")
    at, stacks = 0, []
    for leaf in leaves(form):
        flat = [x for numbers, _ in taken for x in numbers[at : at + leaf.size]]
        stacks.append(stack(flat, (len(taken), *shape_of(leaf)), oldest))
        at += leaf.size
    return assemble(form, iter(stacks))


def shape_of(leaf: Form) -> tuple[int, ...]:
    """The shape of what one row returns."""
    return leaf.shape if isinstance(leaf, Array) else ()


def stack(flat: list[Any], shape: tuple[int, ...], oldest: Value) -> Any:
    """An array of floats; or of Values where a gradient can flow, or a recording sees them."""
    values = [x for x in flat if isinstance(x, Value)]
    if modes.recorder():
        keep = bool(values)
    else:
        keep = modes.recording() and any(x.parents or x._birth < oldest._birth for x in values)
    if keep:
        return signature.array_of(flat, shape)
    return numpy().array([getattr(x, "_data", x) for x in flat], dtype=float).reshape(shape)


def stacked_numbers(outputs: Any, recording: Recording, rows: int) -> Any:
    """The same where one recording served all rows: without a look at each."""
    np = numpy()
    columns = {place: outputs[:, k] for k, place in enumerate(recording.which)}
    at, stacks = 0, []
    for leaf in leaves(recording.form):
        parts = [columns.get(at + i) for i in range(leaf.size)]
        whole = [
            np.full(rows, getattr(recording.outs[at + i], "_data", recording.outs[at + i]))
            if part is None
            else part
            for i, part in enumerate(parts)
        ]
        if isinstance(leaf, Array):
            stacks.append(
                np.stack(whole, axis=1).reshape((rows, *leaf.shape))
                if prod(leaf.shape)
                else np.empty((rows, *leaf.shape))
            )
        else:
            stacks.append(np.ascontiguousarray(whole[0]))
        at += leaf.size
    return assemble(recording.form, iter(stacks))

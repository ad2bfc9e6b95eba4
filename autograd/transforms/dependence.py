"""Dependence: which results of a run depend on which of its variables, by what it recorded."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd import sweeps
from autograd.transforms.colouring import Lines
from autograd.transforms.recorded import Recorded, roots_among


def pattern(run: Recorded, numbers: Sequence[Any]) -> list[list[int]]:
    """Of each number that a run returned, the places of the variables it depends on, in order."""
    roots, which = roots_among(numbers)
    rows: list[list[int]] = [[] for _ in numbers]
    if not run.variables or not roots:
        return rows
    order, _ = sweeps.reach(roots, run.variables[0])
    place = {node: k for k, node in enumerate(order)}
    inputs = [tuple([place[p] for p in node.parents if p in place]) for node in order]
    starts = {place[v]: [j] for j, v in enumerate(run.variables) if v in place}
    ends: dict[int, list[int]] = {}
    for i, root in zip(which, roots, strict=True):
        if root in place:
            ends.setdefault(place[root], []).append(i)
    if len(starts) <= len(ends):
        found = gathered(inputs, starts, ends)
        for k, those in ends.items():
            for i in those:
                rows[i] = sorted(found[k])
        return rows
    found = gathered(reversed_links(inputs), mirrored(ends, order), mirrored(starts, order))
    columns: list[list[int]] = [[] for _ in run.variables]
    for k, those in starts.items():
        columns[those[0]] = sorted(found[len(order) - 1 - k])
    return transposed(columns, len(numbers))


def gathered(inputs: Lines, marked: dict[int, list[int]], kept: Iterable[int]) -> list[set[int]]:
    """All marks that reach each of the kept nodes; the inputs of a node come before it.

    A set that no later node asks for is added to, not copied: a sum of n terms, written as a loop,
    takes n steps and not n².
    """
    last = [-1] * len(inputs)  # which node is the last to ask
    for k, sources in enumerate(inputs):
        for i in sources:
            last[i] = k
    for i in kept:
        last[i] = len(inputs)
    nothing = set[int]()
    sets = [nothing] * len(inputs)
    for k, sources in enumerate(inputs):
        own: set[int] = set(marked[k]) if k in marked else nothing
        shared = []
        for i in sources:
            marks = sets[i]
            if not marks:
                continue
            if last[i] != k:
                shared.append(marks)
                continue
            sets[i] = nothing
            own, marks = (own, marks) if len(own) > len(marks) else (marks, own)
            own |= marks
        if shared:
            own = own or set()
            own.update(*shared)
        sets[k] = own
    return sets


def reversed_links(inputs: Lines) -> list[list[int]]:
    """The same graph from its end: what a node was an input of is now its input."""
    end = len(inputs) - 1
    turned: list[list[int]] = [[] for _ in inputs]
    for k, sources in enumerate(inputs):
        for i in sources:
            turned[end - i].append(end - k)
    return turned


def mirrored(marked: dict[int, list[int]], order: Sequence[Any]) -> dict[int, list[int]]:
    """The places counted from the end."""
    return {len(order) - 1 - k: marks for k, marks in marked.items()}


def transposed(rows: Lines, columns: int) -> list[list[int]]:
    """Of each column, the rows it has entries in."""
    turned: list[list[int]] = [[] for _ in range(columns)]
    for i, row in enumerate(rows):
        for j in row:
            turned[j].append(i)
    return turned

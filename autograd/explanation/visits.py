"""Visits of a backward pass that goes about it wrongly: too often, or in the wrong order."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence

from autograd.explanation.paths import Routes
from autograd.explanation.report import passed_on


def follow(way: Routes, limit: int, recount: bool) -> tuple[list[float], int | None]:
    """Either recursion, with a stack of its own; and after how many calls it was stopped."""
    grads = [0.0] * len(way.nodes)
    waiting, calls = [(len(grads) - 1, 1.0)], 0
    while waiting:
        if calls == limit:
            return grads, calls
        calls += 1
        i, grad = waiting.pop()
        grads[i] += grad
        if recount:
            grad = grads[i]
        for parent, _, local_grad in reversed(way.edges[i]):
            waiting.append((parent, passed_on(local_grad, grad)))
    return grads, None


def number_of_calls(way: Routes) -> int:
    """How often a recursion visits all nodes together: once for each path there from the loss."""
    visits, calls = [0] * len(way.nodes), 0
    visits[-1] = 1
    for i in reversed(range(len(visits))):
        calls += visits[i]
        for parent, _, _ in way.edges[i]:
            visits[parent] += visits[i]
        visits[i] = 0  # of a long ladder these are long numbers
    return calls


def visits(way: Routes, order: str) -> Iterable[int]:
    """The nodes in an order that is wrong."""
    if order == "forward":
        return range(len(way.nodes))
    found, seen, waiting = list[int](), set[int](), deque([len(way.nodes) - 1])
    while waiting:
        i = waiting.pop() if order == "depth first" else waiting.popleft()
        if i not in seen:
            seen.add(i)
            found.append(i)
            parents: Sequence[int] = [parent for parent, _, _ in way.edges[i]]
            waiting.extend(parents[::-1] if order == "depth first" else parents)
    return found

"""Copies and pickles of a graph that keep it whole, however deep: parents always go first."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

_state = threading.local()  # .flat: this thread is pickling a history, node by node


def restore(data: float, grad: float, name: str | None, operation: Any, *edges: Any) -> Any:
    """A node from its parts, as they were."""
    from autograd.value import node  # the class that is being copied: known once it exists

    value = node(operation, data, *edges)
    value.grad, value.name = grad, name
    return value


def parts(value: Any, copied: dict[int, Any]) -> tuple[Any, ...]:
    """What restore() takes, with every Value that has been copied replaced by its copy."""
    own = (value.data, value.grad, value.name, value.operation)
    operands, parents = (
        tuple(copied.get(id(x), x) for x in values) for values in (value.operands, value.parents)
    )
    return (*own, operands, parents, value.local_grads)


def copy(self: Any) -> Any:
    """A second node with the same parents."""
    return restore(*parts(self, {}))


def deepcopy(self: Any, memo: dict[int, Any]) -> Any:
    """A copy of the whole history: backward() on it reaches the copied leaves."""
    for value in self.history():
        if id(value) not in memo:
            memo[id(value)] = restore(*parts(value, memo))
    return memo[id(self)]


def reduce(self: Any) -> tuple[Any, ...]:
    """Pickle as the last of its history, so that no node is met before its parents."""
    if not self.operands or getattr(_state, "flat", False):
        return restore, parts(self, {})
    return last, (History(self),)


def last(values: list[Any]) -> Any:
    """The result among its history."""
    return values[-1]


class History:
    """Stands for the history of a node while it is pickled; comes back as a plain list."""

    def __init__(self, value: Any) -> None:
        self.value = value

    def __reduce__(self) -> tuple[Any, ...]:
        return list, (), None, self._nodes()

    def _nodes(self) -> Iterator[Any]:
        _state.flat = True
        try:
            yield from self.value.history()
        finally:
            _state.flat = False

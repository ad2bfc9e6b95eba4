"""Copies and pickles of a graph that keep it whole, however deep: parents always go first."""

from __future__ import annotations

import threading
import weakref
from collections.abc import Iterator
from typing import Any

from autograd.real import plain

_state = threading.local()  # .pickled: the History that this thread is pickling, node by node


def restore(
    data: float,
    grad: float,
    name: str | None,
    operation: Any,
    operands: tuple[Any, ...],
    parents: tuple[Any, ...],
    local_grads: tuple[float, ...],
    call: Any = None,
) -> Any:
    """A node from its parts, as they were."""
    from autograd import Value  # of the engine that runs now: it may not be the one that pickled

    value = Value._node(operation, data, operands, parents, local_grads)
    value.grad, value.name, value._call = grad, name, call
    return value


def parts(value: Any, copied: dict[int, Any]) -> tuple[Any, ...]:
    """What restore() takes, with every Value that has been copied replaced by its copy."""
    operands, parents = value.operands, value.parents
    if copied:
        operands = tuple([copied.get(id(x), x) for x in operands])
        parents = tuple([copied.get(id(x), x) for x in parents])
    own = (value.data, plain(value.grad), value.name, value.operation)
    return (*own, operands, parents, value.local_grads, value._call)


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
    if not self.operands or getattr(_state, "pickled", lambda: None)():
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
        _state.pickled = weakref.ref(self)
        return list, (), None, iter(self.value.history()), self._end()

    def _end(self) -> Iterator[Any]:
        # asked for dictionary items, of which there are none, when every node has been written
        del _state.pickled
        yield from ()

"""Unfolding: a node as the steps that its row of the table is written in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd.drawing.grouping import Graph
from autograd.modes import recording_again
from autograd.operation import Reduction, Softmax
from autograd.real import plain

if TYPE_CHECKING:
    from autograd.value import Value

Unfold = bool | str | Iterable[Any]


class Steps:
    """The steps of one node, as a small graph of its own whose leaves stand for its parents."""

    def __init__(self, value: Value) -> None:
        stand_in = {parent: parent.detach() for parent in value.parents}
        self.parent_of = {leaf: parent for parent, leaf in stand_in.items()}
        operands = [x if isinstance(x, float) else stand_in.get(x, x.data) for x in value.operands]
        with recording_again():
            self.last = last_step(value.operation, operands)
            made = self.last.history() if hasattr(self.last, "history") else []  # or a plain number
            self.values = [v for v in made if v not in self.parent_of]
            if self.values and value.grad != 0.0:
                self.last.backward(plain(value.grad))


def last_step(operation: Any, operands: list[Any]) -> Any:
    """The operation as it is written in the table, on Values."""
    if isinstance(operation, Softmax):
        *xs, k = operands
        return operation.value(xs)[int(k)]
    return (
        operation.value(operands)
        if isinstance(operation, Reduction)
        else operation.value(*operands)
    )


def steps(value: Value) -> Steps | None:
    """The steps of a node; None where it is one step itself."""
    operation = value.operation
    if operation is None or not value.parents or operation.from_math or operation.name == "take":
        return None
    try:
        found = Steps(value)
    except TypeError:  # the rule of a custom operation may be for plain numbers only
        return None
    return found if len(found.values) > 1 else None


def unfolded(graph: Graph, unfold: Unfold, shown: Sequence[int]) -> dict[Value, Steps]:
    """The steps of every node shown that is asked for: by itself, its label, or its operation.

    Raises ValueError where nothing is called so, or what is called so is one step itself.
    """
    if unfold is True:
        return {v: inside for i in shown if (inside := steps(v := graph.values[i]))}
    wanted = [unfold] if isinstance(unfold, str) or hasattr(unfold, "history") else unfold or ()
    if not isinstance(wanted, Iterable):
        raise TypeError(
            "unfold is True, an operation such as 'dot', the label of a node, a Value, or a list "
            f"of them, got {unfold!r}"
        )
    found: dict[Value, Steps] = {}
    for one in wanted:
        chosen = [v for i in shown if asked_for(one, v := graph.values[i], graph.labels[i])]
        if not chosen:
            raise ValueError(f"unfold: no node that is shown is {one!r}; {known(graph)}")
        fresh = {v: s for v in chosen if (s := steps(v))}
        if not fresh:
            raise ValueError(f"unfold: {one!r} is one step and has none inside; {known(graph)}")
        found.update(fresh)
    return found


def asked_for(one: Any, value: Value, label: str) -> bool:
    return one in (label, value.op) if isinstance(one, str) else one is value


def known(graph: Graph) -> str:
    """What can be unfolded."""
    ops = sorted(op for op, v in {v.op: v for v in graph.values}.items() if steps(v))
    return f"what can be unfolded are {', '.join(ops)}" if ops else "nothing in it can be unfolded"

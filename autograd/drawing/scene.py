"""A scene is everything a picture shows, as plain data copied from the graph.

Later changes of the graph do not reach a scene, so a picture once drawn stays as it was.
"""

from __future__ import annotations

import heapq
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.drawing.lettering import number
from autograd.naming import labels
from autograd.real import plain
from autograd.text import Text, elide, write

if TYPE_CHECKING:
    from autograd.value import Value


FOLD = "fold"  # the key of the card that stands for all the nodes left out


@dataclass(frozen=True)
class Node:
    """One value of the graph."""

    key: str  # "n" and the place in the history
    label: str  # unique in the picture
    op: str  # "multiply"; "" for a leaf
    symbol: str  # "×", "tanh", "^ 2"; "" for a leaf
    constants: tuple[float, ...]  # constant operands that the symbol does not show
    data: float
    grad: float | None  # None: the backward pass has not been here


@dataclass(frozen=True)
class Edge:
    """One use of a value as an operand."""

    tail: str  # key of the parent
    head: str  # key of the result
    operand: int  # which operand of the head
    local: float  # ∂head/∂tail
    flow: float | None  # local × grad of the head: what this use adds to the parent's grad


@dataclass(frozen=True)
class Fold:
    """All the nodes that were left out, as one."""

    key: str
    count: int  # nodes left out
    bundles: tuple[tuple[str, int], ...]  # key of a node shown; its operands left out, if several


@dataclass(frozen=True)
class Scene:
    """A graph as it was at one moment, with the words around it."""

    title: str
    notes: tuple[str, ...]
    root: str
    root_label: str
    nodes: tuple[Node, ...]
    edges: tuple[Edge, ...]
    fold: Fold | None
    backward: bool  # has a backward pass started from the root?

    @property
    def total(self) -> int:
        """How many nodes the graph has, shown or not."""
        return len(self.nodes) + (self.fold.count if self.fold else 0)


def scene(root: Value, title: str | None, max_nodes: int) -> Scene:
    """Copy the graph of `root`, or the `max_nodes` nodes nearest to it, into a scene."""
    history = root.history()
    names = labels(history)
    shown = set(history) if len(history) <= max_nodes else nearest(root, max_nodes)
    keys, label_of = {}, {}
    for index, (value, name) in enumerate(zip(history, names, strict=True)):
        if value in shown:
            keys[value], label_of[value] = f"n{index}", name
    backward = root.grad != 0.0
    nodes, edges, bundles = [], [], []
    for value, key in keys.items():
        symbol, constants = operation_text(value)
        grad = plain(value.grad) if backward or value.grad != 0.0 else None
        label = label_of[value]
        nodes.append(Node(key, label, value.op, symbol, constants, value.data, grad))
        uses = operands(value)
        hidden = sum(parent not in keys for parent, _, _ in uses)
        for parent, local, operand in uses:
            if parent in keys or hidden == 1:
                flow = None if grad is None else local * grad
                edges.append(Edge(keys.get(parent, FOLD), key, operand, local, flow))
        if hidden > 1:
            bundles.append((key, hidden))
    left_out = len(history) - len(nodes)
    label = label_of[root]
    return Scene(
        title=statement(root, label, label_of) if title is None else title,
        notes=notes(label, backward, len(nodes), len(history)),
        root=keys[root],
        root_label=label,
        nodes=tuple(nodes),
        edges=tuple(edges),
        fold=Fold(FOLD, left_out, tuple(bundles)) if left_out else None,
        backward=backward,
    )


def nearest(root: Value, limit: int) -> set[Value]:
    """The `limit` nodes with the fewest steps to the root; of equals, the largest gradients."""
    shown = {root}
    level: Iterable[Value] = [root]
    while len(shown) < limit:
        parents = dict.fromkeys(p for v in level for p in v.parents if p not in shown)
        if not parents:
            break
        level = heapq.nlargest(limit - len(shown), parents, key=lambda v: magnitude(plain(v.grad)))
        shown.update(level)
    return shown


def magnitude(grad: float) -> float:
    """|grad|, with nan before everything: it is what a reader looks for."""
    return abs(grad) if grad == grad else float("inf")


def operands(value: Value) -> list[tuple[Value, float, int]]:
    """Every use of a parent: the parent, its local derivative, which operand it is."""
    places = [i for i, operand in enumerate(value.operands) if not isinstance(operand, float)]
    if len(places) != len(value.parents):  # a node made by hand
        places = list(range(len(value.parents)))
    return list(zip(value.parents, value.local_grads, places, strict=True))


def operation_text(value: Value) -> tuple[str, tuple[float, ...]]:
    """What the badge of a node says, and the constants that did not fit into it."""
    if not value.parents and not value.op:
        return "", ()
    symbol = symbol_of(value)
    constants = tuple(operand for operand in value.operands if isinstance(operand, float))
    if not constants:
        return symbol, ()
    if len(value.operands) <= 3:
        spelled = spell(
            symbol, [number(x) if isinstance(x, float) else "" for x in value.operands], "·"
        )
        if len(spelled) <= 14:
            return spelled, ()
    return symbol, constants


def spell(symbol: str, words: list[str], blank: str = "") -> str:
    """Write an operation between two words, or before a list of them.

    >>> spell("×", ["a", "b"]), spell("^", ["", "2"]), spell("max", ["", "0"], "·")
    ('a × b', '^ 2', 'max(·, 0)')
    """
    if len(words) == 2 and not symbol[:1].isalpha():
        return f"{words[0]} {symbol} {words[1]}".strip()
    return f"{symbol}({', '.join(word or blank for word in words)})"


def symbol_of(value: Value) -> str:
    """The operation as the table writes it; a node made by hand may have no name: ƒ."""
    operation: Any = value.operation
    return operation.symbol if operation is not None else value.op or "ƒ"


def statement(root: Value, label: str, label_of: dict[Value, str]) -> str:
    """How the root was made, for a title: "L = d × f"."""
    if not root.parents:
        return label
    words = [x if isinstance(x, float) else Text(label_of.get(x, "…")) for x in root.operands]
    formula = write(root.operation, words) if root.operation else Text.call("ƒ", elide(words, Text))
    return f"{label} = {formula}"


def notes(label: str, backward: bool, shown: int, total: int) -> tuple[str, ...]:
    """The line under the title: what the numbers on the picture mean."""
    lines = ["data = forward value"]
    lines += [f"grad = ∂{label}/∂node" if backward else "grad = · until backward() runs"]
    if total > 1:
        lines += ["edge label = local derivative"]
    if total > 1 and backward:
        lines += ["edge width = |local × grad|"]
    if shown < total:
        lines += [f"{shown:,} of {total:,} nodes shown"]
    return tuple(lines)

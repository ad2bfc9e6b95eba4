"""A scene is everything a picture shows, as plain data copied from the graph.

Later changes of the graph do not reach a scene, so a picture once drawn stays as it was. All of it
is text, numbers and tuples: `dataclasses.asdict(scene)` is ready for JSON.
"""

from __future__ import annotations

from dataclasses import dataclass

LEFT_OUT = "fold"  # the key of the group of all nodes that were left out


@dataclass(frozen=True)
class Node:
    """One value of the graph."""

    key: str  # "n" and the place in the history; of a step inside an unfolded node "n7.1"
    label: str  # unique in the picture
    heading: str  # what its card says: the label, less what the boxes around it say
    op: str  # "multiply"; "" for a leaf
    symbol: str  # "×", "tanh", "^ 2"; "" for a leaf
    constants: tuple[float, ...]  # constant operands that the symbol does not show
    data: float | None  # None: the forward pass has not been here
    grad: float | None  # None: the backward pass has not been here
    group: str = ""  # key of the group it lies in; "" for none
    formula: str = ""  # how it was computed, where the scene has a table: "a × b"


@dataclass(frozen=True)
class Group:
    """Nodes that belong together: in a box, or folded into a card of its own."""

    key: str
    path: str  # what `fold` calls it: "MLP/layers.0"; "" for a group that has no scope
    title: str
    symbol: str  # of the operation that all of its nodes are; "" for a scope
    group: str  # key of the group it lies in; "" for none
    folded: bool
    count: int  # nodes in it
    parameters: int  # leaves among them
    times: int  # how often it was called
    data: tuple[float, float] | None  # least and largest; None where there is no number
    grad: tuple[float, float] | None
    broken: bool  # is a nan or an infinity among the numbers?


@dataclass(frozen=True)
class Edge:
    """One use of a value as an operand; to or from a folded group, all uses as one."""

    tail: str  # key of the parent, or of the folded group it is in
    head: str  # key of the result
    operand: int  # which operand of the head
    local: float | None  # ∂head/∂tail; None for several uses as one, or not yet
    flow: float | None  # local × grad of the head, what this use adds to the parent's grad; summed
    count: int = 1  # uses
    back: bool = False  # from a folded group to one that it is also made from


@dataclass(frozen=True)
class Scene:
    """A graph as it was at one moment, with the words around it."""

    title: str
    notes: tuple[str, ...]
    root: str  # key of the result, or of the folded group it is in
    root_label: str
    total: int  # how many nodes the graph has, shown or not
    nodes: tuple[Node, ...]
    groups: tuple[Group, ...]  # outer ones before inner ones
    edges: tuple[Edge, ...]
    backward: bool  # has a backward pass started from the root?
    cards: tuple[str, ...]  # key of the card that shows each node of the graph
    tabled: bool = False  # with the evaluation trace as a table beside it

    @property
    def shown(self) -> int:
        """How many nodes have cards of their own."""
        return len(self.nodes)

    @property
    def fold(self) -> Group | None:
        """All the nodes that were left out, as one."""
        return next((group for group in self.groups if group.key == LEFT_OUT), None)

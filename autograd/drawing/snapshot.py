"""A scene copied from a graph: some nodes as cards of their own, the others folded into groups."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograd.drawing.contents import Bundle, Groups
from autograd.drawing.grouping import Graph
from autograd.drawing.order import with_backs
from autograd.drawing.scene import LEFT_OUT, Edge, Node, Scene
from autograd.drawing.unfolding import Steps
from autograd.drawing.words import notes, operation_text, statement
from autograd.real import plain

if TYPE_CHECKING:
    from autograd.value import Value

Bundles = Mapping[int, Bundle]  # of the nodes that are no cards of their own, by their place


def scene(graph: Graph, bundles: Bundles, steps: Mapping[Value, Steps], title: str | None) -> Scene:
    """Copy a graph into a scene."""
    root, backward = graph.root, graph.root.grad != 0.0
    groups = Groups(graph.times)
    keys = [
        f"n{i}" if (bundle := bundles.get(i)) is None else groups.folded(bundle)
        for i in range(len(graph.values))
    ]
    nodes, lines = list[Node](), Lines()
    for i, value in enumerate(graph.values):
        grad = grad_of(value, backward)
        folded = keys[i] if i in bundles else ""
        group = folded or groups.open(graph.paths[i])
        if group:
            groups.contents[group].add(value.data, grad, not value.parents)
        tails = [*map(keys.__getitem__, map(graph.place.__getitem__, value.parents))]
        if folded:
            if tails.count(folded) < len(tails):
                lines.draw(value, folded, grad, tails)
        elif value in steps:
            whole = node(graph, i, grad, group)
            nodes += unfolded(groups, lines, steps[value], whole, dict(zip(value.parents, tails)))
        else:
            nodes.append(node(graph, i, grad, group))
            lines.draw(value, keys[i], grad, tails)
    label = graph.labels[-1]
    edges = with_backs(tuple(lines.edges()))
    made = groups.finished()
    cards = sum(group.folded and group.key != LEFT_OUT for group in made)
    left_out = sum(group.count for group in made if group.key == LEFT_OUT)
    shown = len(graph.values) - len(bundles)
    headings = {v: heading(graph, i) for i, v in enumerate(graph.values) if i not in bundles}
    return Scene(
        title=statement(root, label, headings) if title is None else title,
        notes=notes(label, backward, len(graph.values), shown, cards, left_out),
        root=keys[-1],
        root_label=label,
        total=len(graph.values),
        nodes=tuple(nodes),
        groups=made,
        edges=edges,
        backward=backward,
        cards=tuple(keys),
    )


def grad_of(value: Value, backward: bool) -> float | None:
    """The gradient as a number; None where no backward pass has been."""
    return plain(value.grad) if backward or value.grad != 0.0 else None


def heading(graph: Graph, i: int) -> str:
    """What a node is called where its scope is plain to see: by its name alone."""
    return (graph.paths[i] and graph.values[i].name) or graph.labels[i]


def node(graph: Graph, i: int, grad: float | None, group: str) -> Node:
    """A node with a card of its own."""
    value = graph.values[i]
    symbol, constants = operation_text(value)
    return Node(
        key=f"n{i}",
        label=graph.labels[i],
        heading=heading(graph, i),
        op=value.op,
        symbol=symbol,
        constants=constants,
        data=value.data,
        grad=grad,
        group=group,
    )


def unfolded(
    groups: Groups, lines: Lines, steps: Steps, whole: Node, origins: Mapping[Value, str]
) -> list[Node]:
    """A node as the steps inside it, in a box; the last of them is the node itself."""
    box = f"u{whole.key[1:]}"
    groups.look(box, Bundle(f"{whole.heading} = {whole.symbol}"), whole.group, False)
    found = list[Node]()
    tails = {leaf: origins[parent] for leaf, parent in steps.parent_of.items()}
    for k, step in enumerate(steps.values):
        last = step is steps.last
        key = tails[step] = whole.key if last else f"{whole.key}.{k + 1}"
        label = whole.label if last else f"{whole.label}.{k + 1}"
        grad = None if whole.grad is None else plain(step.grad)
        symbol, constants = operation_text(step)
        heading, data = whole.heading if last else label, whole.data if last else step.data
        found.append(Node(key, label, heading, step.op, symbol, constants, data, grad, box))
        groups.contents[box].add(step.data, grad, False)
        lines.draw(step, key, grad, [tails[parent] for parent in step.parents])
    return found


@dataclass
class Line:
    """A line in the making: one use, or several as one."""

    operand: int
    local: float
    flow: float | None
    count: int = 1


class Lines:
    """The edges of a scene in the making: of those that run alike to or from a group, one."""

    def __init__(self) -> None:
        # by head, then by tail; between two nodes by tail and operand
        self.found = defaultdict[str, dict[str | tuple[str, int], Line]](dict)

    def draw(self, value: Value, head: str, grad: float | None, tails: Sequence[str]) -> None:
        """The edges to a node from its parents, but those in the same group."""
        arriving = self.found[head]
        single, places = head[0] == "n", list[int]()
        for k, (tail, local) in enumerate(zip(tails, value.local_grads)):
            if tail == head:
                continue
            flow = None if grad is None else local * grad
            key = (tail, k) if single and tail[0] == "n" else tail
            line = arriving.get(key)
            if line is None:
                places = places or operands(value)
                arriving[key] = Line(places[k], local, flow)
            else:
                line.count += 1
                if flow is not None:
                    line.flow = flow if line.flow is None else line.flow + flow

    def edges(self) -> list[Edge]:
        """All of them, in the order of their heads."""
        return [
            Edge(
                tail=key if isinstance(key, str) else key[0],
                head=head,
                operand=line.operand,
                local=line.local if line.count == 1 else None,
                flow=line.flow,
                count=line.count,
            )
            for head, arriving in self.found.items()
            for key, line in arriving.items()
        ]


def operands(value: Value) -> list[int]:
    """Which operand each parent is: constants stand between them."""
    places = [i for i, operand in enumerate(value.operands) if not isinstance(operand, float)]
    return places if len(places) == len(value.parents) else list(range(len(value.parents)))

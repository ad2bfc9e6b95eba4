"""What changed between two scenes: nodes and edges in pairs, matched by name and structure."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Any

from autograd.drawing.scene import Edge, Group, Node, Scene
from autograd.drawing.words import counted

GONE = "gone-"  # before the key of what there is no more


@dataclass(frozen=True)
class NodeChange:
    """A node before and after; None on the side where it is not."""

    key: str
    group: str
    before: Node | None
    after: Node | None

    @property
    def shown(self) -> Node:
        """The node as it is, or was."""
        node = self.after or self.before
        assert node is not None
        return node


@dataclass(frozen=True)
class GroupChange:
    """A folded group before and after."""

    before: Group | None
    after: Group


@dataclass(frozen=True)
class EdgeChange:
    """A use of a value as an operand, before and after."""

    tail: str
    head: str
    operand: int
    before: Edge | None
    after: Edge | None

    @property
    def back(self) -> bool:
        return self.after is not None and self.after.back


@dataclass(frozen=True)
class Changes:
    """Two scenes as one: everything that is in either."""

    title: str
    notes: tuple[str, ...]
    root: str
    root_label: str
    total: int
    nodes: tuple[NodeChange, ...]
    folded: tuple[GroupChange, ...]
    frames: tuple[Group, ...]
    edges: tuple[EdgeChange, ...]
    backward: bool
    cards: tuple[()] = ()  # a page has no steps to go through here


def changes(before: Scene, after: Scene, title: str | None) -> Changes:
    """What changed from one scene to another."""
    now = matched(before, after)  # the key now of what has one before
    was = {new: old for old, new in now.items()}
    old_nodes = {node.key: node for node in before.nodes}
    old_groups = {group.key: group for group in before.groups}
    frames = {group.path: group.key for group in after.groups if not group.folded}
    place = {old: now.get(old, GONE + old) for old in [*old_nodes, *old_groups]}
    nodes = [
        NodeChange(node.key, node.group, old_nodes.get(was.get(node.key, "")), node)
        for node in after.nodes
    ]
    for node in before.nodes:
        if node.key not in now:
            path = old_groups[node.group].path if node.group else ""
            nodes.append(NodeChange(GONE + node.key, frames.get(path, ""), node, None))
    folded = [
        GroupChange(old_groups.get(was.get(group.key, "")), group)
        for group in after.groups
        if group.folded
    ]
    keys = {node.key for node in nodes} | {group.after.key for group in folded}
    edges = [edge for edge in paired(before, after, place) if {edge.tail, edge.head} <= keys]
    found = Changes(
        title=f"Changes of {after.title}" if title is None else title,
        notes=(),
        root=after.root,
        root_label=after.root_label,
        total=after.total,
        nodes=tuple(nodes),
        folded=tuple(folded),
        frames=tuple(group for group in after.groups if not group.folded),
        edges=tuple(edges),
        backward=before.backward or after.backward,
    )
    return replace(found, notes=tuple(notes(found)))


def paired(before: Scene, after: Scene, place: dict[str, str]) -> list[EdgeChange]:
    """The edges of both scenes, each between the cards as they are called now."""
    old = {(place[e.tail], place[e.head], e.operand): e for e in before.edges}
    pairs = [
        EdgeChange(e.tail, e.head, e.operand, old.pop((e.tail, e.head, e.operand), None), e)
        for e in after.edges
    ]
    return pairs + [EdgeChange(*ends, edge, None) for ends, edge in old.items()]


def matched(before: Scene, after: Scene) -> dict[str, str]:
    """For each card before that is still there: its key now.

    Folded groups are the same if they are called the same, leaves if they have the same label. A
    computed node is the same if it is the same operation on the same operands, or else if it has
    the same label and operation; of several alike, the first are the first.
    """
    now = dict[str, str]()

    def match(
        old: Iterable[Any],
        new: Iterable[Any],
        of_old: Callable[[Any], Any],
        of_new: Callable[[Any], Any],
    ) -> None:
        waiting = defaultdict[Hashable, list[str]](list)
        taken = set(now.values())
        for thing in old:
            if thing.key not in now and (kind := of_old(thing)) is not None:
                waiting[kind].append(thing.key)
        for thing in new:
            alike = waiting.get(of_new(thing)) if thing.key not in taken else None
            if alike:
                now[alike.pop(0)] = thing.key

    match(before.groups, after.groups, called, called)
    match(leaves(before), leaves(after), lambda n: n.label, lambda n: n.label)
    old_operands, new_operands = operands(before), operands(after)
    remaining = {node.key: node for node in after.nodes if node.op}
    # as both are in the order of computation, all operands are matched before what uses them
    by_form = defaultdict[Hashable, list[str]](list)
    for node in remaining.values():
        by_form[node.op, new_operands[node.key]].append(node.key)
    for node in before.nodes:
        form = tuple(now.get(key, "") for key in old_operands[node.key])
        alike = by_form.get((node.op, form)) if node.op and all(form) else None
        if alike:
            now[node.key] = alike.pop(0)
    match(before.nodes, after.nodes, lambda n: (n.op, n.label), lambda n: (n.op, n.label))
    return now


def called(group: Group) -> tuple[str, str, bool]:
    return group.path, group.title, group.folded


def leaves(scene: Scene) -> Iterator[Node]:
    return (node for node in scene.nodes if not node.op)


def operands(scene: Scene) -> defaultdict[str, tuple[str, ...]]:
    """The keys of what each card is made from, in the order of operands."""
    found = defaultdict[str, tuple[str, ...]](tuple)
    for edge in sorted(scene.edges, key=lambda edge: edge.operand):
        found[edge.head] += (edge.tail,)
    return found


def differ(x: float | None, y: float | None) -> bool:
    """Whether two numbers are not the same; nan is the same as nan."""
    if x is None or y is None:
        return x is not y
    return x != y and not (math.isnan(x) and math.isnan(y))


def changed(change: NodeChange) -> bool:
    """Whether data or gradient of a node that is in both has changed."""
    old, new = change.before, change.after
    return bool(old and new and (differ(old.data, new.data) or differ(old.grad, new.grad)))


def notes(found: Changes) -> Iterator[str]:
    """The line under the title."""
    there = [node for node in found.nodes if node.before and node.after]
    yield "before → after"
    yield "colour = change of data"
    yield f"{sum(map(changed, there)):,} of {counted(len(there), 'node')} changed"
    added = sum(node.before is None for node in found.nodes)
    removed = sum(node.after is None for node in found.nodes)
    if added or removed:
        yield f"{added:,} added, {removed:,} removed"

"""A simpler scene of the same graph, for when there is no time to lay out this one."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import replace

from autograd.drawing.order import with_backs
from autograd.drawing.scene import LEFT_OUT, Edge, Group, Node, Scene
from autograd.drawing.words import notes


def simpler(scene: Scene) -> Scene:
    """The innermost boxes folded; where there are none, the farther half of the cards left out."""
    opened = {group.key for group in scene.groups if not group.folded}
    around = {group.group for group in scene.groups if group.key in opened}
    if opened:
        return folded(scene, opened - around)
    return left_out(scene, nearer_half(scene))


def folded(scene: Scene, keys: set[str]) -> Scene:
    """The scene with some of its boxes folded, whatever is in them."""
    outer = {node.key: node.group for node in scene.nodes}
    outer |= {group.key: group.group for group in scene.groups}
    card_of = {}
    for key in outer:
        found, inside = key, key
        while inside := outer[inside]:
            if inside in keys:
                found = inside
        card_of[key] = found
    groups = [replace(g, folded=g.folded or g.key in keys) for g in scene.groups]
    return merged(scene, card_of, [group for group in groups if card_of[group.key] == group.key])


def left_out(scene: Scene, kept: set[str]) -> Scene:
    """The scene with those cards alone, and one for all others."""
    things: list[Node | Group] = [*scene.nodes, *(g for g in scene.groups if g.folded)]
    card_of = {thing.key: thing.key if thing.key in kept else LEFT_OUT for thing in things}
    groups = [group for group in scene.groups if group.key in kept]
    return merged(scene, card_of, [*groups, rest(t for t in things if t.key not in kept)])


def rest(things: Iterable[Node | Group]) -> Group:
    """The group of all that is left out."""
    counts, parameters, broken = 0, 0, False
    data, grad = list[float](), list[float]()
    for thing in things:
        if isinstance(thing, Group):
            counts, parameters = counts + thing.count, parameters + thing.parameters
            data += thing.data or ()
            grad += thing.grad or ()
            broken = broken or thing.broken
        else:
            counts, parameters = counts + 1, parameters + (not thing.op)
            data += [] if thing.data is None else [thing.data]
            grad += [] if thing.grad is None else [thing.grad]
            broken = broken or not all(map(math.isfinite, (thing.data or 0.0, thing.grad or 0.0)))
    return Group(
        LEFT_OUT, "", LEFT_OUT, "", "", True, counts, parameters, 1, span(data), span(grad), broken
    )


def span(numbers: list[float]) -> tuple[float, float] | None:
    """The least and the largest number that is one."""
    known = [x for x in numbers if x == x]
    return (min(known), max(known)) if known else None


def nearer_half(scene: Scene) -> set[str]:
    """Half of the cards: those with the fewest lines to the result."""
    tails = defaultdict[str, list[str]](list)
    for edge in scene.edges:
        tails[edge.head].append(edge.tail)
    queue, met = [scene.root], {scene.root, LEFT_OUT}
    for key in queue:  # grows while it is read
        fresh = [tail for tail in dict.fromkeys(tails[key]) if tail not in met]
        queue += fresh
        met.update(fresh)
    return set(queue[: max(1, len(queue) // 2)])


def merged(scene: Scene, card_of: Mapping[str, str], groups: list[Group]) -> Scene:
    """The scene with some of its cards in the place of others."""
    lines = dict[tuple[str, str, int], Edge]()
    for edge in scene.edges:
        tail, head = card_of[edge.tail], card_of[edge.head]
        if tail == head:
            continue
        alone = edge.operand if tail[0] == head[0] == "n" else -1
        there = lines.get((tail, head, alone))
        moved = replace(edge, tail=tail, head=head, back=False)
        lines[tail, head, alone] = moved if there is None else together(there, moved)
    nodes = tuple(node for node in scene.nodes if card_of[node.key] == node.key)
    steps = sum(node.key.count(".") for node in nodes)  # inside a node, and no nodes themselves
    folded = sum(group.folded and group.key != LEFT_OUT for group in groups)
    gone = sum(group.count for group in groups if group.key == LEFT_OUT)
    told = notes(scene.root_label, scene.backward, scene.total, len(nodes) - steps, folded, gone)
    return replace(
        scene,
        notes=told,
        root=card_of[scene.root],
        nodes=nodes,
        groups=tuple(groups),
        edges=with_backs(tuple(lines.values())),
        cards=tuple(map(card_of.__getitem__, scene.cards)),
    )


def together(one: Edge, other: Edge) -> Edge:
    """Two lines as one."""
    flows = [edge.flow for edge in (one, other) if edge.flow is not None]
    return replace(
        one, local=None, flow=sum(flows) if flows else None, count=one.count + other.count
    )

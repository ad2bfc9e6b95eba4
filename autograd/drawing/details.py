"""Details: the other forms of a graph that a page can be switched to, folded more or less."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autograd.drawing import snapshot
from autograd.drawing.folding import folded
from autograd.drawing.grouping import Graph, beginnings, graph_of
from autograd.drawing.levels import Bundles, of_scopes, readable
from autograd.drawing.scene import Scene
from autograd.drawing.unfolding import unfolded
from autograd.operation import Reduction

if TYPE_CHECKING:
    from autograd.value import Value

READABLE = 200  # cards, and lines, in one form
MOST = 12  # other forms of one graph
MOST_CARDS = 500  # in all of them, so that a page is there soon


@dataclass(frozen=True)
class Detail:
    """Another form of a picture."""

    name: str  # what a reader chooses it by
    opens: str  # the key of the group that it shows the inside of; "" for none
    scene: Scene


def details(value: Value, shown: Scene) -> tuple[Detail, ...]:
    """Whole levels, from one card for a model down to the steps inside nodes; and single groups.

    None is among them that would have more cards or lines than can be read, or that is as the
    picture is already.
    """
    found, forms, room = list[Detail](), {key(shown)}, MOST_CARDS
    for name, opens, scene in candidates(graph_of(value), shown, READABLE):
        cards = len(scene.nodes) + sum(group.folded for group in scene.groups)
        if key(scene) in forms or cards > room or len(found) == MOST:
            continue
        forms.add(key(scene))
        room -= cards
        found.append(Detail(name, opens, scene))
    return tuple(found)


def key(scene: Scene) -> tuple[str, ...]:
    """What tells one form of a graph from another: its cards."""
    nodes = (node.key for node in scene.nodes)
    return (*nodes, *(group.path or group.key for group in scene.groups if group.folded))


def candidates(graph: Graph, shown: Scene, most: int) -> Iterator[tuple[str, str, Scene]]:
    """Name, the key of the group that is opened, and scene."""
    depths = sorted({len(beginnings(path)) for path in graph.scopes})
    for depth in depths:
        found = of_scopes(graph, folded(depth, graph.scopes))
        if readable(graph, found, most):
            yield level(graph, depth), "", copied(graph, found, shown)
    whole = len(graph.values) <= most and readable(graph, {}, most)
    if whole and len(shown.nodes) != len(graph.values):
        yield "every operation", "", copied(graph, {}, shown)
    closed = [group for group in shown.groups if group.folded and group.path]
    paths = {group.path for group in closed}
    for group in closed:
        inner = {p for p in graph.scopes if p.rpartition("/")[0] == group.path}
        found = of_scopes(graph, (paths - {group.path}) | inner)
        if readable(graph, found, most):
            yield f"{group.path}, unfolded", group.key, copied(graph, found, shown)
    if whole and any(isinstance(value.operation, Reduction) for value in graph.values):
        inside = unfolded(graph, True, range(len(graph.values)))
        if inside and len(graph.values) + sum(len(s.values) for s in inside.values()) <= most:
            scene = snapshot.scene(graph, {}, inside, shown.title)
            yield "every step inside operations", "", scene


def level(graph: Graph, depth: int) -> str:
    """What a level of folding is called: by the scopes that become cards."""
    paths = [path for path in graph.scopes if len(beginnings(path)) == depth]
    names = [path.rpartition("/")[2].partition(".")[0] for path in paths]
    first = names[0] if len(set(names)) == 1 else f"depth {depth}"
    return f"folded to {first}"


def copied(graph: Graph, found: Bundles, shown: Scene) -> Scene:
    return snapshot.scene(graph, found, {}, shown.title)

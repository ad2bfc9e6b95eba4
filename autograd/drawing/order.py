"""The order of cards from left to right, and the few edges that run against it.

Values are made from older ones, so they have an order. Groups need not: one may be made from what
another has made, and the other way round.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from autograd.drawing.scene import Edge, Scene


def with_backs(edges: tuple[Edge, ...]) -> tuple[Edge, ...]:
    """The edges, with those that close a cycle marked as running back."""
    place = {key: i for i, key in enumerate(sorted_out(edges))}
    return tuple(replace(e, back=True) if place[e.tail] > place[e.head] else e for e in edges)


def in_order(scene: Scene) -> list[str]:
    """The keys of all cards, each after those that it is made from."""
    found = sorted_out(scene.edges)
    cards = [node.key for node in scene.nodes]
    cards += [group.key for group in scene.groups if group.folded]
    return [*(key for key in cards if key not in set(found)), *found]


def sorted_out(edges: tuple[Edge, ...]) -> list[str]:
    """The keys at the ends of edges, each after those that it is made from, but for cycles."""
    heads, waiting = defaultdict[str, list[str]](list), dict[str, int]()
    for edge in edges:
        heads[edge.tail].append(edge.head)
        waiting.setdefault(edge.tail, 0)
        waiting[edge.head] = waiting.get(edge.head, 0) + 1
    found = dict[str, None]()
    ready = [key for key, count in waiting.items() if not count]
    rest = iter(list(waiting))
    while len(found) < len(waiting):
        if not ready:  # a cycle: the card that was met first begins it
            ready.append(next(key for key in rest if key not in found))
        key = ready.pop()
        if key in found:
            continue
        found[key] = None
        for head in heads[key]:
            waiting[head] -= 1
            if not waiting[head]:
                ready.append(head)
    return list(found)

"""The order of cards from left to right, and the few edges that run against it.

Values are made from older ones, so they have an order. Groups need not: one may be made from what
another has made, and the other way round.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace

from autograd.drawing.scene import Edge


def with_backs(edges: tuple[Edge, ...]) -> tuple[Edge, ...]:
    """The edges, with those that close a cycle marked as running back."""
    heads, waiting = defaultdict[str, list[str]](list), dict[str, int]()
    for edge in edges:
        heads[edge.tail].append(edge.head)
        waiting.setdefault(edge.tail, 0)
        waiting[edge.head] = waiting.get(edge.head, 0) + 1
    place = dict[str, int]()
    ready = [key for key, count in waiting.items() if not count]
    rest = iter(list(waiting))
    while len(place) < len(waiting):
        if not ready:  # a cycle: the card that was met first begins it
            ready.append(next(key for key in rest if key not in place))
        key = ready.pop()
        if key in place:
            continue
        place[key] = len(place)
        for head in heads[key]:
            waiting[head] -= 1
            if not waiting[head] and head not in place:
                ready.append(head)
    return tuple(replace(e, back=True) if place[e.tail] > place[e.head] else e for e in edges)

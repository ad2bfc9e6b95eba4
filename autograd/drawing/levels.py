"""Levels of detail: how much of a graph is folded so that a person can read it."""

from __future__ import annotations

import heapq
from collections.abc import Iterator

from autograd.drawing.contents import EARLIER, Bundle
from autograd.drawing.folding import Fold, folded
from autograd.drawing.grouping import Graph, beginnings
from autograd.real import plain

Bundles = dict[int, Bundle]


def bundles(graph: Graph, fold: Fold, max_nodes: int) -> Bundles:
    """What is folded into what, so that at most `max_nodes` cards remain."""
    found: Bundles = {}
    for found in candidates(graph, fold):
        if cards(graph, found) <= max_nodes:
            return found
    return nearest(graph, found, max_nodes)


def candidates(graph: Graph, fold: Fold) -> Iterator[Bundles]:
    """What the reader has asked for; or one simpler form after the other."""
    if fold != "auto":
        yield of_scopes(graph, folded(fold, graph.scopes))
        return
    yield {}
    depth = max((len(beginnings(path)) for path in graph.scopes), default=0)
    for level in range(depth, 0, -1):
        yield of_scopes(graph, folded(level, graph.scopes))


def cards(graph: Graph, found: Bundles) -> int:
    """How many cards a picture has."""
    return len(graph.values) - len(found) + len(set(found.values()))


def of_scopes(graph: Graph, scopes: set[str]) -> Bundles:
    """The bundle of every node in one of the scopes; of scopes in one another, the outer one."""
    known: dict[str, Bundle | None] = {}
    for path in set(graph.paths):
        part = next((part for part in beginnings(path) if part in scopes), None)
        known[path] = None
        if part is not None:
            around, _, title = part.rpartition("/")
            known[path] = Bundle(title, part, around, graph.times.get(part, 1))
    return {i: bundle for i, path in enumerate(graph.paths) if (bundle := known[path])}


def nearest(graph: Graph, found: Bundles, limit: int) -> Bundles:
    """The `limit` cards with the fewest steps to the root; of equals, the largest gradients.

    What else there is becomes one bundle: of earlier nodes.
    """
    root = graph.root
    card_of = {value: found.get(i, value) for i, value in enumerate(graph.values)}
    shown: set[object] = {card_of[root]}
    met, level = {root}, [root]
    while level and len(shown) < limit:
        parents = dict.fromkeys(p for v in level for p in v.parents if p not in met)
        met.update(parents)
        fresh = dict[object, float]()
        for p in parents:
            if (card := card_of[p]) not in shown:
                fresh[card] = max(fresh.get(card, 0.0), magnitude(plain(p.grad)))
        shown.update(heapq.nlargest(limit - len(shown), fresh, key=fresh.__getitem__))
        level = [p for p in parents if card_of[p] in shown]
    return {
        i: bundle if card in shown else EARLIER
        for i, card in enumerate(card_of.values())
        if (bundle := found.get(i, EARLIER)) is not EARLIER or card not in shown
    }


def magnitude(grad: float) -> float:
    """|grad|, with nan before everything: it is what a reader looks for."""
    return abs(grad) if grad == grad else float("inf")

"""Levels of detail: how much of a graph is folded so that a person can read it."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Iterator

from autograd.drawing.alike import alike, roughly_alike
from autograd.drawing.contents import EARLIER, Bundle
from autograd.drawing.folding import Fold, folded
from autograd.drawing.grouping import Graph, beginnings
from autograd.real import plain

Bundles = dict[int, Bundle]  # of every node that is no card of its own, by its place


def bundles(graph: Graph, fold: Fold, max_nodes: int) -> Bundles:
    """What is folded into what, so that `max_nodes` cards are enough.

    That is what the reader has asked for; or else the first of simpler and simpler forms that is
    readable. If none is, the cards nearest the result are left: no more than can be read.
    """
    if fold != "auto":
        found = of_scopes(graph, folded(fold, graph.scopes))
    elif len(graph.values) <= max_nodes:
        found = {}
    else:
        for found in forms(graph, max_nodes):
            if readable(graph, found, max_nodes):
                return found
        limit, whole = max_nodes, found
        while crowded(graph, found := nearest(graph, whole, limit), max_nodes) and limit > 1:
            limit //= 2
        return found
    return found if cards(graph, found) <= max_nodes else nearest(graph, found, max_nodes)


def forms(graph: Graph, max_nodes: int) -> Iterator[Bundles]:
    """Simpler and simpler: like nodes as one, in open scopes first, then beside folded ones."""
    deepest = max((len(beginnings(path)) for path in graph.scopes), default=0)
    for leaves in (False, True):
        if readable(graph, roughly_alike(graph, {}, leaves), max_nodes):
            yield alike(graph, {}, leaves, max_nodes)
    for depth in range(deepest, 0, -1):
        in_scopes = of_scopes(graph, folded(depth, graph.scopes))
        yield in_scopes
        if depth == 1 or readable(graph, roughly_alike(graph, in_scopes, True), max_nodes):
            yield alike(graph, in_scopes, True, max_nodes)
    if not deepest:
        yield {}


def readable(graph: Graph, found: Bundles, most: int) -> bool:
    """Whether a picture has no more cards and no more lines than that."""
    return cards(graph, found) <= most and not crowded(graph, found, most)


def cards(graph: Graph, found: Bundles) -> int:
    """How many cards a picture has."""
    return len(graph.values) - len(found) + len(set(found.values()))


def crowded(graph: Graph, found: Bundles, most: int) -> bool:
    """Whether a picture has more lines than that."""
    card_of = [found.get(i, i) for i in range(len(graph.values))]
    tails = defaultdict[object, set[object]](set)
    lines = 0
    for value, card in zip(graph.values, card_of):
        if parents := value.parents:
            arriving = tails[card]
            before = len(arriving)
            arriving.update(map(card_of.__getitem__, map(graph.place.__getitem__, parents)))
            lines += len(arriving) - before
            if lines > most + len(tails):  # a line from a card to itself is none
                return True
    return sum(len(arriving - {card}) for card, arriving in tails.items()) > most


def of_scopes(graph: Graph, scopes: set[str]) -> Bundles:
    """The bundle of every node in one of the scopes; of scopes in one another, the outer one."""
    bundles = dict[str, Bundle]()
    for part in scopes:
        around, _, title = part.rpartition("/")
        bundles[part] = Bundle(title, part, around, times=graph.times.get(part, 1))
    known = dict[str, Bundle]()
    for path in set(graph.paths):
        for part in beginnings(path):
            if part in bundles:
                known[path] = bundles[part]
                break
    return {i: known[path] for i, path in enumerate(graph.paths) if path in known}


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

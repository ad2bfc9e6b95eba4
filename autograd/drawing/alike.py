"""Nodes that are alike, as one: the same operation in the same scope, equally far away.

So what is done again for every row of the data is shown once, also where no scope says so. Leaves
are alike if their names begin alike: w0, w1, w2.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence

from autograd.drawing.contents import Bundle
from autograd.drawing.grouping import Graph
from autograd.drawing.words import operation_text, symbol_of

DIGITS = "0123456789"
Bundles = dict[int, Bundle]


def alike(graph: Graph, apart: Mapping[int, Bundle], leaves: bool, most: int) -> Bundles:
    """What is folded already, and what is alike among the rest, with or without leaves.

    How far nodes are is counted from the result, or from the leaves if that leaves fewer cards: so
    the terms of a sum are alike, whether they are added at once or one by one. A graph with more
    steps than `most` would have more cards than that, and is left as it is.
    """
    ways = [measure(graph, apart) for measure in (distances, heights)]
    found = [
        together(graph, apart, leaves, steps.__getitem__, titled)
        for steps in ways
        if max(steps) < most
    ]
    return min(
        found, key=lambda bundles: len(set(bundles.values())) - len(bundles), default=dict(apart)
    )


def roughly_alike(graph: Graph, apart: Mapping[int, Bundle], leaves: bool) -> Bundles:
    """The same, however far from the result: quick, and never more cards or lines."""
    return together(graph, apart, leaves, lambda i: 0, untitled)


def together(
    graph: Graph,
    apart: Mapping[int, Bundle],
    leaves: bool,
    distance: Callable[[int], int],
    bundle_of: Callable[[Graph, str, str, list[int]], Bundle],
) -> Bundles:
    """What is folded already, and a bundle for all nodes of a kind at a distance."""
    found = defaultdict[tuple[str, str, int], list[int]](list)
    for i, value in enumerate(graph.values):
        if i in apart:
            continue
        if value.parents or value.op:
            found[graph.paths[i], symbol_of(value), distance(i)].append(i)
        elif leaves:
            found[graph.paths[i], f"leaf {stem(value.name or '')}", 0].append(i)
    bundles = dict(apart)
    for (path, kind, _), places in found.items():
        if len(places) > 1:
            bundles.update(dict.fromkeys(places, bundle_of(graph, path, kind, places)))
    return bundles


def untitled(graph: Graph, path: str, kind: str, places: list[int]) -> Bundle:
    """Some nodes of one kind, to be counted and not to be drawn."""
    return Bundle(kind, around=path)


def titled(graph: Graph, path: str, kind: str, places: list[int]) -> Bundle:
    """Some nodes of one kind: "15 ×" on a card with the operation; or "w0 … w14"."""
    count = len(places)
    if not kind.startswith("leaf "):
        badges = {operation_text(graph.values[i])[0] for i in places}  # with constants, if the same
        symbol = badges.pop() if len(badges) == 1 else kind
        return Bundle(f"{count:,} ×", around=path, symbol=symbol)
    first, last = graph.values[places[0]].name, graph.values[places[-1]].name
    title = f"{first} … {last}" if first and last else f"{count:,} leaves"
    return Bundle(title, around=path, times=count)


def distances(graph: Graph, apart: Mapping[int, Bundle]) -> Sequence[int]:
    """The most steps from every node to the end, through nodes that are not set apart."""
    values, place = graph.values, graph.place
    steps = [0] * len(values)
    for i in range(len(values) - 1, -1, -1):
        if i not in apart:
            step = steps[i] + 1
            for parent in values[i].parents:
                j = place[parent]
                if steps[j] < step:
                    steps[j] = step
    return steps


def heights(graph: Graph, apart: Mapping[int, Bundle]) -> Sequence[int]:
    """The most steps from a leaf to every node, through nodes that are not set apart."""
    place = graph.place
    steps = [0] * len(graph.values)
    for i, value in enumerate(graph.values):
        if i not in apart and (parents := value.parents):
            steps[i] = 1 + max(map(steps.__getitem__, map(place.__getitem__, parents)))
    return steps


def stem(name: str) -> str:
    """A name without the number at its end.

    >>> stem("w12"), stem("x_1"), stem("7")
    ('w', 'x_', '')
    """
    return name.rstrip(DIGITS)

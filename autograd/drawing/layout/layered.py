"""A small layered layout of our own, for machines without any Graphviz.

Four steps, after Sugiyama, Tagawa and Toda (1981): give every box a layer as close to the result as
its users allow, let long links pass the layers between through gaps, order each layer by the mean
place of its neighbours, and move boxes towards their neighbours as far as the order permits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from autograd.drawing.layout.plan import Box, Curve, EngineTooSlowError, Link, Point

BOX_GAP = 18.0
SLACK = 8.0  # so far a line may pass from the middle of its gap: no box is near
SWEEPS = 12
MOST = 10_000  # boxes and gaps: 3 s

Neighbours = dict[str, list[str]]


@dataclass(frozen=True)
class Flow:
    """What is laid out in layers: boxes and links, and boxes for the first and the last layer."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    gap: float
    first: frozenset[str] = frozenset()
    last: frozenset[str] = frozenset()
    ends: dict[int, tuple[float, float]] = field(default_factory=dict)  # of a link, below centres
    least: float = 0.0  # width of it all


@dataclass(frozen=True)
class Layout:
    """Where things are; the upper left corner is (0, 0)."""

    centres: dict[str, Point]
    curves: list[Curve]
    width: float
    height: float


def lay_out(flow: Flow) -> Layout:
    """Find a place for every box and a curve for every link."""
    layer = layers(flow)
    widths: defaultdict[int, float] = defaultdict(float)
    for box in flow.boxes:
        widths[layer[box.key]] = max(widths[layer[box.key]], box.width)
    boxes = {box.key: box for box in flow.boxes}
    gaps = sum(layer[link.head] - layer[link.tail] - 1 for link in flow.links)
    if len(boxes) + gaps > MOST:
        raise EngineTooSlowError(f"{len(boxes)} boxes with {gaps} gaps would take too long")
    routes = []
    before: Neighbours = defaultdict(list)
    after: Neighbours = defaultdict(list)
    for i, link in enumerate(flow.links):
        route = [link.tail]
        for between in range(layer[link.tail] + 1, layer[link.head]):
            gap = Box(f"gap {i} {between}", widths[between], 10.0)
            boxes[gap.key], layer[gap.key] = gap, between
            route.append(gap.key)
        route.append(link.head)
        routes.append(route)
        for left, right in pairwise(route):
            after[left].append(right)
            before[right].append(left)
    columns: list[list[str]] = [[] for _ in range(max(widths) + 1)]
    for key in boxes:
        columns[layer[key]].append(key)
    order(columns, before, after)
    y = heights(columns, boxes, before, after)
    x, edge = dict[str, float](), 0.0
    for index, column in enumerate(columns):
        if index:
            edge += flow.gap
        if index == len(columns) - 1:
            edge = max(edge, flow.least - widths[index])
        x.update((key, edge + widths[index] / 2) for key in column)
        edge += widths[index]
    top = min(y[box.key] - box.height / 2 for box in flow.boxes)
    centres = {key: (x[key], y[key] - top) for key in boxes}
    curves = [
        curve([boxes[key] for key in route], centres, *flow.ends.get(i, (0.0, 0.0)))
        for i, route in enumerate(routes)
    ]
    bottom = max(y[box.key] + box.height / 2 for box in flow.boxes)
    centres = {box.key: centres[box.key] for box in flow.boxes}
    return Layout(centres, curves, edge, bottom - top)


def layers(flow: Flow) -> dict[str, int]:
    """The longest way from each box to the end, counted from the left."""
    steps = {key: n for key, n in ways(flow).items() if key not in flow.first | flow.last}
    longest = max(steps.values(), default=0)
    start = 1 if flow.first else 0
    found = {key: start + longest - count for key, count in steps.items()}
    found |= dict.fromkeys(flow.first, 0)
    return found | dict.fromkeys(flow.last, start + longest + 1)


def ways(flow: Flow) -> dict[str, int]:
    """How many links the longest way from each box to the end has, not to the boxes put last."""
    users: Neighbours = defaultdict(list)
    waiting = dict.fromkeys((box.key for box in flow.boxes), 0)
    sources: Neighbours = defaultdict(list)
    for link in flow.links:
        users[link.tail].append(link.head)
        sources[link.head].append(link.tail)
        waiting[link.tail] += 1
    steps = dict.fromkeys(waiting, 0)
    ready = [key for key, count in waiting.items() if not count]
    for key in ready:  # grows while it is read
        ends = (steps[user] + 1 for user in users[key] if user not in flow.last)
        steps[key] = max(ends, default=0)
        for source in sources[key]:
            waiting[source] -= 1
            if not waiting[source]:
                ready.append(source)
    return steps


def order(columns: list[list[str]], before: Neighbours, after: Neighbours) -> None:
    """Sort each column by the mean place of its neighbours, to and fro."""
    place = {key: float(i) for column in columns for i, key in enumerate(column)}
    for sweep in range(SWEEPS):
        rightwards = sweep % 2 == 1
        neighbours = before if rightwards else after
        for column in columns if rightwards else reversed(columns):
            column.sort(key=lambda key: mean([place[n] for n in neighbours[key]], place[key]))
            place.update((key, float(i)) for i, key in enumerate(column))


def heights(
    columns: list[list[str]], boxes: dict[str, Box], before: Neighbours, after: Neighbours
) -> dict[str, float]:
    """The y of every box: near its neighbours, in order, without overlap."""
    y: dict[str, float] = {}
    for column in columns:
        y.update(zip(column, spread([0.0] * len(column), column, boxes), strict=True))
    for sweep in range(SWEEPS):
        for column in columns if sweep % 2 else reversed(columns):
            wishes = [mean([y[n] for n in before[key] + after[key]], y[key]) for key in column]
            y.update(zip(column, spread(wishes, column, boxes), strict=True))
    return y


def spread(wishes: Sequence[float], column: Sequence[str], boxes: dict[str, Box]) -> list[float]:
    """The places nearest to the wishes, in least squares, that keep the order and a gap.

    Without the room the boxes need, places only have to grow: pool adjacent violators.
    """
    offsets, offset = [], 0.0
    for i, key in enumerate(column):
        if i:
            offset += (boxes[column[i - 1]].height + boxes[key].height) / 2 + BOX_GAP
        offsets.append(offset)
    pools: list[tuple[float, int]] = []  # mean wish, how many boxes share it
    for wish, offset in zip(wishes, offsets, strict=True):
        pool, count = wish - offset, 1
        while pools and pools[-1][0] >= pool:
            other, size = pools.pop()
            pool, count = (pool * count + other * size) / (count + size), count + size
        pools.append((pool, count))
    moved = [pool for pool, count in pools for _ in range(count)]
    return [pool + offset for pool, offset in zip(moved, offsets, strict=True)]


def mean(numbers: Sequence[float], otherwise: float) -> float:
    return sum(numbers) / len(numbers) if numbers else otherwise


def curve(route: Sequence[Box], centres: dict[str, Point], start: float, end: float) -> Curve:
    """Straight across the gaps, a soft S between them; it starts and ends so far below centres."""
    x, y = centres[route[0].key]
    points = [(x + route[0].width / 2, y + start)]
    for i, box in enumerate(route[1:], start=1):
        (x0, y0), (x, y) = points[-1], centres[box.key]
        if i == len(route) - 1:
            y += end
        elif abs(y - y0) <= SLACK:
            y = y0
        x1 = x - box.width / 2
        middle = (x0 + x1) / 2
        points += [(middle, y0), (middle, y), (x1, y)]
        if i < len(route) - 1:
            x2 = x + box.width / 2
            points += [(x1 + box.width / 3, y), (x2 - box.width / 3, y), (x2, y)]
    return tuple(points)

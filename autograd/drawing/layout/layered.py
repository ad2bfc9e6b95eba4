"""A small layered layout of our own, for machines without any Graphviz.

Four steps, after Sugiyama, Tagawa and Toda (1981): give every box a layer as close to the result as
its users allow, let long links pass the layers between through gaps, order each layer by the mean
place of its neighbours, and move boxes towards their neighbours as far as the order permits.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from itertools import pairwise

from autograd.drawing.layout.plan import Box, Curve, Placement, Plan, Point

BOX_GAP = 18.0
SWEEPS = 12

Neighbours = dict[str, list[str]]


def place(plan: Plan) -> Placement:
    """Lay out a plan."""
    layer = layers(plan)
    widths: defaultdict[int, float] = defaultdict(float)
    for box in plan.boxes:
        widths[layer[box.key]] = max(widths[layer[box.key]], box.width)
    boxes = {box.key: box for box in plan.boxes}
    routes = []
    before: Neighbours = defaultdict(list)
    after: Neighbours = defaultdict(list)
    for i, link in enumerate(plan.links):
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
    columns: list[list[str]] = [[] for _ in widths]
    for key in boxes:
        columns[layer[key]].append(key)
    order(columns, before, after)
    y = heights(columns, boxes, before, after)
    x: dict[str, float] = {}
    edge = 0.0
    for index, column in enumerate(columns):
        x.update((key, edge + widths[index] / 2) for key in column)
        edge += widths[index] + plan.gap
    top = min(y[box.key] - box.height / 2 for box in plan.boxes)
    centres = {key: (x[key], y[key] - top) for key in boxes}
    curves = [curve([boxes[key] for key in route], centres) for route in routes]
    return Placement({box.key: centres[box.key] for box in plan.boxes}, tuple(curves))


def layers(plan: Plan) -> dict[str, int]:
    """The longest way from each box to the end, counted from the left."""
    users: Neighbours = defaultdict(list)
    waiting = dict.fromkeys((box.key for box in plan.boxes), 0)
    sources: Neighbours = defaultdict(list)
    for link in plan.links:
        users[link.tail].append(link.head)
        sources[link.head].append(link.tail)
        waiting[link.tail] += 1
    steps = dict.fromkeys(waiting, 0)
    ready = [key for key, count in waiting.items() if not count]
    for key in ready:  # grows while it is read
        steps[key] = max((steps[user] + 1 for user in users[key]), default=0)
        for source in sources[key]:
            waiting[source] -= 1
            if not waiting[source]:
                ready.append(source)
    last = max(steps.values(), default=0)
    return {key: last - count for key, count in steps.items()}


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


def curve(route: Sequence[Box], centres: dict[str, Point]) -> Curve:
    """Straight across the gaps, a soft S between them."""
    x, y = centres[route[0].key]
    points = [(x + route[0].width / 2, y)]
    for i, box in enumerate(route[1:], start=1):
        (x0, y0), (x, y) = points[-1], centres[box.key]
        x1 = x - box.width / 2
        middle = (x0 + x1) / 2
        points += [(middle, y0), (middle, y), (x1, y)]
        if i < len(route) - 1:
            x2 = x + box.width / 2
            points += [(x1 + box.width / 3, y), (x2 - box.width / 3, y), (x2, y)]
    return tuple(points)

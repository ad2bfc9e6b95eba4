"""Our own layout of a plan: every cluster by itself, then as one box in what is around it.

So nothing can overlap: a line that crosses the bounds of a cluster enters at its left side and
leaves at its right one, and is routed among the boxes inside as any other.
"""

from __future__ import annotations

from dataclasses import dataclass

from autograd.drawing.layout.clusters import items
from autograd.drawing.layout.layered import Flow, lay_out
from autograd.drawing.layout.plan import (
    PADDING,
    TITLE,
    Bounds,
    Box,
    Cluster,
    Curve,
    Link,
    Placement,
    Plan,
    Point,
)


@dataclass(frozen=True)
class Part:
    """A cluster laid out; its upper left corner is (0, 0)."""

    width: float
    height: float
    centres: dict[str, Point]
    curves: dict[int, Curve]  # the piece inside of every link that has one, by its place
    clusters: dict[str, Bounds]


def place(plan: Plan) -> Placement:
    """Lay out a plan whose clusters can be kept together."""
    part = lay_out_cluster(plan, Cluster(""))
    curves = tuple(part.curves[i] for i in range(len(plan.links)))
    del part.clusters[""]
    return Placement({box.key: part.centres[box.key] for box in plan.boxes}, curves, part.clusters)


def lay_out_cluster(plan: Plan, cluster: Cluster) -> Part:
    """Lay out what is in a cluster."""
    inside = items(plan, cluster.key)
    parts = {c.key: lay_out_cluster(plan, c) for c in plan.clusters if c.cluster == cluster.key}
    boxes = [box for box in plan.boxes if box.cluster == cluster.key]
    boxes += [Box(key, part.width, part.height) for key, part in parts.items()]
    links, places, ends = list[Link](), list[int](), dict[int, tuple[float, float]]()
    first, last = list[str](), list[str]()
    for i, link in enumerate(plan.links):
        tail, head = inside.get(link.tail), inside.get(link.head)
        if tail == head:
            continue
        if tail is None:
            first.append(tail := f"in {i}")
        if head is None:
            last.append(head := f"out {i}")
        leaves = parts[tail].curves[i][-1][1] - parts[tail].height / 2 if tail in parts else 0.0
        enters = parts[head].curves[i][0][1] - parts[head].height / 2 if head in parts else 0.0
        ends[len(links)] = leaves, enters
        links.append(Link(tail, head, link.weight))
        places.append(i)
    boxes += [Box(key, 0.0, 10.0) for key in first + last]
    left, right = 0.0 if first else PADDING, 0.0 if last else PADDING
    least = cluster.title_width + 2 * PADDING - left - right
    laid = lay_out(
        Flow(tuple(boxes), tuple(links), plan.gap, frozenset(first), frozenset(last), ends, least)
    )
    whole = Part(
        laid.width + left + right,
        laid.height + 2 * PADDING + TITLE,
        {key: (x + left, y + PADDING + TITLE) for key, (x, y) in laid.centres.items()},
        {
            i: tuple((x + left, y + PADDING + TITLE) for x, y in curve)
            for i, curve in zip(places, laid.curves, strict=True)
        },
        {},
    )
    for key, part in parts.items():
        insert(whole, key, part)
    whole.clusters[cluster.key] = (0.0, 0.0, whole.width, whole.height)
    return whole


def insert(whole: Part, key: str, part: Part) -> None:
    """Put a part where its box is, and join its pieces of links with those around it."""
    x, y = whole.centres[key]
    left, top = x - part.width / 2, y - part.height / 2
    for box, (x, y) in part.centres.items():
        whole.centres[box] = (x + left, y + top)
    for name, (x0, y0, x1, y1) in part.clusters.items():
        whole.clusters[name] = (x0 + left, y0 + top, x1 + left, y1 + top)
    for i, curve in part.curves.items():
        moved = tuple((x + left, y + top) for x, y in curve)
        outer = whole.curves.get(i)
        if outer is None:
            whole.curves[i] = moved
        elif outer[0][0] < moved[0][0]:
            whole.curves[i] = (*outer, *moved[1:])
        else:
            whole.curves[i] = (*moved, *outer[1:])

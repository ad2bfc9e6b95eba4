"""What Graphviz is sent and what it answers: a plan as DOT, a placement from JSON."""

from __future__ import annotations

import json
from collections.abc import Iterator
from math import ceil

from autograd.drawing.layout.plan import (
    PADDING,
    TITLE,
    Bounds,
    Curve,
    EngineFailedError,
    Placement,
    Plan,
    Point,
)

INCH = 72.0
SETTINGS = """digraph {
graph [rankdir=LR, nodesep=0.24, ranksep=%.4f, ordering=in, nslimit=2, nslimit1=2]
node [shape=box, fixedsize=true, label=""]
edge [dir=none, headport=w, tailport=e]
"""
LETTER = 4.0  # the least width of an "n" at the size below, on any machine: its fonts differ


def write(plan: Plan) -> str:
    """The plan in DOT: boxes of fixed size without text, so no font is ever measured."""
    name = names(plan)
    lines = [SETTINGS % (plan.gap / INCH), *nested(plan, "", name)]
    lines += [
        f"{name[link.tail]} -> {name[link.head]} [weight={link.weight}]\n" for link in plan.links
    ]
    return "".join(lines) + "}\n"


def nested(plan: Plan, cluster: str, name: dict[str, str]) -> Iterator[str]:
    """The boxes of a cluster, and the clusters in it; their titles are blanks of that size."""
    for box in plan.boxes:
        if box.cluster == cluster:
            size = f"width={box.width / INCH:.4f}, height={box.height / INCH:.4f}"
            yield f"{name[box.key]} [{size}]\n"
    for inner in plan.clusters:
        if inner.cluster == cluster:
            yield f"subgraph cluster_{name[inner.key]} {{\n"
            blanks = "n" * max(1, ceil(inner.title_width / LETTER))
            yield f'margin={PADDING:g}\nlabel="{blanks}"\nfontsize={TITLE - 10:g}\n'
            yield from nested(plan, inner.key, name)
            yield "}\n"


def names(plan: Plan) -> dict[str, str]:
    """What boxes and clusters are called in DOT."""
    boxes = {box.key: f"b{i}" for i, box in enumerate(plan.boxes)}
    return boxes | {cluster.key: f"c{i}" for i, cluster in enumerate(plan.clusters)}


def read(answer: str, plan: Plan) -> Placement:
    """The placement in Graphviz's `json0` output, which counts y upwards from the bottom."""
    try:
        reply = json.loads(answer)
        top = float(reply["bb"].split(",")[3])
        found = {item["name"]: item for item in reply["objects"]}
        lines: dict[tuple[int, int], list[str]] = {}
        for edge in reply.get("edges", []):
            lines.setdefault((edge["tail"], edge["head"]), []).append(edge["pos"])
        key = names(plan)
        number = {box.key: found[key[box.key]]["_gvid"] for box in plan.boxes}
        centres = {box.key: point(found[key[box.key]]["pos"], top) for box in plan.boxes}
        curves = [
            curve(lines[number[link.tail], number[link.head]].pop(0), top) for link in plan.links
        ]
        clusters = {
            cluster.key: bounds(found[f"cluster_{key[cluster.key]}"]["bb"], top)
            for cluster in plan.clusters
        }
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise EngineFailedError(f"Graphviz answered something else: {error!r}") from error
    return Placement(centres, tuple(curves), clusters)


def point(text: str, top: float) -> Point:
    x, y = text.split(",")
    return float(x), top - float(y)


def curve(text: str, top: float) -> Curve:
    return tuple(point(part, top) for part in text.split() if part[0] not in "es")


def bounds(text: str, top: float) -> Bounds:
    left, bottom, right, upper = map(float, text.split(","))
    return left, top - upper, right, top - bottom

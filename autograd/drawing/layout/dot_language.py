"""What Graphviz is sent and what it answers: a plan as DOT, a placement from JSON."""

from __future__ import annotations

import json

from autograd.drawing.layout.plan import Curve, EngineFailedError, Placement, Plan, Point

INCH = 72.0
SETTINGS = """digraph {
graph [rankdir=LR, nodesep=0.24, ranksep=%.4f, ordering=in, nslimit=2, nslimit1=2]
node [shape=box, fixedsize=true, label=""]
edge [dir=none, headport=w, tailport=e]
"""


def write(plan: Plan) -> str:
    """The plan in DOT: boxes of fixed size without text, so no font is ever measured."""
    name = {box.key: f"b{i}" for i, box in enumerate(plan.boxes)}
    lines = [
        f"{name[box.key]} [width={box.width / INCH:.4f}, height={box.height / INCH:.4f}]\n"
        for box in plan.boxes
    ]
    lines += [
        f"{name[link.tail]} -> {name[link.head]} [weight={link.weight}]\n" for link in plan.links
    ]
    return SETTINGS % (plan.gap / INCH) + "".join(lines) + "}\n"


def read(answer: str, plan: Plan) -> Placement:
    """The placement in Graphviz's `json0` output, which counts y upwards from the bottom."""
    try:
        reply = json.loads(answer)
        top = float(reply["bb"].split(",")[3])
        place = {item["name"]: item["pos"] for item in reply["objects"]}
        lines: dict[tuple[int, int], list[str]] = {}
        for edge in reply.get("edges", []):
            lines.setdefault((edge["tail"], edge["head"]), []).append(edge["pos"])
        number = {item["name"]: item["_gvid"] for item in reply["objects"]}
        key = {box.key: f"b{i}" for i, box in enumerate(plan.boxes)}
        centres = {box.key: point(place[key[box.key]], top) for box in plan.boxes}
        curves = [
            curve(lines[number[key[link.tail]], number[key[link.head]]].pop(0), top)
            for link in plan.links
        ]
    except (KeyError, IndexError, TypeError, ValueError) as error:
        raise EngineFailedError(f"Graphviz answered something else: {error!r}") from error
    return Placement(centres, tuple(curves))


def point(text: str, top: float) -> Point:
    x, y = text.split(",")
    return float(x), top - float(y)


def curve(text: str, top: float) -> Curve:
    return tuple(point(part, top) for part in text.split() if part[0] not in "es")

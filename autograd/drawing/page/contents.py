"""What a page is given: the graph with its steps, where each node is shown, colours, as JSON."""

from __future__ import annotations

import json
import math
from collections.abc import Iterable
from typing import Any

from autograd import ops
from autograd.drawing import colour
from autograd.drawing.lettering import printable
from autograd.drawing.scene import Group, Scene
from autograd.drawing.sizes import THIN
from autograd.drawing.style import thickest
from autograd.steps import Steps

COLOURS = (
    "NEGATIVE", "POSITIVE", "NEGATIVE_LINE", "POSITIVE_LINE", "WHITE", "GREY", "BROKEN",
    "BROKEN_FILL", "SLATE",
)  # fmt: skip


def contents(scene: Scene, steps: Steps | None) -> str:
    """The JSON of a page, safe inside a script: no `<`, and no number that JSON does not have."""
    found = {
        "title": printable(scene.title),
        "total": scene.total,
        "backward": scene.backward,
        "colours": {name: getattr(colour, name) for name in COLOURS},
        "ink": colour.INK,
        "shown": shown(scene),
        "graph": None if steps is None else graph(scene, steps),
    }
    return as_script(found)


def shown(scene: Scene) -> dict[str, Any]:
    """Which cards and lines there are, and which card shows each node."""
    groups: Iterable[Group] = getattr(scene, "groups", ())  # a network has none
    return {
        "root": scene.root,
        "lines": [[edge.tail, edge.head, edge.operand] for edge in scene.edges],
        "cards": list(scene.cards),
        "groups": {g.key: printable(g.path or g.title) for g in groups if g.folded},
        "widths": [THIN, thickest(scene)],
    }


def as_script(found: Any) -> str:
    """JSON inside a script."""
    words = json.dumps(found, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return words.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def graph(scene: Scene, steps: Steps) -> dict[str, Any]:
    """The nodes, column by column: what many of them have in common is there once."""
    kinds: dict[tuple[str, str, bool], int] = {}
    kind = []
    for place, operation in enumerate(steps.operations):
        name = operation.name if operation else ""
        known = ops.ROWS.get(name) is operation  # else the page cannot compute it
        key = (name, steps.formula(place), known)
        kind.append(kinds.setdefault(key, len(kinds)))
    parents = [
        [parent for parent, _ in edges]
        if [parent for parent, _ in edges] != [x for x in operands if type(x) is int]
        else 0
        for operands, edges in zip(steps.operands, steps.edges)
    ]
    return {
        "names": list(map(printable, steps.names)),
        "data": list(map(exact, steps.data)),
        "kinds": list(kinds),
        "kind": kind,
        "operands": [
            [x if type(x) is int else [exact(x)] for x in operands] for operands in steps.operands
        ],
        "parents": parents if any(parents) else 0,
        "local": [[exact(local) for _, local in edges] for edges in steps.edges],
        "earlier": earlier(scene, steps),
    }


def earlier(scene: Scene, steps: Steps) -> bool:
    """Whether the scene has gradients of other passes than the one that the steps make."""
    grads = {f"n{place}": grad for place, grad in enumerate(steps.grads)}
    return any(
        node.grad is not None and node.key in grads and differ(node.grad, grads[node.key])
        for node in scene.nodes
    )


def differ(x: float, y: float) -> bool:
    return x != y and not (math.isnan(x) and math.isnan(y))


def exact(x: float) -> float | int | str:
    """A number for JSON: all its digits, without a `.0`; as text what JSON has no number for."""
    if not math.isfinite(x):
        return "NaN" if x != x else "Infinity" if x > 0 else "-Infinity"
    whole = x.is_integer() and abs(x) < 1e15 and (x != 0 or math.copysign(1.0, x) > 0)
    return int(x) if whole else x

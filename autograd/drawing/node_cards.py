"""How a node looks: a card with its name, operation, data and grad."""

from __future__ import annotations

import math

from autograd.drawing import colour
from autograd.drawing.lettering import MONO, fit, number, printable, width
from autograd.drawing.scene import Node, Scene
from autograd.drawing.sizes import (
    BADGE,
    CARD_WIDTH,
    HEADER_HEIGHT,
    HEADING,
    NUMBER,
    PADDING,
    ROW_HEIGHT,
    badge_width,
)
from autograd.drawing.styled import Card, Row


def card_width(node: Node) -> float:
    """The width a node would like its card to have."""
    header = width(printable(node.heading), HEADING) + (badge_width(node.symbol) or 30) + 10
    longest = max(len(number(x)) for x in (node.data, node.grad))
    rows = 44 + longest * NUMBER * MONO
    least, most = CARD_WIDTH
    return min(most, max(least, math.ceil(max(header, rows) + 2 * PADDING)))


def card(node: Node, scene: Scene, room: float, largest_grad: float) -> Card:
    label, heading = printable(node.label), printable(node.heading)
    badge = fit(printable(node.symbol), BADGE, 100.0)
    rows = [row("data", node.data), row("grad", node.grad)]
    if node.constants:
        rows.append(Row("const", constants_text(node, room), colour.INK))
    beside = badge_width(badge) or 30
    is_root = node.key == scene.root
    broken = not math.isfinite(node.data or 0.0) or not math.isfinite(node.grad or 0.0)
    kind = f"{printable(node.symbol)} ({node.op})" if node.op else node.symbol or "leaf"
    return Card(
        key=node.key,
        frame=node.group,
        width=room,
        height=HEADER_HEIGHT + ROW_HEIGHT * len(rows) + 8,
        heading=fit(heading, HEADING, room - 2 * PADDING - beside - 6),
        badge=badge,
        badge_width=badge_width(badge),
        aside="" if badge else "leaf",
        rows=tuple(rows),
        fill=colour.hexadecimal(colour.fill(node.grad, largest_grad)),
        stroke=card_stroke(node, broken, is_root),
        stroke_width=2.5 if is_root or broken else 1.2,
        dashed=False,
        stacked=False,
        description=f"{label}: {kind}, data {number(node.data)}, grad {number(node.grad)}",
    )


def constants_text(node: Node, room: float) -> str:
    """The constants, or how many they are where they do not fit."""
    text = ", ".join(number(x) for x in node.constants)
    fits = len(text) * NUMBER * MONO <= room - 2 * PADDING - 48
    return text if fits else f"{len(node.constants)} numbers"


def card_stroke(node: Node, broken: bool, is_root: bool) -> str:
    if broken:
        return colour.hexadecimal(colour.BROKEN)
    if is_root:
        return colour.INK
    return colour.hexadecimal(colour.blend(colour.line(node.grad), colour.SLATE, 0.45))


def row(word: str, x: float | None) -> Row:
    ink = colour.INK if x is None or math.isfinite(x) else colour.hexadecimal(colour.BROKEN)
    return Row(word, number(x), ink)

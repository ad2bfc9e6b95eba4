"""How a group looks: a box around its cards, or folded into a card with others behind it."""

from __future__ import annotations

import math

from autograd.drawing import colour
from autograd.drawing.lettering import MONO, fit, number, printable, regular_width, width
from autograd.drawing.scene import Group
from autograd.drawing.sizes import (
    ASIDE,
    CARD_WIDTH,
    HEADER_HEIGHT,
    HEADING,
    NUMBER,
    PADDING,
    ROW_HEIGHT,
    STACK,
    badge_width,
)
from autograd.drawing.styled import Card, Frame, Row
from autograd.drawing.words import counted

LEAST, MOST = CARD_WIDTH[0], 1.4 * CARD_WIDTH[1]


def group_width(group: Group) -> float:
    """The width a folded group would like its card to have."""
    wished = [width(printable(group.title), HEADING) + beside(group) + 10]
    wished += [48 + len(row.text) * NUMBER * MONO for row in rows_of(group)]
    return min(MOST, max(LEAST, math.ceil(max(wished) + 2 * PADDING)))


def beside(group: Group) -> float:
    """The width of what stands beside the title."""
    return badge_width(printable(group.symbol)) or width(times(group), ASIDE)


def times(group: Group) -> str:
    """How often it was called, where that is more than once."""
    return f"×{group.times:,}" if group.times > 1 else ""


def rows_of(group: Group) -> list[Row]:
    """How much is in it, and between which numbers."""
    rows = [Row("nodes", f"{group.count:,}", colour.INK)]
    if group.parameters:
        rows.append(Row("params", f"{group.parameters:,}", colour.INK))
    return [*rows, span_row("data", group.data), span_row("grad", group.grad)]


def group_card(group: Group, label: str, room: float, largest_grad: float) -> Card:
    """A folded group, with more cards behind it."""
    title, badge, rows = printable(group.title), printable(group.symbol), rows_of(group)
    grad = group.grad and max(group.grad, key=abs)
    words = [f"{label} {badge}".strip() + f": {counted(group.count, 'node')}"]
    words += [counted(group.parameters, "parameter")] * (group.parameters > 0)
    words += [f"called {group.times:,} times"] * (group.times > 1 and bool(group.path))
    words += [f"{row.word} {row.text}" for row in rows[-2:]]
    ink = colour.blend(colour.line(grad), colour.SLATE, 0.45)
    return Card(
        key=group.key,
        frame=group.group,
        width=room + STACK,
        height=HEADER_HEIGHT + ROW_HEIGHT * len(rows) + 8 + STACK,
        heading=fit(title, HEADING, room - 2 * PADDING - beside(group) - 6),
        badge=badge,
        badge_width=badge_width(badge),
        aside=times(group),
        rows=tuple(rows),
        fill=colour.hexadecimal(colour.fill(grad, largest_grad)),
        stroke=colour.hexadecimal(colour.BROKEN if group.broken else ink),
        stroke_width=2.5 if group.broken else 1.2,
        dashed=False,
        stacked=True,
        description=", ".join(words),
    )


def span_row(word: str, span: tuple[float, float] | None) -> Row:
    """A line with the least and the largest number."""
    if span is None:
        return Row(word, number(None), colour.INK)
    low, high = (number(float(f"{x:.3g}")) for x in span)
    return Row(word, low if low == high else f"{low} … {high}", colour.INK)


def left_out_card(group: Group) -> Card:
    """All the nodes that there was no room for."""
    count, noun = f"{group.count:,}", "node" if group.count == 1 else "nodes"
    return Card(
        key=group.key,
        frame="",
        width=176.0,
        height=58.0,
        heading=count,
        badge="",
        badge_width=0.0,
        aside="",
        rows=(Row(f"earlier {noun} not shown", "", colour.PALE_INK),),
        fill="#f8fafc",
        stroke="#64748b",
        stroke_width=1.4,
        dashed=True,
        stacked=False,
        description=f"{count} earlier {noun} not shown",
    )


def frame(group: Group, label: str) -> Frame:
    """An open group."""
    title = f"{printable(group.title)}  {times(group)}".strip()
    shown = fit(title, ASIDE, MOST)
    words = f"{label}: {counted(group.count, 'node')}"
    if group.times > 1:
        words += f", called {group.times:,} times"
    return Frame(group.key, group.group, shown, regular_width(shown, ASIDE), words)

"""SVG: an arrangement as text, with presentation attributes only.

No style sheet, script or reference, so the picture survives where those are stripped.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from xml.sax.saxutils import escape

from autograd.drawing import colour, sizes, trace_table
from autograd.drawing.arrangement import (
    Arrangement,
    PlacedCard,
    PlacedFrame,
    PlacedWire,
    arrow_half_width,
    arrow_length,
)
from autograd.drawing.layout import Curve, Point
from autograd.drawing.legend import HEIGHT as LEGEND_HEIGHT
from autograd.drawing.legend import legend
from autograd.drawing.lettering import fit, regular_width, width
from autograd.drawing.markup import MONO, SANS, element, plain, text, title
from autograd.drawing.styled import Card, Styled

MARGIN, LEAST_WIDTH = 28.0, 600.0
TITLE, NOTE = 21.0, 12.5  # font sizes
NOTE_GAP, NOTE_LINE = 24.0, 19.0
BESIDE = 36.0  # between the table and the graph
CAPTION, CAPTION_LINE = 14.0, 22.0
RADIUS = 9.0


def svg(styled: Styled, arrangement: Arrangement, caption: Sequence[str] = ()) -> str:
    """Write the picture, with a caption below it."""
    parts: list[str] = []
    wide, tall = trace_table.size(styled.table) if styled.table else (0.0, 0.0)
    left = wide + BESIDE if styled.table else 0.0
    inner = max(left + arrangement.width, LEAST_WIDTH, min(width(styled.title, TITLE), 1000.0))
    y = MARGIN
    if styled.title:
        y += 18
        parts.append(heading(styled.title, y, inner))
        y += 10
    y = notes(parts, styled, y, inner)
    mark = identity(styled, arrangement)
    drawn = [frame(placed, mark) for placed in arrangement.frames]
    drawn += [wire_line(wire, mark) for wire in arrangement.wires]
    pills = [wire_pill(wire, mark) for wire in arrangement.wires]
    drawn += [element("g", pills, font_family=MONO, text_anchor="middle")] if pills else []
    drawn += [card(placed, mark) for placed in arrangement.cards]
    top = y + 20
    if styled.table:
        parts.append(trace_table.drawn(styled.table, MARGIN, top, mark))
    parts.append(element("g", drawn, transform=f"translate({plain(MARGIN + left)} {plain(top)})"))
    y = top + max(arrangement.height, tall)
    if styled.legend:
        drawn_legend, legend_width = legend(styled.legend, MARGIN, y + 30)
        parts.append(drawn_legend)
        inner = max(inner, legend_width)
        y += 30 + LEGEND_HEIGHT - 12
    y += 12 if caption else 0
    for words in caption:
        y += CAPTION_LINE
        parts.append(text(fit(words, CAPTION, inner), MARGIN, y, CAPTION, colour.INK, mono=True))
    whole, high = inner + 2 * MARGIN, y + MARGIN
    head = title(f"Graph of {styled.title}" if styled.title else "Graph")
    head += element("desc", [escape(styled.description)])
    back = element("rect", width=whole, height=high, fill="#ffffff")
    return element(
        "svg",
        [head, back, *parts],
        xmlns="http://www.w3.org/2000/svg",
        id=mark,
        role="img",
        width=whole,
        height=high,
        viewBox=f"0 0 {plain(whole)} {plain(high)}",
        font_family=SANS,
    )


def identity(styled: Styled, arrangement: Arrangement) -> str:
    """The same graph gets the same ids in every run; two graphs in one page do not clash."""
    return "gg" + hashlib.sha256(repr((styled, arrangement)).encode()).hexdigest()[:10]


def heading(words: str, y: float, room: float) -> str:
    shown = fit(words, TITLE, room)
    line = text(shown, MARGIN, y, TITLE, colour.INK, bold=True)
    return line if shown == words else element("g", [title(words), line])


def notes(parts: list[str], styled: Styled, y: float, room: float) -> float:
    """The lines under the title, broken where there is no more room; returns where they end."""
    x = MARGIN
    y += NOTE_LINE - 4
    for i, note in enumerate(styled.notes):
        wide = regular_width(note, NOTE)
        if i and x + wide > MARGIN + room:
            x, y = MARGIN, y + NOTE_LINE
        elif i:
            bar = f"M{plain(x - NOTE_GAP / 2)} {plain(y - 10)}v12"
            parts.append(element("path", d=bar, stroke="#cbd5e1", stroke_width=1))
        parts.append(text(fit(note, NOTE, room), x, y, NOTE, colour.PALE_INK))
        x += wide + NOTE_GAP
    return y if styled.notes else y - NOTE_LINE + 4


def frame(placed: PlacedFrame, mark: str) -> str:
    """The box around an open group."""
    look, (left, top, right, bottom) = placed.frame, placed.bounds
    box = element(
        "rect",
        x=left,
        y=top,
        width=right - left,
        height=bottom - top,
        rx=RADIUS + 3,
        fill="#64748b",
        fill_opacity=0.05,
        stroke="#94a3b8",
        stroke_width=1.2,
        stroke_dasharray="6 4",
    )
    words = text(look.title, left + 10, top + 16, sizes.ASIDE, colour.PALE_INK, bold=True)
    return element("g", [title(look.description), box, words], id=f"{mark}-{look.key}")


def path(curve: Curve) -> str:
    """A curve as path data: what runs level is a line."""
    steps = [f"M{point(curve[0])}"]
    for i in range(0, len(curve) - 1, 3):
        start, *rest = curve[i : i + 4]
        level = all(y == start[1] for _, y in rest)
        step = f"H{plain(rest[-1][0])}" if level else f"C{' '.join(map(point, rest))}"
        if level and steps[-1][0] == "H":
            steps.pop()
        steps.append(step)
    return "".join(steps)


def point(place: Point) -> str:
    return f"{plain(place[0])} {plain(place[1])}"


def wire_line(placed: PlacedWire, mark: str) -> str:
    """The line of a wire with its arrow."""
    wire, (x, y) = placed.wire, placed.tip
    foot = x + arrow_length(wire) if wire.back else x - arrow_length(wire)
    half = arrow_half_width(wire)
    arrow = f"M{plain(x)} {plain(y)}L{plain(foot)} {plain(y - half)}V{plain(y + half)}Z"
    line = element(
        "path",
        d=path(placed.line),
        fill="none",
        stroke=wire.stroke,
        stroke_width=wire.thickness,
        stroke_dasharray="5 4" if wire.dashed else None,
    )
    return element(
        "g",
        [title(wire.description), line, element("path", d=arrow, fill=wire.stroke)],
        id=f"{mark}-{wire.key}",
    )


def wire_pill(placed: PlacedWire, mark: str) -> str:
    """The pill of a wire: the local derivative."""
    wire, (x, y) = placed.wire, placed.pill
    oval = element(
        "rect",
        x=x - wire.pill_width / 2,
        y=y - wire.pill_height / 2,
        width=wire.pill_width,
        height=wire.pill_height,
        rx=wire.pill_height / 2,
        fill="#ffffff",
        stroke=wire.stroke,
        stroke_width=1.4,
    )
    words = text(wire.pill, x, y + 4.3, sizes.PILL, wire.ink)  # set as the group of all pills is
    return element("g", [title(wire.description), oval, words], id=f"{mark}-{wire.key}-pill")


def card(placed: PlacedCard, mark: str) -> str:
    """A card: a heading with its badge, a rule, and rows of numbers."""
    look = placed.card
    stack = sizes.STACK if look.stacked else 0.0
    x, y, wide = placed.x, placed.y + stack, look.width - stack
    left, right = x + sizes.PADDING, x + wide - sizes.PADDING
    parts = [title(look.description)]
    parts += [outline(look, x + s, y - s, stack) for s in (stack, stack / 2) if s]
    parts.append(outline(look, x, y, stack))
    parts.append(text(look.heading, left, y + 22, sizes.HEADING, colour.INK, bold=True))
    if look.badge:
        parts += badge(look, y, right)
    elif look.aside:
        aside = look.aside
        parts.append(text(aside, right, y + 21.5, sizes.ASIDE, colour.PALE_INK, anchor="end"))
    if not look.dashed:
        rule = f"M{plain(x + 1)} {plain(y + sizes.HEADER_HEIGHT - 1)}h{plain(wide - 2)}"
        parts.append(
            element("path", d=rule, stroke=look.stroke, stroke_width=1, stroke_opacity=0.3)
        )
    for i, row in enumerate(look.rows):
        base = y + sizes.HEADER_HEIGHT + sizes.ROW_HEIGHT * i + 16
        if look.dashed:
            base -= 12
        parts.append(text(row.word, left, base, sizes.ROW, colour.PALE_INK))
        if row.text:
            parts.append(
                text(row.text, right, base, sizes.NUMBER, row.ink, mono=True, anchor="end")
            )
    return element("g", parts, id=f"{mark}-{look.key}")


def outline(look: Card, x: float, y: float, stack: float) -> str:
    """The shape of a card, or of one behind it."""
    return element(
        "rect",
        x=x,
        y=y,
        width=look.width - stack,
        height=look.height - stack,
        rx=RADIUS,
        fill=look.fill,
        stroke=look.stroke,
        stroke_width=look.stroke_width,
        stroke_dasharray="5 4" if look.dashed else None,
    )


def badge(look: Card, y: float, right: float) -> list[str]:
    """The operation in a dark pill."""
    x = right - look.badge_width + 4
    return [
        element(
            "rect", x=x, y=y + 6.5, width=look.badge_width, height=21, rx=10.5, fill=colour.BADGE
        ),
        text(
            look.badge,
            x + look.badge_width / 2,
            y + 21.3,
            sizes.BADGE,
            "#ffffff",
            bold=True,
            anchor="middle",
        ),
    ]

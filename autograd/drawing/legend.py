"""The legend: what the colours and the widths stand for, in numbers."""

from __future__ import annotations

from autograd.drawing import colour
from autograd.drawing.lettering import number, regular_width
from autograd.drawing.markup import element, text
from autograd.drawing.sizes import THIN
from autograd.drawing.styled import Legend

STEPS = 60
BAR_WIDTH, BAR_HEIGHT = 240.0, 12.0
WEDGE_WIDTH = 120.0
HEIGHT = 44.0
SIZE, SMALL = 12.5, 11.0


def legend(what: Legend, x: float, y: float) -> tuple[str, float]:
    """The legend with its upper left corner at (x, y), and its width."""
    parts: list[str] = []
    start = x
    if what.largest_grad:
        x = colour_bar(parts, what, x, y) + 44
    if what.largest_flow:
        x = wedge(parts, what, x, y) + 44
    if what.broken:
        x = warning(parts, x, y) + 44
    return element("g", parts), max(0.0, x - 44 - start)


def colour_bar(parts: list[str], what: Legend, x: float, y: float) -> float:
    """The colours from the most negative gradient to the most positive; returns where it ends."""
    parts.append(text(what.word, x, y + 11, SIZE, colour.PALE_INK))
    x = round(x + regular_width(what.word, SIZE) + 12)  # whole units: no seams between the steps
    step = BAR_WIDTH / STEPS
    for i in range(STEPS):
        share = (2 * i + 1) / STEPS - 1  # from -1 to 1, linear in strength
        grad = share * abs(share) * what.largest_grad
        tint = colour.hexadecimal(colour.fill(grad, what.largest_grad))
        parts.append(
            element(
                "rect",
                x=x + i * step,
                y=y,
                width=step,
                height=BAR_HEIGHT,
                fill=tint,
            )
        )
    parts.append(
        element(
            "rect",
            x=x,
            y=y,
            width=BAR_WIDTH,
            height=BAR_HEIGHT,
            fill="none",
            stroke="#94a3b8",
            stroke_width=1,
        )
    )
    for share in (-1.0, -0.5, 0.0, 0.5, 1.0):
        at = x + BAR_WIDTH * (1 + share) / 2
        grad = share * abs(share) * what.largest_grad
        label = ("+" if grad > 0 else "") + number(float(f"{grad:.3g}"))
        parts.append(
            element("path", d=f"M{at:.2f} {y + BAR_HEIGHT:.2f}v4", stroke="#94a3b8", stroke_width=1)
        )
        parts.append(text(label, at, y + 28, SMALL, colour.PALE_INK, anchor="middle"))
    return x + BAR_WIDTH


def wedge(parts: list[str], what: Legend, x: float, y: float) -> float:
    """The widths from no flow to the largest; returns where it ends."""
    words = "|local × grad|"
    parts.append(text(words, x, y + 11, SIZE, colour.PALE_INK))
    x += regular_width(words, SIZE) + 12
    middle = y + BAR_HEIGHT / 2
    end = x + WEDGE_WIDTH
    shape = (
        f"M{x:.2f} {middle - THIN / 2:.2f}L{end:.2f} {middle - what.thickest / 2:.2f}"
        f"V{middle + what.thickest / 2:.2f}L{x:.2f} {middle + THIN / 2:.2f}Z"
    )
    parts.append(element("path", d=shape, fill="#64748b"))
    top = number(float(f"{what.largest_flow:.3g}"))
    parts.append(text("0", x, y + 28, SMALL, colour.PALE_INK, anchor="middle"))
    parts.append(text(top, end, y + 28, SMALL, colour.PALE_INK, anchor="middle"))
    return end


def warning(parts: list[str], x: float, y: float) -> float:
    """The mark of numbers that are not finite; returns where it ends."""
    parts.append(
        element(
            "rect",
            x=x,
            y=y - 1,
            width=22,
            height=14,
            rx=4,
            fill=colour.hexadecimal(colour.BROKEN_FILL),
            stroke=colour.hexadecimal(colour.BROKEN),
            stroke_width=2,
        )
    )
    words = "nan or ∞"
    parts.append(text(words, x + 30, y + 11, SIZE, colour.PALE_INK))
    return x + 30 + regular_width(words, SIZE)

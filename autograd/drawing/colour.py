"""Colours: blue for a negative gradient, white for none, orange for a positive one.

The two hues stay apart in all common kinds of colour blindness, and no colour stands alone:
the number that it shows is always printed.
"""

from __future__ import annotations

import math

Colour = tuple[int, int, int]

#                    fill at full strength    lines and arrows
NEGATIVE: Colour = (0x8F, 0xC3, 0xE6)
POSITIVE: Colour = (0xFB, 0xB5, 0x83)
NEGATIVE_LINE: Colour = (0x1F, 0x6F, 0xB2)
POSITIVE_LINE: Colour = (0xC6, 0x55, 0x12)
WHITE: Colour = (0xFF, 0xFF, 0xFF)
GREY: Colour = (0x94, 0xA3, 0xB8)  # zero, or no gradient yet
BROKEN: Colour = (0xA2, 0x12, 0x76)  # nan and infinity
BROKEN_FILL: Colour = (0xFB, 0xEA, 0xF6)
SLATE: Colour = (0x33, 0x41, 0x55)  # what the outlines of cards are blended with

INK = "#0f172a"
PALE_INK = "#3f4b5f"
BADGE = "#1e293b"


def hexadecimal(colour: Colour) -> str:
    return "#{:02x}{:02x}{:02x}".format(*colour)


def blend(start: Colour, end: Colour, share: float) -> Colour:
    """The colour `share` of the way from start to end."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(start, end, strict=True))
    return red, green, blue


def strength(x: float, largest: float) -> float:
    """How strong a number is drawn, 0 to 1: the square root keeps small ones visible."""
    return math.sqrt(min(1.0, abs(x) / largest)) if largest else 0.0


def fill(grad: float | None, largest: float) -> Colour:
    """The colour of a card."""
    if grad is None:
        return WHITE
    if not math.isfinite(grad):
        return BROKEN_FILL
    return blend(WHITE, NEGATIVE if grad < 0 else POSITIVE, strength(grad, largest))


def line(x: float | None) -> Colour:
    """The colour of a line: the sign of a number."""
    if x is None or x == 0:
        return GREY
    if not math.isfinite(x):
        return BROKEN
    return NEGATIVE_LINE if x < 0 else POSITIVE_LINE

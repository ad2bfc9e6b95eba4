"""Sizes: of letters, cards and lines, in units of the picture."""

from __future__ import annotations

from autograd.drawing.lettering import MONO, width

HEADING, ROW, NUMBER, BADGE, PILL = 15.0, 12.5, 13.5, 12.5, 12.0  # font sizes
ASIDE = 11.5
CARD_WIDTH = (148.0, 216.0)  # least, most
HEADER_HEIGHT, ROW_HEIGHT, PILL_HEIGHT = 34.0, 21.0, 21.0
PADDING = 12.0
THIN, THICK = 1.4, 5.0  # edge widths
STACK = 5.0  # how far the cards behind a folded group's card stand out


def badge_width(text: str) -> float:
    return max(24.0, width(text, BADGE) + 12) if text else 0.0


def pill_width(text: str) -> float:
    return round(max(26.0, len(text) * PILL * MONO + 14), 1)

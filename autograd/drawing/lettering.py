"""Lettering: how a number is written, how wide a text is, how a long one is shortened."""

from __future__ import annotations

import unicodedata

from autograd.text import Text

MONO = 0.602  # every DejaVu Sans Mono glyph, in ems
REGULAR = 0.92  # a text in regular letters is at most this much of one in bold letters
# advance widths of DejaVu Sans Bold in ems, rounded up by class
WIDTHS = {
    0.38: "' ijl/\\|,.IJ·",
    0.46: ":;-f²!()[]",
    0.53: 't_`r°"*',
    0.60: "?zcs∂ε",
    0.70: "LλxvykaeéEFToαγδθΣ$0123456789",
    0.74: "Sbdghnpqu{}βYZCPμ",
    0.79: "BRXAKVσφ",
    0.85: "GUD#+<=>HN^~×÷−∞OQ",
    1.02: "&w@M…%",
    1.11: "mW",
}
ADVANCE = {character: width for width, characters in WIDTHS.items() for character in characters}


def number(x: float | None) -> str:
    """Write a number in at most six significant digits; "·" stands for "not computed yet".

    >>> number(0.1 + 0.2), number(-1e-7), number(float("-inf")), number(float("nan"))
    ('0.3', '−1e−7', '−∞', 'nan')
    >>> number(1234567.0), number(-0.0), number(None)
    ('1.23457e6', '0', '·')
    """
    return "·" if x is None else Text.number(x)


def width(text: str, size: float) -> float:
    """An upper estimate of the width of a bold text at a font size, in the unit of the size."""
    return size * sum(ADVANCE.get(c) or unlisted(c) for c in text)


def regular_width(text: str, size: float) -> float:
    """An upper estimate of the width of a text in regular letters."""
    return REGULAR * width(text, size)


def unlisted(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    wide = unicodedata.east_asian_width(character) in "WF" or ord(character) >= 0x1F000
    return 1.38 if wide else 0.88


def fit(text: str, size: float, room: float) -> str:
    """Shorten a text to a width, visibly.

    >>> fit("hidden_layer_activation", 10, 60)
    'hidden_l…'
    """
    if width(text, size) <= room:
        return text
    room -= width("…", size)
    end = 0
    while end < len(text) and (room := room - width(text[end], size)) >= 0:
        end += 1
    return text[:end] + "…"


def printable(text: str) -> str:
    """Replace what no font and no XML file may hold: control characters, lone surrogates."""
    return "".join(" " if c in "\t\r\n" else c if legal(c) else "\ufffd" for c in text)


def legal(character: str) -> bool:
    bad = unicodedata.category(character) in ("Cc", "Cs")
    return not bad and ord(character) not in (0xFFFE, 0xFFFF)

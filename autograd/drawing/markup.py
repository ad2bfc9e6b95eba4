"""Markup: the few SVG elements that the pictures are made of."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape, quoteattr

SANS = "DejaVu Sans, Verdana, sans-serif"  # Verdana has the same widths
MONO = "DejaVu Sans Mono, Menlo, Consolas, monospace"


def element(name: str, content: Iterable[str] = (), **attributes: object) -> str:
    """One element; an underscore in an attribute's name stands for a hyphen.

    >>> element("rect", x=1.0, stroke_width=2.5)
    '<rect x="1" stroke-width="2.5"/>'
    """
    words = [name]
    for key, value in attributes.items():
        if value is not None:
            written = plain(value) if isinstance(value, float) else str(value)
            words.append(f"{key.replace('_', '-')}={quoteattr(written)}")
    inside = "".join(content)
    return f"<{' '.join(words)}>{inside}</{name}>" if inside else f"<{' '.join(words)}/>"


def plain(x: float) -> str:
    """A coordinate in at most one decimal: a tenth of a unit is not seen."""
    written = f"{x:.1f}".rstrip("0").rstrip(".")
    return "0" if written == "-0" else written


def text(
    words: str,
    x: float,
    y: float,
    size: float,
    ink: str,
    *,
    bold: bool = False,
    mono: bool = False,
    anchor: str | None = None,
) -> str:
    """A line of text; y is its base line."""
    return element(
        "text",
        [escape(words)],
        x=x,
        y=y,
        font_family=MONO if mono else None,  # the picture as a whole is in SANS
        font_size=size,
        font_weight="bold" if bold else None,
        text_anchor=anchor,
        fill=ink,
    )


def title(words: str) -> str:
    """The text that a browser shows on hovering and a screen reader reads."""
    return element("title", [escape(words)])

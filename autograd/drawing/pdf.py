"""PDF: the same SVG as vectors, with the letters of the fonts beside this file embedded."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from autograd.drawing.png import FONTS

FAMILIES = (
    ("DejaVu Sans", "DejaVuSans.ttf", "normal"),
    ("DejaVu Sans", "DejaVuSans-Bold.ttf", "bold"),
    ("DejaVu Sans Mono", "DejaVuSansMono.ttf", "normal"),
)


def pdf(svg: str) -> bytes:
    """Write an SVG as a PDF of one page, 96 units of the picture to an inch."""
    try:
        from reportlab.graphics import renderPDF
        from svglib import fonts, svglib
    except ImportError as error:
        raise ImportError(
            'PDF pictures need the package svglib: pip install "glassgrad[draw]"  '
            "(SVG pictures need nothing)"
        ) from error
    for family, file, weight in FAMILIES:
        fonts.register_font(family, str(FONTS / file), weight=weight)
    drawing: Any = svglib.svg2rlg(BytesIO(svg.encode()))
    data: bytes = renderPDF.drawToString(drawing)
    return data

"""PNG: the very same SVG as pixels, with letters from the fonts beside this file."""

from __future__ import annotations

import math
import re
import warnings
from pathlib import Path

FONTS = Path(__file__).parent / "fonts"
MOST_PIXELS = 60_000_000

# the ranges that the bundled fonts cover; beyond them the fonts of the machine help out
COVERED = re.compile(
    "[\n\u0020-\u007e\u00a0-\u017f\u0370-\u03ff\u0400-\u045f\u2000-\u206f\u2070-\u209f"
    "\u2100-\u214f\u2190-\u21ff\u2200-\u22ff\u2500-\u257f\u25a0-\u25cf\ufffd]*"
)


def png(svg: str, scale: float = 2.0) -> bytes:
    """Draw an SVG as PNG bytes, `scale` pixels to a unit."""
    if not (isinstance(scale, (int, float)) and math.isfinite(scale) and scale > 0):
        raise ValueError(f"scale must be a positive number such as 2, got {scale!r}")
    try:
        import resvg_py
    except ImportError as error:
        raise ImportError(
            "PNG pictures need the package resvg-py: "
            'pip install "glassgrad[draw]"  (SVG pictures need nothing)'
        ) from error
    return resvg_py.svg_to_bytes(
        svg_string=svg,
        zoom=affordable(svg, scale),
        skip_system_fonts=COVERED.fullmatch(svg) is not None,
        font_files=[str(path) for path in sorted(FONTS.glob("*.ttf"))],
        sans_serif_family="DejaVu Sans",
        monospace_family="DejaVu Sans Mono",
    )


def affordable(svg: str, scale: float) -> float:
    """The scale, or as much of it as a picture of this size can have."""
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', svg)
    pixels = float(size[1]) * float(size[2]) * scale**2 if size else 0.0
    if pixels <= MOST_PIXELS:
        return scale
    smaller = scale * math.sqrt(MOST_PIXELS / pixels)
    warnings.warn(
        f"the picture is too large for scale={scale:g}; drawn at scale={smaller:.2g}. "
        "Use .svg(), or a smaller max_nodes",
        stacklevel=4,
    )
    return smaller

"""An animated GIF: pictures in the order in which they are shown."""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from autograd.drawing.png import png

HOLD = 3.0  # seconds that the last one stays longer


def gif(frames: Iterable[str], seconds: float, scale: float) -> bytes:
    """Pictures as SVG, each shown for so many seconds, as an animated GIF that repeats.

    Raises ImportError if `pillow` is missing, ValueError for a time that is not positive.
    """
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            'GIF pictures need the package pillow: pip install "glassgrad[draw]"'
        ) from error
    if not seconds > 0:
        raise ValueError(f"seconds is how long a step is shown, a positive number, got {seconds!r}")
    pictures = (png(frame, scale) for frame in frames)
    shown = [Image.open(BytesIO(picture)).convert("RGB") for picture in pictures]
    wide, high = (max(getattr(image, side) for image in shown) for side in ("width", "height"))
    palette = shown[-1].quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    images = []
    for image in shown:
        canvas = Image.new("RGB", (wide, high), "white")
        canvas.paste(image, (0, 0))
        images.append(canvas.quantize(palette=palette, dither=Image.Dither.NONE))
    each = round(1000 * seconds)
    pace = [each] * (len(images) - 1) + [each + round(1000 * HOLD)]
    out = BytesIO()
    images[0].save(
        out, "GIF", save_all=True, append_images=images[1:], duration=pace, loop=0, optimize=False
    )
    return out.getvalue()

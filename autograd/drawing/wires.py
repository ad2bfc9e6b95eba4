"""How an edge looks: a line whose colour and width show where the gradient flows, with a pill."""

from __future__ import annotations

import math

from autograd.drawing import colour
from autograd.drawing.lettering import number
from autograd.drawing.scene import LEFT_OUT, Edge
from autograd.drawing.sizes import PILL_HEIGHT, THIN, pill_width
from autograd.drawing.styled import Wire


def wire(
    key: str, edge: Edge, labels: dict[str, str], largest_flow: float, thickest: float
) -> Wire:
    """An edge between cards that are called by their labels."""
    share = 0.0
    if edge.flow is not None and math.isfinite(edge.flow):
        share = colour.strength(edge.flow, largest_flow)
    text, ink = number(edge.local), colour.INK
    if edge.count > 1:
        text, ink = f"{edge.count:,} edges", colour.PALE_INK
    elif not math.isfinite(edge.local or 0.0):
        ink = colour.hexadecimal(colour.BROKEN)
    return Wire(
        key=key,
        tail=edge.tail,
        head=edge.head,
        back=edge.back,
        stroke=colour.hexadecimal(colour.line(edge.flow)),
        thickness=round(THIN + (thickest - THIN) * share, 2),
        dashed=edge.tail == LEFT_OUT,
        pill=text,
        pill_width=pill_width(text),
        pill_height=PILL_HEIGHT,
        ink=ink,
        description=described(edge, labels),
    )


def described(edge: Edge, labels: dict[str, str]) -> str:
    """An edge in words."""
    tail, head = labels[edge.tail], labels[edge.head]
    if edge.count > 1:
        what = f"{edge.count:,} edges from {tail} to {head}"
        return what if edge.flow is None else f"{what}, local × grad together {number(edge.flow)}"
    what = f"∂{head}/∂{tail} = {number(edge.local)} (operand {edge.operand + 1})"
    return what if edge.flow is None else f"{what}, adds {number(edge.flow)} to the grad of {tail}"

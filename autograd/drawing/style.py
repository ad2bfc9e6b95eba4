"""The style: a function of the scene that decides every size, colour and text, but no place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable

from autograd.drawing import colour
from autograd.drawing.lettering import MONO, fit, number, printable, width
from autograd.drawing.scene import FOLD, Edge, Fold, Node, Scene
from autograd.drawing.styled import Card, Legend, Row, Styled, Wire

HEADING, ROW, NUMBER, BADGE, PILL = 15.0, 12.5, 13.5, 12.5, 12.0  # font sizes
CARD_WIDTH = (148.0, 216.0)  # least, most
HEADER_HEIGHT, ROW_HEIGHT, PILL_HEIGHT = 34.0, 21.0, 21.0
PADDING = 12.0
THIN, THICK = 1.4, 5.0  # edge widths


def style(scene: Scene) -> Styled:
    """Dress a scene."""
    largest_grad = largest(node.grad for node in scene.nodes)
    largest_flow = largest(edge.flow for edge in scene.edges)
    labels = {node.key: printable(node.label) for node in scene.nodes}
    crowd = max(Counter(edge.head for edge in scene.edges).values(), default=0)
    thickest = max(
        THIN, THICK * min(1.0, 8 / max(1, crowd))
    )  # so that many arrows fit side by side
    labels[FOLD] = "a node not shown"
    room = max([card_width(node) for node in scene.nodes], default=CARD_WIDTH[0])
    cards = [card(node, scene, room, largest_grad) for node in scene.nodes]
    wires = [
        wire(f"e{i}", edge, labels, largest_flow, thickest) for i, edge in enumerate(scene.edges)
    ]
    if scene.fold:
        cards.insert(0, fold_card(scene.fold))
        wires += fold_wires(scene.fold, labels)
    descriptions = [card.description for card in cards] + [wire.description for wire in wires]
    numbers = [x for node in scene.nodes for x in (node.data, node.grad)]
    numbers += [x for edge in scene.edges for x in (edge.local, edge.flow)]
    broken = any(x is not None and not math.isfinite(x) for x in numbers)
    legend = Legend(
        f"∂{printable(scene.root_label)}/∂node", largest_grad, largest_flow, thickest, broken
    )
    return Styled(
        title=printable(scene.title),
        notes=tuple(printable(note) for note in scene.notes),
        cards=tuple(cards),
        wires=tuple(wires),
        legend=legend if scene.backward or broken else None,
        description="\n".join(descriptions),
    )


def largest(numbers: Iterable[float | None]) -> float:
    """The largest finite absolute value, or 0."""
    finite = (abs(x) for x in numbers if x is not None and math.isfinite(x))
    return max(finite, default=0.0)


def badge_width(text: str) -> float:
    return max(24.0, width(text, BADGE) + 12) if text else 0.0


def card_width(node: Node) -> float:
    """The width a node would like its card to have."""
    header = width(printable(node.label), HEADING) + (badge_width(node.symbol) or 30) + 10
    longest = max(len(number(x)) for x in (node.data, node.grad))
    rows = 44 + longest * NUMBER * MONO
    least, most = CARD_WIDTH
    return min(most, max(least, math.ceil(max(header, rows) + 2 * PADDING)))


def card(node: Node, scene: Scene, room: float, largest_grad: float) -> Card:
    label = printable(node.label)
    badge = fit(printable(node.symbol), BADGE, 100.0)
    rows = [row("data", node.data), row("grad", node.grad)]
    if node.constants:
        rows.append(Row("const", constants_text(node, room), colour.INK))
    beside = badge_width(badge) or 30
    is_root = node.key == scene.root
    broken = not math.isfinite(node.data) or not math.isfinite(node.grad or 0.0)
    kind = f"{printable(node.symbol)} ({node.op})" if node.op else node.symbol or "leaf"
    return Card(
        key=node.key,
        width=room,
        height=HEADER_HEIGHT + ROW_HEIGHT * len(rows) + 8,
        heading=fit(label, HEADING, room - 2 * PADDING - beside - 6),
        badge=badge,
        badge_width=badge_width(badge),
        rows=tuple(rows),
        fill=colour.hexadecimal(colour.fill(node.grad, largest_grad)),
        stroke=card_stroke(node, broken, is_root),
        stroke_width=2.5 if is_root or broken else 1.2,
        dashed=False,
        description=f"{label}: {kind}, data {number(node.data)}, grad {number(node.grad)}",
    )


def constants_text(node: Node, room: float) -> str:
    """The constants, or how many they are where they do not fit."""
    text = ", ".join(number(x) for x in node.constants)
    fits = len(text) * NUMBER * MONO <= room - 2 * PADDING - 48
    return text if fits else f"{len(node.constants)} numbers"


def card_stroke(node: Node, broken: bool, is_root: bool) -> str:
    if broken:
        return colour.hexadecimal(colour.BROKEN)
    if is_root:
        return colour.INK
    return colour.hexadecimal(colour.blend(colour.line(node.grad), (0x33, 0x41, 0x55), 0.45))


def row(word: str, x: float | None) -> Row:
    ink = colour.INK if x is None or math.isfinite(x) else colour.hexadecimal(colour.BROKEN)
    return Row(word, number(x), ink)


def wire(
    key: str, edge: Edge, labels: dict[str, str], largest_flow: float, thickest: float
) -> Wire:
    stroke = colour.hexadecimal(colour.line(edge.flow))
    share = 0.0
    if edge.flow is not None and math.isfinite(edge.flow):
        share = colour.strength(edge.flow, largest_flow)
    text = number(edge.local)
    what = f"∂{labels[edge.head]}/∂{labels[edge.tail]} = {text} (operand {edge.operand + 1})"
    if edge.flow is not None:
        what += f", adds {number(edge.flow)} to the grad of {labels[edge.tail]}"
    broken = not math.isfinite(edge.local)
    return Wire(
        key=key,
        tail=edge.tail,
        head=edge.head,
        stroke=stroke,
        thickness=round(THIN + (thickest - THIN) * share, 2),
        dashed=edge.tail == FOLD,
        pill=text,
        pill_width=pill_width(text),
        pill_height=PILL_HEIGHT,
        ink=colour.hexadecimal(colour.BROKEN) if broken else colour.INK,
        description=what,
    )


def pill_width(text: str) -> float:
    return round(max(26.0, len(text) * PILL * MONO + 14), 1)


def fold_card(fold: Fold) -> Card:
    count, noun = f"{fold.count:,}", "node" if fold.count == 1 else "nodes"
    return Card(
        key=fold.key,
        width=176.0,
        height=58.0,
        heading=count,
        badge="",
        badge_width=0.0,
        rows=(Row(f"earlier {noun} not shown", "", colour.PALE_INK),),
        fill="#f8fafc",
        stroke="#64748b",
        stroke_width=1.4,
        dashed=True,
        description=f"{count} earlier {noun} not shown",
    )


def fold_wires(fold: Fold, labels: dict[str, str]) -> list[Wire]:
    wires = []
    for i, (head, count) in enumerate(fold.bundles):
        text = f"{count:,} edges"
        wires.append(
            Wire(
                key=f"f{i}",
                tail=fold.key,
                head=head,
                stroke=colour.hexadecimal(colour.GREY),
                thickness=THIN,
                dashed=True,
                pill=text,
                pill_width=pill_width(text),
                pill_height=PILL_HEIGHT,
                ink=colour.PALE_INK,
                description=f"{text} from nodes not shown to {labels[head]}",
            )
        )
    return wires

"""Moments: one graph at several times, every card in the same place, all in the same colours.

That is what an animation of the two passes is made of, and a film of training.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any

from autograd.drawing import colour
from autograd.drawing.arrangement import Arrangement, PlacedWire, arrange, arrow_length
from autograd.drawing.lettering import number
from autograd.drawing.scene import Scene
from autograd.drawing.style import Scale, style
from autograd.drawing.styled import Styled, Table
from autograd.drawing.svg import svg

BUSY = 3.0  # the outline of the card whose step it is
Caption = Sequence[str]


def moments(
    scenes: Sequence[Scene], captions: Sequence[Caption], busy: Sequence[str] = ()
) -> Iterator[str]:
    """Pictures of one graph at several times, as SVG; `busy` is the key of a card to outline."""
    scale = Scale.of(*scenes)
    whole = style(widest(scenes), scale)
    places = arrange(whole)
    for i, (scene, caption) in enumerate(zip(scenes, captions, strict=True)):
        card = busy[i] if busy else ""
        styled = style(scene, scale)
        styled = replace(styled, legend=whole.legend, table=table(styled.table, whole, card))
        yield svg(styled, moment(places, styled, card), caption)


def widest(scenes: Sequence[Scene]) -> Scene:
    """The scene with the longest of the numbers that each place has at any time."""
    together = zip(*(scene.nodes for scene in scenes), strict=True)
    nodes = tuple(
        replace(
            nodes[0],
            data=longest([node.data for node in nodes]),
            grad=longest([node.grad for node in nodes]),
        )
        for nodes in together
    )
    lines = zip(*(scene.edges for scene in scenes), strict=True)
    edges = tuple(replace(e[0], local=longest([edge.local for edge in e])) for e in lines)
    backward = any(scene.backward for scene in scenes)
    return replace(scenes[-1], nodes=nodes, edges=edges, backward=backward)


def longest(numbers: Sequence[float | None]) -> float | None:
    return max(numbers, key=lambda x: len(number(x)))


def table(now: Table | None, whole: Styled, busy: str) -> Table | None:
    """The table of a moment, as wide as it will be, with the line whose step it is outlined."""
    if now is None or whole.table is None:
        return None
    lines = tuple(replace(line, busy=line.key == busy) for line in now.lines)
    return Table(lines, whole.table.widths)


def moment(places: Arrangement, styled: Styled, busy: str) -> Arrangement:
    """The looks of a moment in the places of the whole picture."""
    cards = {card.key: card for card in styled.cards}
    wires = {wire.key: wire for wire in styled.wires}
    return replace(
        places,
        cards=tuple(
            replace(placed, card=dressed(placed.card, cards[placed.card.key], busy))
            for placed in places.cards
        ),
        wires=tuple(redrawn(placed, wires[placed.wire.key]) for placed in places.wires),
    )


def dressed(card: Any, now: Any, busy: str) -> Any:
    """A card as large as it will be, outlined if it is the one whose step it is."""
    look = replace(now, width=card.width, height=card.height)
    return replace(look, stroke=colour.INK, stroke_width=BUSY) if card.key == busy else look


def redrawn(placed: PlacedWire, now: Any) -> PlacedWire:
    """A wire whose line ends where its arrow begins."""
    look = replace(now, pill_width=placed.wire.pill_width, back=placed.wire.back)
    x, y = placed.tip
    foot = (x - arrow_length(look) + 1, y)
    return replace(placed, wire=look, line=placed.line if look.back else (*placed.line[:-1], foot))


def shape(scene: Scene) -> Any:
    """What two scenes of one graph have in common, whatever their numbers."""
    nodes = [(node.key, node.op, node.label) for node in scene.nodes]
    edges = [(edge.tail, edge.head, edge.operand) for edge in scene.edges]
    return nodes, [group.key for group in scene.groups], edges

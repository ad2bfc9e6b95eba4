"""The arrangement: a styled scene with a place for every card and a path for every wire.

Each pill is a box of its own in the layout, between its two cards, so that it sits exactly on its
edge and overlaps nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.drawing.layout import Box, Curve, Link, Placement, Plan, Point, place
from autograd.drawing.style import CARD_WIDTH
from autograd.drawing.styled import Card, Styled, Wire

EDGE_ROOM = 16.0  # from the corner of a card to the first arrow
PORT_GAP = 20.0  # between two arrows, where there is room
FEW = 3  # so many arrows fan in softly; more are bundled


@dataclass(frozen=True)
class PlacedCard:
    """A card and its upper left corner."""

    card: Card
    x: float
    y: float


@dataclass(frozen=True)
class PlacedWire:
    """A wire: its line from the card to the foot of the arrow, its pill, the tip of the arrow."""

    wire: Wire
    line: Curve
    pill: Point
    tip: Point


@dataclass(frozen=True)
class Arrangement:
    """Everything in its place; the graph's upper left corner is (0, 0)."""

    cards: tuple[PlacedCard, ...]
    wires: tuple[PlacedWire, ...]
    width: float
    height: float


def arrange(styled: Styled, engines: Sequence[str] | None = None) -> Arrangement:
    """Lay out the cards and route the wires."""
    uses = Counter(wire.head for wire in styled.wires)
    widest = max(uses.values(), default=0)
    boxes = [Box(card.key, card.width, card.height) for card in styled.cards]
    boxes += [Box(wire.key, wire.pill_width, wire.pill_height) for wire in styled.wires]
    links = [
        link
        for wire in styled.wires
        for link in (Link(wire.tail, wire.key), Link(wire.key, wire.head, weight=3))
    ]
    gap = min(80.0, 30.0 + 3.0 * widest)
    centre, curves = at_origin(place(Plan(tuple(boxes), tuple(links), gap), engines), boxes)
    cards = tuple(
        PlacedCard(
            card,
            x=centre[card.key][0] - card.width / 2,
            y=centre[card.key][1] - card.height / 2,
        )
        for card in styled.cards
    )
    tips = ports(styled, centre)
    bundle = bundle_starts(styled, centre)
    size = {box.key: box for box in boxes}
    wires = []
    for i, wire in enumerate(styled.wires):
        x, y = centre[wire.tail]
        start = (x + size[wire.tail].width / 2, y)
        straight = bundle[wire.head] if uses[wire.head] > FEW else None
        line = route(wire, start, curves[2 * i], centre[wire.key], tips[wire.key], straight)
        wires.append(PlacedWire(wire, line, centre[wire.key], tips[wire.key]))
    corners = [(placed.x + placed.card.width, placed.y + placed.card.height) for placed in cards]
    corners += [point for placed in wires for point in placed.line]
    return Arrangement(cards, tuple(wires), max(x for x, _ in corners), max(y for _, y in corners))


def at_origin(placement: Placement, boxes: Sequence[Box]) -> tuple[dict[str, Point], list[Curve]]:
    """The placement, moved so that nothing has a negative coordinate."""
    corners = []
    for box in boxes:
        x, y = placement.centres[box.key]
        corners.append((x - box.width / 2, y - box.height / 2))
    corners += [point for curve in placement.curves for point in curve]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    centres = {key: (x - left, y - top) for key, (x, y) in placement.centres.items()}
    return centres, [tuple((x - left, y - top) for x, y in curve) for curve in placement.curves]


def ports(styled: Styled, centre: dict[str, Point]) -> dict[str, Point]:
    """Where each arrow touches its card: spread over the left side, in the order of the pills."""
    arriving: defaultdict[str, list[str]] = defaultdict(list)
    for wire in styled.wires:
        arriving[wire.head].append(wire.key)
    tips = {}
    for card in styled.cards:
        keys = sorted(arriving[card.key], key=lambda key: centre[key][1])
        room = card.height - 2 * EDGE_ROOM
        gap = min(PORT_GAP, room / max(1, len(keys) - 1))
        x, y = centre[card.key]
        for i, key in enumerate(keys):
            tips[key] = (x - card.width / 2, y + gap * (i - (len(keys) - 1) / 2))
    return tips


def bundle_starts(styled: Styled, centre: dict[str, Point]) -> dict[str, float]:
    """For each card, the x where its pills have ended and its arrows may turn."""
    starts: dict[str, float] = {}
    for wire in styled.wires:
        end = centre[wire.key][0] + wire.pill_width / 2
        starts[wire.head] = max(starts.get(wire.head, end), end)
    return starts


def route(
    wire: Wire, start: Point, curve: Curve, pill: Point, tip: Point, straight: float | None
) -> Curve:
    """The line of a wire: out of its card, behind its pill, to the foot of its arrow."""
    foot = (tip[0] - arrow_length(wire) + 1, tip[1])
    near = pill[0] - start[0] < CARD_WIDTH[0]  # no card can be between
    if near and straight is None:
        return soft(start, pill, foot)
    end = (pill[0] - wire.pill_width / 2, pill[1])
    arriving = soft(start, end) if near else (start, *curve[1:-1], end)
    turn = max(end[0], straight or 0.0), pill[1]
    if straight is None:
        turn = (pill[0] + wire.pill_width / 2, pill[1])
    return (*arriving, *soft(end, turn)[1:], *soft(turn, foot)[1:])


def soft(*points: Point) -> Curve:
    """A smooth line from left to right, level at both ends, that never overshoots a point.

    The slope at a point between is the one of Fritsch and Butland (1984): the harmonic mean of
    those beside it, or level where they differ in sign.
    """
    steps = [(y1 - y0) / (x1 - x0) if x1 > x0 else 0.0 for (x0, y0), (x1, y1) in pairwise(points)]
    slopes = [0.0]
    slopes += [2 * a * b / (a + b) if a * b > 0 else 0.0 for a, b in pairwise(steps)]
    slopes.append(0.0)
    line = [points[0]]
    for i, ((x0, y0), (x1, y1)) in enumerate(pairwise(points)):
        reach = (x1 - x0) * (0.5 if len(points) == 2 else 0.4)
        line += [(x0 + reach, y0 + slopes[i] * reach)]
        line += [(x1 - reach, y1 - slopes[i + 1] * reach), (x1, y1)]
    return tuple(line)


def arrow_length(wire: Wire) -> float:
    return 7.5 + 0.9 * wire.thickness


def arrow_half_width(wire: Wire) -> float:
    return 3.2 + 0.6 * wire.thickness

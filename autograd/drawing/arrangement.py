"""The arrangement: a styled scene with a place for every card and a path for every wire.

Each pill is a box of its own in the layout, between its two cards and in the frame of the second,
so that it sits exactly on its edge and overlaps nothing.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.drawing.layout import Bounds, Box, Cluster, Curve, Link, Placement, Plan, Point, place
from autograd.drawing.sizes import CARD_WIDTH
from autograd.drawing.styled import Card, Frame, Styled, Wire

EDGE_ROOM = 16.0  # from the corner of a card to the first arrow
PORT_GAP = 20.0  # between two arrows, where there is room
BETWEEN = CARD_WIDTH[0]  # a line as long as that may have a card beside it
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
class PlacedFrame:
    """A frame and its bounds."""

    frame: Frame
    bounds: Bounds


@dataclass(frozen=True)
class Arrangement:
    """Everything in its place; the graph's upper left corner is (0, 0)."""

    frames: tuple[PlacedFrame, ...]
    cards: tuple[PlacedCard, ...]
    wires: tuple[PlacedWire, ...]
    width: float
    height: float


def arrange(styled: Styled, engines: Sequence[str] | None = None) -> Arrangement:
    """Lay out the cards and route the wires."""
    uses = Counter(wire.head for wire in styled.wires if not wire.back)
    question = plan(styled, max(uses.values(), default=0))
    placement = at_origin(place(question, engines), question.boxes)
    centre, curves = placement.centres, placement.curves
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
    size = {box.key: box for box in question.boxes}
    wires = []
    for i, wire in enumerate(styled.wires):
        if wire.back:
            line = backwards(wire, curves[2 * i], curves[2 * i + 1], tips[wire.key])
        else:
            x, y = centre[wire.tail]
            start = (x + size[wire.tail].width / 2, y)
            straight = bundle[wire.head] if uses[wire.head] > FEW else None
            pill, tip = centre[wire.key], tips[wire.key]
            pieces = curves[2 * i], curves[2 * i + 1]
            line = route(wire, start, pieces, pill, tip, straight)
        wires.append(PlacedWire(wire, line, centre[wire.key], tips[wire.key]))
    known = placement.clusters
    frames = tuple(PlacedFrame(f, known[f.key]) for f in styled.frames if f.key in known)
    corners = [(placed.x + placed.card.width, placed.y + placed.card.height) for placed in cards]
    corners += [point for placed in wires for point in placed.line]
    corners += [placed.bounds[2:] for placed in frames]
    wide, high = max(x for x, _ in corners), max(y for _, y in corners)
    return Arrangement(frames, cards, tuple(wires), wide, high)


def plan(styled: Styled, widest: int) -> Plan:
    """What the layout is asked: cards and pills to place, and what to keep together."""
    around = {card.key: card.frame for card in styled.cards}
    boxes = [Box(card.key, card.width, card.height, card.frame) for card in styled.cards]
    boxes += [Box(w.key, w.pill_width, w.pill_height, around[w.head]) for w in styled.wires]
    links = [
        link
        for wire in styled.wires
        for left, right in [(wire.head, wire.tail) if wire.back else (wire.tail, wire.head)]
        for link in (Link(left, wire.key), Link(wire.key, right, weight=3))
    ]
    clusters = tuple(Cluster(frame.key, frame.frame, frame.title_width) for frame in styled.frames)
    return Plan(tuple(boxes), tuple(links), min(80.0, 30.0 + 3.0 * widest), clusters)


def at_origin(placement: Placement, boxes: Sequence[Box]) -> Placement:
    """The placement, moved so that nothing has a negative coordinate."""
    corners = [bounds[:2] for bounds in placement.clusters.values()]
    for box in boxes:
        x, y = placement.centres[box.key]
        corners.append((x - box.width / 2, y - box.height / 2))
    corners += [point for curve in placement.curves for point in curve]
    left, top = min(x for x, _ in corners), min(y for _, y in corners)
    return Placement(
        {key: (x - left, y - top) for key, (x, y) in placement.centres.items()},
        tuple(tuple((x - left, y - top) for x, y in curve) for curve in placement.curves),
        {
            key: (x0 - left, y0 - top, x1 - left, y1 - top)
            for key, (x0, y0, x1, y1) in placement.clusters.items()
        },
    )


def ports(styled: Styled, centre: dict[str, Point]) -> dict[str, Point]:
    """Where each arrow touches its card: spread over the left side, in the order of the pills."""
    arriving: defaultdict[str, list[str]] = defaultdict(list)
    tips = {}
    for wire in styled.wires:
        if not wire.back:
            arriving[wire.head].append(wire.key)
    for card in styled.cards:
        keys = sorted(arriving[card.key], key=lambda key: centre[key][1])
        room = card.height - 2 * EDGE_ROOM
        gap = min(PORT_GAP, room / max(1, len(keys) - 1))
        x, y = centre[card.key]
        for i, key in enumerate(keys):
            tips[key] = (x - card.width / 2, y + gap * (i - (len(keys) - 1) / 2))
    size = {card.key: card for card in styled.cards}
    for wire in styled.wires:
        if wire.back:  # arrives on the right, below what leaves there
            (x, y), card = centre[wire.head], size[wire.head]
            tips[wire.key] = (x + card.width / 2, y + card.height / 4)
    return tips


def bundle_starts(styled: Styled, centre: dict[str, Point]) -> dict[str, float]:
    """For each card, the x where its pills have ended and its arrows may turn."""
    starts: dict[str, float] = {}
    for wire in styled.wires:
        if wire.back:
            continue
        end = centre[wire.key][0] + wire.pill_width / 2
        starts[wire.head] = max(starts.get(wire.head, end), end)
    return starts


def route(
    wire: Wire,
    start: Point,
    pieces: tuple[Curve, Curve],
    pill: Point,
    tip: Point,
    straight: float | None,
) -> Curve:
    """The line of a wire: out of its card, behind its pill, to the foot of its arrow.

    Where no card can be between, it runs as softly as can be; elsewhere along the curves of the
    layout, before its pill and behind it.
    """
    foot = (tip[0] - arrow_length(wire) + 1, tip[1])
    half = wire.pill_width / 2
    near, nearly_there = pill[0] - start[0] < BETWEEN, foot[0] - pill[0] - half < BETWEEN
    if near and nearly_there and straight is None:
        return soft(start, pill, foot)
    end = (pill[0] - half, pill[1])
    arriving = soft(start, end) if near else (start, *pieces[0][1:-1], end)
    if not nearly_there:
        turn = (pill[0] + half, pill[1])
        lowered = tip[1] - pieces[1][-1][1]  # from where the layout ends, at the card's middle
        *rest, (x, y), _ = pieces[1][1:]
        return (*arriving, *soft(end, turn)[1:], *rest, (min(x, foot[0]), y + lowered), foot)
    turn = max(end[0], straight or 0.0), pill[1]
    if straight is None:
        turn = (pill[0] + half, pill[1])
    return (*arriving, *soft(end, turn)[1:], *soft(turn, foot)[1:])


def backwards(wire: Wire, from_head: Curve, from_tail: Curve, tip: Point) -> Curve:
    """The line of a wire that runs from right to left: the layout has routed it the other way."""
    leaving, arriving = from_tail[::-1], from_head[::-1]
    foot = (tip[0] + arrow_length(wire) - 1, tip[1])
    across = soft(leaving[-1], arriving[0])
    return (*leaving, *across[1:], *arriving[1:-2], (foot[0] + 20, foot[1]), foot)


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

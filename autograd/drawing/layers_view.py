"""The view "layers": the parts of a model from first to last, a card each, whatever its size.

A part is a scope: of those outermost ones that there are at least two of. Without scopes it is
everything that is about as far from the result. Arcs on the right show what is made from what.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from autograd.drawing import snapshot
from autograd.drawing import svg as picture
from autograd.drawing.alike import Bundles, alike, distances
from autograd.drawing.arrangement import Arrangement, PlacedCard, PlacedWire, arrow_length
from autograd.drawing.contents import Bundle
from autograd.drawing.folding import folded
from autograd.drawing.grouping import Graph, beginnings, graph_of
from autograd.drawing.layout import Point
from autograd.drawing.levels import cards, nearest, of_scopes
from autograd.drawing.order import in_order
from autograd.drawing.scene import Scene
from autograd.drawing.style import style
from autograd.drawing.styled import Card, Styled, Wire

if TYPE_CHECKING:
    from autograd.value import Value

MOST = 60  # cards
SECTIONS = 12  # where there are no scopes
GAP = 22.0  # between cards
LANE_GAP = 14.0  # between arcs side by side


def scene(value: Value, title: str | None, depth: int | None = None) -> Scene:
    """The scopes at a depth, 1 for the outermost, as a card each."""
    if depth is not None and (isinstance(depth, bool) or not isinstance(depth, int) or depth < 1):
        raise ValueError(f"depth must be a whole number from 1 on, or None, got {depth!r}")
    graph = graph_of(value)
    found = parts(graph, depth) if graph.scopes else sections(graph)
    if cards(graph, found) > MOST:
        found = nearest(graph, found, MOST)
    return snapshot.scene(graph, found, {}, title)


def parts(graph: Graph, depth: int | None) -> Bundles:
    """The scopes at a depth, and beside them what is alike as one."""
    depths = [len(beginnings(path)) for path in graph.scopes]
    if depth is None:
        depth = next((d for d in range(1, max(depths) + 1) if depths.count(d) > 1), 1)
    return alike(graph, of_scopes(graph, folded(depth, graph.scopes)), True, MOST)


def sections(graph: Graph) -> Bundles:
    """The graph cut by the distance from the result, if it is too large to be shown whole."""
    if len(graph.values) <= SECTIONS:
        return {}
    steps = distances(graph, {})
    longest = max(steps)
    wide = -(-longest // SECTIONS)
    starts = range(1, longest + 1, wide)
    ends = [min(start + wide - 1, longest) for start in starts]
    titles = [f"{a} … {b}" if a < b else f"{a}" for a, b in zip(starts, ends)]
    bundles = [Bundle(f"distance {title}") for title in titles]
    return {i: bundles[(step - 1) // wide] for i, step in enumerate(steps[:-1])}


def svg(scene: Scene) -> tuple[str, Scene]:
    """The cards in a column, with arcs beside them."""
    styled = style(scene)
    order = {key: i for i, key in enumerate(in_order(scene))}
    return picture.svg(styled, column(styled, order)), scene


def column(styled: Styled, order: dict[str, int]) -> Arrangement:
    """Every card below the one before, and the arcs in lanes so that none covers another's pill."""
    stack = sorted(styled.cards, key=lambda card: order[card.key])
    wide = max(card.width for card in stack)
    placed, y = dict[str, PlacedCard](), 0.0
    for card in stack:
        placed[card.key] = PlacedCard(replace(card, width=wide), 0.0, y)
        y += card.height + GAP
    ends = {wire.key: arc_ends(wire, styled.wires, placed) for wire in styled.wires}
    lane = lanes(ends)
    pill = max((wire.pill_width for wire in styled.wires), default=0.0)
    wires = [
        arc(wire, *ends[wire.key], wide + 40 + pill / 2 + lane[wire.key] * (pill + LANE_GAP))
        for wire in styled.wires
    ]
    right = max([wide, *(wire.pill[0] + pill / 2 for wire in wires)])
    return Arrangement((), tuple(placed.values()), tuple(wires), right, y - GAP)


def arc_ends(
    wire: Wire, wires: tuple[Wire, ...], placed: dict[str, PlacedCard]
) -> tuple[Point, Point]:
    """Where an arc leaves, in the lower half of the right side, and arrives, in the upper half."""
    leaving = [other.key for other in wires if other.tail == wire.tail]
    arriving = [other.key for other in wires if other.head == wire.head]
    tail, head = placed[wire.tail], placed[wire.head]
    return (
        side(tail, 0.55 + 0.4 * (leaving.index(wire.key) + 0.5) / len(leaving)),
        side(head, 0.05 + 0.4 * (arriving.index(wire.key) + 0.5) / len(arriving)),
    )


def side(placed: PlacedCard, share: float) -> Point:
    """A point on the right side of a card."""
    look: Card = placed.card
    return placed.x + look.width, placed.y + look.height * share


def lanes(ends: dict[str, tuple[Point, Point]]) -> dict[str, int]:
    """The first lane for every arc in which no other is beside it; short arcs first."""
    taken, found = list[list[tuple[float, float]]](), dict[str, int]()
    for key, (start, end) in sorted(ends.items(), key=lambda arc: abs(arc[1][1][1] - arc[1][0][1])):
        low, high = sorted((start[1], end[1]))
        lane = 0
        while lane < len(taken) and any(a < high + GAP and low < b + GAP for a, b in taken[lane]):
            lane += 1
        if lane == len(taken):
            taken.append([])
        taken[lane].append((low, high))
        found[key] = lane
    return found


def arc(wire: Wire, start: Point, tip: Point, x: float) -> PlacedWire:
    """An arc out to x and back, with its pill where it turns."""
    foot = (tip[0] + arrow_length(wire) - 1, tip[1])
    middle = (start[1] + tip[1]) / 2
    line = (
        start, (x, start[1]), (x, (start[1] + middle) / 2), (x, middle),
        (x, (tip[1] + middle) / 2), (x, tip[1]), foot,
    )  # fmt: skip
    return PlacedWire(replace(wire, back=True), line, (x, middle), tip)

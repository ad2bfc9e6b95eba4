"""A styled scene: what each card, wire and frame looks like, before anything has a place."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """A line of a card: a word on the left, a number on the right."""

    word: str
    text: str
    ink: str


@dataclass(frozen=True)
class Card:
    """How a node, or a folded group, looks."""

    key: str
    frame: str  # key of the frame it lies in; "" for none
    width: float
    height: float
    heading: str
    badge: str
    badge_width: float
    aside: str  # what stands in the place of a missing badge: "leaf"
    rows: tuple[Row, ...]
    fill: str
    stroke: str
    stroke_width: float
    dashed: bool
    stacked: bool  # with more cards behind it: a folded group
    description: str


@dataclass(frozen=True)
class Wire:
    """How an edge looks: a line with a pill on it."""

    key: str
    tail: str
    head: str
    back: bool  # runs from right to left
    stroke: str
    thickness: float
    dashed: bool
    pill: str
    pill_width: float
    pill_height: float
    ink: str
    description: str


@dataclass(frozen=True)
class Frame:
    """How an open group looks: a box around its cards, with a title."""

    key: str
    frame: str  # key of the frame it lies in; "" for none
    title: str
    title_width: float
    description: str


@dataclass(frozen=True)
class Legend:
    """What the colours and widths stand for, in numbers."""

    word: str
    largest_grad: float
    largest_flow: float
    thickest: float
    broken: bool  # is a nan or an infinity on the picture?


@dataclass(frozen=True)
class Line:
    """A line of the table beside a graph: what was computed, and from what."""

    key: str  # of the node
    name: str
    formula: str
    data: str
    grad: str
    fill: str  # behind the gradient
    busy: bool = False  # is this its step?


@dataclass(frozen=True)
class Table:
    """The evaluation trace, with the width of each of its columns."""

    lines: tuple[Line, ...]
    widths: tuple[float, ...]


@dataclass(frozen=True)
class Styled:
    """A scene that is ready to be laid out and drawn."""

    title: str
    notes: tuple[str, ...]
    frames: tuple[Frame, ...]  # outer ones before inner ones
    cards: tuple[Card, ...]
    wires: tuple[Wire, ...]
    legend: Legend | None
    description: str
    table: Table | None = None

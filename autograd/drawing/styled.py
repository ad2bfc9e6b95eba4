"""A styled scene: what each card and wire looks like, before anything has a place."""

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
    """How a node looks."""

    key: str
    width: float
    height: float
    heading: str
    badge: str
    badge_width: float
    rows: tuple[Row, ...]
    fill: str
    stroke: str
    stroke_width: float
    dashed: bool
    description: str


@dataclass(frozen=True)
class Wire:
    """How an edge looks: a line with a pill on it."""

    key: str
    tail: str
    head: str
    stroke: str
    thickness: float
    dashed: bool
    pill: str
    pill_width: float
    pill_height: float
    ink: str
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
class Styled:
    """A scene that is ready to be laid out and drawn."""

    title: str
    notes: tuple[str, ...]
    cards: tuple[Card, ...]
    wires: tuple[Wire, ...]
    legend: Legend | None
    description: str

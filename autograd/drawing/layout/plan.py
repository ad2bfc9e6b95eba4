"""What a layout engine is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass

Point = tuple[float, float]
Curve = tuple[Point, ...]  # cubic Bézier: a start, then three points for each piece


@dataclass(frozen=True)
class Box:
    """A rectangle to be placed."""

    key: str
    width: float
    height: float


@dataclass(frozen=True)
class Link:
    """A line to be routed, from the right side of one box to the left side of another."""

    tail: str
    head: str
    weight: int = 1  # a heavier link is kept shorter


@dataclass(frozen=True)
class Plan:
    """The question: links run from left to right and have no cycle."""

    boxes: tuple[Box, ...]
    links: tuple[Link, ...]
    gap: float = 32.0  # between layers


@dataclass(frozen=True)
class Placement:
    """The answer: the centre of every box by key, a curve for every link in order; y grows down."""

    centres: dict[str, Point]
    curves: tuple[Curve, ...]


class EngineFailedError(Exception):
    """An engine is not installed, or failed; the next one is asked."""


class EngineTooSlowError(Exception):
    """An engine took too long; others of its kind would, too, so our own layout is asked."""

"""What a layout engine is asked, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, field

Point = tuple[float, float]
Curve = tuple[Point, ...]  # cubic Bézier: a start, then three points for each piece
Bounds = tuple[float, float, float, float]  # left, top, right, bottom

PADDING = 12.0  # between the bounds of a cluster and what is in it
TITLE = 24.0  # more of it at the top


@dataclass(frozen=True)
class Box:
    """A rectangle to be placed."""

    key: str
    width: float
    height: float
    cluster: str = ""  # key of the cluster it is in; "" for none


@dataclass(frozen=True)
class Cluster:
    """Boxes to be kept together, apart from all others."""

    key: str
    cluster: str = ""  # key of the cluster it is in; "" for none
    title_width: float = 0.0


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
    clusters: tuple[Cluster, ...] = ()  # outer ones before inner ones


@dataclass(frozen=True)
class Placement:
    """The answer: the centre of every box by key, a curve for every link in order; y grows down.

    And the bounds of the clusters; one that cannot be kept together has none.
    """

    centres: dict[str, Point]
    curves: tuple[Curve, ...]
    clusters: dict[str, Bounds] = field(default_factory=dict)


class EngineFailedError(Exception):
    """An engine is not installed, or failed; the next one is asked."""


class EngineTooSlowError(Exception):
    """An engine takes too long; others of its kind would, too, so our own layout is asked.

    If that is too slow as well, there is no layout, and a simpler picture is called for.
    """

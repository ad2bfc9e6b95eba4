"""Group: what is measured against what, what is aimed at, and the columns it is shown in."""

from __future__ import annotations

from importlib.util import find_spec
from typing import NamedTuple

from benchmarks.engines import installed
from benchmarks.measure import Workload

TOTAL, BASELINE = "total", "baseline"


class Case(NamedTuple):
    """A line of the table; `needs` are packages besides the engine's own."""

    label: str
    engine: str
    workload: Workload
    needs: tuple[str, ...] = ()

    @property
    def available(self) -> bool:
        """Whether all it takes is installed."""
        return installed(self.engine) and all(map(find_spec, self.needs))


class Target(NamedTuple):
    """What a case should reach.

    "≤": how many times the seconds of the case `against`, or without one how many of the group's
    unit (or bytes per node). "≥": how many times faster than the case `against`. The phase is the
    same for both, unless the one of the case `against` is given as `other`.
    """

    case: str
    phase: str  # or TOTAL, or "bytes"
    sign: str  # "≤" or "≥"
    limit: float
    against: str = ""
    collector: str = "on"
    other: str = ""


class Column(NamedTuple):
    """A column: a phase, or TOTAL.

    In the group's unit; as a multiple of the phase `over`; or, over the BASELINE, as a speed.
    """

    name: str
    phase: str
    over: str = ""


class Layout(NamedTuple):
    """The columns for each state of the collector, the one at the end, and what to say of them.

    `last` is "bytes" per node of the phase "build", or a phase that is run once.
    """

    columns: tuple[Column, ...]
    last: str
    legend: str


class Group(NamedTuple):
    """Cases that compute the same, `repeats` times in every phase; 0 means `size` times."""

    title: str  # with a place for the size
    unit: str
    scale: float  # how many of the unit make a second
    layout: Layout
    size: int
    quick: int
    repeats: int
    baseline: str  # the case that "speed" compares with
    cases: tuple[Case, ...]
    targets: tuple[Target, ...]

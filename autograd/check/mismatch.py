"""GradientMismatch: what check_grads raises, with all that it found out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from textwrap import indent

from autograd import table
from autograd.check.slope import Slope

COLUMNS = ("derivative of", "by", "at", "by the rules", "numerically", "relative difference")
WORST = 5  # inputs shown
MODES = {"fwd": "forward", "rev": "reverse"}


@dataclass(frozen=True)
class Disagreement:
    """One derivative that is not what the values say.

    result, input   what is differentiated, and by what: `argument 0['w'][3]`
    at              the number of the input
    derivative      what the rules say
    slope           what the values say
    """

    result: str
    input: str
    at: float
    derivative: float
    slope: Slope

    @property
    def numerical(self) -> float:
        """The slope; of a kink the one that agrees best."""
        return self.slope.nearest(self.derivative)

    @property
    def relative(self) -> float:
        """The difference as a share of the larger: 2 for a wrong sign."""
        size = max(abs(self.derivative), abs(self.numerical))
        off = abs(self.derivative - self.numerical) / size if size else 0.0
        return off if off == off else float("inf")


@dataclass(frozen=True)
class Suspect:
    """An operation of the graph whose rule does not fit its value, or a node made by hand."""

    op: str
    told: str
    order: int = 1
    relative: float = 0.0


class GradientMismatch(AssertionError):
    """A derivative is wrong.

    order, modes    which one: of order 2, ("rev", "fwd") is forward over reverse
    disagreements   every wrong number, the worst first: result, input, at, derivative, numerical
    operations      the names of the operations whose rules disagree with their values
    """

    order: int
    modes: tuple[str, ...]
    disagreements: list[Disagreement]
    operations: tuple[str, ...]


def mismatch(
    name: str,
    modes: tuple[str, ...],
    disagreements: Sequence[Disagreement],
    count: int,
    suspects: Sequence[Suspect],
    advice: str,
) -> GradientMismatch:
    """The error to raise, with its message."""
    ranked = sorted(disagreements, key=lambda d: -d.relative)
    worst = ranked[0]
    mode = " over ".join(MODES[mode] for mode in reversed(modes))
    lines = [
        f"a derivative of {name} is wrong: order {len(modes)}, {mode} mode, "
        f"by {worst.input} = {worst.at!r}",
        "",
        indent(side_by_side(ranked[:WORST]), "  "),
        f"  {len(ranked)} of {count} wrong; numerically: {worst.slope.how}",
        "",
        *(suspect.told for suspect in suspects),
        *filter(None, [advice]),
    ]
    error = GradientMismatch("\n".join(lines))
    error.order, error.modes, error.disagreements = len(modes), modes, ranked
    error.operations = tuple(suspect.op for suspect in suspects)
    return error


def side_by_side(disagreements: Sequence[Disagreement]) -> str:
    """The numbers as a table."""
    rows = [
        (
            d.result,
            d.input,
            f"{d.at:.6g}",
            f"{d.derivative:.12g}",
            numerically(d.slope),
            f"{d.relative:.2g}",
        )
        for d in disagreements
    ]
    return table.aligned([COLUMNS, *rows], "llllll", ruled=())


def numerically(slope: Slope) -> str:
    """A slope, or the two that it lies between."""
    if slope.high == slope.low:
        return f"{slope.low:.12g}"
    return f"{slope.low:.6g} … {slope.high:.6g}"

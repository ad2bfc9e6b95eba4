"""Differences: the slope of a function from its values alone, with an estimate of the error.

Steps go down a ladder, each an eighth of the one before. Central differences of neighbouring steps
are extrapolated to step 0 (Ridders, Accurate computation of f'(x), Advances in Engineering Software
4, 1982), and the rungs where the answer settles best are taken. Where slopes to the right and to
the left do not approach each other there is a kink, and anything between them is a derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from autograd.check.slope import BETWEEN, ONE_SIDE, UNKNOWN, Slope, tighter

RATIO, RUNGS, FIRST = 8.0, 13, 0.1
EPS = 2.0**-52
CONVERGED = 1e-9


@dataclass(frozen=True)
class Rung:
    """What one step shows of one result."""

    central: float
    right: float
    left: float
    noise: float  # what rounding the values alone does to a slope
    step: float

    @property
    def gap(self) -> float:
        return abs(self.right - self.left)


def slopes(
    f: Callable[[float], Sequence[float]],
    x: float,
    values: Sequence[float],
    rounding: Sequence[float] = (),
) -> list[Slope]:
    """The slope at x of every result of f.

    `values` are the results there, and `rounding` is how exact they are, if not to the last digit.

    >>> import math
    >>> sine, size = slopes(lambda x: [math.sin(x), abs(x)], 0.0, [0.0, 0.0])
    >>> abs(sine.low - 1) < 1e-11, round(size.low), round(size.high)
    (True, -1, 1)
    """
    exact = [*zip(values, rounding or [0.0] * len(values), strict=True)]
    ladders: list[list[list[Rung]]] = []
    best: list[Slope | None] = [None] * len(values)
    for scale in scales(x):
        rungs: list[list[Rung]] = [[] for _ in values]
        ladders.append(rungs)
        for level in range(RUNGS):
            for own, rung in zip(rungs, climb(f, x, FIRST * scale / RATIO**level, exact)):
                own.append(rung)
            best = [tighter(old, central(own[-4:])) for old, own in zip(best, rungs)]
            if all(slope and settled(slope, own[-1]) for slope, own in zip(best, rungs)):
                return [slope for slope in best if slope]
    return [
        slope
        if slope and slope.error <= CONVERGED * abs(slope.low)
        else tighter(slope, one_sided([ladder[k] for ladder in ladders])) or UNKNOWN
        for k, slope in enumerate(best)
    ]


def settled(slope: Slope, last: Rung) -> bool:
    """Whether smaller steps would not tell more: what is left is rounding."""
    return slope.error <= max(CONVERGED * abs(slope.low), 16 * last.noise)


def scales(x: float) -> list[float]:
    """How far away to begin: as far as x is large, or 1; for a small x, then also as small."""
    return [max(abs(x), 1.0)] + [abs(x)] * (0 < abs(x) < 1e-3)


def climb(
    f: Callable[[float], Sequence[float]],
    x: float,
    step: float,
    values: Sequence[tuple[float, float]],
) -> list[Rung]:
    """One step to the right and one to the left."""
    right, left = x + step, x - step
    ahead, behind = right - x, x - left  # as they are after rounding
    if not (ahead and behind and math.isfinite(right) and math.isfinite(left)):
        return [Rung(math.nan, math.nan, math.nan, math.nan, step) for _ in values]
    return [
        Rung(
            (ahead_y - behind_y) / (ahead + behind),
            (ahead_y - y) / ahead,
            (y - behind_y) / behind,
            (EPS * largest(behind_y, y, ahead_y) + rounding) / step,
            step,
        )
        for ahead_y, behind_y, (y, rounding) in zip(f(right), f(left), values, strict=True)
    ]


def largest(*ys: float) -> float:
    """The largest of the finite ones."""
    return max((abs(y) for y in ys if math.isfinite(y)), default=math.inf)


def central(rungs: Sequence[Rung]) -> Slope | None:
    """Four central differences, extrapolated; None where the function is not smooth."""
    if len(rungs) < 4:
        return None
    for before, rung in pairwise(rungs):
        if not rung.gap <= before.gap / 2 + 16 * rung.noise:  # smooth: it shrinks as the step does
            return None
    second = extrapolated([rung.central for rung in rungs], RATIO**2)
    third = extrapolated(second, RATIO**4)
    error = max(abs(third[-1] - second[-1]), abs(third[-1] - third[-2])) + 2 * rungs[-1].noise
    first, last = abs(rungs[0].central), abs(rungs[-1].central)
    grows = last > 2 * first + 16 * rungs[-1].noise and error > 0.01 * abs(third[-1])
    if grows or not math.isfinite(error):
        return None
    return Slope(third[-1], third[-1], error, "by central differences")


def one_sided(ladders: Sequence[Sequence[Rung]]) -> Slope | None:
    """What lies between the slopes to the left and to the right; one may be outside the domain."""
    found = []
    for side in ("right", "left"):
        best: Slope | None = None
        for rungs in ladders:
            for i in range(3, len(rungs) + 1):
                best = tighter(best, towards(side, rungs[i - 3 : i]))
        if endless(side, ladders[-1]):
            return UNKNOWN
        if best:
            found.append(best)
    if not found:
        return None
    return Slope(
        min(slope.low for slope in found),
        max(slope.high for slope in found),
        max(slope.error for slope in found),
        BETWEEN if len(found) == 2 else ONE_SIDE,
    )


def towards(side: str, rungs: Sequence[Rung]) -> Slope | None:
    """Three differences to one side, extrapolated; None while they do not approach anything."""
    last = rungs[-1]
    first = [getattr(rung, side) for rung in rungs]
    (third,) = extrapolated(extrapolated(first, RATIO), RATIO**2)
    error = abs(third - first[-1]) + 2 * last.noise
    before, after = abs(first[1] - first[0]), abs(first[2] - first[1])
    small = 0.01 * max(abs(last.right), abs(last.left)) + 4 * last.noise
    if math.isfinite(error) and after <= max(0.6 * before, small):
        return Slope(third, third, error, side)
    return None


def endless(side: str, rungs: Sequence[Rung]) -> bool:
    """Whether the function does not come near its value as the step shrinks, but for rounding.

    At a jump the slope has no end, nor at a vertical tangent, nor between doubles too far apart.
    """
    moved = [abs(getattr(rung, side)) * rung.step for rung in rungs[-4:]]
    rounding = [100 * rung.noise * rung.step for rung in rungs[-4:]]
    above = all(x > least for x, least in zip(moved, rounding, strict=True))
    return math.inf in moved or (above and min(moved) > 0.03 * max(moved))


def extrapolated(xs: Sequence[float], factor: float) -> list[float]:
    """Without the error that each step reduces by the factor."""
    return [after + (after - before) / (factor - 1) for before, after in pairwise(xs)]

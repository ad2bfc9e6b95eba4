"""Slope: a derivative that was found from values alone, and how well it is known."""

from __future__ import annotations

import math
from dataclasses import dataclass

BETWEEN, ONE_SIDE = "between the slopes to the left and to the right", "by the slope to one side"


@dataclass(frozen=True)
class Slope:
    """A derivative found without any rule: between low and high, but for an error of this size."""

    low: float
    high: float
    error: float
    how: str

    @property
    def known(self) -> bool:
        """Whether there is a slope at all: not at a jump, nor where the function is not finite."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def sided(self) -> bool:
        """Whether there are only slopes to the left and to the right."""
        return self.how in (BETWEEN, ONE_SIDE)

    @property
    def doubt(self) -> float:
        return self.high - self.low + self.error

    def nearest(self, x: float) -> float:
        """The slope that agrees best with x."""
        return self.low if math.isnan(x) else min(max(x, self.low), self.high)


UNKNOWN = Slope(-math.inf, math.inf, math.inf, "no slope")


def tighter(old: Slope | None, new: Slope | None) -> Slope | None:
    """The one that is known better."""
    if old is None or new is None:
        return old or new
    return new if new.doubt < old.doubt else old

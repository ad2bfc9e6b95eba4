"""Constants of rules: which real number a double written in one means.

`1 / 3` means a third, `LN2` the logarithm of 2; whatever kind of number the rule is called with.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from fractions import Fraction
from functools import lru_cache
from typing import Any

from autograd import ops as rows

ops: Any = rows  # the stub knows floats and Values

# fmt: off
IRRATIONAL: dict[float, Callable[..., Any]] = {
    # the double                 the number it means in a rule
    math.pi:                     lambda of: of("pi"),
    2 * math.pi:                 lambda of: 2 * of("pi"),
    math.pi / 2:                 lambda of: of("pi") / 2,
    math.e:                      lambda of: ops.exp(of(1)),
    math.log(2):                 lambda of: ops.log(of(2)),
    math.log(10):                lambda of: ops.log(of(10)),
    math.sqrt(2):                lambda of: ops.sqrt(of(2)),
    math.sqrt(math.pi):          lambda of: ops.sqrt(of("pi")),
    2 / math.sqrt(math.pi):      lambda of: 2 / ops.sqrt(of("pi")),
    math.sqrt(2 * math.pi):      lambda of: ops.sqrt(2 * of("pi")),
}
# fmt: on


@lru_cache(maxsize=1024)
def simplest(x: float) -> Fraction:
    """The fraction with a small denominator that x is the double of, or else x exactly.

    >>> simplest(1 / 3), simplest(0.1)
    (Fraction(1, 3), Fraction(1, 10))
    """
    for digits in range(17):
        fraction = Fraction(x).limit_denominator(10**digits)
        if float(fraction) == x:
            return fraction
    return Fraction(x)

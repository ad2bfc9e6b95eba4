"""Black and Scholes' price of a call option, 31 operations, and five greeks from one backward pass.

Formula: https://doi.org/10.1086/260062, with the dividend yield of Merton's generalisation.
"""

from __future__ import annotations

from collections.abc import Generator
from typing import Any

from benchmarks.engines import Engine

STRIKE, SQRT2 = 100.0, 2**0.5


def price(engine: Engine, spot: Any, rate: Any, dividend: Any, volatility: Any, years: Any) -> Any:
    """As it stands in a textbook, whatever the inputs are."""
    exp, log, sqrt, erf = engine.math.exp, engine.math.log, engine.math.sqrt, engine.math.erf
    deviation = volatility * sqrt(years)
    drift = rate - dividend + volatility * volatility / 2
    d1 = (log(spot / STRIKE) + drift * years) / deviation
    d2 = d1 - deviation
    probability1, probability2 = 0.5 * (1 + erf(d1 / SQRT2)), 0.5 * (1 + erf(d2 / SQRT2))
    return spot * exp(-dividend * years) * probability1 - STRIKE * exp(-rate * years) * probability2


def options(engine: Engine, count: int) -> Generator[str, None, list[float]]:
    """The phases: one option to warm up, then `count` of them."""
    numbers = price_and_greeks(engine, 80.0)
    yield "call"
    for i in range(count):
        price_and_greeks(engine, 80.0 + i % 41)
    return numbers


def price_and_greeks(engine: Engine, spot: float) -> list[float]:
    """The price, then delta, rho, psi, vega and theta; of plain floats the price alone."""
    inputs = engine.leaves([spot, 0.03, 0.01, 0.2, 1.5])
    out = price(engine, *inputs)
    if engine.name == "floats":
        return [out]
    engine.backward(out)
    return [float(engine.data(out)), *(float(engine.grad(x)) for x in inputs)]

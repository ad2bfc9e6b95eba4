"""Black and Scholes' price of a call option, 31 operations, and five greeks from one backward pass.

Formula: https://doi.org/10.1086/260062, with the dividend yield of Merton's generalisation.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from math import tau
from typing import Any

from benchmarks.engines import Engine
from benchmarks.problem import Problem

STRIKE, SQRT2, SQRT2PI = 100.0, 2**0.5, tau**0.5
OTHERS = (0.03, 0.01, 0.2, 1.5)  # rate, dividend, volatility, years


Price = Callable[[Any, Any, Any, Any, Any], Any]


def formula(functions: Any) -> Price:
    """The price as it stands in a textbook, of whatever these exp, log, sqrt and erf are for."""
    exp, log, sqrt, erf = functions.exp, functions.log, functions.sqrt, functions.erf

    def price(spot: Any, rate: Any, dividend: Any, volatility: Any, years: Any) -> Any:
        deviation = volatility * sqrt(years)
        drift = rate - dividend + volatility * volatility / 2
        d1 = (log(spot / STRIKE) + drift * years) / deviation
        d2 = d1 - deviation
        now = spot * exp(-dividend * years) * (0.5 * (1 + erf(d1 / SQRT2)))
        then = STRIKE * exp(-rate * years) * (0.5 * (1 + erf(d2 / SQRT2)))
        return now - then

    return price


def on_paper(functions: Any) -> Callable[..., Any]:
    """The price and the greeks as they stand in a textbook, sharing what they have in common."""
    exp, log, sqrt, erf = functions.exp, functions.log, functions.sqrt, functions.erf

    def price_and_greeks(spot: Any, rate: Any, dividend: Any, volatility: Any, years: Any) -> Any:
        root = sqrt(years)
        deviation = volatility * root
        drift = rate - dividend + volatility * volatility / 2
        d1 = (log(spot / STRIKE) + drift * years) / deviation
        d2 = d1 - deviation
        discount = exp(-dividend * years)
        delta = discount * (0.5 * (1 + erf(d1 / SQRT2)))
        now, then = spot * delta, STRIKE * exp(-rate * years) * (0.5 * (1 + erf(d2 / SQRT2)))
        vega = spot * discount * root * exp(-d1 * d1 / 2) / SQRT2PI
        theta = vega * volatility / (2 * years) + rate * then - dividend * now
        return now - then, (delta, years * then, -years * now, vega, theta)

    return price_and_greeks


def options(engine: Engine, count: int) -> Generator[str, None, list[float]]:
    """The phases: one option to warm up, then `count` of them."""
    price = formula(engine.math)
    numbers = price_and_greeks(engine, price, 80.0)
    yield "call"
    for i in range(count):
        price_and_greeks(engine, price, 80.0 + i % 41)
    return numbers


def price_and_greeks(engine: Engine, price: Price, spot: float) -> list[float]:
    """The price, then delta, rho, psi, vega and theta; of plain floats the price alone."""
    inputs = engine.leaves([spot, *OTHERS])
    out = price(*inputs)
    if engine.name == "floats":
        return [out]
    engine.backward(out)
    return [float(engine.data(out)), *map(float, map(engine.grad, inputs))]


def arguments(size: int) -> list[Any]:
    """One option."""
    return [80.0, *OTHERS]


def one(functions: Any, size: int, array: object = None) -> Price:
    """Its price, whatever the numbers are."""
    return formula(functions)


PROBLEM = Problem(arguments, 100, one, one)

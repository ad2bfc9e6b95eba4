"""Greeks: Black and Scholes' price with all five of them, of thousands of options at once.

Each engine's way with a batch. The phases are those of `training` without the loop: "first" is one
batch, with what is recorded or compiled for it; "call" does it again and again.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from types import SimpleNamespace
from typing import Any

from benchmarks.black_scholes import PROBLEM, formula, on_paper
from benchmarks.engines import Engine
from benchmarks.recorded import casadi_function

BATCHES = 10  # timed in a row
CHECKED = 5  # so many options are returned, with price and greeks

Phases = Generator[str, None, list[float]]

#            spot   rate  dividend  volatility  years
LOWEST  = ( 80.0,  0.01,  0.0,      0.1,        0.5)  # fmt: skip
HIGHEST = (120.0,  0.05,  0.02,     0.4,        2.0)  # fmt: skip
ALL = (0, 1, 2, 3, 4)


def options(count: int) -> Any:
    """Five arrays, each from its lowest to its highest number, in strides that share no factor."""
    import numpy

    place = numpy.arange(count)
    return [
        low + (high - low) * (place * stride % 97) / 96
        for low, high, stride in zip(LOWEST, HIGHEST, (1, 5, 11, 23, 41))
    ]


def replayed(engine: Engine, count: int) -> Phases:
    """glassgrad: one recording, replayed for all options at once."""
    library = engine.library
    both = library.vmap(library.value_and_grad(library.jit(formula(engine.math)), ALL))
    inputs = options(count)
    return repeated(lambda: both(*inputs))


def eager(engine: Engine, count: int) -> Phases:
    """glassgrad, option by option, recorded anew for each."""
    both = engine.library.value_and_grad(formula(engine.math), ALL)
    rows = list(zip(*(column.tolist() for column in options(count))))

    def batch() -> Any:
        prices, greeks = zip(*(both(*row) for row in rows))
        return prices, zip(*greeks)

    return repeated(batch, times=0)


def jitted(engine: Engine, count: int) -> Phases:
    """JAX, compiled for the batch."""
    jax = engine.library
    both = jax.jit(jax.vmap(jax.value_and_grad(formula(engine.math), ALL)))
    inputs = [jax.numpy.array(column) for column in options(count)]
    return repeated(lambda: jax.block_until_ready(both(*inputs)))


def casadi_map(engine: Engine, count: int) -> Phases:
    """CasADi's virtual machine, run over the columns of a matrix."""
    import numpy

    f = casadi_function(PROBLEM, engine, 1).map(count)
    inputs = [numpy.array([column]) for column in options(count)]
    return repeated(lambda: f(*inputs), lambda result: (result[0].full()[0], result[1].full()))


def hips(engine: Engine, count: int) -> Phases:
    """HIPS autograd, on arrays: an option's price depends on that option alone."""
    import numpy
    from autograd.core import make_vjp

    price, inputs = formula(engine.math), tuple(options(count))
    ones = numpy.ones(count)

    def batch() -> Any:
        vjp, prices = make_vjp(lambda together: price(*together), inputs)
        return prices, vjp(ones)

    return repeated(batch)


def tensors(engine: Engine, count: int) -> Phases:
    """PyTorch, on tensors."""
    torch = engine.library
    price = formula(engine.math)
    arrays = [torch.from_numpy(column) for column in options(count)]

    def batch() -> Any:
        inputs = [x.detach().requires_grad_() for x in arrays]
        prices = price(*inputs)
        prices.sum().backward()
        return prices.detach(), [x.grad for x in inputs]

    return repeated(batch)


def by_hand(engine: Engine, count: int) -> Phases:
    """NumPy and the greeks of a textbook."""
    from scipy.special import erf

    np = engine.library
    both = on_paper(SimpleNamespace(exp=np.exp, log=np.log, sqrt=np.sqrt, erf=erf))
    inputs = options(count)
    return repeated(lambda: both(*inputs))


def repeated(
    batch: Callable[[], Any],
    numbers: Callable[[Any], Any] = lambda result: result,
    times: int = BATCHES,
) -> Phases:
    """The phases; with `times` 0 the first alone. `numbers` makes of a result prices and greeks."""
    yield "first"
    result = batch()
    yield ""
    if times:
        batch()
        yield "call"
        for _ in range(times):
            batch()
        yield ""
    prices, greeks = numbers(result)
    return [float(x) for column in (prices, *greeks) for x in column[:CHECKED]]

"""Scaling: what an instruction costs in short and in long recordings, for one row and for many.

Measured of glassgrad alone, in seconds on the clock, as two threads share the work of one. The
recordings are random graphs, and the network of `digits`, trained by `nn.fit`; its arithmetic is
compared with the peak of this machine: NumPy's product of two square matrices on one thread.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.digits import SIZES
from benchmarks.engines import ENGINES, installed
from benchmarks.measure import worker
from benchmarks.random_graph import WIDTH, program
from benchmarks.table import line, number

INSTRUCTIONS = (10, 100, 1000, 10**4, 10**5, 10**6)
ROWS = (1, 10, 100, 1000, 10**4, 10**5)
QUICK = 3  # so many of them in a quick run
THREADS = (1, 2)
PEAK = 768  # rows and columns of the matrices whose product shows the peak
ROUND, ROUNDS = 0.02, 5  # seconds that one takes at least, and how many there are

# what the gradient of a row takes: a multiplication and an addition for each weight forward, for
# its own derivative, and, but in the first layer, for the derivative by the input
FLOPS = sum(2 * a * b * (2 + (layer > 0)) for layer, (a, b) in enumerate(pairwise(SIZES)))


def show(quick: bool) -> None:
    """Measure and print both tables."""
    for needed in ("native", "numpy"):
        if not installed(needed):
            print(f"\nscaling: {needed} not installed")
            return
    with worker("numpy") as process:
        top = process.submit(peak).result()
    with worker("native") as process:
        print("\none row, a random graph: ns per instruction")
        print(line("", "value", "gradient"))
        for size in INSTRUCTIONS[: QUICK if quick else None]:
            seconds = process.submit(one_row, size).result()
            print(line(f"  {size:,} instructions", *(number(s / size * 1e9) for s in seconds)))
        print(f"\nan MLP of {', '.join(map(str, SIZES))}, a step on a batch: ns per row")
        print(
            f"the peak, NumPy's product of {PEAK} × {PEAK} on one thread: {top / 1e9:.1f} GFLOP/s"
        )
        print(line("", "1 thread", "2 threads", "GFLOP/s", "of peak"))
        for rows in ROWS[: QUICK if quick else None]:
            one, two = (process.submit(step, rows, threads).result() for threads in THREADS)
            speed = FLOPS * rows / one
            cells = number(one / rows * 1e9), number(two / rows * 1e9), number(speed / 1e9)
            print(line(f"  {rows:,} rows", *cells, f"{speed / top:.0%}"))


def peak() -> float:
    """Operations per second of a product of matrices."""
    np = ENGINES["numpy"]().library
    a, b = np.random.default_rng(0).random((2, PEAK, PEAK))
    return float(2 * PEAK**3 / seconds_of(lambda: a @ b))


def one_row(instructions: int) -> tuple[float, float]:
    """Seconds for a value, and for a value with its gradient, of a graph replayed."""
    import numpy

    library = ENGINES["native"]().library
    f = library.jit(random_function(instructions))
    width = min(WIDTH, instructions // 10)
    inputs = numpy.random.default_rng(0).uniform(-1, 1, (2, width))
    both = library.value_and_grad(f, (0, 1))
    return seconds_of(lambda: f(*inputs)), seconds_of(lambda: both(*inputs))


def random_function(instructions: int) -> Callable[[Any, Any], Any]:
    """The random graph as a function of leaves and weights."""

    def f(leaves: Any, weights: Any) -> Any:
        values = list(leaves)
        for i, j, product in program(len(leaves), instructions):
            values.append(values[i] * weights[j] if product else values[i] + values[j])
        return values[-1]

    return f


def step(rows: int, threads: int) -> float:
    """Seconds of a step of gradient descent on that many rows."""
    import numpy

    import nn

    rng = numpy.random.default_rng(0)
    X, y = rng.random((rows, SIZES[0])), rng.integers(SIZES[-1], size=rows)
    model = nn.MLP(SIZES[0], SIZES[1:], seed=0)
    optimizer = nn.SGD(model.parameters(), lr=0.01)
    epochs = max(3, 10**5 // (rows + 100))
    history = nn.fit(model, X, y, nn.cross_entropy, optimizer, epochs, None, threads=threads)
    return median(history["seconds"])


def seconds_of(call: Callable[[], Any]) -> float:
    """The median seconds of a call that has been made before."""
    call()
    times, count = [], 1
    while len(times) < ROUNDS:
        start = perf_counter()
        for _ in range(count):
            call()
        taken = perf_counter() - start
        if taken < ROUND:
            count *= 2
        else:
            times.append(taken / count)
    return median(times)

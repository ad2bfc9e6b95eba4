"""A random graph: sums of two nodes and products with a weight, a thousand side by side."""

from __future__ import annotations

from collections.abc import Generator
from functools import cache
from random import Random

from benchmarks.engines import Engine

WIDTH = 1000


def random_graph(engine: Engine, nodes: int) -> Generator[str, None, list[float]]:
    """Build, differentiate and free a random graph of that many operations."""
    rng = Random(0)
    width = min(WIDTH, nodes // 10)
    inputs = engine.leaves([rng.uniform(-1, 1) for _ in range(2 * width)])
    leaves, weights = inputs[:width], inputs[width:]
    plan = program(width, nodes)
    yield "build"
    values = list(leaves)
    for i, j, product in plan:
        values.append(values[i] * weights[j] if product else values[i] + values[j])
    y = values[-1]
    del values
    if engine.name == "floats":
        return [y]
    yield "backward"
    engine.backward(y)
    yield "free"
    numbers = [float(engine.data(y)), *(float(engine.grad(x)) for x in (leaves[0], weights[0]))]
    del y
    engine.release()
    return numbers


@cache  # kept, so that freeing it is not taken for freeing the graph
def program(width: int, nodes: int) -> list[tuple[int, int, bool]]:
    """Node i meets a random one of the `width` before it or a weight; at last all are added up.

    So every node is used, and no path is long: engines whose backward pass recurses survive.
    """
    rng, plan = Random(1), []
    for i in range(nodes - width + 1):
        product, other = rng.random() < 0.5, rng.randrange(width)
        plan.append((i, other if product else i + other, product))
    first = len(plan)
    return plan + [(first + 2 * k, first + 2 * k + 1, False) for k in range(width - 1)]

"""A chain: y ← a·y + b, over and over, a graph as deep as it is long."""

from __future__ import annotations

from collections.abc import Generator

from benchmarks.engines import Engine


def chain(engine: Engine, nodes: int) -> Generator[str, None, list[float]]:
    """Build, differentiate and free a chain of that many operations."""
    a, b = engine.leaves([0.999, 0.5])
    yield "build"
    y = b
    for _ in range(nodes // 2):
        y = a * y + b
    if engine.name == "floats":
        return [y]
    yield "backward"
    engine.backward(y)
    yield "free"
    numbers = [float(engine.data(y)), float(engine.grad(a)), float(engine.grad(b))]
    del y
    engine.release()
    return numbers

"""The largest paths to the loss, found without looking at the others, and what these add up to."""

from __future__ import annotations

import math
from heapq import heappop, heappush
from itertools import count
from typing import Any

from autograd.explanation.paths import Edge, Path, Routes

Magnitude = tuple[float, float]  # exponent and mantissa of an absolute value: it cannot overflow

ZERO, ONE, INFINITE, NAN = (-math.inf, 0.0), (1.0, 0.5), (math.inf, 0.5), (math.inf, 1.0)


def magnitude(x: float) -> Magnitude:
    """The absolute value, so that 0 < any number < ∞ < nan."""
    if x == 0:
        return ZERO
    if not math.isfinite(x):
        return INFINITE if x == x else NAN
    mantissa, exponent = math.frexp(abs(x))
    return exponent, mantissa


def times(x: Magnitude, y: Magnitude) -> Magnitude:
    """The product, in which 0 stays 0: monotonous, so that a bound times a number is a bound."""
    if x is ZERO or y is ZERO:
        return ZERO
    if x[0] == math.inf or y[0] == math.inf:
        return max(x, y)
    mantissa, exponent = math.frexp(x[1] * y[1])
    return x[0] + y[0] + exponent, mantissa


class Search:
    """The largest paths from the first node to the loss, one after the other.

    Best first from the loss down. A frontier entry stands for all paths that begin like a found
    one and then, at one of its nodes, take an edge no better than a given one; the best of them is
    known, because the best way on from every node is. So each step finds a path, nothing is
    enumerated in vain, and the frontier is at any time exactly the paths not found yet.
    """

    def __init__(self, way: Routes) -> None:
        self.way = way
        self.best = [ONE]  # the largest product from each node down to the first
        self.sums = [1.0]  # the sum over all paths from there: ∂node/∂first
        for edges in way.edges[1:]:
            self.best.append(max(times(magnitude(local), self.best[p]) for p, _, local in edges))
            self.sums.append(sum(local * self.sums[p] for p, _, local in edges if local))
        self.ranking = dict[int, list[Edge]]()
        self.found = list[list[tuple[int, Edge]]]()  # of each path: node and edge, from the loss
        self.frontier = list[Any]()
        self.arrivals = count()  # the tie between equals: first come, first served
        self._push(ONE, 1.0, -1, 0, len(way.nodes) - 1, 0)

    def ranked(self, node: int) -> list[Edge]:
        """The edges of a node, the one with the largest product first."""
        edges = self.way.edges[node]
        if len(edges) < 2:
            return edges
        if node not in self.ranking:
            self.ranking[node] = sorted(
                edges, key=lambda e: times(magnitude(e[2]), self.best[e[0]]), reverse=True
            )
        return self.ranking[node]

    def _push(self, size: Magnitude, product: float, *where: int) -> None:
        _, _, node, rank = where
        parent, _, local_grad = self.ranked(node)[rank]
        exponent, mantissa = times(times(size, magnitude(local_grad)), self.best[parent])
        key = (-exponent, -mantissa, next(self.arrivals))
        heappush(self.frontier, (*key, size, product, *where))

    def next(self) -> Path:
        """The largest path not found yet."""
        *_, size, product, path, depth, node, rank = heappop(self.frontier)
        steps = self.found[path][:depth] if depth else []
        while node:
            ranked = self.ranked(node)
            if rank + 1 < len(ranked):
                self._push(size, product, len(self.found), len(steps), node, rank + 1)
            edge = ranked[rank]
            steps.append((node, edge))
            size = times(size, magnitude(edge[2]))
            product = product * edge[2] if product else product  # 0 is not passed on
            node, rank = edge[0], 0
        self.found.append(steps)
        nodes = [self.way.nodes[node] for node, _ in steps]
        edges = [edge for _, edge in reversed(steps)]
        return Path(
            (self.way.nodes[0], *reversed(nodes)),
            tuple(local_grad for _, _, local_grad in edges),
            product,
            tuple(slot for _, slot, _ in edges),
        )

    def rest(self) -> float:
        """What the paths not found yet add up to."""
        after = dict[int, list[float]]()
        parts = []
        for *_, product, _, _, node, rank in self.frontier:
            if node not in after:
                sums = [0.0]
                for parent, _, local in reversed(self.ranked(node)):
                    sums.append(sums[-1] + (local * self.sums[parent] if local else 0.0))
                after[node] = sums[::-1]
            parts.append(product * after[node][rank] if product else 0.0)
        return total(parts)


def largest(way: Routes, limit: int) -> tuple[list[Path], float]:
    """The `limit` largest paths by absolute value, and what all the others add up to."""
    search = Search(way)
    paths = list[Path]()
    while search.frontier and len(paths) < limit:
        paths.append(search.next())
    paths.sort(key=lambda path: magnitude(path.product), reverse=True)
    return paths, search.rest()


def total(numbers: list[float]) -> float:
    """The sum, rounded once where that is possible."""
    try:
        return math.fsum(numbers)
    except (OverflowError, ValueError):  # beyond the doubles on the way, or ∞ − ∞
        return sum(numbers)

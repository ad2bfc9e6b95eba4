"""The edges between a Value and the loss, and how many paths they make.

The gradient of `w` is a sum over all paths from `w` to the loss, of the product of the local
derivatives along each (F. L. Bauer, Computational graphs and rounding error, SIAM J. Numer. Anal.
11, 1974). There may be 10³⁰ of them: everything here takes one pass over the edges.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from autograd.value import Value

Edge = tuple[int, int, float]  # the parent's place in `nodes`, which of the parents it is, ∂/∂it


@dataclass(frozen=True, eq=False)
class Routes:
    """The part of a graph between some Values and the loss: parents first, the loss last."""

    nodes: list[Any]
    edges: list[list[Edge]]  # of each node, to those of its parents that lead on


@dataclass(frozen=True, eq=False)
class Path:
    """One way from `w` to the loss.

    nodes        from `w` to the loss
    local_grads  ∂nodes[i+1]/∂nodes[i], one less than there are nodes
    product      of the local derivatives, multiplied from the loss down as backward() does
    slots        which parent nodes[i] is of nodes[i+1]: in a * a the paths differ in this only
    """

    nodes: tuple[Value, ...]
    local_grads: tuple[float, ...]
    product: float
    slots: tuple[int, ...]

    def __repr__(self) -> str:
        ends = f"{self.nodes[0].name or 'w'} → … → {self.nodes[-1].name or 'loss'}"
        return f"<path {ends} of {len(self.slots)} edges, product {self.product!r}>"


def history_of(loss: Any, caller: str) -> list[Any]:
    """The history of a loss that was computed from something."""
    if not hasattr(loss, "history"):
        raise TypeError(
            f"{caller} takes a Value as the loss, got {loss!r} of type {type(loss).__name__}"
        )
    history: list[Any] = loss.history()
    if len(history) == 1:
        raise ValueError(
            f"{caller}: the loss {loss!r} was not computed from any Value, so no gradient flows; "
            "give a result of operations on Values, made outside no_grad()"
        )
    return history


def routes(loss: Value, ws: Iterable[Value]) -> Routes:
    """What lies between any of `ws` and the loss, both included."""
    wanted, place = set(ws), dict[Any, int]()
    nodes, edges = list[Any](), list[list[Edge]]()
    for node in loss.history():
        leads_on = [
            (place[parent], slot, local_grad)
            for slot, (parent, local_grad) in enumerate(
                zip(node.parents, node.local_grads, strict=True)
            )
            if parent in place
        ]
        if leads_on or node in wanted:
            place[node] = len(nodes)
            nodes.append(node)
            edges.append(leads_on)
    return Routes(nodes, edges)


def gradients(way: Routes) -> list[float]:
    """∂loss/∂node of every node: what backward() computes, in the same order of additions."""
    grads = [0.0] * len(way.nodes)
    grads[-1] = 1.0
    for i in reversed(range(len(grads))):
        grad = grads[i]
        if grad != 0:  # nothing to pass on: not even 0 * inf, which would be nan
            for parent, _, local_grad in way.edges[i]:
                grads[parent] += local_grad * grad
    return grads


def number_of_paths(way: Routes) -> int:
    """How many paths lead from the first node to the loss, exactly: the sum over the parents."""
    left = [0] * len(way.nodes)
    for edges in way.edges:
        for parent, _, _ in edges:
            left[parent] += 1
    counts = [0] * len(way.nodes)
    counts[0] = 1
    for i, edges in enumerate(way.edges):
        for parent, _, _ in edges:
            counts[i] += counts[parent]
            left[parent] -= 1
            if not left[parent]:
                counts[parent] = 0  # of a long ladder these are long numbers
    return counts[-1]


def counted(count: int, noun: str) -> str:
    """A number and what it counts: exact up to 36 digits, else its power of ten.

    >>> counted(2**40, "path"), counted(2**1000, "path")
    ('1\u2009099\u2009511\u2009627\u2009776 paths', '1.072·10³⁰¹ paths')
    """
    plural = f"{noun}{'s' * (count != 1)}"
    if count < 10**36:
        return f"{count:,}".replace(",", "\u2009") + f" {plural}"
    shift = max(count.bit_length() - 64, 0)  # str() refuses numbers of more than 4300 digits
    power = math.log10(count >> shift) + shift * math.log10(2)
    exponent = str(math.floor(power)).translate(str.maketrans("0123456789", "⁰¹²³⁴⁵⁶⁷⁸⁹"))
    return f"{10 ** (power % 1):.3f}·10{exponent} {plural}"

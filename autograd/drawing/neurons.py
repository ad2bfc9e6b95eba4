"""Neurons in a graph: weighted sums of inputs, each with what is done to it, found by their shape.

However it was written, a neuron is Σ w·x + b with leaves as the w: one `dot` node, or products and
sums of two. Of a batch, where the same weights meet one row after another, the first row counts.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.drawing.grouping import Graph
from autograd.operation import Dot

if TYPE_CHECKING:
    from autograd.value import Value

Number = Any  # a Value, or a constant as a float
NO_ACTIVATIONS = {"negative", "square", "log", "exp", "sqrt", "abs", "reciprocal"}


@dataclass(frozen=True)
class Neuron:
    """A weighted sum, and the value that leaves the neuron."""

    weights: tuple[Value, ...]
    inputs: tuple[Number, ...]
    bias: Number | None
    out: Value
    activation: str  # "" for none
    rows: int  # how often these weights meet inputs


class Uses:
    """How often each value of a graph is used, and by what if only once."""

    def __init__(self, graph: Graph) -> None:
        self.count = Counter(parent for value in graph.values for parent in value.parents)
        self.user = {parent: value for value in graph.values for parent in value.parents}

    def only(self, value: Value) -> Value | None:
        """The one node that uses a value."""
        return self.user[value] if self.count[value] == 1 else None


def neurons(graph: Graph) -> list[Neuron]:
    """The neurons of a graph, in the order in which they are computed."""
    uses = Uses(graph)
    found: dict[tuple[int, ...], tuple[Any, Any, Any, Value, str]] = {}
    rows = Counter[tuple[int, ...]]()
    for value in graph.values:
        terms = weighted(value, uses)
        if terms:
            weights, inputs, bias = terms
            key = tuple(map(id, weights))
            rows[key] += 1
            found.setdefault(key, (weights, inputs, bias, *activated(value, uses)))
    return [Neuron(*parts, rows[key]) for key, parts in found.items()]


def weighted(value: Value, uses: Uses) -> tuple[tuple[Any, ...], tuple[Any, ...], Any] | None:
    """The weights, the inputs and the bias of a weighted sum; None if a node is none."""
    if isinstance(value.operation, Dot):
        return of_dot(value)
    if value.op not in ("add", "sum", "multiply") or part_of_sum(value, uses):
        return None
    pairs, rest = list[tuple[Any, Any]](), list[Any]()
    for term in terms(value, uses):
        pair = product(term, uses)
        if pair:
            pairs.append(pair)
        else:
            rest.append(term)
    leaf = all(isinstance(x, float) or not x.parents for x in rest)
    if not pairs or len(rest) > 1 or not leaf or len({w for w, _ in pairs}) < len(pairs):
        return None
    weights, inputs = zip(*pairs)
    return weights, inputs, rest[0] if rest else None


def of_dot(value: Value) -> tuple[tuple[Any, ...], tuple[Any, ...], Any] | None:
    """The same of a `dot`: the weights are the side that consists of leaves."""
    operands = value.operands
    n = len(operands) // 2
    left, right = tuple(operands[:n]), tuple(operands[n : 2 * n])
    bias = operands[-1] if len(operands) % 2 else None
    for weights, inputs in ((left, right), (right, left)):
        if weights and all(not isinstance(w, float) and not w.parents for w in weights):
            return weights, inputs, bias
    return None


def part_of_sum(value: Value, uses: Uses) -> bool:
    """Whether a node is only a term of a sum that is looked at as a whole."""
    user = uses.only(value)
    return user is not None and user.op in ("add", "sum")


def terms(value: Value, uses: Uses) -> list[Number]:
    """What a sum of sums adds up, in order."""
    found, stack = list[Number](), list[Number]([value])
    while stack:
        x = stack.pop()
        inner = not isinstance(x, float) and (x is value or uses.count[x] == 1)
        if inner and x.op in ("add", "sum"):
            stack += reversed(x.operands)
        else:
            found.append(x)
    return found


def product(term: Number, uses: Uses) -> tuple[Value, Number] | None:
    """Weight and input of a product: the weight is a leaf, of two the one that is used less."""
    if isinstance(term, float) or term.op != "multiply":
        return None
    a, b = term.operands
    leaves = [x for x in (a, b) if not isinstance(x, float) and not x.parents]
    if not leaves or a is b:
        return None
    weight = min(leaves, key=lambda x: uses.count[x])
    return weight, b if weight is a else a


def activated(value: Value, uses: Uses) -> tuple[Value, str]:
    """What leaves a neuron, and the name of the function that was applied to the sum."""
    user = uses.only(value)
    if user is None or user.operation is None or user.op in NO_ACTIVATIONS:
        return value, ""
    if len(user.operands) == 1:
        return user, user.op
    if user.op == "maximum" and 0.0 in user.operands:  # relu, written out
        return user, "relu"
    return value, ""

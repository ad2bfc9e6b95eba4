"""A network as plain data: units in layers, and the links between them, copied from a graph."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from autograd.drawing.grouping import Graph
from autograd.drawing.neurons import Neuron, neurons
from autograd.drawing.snapshot import grad_of
from autograd.drawing.words import counted, symbol_of

if TYPE_CHECKING:
    from autograd.value import Value


@dataclass(frozen=True)
class Unit:
    """A circle: an input, a neuron, something else that is computed between them, or the result."""

    key: str
    kind: str  # "input", "neuron", "other" or "result"
    layer: int  # its column
    label: str
    function: str  # the activation of a neuron, the operation of others; "" for none
    data: float
    grad: float | None  # None: the backward pass has not been here, or it is a constant
    bias: float | None = None


@dataclass(frozen=True)
class Link:
    """A line: what a unit reads, with its weight; None where nothing is weighted."""

    tail: str
    head: str
    weight: float | None
    grad: float | None
    label: str


@dataclass(frozen=True)
class Network:
    """A graph as a network, as it was at one moment."""

    title: str
    notes: tuple[str, ...]
    total: int  # how many nodes the graph has
    root: str  # key of the unit of the result
    root_label: str
    backward: bool
    layers: tuple[tuple[Unit, ...], ...]  # as many of each as are shown
    left_out: tuple[int, ...]  # of each layer, how many units are not shown
    links: tuple[Link, ...]  # between units that are shown
    rows: int  # of the batch that the first row was taken from
    edges: tuple[()] = ()  # a page has no lines to follow here
    cards: tuple[()] = ()


@dataclass
class Reading:
    """A network in the making."""

    graph: Graph
    units: list[Unit] = field(default_factory=list)
    links: list[Link] = field(default_factory=list)
    known: dict[Any, Unit] = field(default_factory=dict)  # by Value, or ("input", place)

    def __post_init__(self) -> None:
        self.backward = self.graph.root.grad != 0.0
        self.found: list[Neuron] = neurons(self.graph)
        weights = (w for neuron in self.found for w in neuron.weights)
        biases = (neuron.bias for neuron in self.found if not isinstance(neuron.bias, float))
        self.parameters = {*weights, *biases}

    def read(self) -> None:
        """Find all units and links."""
        for neuron in self.found:
            sources = [self.source(x, i) for i, x in enumerate(neuron.inputs)]
            unit = self.neuron(neuron, 1 + max(source.layer for source in sources))
            for source, weight in zip(sources, neuron.weights):
                self.link(source, unit, weight)
        root = self.graph.root
        if root not in self.known:
            read = {link.tail for link in self.links}
            last = [u for u in self.units if u.kind != "input" and u.key not in read]
            name = root.name or "result"
            layer = 1 + max(unit.layer for unit in self.units)
            unit = self.unit(root, "result", layer, name, symbol_of(root))
            for source in last:
                self.link(source, unit, None)

    def neuron(self, neuron: Neuron, layer: int) -> Unit:
        name = neuron.out.name or ""
        bias = getattr(neuron.bias, "data", neuron.bias)
        return self.unit(neuron.out, "neuron", layer, name, neuron.activation, bias)

    def source(self, x: Any, place: int) -> Unit:
        """The unit that a neuron reads at a place."""
        if isinstance(x, float):
            key = ("input", place)
            return self.known.get(key) or self.constant(x, key, f"x{place + 1}")
        if x in self.known:
            return self.known[x]
        if not x.parents:
            return self.unit(x, "input", 0, x.name or f"x{place + 1}", "")
        sources = [*dict.fromkeys(self.behind(x))]
        layer = 1 + max((source.layer for source in sources), default=0)
        unit = self.unit(x, "other", layer, x.name or "", symbol_of(x))
        for source in sources:
            self.link(source, unit, None)
        return unit

    def behind(self, value: Value) -> Iterator[Unit]:
        """The nearest units that a value is computed from."""
        seen, stack = {value}, [*value.parents]
        while stack:
            x = stack.pop()
            if x in self.known:
                yield self.known[x]
            elif x not in seen:
                seen.add(x)
                stack += x.parents
                if not x.parents and x not in self.parameters:
                    yield self.unit(x, "input", 0, x.name or f"x{len(self.known) + 1}", "")

    def unit(
        self,
        value: Value,
        kind: str,
        layer: int,
        label: str,
        function: str,
        bias: float | None = None,
    ) -> Unit:
        """A new unit for a value."""
        grad = grad_of(value, self.backward)
        unit = Unit(f"u{len(self.units)}", kind, layer, label, function, value.data, grad, bias)
        self.known[value] = unit
        self.units.append(unit)
        return unit

    def constant(self, x: float, key: Any, label: str) -> Unit:
        unit = Unit(f"u{len(self.units)}", "input", 0, label, "", x, None)
        self.known[key] = unit
        self.units.append(unit)
        return unit

    def link(self, tail: Unit, head: Unit, weight: Value | None) -> None:
        if weight is None:
            self.links.append(Link(tail.key, head.key, None, None, ""))
        else:
            grad = grad_of(weight, self.backward)
            label = self.graph.labels[self.graph.place[weight]]
            self.links.append(Link(tail.key, head.key, weight.data, grad, label))


def network(graph: Graph, title: str, most: int) -> Network:
    """Copy a graph as a network that shows at most so many units of a layer.

    Raises ValueError for a graph without neurons.
    """
    reading = Reading(graph)
    if not reading.found:
        raise ValueError(
            f"the view 'network' shows weighted sums of inputs, such as nn.Neuron or w*x + b with "
            f"leaves as w; among the {len(graph.values):,} nodes of this graph there is none: "
            "choose view='graph'"
        )
    reading.read()
    columns = [
        [unit for unit in reading.units if unit.layer == layer]
        for layer in range(1 + max(unit.layer for unit in reading.units))
    ]
    layers = [shown(column, most) for column in columns]
    keys = {unit.key for layer in layers for unit in layer}
    links = [link for link in reading.links if link.tail in keys and link.head in keys]
    left_out = tuple(len(a) - len(b) for a, b in zip(columns, layers))
    rows = max(neuron.rows for neuron in reading.found)
    root = reading.known[graph.root]
    return Network(
        title=title,
        notes=tuple(notes(reading, sum(left_out), rows)),
        total=len(graph.values),
        root=root.key,
        root_label=root.label or graph.labels[-1],
        backward=reading.backward,
        layers=tuple(layers),
        left_out=left_out,
        links=tuple(links),
        rows=rows,
    )


def shown(column: list[Unit], most: int) -> tuple[Unit, ...]:
    """The first units of a layer, and its last."""
    return tuple(column) if len(column) <= most else (*column[: most - 1], column[-1])


def notes(reading: Reading, left_out: int, rows: int) -> Iterable[str]:
    """The line under the title."""
    label = reading.graph.root.name or "result"
    count = len({w for neuron in reading.found for w in neuron.weights})
    yield f"{counted(len(reading.found), 'neuron')}, {counted(count, 'weight')}"
    yield "in a circle: data"
    yield f"below: ∂{label}/∂unit" if reading.backward else "grad = · until backward() runs"
    if rows > 1:
        yield f"the first of {rows:,} rows"
    if left_out:
        yield f"{left_out:,} units not shown"

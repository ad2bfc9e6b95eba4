"""Steps: backpropagation one step at a time, as plain data: forward, the seed, and back.

`loss.steps()` is the stream that pages, animations and texts read. It computes what `backward()`
computes, in the same order, and touches no `grad`; hooks are not called.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autograd.naming import labels
from autograd.text import Slot, Text, filled, write

if TYPE_CHECKING:
    from autograd.operation import Operation
    from autograd.value import Value


@dataclass(frozen=True)
class Forward:
    """A node gets its data."""

    place: int  # in the history
    node: str
    symbols: str  # a × b; empty for a leaf
    numbers: str  # 2 × −3; empty for a leaf
    data: float

    def __str__(self) -> str:
        parts = (self.node, self.symbols, self.numbers, Text.number(self.data))
        return " = ".join(filter(None, parts))


@dataclass(frozen=True)
class Seed:
    """The backward pass begins: how fast the result changes with itself."""

    place: int
    node: str
    grad: float = 1.0

    def __str__(self) -> str:
        return f"∂{self.node}/∂{self.node} = {Text.number(self.grad)}"


@dataclass(frozen=True)
class Addition:
    """What one use of a parent adds to its gradient: local derivative × gradient of the result."""

    place: int  # of the parent
    parent: str
    slot: int  # which of the parents of the node that fires
    local: float
    grad: float  # of the node that fires
    product: float
    before: float | None  # the gradient of the parent so far; None: nothing has reached it
    after: float
    symbols: str  # ∂L/∂a += ∂d/∂a · ∂L/∂d

    @property
    def numbers(self) -> str:
        """2 × −3 = −6, and the sum where there was something before."""
        local, grad, product = map(Text.number, (self.local, self.grad, self.product))
        text = f"{local} × {grad} = {product}"
        if self.before is None:
            return text
        before, added = Text.number(self.before), f"{Text.of(self.product):4}"
        return f"{text}, now {before} + {added} = {Text.number(self.after)}"

    def __str__(self) -> str:
        return f"{self.symbols} = {self.numbers}"


@dataclass(frozen=True)
class Backward:
    """A node has all of its gradient, and passes it on to its parents."""

    place: int
    node: str
    op: str
    grad: float
    additions: tuple[Addition, ...]

    def __str__(self) -> str:
        head = f"{self.node} ({self.op or 'made by hand'}) passes on its gradient "
        return "\n".join([head + Text.number(self.grad), *(f"  {line}" for line in self.additions)])


Step = Forward | Seed | Backward


class Steps(Sequence[Step]):
    """All steps, in order: each node's `Forward`, one `Seed`, a `Backward` of each with parents.

    A step is made when it is asked for, from what was copied of the graph: of each node, in the
    order of the history,

    names, data, operations
    operands     its inputs: the place of a node, or a constant as a float
    edges        the place of each parent, and the local derivative
    """

    def __init__(self, loss: Value) -> None:
        history = loss.history()
        self.names = [" ".join(label.splitlines()) for label in labels(history)]  # a line is a line
        self.data = [value._data for value in history]
        self.operations: list[Operation | None] = [value.operation for value in history]
        places: dict[Any, int] = {value: place for place, value in enumerate(history)}
        self.operands: list[tuple[int | float, ...]] = []
        self.edges: list[tuple[tuple[int, float], ...]] = []
        for value in history:
            operands = [x if type(x) is float else places[x] for x in value.operands]
            self.operands.append(tuple(operands))
            parents = map(places.__getitem__, value.parents)
            self.edges.append(tuple(zip(parents, value.local_grads)))
        self.firing = [place for place in range(len(history)) if self.edges[place]][::-1]

    def __len__(self) -> int:
        return len(self.names) + 1 + len(self.firing)

    def __getitem__(self, index: Any) -> Any:
        """A step, or a list of them for a slice."""
        steps = range(len(self))[index]
        return [self._step(i) for i in steps] if isinstance(steps, range) else self._step(steps)

    def _step(self, index: int) -> Step:
        last = len(self.names) - 1
        if index <= last:
            return self._forward(index)
        if index == last + 1:
            return Seed(last, self.names[last])
        return self._backward(index - last - 2)

    def _forward(self, place: int) -> Forward:
        formula = self.formula(place)
        return Forward(
            place,
            self.names[place],
            filled(formula, lambda k: Text(self.names[self._operand(place, k)])),
            filled(formula, lambda k: Text.of(self.data[self._operand(place, k)])),
            self.data[place],
        )

    def _operand(self, place: int, k: int) -> int:
        return int(self.operands[place][k])

    def formula(self, place: int) -> str:
        """How a node was computed, with a slot for each operand that is a node; "" for a leaf."""
        operands = [x if type(x) is float else Slot(k) for k, x in enumerate(self.operands[place])]
        if not operands:
            return ""
        operation = self.operations[place]
        return str(write(operation, operands) if operation else Text.call("node", operands))

    @property
    def grads(self) -> list[float]:
        """The gradient of each node when all has been passed on."""
        return self._sums[0]

    @cached_property
    def _sums(self) -> tuple[list[float], list[list[float | None]]]:
        """The gradients, and of each node that fires those of its parents just before."""
        grads: list[float | None] = [None] * len(self.names)
        grads[-1] = 1.0
        befores = []
        for place in self.firing:
            grad, before = grads[place] or 0.0, list[float | None]()
            for parent, local in self.edges[place]:
                before.append(so_far := grads[parent])
                grads[parent] = (so_far or 0.0) + passed_on(local, grad)
            befores.append(before)
        return [grad or 0.0 for grad in grads], befores

    def _backward(self, index: int) -> Backward:
        place, loss = self.firing[index], self.names[-1]
        grads, befores = self._sums
        grad, node, additions = grads[place], self.names[place], list[Addition]()
        for slot, ((parent, local), before) in enumerate(zip(self.edges[place], befores[index])):
            name, product = self.names[parent], passed_on(local, grad)
            after = (before or 0.0) + product
            symbols = f"∂{loss}/∂{name} += ∂{node}/∂{name} · ∂{loss}/∂{node}"
            additions.append(
                Addition(parent, name, slot, local, grad, product, before, after, symbols)
            )
        operation = self.operations[place]
        return Backward(place, node, operation.name if operation else "", grad, tuple(additions))

    def __str__(self) -> str:
        return "\n".join(map(str, self))

    def __repr__(self) -> str:
        return f"<{len(self):,} steps of {self.names[-1]}; print() shows them, a loop takes each>"


def passed_on(local: float, grad: float) -> float:
    """What backward() adds: of a gradient of 0 nothing, not even 0 * inf, which would be nan."""
    return local * grad if grad else 0.0

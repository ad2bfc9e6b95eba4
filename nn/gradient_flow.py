"""Gradient flow: how large gradients are in each layer, and where they vanish, explode or stop."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from math import sqrt
from typing import Any

from autograd import Value, jit

from .activations import activation_name
from .derivatives import by_leaves
from .epochs import row_loss
from .layers import Layer, Neuron
from .module import Module, parts
from .objectives import Loss, objective
from .optimizer import Optimizer
from .plotting import axes_for
from .rows import Rows, rows_for

VANISHING, EXPLODING = 1e-3, 1e3  # first layer's gradient, as a multiple of the last one's


@dataclass(frozen=True)
class LayerFlow:
    """One layer.

    name       its path in the model
    gradient   the root mean square of the loss's gradient by its parameters
    weight     the root mean square of the parameters
    update     how far an optimizer's step moves them, as a share of `weight`; None without one
    dead       the share of its relu units that are 0 for every row; None where there is no relu
    """

    name: str
    gradient: float
    weight: float
    update: float | None
    dead: float | None


class GradientFlow(Sequence[LayerFlow]):
    """The layers of a model, from the input on, with the size of their gradients.

    verdict   "vanishing" where the first layer's gradient is less than a thousandth of the last
              one's, "exploding" where it is more than a thousand times that, else "healthy"
    """

    def __init__(self, layers: Sequence[LayerFlow]) -> None:
        self.layers = tuple(layers)

    @property
    def verdict(self) -> str:
        first, last = self.layers[0].gradient, self.layers[-1].gradient
        if first < VANISHING * last:
            return "vanishing"
        return "exploding" if first > EXPLODING * last else "healthy"

    def __getitem__(self, place: Any) -> Any:
        return self.layers[place]

    def __len__(self) -> int:
        return len(self.layers)

    def plot(self, axes: Any = None) -> Any:
        """Draw the gradients of the layers as bars on a logarithmic scale; returns the axes.

        Raises ImportError with the command that installs matplotlib.
        """
        axes = axes_for(axes)
        places = range(len(self))
        axes.bar(places, [layer.gradient for layer in self], label="gradient", color="#1f6fb2")
        if any(layer.update is not None for layer in self):
            updates = [layer.update or 0.0 for layer in self]
            axes.plot(places, updates, "o--", label="update ÷ weight", color="#c65512")
        axes.set_yscale("log")
        axes.set_xticks(places, [layer.name for layer in self], rotation=30, ha="right")
        axes.set_ylabel("root mean square")
        axes.set_title(f"gradient flow: {self.verdict}")
        axes.legend(frameon=False)
        axes.spines[["top", "right"]].set_visible(False)
        return axes

    def __repr__(self) -> str:
        head = ("layer", "gradient", "weight", "update ÷ weight", "dead units")
        lines = [head, *map(cells, self)]
        widths = [max(map(len, column)) for column in zip(*lines, strict=True)]
        shown = [
            "  ".join([line[0].ljust(widths[0]), *map(str.rjust, line[1:], widths[1:])])
            for line in lines
        ]
        return "\n".join([*shown, self.verdict])


def cells(layer: LayerFlow) -> tuple[str, ...]:
    """The texts of a line: "·" for what is not known."""
    update = "·" if layer.update is None else f"{layer.update:.3g}"
    dead = "·" if layer.dead is None else f"{layer.dead:.0%}"
    return layer.name, f"{layer.gradient:.3g}", f"{layer.weight:.3g}", update, dead


def gradient_flow(
    model: Module, X: Any, y: Any, loss: str | Loss, optimizer: Optimizer | None = None
) -> GradientFlow:
    """How the gradient of the mean loss over rows of data arrives in each layer of a model.

    Where it shrinks from layer to layer, the first layers do not learn; see S. Hochreiter, The
    Vanishing Gradient Problem, 1998. With an `optimizer`, the step that it would make now is
    measured, too; a share of about 0.001 of the weights is a common aim. The model and the
    optimizer are left as they were.

    Data and losses are those of `nn.fit`, and so are the errors.

    >>> import nn
    >>> model = nn.MLP(2, [8, 8, 1], activation="sigmoid", seed=0)
    >>> flow = gradient_flow(model, [[0.0, 1.0], [1.0, 0.0]], [0.0, 1.0], "mse_loss")
    >>> [layer.name for layer in flow], flow.verdict
    (['layers.0', 'layers.1', 'layers.2'], 'healthy')
    """
    found = objective(loss)
    rows = rows_for(model, found, X, y)
    gradient = mean_gradient(model, found.loss, rows)
    updates = step_of(optimizer, gradient) if optimizer is not None else {}
    dead = dead_units(model, rows)
    layers = []
    for name, params in layers_of(model):
        weight = rms([p.data for p in params])
        moved = [updates[p] for p in params if p in updates]
        update = rms(moved) / weight if moved and weight else None
        size = rms([gradient.get(p, 0.0) for p in params])
        layers.append(LayerFlow(name, size, weight, update, dead.get(name)))
    return GradientFlow(layers)


def layers_of(model: Module) -> Iterator[tuple[str, list[Value]]]:
    """The parameters of each part of a model that has some of its own; neurons count as a layer."""
    modules = {"": model} | {path: part for path, part in parts(model) if isinstance(part, Module)}
    found: dict[str, list[Value]] = {}
    for path, parameter in model.named_parameters():
        owners = [p for p in modules if path.startswith(f"{p}." if p else "")]
        outer = [p for p in owners if not isinstance(modules[p], Neuron)] or owners
        found.setdefault(max(outer, key=len), []).append(parameter)
    yield from ((path or type(model).__name__, params) for path, params in found.items())


def mean_gradient(model: Module, loss: Loss, rows: Rows) -> dict[Value, float]:
    """The gradient of the mean loss by each parameter: a replay's node holds that of one row."""
    one = jit(lambda x, t: row_loss(model, loss, rows.y.whole, x, t))
    total: dict[Value, float] = {}
    for i in range(len(rows)):
        node = one(rows.X.row(i), rows.y.row(i))
        for parameter, derivative in by_leaves(node).items():
            total[parameter] = total.get(parameter, 0.0) + derivative / len(rows)
    return total


def step_of(optimizer: Optimizer, gradient: dict[Value, float]) -> dict[Value, float]:
    """How far a step would move each parameter; everything is as it was afterwards."""
    params, state = optimizer.params, optimizer.state_dict()
    data, grads = [p.data for p in params], [p.grad for p in params]
    try:
        for p in params:
            p.grad = gradient.get(p, 0.0)
        optimizer.step()
        return {p: p.data - x for p, x in zip(params, data, strict=True)}
    finally:
        for p, x, g in zip(params, data, grads, strict=True):
            p.data, p.grad = x, g
        optimizer.load_state_dict(state)


def dead_units(model: Module, rows: Rows) -> dict[str, float]:
    """Of each layer of relu units, the share of those that are 0 for all rows."""
    layers = {
        path: part
        for path, part in parts(model)
        if isinstance(part, Layer) and activation_name(part.neurons[0].activation) == "relu"
    }
    if not layers:
        return {}
    alive = {path: [False] * len(layer.neurons) for path, layer in layers.items()}
    for path, layer in layers.items():
        watch(layer, alive[path])
    try:
        for i in range(len(rows)):
            model(rows.X.row(i))
    finally:
        for layer in layers.values():
            del layer.forward
    return {path: 1 - sum(units) / len(units) for path, units in alive.items()}


def watch(layer: Layer, alive: list[bool]) -> None:
    """Note which units of a layer are above 0, whenever it is called."""
    forward = layer.forward

    def watched(inputs: Any) -> list[Value]:
        answers = forward(inputs)
        for i, answer in enumerate(answers):
            alive[i] = alive[i] or answer.data > 0.0
        return answers

    layer.forward = watched  # type: ignore[method-assign]


def rms(numbers: Sequence[float]) -> float:
    """The root mean square."""
    return sqrt(sum(x * x for x in numbers) / len(numbers))

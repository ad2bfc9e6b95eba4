"""Two moons: a training step of micrograd's demo, MLP(2, [16, 16, 1]), hinge loss, L2, full batch.

Neuron, Layer, MLP and `loss` are written as micrograd's users write them, the neuron being
`sum((wi*xi for wi, xi in zip(self.w, x)), self.b)`; only which Value they use is handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from itertools import pairwise
from math import cos, pi, sin
from random import Random
from typing import Any

from benchmarks.engines import Engine

STEPS = 3  # timed in a row, as in training: what one leaves behind is part of the price
ALPHA = 1e-4
SIZES = [2, 16, 16, 1]


class Neuron:
    def __init__(self, engine: Engine, rng: Random, nin: int, nonlin: bool) -> None:
        self.engine = engine
        self.w = [engine.value(rng.uniform(-1, 1)) for _ in range(nin)]
        self.b = engine.value(0.0)
        self.nonlin = nonlin

    def __call__(self, x: list[Any]) -> Any:
        act = sum((wi * xi for wi, xi in zip(self.w, x)), self.b)
        return act.relu() if self.nonlin else act

    def parameters(self) -> list[Any]:
        return [*self.w, self.b]


class DotNeuron(Neuron):
    def __call__(self, x: list[Any]) -> Any:
        act = self.engine.library.dot(self.w, x, self.b)
        return act.relu() if self.nonlin else act


class Layer:
    def __init__(self, kind: type[Neuron], engine: Engine, rng: Random, nin: int, nout: int):
        self.neurons = [kind(engine, rng, nin, nonlin=nout > 1) for _ in range(nout)]

    def __call__(self, x: list[Any]) -> Any:
        out = [n(x) for n in self.neurons]
        return out[0] if len(out) == 1 else out

    def parameters(self) -> list[Any]:
        return [p for n in self.neurons for p in n.parameters()]


class MLP:
    def __init__(self, kind: type[Neuron], engine: Engine) -> None:
        rng, self.engine = Random(1), engine
        self.layers = [Layer(kind, engine, rng, nin, nout) for nin, nout in pairwise(SIZES)]

    def __call__(self, x: list[Any]) -> Any:
        for layer in self.layers:
            x = layer(x)
        return x

    def parameters(self) -> list[Any]:
        return [p for layer in self.layers for p in layer.parameters()]

    def zero_grad(self) -> None:
        for p in self.parameters():
            p.grad = self.engine.zero

    def losses(self, X: list[list[float]], y: list[int]) -> tuple[Any, Any]:
        inputs = [list(map(self.engine.value, xrow)) for xrow in X]
        scores = list(map(self, inputs))
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores, strict=True)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = ALPHA * sum(p * p for p in self.parameters())
        return data_loss, reg_loss

    def loss(self, X: list[list[float]], y: list[int]) -> Any:
        data_loss, reg_loss = self.losses(X, y)
        return data_loss + reg_loss


def unchanged(engine: Engine, points: int) -> Generator[str, None, list[float]]:
    """The demo as it is."""
    return (yield from demo(MLP(Neuron, engine), points))


def with_dot(engine: Engine, points: int) -> Generator[str, None, list[float]]:
    """The demo with one line changed: a neuron is a dot."""
    return (yield from demo(MLP(DotNeuron, engine), points))


def demo(model: MLP, points: int) -> Generator[str, None, list[float]]:
    X, y = moons(points)

    def step(k: int) -> float:
        total_loss = model.loss(X, y)
        model.zero_grad()
        total_loss.backward()
        learning_rate = 1.0 - 0.9 * k / 100
        for p in model.parameters():
            p.data -= learning_rate * p.grad
        return float(total_loss.data)

    return (yield from training(step))


def layers(engine: Engine, points: int) -> Generator[str, None, list[float]]:
    """The demo as glassgrad's users write it, with `nn`."""
    import nn
    from autograd import dot

    X, y = moons(points)
    model = nn.MLP(2, SIZES[1:], init="uniform", seed=1)
    parameters = model.parameters()
    optimizer = nn.SGD(parameters, lr=1.0)

    def step(k: int) -> float:
        loss = nn.hinge_loss([model(row) for row in X], y) + ALPHA * dot(parameters, parameters)
        optimizer.zero_grad()
        loss.backward()
        optimizer.lr = 1.0 - 0.9 * k / 100
        optimizer.step()
        return loss.data

    return (yield from training(step))


def tensors(engine: Engine, points: int) -> Generator[str, None, list[float]]:
    """The demo as PyTorch's users write it: a layer is a matrix, the batch another."""
    import torch

    rows, labels = moons(points)
    X, y = (torch.tensor(data, dtype=torch.float64) for data in (rows, labels))
    parameters = [
        torch.tensor(matrix, dtype=torch.float64, requires_grad=True)
        for layer in MLP(Neuron, Engine("floats", float)).layers
        for matrix in ([n.w for n in layer.neurons], [n.b for n in layer.neurons])
    ]
    optimizer = torch.optim.SGD(parameters, lr=1.0)

    def step(k: int) -> float:
        w1, b1, w2, b2, w3, b3 = parameters
        hidden = torch.relu(X @ w1.T + b1)
        hidden = torch.relu(hidden @ w2.T + b2)
        scores = (hidden @ w3.T + b3)[:, 0]
        loss = torch.relu(1 - y * scores).mean() + ALPHA * sum((p * p).sum() for p in parameters)
        optimizer.zero_grad()
        loss.backward()
        optimizer.param_groups[0]["lr"] = 1.0 - 0.9 * k / 100
        optimizer.step()
        return float(loss.detach())

    return (yield from training(step))


def training(step: Callable[[int], float]) -> Generator[str, None, list[float]]:
    """The phases: one step to warm up, then STEPS of them; returns the losses."""
    losses = [step(0)]
    yield "step"
    losses += [step(k) for k in range(1, STEPS + 1)]
    return losses


def moons(points: int) -> tuple[list[list[float]], list[int]]:
    """Two half circles, one inside the other's reach, with a little noise; labels +1 and -1."""
    rng, X, y = Random(0), [], []
    for i in range(points):
        turn, label = pi * rng.random(), 1 - 2 * (i % 2)
        x, height = (cos(turn), sin(turn)) if label == 1 else (1 - cos(turn), 0.5 - sin(turn))
        X.append([x + rng.gauss(0, 0.1), height + rng.gauss(0, 0.1)])
        y.append(label)
    return X, y

"""Two moons, trained in full batches: one step, over and over, replayed or by whoever has arrays.

MLP(2, [16, 16, 1]) and hinge loss as in `two_moons`, from the same weights; the L2 is the weight
decay of plain gradient descent, which is how an optimizer is told of it. What a step returns is the
mean hinge loss before it.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from benchmarks.engines import Engine
from benchmarks.training import CHECKED, Phases, once, training
from benchmarks.two_moons import ALPHA, MLP, SIZES, Neuron, moons

STEPS = 400  # timed in a row
LR = 0.1
DECAY = 2 * ALPHA  # the gradient of ALPHA·p² is DECAY·p

Matrices = list[list[list[float]]]


def replayed(engine: Engine, points: int) -> Phases:
    """glassgrad: a trainer, step by step, and many steps in one call."""
    step = trainer_of(points)
    again = trainer_of(points)

    def loop(steps: int) -> list[float]:
        losses = [again(1) for _ in range(CHECKED)]
        return [*losses, again(steps - CHECKED)]

    return training(STEPS, lambda: step(1), loop)


def fitted(engine: Engine, points: int) -> Phases:
    """glassgrad: `nn.fit` as the loop, an epoch being a step."""
    import nn

    X, y = moons(points)
    model, optimizer = model_and_optimizer()

    def loop(epochs: int) -> list[float]:
        history = nn.fit(model, X, y, nn.hinge_loss, optimizer, epochs, batch_size=None)
        return history["loss"]

    return training(STEPS, None, loop)


def trainer_of(points: int) -> Callable[[int], float]:
    """So many steps over all points; the loss of the last."""
    import numpy

    import nn

    X, y = (numpy.array(part, dtype=float) for part in moons(points))
    model, optimizer = model_and_optimizer()
    trainer = nn.Trainer(lambda x, t: nn.hinge_loss(model(x), t), optimizer)
    return lambda steps: trainer.step(X, y, steps=steps)


def eager(engine: Engine, points: int) -> Phases:
    """glassgrad, recorded anew at every step."""
    return training(STEPS, eager_step(points))


def eager_once(engine: Engine, points: int) -> Phases:
    """The same, one step."""
    return once(eager_step(points))


def eager_step(points: int) -> Callable[[], float]:
    """As glassgrad's users write it, with `nn`."""
    import nn

    X, y = moons(points)
    model, optimizer = model_and_optimizer()

    def step() -> float:
        loss = nn.hinge_loss([model(row) for row in X], y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.data

    return step


def model_and_optimizer() -> Any:
    """The network of `two_moons`, weight for weight, and what trains it."""
    import nn

    model = nn.MLP(SIZES[0], SIZES[1:], init="uniform", seed=1)
    return model, nn.SGD(model.parameters(), lr=LR, weight_decay=DECAY)


def demo(engine: Engine, points: int) -> Phases:
    """micrograd's demo, and whoever runs it unchanged."""
    X, y = moons(points)
    model = MLP(Neuron, engine)

    def step() -> float:
        data_loss, reg_loss = model.losses(X, y)
        model.zero_grad()
        (data_loss + reg_loss).backward()
        for p in model.parameters():
            p.data -= LR * p.grad
        return data_loss.data

    return once(step)


def tensors(engine: Engine, points: int) -> Phases:
    """PyTorch: a layer is a matrix, the batch another."""
    torch = engine.library
    X, y = (torch.tensor(data, dtype=torch.float64) for data in moons(points))
    parameters = [
        torch.tensor(matrix, dtype=torch.float64, requires_grad=True)
        for layer in initial() for matrix in layer
    ]  # fmt: skip
    optimizer = torch.optim.SGD(parameters, lr=LR, weight_decay=DECAY)
    relu = torch.relu

    def step() -> Any:
        w1, b1, w2, b2, w3, b3 = parameters
        scores = (relu(relu(X @ w1 + b1) @ w2 + b2) @ w3 + b3)[:, 0]
        loss = relu(1 - y * scores).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.detach()

    return training(STEPS, step)


def hips(engine: Engine, points: int) -> Phases:
    """HIPS autograd: NumPy, wrapped."""
    import autograd.numpy as np

    X, y = map(np.array, moons(points))
    parameters = [np.array(matrix) for layer in initial() for matrix in layer]

    def relu(x: Any) -> Any:
        return np.maximum(x, 0.0)

    def loss(parameters: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = parameters
        scores = (relu(relu(X @ w1 + b1) @ w2 + b2) @ w3 + b3)[:, 0]
        return np.mean(relu(1 - y * scores))

    value_and_grad = engine.library.value_and_grad(loss)

    def step() -> Any:
        nonlocal parameters
        out, grads = value_and_grad(parameters)
        parameters = [p - LR * (g + DECAY * p) for p, g in zip(parameters, grads)]
        return out

    return training(STEPS, step)


def jitted(engine: Engine, points: int) -> Phases:
    """JAX, compiled: a step that is called, and a loop of steps, all parameters in one array.

    One array costs a call less than six do.
    """
    import jax
    from jax import numpy as jnp
    from jax.flatten_util import ravel_pytree
    from jax.nn import relu

    X, y = (jnp.array(data, dtype=float) for data in moons(points))
    start, unravel = ravel_pytree([jnp.array(matrix) for layer in initial() for matrix in layer])

    def loss(parameters: Any, X: Any, y: Any) -> Any:
        w1, b1, w2, b2, w3, b3 = unravel(parameters)
        scores = (relu(relu(X @ w1 + b1) @ w2 + b2) @ w3 + b3)[:, 0]
        return relu(1 - y * scores).mean()

    def descend(parameters: Any, X: Any, y: Any) -> Any:
        out, grad = jax.value_and_grad(loss)(parameters, X, y)
        return parameters - LR * (grad + DECAY * parameters), out

    one = jax.jit(descend)
    many = jax.jit(
        lambda parameters, X, y: jax.lax.scan(
            lambda parameters, _: descend(parameters, X, y), parameters, length=STEPS
        )
    )
    called = looped = start

    def step() -> Any:
        nonlocal called
        called, out = one(called, X, y)
        return out

    def loop(times: int) -> Any:
        nonlocal looped
        looped, out = many(looped, X, y)
        return out

    return training(STEPS, step, loop)


def by_hand(engine: Engine, points: int) -> Phases:
    """NumPy: the derivatives found on paper, all parameters in one array, memory used again.

    A bias is the weight of one more input, which is always 1.
    """
    np = engine.library
    X, y = (np.array(data, dtype=float) for data in moons(points))
    start = [np.array([*weights, biases]) for weights, biases in initial()]
    parameters = np.concatenate([matrix.ravel() for matrix in start])
    gradient = np.empty_like(parameters)
    ends = np.cumsum([0, *(matrix.size for matrix in start)])

    def matrices(flat: Any) -> Any:
        return [flat[i:j].reshape(m.shape) for (i, j), m in zip(pairwise(ends), start)]

    (w1, w2, w3), (dw1, dw2, dw3) = matrices(parameters), matrices(gradient)
    x, h1, h2 = (np.ones((points, width + 1)) for width in SIZES[:3])
    x[:, :-1] = X
    relu1, relu2 = h1[:, :-1], h2[:, :-1]
    d1, d2, slope = (np.empty((points, SIZES[1])) for _ in range(3))
    back2, back3 = w2[:-1].T, w3[:-1].T
    by_score = -y / points

    def step() -> Any:
        np.maximum(x @ w1, 0.0, out=relu1)
        np.maximum(h1 @ w2, 0.0, out=relu2)
        misses = np.maximum(1.0 - y * (h2 @ w3)[:, 0], 0.0)
        d3 = (by_score * np.sign(misses))[:, None]
        np.matmul(h2.T, d3, out=dw3)
        np.multiply(d3 @ back3, np.sign(relu2, out=slope), out=d2)
        np.matmul(h1.T, d2, out=dw2)
        np.multiply(d2 @ back2, np.sign(relu1, out=slope), out=d1)
        np.matmul(x.T, d1, out=dw1)
        parameters[:] -= LR * (gradient + DECAY * parameters)
        return misses.sum() / points

    return training(STEPS, step)


def initial() -> list[tuple[list[list[float]], list[float]]]:
    """Of each layer the weights, a row for each input, and the biases."""
    layers = [layer.neurons for layer in MLP(Neuron, Engine("floats", float)).layers]
    return [
        ([list(column) for column in zip(*(n.w for n in neurons))], [n.b for n in neurons])
        for neurons in layers
    ]

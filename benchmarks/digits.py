"""Digits: an epoch of mini-batches of 64 over scikit-learn's 8×8 images, by plain gradient descent.

An MLP of 64, 32 and 10 numbers with ReLU, and cross entropy. So many images that every batch is
full, in the same order in every epoch for those who do not shuffle. What an epoch returns is the
mean loss over its images, each as it was met.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any
from warnings import catch_warnings

from benchmarks.engines import Engine
from benchmarks.training import Phases, once, training

EPOCHS = 100  # timed in a row: recording is a part of the first
BATCH = 64
LR = 0.1
SIZES = (64, 32, 10)


def replayed(engine: Engine, images: int) -> Phases:
    """glassgrad: `nn.fit`, which shuffles; its first epoch meets the images in the order of all."""
    fit = fitting(images)
    return training(EPOCHS, loop=lambda epochs: fit(epochs)[:1])


def replayed_once(engine: Engine, images: int) -> Phases:
    """The same for one epoch, where NumPy replays."""
    fit = fitting(images)
    return once(lambda: fit(1)[0])


def fitting(images: int) -> Callable[[int], list[float]]:
    """A function that goes on training for so many epochs; their losses."""
    import nn

    X, y = arrays(images)
    order = nn.shuffled(images, seed=0, turn=1)
    X[order], y[order] = X.copy(), y.copy()
    model = network()
    optimizer = nn.SGD(model.parameters(), lr=LR)

    def fit(epochs: int) -> list[float]:
        history = nn.fit(model, X, y, nn.cross_entropy, optimizer, epochs, BATCH, seed=0)
        return history["loss"]

    return fit


def eager_once(engine: Engine, images: int) -> Phases:
    """glassgrad, recorded anew for each batch: one epoch."""
    import nn

    X, y = (data.tolist() for data in arrays(images))
    model = network()
    optimizer = nn.SGD(model.parameters(), lr=LR)

    def epoch() -> float:
        total = 0.0
        for start in range(0, images, BATCH):
            batch = slice(start, start + BATCH)
            loss = nn.cross_entropy([model(row) for row in X[batch]], y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.data
        return total * BATCH / images

    return once(epoch)


def network() -> Any:
    """glassgrad's network, with the weights all start from."""
    import nn

    model = nn.MLP(SIZES[0], SIZES[1:])
    for layer, (weights, _) in zip(model.layers, initial()):
        for neuron, column in zip(layer.neurons, zip(*weights)):
            for w, number in zip(neuron.w, column):
                w.data = number
    return model


def sklearn(engine: Engine, images: int) -> Phases:
    """scikit-learn's MLPClassifier, which goes on where it was and does not stop before."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.neural_network import MLPClassifier

    X, y = arrays(images)
    model = MLPClassifier(
        SIZES[1:-1], solver="sgd", learning_rate_init=LR, momentum=0.0, alpha=0.0,
        batch_size=BATCH, shuffle=False, warm_start=True, max_iter=EPOCHS, n_iter_no_change=10**9,
    )  # fmt: skip
    model.partial_fit(X[:BATCH], y[:BATCH], classes=range(SIZES[-1]))  # makes the layers
    for own, biases, (weights, _) in zip(model.coefs_, model.intercepts_, initial()):
        own[:], biases[:] = weights, 0.0

    def loop(epochs: int) -> list[float]:
        with catch_warnings(action="ignore", category=ConvergenceWarning):
            model.fit(X, y)
        return model.loss_curve_[-epochs:]

    return training(EPOCHS, loop=loop)


def jitted(engine: Engine, images: int) -> Phases:
    """JAX: a scan over the batches, compiled."""
    import jax
    from jax import numpy as jnp

    X, y = map(jnp.array, arrays(images))
    X, y = X.reshape(-1, BATCH, SIZES[0]), y.reshape(-1, BATCH)
    parameters = [(jnp.array(weights), jnp.array(biases)) for weights, biases in initial()]

    def loss(parameters: Any, X: Any, y: Any) -> Any:
        (w1, b1), (w2, b2) = parameters
        scores = jax.nn.log_softmax(jax.nn.relu(X @ w1 + b1) @ w2 + b2)
        return -jnp.take_along_axis(scores, y[:, None], 1).mean()

    def step(parameters: Any, batch: Any) -> Any:
        out, grads = jax.value_and_grad(loss)(parameters, *batch)
        return jax.tree.map(lambda p, g: p - LR * g, parameters, grads), out

    @jax.jit
    def epoch(parameters: Any, X: Any, y: Any) -> Any:
        parameters, losses = jax.lax.scan(step, parameters, (X, y))
        return parameters, losses.mean()

    def loop(epochs: int) -> list[Any]:
        nonlocal parameters
        losses = []
        for _ in range(epochs):
            parameters, out = epoch(parameters, X, y)
            losses.append(out)
        return losses

    return training(EPOCHS, loop=loop)


def tensors(engine: Engine, images: int) -> Phases:
    """PyTorch, operation by operation."""
    torch = engine.library
    F = torch.nn.functional
    X, y = map(torch.from_numpy, arrays(images))
    parameters = [
        torch.tensor(matrix, dtype=torch.float64, requires_grad=True)
        for layer in initial() for matrix in layer
    ]  # fmt: skip
    optimizer = torch.optim.SGD(parameters, lr=LR)

    def loop(epochs: int) -> list[Any]:
        return [epoch() for _ in range(epochs)]

    def epoch() -> Any:
        w1, b1, w2, b2 = parameters
        total = torch.zeros((), dtype=torch.float64)
        for start in range(0, images, BATCH):
            batch = slice(start, start + BATCH)
            scores = torch.addmm(b2, torch.relu(torch.addmm(b1, X[batch], w1)), w2)
            loss = F.cross_entropy(scores, y[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.detach()
        return total * BATCH / images

    return training(EPOCHS, loop=loop)


def by_hand(engine: Engine, images: int) -> Phases:
    """NumPy: the derivatives found on paper, memory used again.

    A bias is the weight of one more input, which is always 1.
    """
    np = engine.library
    X, y = arrays(images)
    x = np.column_stack([X, np.ones(images)])
    truth = np.eye(SIZES[-1])[y]
    w1, w2 = (np.array([*weights, biases]) for weights, biases in initial())
    hidden = np.ones((BATCH, SIZES[1] + 1))
    relu = hidden[:, :-1]

    def loop(epochs: int) -> list[Any]:
        return [epoch() for _ in range(epochs)]

    def epoch() -> Any:
        total = 0.0
        for start in range(0, images, BATCH):
            batch = slice(start, start + BATCH)
            np.maximum(x[batch] @ w1, 0.0, out=relu)
            powers = hidden @ w2
            powers -= powers.max(axis=1, keepdims=True)
            right = powers.ravel() @ truth[batch].ravel()
            np.exp(powers, out=powers)
            sums = powers.sum(axis=1, keepdims=True)
            total += np.log(sums).sum() - right
            powers /= sums
            powers -= truth[batch]
            powers *= LR / BATCH
            back = powers @ w2[:-1].T
            back *= np.sign(relu)
            w2[:] -= hidden.T @ powers
            w1[:] -= x[batch].T @ back
        return total / images

    return training(EPOCHS, loop=loop)


def arrays(images: int) -> Any:
    """So many images, in rows of 64 numbers from 0 to 1, and the digits they show."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    return X[:images] / 16, y[:images]


def initial() -> list[tuple[list[list[float]], list[float]]]:
    """Of each layer the weights, a row for each input, and the biases."""
    rng = Random(0)
    return [
        ([[rng.gauss(0, (2 / rows) ** 0.5) for _ in range(columns)] for _ in range(rows)],
         [0.0] * columns)
        for rows, columns in pairwise(SIZES)
    ]  # fmt: skip

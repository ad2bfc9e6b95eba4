"""Updates: one step of every parameter, by each of the rules of `nn`; updates.h is the twin in C.

Numbers lie flat: parameter i is p[i], its gradient g[i], what a rule remembers of it state[k][i].
The settings begin with lr and the number of steps made before this one; the rest is listed with
the rule. Both engines give the same bits: the same operations in the same order.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from math import sqrt
from typing import TypeAlias

Numbers: TypeAlias = "array[float] | list[float]"
Update: TypeAlias = Callable[
    [Numbers, Sequence[float], Sequence["array[float]"], tuple[float, ...]], None
]


def sgd(
    p: Numbers, g: Sequence[float], state: Sequence[array[float]], settings: tuple[float, ...]
) -> None:
    """momentum, nesterov, weight_decay; velocity"""
    lr, _, momentum, nesterov, weight_decay = settings
    (velocity,) = state
    for i, slope in enumerate(g):
        if weight_decay:
            slope += weight_decay * p[i]
        if momentum:
            v = velocity[i] = momentum * velocity[i] + slope
            slope = slope + momentum * v if nesterov else v
        p[i] -= lr * slope


def adam(
    p: Numbers, g: Sequence[float], state: Sequence[array[float]], settings: tuple[float, ...]
) -> None:
    """beta1, beta2, eps, weight_decay; m, v"""
    weight_decay = settings[-1]
    if weight_decay:
        g = [slope + weight_decay * p[i] for i, slope in enumerate(g)]
    move_by_moments(p, g, state, settings)


def adamw(
    p: Numbers, g: Sequence[float], state: Sequence[array[float]], settings: tuple[float, ...]
) -> None:
    """beta1, beta2, eps, weight_decay; m, v"""
    kept = 1.0 - settings[0] * settings[-1]
    for i in range(len(p)):
        p[i] *= kept
    move_by_moments(p, g, state, settings)


def move_by_moments(
    p: Numbers, g: Sequence[float], state: Sequence[array[float]], settings: tuple[float, ...]
) -> None:
    """What Adam and AdamW do with the gradient."""
    lr, steps, beta1, beta2, eps, _ = settings
    m, v = state
    t = steps + 1.0
    # the moments are means that began at 0, which the corrections make up for
    rate, root = lr / (1.0 - beta1**t), sqrt(1.0 - beta2**t)
    for i, slope in enumerate(g):
        m[i] = beta1 * m[i] + (1.0 - beta1) * slope
        v[i] = beta2 * v[i] + (1.0 - beta2) * slope * slope
        p[i] -= rate * m[i] / (sqrt(v[i]) / root + eps)


def adagrad(
    p: Numbers, g: Sequence[float], state: Sequence[array[float]], settings: tuple[float, ...]
) -> None:
    """lr_decay, eps, weight_decay; the sum of squares"""
    lr, steps, lr_decay, eps, weight_decay = settings
    (squares,) = state
    rate = lr / (1.0 + steps * lr_decay)
    for i, slope in enumerate(g):
        if weight_decay:
            slope += weight_decay * p[i]
        squares[i] += slope * slope
        p[i] -= rate * slope / (sqrt(squares[i]) + eps)


def rmsprop(
    p: Numbers, g: Sequence[float], state: Sequence[array[float]], settings: tuple[float, ...]
) -> None:
    """alpha, eps, weight_decay, momentum, centered; the mean of squares, the mean, velocity"""
    lr, _, alpha, eps, weight_decay, momentum, centered = settings
    square, mean, velocity = state
    for i, slope in enumerate(g):
        if weight_decay:
            slope += weight_decay * p[i]
        spread = square[i] = alpha * square[i] + (1.0 - alpha) * slope * slope
        if centered:
            mean[i] = alpha * mean[i] + (1.0 - alpha) * slope
            spread -= mean[i] * mean[i]
            if spread < 0.0:  # a rounding error
                spread = 0.0
        slope /= sqrt(spread) + eps
        if momentum:
            slope = velocity[i] = momentum * velocity[i] + slope
        p[i] -= lr * slope


UPDATES: dict[str, Update] = {
    "sgd": sgd,
    "adam": adam,
    "adamw": adamw,
    "adagrad": adagrad,
    "rmsprop": rmsprop,
}

"""Logistic regression: the mean loss on made-up points, differentiated by weights and bias.

log(1 + exp(-label · score)), labels 1 and -1: https://en.wikipedia.org/wiki/Logistic_regression
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks.problem import Function, Problem

FEATURES = 10


def points(count: int) -> tuple[list[list[float]], list[float]]:
    """Points and their labels."""
    rows = [[(7 * i + 3 * j) % 11 / 5 - 1 for j in range(FEATURES)] for i in range(count)]
    return rows, [-1.0 if i % 3 else 1.0 for i in range(count)]


def arguments(count: int) -> list[Any]:
    """Weights and a bias."""
    return [[(j % 3 - 1) / 2 for j in range(FEATURES)], 0.1]


def on_lists(functions: Any, count: int) -> Function:
    """As it is written for single numbers."""
    exp, log = functions.exp, functions.log
    rows, labels = points(count)

    def loss(weights: Any, bias: Any) -> Any:
        total = 0.0
        for row, label in zip(rows, labels, strict=True):
            score = sum(w * x for w, x in zip(weights, row, strict=True)) + bias
            total += log(1 + exp(-label * score))
        return total / count

    return loss


def on_arrays(functions: Any, count: int, array: Callable[[Any], Any]) -> Function:
    """As it is written for arrays."""
    exp, log = functions.exp, functions.log
    rows, labels = map(array, points(count))

    def loss(weights: Any, bias: Any) -> Any:
        return log(1 + exp(-labels * (rows @ weights + bias))).mean()

    return loss


PROBLEM = Problem(arguments, 3, on_lists, on_arrays)

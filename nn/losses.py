"""Losses: one number that says how wrong the predictions are.

A loss is one function of predictions and targets, named and ordered as in PyTorch. Both are single
numbers, or sequences of the same length (nested ones too): then the loss is the mean over all of
them, as is PyTorch's default. With floats alone the result is a float, with a Value in it a Value.

A target that is missing (NaN) or outside what the loss is defined for is an error, before any node
is made. Predictions are not checked: what is not finite shows up in the loss.
"""

from __future__ import annotations

from collections.abc import Iterable
from math import exp
from typing import Any, TypeAlias

from autograd import Value, log, logsumexp, maximum, mean, relu, softplus, square, take

from .targets import NUMBER, PROBABILITY, SIGN, Number, average, class_index, elements, logits_row

Numbers: TypeAlias = float | Value | Iterable[Any]

SMALLEST = exp(-100.0)  # the probability whose logarithm is -100


def mse_loss(input: Numbers, target: Numbers) -> Number:
    """How far predictions are from targets: the mean of (input - target)².

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.nn.MSELoss.html

    >>> mse_loss([1.0, 2.0], [0.0, 4.0])
    2.5
    """
    return average("mse_loss", squared_error, input, target, NUMBER)


def half_squared_error(input: Numbers, target: Numbers) -> Number:
    """The mean of ½(input - target)², whose derivative is just input - target.

    The ½ is there to cancel the 2 that differentiating the square brings down. Half of `mse_loss`:
    a mean over many predictions, not a sum, so that the learning rate does not depend on how many
    there are.

    >>> half_squared_error(3.0, 1.0)
    2.0
    """
    return 0.5 * average("half_squared_error", squared_error, input, target, NUMBER)


def binary_cross_entropy(input: Numbers, target: Numbers) -> Number:
    """How surprised a predicted probability is by the truth: -t·log(p) - (1-t)·log(1-p).

    `input` holds probabilities from 0 to 1, `target` what came out: 1, 0, or a probability.
    As in PyTorch no logarithm goes below -100, so that a prediction that is sure and wrong costs
    100 and not infinity; there the gradient is 0. If the probability comes from a sigmoid, prefer
    `binary_cross_entropy_with_logits`, which stays exact.

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.nn.BCELoss.html

    Raises ValueError for an input or a target outside 0 to 1.

    >>> round(binary_cross_entropy(0.8, 1), 4)
    0.2231
    """
    return average("binary_cross_entropy", surprise, input, target, PROBABILITY)


def binary_cross_entropy_with_logits(input: Numbers, target: Numbers) -> Number:
    """`binary_cross_entropy` of sigmoid(input): the input is a score of any size, the logit.

    t·softplus(-z) + (1-t)·softplus(z), finite and exact however large the score.

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.nn.BCEWithLogitsLoss.html

    Raises ValueError for a target outside 0 to 1.

    >>> binary_cross_entropy_with_logits(-1000.0, 1)
    1000.0
    """
    return average(
        "binary_cross_entropy_with_logits", surprise_of_logit, input, target, PROBABILITY
    )


def cross_entropy(input: Iterable[Any], target: int | Iterable[int]) -> Number:
    """How surprised the softmax of a row of scores is by the true class: -log softmax(z)[target].

    `input` is a row of C logits and `target` the index of the true class, from 0 to C - 1; or
    `input` is a list of rows and `target` one index for each, and the result is the mean. A row
    takes two nodes, logsumexp(z) and the subtraction of z[target]; a target that is a Value, as in
    a recording that is to serve for all classes, takes one more.

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.nn.CrossEntropyLoss.html

    Raises TypeError for a target that is not an int, ValueError for one that is no class.

    >>> cross_entropy([1000.0, 0.0, -1000.0], 1)
    1000.0
    """
    targets, rows = elements("cross_entropy", target), elements("cross_entropy", input)
    if not isinstance(targets, list):
        targets, rows = [targets], [rows]
    rows = [logits_row(row) for row in (rows if isinstance(rows, list) else [rows])]
    if len(rows) != len(targets):
        raise ValueError(
            f"cross_entropy got {len(rows)} rows of logits and {len(targets)} targets: "
            "there must be one target for each row"
        )
    if not rows:
        raise ValueError("cross_entropy got no rows of logits: there is nothing to average")
    scores = [score_of(t, row, i) for i, (t, row) in enumerate(zip(targets, rows, strict=True))]
    losses = [logsumexp(row) - score for row, score in zip(rows, scores, strict=True)]
    loss: Number = losses[0] if len(losses) == 1 else mean(losses)
    return loss


def hinge_loss(score: Numbers, y: Numbers) -> Number:
    """How far a score is from being right by a margin of 1: the mean of max(0, 1 - y·score).

    `y` is +1 or -1. The loss of support vector machines (Cortes and Vapnik, 1995), and of
    micrograd's demo.

    Raises ValueError for a y that is not +1 or -1.

    >>> hinge_loss([2.0, 0.5, -1.0], [1, 1, 1])
    0.8333333333333334
    """
    return average("hinge_loss", lambda z, t: relu(1.0 - t * z), score, y, SIGN)


def perceptron_loss(z: Numbers, t: Numbers) -> Number:
    """How far a score is on the wrong side: the mean of max(0, -z·t), t being +1 or -1.

    Its gradient step is Rosenblatt's learning rule: add t·x for a point on the wrong side, nothing
    for one on the right side, and nothing at z = 0, where relu's derivative is 0.

    Raises ValueError for a t that is not +1 or -1.

    >>> perceptron_loss(0.5, -1)
    0.5
    """
    return average("perceptron_loss", lambda z, t: relu(-t * z), z, t, SIGN)


def score_of(target: Any, row: list[Any], place: int) -> Any:
    """The logit of the true class; of one that is a Value, as an operation on its number."""
    if isinstance(target, Value):
        return take(row, target)
    return row[class_index(target, len(row), place)]


def squared_error(p: Any, t: Any) -> Any:
    """(p - t)²"""
    return square(p - t)


def surprise(p: Any, t: Any) -> Any:
    """-t·log(p) - (1-t)·log(1-p) with logarithms of at least -100."""
    if not 0.0 <= p <= 1.0:
        given = p.data if isinstance(p, Value) else p
        raise ValueError(
            f"binary_cross_entropy needs probabilities from 0 to 1, got {given}: "
            "apply sigmoid first, or use binary_cross_entropy_with_logits"
        )
    if isinstance(t, float) and t in (0.0, 1.0):  # the other term is 0: no nodes for it
        return -log(maximum(p if t else 1.0 - p, SMALLEST))
    return -(t * log(maximum(p, SMALLEST)) + (1.0 - t) * log(maximum(1.0 - p, SMALLEST)))


def surprise_of_logit(z: Any, t: Any) -> Any:
    """-t·log(sigmoid(z)) - (1-t)·log(sigmoid(-z)), as log(sigmoid(z)) = -softplus(-z)."""
    if isinstance(t, float) and t in (0.0, 1.0):
        return softplus(-z if t else z)
    return t * softplus(-z) + (1.0 - t) * softplus(z)

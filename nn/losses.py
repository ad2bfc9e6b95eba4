"""Losses: one number that says how wrong the predictions are.

A loss is one function of predictions and targets, named and ordered as in PyTorch. Both are single
numbers, or sequences of the same length (nested ones too): then the loss is the mean over all of
them, as is PyTorch's default. With floats alone the result is a float, with a Value in it a Value.

Those of rows of scores and a class for each are in `class_losses`.

A target that is missing (NaN) or outside what the loss is defined for is an error, before any node
is made. Predictions are not checked: what is not finite shows up in the loss.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from math import exp
from typing import Any, TypeAlias

from autograd import Value, log, maximum, mean, minimum, relu, softplus, square

from .optimizer import positive
from .targets import NUMBER, PROBABILITY, SIGN, Number, average, elements

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


def l1_loss(input: Numbers, target: Numbers) -> Number:
    """How far predictions are from targets, without squaring: the mean of |input - target|.

    The best constant is the median of the targets, where for `mse_loss` it is their mean.

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.nn.L1Loss.html

    >>> l1_loss([1.0, 2.0], [0.0, 4.0])
    1.5
    """
    return average("l1_loss", lambda p, t: abs(p - t), input, target, NUMBER)


def huber_loss(input: Numbers, target: Numbers, delta: float = 1.0) -> Number:
    """Squared near the target, straight from `delta` on, so that an outlier pulls no harder.

    The mean of ½e² where |e| ≤ delta, else of delta·(|e| - ½·delta), e being input - target; its
    derivative is e, cut off at ±delta (P. J. Huber, 1964).

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.nn.HuberLoss.html

    >>> huber_loss(0.5, 0.0), huber_loss(10.0, 0.0)
    (0.125, 9.5)
    """
    delta = positive("delta", delta, "it is a distance")
    return average("huber_loss", partial(huber, delta), input, target, NUMBER)


def kl_div(input: Iterable[Any], target: Iterable[Any]) -> Number:
    """How far one distribution is from another: Σ t·(log t - input), 0 where they are the same.

    As in PyTorch `input` holds logarithms of probabilities, as `log_softmax` gives them, and
    `target` probabilities; both a row, or rows, and of rows the mean is taken (PyTorch's
    reduction="batchmean"). It is not symmetric: KL(target ‖ exp(input)).

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.nn.KLDivLoss.html

    Raises ValueError for a target outside 0 to 1.

    >>> from math import log
    >>> kl_div([log(0.5), log(0.5)], [0.5, 0.5])
    0.0
    >>> round(kl_div([log(0.5), log(0.5)], [1.0, 0.0]), 4)  # log 2
    0.6931
    """
    rows, targets = elements("kl_div", input), elements("kl_div", target)
    if not isinstance(rows, list) or not rows:
        raise TypeError(f"kl_div compares rows of logarithms of probabilities, got {input!r:.60}")
    if not isinstance(elements("kl_div", rows[0]), list):
        rows, targets = [rows], [targets]
    if not isinstance(targets, list) or len(rows) != len(targets):
        raise ValueError("kl_div: there must be one row of targets for each row of logarithms")
    results = [
        average("kl_div", divergence, row, t, PROBABILITY) * float(len(elements("kl_div", row)))
        for row, t in zip(rows, targets, strict=True)
    ]
    loss: Number = results[0] if len(results) == 1 else mean(results)
    return loss


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


def squared_error(p: Any, t: Any) -> Any:
    """(p - t)²"""
    return square(p - t)


def huber(delta: float, p: Any, t: Any) -> Any:
    """m·(|e| - ½m) with m = min(|e|, delta): both pieces in one."""
    size = abs(p - t)
    near = minimum(size, delta)
    return near * (size - 0.5 * near)


def divergence(log_p: Any, t: Any) -> Any:
    """t·(log t - log p), 0 where t is 0."""
    if isinstance(t, float):
        return t * (log(t) - log_p) if t else 0.0 * log_p
    return t * (log(maximum(t, SMALLEST)) - log_p)


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

"""Losses of classes: rows of scores, one for each class, and the class that is the true one.

As in PyTorch a target is the index of a class, from 0 on; for rows there is one for each, and the
loss is the mean over them. A target may be a Value, as in a recording that is to serve for all
classes: it costs a node more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from autograd import Value, logsumexp, mean, relu, sum, take

from .targets import Number, class_index, elements, logits_row


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
    return averaged("cross_entropy", lambda row, score: logsumexp(row) - score, input, target)


def multi_margin_loss(input: Iterable[Any], target: int | Iterable[int]) -> Number:
    """How far the true class is from beating each other one by 1: the hinge loss of many classes.

    The mean over all C classes of max(0, 1 - z[target] + z[j]), for j ≠ target: every class that
    comes too near counts (J. Weston and C. Watkins, 1999), divided by C as in PyTorch. `input` and
    `target` are as for `cross_entropy`.

    Formula: https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiMarginLoss.html

    Raises TypeError for a target that is not an int, ValueError for one that is no class.

    >>> multi_margin_loss([3.0, 2.5, 0.0], 0)  # only class 1 is nearer than 1
    0.16666666666666666
    """
    return averaged("multi_margin_loss", margins, input, target)


def margins(row: list[Any], score: Any) -> Any:
    """The term of the true class itself is 1 whatever the scores are, and is taken off.

    z - score comes first: there it is 0 for the true class, and 1 - score would lose digits.
    """
    return (sum([relu(1.0 + (z - score)) for z in row]) - 1.0) * (1.0 / len(row))


def averaged(
    loss: str,
    formula: Callable[[list[Any], Any], Any],
    input: Iterable[Any],
    target: int | Iterable[int],
) -> Number:
    """The mean of formula(row, score of the true class) over rows, or that of the only one."""
    targets, rows = elements(loss, target), elements(loss, input)
    if not isinstance(targets, list):
        targets, rows = [targets], [rows]
    rows = [logits_row(loss, row) for row in (rows if isinstance(rows, list) else [rows])]
    if len(rows) != len(targets):
        raise ValueError(
            f"{loss} got {len(rows)} rows of logits and {len(targets)} targets: "
            "there must be one target for each row"
        )
    if not rows:
        raise ValueError(f"{loss} got no rows of logits: there is nothing to average")
    losses = [
        formula(row, score_of(loss, t, row, i))
        for i, (t, row) in enumerate(zip(targets, rows, strict=True))
    ]
    found: Number = losses[0] if len(losses) == 1 else mean(losses)
    return found


def score_of(loss: str, target: Any, row: list[Any], place: int) -> Any:
    """The score of the true class; of one that is a Value, as an operation on its number."""
    if isinstance(target, Value):
        return take(row, target)
    return row[class_index(loss, target, len(row), place)]

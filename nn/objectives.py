"""Objectives: what each loss asks of the targets, and when it counts a prediction as right."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple, TypeAlias

from . import class_losses, losses
from .columns import Column
from .suggestion import did_you_mean
from .targets import CLASS, NUMBER, PROBABILITY, SIGN, Kind, class_index, logits_row

Loss: TypeAlias = Callable[[Any, Any], Any]
Metric: TypeAlias = Callable[[Sequence[Any], Sequence[Any]], float]


class Objective(NamedTuple):
    """A loss and what goes with it."""

    loss: Loss
    kind: Kind | None  # what a target must be; None: not known
    decide: Callable[[Any], Any] | None  # the class that a prediction speaks for


def largest(scores: Sequence[float]) -> int:
    return scores.index(max(scores))


# fmt: off
OBJECTIVES = {row.loss.__name__: row for row in [
    #         loss                                     target       decide
    Objective(losses.mse_loss,                         NUMBER,      None),
    Objective(losses.half_squared_error,               NUMBER,      None),
    Objective(losses.l1_loss,                          NUMBER,      None),
    Objective(losses.huber_loss,                       NUMBER,      None),
    Objective(losses.kl_div,                           PROBABILITY, None),
    Objective(class_losses.cross_entropy,              CLASS,       largest),
    Objective(class_losses.multi_margin_loss,          CLASS,       largest),
    Objective(losses.binary_cross_entropy,             PROBABILITY, lambda p: p > 0.5),
    Objective(losses.binary_cross_entropy_with_logits, PROBABILITY, lambda z: z > 0.0),
    Objective(losses.hinge_loss,                       SIGN,        lambda z: z > 0.0),
    Objective(losses.perceptron_loss,                  SIGN,        lambda z: z > 0.0),
]}
# fmt: on
BOUNDARY: dict[Kind | None, float] = {
    PROBABILITY: 0.5,
    SIGN: 0.0,
}  # targets above it are of the class True


def objective(loss: str | Loss) -> Objective:
    """What goes with a loss: one of `nn`, by its name or itself, or a function of one's own.

    Raises ValueError for an unknown name, TypeError for what is neither.
    """
    if isinstance(loss, str):
        if loss not in OBJECTIVES:
            raise ValueError(
                f"unknown loss {loss!r}: {did_you_mean(loss, OBJECTIVES)}Allowed are "
                f"{', '.join(OBJECTIVES)}, or a function of a prediction and a target"
            )
        return OBJECTIVES[loss]
    if not callable(loss):
        raise TypeError(
            f"loss must be a function of a prediction and a target, or a name, got {loss!r}"
        )
    for row in OBJECTIVES.values():
        if row.loss is loss:
            return row
    return Objective(loss, None, None)


def check_targets(found: Objective, targets: Column, prediction: Any, name: str) -> None:
    """Raise ValueError or TypeError naming the first target that the loss is not defined for."""
    kind = found.kind
    if kind is CLASS:
        loss = found.loss.__name__
        if targets.width is not None:
            raise ValueError(
                f"{loss} needs one class for each row, got rows of {targets.width} "
                f"in {name}: for one-hot rows write {name}.argmax(axis=1)"
            )
        classes = len(logits_row(loss, prediction))
        fine = set[float]()
        for place, target in enumerate(targets.tolist()):
            if target not in fine:
                class_index(loss, int(target) if targets.whole else target, classes, place)
                fine.add(target)
    elif kind is not None and kind is not NUMBER:  # finite they are
        for place, row in enumerate(targets.tolist()):
            for target in row if targets.width else [row]:
                if not kind.fits(target):
                    raise ValueError(
                        f"{found.loss.__name__}: {name}: row {place} is {target}, allowed is "
                        f"{kind.allowed}: {kind.advice}"
                    )


def metric_of(
    metric: str | Metric | None, found: Objective, validated: bool
) -> tuple[str, Metric] | None:
    """The name and the function of what is measured after each epoch, or None for nothing.

    With None it is the accuracy, where the loss is one of classification and there are validation
    data to measure it on.
    """
    if metric is None and validated and found.decide is not None:
        metric = "accuracy"
    if metric is None:
        return None
    if callable(metric):
        return getattr(metric, "__name__", "metric").strip("<>"), metric
    if metric != "accuracy":
        raise ValueError(
            f"unknown metric {metric!r}: {did_you_mean(str(metric), ['accuracy'])}Allowed are "
            "'accuracy', or a function of all predictions and all targets"
        )
    if found.decide is None:
        raise ValueError(
            f"the accuracy is not defined for {found.loss.__name__}: pass metric=function, "
            "a function of all predictions and all targets"
        )
    return "accuracy", partial(accuracy, found.decide, BOUNDARY.get(found.kind))


def accuracy(
    decide: Callable[[Any], Any],
    boundary: float | None,
    predictions: Sequence[Any],
    targets: Sequence[Any],
) -> float:
    """The share of predictions that speak for the class of their target."""
    if boundary is None:  # the targets are the classes themselves
        right = [decide(p) == t for p, t in zip(predictions, targets, strict=True)]
    else:
        pairs = zip(flat(predictions), flat(targets), strict=True)
        right = [decide(p) == (t > boundary) for p, t in pairs]
    share: float = sum(right) / len(right)
    return share


def flat(numbers: Sequence[Any]) -> list[float]:
    """Single numbers, or those of all rows."""
    return [x for row in numbers for x in (row if isinstance(row, list) else [row])]

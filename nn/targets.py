"""Targets: what the predictions are compared with, checked and paired up with them."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple, TypeAlias

from autograd import Value, mean

Number: TypeAlias = float | Value


class Kind(NamedTuple):
    """Which targets a loss is defined for, and what to do about the others."""

    fits: Callable[[Any], bool]  # of a number or a Value, by comparing it: a recording keeps that
    allowed: str
    advice: str


# fmt: off
#                  fits                         allowed            advice
NUMBER      = Kind(lambda t: t - t == 0.0,      "a finite number", "drop or fill the missing ones")
PROBABILITY = Kind(lambda t: 0.0 <= t <= 1.0,   "from 0 to 1",     "for -1 and +1 use (y + 1) / 2")
SIGN        = Kind(lambda t: abs(t) == 1.0,     "-1 or +1",        "for 0 and 1 use 2 * y - 1")
CLASS       = Kind(lambda t: t >= 0.0,          "a class",         "number the classes from 0")
# fmt: on


def average(
    loss: str,
    formula: Callable[[Any, Any], Any],
    input: Any,
    target: Any,
    kind: Kind,
) -> Number:
    """The mean of formula(prediction, target) over all pairs; of one pair, the formula itself."""
    pairs = list(pair_up(loss, input, target))
    if not pairs:
        raise ValueError(f"{loss} got no predictions: there is nothing to average")
    for index, (_, t) in enumerate(pairs):
        if not kind.fits(t):
            given = t.data if isinstance(t, Value) else t
            raise ValueError(
                f"{loss}: target {index} is {given}, allowed is {kind.allowed}: {kind.advice}"
            )
    results = [formula(p, t) for p, t in pairs]
    loss_value: Number = results[0] if len(results) == 1 else mean(results)
    return loss_value


def pair_up(loss: str, input: Any, target: Any) -> Iterator[tuple[Any, Any]]:
    """Every prediction with its target, from two numbers or two sequences of one shape."""
    predictions, targets = elements(loss, input), elements(loss, target)
    if not isinstance(predictions, list) and not isinstance(targets, list):
        yield as_number(predictions), as_number(targets)
    elif not isinstance(predictions, list) or not isinstance(targets, list):
        raise ValueError(
            f"{loss} got {count(predictions, 'prediction')} and {count(targets, 'target')}: "
            "give two numbers, or two sequences of the same length"
        )
    elif len(predictions) != len(targets):
        raise ValueError(
            f"{loss} got {count(predictions, 'prediction')} and {count(targets, 'target')}: "
            "there must be one target for each prediction"
        )
    else:
        for prediction, t in zip(predictions, targets, strict=True):
            yield from pair_up(loss, prediction, t)


def elements(loss: str, thing: Any) -> Any:
    """`thing` itself if it is one number or Value, a list of its elements if it is a sequence."""
    if hasattr(thing, "tolist"):  # NumPy's arrays and numbers
        thing = thing.tolist()
    if isinstance(thing, Value) or hasattr(thing, "__float__"):
        return thing
    if hasattr(thing, "__iter__") and not isinstance(thing, (str, bytes, dict, set, frozenset)):
        return list(thing)
    raise TypeError(f"{loss} works on numbers, Values and sequences of them, got {thing!r}")


def as_number(thing: Any) -> Any:
    """A Value as it is, anything else as a float."""
    return thing if isinstance(thing, Value) else float(thing)


def count(thing: Any, noun: str) -> str:
    """A number and a noun: "a single target", "1 target in a sequence", "3 targets"."""
    if not isinstance(thing, list):
        return f"a single {noun}"
    return f"1 {noun} in a sequence" if len(thing) == 1 else f"{len(thing)} {noun}s"


def class_index(loss: str, target: Any, classes: int, place: int) -> int:
    """`target` if it is an int from 0 to classes - 1."""
    allowed = f"allowed are the ints from 0 to {classes - 1}, one for each logit"
    if isinstance(target, bool) or not hasattr(target, "__index__"):
        raise TypeError(
            f"{loss}: target {place} is {target!r}, {allowed}: "
            "convert labels with int(y), or y.astype(int) for an array"
        )
    if not 0 <= target < classes:
        raise ValueError(
            f"{loss}: target {place} is {target}, {allowed}: "
            "number the classes from 0 and give the model one output for each"
        )
    return operator.index(target)


def logits_row(loss: str, logits: Any) -> list[Any]:
    """One row of logits as a list; errors for no row, an empty one, or many."""
    row = elements(loss, logits)
    if not isinstance(row, list):
        raise TypeError(
            f"{loss} needs a row of logits, got the single number {logits!r}: for a model "
            "with one output use binary_cross_entropy_with_logits"
        )
    if not row:
        raise ValueError(f"{loss} got an empty row of logits: it needs one for each class")
    if isinstance(elements(loss, row[0]), list):
        raise ValueError(
            f"{loss} got {len(row)} rows of logits and a single target: "
            "give one target for each row"
        )
    return row

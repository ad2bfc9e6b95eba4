"""Results: how good the trained network is on the digits held out, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from autograd import softmax
from nn import Module

from .digits import Digits
from .training import index_of_largest, logits_of


class Answer(NamedTuple):
    """What the network says to one image."""

    image: list[float]
    label: int  # the digit it shows
    taken_for: int  # the digit with the highest logit
    logits: list[float]
    probabilities: list[float]


def answers_of(model: Module, digits: Digits) -> list[Answer]:
    """What the network says to every image."""
    rows = zip(digits.images, digits.labels, logits_of(model, digits), strict=True)
    return [
        Answer(image, label, index_of_largest(logits), logits, softmax(logits))
        for image, label, logits in rows
    ]


def wrong_ones(answers: Sequence[Answer]) -> list[Answer]:
    """The answers that are not right, the most convinced first."""
    wrong = [answer for answer in answers if answer.taken_for != answer.label]
    return sorted(wrong, key=lambda answer: -answer.probabilities[answer.taken_for])


def accuracy_line(answers: Sequence[Answer]) -> str:
    """The accuracy as a sentence."""
    right = len(answers) - len(wrong_ones(answers))
    return (
        f"Test accuracy: {right / len(answers):.1%} "
        f"({right} of {len(answers)} digits it has never seen)"
    )


def worst_confusions(answers: Sequence[Answer], most: int = 5) -> str:
    """Which digits were taken for which, the most frequent first."""
    counts = Counter(sorted((answer.label, answer.taken_for) for answer in wrong_ones(answers)))
    if not counts:
        return "  none: every digit was read right"
    return "\n".join(
        f"  {label} taken for {taken_for}: {'once' if count == 1 else f'{count} times'}"
        for (label, taken_for), count in counts.most_common(most)
    )


def kept(finished: int, wanted: int) -> str:
    """What is left of a training that Ctrl-C ended after so many epochs."""
    if not finished:
        return "before the first epoch was finished: there is no model to keep."
    return f"after epoch {finished} of {wanted}: the model is as that epoch left it."

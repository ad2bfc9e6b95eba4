"""Training: epoch after epoch of mini-batches, until all are done or Ctrl-C ends it."""

from __future__ import annotations

import nn

from .digits import Digits
from .options import Options

BATCH = 32
LEARNING_RATE = 0.01


def train(model: nn.Module, learn: Digits, test: Digits, options: Options) -> nn.History:
    """Train; returns the loss, and the accuracy on the digits held out, of every finished epoch.

    No epoch is chosen by its accuracy: the digits held out have no say in what is learned.
    """
    return nn.fit(
        model,
        learn.images,
        learn.labels,
        nn.cross_entropy,
        nn.Adam(model.parameters(), lr=LEARNING_RATE),
        epochs=options.epochs,
        batch_size=BATCH,
        validation_data=(test.images, test.labels),
        seed=options.seed,
        progress=not options.quiet,
    )


def accuracy(model: nn.Module, digits: Digits) -> float:
    """The share of digits that get their highest logit for what they are."""
    right = sum(
        index_of_largest(logits) == label
        for logits, label in zip(logits_of(model, digits), digits.labels, strict=True)
    )
    return right / len(digits.labels)


def logits_of(model: nn.Module, digits: Digits) -> list[list[float]]:
    """The logits of every image, as plain numbers."""
    logits: list[list[float]] = model.predict(digits.images)
    return logits


def index_of_largest(numbers: list[float]) -> int:
    return numbers.index(max(numbers))

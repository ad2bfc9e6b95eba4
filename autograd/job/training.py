"""Training: epoch after epoch of mini-batches, until all are done or Ctrl-C ends it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

import nn
from autograd import no_grad

from .digits import Digits
from .options import Options

BATCH = 32
LEARNING_RATE = 0.01


@dataclass(frozen=True)
class Epoch:
    """What one finished epoch leaves behind."""

    loss: float  # the mean over the digits it learned from, each as it was met
    accuracy: float  # on the digits held out
    state: dict[str, float]  # the parameters at its end


def train(
    model: nn.Module, learn: Digits, test: Digits, options: Options
) -> tuple[list[Epoch], bool]:
    """Train; returns the finished epochs and whether Ctrl-C came before all were.

    The model is left as the last finished epoch left it. No epoch is chosen by its accuracy: the
    digits held out have no say in what is learned.
    """
    from tqdm import tqdm

    finished: list[Epoch] = []
    batches = -(-len(learn.labels) // BATCH)
    bar = tqdm(
        total=options.epochs * batches,
        unit="batch",
        disable=options.quiet,
        mininterval=0.1 if sys.stderr.isatty() else 60.0,  # in a log, the end of each epoch only
    )
    try:
        with bar:
            for epoch in epochs(model, learn, test, options, bar):
                finished.append(epoch)
    except KeyboardInterrupt:
        if finished:
            model.load_state_dict(finished[-1].state)
        return finished, True
    return finished, False


def epochs(
    model: nn.Module, learn: Digits, test: Digits, options: Options, bar: Any
) -> Iterator[Epoch]:
    """Train the model, an epoch at a time."""
    optimizer = nn.Adam(model.parameters(), lr=LEARNING_RATE)
    rng, order = Random(options.seed), list(range(len(learn.labels)))
    score = "–"
    for number in range(1, options.epochs + 1):
        bar.set_description(f"epoch {number}/{options.epochs}", refresh=False)
        rng.shuffle(order)
        total = 0.0
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            logits = [model(learn.images[i]) for i in batch]
            loss: Any = nn.cross_entropy(logits, [learn.labels[i] for i in batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.data * len(batch)
            seen = start + len(batch)
            bar.set_postfix_str(f"loss {total / seen:.4f}, accuracy {score}", refresh=False)
            bar.update()
        epoch = Epoch(total / len(order), accuracy(model, test), model.state_dict())
        score = f"{epoch.accuracy:.1%}"
        bar.set_postfix_str(f"loss {epoch.loss:.4f}, accuracy {score}")
        yield epoch


def accuracy(model: nn.Module, digits: Digits) -> float:
    """The share of digits that get their highest logit for what they are."""
    right = sum(
        index_of_largest(logits) == label
        for logits, label in zip(logits_of(model, digits), digits.labels, strict=True)
    )
    return right / len(digits.labels)


def logits_of(model: nn.Module, digits: Digits) -> list[list[float]]:
    """The logits of every image, as plain numbers."""
    with no_grad():
        return [[z.data for z in model(image)] for image in digits.images]


def index_of_largest(numbers: list[float]) -> int:
    return numbers.index(max(numbers))

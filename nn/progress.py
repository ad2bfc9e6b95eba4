"""Progress: a bar that counts batches and shows the loss and the metric, with tqdm."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from types import TracebackType
from typing import Any, Self

from .history import NOT_METRICS


class Progress:
    """A bar over all batches of all epochs, or nothing to see if it is not wanted."""

    def __init__(self, wanted: bool, epochs: int, batches: int, done: int) -> None:
        self.bar: Any = None
        self.epochs, self.last = epochs, ""
        if wanted:
            in_a_log = not sys.stderr.isatty()  # there the end of each epoch only
            self.bar = tqdm()(
                total=epochs * batches,
                initial=done * batches,
                unit="batch",
                mininterval=60.0 if in_a_log else 0.1,
            )

    def begin(self, epoch: int) -> None:
        """Epoch number `epoch`, from 1, begins."""
        if self.bar is not None:
            self.bar.set_description(f"epoch {epoch}/{self.epochs}", refresh=False)

    def advance(self, batches: int, loss: float) -> None:
        """So many batches are done; `loss` is the mean of the epoch so far."""
        if self.bar is not None:
            self.bar.set_postfix_str(f"loss {loss:.4f}{self.last}", refresh=False)
            self.bar.update(batches)

    def end(self, numbers: Mapping[str, float]) -> None:
        """The epoch has ended with these numbers."""
        if self.bar is not None:
            names = [name for name in numbers if name not in NOT_METRICS] + ["validation_loss"]
            self.last = "".join(
                f", {name.replace('_', ' ')} {in_words(name, numbers[name])}"
                for name in names
                if name in numbers
            )
            self.bar.set_postfix_str(f"loss {numbers['loss']:.4f}{self.last}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self.bar is not None:
            self.bar.close()


def in_words(name: str, number: float) -> str:
    """A number as the bar shows it: an accuracy in percent."""
    return f"{number:.1%}" if name == "accuracy" else f"{number:.4f}"


def tqdm() -> Any:
    """The class of tqdm's bars.

    Raises ImportError with the command that installs it.
    """
    try:
        from tqdm import tqdm as bar
    except ImportError as error:
        raise ImportError(
            f"progress=True needs tqdm, which cannot be imported here ({error}): pip install tqdm"
        ) from error
    return bar

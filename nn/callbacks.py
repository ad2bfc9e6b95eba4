"""Callbacks: what is done after every epoch of `nn.fit`.

A function of a `Run` is a callback; so is an object of a subclass of `Callback`, which can have a
state that is saved with a checkpoint.
"""

from __future__ import annotations

from array import array
from collections.abc import Callable, Iterable, Mapping
from math import inf
from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from .run import Run

AnyCallback: TypeAlias = "Callback | Callable[[Run], Any]"


class Callback:
    """What all callbacks share. Every subclass defines what it needs of these."""

    def start(self, run: Run) -> None:
        """Called once, before the first epoch."""

    def epoch(self, run: Run) -> None:
        """Called when an epoch has ended and its numbers are in `run.history`."""

    def settled(self, run: Run) -> None:
        """Called when all callbacks have had the epoch, so that nothing of it is left to do.

        If Ctrl-C ends training, called once more, when all is again as it was at such a moment.
        """

    def finish(self, run: Run) -> None:
        """Called once, after the last epoch; not if training was interrupted."""

    def state_dict(self) -> dict[str, Any]:
        """What it remembers, as numbers and lists that JSON can hold."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict`."""


class EarlyStopping(Callback):
    """Stop when the loss has not become better for `patience` epochs.

    The loss is that on the validation data, if there are any, else that of the epoch itself.

    Args:
        patience: how many epochs in a row may pass without a better loss, at least 1.
        min_delta: how much less than the best so far a loss must be to count as better.
        restore_best: whether the model is left with the parameters of its best epoch, also when
            all epochs were run; `history.best_epoch` says which that was.
    """

    def __init__(
        self, patience: int = 10, min_delta: float = 0.0, restore_best: bool = True
    ) -> None:
        if isinstance(patience, bool) or not isinstance(patience, int):
            raise TypeError(f"patience must be an int, got {patience!r}")
        if patience < 1:
            raise ValueError(f"patience must be at least 1, got {patience}")
        if not 0.0 <= min_delta < inf:
            raise ValueError(f"min_delta must be a finite number of at least 0, got {min_delta!r}")
        self.patience, self.min_delta = patience, float(min_delta)
        self.restore_best = bool(restore_best)
        self.best, self.best_epoch = inf, 0
        self.parameters: array[float] | None = None

    def start(self, run: Run) -> None:
        self.best, self.best_epoch, self.parameters = inf, 0, None

    def epoch(self, run: Run) -> None:
        if run.loss < self.best - self.min_delta:
            self.best, self.best_epoch = run.loss, run.epoch
            self.parameters = run.get_parameters() if self.restore_best else None
        elif run.epoch - self.best_epoch >= self.patience:
            run.stop(
                f"no better {run.watched.replace('_', ' ')} than that of epoch {self.best_epoch} "
                f"for {self.patience} epoch{'s' * (self.patience != 1)}"
            )

    def finish(self, run: Run) -> None:
        if self.parameters is not None:
            run.set_parameters(self.parameters)
            run.history.best_epoch = self.best_epoch

    def state_dict(self) -> dict[str, Any]:
        parameters = None if self.parameters is None else list(self.parameters)
        return {"best": self.best, "best_epoch": self.best_epoch, "parameters": parameters}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.best, self.best_epoch = state["best"], state["best_epoch"]
        parameters = state["parameters"]
        self.parameters = None if parameters is None else array("d", parameters)

    def __repr__(self) -> str:
        return (
            f"{type(self).__name__}(patience={self.patience}, min_delta={self.min_delta}, "
            f"restore_best={self.restore_best})"
        )


class Calling(Callback):
    """A plain function as a callback."""

    def __init__(self, function: Callable[[Run], Any]) -> None:
        self.function = function

    def epoch(self, run: Run) -> None:
        self.function(run)


def callbacks_of(given: Iterable[AnyCallback]) -> list[Callback]:
    """Callbacks as a list; functions as callbacks.

    Raises TypeError for what is neither.
    """
    if isinstance(given, Callback) or not isinstance(given, Iterable):
        raise TypeError(
            f"callbacks must be a list, as in callbacks=[EarlyStopping()], got {given!r}"
        )
    found = []
    for thing in given:
        if isinstance(thing, type) or not (isinstance(thing, Callback) or callable(thing)):
            raise TypeError(
                f"a callback must be a function of a Run, or an object such as EarlyStopping(), "
                f"got {thing!r}"
            )
        found.append(thing if isinstance(thing, Callback) else Calling(thing))
    return found

"""Run: training on its way, as callbacks see it; and what it takes to go back to an epoch's end."""

from __future__ import annotations

import copy
from array import array
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from autograd.loops import read_data, write_data

from .callbacks import Callback
from .history import History
from .module import Module
from .optimizer import Optimizer
from .schedules import Schedule


@dataclass(frozen=True)
class Snapshot:
    """All that an epoch changes, as it was when it ended."""

    epoch: int
    parameters: array[float]
    optimizer: dict[str, Any]
    schedule: dict[str, Any]
    callbacks: list[dict[str, Any]]
    stopped: str | None


@dataclass
class Run:
    """Training on its way: what a callback is given after each epoch.

    Attributes:
        model, optimizer: what is trained, and by what; `optimizer.lr` may be set.
        history: all that was measured so far, the epoch that has just ended included.
        epoch: how many epochs are finished, of `epochs`.
        settings: what else was asked for, as plain data.
    """

    model: Module
    optimizer: Optimizer
    history: History
    epochs: int
    schedule: Callable[[float], float] | None = None
    callbacks: list[Callback] = field(default_factory=list)
    settings: dict[str, Any] = field(default_factory=dict)
    epoch: int = 0

    def __post_init__(self) -> None:
        self.params = self.model.parameters()
        self.buffers = [numbers for _, numbers in self.model.named_buffers()]

    @property
    def over(self) -> bool:
        """Whether this was the last epoch."""
        return self.epoch >= self.epochs or self.history.stopped is not None

    @property
    def loss(self) -> float:
        """What there is to watch: the last validation loss, or the loss without such data."""
        return self.history[self.watched][-1]

    @property
    def watched(self) -> str:
        """The name of what `loss` is."""
        return "validation_loss" if "validation_loss" in self.history else "loss"

    def stop(self, reason: str) -> None:
        """Make this the last epoch."""
        self.history.stopped = reason

    def get_parameters(self) -> array[float]:
        """The numbers of all parameters of the model, in order, and those of its buffers."""
        numbers = array("d", bytes(8 * len(self.params)))
        read_data(self.params, numbers)
        for more in self.buffers:
            numbers.extend(more)
        return numbers

    def finite(self) -> bool:
        """Whether all parameters are finite numbers."""
        return read_data(self.params, array("d", bytes(8 * len(self.params))))

    def set_parameters(self, numbers: array[float]) -> None:
        """Put such numbers back."""
        at = len(self.params)
        write_data(self.params, numbers[:at])
        for kept in self.buffers:
            kept[:] = numbers[at : at + len(kept)]
            at += len(kept)

    def snapshot(self) -> Snapshot:
        """Everything as it is now."""
        return Snapshot(
            self.epoch,
            self.get_parameters(),
            {name: copied(x) for name, x in vars(self.optimizer).items() if name != "params"},
            self.schedule_state(),
            [callback.state_dict() for callback in self.callbacks],
            self.history.stopped,
        )

    def restore(self, kept: Snapshot) -> None:
        """Everything as it was then."""
        self.epoch = kept.epoch
        self.set_parameters(kept.parameters)
        vars(self.optimizer).update({name: copied(x) for name, x in kept.optimizer.items()})
        if isinstance(self.schedule, Schedule):
            self.schedule.load_state_dict(kept.schedule)
        for callback, state in zip(self.callbacks, kept.callbacks, strict=True):
            callback.load_state_dict(state)
        self.history.shorten(kept.epoch)
        self.history.stopped = kept.stopped

    def schedule_state(self) -> dict[str, Any]:
        """What the schedule has learned, if it is of those that learn."""
        return self.schedule.state_dict() if isinstance(self.schedule, Schedule) else {}


def copied(thing: Any) -> Any:
    """A copy of a part of an optimizer, as quick as can be for the usual ones."""
    return thing[:] if isinstance(thing, (array, list)) else copy.deepcopy(thing)

"""Schedules: how the learning rate changes while training goes on.

A schedule is called with the time since the start, in epochs (2.5 is in the middle of the third),
and returns a factor of the optimizer's lr. `nn.fit` asks it before every batch; in a loop of your
own write `optimizer.lr = lr * schedule(batches_done / batches_per_epoch)`. A function of the time
is a schedule, too.

>>> schedule = WarmUp(2, then=Cosine(10))
>>> [round(schedule(epoch), 3) for epoch in (0, 1, 2, 7, 12)]
[0.1, 0.55, 1.0, 0.5, 0.0]
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from math import cos, floor, inf, isfinite, pi
from typing import Any

from .plotting import axes_for


class Schedule:
    """What all schedules share: they can be plotted, and told how training goes."""

    def __call__(self, epoch: float) -> float:
        """The factor of the learning rate, so many epochs after the start."""
        raise NotImplementedError(
            f"{type(self).__name__} does not say what the factor is: define __call__(self, epoch)"
        )

    def observe(self, loss: float) -> None:
        """Hear the loss of an epoch that has ended: on the validation data, if there are any."""

    def state_dict(self) -> dict[str, Any]:
        """What it has learned from the losses, as numbers that JSON can hold."""
        return {}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from a `state_dict`; an empty one is the start."""

    def plot(self, epochs: float = 10.0, axes: Any = None) -> Any:
        """Draw the factor over so many epochs with matplotlib; returns the axes."""
        axes = axes_for(axes)
        times = [epochs * i / 1000 for i in range(1001)]
        axes.plot(times, [self(time) for time in times], label=repr(self))
        axes.set_xlabel("epoch")
        axes.set_ylabel("learning rate, as a factor of lr")
        axes.set_title(repr(self))
        return axes


@dataclass(frozen=True)
class Constant(Schedule):
    """The same factor all the time."""

    factor: float = 1.0

    def __post_init__(self) -> None:
        check("Constant", factor=self.factor)

    def __call__(self, epoch: float) -> float:
        return self.factor


@dataclass(frozen=True)
class Step(Schedule):
    """Times `factor` after every `every` epochs: 1, factor, factor², …"""

    every: float
    factor: float = 0.1

    def __post_init__(self) -> None:
        check("Step", above_0={"every": self.every}, factor=self.factor)

    def __call__(self, epoch: float) -> float:
        return float(self.factor ** floor(epoch / self.every))


@dataclass(frozen=True)
class Exponential(Schedule):
    """Times `factor` in every epoch, a little with each batch: factor**epoch."""

    factor: float

    def __post_init__(self) -> None:
        check("Exponential", above_0={"factor": self.factor})

    def __call__(self, epoch: float) -> float:
        return float(self.factor**epoch)


@dataclass(frozen=True)
class Linear(Schedule):
    """In a straight line from `start` to `end` over `length` epochs, and `end` after that."""

    length: float
    end: float = 0.0
    start: float = 1.0

    def __post_init__(self) -> None:
        check("Linear", above_0={"length": self.length}, end=self.end, start=self.start)

    def __call__(self, epoch: float) -> float:
        return between(self.start, self.end, min(epoch / self.length, 1.0))


@dataclass(frozen=True)
class Cosine(Schedule):
    """Down half a cosine wave from 1 to `end` over `length` epochs, and `end` after that.

    Source: Loshchilov and Hutter, "SGDR: stochastic gradient descent with warm restarts" (2017),
    equation 5, without the restarts.
    """

    length: float
    end: float = 0.0

    def __post_init__(self) -> None:
        check("Cosine", above_0={"length": self.length}, end=self.end)

    def __call__(self, epoch: float) -> float:
        return wave(1.0, self.end, min(epoch / self.length, 1.0))


@dataclass(frozen=True)
class WarmUp(Schedule):
    """From `start` up to 1 in a straight line over `length` epochs; `then` begins after that."""

    length: float
    then: Schedule = field(default_factory=Constant)
    start: float = 0.1

    def __post_init__(self) -> None:
        check("WarmUp", above_0={"length": self.length}, start=self.start)
        if not isinstance(self.then, Schedule):
            raise TypeError(f"then must be a schedule, as in then=Cosine(10), got {self.then!r}")

    def __call__(self, epoch: float) -> float:
        if epoch < self.length:
            return between(self.start, 1.0, epoch / self.length)
        return self.then(epoch - self.length)

    def observe(self, loss: float) -> None:
        self.then.observe(loss)

    def state_dict(self) -> dict[str, Any]:
        return self.then.state_dict()

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.then.load_state_dict(state)


@dataclass(frozen=True)
class OneCycle(Schedule):
    """Up to 1 for the first `rise` of `length` epochs and down for the rest, on cosine waves.

    It starts at `start` and ends at `end`; the optimizer's lr is the highest rate. The defaults
    are PyTorch's; momentum, which its OneCycleLR moves the other way, stays as it is here.

    Source: Smith and Topin, "Super-convergence" (2018).
    """

    length: float
    rise: float = 0.3
    start: float = 1 / 25
    end: float = 1 / 25 / 1e4

    def __post_init__(self) -> None:
        check("OneCycle", above_0={"length": self.length}, start=self.start, end=self.end)
        if not 0.0 < self.rise < 1.0:
            raise ValueError(f"OneCycle: rise must be above 0 and below 1, got {self.rise!r}")

    def __call__(self, epoch: float) -> float:
        part = min(epoch / self.length, 1.0)
        if part < self.rise:
            return wave(self.start, 1.0, part / self.rise)
        return wave(1.0, self.end, (part - self.rise) / (1.0 - self.rise))


@dataclass
class ReduceOnPlateau(Schedule):
    """Times `factor` whenever the loss has not become better for more than `patience` epochs.

    Better is less than the best so far by a share of `threshold`. Never below `least`.

    Source: https://docs.pytorch.org/docs/stable/generated/torch.optim.lr_scheduler.ReduceLROnPlateau.html
    """

    factor: float = 0.1
    patience: int = 10
    threshold: float = 1e-4
    least: float = 0.0

    now: float = field(default=1.0, init=False, repr=False)
    best: float = field(default=inf, init=False, repr=False)
    waited: int = field(default=0, init=False, repr=False)

    def __post_init__(self) -> None:
        least, threshold, patience = self.least, self.threshold, self.patience
        check("ReduceOnPlateau", patience=patience, threshold=threshold, least=least)
        if not 0.0 < self.factor < 1.0:
            raise ValueError(
                f"ReduceOnPlateau: factor must be above 0 and below 1, got {self.factor!r}"
            )

    def __call__(self, epoch: float) -> float:
        return self.now

    def observe(self, loss: float) -> None:
        if loss < self.best * (1.0 - self.threshold):
            self.best, self.waited = loss, 0
            return
        self.waited += 1
        if self.waited > self.patience:
            self.now, self.waited = max(self.now * self.factor, self.least), 0

    def state_dict(self) -> dict[str, Any]:
        return {"now": self.now, "best": self.best, "waited": self.waited}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        self.now = state.get("now", 1.0)
        self.best, self.waited = state.get("best", inf), state.get("waited", 0)


def between(start: float, end: float, part: float) -> float:
    """The number that lies so far on the straight way from one to the other."""
    return start + (end - start) * part


def wave(start: float, end: float, part: float) -> float:
    """The same, but slow at both ends and fast in the middle: half a cosine wave."""
    return end + (start - end) * (1.0 + cos(pi * part)) / 2.0


def check(schedule: str, above_0: Mapping[str, Any] | None = None, **numbers: Any) -> None:
    """Raise unless all are finite numbers of at least 0, those named first above 0."""
    above_0 = above_0 or {}
    for name, number in {**above_0, **numbers}.items():
        if isinstance(number, (str, bytes)) or not hasattr(number, "__float__"):
            raise TypeError(f"{schedule}: {name} must be a number, got {number!r}")
        if not isfinite(number) or number < 0 or (name in above_0 and number == 0):
            least = "above 0" if name in above_0 else "of at least 0"
            raise ValueError(f"{schedule}: {name} must be a finite number {least}, got {number!r}")

"""History: what became of the loss and of everything else, epoch by epoch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

from .plotting import pyplot

SHOWN = 6  # epochs in a notebook's table: the first ones and the last ones


class History(Mapping[str, list[float]]):
    """What training left behind: lists of one number per finished epoch, by name.

    history["loss"] is the mean over the rows learned from, each as it was met; then, where they
    were asked for, "validation_loss" and the metric by its name; "rate", the learning rate of the
    epoch's last batch; "seconds".

    Attributes:
        interrupted: whether Ctrl-C ended the training.
        stopped: why a callback ended it, or None.
        best_epoch: the epoch whose parameters `EarlyStopping` has put back, or None.

    >>> history = History({"loss": [2.0, 0.5], "seconds": [0.1, 0.1]})
    >>> history["loss"][-1], history.epochs
    (0.5, 2)
    >>> history
    History(2 epochs in 0.2 s, loss 2.0 → 0.5)
    """

    def __init__(self, columns: Mapping[str, list[float]] | None = None) -> None:
        self.columns = {name: list(numbers) for name, numbers in (columns or {}).items()}
        self.interrupted = False
        self.stopped: str | None = None
        self.best_epoch: int | None = None

    @property
    def epochs(self) -> int:
        """How many epochs were finished."""
        return len(next(iter(self.columns.values()), ()))

    def __getitem__(self, name: str) -> list[float]:
        if name not in self.columns:
            raise KeyError(f"{name!r}: this history has {', '.join(map(repr, self.columns))}")
        return self.columns[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def record(self, numbers: Mapping[str, float]) -> None:
        """Add an epoch."""
        for name, number in numbers.items():
            self.columns.setdefault(name, []).append(number)

    def shorten(self, epochs: int) -> None:
        """Forget the epochs after so many."""
        for numbers in self.columns.values():
            del numbers[epochs:]

    def plot(self) -> Any:
        """Draw the losses, and a metric below them, with matplotlib; returns the axes.

        Raises ImportError with the command that installs matplotlib.
        """
        metrics = [name for name in self.columns if name not in NOT_METRICS]
        _, rows = pyplot().subplots(
            1 + bool(metrics), figsize=(7, 4 + 2 * bool(metrics)), sharex=True, squeeze=False
        )
        panels = [LOSSES, metrics][: len(rows)]
        for axes, names in zip(rows[:, 0], panels, strict=True):
            for name in names:
                if name in self.columns:
                    label = name.replace("_", " ")
                    epochs = range(1, self.epochs + 1)
                    axes.plot(epochs, self.columns[name], label=label, marker=".")
            axes.legend(frameon=False)
            axes.grid(alpha=0.25)
            axes.spines[["top", "right"]].set_visible(False)
        rows[-1, 0].set_xlabel("epoch")
        return rows[:, 0]

    def __repr__(self) -> str:
        text = f"{self.epochs} epoch{'s' * (self.epochs != 1)}"
        if self.epochs:
            text += f" in {sum(self.columns.get('seconds', ())):.3g} s"
        for name, numbers in self.columns.items():
            if numbers and name not in ("rate", "seconds"):
                text += f", {name} {shown(numbers[0])} → {shown(numbers[-1])}"
        if self.interrupted:
            text += ", interrupted"
        return f"{type(self).__name__}({text}{f', stopped: {self.stopped}' * bool(self.stopped)})"

    def _repr_html_(self) -> str:
        """A small table for a notebook: the first epochs and the last ones."""
        numbers: list[int | None] = list(range(self.epochs))
        if len(numbers) > SHOWN:
            numbers = [*numbers[: SHOWN // 2], None, *numbers[-SHOWN // 2 :]]
        head = "".join(f"<th>{escape(name.replace('_', ' '))}</th>" for name in self.columns)
        rows = [f"<tr><th>epoch</th>{head}</tr>"]
        for epoch in numbers:
            cells = ["…"] * (1 + len(self)) if epoch is None else [str(epoch + 1)]
            if epoch is not None:
                cells += [shown(column[epoch]) for column in self.columns.values()]
            rows.append("<tr>" + "".join(f"<td>{cell}</td>" for cell in cells) + "</tr>")
        note = f"<p>{escape(self.stopped)}</p>" if self.stopped else ""
        note += "<p>interrupted</p>" * self.interrupted
        return f"<table>{''.join(rows)}</table>{note}"


LOSSES = ["loss", "validation_loss"]
NOT_METRICS = [*LOSSES, "rate", "seconds"]


def shown(number: float) -> str:
    """A number with as many digits as a reader needs.

    >>> shown(0.123456), shown(2.0), shown(1e-7)
    ('0.1235', '2.0', '1e-07')
    """
    return repr(float(f"{number:.4g}"))

"""Checkpoint: training on the disk, to go on where Ctrl-C or a power failure ended it."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .callbacks import Callback, Calling
from .layers import size
from .saving import Kind, check_architecture, read, write
from .state import check_state

if TYPE_CHECKING:
    from .run import Run

PARTS = (
    "architecture",
    "settings",
    "epoch",
    "parameters",
    "optimizer",
    "schedule",
    "callbacks",
    "history",
    "stopped",
)
CHECKPOINT = Kind(
    "glassgrad checkpoint",
    1,
    "checkpoint",
    "nn.Checkpoint",
    PARTS,
    "use another copy, or train from the start",
)


class Checkpoint(Callback):
    """Write all of the training to a file, so that `nn.fit(..., resume=path)` can go on with it.

    The file holds the parameters, the state of the optimizer, of the schedule and of the other
    callbacks (the best parameters of `EarlyStopping`, too), the history, and how many epochs are
    finished; the order of the rows follows from the seed. It is JSON, complete or not there: the
    older one stays until the new one is on the disk.

    Args:
        path: the file.
        every: write after every so many epochs; also after the last one, and when Ctrl-C ends
            training.
    """

    def __init__(self, path: str | os.PathLike[str], every: int = 1) -> None:
        self.path, self.every = Path(path), size(every, "every")

    def start(self, run: Run) -> None:
        """Find out now whether the file can be written, not after the first epoch."""
        try:
            with tempfile.TemporaryFile(dir=self.path.parent):
                pass
        except OSError as problem:
            raise type(problem)(
                problem.errno,
                f"cannot write a checkpoint there ({problem.strerror}): choose a folder that "
                "exists and that you may write to",
                str(self.path),
            ) from problem

    def settled(self, run: Run) -> None:
        due = run.epoch % self.every == 0 or run.over or run.history.interrupted
        if due and run.epoch:
            write(self.path, CHECKPOINT, content_of(run))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({str(self.path)!r}, every={self.every})"


def content_of(run: Run) -> dict[str, Any]:
    """All that it takes to go on, as plain numbers, lists and dicts."""
    return {
        "architecture": repr(run.model),
        "settings": run.settings,
        "epoch": run.epoch,
        "parameters": run.model.state_dict(),
        "optimizer": run.optimizer.state_dict(),
        "schedule": run.schedule_state(),
        "callbacks": [
            [type(callback).__name__, callback.state_dict()] for callback in with_state(run)
        ],
        "history": run.history.columns,
        "stopped": run.history.stopped,
    }


def resume(run: Run, path: str | os.PathLike[str]) -> None:
    """Take over a checkpoint, so that the run goes on as if it had never ended.

    Raises ValueError, and changes nothing, if the file is damaged, or was written by a call of
    `fit` with another model, other data or other settings; FileNotFoundError if it is not there.
    """
    try:
        content = read(path, CHECKPOINT)
    except FileNotFoundError:
        raise FileNotFoundError(
            2, "there is no checkpoint; leave out resume= to train from the start", os.fspath(path)
        ) from None
    check_architecture(path, content["architecture"], repr(run.model))
    others = [
        f"{name} was {content['settings'].get(name)!r} and is {setting!r}"
        for name, setting in run.settings.items()
        if content["settings"].get(name) != setting
    ]
    names = [type(callback).__name__ for callback in with_state(run)]
    saved = [name for name, _ in content["callbacks"]]
    if names != saved:
        others.append(f"callbacks were {saved} and are {names}")
    if others:
        raise ValueError(
            f"{os.fspath(path)} was written by a training that differs, nothing was changed: "
            f"{'; '.join(others)}. Call fit as it was called then, or train from the start "
            "without resume="
        )
    check_state(content["parameters"], run.model.state_dict(), type(run.model).__name__)
    run.optimizer.load_state_dict(content["optimizer"])
    run.model.load_state_dict(content["parameters"])
    if run.schedule is not None and content["schedule"]:
        run.schedule.load_state_dict(content["schedule"])  # type: ignore[attr-defined]
    for callback, (_, state) in zip(with_state(run), content["callbacks"], strict=True):
        callback.load_state_dict(state)
    run.history.columns = content["history"]
    run.history.stopped = content["stopped"]
    run.epoch = content["epoch"]


def with_state(run: Run) -> list[Callback]:
    """The callbacks whose state goes into a checkpoint."""
    return [c for c in run.callbacks if not isinstance(c, (Checkpoint, Calling))]

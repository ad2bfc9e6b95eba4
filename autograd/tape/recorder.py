"""The recorder: notes what a function decides while it runs, and what a tape cannot repeat."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import get_ident
from typing import Any

from autograd import modes, sweeps
from autograd.chosen import Value

OWN = tuple(f"{Path(__file__).parents[2] / package}{os.sep}" for package in ("autograd", "nn"))
WHY = {
    "read": "reads the .data of a Value, a number that a recording would freeze: compute with the "
    "Value itself",
    "set": "sets the .data of a Value, which a replay would not do again",
    "random": "draws random numbers, which a recording would freeze: train by nn.fit, which draws "
    "them anew for each row, or call eval()",
    "backward": "calls backward(), whose gradients a replay would not compute again: use grad or "
    "value_and_grad",
}


class FrozenRecording(UserWarning):
    """A function does what a replay could not repeat, so it runs as it is, at every call."""


class Recorder:
    """Notes the comparisons of one run, and whatever happens that a tape cannot hold.

    guards    comparisons with a Value: sign, left, right and what they decided
    problem   the first thing that cannot be replayed, in words, with its line; or ""
    """

    def __init__(self, variables: list[Value]) -> None:
        self.variables = variables
        self.guards: list[tuple[str, Any, Any, bool]] = []
        self.problem = ""

    def compared(self, left: Any, right: Any, how: str, outcome: bool) -> None:
        """Called by every comparison of this thread."""
        self.guards.append((how, left, right, outcome))

    def touched(self, value: Any, how: str) -> None:
        """Called when the data of a Value is read or set, or its backward() is called."""
        self.problem = self.problem or f"{place()} {WHY[how]}"

    def made(self, values: list[Value]) -> bool:
        """Whether a derivative inside must be differentiable: what it reads may change."""
        return True

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Note what this thread does, and record it even inside no_grad()."""
        own = (get_ident(), self)
        modes.recorders.append(own)
        sweeps.running.append(own)
        try:
            with modes.recording_again():
                yield
        finally:
            sweeps.running.remove(own)
            modes.recorders.remove(own)


def place() -> str:
    """The line of the user's code that runs."""
    frame: Any = sys._getframe(1)
    while frame.f_back and frame.f_code.co_filename.startswith(OWN):
        frame = frame.f_back
    return f"{frame.f_code.co_filename}, line {frame.f_lineno}, in {frame.f_code.co_name}:"

"""Output: the folder that everything is written to, tried before hours of work go into it."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable
from pathlib import Path

FILES = {
    "expression.svg": "the expression, as a picture of any size",
    "expression.png": "the same in pixels",
    "model.json": "the trained network",
    "neuron.svg": "one neuron of it looking at one digit",
    "neuron.png": "the same in pixels",
    "training.png": "loss and accuracy by epoch",
    "misclassified.png": "the digits it got wrong",
}


class Output:
    """A folder, and what has been written there so far."""

    def __init__(self, folder: Path) -> None:
        """Make the folder. Raises OSError if the files can't be written there."""
        self.folder = folder
        self.written: list[str] = []
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
            for name in FILES:
                if self.path(name).exists():
                    with open(self.path(name), "ab"):
                        pass
        except OSError as problem:
            raise type(problem)(
                f"cannot write to the output folder {os.fspath(folder)!r} ({problem.strerror}: "
                f"{problem.filename}). Choose one that you may write to: --output DIR"
            ) from problem

    def path(self, name: str) -> Path:
        """Where a file of that name is."""
        return self.folder / name

    def write(self, name: str, save: Callable[[Path], object]) -> None:
        """Have a file saved, and remember it."""
        save(self.path(name))
        self.written.append(name)

    def report(self) -> str:
        """What was written, a line each, with its size."""
        return "\n".join(
            f"  {name:<18} {self.path(name).stat().st_size / 1000:>6.1f} kB  {FILES[name]}"
            for name in self.written
        )

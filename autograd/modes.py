"""How operations of a thread record: as usual, not at all (`no_grad`), or watched; and for a tape.

The lists are empty nearly always, and then an operation has nothing else to look at.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from threading import get_ident
from typing import Any

PAUSED = object()
modes: list[tuple[int, Any]] = []  # the thread, and PAUSED or a watch; once per nested block
recorders: list[tuple[int, Any]] = []  # the thread, and what notes its comparisons (see `tape`)


def recording() -> bool:
    """Whether an operation in this thread records its parents."""
    return not modes or (get_ident(), PAUSED) not in modes


def recorder() -> Any:
    """What makes a tape of all that this thread does, or None."""
    thread = get_ident()
    for owner, recorder in reversed(recorders):
        if owner == thread:
            return recorder
    return None


def compared(left: Any, right: Any, how: str, outcome: bool) -> None:
    """Let this thread's recorder note what a comparison has decided."""
    if noted_by := recorder():
        noted_by.compared(left, right, how, outcome)


def touched(value: Any, how: str) -> None:
    """Let this thread's recorder note that a number was taken out of its Value, or put into it."""
    if noted_by := recorder():
        noted_by.touched(value, how)


def watch() -> Any:
    """What looks at every node this thread makes (see `anomaly.py`), or None."""
    thread = get_ident()
    for owner, mode in reversed(modes):
        if owner == thread and mode is not PAUSED:
            return mode
    return None


def watched(node: Any) -> Any:
    """The node that an operation has made, after this thread's watch has seen it."""
    if seen_by := watch():
        seen_by.made(node)
    return node


def enter(mode: Any) -> None:
    """Begin a mode in this thread."""
    modes.append((get_ident(), mode))


def leave(mode: Any) -> None:
    """End it."""
    modes.remove((get_ident(), mode))


@contextmanager
def recording_again() -> Iterator[None]:
    """Record, even inside no_grad(): a derivative needs it."""
    paused = 0
    while not recording():
        leave(PAUSED)
        paused += 1
    try:
        yield
    finally:
        for _ in range(paused):
            enter(PAUSED)

"""Training: the phases of steps that are called from Python, and of a loop that does many of them.

"first" is one step, with what is recorded or compiled for it; "call" calls it again and again;
"loop" is one call for all of them. What an engine does not offer it leaves out.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from itertools import islice
from time import process_time
from typing import Any

Phases = Generator[str, None, list[float]]

CHECKED = 3  # so many losses are returned of each, the first
WARM = 0.02  # seconds of steps before those that are timed, which may be few


def training(
    times: int,
    step: Callable[[], Any] | None = None,
    loop: Callable[[int], Iterable[Any]] | None = None,
) -> Phases:
    """Step that many times; both ways train from the same start, and give the loss of each step."""
    losses: list[float] = []
    if step:
        yield "first"
        losses.append(float(step()))
        yield ""
        start = process_time()
        losses += [float(step()) for _ in range(CHECKED - 1)]
        while process_time() - start < WARM:
            step()
        yield "call"
        for _ in range(times):
            step()
        yield ""
    if loop:
        losses += map(float, islice(loop(times), CHECKED))
        yield "loop"
        loop(times)
        yield ""
    return losses


def once(step: Callable[[], Any]) -> Phases:
    """One step alone, of an engine that would need minutes for all, and takes as long for each."""
    yield "first"
    loss = step()
    yield ""
    return [float(loss)]

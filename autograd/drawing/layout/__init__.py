"""Where things go: sizes of boxes flow in, places of boxes and curves between them flow out.

A plan is laid out by the first of the engines that is there and answers in time: Graphviz as
WebAssembly, Graphviz by pygraphviz, Graphviz as a command, and a small layout of our own, which
always answers and takes over large plans and those with clusters.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from autograd.drawing.layout import dot_language, installed, own, wasm
from autograd.drawing.layout.clusters import kept_together
from autograd.drawing.layout.plan import (
    Bounds,
    Box,
    Cluster,
    Curve,
    EngineFailedError,
    EngineTooSlowError,
    Link,
    Placement,
    Plan,
    Point,
)

__all__ = [
    "ENGINES",
    "Bounds",
    "Box",
    "Cluster",
    "Curve",
    "Link",
    "Placement",
    "Plan",
    "Point",
    "place",
    "through",
]


def through(speak: Callable[[str], str]) -> Callable[[Plan], Placement]:
    """An engine out of a function from DOT source to Graphviz's JSON."""
    return lambda plan: dot_language.read(speak(dot_language.write(plan)), plan)


ENGINES: dict[str, Callable[[Plan], Placement]] = {
    "wasm": through(wasm.dot),
    "pygraphviz": through(installed.pygraphviz),
    "command": through(installed.command),
    "layered": own.place,
}


LARGE = 500  # boxes; beyond, Graphviz takes seconds, and an answer must not depend on the clock


def place(plan: Plan, engines: Sequence[str] | None = None) -> Placement:
    """Lay out a plan with the first engine that answers.

    A large one goes to our own, and so does one with clusters: there lines go around them, where
    Graphviz lets lines cross them.
    """
    plan = kept_together(plan)
    ours = plan.clusters or len(plan.boxes) > LARGE
    for engine in engines or (["layered"] if ours else ENGINES):
        try:
            return ENGINES[engine](plan)
        except EngineFailedError:
            continue
        except EngineTooSlowError:
            break
    return own.place(plan)

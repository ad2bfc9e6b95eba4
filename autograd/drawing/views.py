"""The views: what a graph can be shown as, one row each.

A view is three functions. The first copies what it shows of a graph into a scene, plain frozen data
with at least a `title` and the `total` of nodes; it takes the value, the title or None, and its own
options by keyword. The second draws a scene, as SVG text, and says which scene that shows: a
simpler one where there was no time for all of it. The third writes a scene for Graphviz. Nothing
else has to know of a new view.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any, NamedTuple

from autograd.drawing import dot, graph_view, layers_view, moments, network_view, trace_view
from autograd.drawing.details import Detail, details
from autograd.drawing.drawing import Drawing

if TYPE_CHECKING:
    from autograd.value import Value


class OverTime(NamedTuple):
    """How scenes of one graph at several times become pictures that differ in numbers only."""

    moments: Callable[..., Iterator[str]]  # of the scenes and their captions
    shape: Callable[[Any], Any]  # what must be the same in all of them


@dataclass(frozen=True)
class View:
    """How a graph becomes a scene, and a scene a picture."""

    scene: Callable[..., Any]
    svg: Callable[[Any], tuple[str, Any]]
    digraph: Callable[[Any], Any]
    stepped: bool  # its picture has a card for every node, so that a page can step through
    over_time: OverTime | None  # None: it has no films
    details: Callable[[Value, Any], tuple[Detail, ...]] | None  # other forms, for a page

    @property
    def options(self) -> list[str]:
        """What can be chosen in this view, beside the title."""
        _, _, *names = inspect.signature(self.scene).parameters
        return names


MOST_STEPS = 1500  # nodes that a page goes through one by one: more would make it too large to save

GRAPHS = OverTime(moments.moments, moments.shape)
NETWORKS = OverTime(network_view.moments, network_view.shape)

# fmt: off
VIEWS = {
    # view         scene of a value    its picture      for Graphviz       stepped  over time  forms
    "graph":   View(graph_view.scene,   graph_view.svg,  dot.digraph,          True,  GRAPHS,   details),
    "trace":   View(trace_view.scene,   graph_view.svg,  dot.digraph,          True,  GRAPHS,   None),
    "layers":  View(layers_view.scene,  layers_view.svg, dot.digraph,          True,  None,     None),
    "network": View(network_view.scene, network_view.svg, network_view.digraph, False, NETWORKS, None),
}
# fmt: on


def drawing(value: Value, view: str, title: str | None, options: Mapping[str, Any]) -> Drawing:
    """A value in a view. Raises ValueError for an unknown view, TypeError for an unknown option."""
    row = chosen(view, options)
    scene = row.scene(value, title, **options)
    steps = value.steps() if row.stepped and scene.total <= MOST_STEPS else None
    others = row.details(value, scene) if row.details and steps else ()
    return Drawing(scene, row.svg, row.digraph, steps, others)


def chosen(view: str, options: Mapping[str, Any]) -> View:
    """The row of a view that has these options."""
    if view not in VIEWS:
        raise ValueError(
            f"view must be one of {', '.join(map(repr, VIEWS))}, got {view!r}{meant(view, VIEWS)}"
        )
    row = VIEWS[view]
    for option in options:
        if option not in row.options:
            known = ", ".join(["view", "title", *row.options])
            raise TypeError(
                f"draw has no option {option!r} in the view {view!r}; it has {known}"
                f"{meant(option, row.options)}"
            )
    return row


def meant(word: object, known: Any) -> str:
    """A question at the end of a message, where one of the known words is near."""
    near = get_close_matches(word, known, 1) if isinstance(word, str) else []
    return f". Did you mean {near[0]!r}?" if near else ""

"""Pictures: a graph of Values flows in, a Drawing flows out.

    views        what a graph can be shown as, a row each
    scene        the graph as plain data, copied when drawn
    style        sizes, colours and texts, as a function of the scene
    layout       where things go, by Graphviz or by a layout of our own
    arrangement  the styled scene in its place
    svg, png     the picture;  dot  the graph for Graphviz's own rendering

Nothing here changes a graph, and a graph that changes later leaves its pictures alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.drawing.drawing import Drawing
from autograd.drawing.views import drawing

if TYPE_CHECKING:
    from autograd.value import Value

__all__ = ["Drawing", "draw"]


def draw(value: Value, *, view: str = "graph", title: str | None = None, **options: Any) -> Drawing:
    """Draw the graph that made a value.

    Every card shows a node's name, operation, data and grad; the pill on an edge is the local
    derivative; colour and width show where the gradient flows. Call `backward()` first to see
    gradients. Of a graph with more than `max_nodes=200` nodes, those nearest the result are shown,
    of equally near ones those with the largest gradients.

    >>> from autograd import Value
    >>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    >>> L = a * b
    >>> L.name = "L"
    >>> L.backward()
    >>> draw(L)
    <Drawing of 'L = a × b': 3 nodes; save with .svg(path) or .png(path)>
    >>> draw(L).svg().count("</text>") > 10
    True
    """
    if not hasattr(value, "history"):
        raise TypeError(
            f"draw expects a Value, got {type(value).__name__}: {value!r:.60}; "
            "a graph starts with Value(2.0)"
        )
    return drawing(value, view, title, options)

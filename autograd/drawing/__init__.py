"""Pictures: a graph of Values flows in, a Drawing flows out.

    views        what a graph can be shown as, a row each
    grouping     which nodes belong together, by the scopes they were made in
    levels       how much is folded, so that a person can read it;  folding, unfolding  as asked for
    snapshot     the graph copied into a scene;  scene  what that is: plain data
    trace_view   the same beside its evaluation trace, a table
    style        sizes, colours and texts, as a function of the scene
    layout       where things go, by Graphviz or by a layout of our own
    arrangement  the styled scene in its place
    svg, png     the picture;  pdf, gif  others;  page  the same, live, going through the steps
    moments      one graph at several times: animation of the passes, film of training, flipbook
    changes      what is different between two scenes;  diff  drawn
    dot          the graph for Graphviz's own rendering

Nothing here changes a graph, and a graph that changes later leaves its pictures alone.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.drawing.diff import diff
from autograd.drawing.drawing import Drawing
from autograd.drawing.film import Film
from autograd.drawing.views import drawing

if TYPE_CHECKING:
    from autograd.value import Value

__all__ = ["Drawing", "Film", "draw"]


class Draw:
    """`draw`: the pictures of graphs, and of how they change.

    draw(value)                the graph that made a value
    draw.diff(before, after)   what changed from one graph to another
    draw.film()                one graph through the steps of training
    """

    def __call__(
        self, value: Value, *, view: str = "graph", title: str | None = None, **options: Any
    ) -> Drawing:
        """Draw the graph that made a value.

        The views are "graph", every operation; "trace", the same beside the evaluation trace as a
        table; "network", neurons as circles and weights as lines; "layers", a card for each layer.

        Every card shows a node's name, operation, data and grad; the pill on an edge is the local
        derivative; colour and width show where the gradient flows. Call `backward()` first to see
        gradients. The options of the view "graph" are

            fold       the scopes shown as one card each: "auto", "none", a depth (1 folds the
                       outermost scopes, 2 those in them), or names such as ["layers.0"]; others
                       are boxes
            unfold     the nodes shown as the steps they are made of: an operation such as "dot", a
                       label, a Value, a list of them, or True for all
            max_nodes  how many cards there may be (200): "auto" folds until that is enough, and
                       what is left after that are the cards nearest the result, of equally near
                       ones those with the largest gradients

        >>> from autograd import Value
        >>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
        >>> L = a * b
        >>> L.name = "L"
        >>> L.backward()
        >>> draw(L)
        <Drawing of 'L = a × b': 3 nodes; save with .svg(path) or .png(path)>
        >>> draw(L).svg().count("</text>") > 10
        True
        >>> from autograd import scope
        >>> with scope("square"):
        ...     loss = L * L + 1
        >>> draw(loss, fold=1).scene.notes[-1]
        '5 nodes shown as 3 nodes and 1 group'
        """
        if not hasattr(value, "history"):
            raise TypeError(
                f"draw expects a Value, got {type(value).__name__}: {value!r:.60}; "
                "a graph starts with Value(2.0)"
            )
        return drawing(value, view, title, options)

    diff = staticmethod(diff)
    film = Film

    def __repr__(self) -> str:
        return "<draw: draw(value), draw.diff(before, after), draw.film()>"


draw = Draw()

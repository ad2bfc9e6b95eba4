"""The view "trace": the evaluation trace as a table, a line each, beside the graph it describes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from autograd.drawing import graph_view
from autograd.drawing.folding import Fold
from autograd.drawing.scene import Scene
from autograd.naming import labels
from autograd.text import Text
from autograd.trace import formula

if TYPE_CHECKING:
    from autograd.value import Value


def scene(value: Value, title: str | None, fold: Fold = "auto", max_nodes: int = 80) -> Scene:
    """The graph of a value, with the formula of each node that has a card."""
    graph = graph_view.scene(value, title, fold, max_nodes=max_nodes)
    history = value.history()
    names = dict(zip(history, labels(history), strict=True))
    nodes = [
        replace(node, formula=str(formula(history[int(node.key[1:])], names, Text)))
        for node in graph.nodes
    ]
    return replace(graph, nodes=tuple(nodes), tabled=True)

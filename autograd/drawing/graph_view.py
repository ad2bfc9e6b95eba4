"""The view "graph": every operation as a card, every use of a value as a line, scopes as boxes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.drawing import snapshot
from autograd.drawing import svg as picture
from autograd.drawing.arrangement import arrange
from autograd.drawing.folding import Fold
from autograd.drawing.grouping import graph_of
from autograd.drawing.layout.layered import MOST
from autograd.drawing.layout.plan import EngineTooSlowError
from autograd.drawing.levels import bundles
from autograd.drawing.scene import Scene
from autograd.drawing.simpler import simpler
from autograd.drawing.style import style
from autograd.drawing.unfolding import Unfold, unfolded

if TYPE_CHECKING:
    from autograd.value import Value


def scene(
    value: Value,
    title: str | None,
    fold: Fold = "auto",
    unfold: Unfold = (),
    max_nodes: int = 200,
) -> Scene:
    """The graph of a value, folded into at most `max_nodes` cards."""
    if isinstance(max_nodes, bool) or not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes must be a whole number from 1 on, got {max_nodes!r}")
    graph = graph_of(value)
    folds = bundles(graph, fold, max_nodes)
    shown = [i for i in range(len(graph.values)) if i not in folds]
    return snapshot.scene(graph, folds, unfolded(graph, unfold, shown), title)


def svg(scene: Scene) -> tuple[str, Scene]:
    """Cards in their places with the lines between them; fewer where a layout takes too long.

    With it goes the scene that it shows.
    """
    while True:
        if len(scene.nodes) + len(scene.edges) > MOST:
            scene = simpler(scene)
            continue
        styled = style(scene)
        try:
            return picture.svg(styled, arrange(styled)), scene
        except EngineTooSlowError:
            scene = simpler(scene)

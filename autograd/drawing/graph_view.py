"""The view "graph": every operation as a card, every use of a value as a line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.drawing import svg as picture
from autograd.drawing.arrangement import arrange
from autograd.drawing.scene import Scene
from autograd.drawing.scene import scene as copied
from autograd.drawing.style import style

if TYPE_CHECKING:
    from autograd.value import Value


def scene(value: Value, title: str | None, max_nodes: int = 200) -> Scene:
    """The graph of a value, or the `max_nodes` nodes nearest to it."""
    if isinstance(max_nodes, bool) or not isinstance(max_nodes, int) or max_nodes < 1:
        raise ValueError(f"max_nodes must be a whole number from 1 on, got {max_nodes!r}")
    return copied(value, title, max_nodes)


def svg(scene: Scene) -> str:
    """Cards in their places with the lines between them."""
    styled = style(scene)
    return picture.svg(styled, arrange(styled))

"""A Drawing shows itself in a notebook and saves itself in several formats."""

from __future__ import annotations

import base64
import os
from collections.abc import Callable
from functools import cached_property
from html import escape
from typing import TYPE_CHECKING, Any

from autograd.drawing.dot import digraph
from autograd.drawing.files import written
from autograd.drawing.png import png

if TYPE_CHECKING:
    import graphviz


class Drawing:
    """A picture of a graph, as the graph was when it was drawn.

    It keeps a scene, which is plain data, and how its view draws one.
    """

    def __init__(self, scene: Any, svg: Callable[[Any], str]):
        self.scene = scene
        self._svg = svg

    @cached_property
    def _picture(self) -> str:
        return self._svg(self.scene)

    def svg(self, path: str | os.PathLike[str] | None = None) -> str:
        """The picture as SVG text; with a path, also written to that file."""
        return written(self._picture, path)

    def png(self, path: str | os.PathLike[str] | None = None, scale: float = 2) -> bytes:
        """The picture as PNG bytes, `scale` pixels to a unit; with a path, also written there.

        Raises ImportError if `resvg-py` is missing: `pip install "glassgrad[draw]"`.
        """
        return written(png(self._picture, scale), path)

    def dot(self, path: str | os.PathLike[str] | None = None) -> str:
        """The graph in Graphviz's DOT language; with a path, also written to that file."""
        return written(str(self.graphviz().source), path)

    def graphviz(self) -> graphviz.Digraph:
        """The graph as a labelled `graphviz.Digraph`, for Graphviz's own rendering."""
        return digraph(self.scene)

    def _repr_svg_(self) -> str:
        return self._picture

    def _repr_html_(self) -> str:
        code = base64.b64encode(self._picture.encode()).decode()
        words = escape(f"Graph of {self.scene.title}", quote=True)
        return (
            f'<img alt="{words}" style="max-width:100%;height:auto" '
            f'src="data:image/svg+xml;base64,{code}"/>'
        )

    def __repr__(self) -> str:
        nodes, shown = self.scene.total, len(self.scene.nodes)
        part = f", {shown:,} shown" if shown < nodes else ""
        plural = "" if nodes == 1 else "s"
        what = f"{nodes:,} node{plural}{part}"
        return f"<Drawing of {self.scene.title!r}: {what}; save with .svg(path) or .png(path)>"

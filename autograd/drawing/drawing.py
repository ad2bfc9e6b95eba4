"""A Drawing shows itself in a notebook and saves itself in several formats."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from autograd.drawing.animation import frames
from autograd.drawing.files import written
from autograd.drawing.gif import gif
from autograd.drawing.page import Page, document, fragment
from autograd.drawing.pdf import pdf
from autograd.drawing.png import png

if TYPE_CHECKING:
    import graphviz

    from autograd.drawing.details import Detail
    from autograd.steps import Steps


class Drawing:
    """A picture of a graph, as the graph was when it was drawn.

    It keeps a scene, the steps and other forms of the scene that a page can be switched to, which
    are plain data, and how its view draws a scene.
    """

    def __init__(
        self,
        scene: Any,
        svg: Callable[[Any], tuple[str, Any]],
        digraph: Callable[[Any], graphviz.Digraph],
        steps: Steps | None,
        details: Sequence[Detail] = (),
    ):
        self.scene, self.steps, self.details = scene, steps, details
        self._svg, self._digraph = svg, digraph

    @cached_property
    def _drawn(self) -> tuple[str, Any]:
        """The picture, and the scene that it shows."""
        return self._svg(self.scene)

    @property
    def _page(self) -> Page:
        """What a page is made of; other forms are drawn one by one, as long as there is room."""
        others = ((detail, *self._svg(detail.scene)) for detail in self.details)
        return Page(*self._drawn, self.steps, others)

    @property
    def _picture(self) -> str:
        return self._drawn[0]

    def svg(self, path: str | os.PathLike[str] | None = None) -> str:
        """The picture as SVG text; with a path, also written to that file."""
        return written(self._picture, path)

    def png(self, path: str | os.PathLike[str] | None = None, scale: float = 2) -> bytes:
        """The picture as PNG bytes, `scale` pixels to a unit; with a path, also written there.

        Raises ImportError if `resvg-py` is missing: `pip install "glassgrad[draw]"`.
        """
        return written(png(self._picture, scale), path)

    def pdf(self, path: str | os.PathLike[str] | None = None) -> bytes:
        """The picture as the bytes of a PDF, letters and lines as such; also written to a path.

        Raises ImportError if `svglib` is missing: `pip install "glassgrad[draw]"`.
        """
        return written(pdf(self._picture), path)

    def gif(
        self,
        path: str | os.PathLike[str] | None = None,
        seconds: float = 1.0,
        scale: float = 1.5,
    ) -> bytes:
        """Both passes step by step as the bytes of an animated GIF; also written to a path.

        Each step is shown for so many `seconds`; a unit of the picture is `scale` pixels wide.
        Raises ValueError where not every node has a card, or there are more than 300 steps.
        """
        return written(gif(frames(self._drawn[1], self.steps), seconds, scale), path)

    def html(self, path: str | os.PathLike[str] | None = None) -> str:
        """One file with the live picture, which goes through the steps; it loads nothing.

        With a path, also written to that file.
        """
        return written(document(self._page), path)

    def widget(self) -> Any:
        """The live picture as a widget, whose `step` and `selected` Python can read and set.

        `selected` holds the names of the nodes that are chosen, two at most. Raises ImportError if
        `anywidget` is missing: `pip install "glassgrad[widget]"`.
        """
        from autograd.drawing.page.widget import widget

        return widget(self._page)

    def dot(self, path: str | os.PathLike[str] | None = None) -> str:
        """The graph in Graphviz's DOT language; with a path, also written to that file."""
        return written(str(self.graphviz().source), path)

    def graphviz(self) -> graphviz.Digraph:
        """The graph as a labelled `graphviz.Digraph`, for Graphviz's own rendering."""
        return self._digraph(self.scene)

    def _repr_svg_(self) -> str:
        return self._picture

    def _repr_html_(self) -> str:
        return fragment(self._page)

    def __repr__(self) -> str:
        nodes, shown = self.scene.total, getattr(self.scene, "shown", self.scene.total)
        part = f", {shown:,} shown" if shown < nodes else ""
        plural = "" if nodes == 1 else "s"
        what = f"{nodes:,} node{plural}{part}"
        return f"<Drawing of {self.scene.title!r}: {what}; save with .svg(path) or .png(path)>"

"""The decision boundary: what a model says all over a plane, with the points it learned from."""

from __future__ import annotations

import os
from dataclasses import dataclass
from html import escape
from io import StringIO
from pathlib import Path
from typing import Any

from autograd import draw

from .columns import column
from .module import Module
from .plotting import axes_for, pyplot

LEFT, RIGHT = "#8fc3e6", "#fbb583"  # of the regions of two classes, as in drawings of graphs
INKS = "#1f6fb2", "#c65512"  # of their points
MARKERS = "os^Dvp*XP<"
BESIDE = "display:flex;flex-wrap:wrap;align-items:center;gap:16px;background:#ffffff"
FILLING = 'style="width:100%;height:auto"'  # as wide as the place that a picture is given


@dataclass(frozen=True, repr=False)
class DecisionBoundary:
    """A model over a plane.

    xs, ys     the coordinates of the grid, of shape (steps,) each
    scores     what the model says, of shape (steps, steps) or (steps, steps, classes); rows are ys
    threshold  the score that lies between two classes
    X, y       the points
    """

    model: Module
    X: Any
    y: Any
    xs: Any
    ys: Any
    scores: Any
    threshold: float

    @property
    def classes(self) -> Any:
        """The class at each point of the grid, of shape (steps, steps)."""
        return self._decided(self.scores)

    def _decided(self, scores: Any) -> Any:
        return scores.argmax(axis=-1) if scores.ndim == 3 else (scores > self.threshold).astype(int)

    def plot(self, axes: Any = None) -> Any:
        """Draw the regions of the classes, the line between two, and the points; returns the axes.

        Raises ImportError with the command that installs matplotlib.
        """
        import numpy as np

        axes = axes_for(axes)
        labels = np.unique(self.y)
        if self.scores.ndim == 2:
            size = float(np.abs(self.scores - self.threshold).max()) or 1.0
            levels = np.linspace(self.threshold - size, self.threshold + size, 13)
            axes.contourf(self.xs, self.ys, self.scores, levels, cmap=two_colours(), alpha=0.7)
            if self.scores.min() < self.threshold < self.scores.max():
                axes.contour(self.xs, self.ys, self.scores, [self.threshold], colors="#0f172a")
        else:
            count = self.scores.shape[-1]
            edges = np.arange(count + 1) - 0.5
            inks = [f"C{k}" for k in range(count)]
            axes.contourf(self.xs, self.ys, self.classes, edges, colors=inks, alpha=0.3)
        for k, label in enumerate(labels):
            chosen, ink = self.y == label, INKS[k] if self.scores.ndim == 2 and k < 2 else f"C{k}"
            axes.scatter(
                self.X[chosen, 0], self.X[chosen, 1], marker=MARKERS[k % len(MARKERS)], s=22,
                color=ink, edgecolors="#0f172a", linewidths=0.6, label=f"{label:g}",
            )  # fmt: skip
        axes.set_xlabel("x1")
        axes.set_ylabel("x2")
        axes.legend(title="class", frameon=False)
        return axes

    def html(self, path: str | os.PathLike[str] | None = None) -> str:
        """The network, as it answers the first point, with the plane beside it, as HTML.

        With a path, also written to that file. Raises ImportError if matplotlib is missing.
        """
        answer = self.model(self.X[0].tolist())
        one = max(answer, key=lambda v: v.data) if isinstance(answer, list) else answer
        title = f"x = ({self.X[0][0]:g}, {self.X[0][1]:g})"
        network = draw(one, view="network", title=title, max_units=6).svg()
        figure, axes = pyplot().subplots(figsize=(4.6, 4.2))
        self.plot(axes)
        out = StringIO()
        figure.savefig(out, format="svg")
        pyplot().close(figure)
        plane = out.getvalue()
        words = escape(repr(self), quote=True)
        shown = "".join(
            f'<div style="flex:1 1 320px">{picture.replace("<svg ", f"<svg {FILLING} ", 1)}</div>'
            for picture in (network, plane[plane.index("<svg") :])
        )
        text = f'<div role="group" aria-label="{words}" style="{BESIDE}">{shown}</div>'
        if path is not None:
            head = '<!DOCTYPE html>\n<meta charset="utf-8">\n<title>Decision boundary</title>\n'
            Path(path).write_text(head + text, encoding="utf-8")
        return text

    def _repr_html_(self) -> str:
        return self.html()

    def __repr__(self) -> str:
        return (
            f"<DecisionBoundary of {type(self.model).__name__}: {len(self.X)} points, "
            f"{len(self.xs)} × {len(self.ys)} grid; .plot() draws it>"
        )


def two_colours() -> Any:
    """From the colour of the lower class over white to that of the upper one."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("sides", [LEFT, "#ffffff", RIGHT])


def decision_boundary(
    model: Module,
    X: Any,
    y: Any,
    threshold: float = 0.0,
    steps: int = 120,
    margin: float = 0.15,
) -> DecisionBoundary:
    """What a model of two inputs says all over the plane that its data lie in.

    A model with one output decides by whether that is above `threshold`: 0 for logits and scores,
    0.5 for probabilities; one with several by the largest. The grid has `steps` points each way,
    and reaches beyond the data by the share `margin` of their range. In a notebook it shows the
    network beside the plane.

    Raises ValueError for rows that do not hold two numbers. Needs NumPy.

    >>> import nn
    >>> plane = decision_boundary(nn.MLP(2, [1], seed=0), [[0.0, 0.0], [1.0, 1.0]], [0, 1], steps=5)
    >>> plane.scores.shape
    (5, 5)
    """
    import numpy as np

    points, labels = column(X, "X"), column(y, "y")
    if points.width != 2:
        held = "single numbers" if points.width is None else f"rows of {points.width} numbers"
        raise ValueError(
            f"a decision boundary is drawn over a plane, so rows must hold 2 numbers; X has {held}:"
            " choose two features, or project the rows on two directions first"
        )
    if labels.rows != points.rows:
        raise ValueError(
            f"X has {points.rows} rows and y has {labels.rows}: there must be one class for each"
        )
    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 2:
        raise ValueError(f"steps must be a whole number from 2 on, got {steps!r}")
    rows, classes = np.array(points.tolist()), np.array(labels.tolist()).reshape(-1)
    low, high = rows.min(axis=0), rows.max(axis=0)
    room = margin * np.where(high > low, high - low, 1.0)
    xs, ys = (np.linspace(low[i] - room[i], high[i] + room[i], steps) for i in (0, 1))
    grid = np.stack(np.meshgrid(xs, ys), axis=-1).reshape(-1, 2)
    scores = np.asarray(model.predict(grid))
    if scores.ndim == 2 and scores.shape[1] == 1:
        scores = scores[:, 0]
    shape = (steps, steps) if scores.ndim == 1 else (steps, steps, scores.shape[1])
    return DecisionBoundary(model, rows, classes, xs, ys, scores.reshape(shape), float(threshold))

"""The loss surface: the loss along two directions from where the parameters are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from random import Random
from typing import Any

from autograd import no_grad, vmap

from .epochs import row_loss
from .module import Module
from .objectives import Loss, objective
from .plotting import axes_for
from .rows import rows_for


@dataclass(frozen=True, repr=False)
class LossSurface:
    """The loss over a plane of parameters; its origin is where the parameters are.

    steps        how far along a direction each line of the grid is, of shape (n,)
    losses       the mean loss, of shape (n, n): rows go along the second direction
    directions   two vectors with a number for each parameter, of shape (2, parameters)
    path         where an optimizer went, of shape (points, 2), or None
    off          how far each point of the path lies from the plane, of shape (points,), or None
    """

    steps: Any
    losses: Any
    directions: Any
    path: Any = None
    off: Any = None

    def plot(self, axes: Any = None) -> Any:
        """Draw lines of equal loss, and the path, if there is one; returns the axes.

        Raises ImportError with the command that installs matplotlib.
        """
        import numpy as np

        axes = axes_for(axes)
        finite = np.where(np.isfinite(self.losses), self.losses, np.nan)
        drawn = axes.contourf(self.steps, self.steps, finite, 24, cmap="viridis")
        axes.figure.colorbar(drawn, ax=axes, label="loss")
        axes.plot(0, 0, "*", color="white", markeredgecolor="#0f172a", markersize=13)
        if self.path is not None:
            x, y = self.path.T
            axes.plot(x, y, ".-", color="white", linewidth=1.2, markersize=5)
        axes.set_xlabel("along the first direction")
        axes.set_ylabel("along the second direction")
        return axes

    def __repr__(self) -> str:
        n = len(self.steps)
        return (
            f"<LossSurface: {n} × {n} points, loss {self.losses.min():.4g} to "
            f"{self.losses.max():.4g}; .plot() draws it>"
        )


def loss_surface(
    model: Module,
    X: Any,
    y: Any,
    loss: str | Loss,
    directions: Any = None,
    span: float = 1.0,
    steps: int = 25,
    seed: int = 0,
    path: Sequence[Sequence[float]] | None = None,
) -> LossSurface:
    """The mean loss over rows of data, along two directions in the space of the parameters.

    By default the directions are drawn at random and scaled, neuron by neuron, to the length of
    what they would change (Li et al., Visualizing the Loss Landscape of Neural Nets, 2018); or, if
    there is the `path` of an optimizer, a list of the numbers of all parameters at several times,
    they are its two principal ones. Or give two vectors with a number for each parameter. The grid
    goes from -span to span along both, and far enough to hold the path. Parameters are as they were
    afterwards.

    Data and losses are those of `nn.fit`. Raises ValueError for directions or a path of other
    lengths. Needs NumPy.

    >>> import nn
    >>> model = nn.MLP(1, [1], seed=0)
    >>> loss_surface(model, [[0.0], [1.0]], [1.0, 3.0], "mse_loss", steps=3).losses.shape
    (3, 3)
    """
    import numpy as np

    if isinstance(steps, bool) or not isinstance(steps, int) or steps < 2:
        raise ValueError(f"steps must be a whole number from 2 on, got {steps!r}")
    found = objective(loss)
    rows = rows_for(model, found, X, y)
    params = model.parameters()
    start = np.array([p.data for p in params])
    visited = None if path is None else matrix(path, len(params), "path") - start
    if directions is not None:
        axes = matrix(directions, len(params), "directions")
        if len(axes) != 2:
            raise ValueError(f"a surface has two directions, got {len(axes)}")
    elif visited is not None and len(visited) > 2:
        axes = np.linalg.svd(visited, full_matrices=False)[2][:2]
    else:
        axes = random_directions(model, seed)
    projected = off = None
    if visited is not None:
        projected = np.linalg.lstsq(axes.T, visited.T, rcond=None)[0].T
        off = np.linalg.norm(visited - projected @ axes, axis=1)
        span = max(span if directions is not None else 0.0, 1.15 * float(np.abs(projected).max()))
    places = np.linspace(-span, span, steps)
    losses = np.empty((steps, steps))
    of_rows = vmap(partial(row_loss, model, found.loss, rows.y.whole))
    inputs, targets = np.array(rows.X.data), np.array(rows.y.data)
    try:
        for i, second in enumerate(places):
            for j, first in enumerate(places):
                for p, x in zip(params, start + first * axes[0] + second * axes[1], strict=True):
                    p.data = float(x)
                with no_grad():
                    losses[i, j] = np.mean(of_rows(inputs, targets))
    finally:
        for p, x in zip(params, start, strict=True):
            p.data = float(x)
    return LossSurface(places, losses, axes, projected, off)


def matrix(vectors: Any, parameters: int, name: str) -> Any:
    """Vectors with a number for each parameter, as the rows of an array."""
    import numpy as np

    rows = [np.asarray(vector, dtype=float).ravel() for vector in vectors]
    for place, row in enumerate(rows):
        if len(row) != parameters:
            raise ValueError(
                f"{name}: vector {place} has {len(row)} numbers, and the model "
                f"{parameters} parameters: give one for each, in the order of model.parameters()"
            )
    return np.array(rows)


def random_directions(model: Module, seed: int) -> Any:
    """Two random directions, each neuron's part as long as its weights are; 0 for biases."""
    import numpy as np

    rng = Random(seed)
    named = list(model.named_parameters())
    groups: dict[str, list[int]] = {}
    for place, (path, _) in enumerate(named):
        groups.setdefault(path.rpartition(".")[0], []).append(place)
    found = np.zeros((2, len(named)))
    for direction in found:
        for places in groups.values():
            if len(places) == 1 and named[places[0]][0].rpartition(".")[2] == "bias":
                continue
            drawn = np.array([rng.gauss(0.0, 1.0) for _ in places])
            own = np.linalg.norm([named[place][1].data for place in places])
            direction[places] = drawn * own / np.linalg.norm(drawn)
    return found

"""Normalisation: numbers brought to mean 0 and variance 1, in a row or over a batch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from autograd import Value, mean, square

from .layers import size
from .module import Module
from .optimizer import positive, setting
from .row import row


class LayerNorm(Module):
    """Each row less its mean, over its standard deviation, then stretched and shifted.

    weight·(x - mean)/√(variance + eps) + bias; the variance is that of the row, divided by its
    width (Ba, Kiros and Hinton, 2016).

    https://docs.pytorch.org/docs/stable/generated/torch.nn.LayerNorm.html

    >>> [round(v.data, 4) for v in LayerNorm(2)([1.0, 3.0])]
    [-1.0, 1.0]
    """

    def __init__(self, width: int, eps: float = 1e-5) -> None:
        self.eps = positive("eps", eps)
        self.weight = [Value(1.0, name=f"g{i}") for i in range(size(width, "width"))]
        self.bias = [Value(0.0, name=f"b{i}") for i in range(width)]

    def forward(self, inputs: Sequence[Any]) -> list[Any]:
        """The row, normalised."""
        x = row(inputs, len(self.weight), type(self).__name__)
        middle = mean(x)
        off = [a - middle for a in x]
        scale = (mean([square(a) for a in off]) + self.eps) ** -0.5
        parts = zip(self.weight, off, self.bias, strict=True)
        return [g * (a * scale) + b for g, a, b in parts]

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, eps={self.eps}"


class RMSNorm(Module):
    """Each row over its root mean square, then stretched: weight·x/√(mean(x²) + eps).

    B. Zhang and R. Sennrich, 2019.
    https://docs.pytorch.org/docs/stable/generated/torch.nn.RMSNorm.html

    >>> [round(v.data, 4) for v in RMSNorm(2)([1.0, 7.0])]
    [0.2, 1.4]
    """

    def __init__(self, width: int, eps: float = 1e-6) -> None:
        self.eps = positive("eps", eps)
        self.weight = [Value(1.0, name=f"g{i}") for i in range(size(width, "width"))]

    def forward(self, inputs: Sequence[Any]) -> list[Any]:
        """The row, normalised."""
        x = row(inputs, len(self.weight), type(self).__name__)
        scale = (mean([square(a) for a in x]) + self.eps) ** -0.5
        return [g * (a * scale) for g, a in zip(self.weight, x, strict=True)]

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, eps={self.eps}"


class BatchNorm(Module):
    """Each column less its mean, over its standard deviation, then stretched and shifted.

    While training, mean and variance are those of the batch, which is a list of rows, and running
    means of them are kept; in `eval()` mode, on a row or many, the running ones are used (Ioffe and
    Szegedy, 2015). As in PyTorch the running variance is divided by rows - 1.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.BatchNorm1d.html

    `nn.fit` trains a `Sequential` that has one with a graph for each batch, as its rows belong
    together: there is no replay, and it takes longer.

    >>> norm = BatchNorm(1)
    >>> [[round(v.data, 3) for v in row] for row in norm([[1.0], [3.0]])]
    [[-1.0], [1.0]]
    >>> norm.running_mean, norm.running_var
    ([0.2], [1.1])
    """

    def __init__(self, width: int, momentum: float = 0.1, eps: float = 1e-5) -> None:
        self.momentum, self.eps = setting("momentum", momentum), positive("eps", eps)
        self.weight = [Value(1.0, name=f"g{i}") for i in range(size(width, "width"))]
        self.bias = [Value(0.0, name=f"b{i}") for i in range(width)]
        self.running_mean, self.running_var = [0.0] * width, [1.0] * width

    def buffers(self) -> dict[str, list[float]]:
        """The running means."""
        return {"running_mean": self.running_mean, "running_var": self.running_var}

    def forward(self, inputs: Sequence[Any]) -> Any:
        """A list of rows, normalised; in eval mode also a single row."""
        rows = list(inputs)
        if rows and isinstance(rows[0], (list, tuple)):
            return self.of_rows(rows)
        if self.training:
            raise ValueError(
                "BatchNorm in training mode needs a batch, a list of rows: call the model with all "
                "rows of the batch at once, or with model.eval() on one"
            )
        return self.of_rows([rows])[0]

    def of_rows(self, rows: list[Any]) -> list[list[Any]]:
        """Many rows, normalised together."""
        width = len(self.weight)
        rows = [row(x, width, type(self).__name__) for x in rows]
        if not self.training:
            scales = [(v + self.eps) ** -0.5 for v in self.running_var]
            return [self.stretched(x, self.running_mean, scales) for x in rows]
        if len(rows) < 2:
            raise ValueError(
                "BatchNorm cannot be trained on a batch of one row, which has no variance: take "
                "larger batches"
            )
        columns = [list(column) for column in zip(*rows, strict=True)]
        means = [mean(column) for column in columns]
        variances = [
            mean([square(x - m) for x in column]) for column, m in zip(columns, means, strict=True)
        ]
        self.keep(means, variances, len(rows))
        return [self.stretched(x, means, [(v + self.eps) ** -0.5 for v in variances]) for x in rows]

    def stretched(self, x: list[Any], means: Sequence[Any], scales: Sequence[Any]) -> list[Any]:
        parts = zip(x, means, scales, self.weight, self.bias, strict=True)
        return [g * ((a - m) * s) + b for a, m, s, g, b in parts]

    def keep(self, means: Sequence[Any], variances: Sequence[Any], rows: int) -> None:
        """Move the running means towards those of a batch."""
        share = self.momentum
        for i, (m, v) in enumerate(zip(means, variances, strict=True)):
            m, v = (getattr(x, "data", x) for x in (m, v))
            self.running_mean[i] += share * (m - self.running_mean[i])
            self.running_var[i] += share * (v * rows / (rows - 1) - self.running_var[i])

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, momentum={self.momentum}, eps={self.eps}"

"""Attention: rows of a sequence that look at one another; and tokens as rows of numbers."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random
from typing import Any

from autograd import Value, dot, softmax, take

from .initializers import Initializer, generator, initializer
from .layers import size
from .module import Module
from .sequential import Linear


class Embedding(Module):
    """A row of numbers for each token: a table that is learned.

    Called with a token, an int or a Value, it gives its row; with a list of tokens their rows. A
    token that is a Value, as in a recording, is looked up by `take`, so that one recording serves
    for all of them.

    https://docs.pytorch.org/docs/stable/generated/torch.nn.Embedding.html

    >>> table = Embedding(3, 2, seed=0)
    >>> len(table(2)), len(table([0, 1, 1, 2]))
    (2, 4)
    """

    def __init__(
        self,
        count: int,
        width: int,
        *,
        init: str | Initializer = "lecun_normal",
        seed: int | Random | None = None,
    ) -> None:
        draw, rng = initializer(init), generator(seed)
        self.weight = [
            [Value(draw(rng, 1, size(width, "width"))) for _ in range(size(width, "width"))]
            for _ in range(size(count, "count"))
        ]

    def forward(self, tokens: Any) -> Any:
        """The row of a token, or a list of rows."""
        tokens = tokens.tolist() if hasattr(tokens, "tolist") else tokens
        if isinstance(tokens, (list, tuple)):
            return [self.row(t) for t in tokens]
        return self.row(tokens)

    def row(self, token: Any) -> list[Value]:
        if isinstance(token, Value):
            return [take(list(column), token) for column in zip(*self.weight, strict=True)]
        whole = int(token) if isinstance(token, float) and token.is_integer() else token
        if isinstance(whole, bool) or not hasattr(whole, "__index__"):
            raise TypeError(f"a token is an int or a Value, got {token!r}")
        if not 0 <= whole < len(self.weight):
            raise ValueError(
                f"this table has rows for the tokens 0 to {len(self.weight) - 1}, got {token}"
            )
        return list(self.weight[whole])

    def extra_repr(self) -> str:
        return f"{len(self.weight)}, {len(self.weight[0])}"


class MultiheadAttention(Module):
    """Each row of a sequence takes a mean of all rows, weighted by how well they match.

    softmax(q·kᵀ/√d)·v for each head, with queries, keys and values that are weighted sums of the
    rows; the heads side by side, and a weighted sum of them at the end (Vaswani et al., 2017).

    https://docs.pytorch.org/docs/stable/generated/torch.nn.MultiheadAttention.html

    Args:
        width: the width of rows, a multiple of `heads`.
        causal: whether a row sees itself and earlier rows only.
        bias: whether the weighted sums have biases.
        seed: as for `Neuron`.

    Called with a list of rows it gives as many. With `memory`, another list of rows, keys and
    values come from there.

    >>> attention = MultiheadAttention(4, heads=2, seed=0)
    >>> rows = attention([[1.0, 0.0, 0.0, 0.0], [0.0, 1.0, 0.0, 0.0], [0.0, 0.0, 1.0, 0.0]])
    >>> len(rows), len(rows[0])
    (3, 4)
    """

    def __init__(
        self,
        width: int,
        heads: int = 1,
        *,
        causal: bool = False,
        bias: bool = True,
        seed: int | Random | None = None,
    ) -> None:
        if size(width, "width") % size(heads, "heads"):
            raise ValueError(f"width must be a multiple of heads, got {width} and {heads}")
        rng = generator(seed)
        self.heads, self.causal = heads, bool(causal)
        self.query, self.key, self.value, self.out = (
            Linear(width, width, bias=bias, seed=rng) for _ in range(4)
        )

    def forward(
        self, rows: Sequence[Any], memory: Sequence[Any] | None = None
    ) -> list[list[Value]]:
        """The sequence, each row informed by the others."""
        sources = rows if memory is None else memory
        if not len(sources):
            raise ValueError("attention needs at least one row to look at, got none")
        queries = [self.query(x) for x in rows]
        keys, values = [self.key(x) for x in sources], [self.value(x) for x in sources]
        each = len(queries[0]) // self.heads
        found = []
        for i, query in enumerate(queries):
            seen = min(i + 1, len(keys)) if self.causal else len(keys)
            row: list[Value] = []
            for start in range(0, len(query), each):
                part = slice(start, start + each)
                scores = [dot(query[part], key[part]) * each**-0.5 for key in keys[:seen]]
                shares = softmax(scores)
                for column in zip(*(value[part] for value in values[:seen]), strict=True):
                    row.append(dot(shares, list(column)))
            found.append(self.out(row))
        return found

    def extra_repr(self) -> str:
        return f"{self.query.n_inputs}, heads={self.heads}, causal={self.causal}"

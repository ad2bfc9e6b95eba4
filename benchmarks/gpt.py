"""A small GPT that learns names letter by letter, written with single numbers and lists.

One layer, 16 numbers per position, 4 heads, a context of 16, and 27 tokens: the letters and what
stands before and after a name. RMS norm and ReLU, no biases. `SUMS` and `REDUCTIONS` are the two
ways its arithmetic is written, the first of which every engine understands.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterable
from itertools import cycle, islice, pairwise
from operator import getitem
from random import Random
from typing import Any, NamedTuple

from benchmarks.engines import Engine

WIDTH, HEADS, CONTEXT, TOKENS = 16, 4, 16, 27
HEAD = WIDTH // HEADS
EPS = 1e-5
LR, BETAS, ADAM_EPS = 0.01, (0.85, 0.99), 1e-8
STEPS = 3  # timed in a row, as in training

#                 matrix                    rows       columns
SHAPES = {
    "token":    (TOKENS,    WIDTH),      # what a letter says
    "position": (CONTEXT,   WIDTH),      # what its place says
    "query":    (WIDTH,     WIDTH),
    "key":      (WIDTH,     WIDTH),
    "value":    (WIDTH,     WIDTH),
    "output":   (WIDTH,     WIDTH),
    "hidden":   (4 * WIDTH, WIDTH),
    "back":     (WIDTH,     4 * WIDTH),
    "logits":   (TOKENS,    WIDTH),
}  # fmt: skip

Row = list[Any]
Weights = dict[str, list[Row]]


class Arithmetic(NamedTuple):
    """The three things that are either written out or one operation, and how a list is read."""

    dot: Callable[[Row, Row], Any]
    softmax: Callable[[Row], Row]
    cross_entropy: Callable[[Row, Any], Any]
    take: Callable[[list[Any], Any], Any] = getitem


def sums(engine: Engine) -> Arithmetic:
    """Written out, as in a tutorial."""

    def softmax(row: Row) -> Row:
        top = max(float(x.data) for x in row)
        powers = [(x - top).exp() for x in row]
        total = sum(powers)
        return [p / total for p in powers]

    return Arithmetic(
        lambda ws, xs: sum(w * x for w, x in zip(ws, xs)),
        softmax,
        lambda logits, target: -softmax(logits)[target].log(),
    )


def reductions(engine: Engine) -> Arithmetic:
    """With the operations that take a whole list."""
    dot, softmax, logsumexp = (getattr(engine.library, f) for f in ("dot", "softmax", "logsumexp"))
    return Arithmetic(dot, softmax, lambda logits, target: logsumexp(logits) - logits[target])


def with_take(engine: Engine) -> Arithmetic:
    """The same for tokens that are Values, so that one recording serves all names of a length."""
    dot, softmax, logsumexp, take = (
        getattr(engine.library, f) for f in ("dot", "softmax", "logsumexp", "take")
    )
    return Arithmetic(
        dot, softmax, lambda logits, target: logsumexp(logits) - take(logits, target), take
    )


def loss(weights: Weights, tokens: Iterable[Any], how: Arithmetic) -> Any:
    """The mean surprise at each token after the first, from those before it."""
    dot, take = how.dot, how.take

    def times(matrix: str, x: Row) -> Row:
        return [dot(row, x) for row in weights[matrix]]

    def norm(x: Row) -> Row:
        scale = (dot(x, x) / len(x) + EPS) ** -0.5
        return [a * scale for a in x]

    losses, keys, values = [], [], []
    for place, (token, target) in enumerate(pairwise(tokens)):
        letter = take(weights["token"], token)
        x = norm([a + b for a, b in zip(letter, weights["position"][place])])
        within = norm(x)
        query = times("query", within)
        keys.append(times("key", within))
        values.append(times("value", within))
        heard: Row = []
        for start in range(0, WIDTH, HEAD):
            head = slice(start, start + HEAD)
            attention = how.softmax([dot(query[head], key[head]) / HEAD**0.5 for key in keys])
            heard += [dot(attention, [v[i] for v in values]) for i in range(start, start + HEAD)]
        x = [a + b for a, b in zip(x, times("output", heard))]
        hidden = [h.relu() for h in times("hidden", norm(x))]
        x = [a + b for a, b in zip(x, times("back", hidden))]
        losses.append(how.cross_entropy(times("logits", x), target))
    return sum(losses) / len(losses)


def with_sums(engine: Engine, letters: int) -> Generator[str, None, list[float]]:
    """Forward and backward, written out."""
    return (yield from passes(engine, letters, sums(engine)))


def with_dot(engine: Engine, letters: int) -> Generator[str, None, list[float]]:
    """Forward and backward, with `dot`, `softmax` and `logsumexp`."""
    return (yield from passes(engine, letters, reductions(engine)))


def passes(engine: Engine, letters: int, how: Arithmetic) -> Generator[str, None, list[float]]:
    weights = made_of(engine)
    parameters = flat(weights)

    def step() -> list[float]:
        for p in parameters:
            p.grad = engine.zero
        out = loss(weights, spelled(letters), how)
        out.backward()
        return [float(out.data), *(float(p.grad) for p in parameters[-WIDTH:])]

    return (yield from training(step))


def with_adam(engine: Engine, letters: int) -> Generator[str, None, list[float]]:
    """A step of training, with `dot` and `nn.Adam`."""
    import nn

    how = reductions(engine)
    weights = made_of(engine)
    optimizer = nn.Adam(flat(weights), lr=LR, betas=BETAS, eps=ADAM_EPS)

    def step() -> list[float]:
        optimizer.zero_grad()
        out = loss(weights, spelled(letters), how)
        out.backward()
        optimizer.step()
        return [out.data]

    return (yield from training(step))


def tensors(engine: Engine, letters: int) -> Generator[str, None, list[float]]:
    """The same step by PyTorch."""
    return (yield from training(tensor_step(letters)))


def tensor_step(letters: int) -> Callable[[], list[float]]:
    """A step as PyTorch's users write it: all positions and heads at once."""
    import torch
    from torch.nn import functional as F

    w = {
        name: torch.tensor(matrix, dtype=torch.float64, requires_grad=True)
        for name, matrix in initial().items()
    }
    optimizer = torch.optim.Adam(w.values(), lr=LR, betas=BETAS, eps=ADAM_EPS)
    tokens = torch.tensor(spelled(letters))
    places = torch.arange(letters + 1)

    def norm(x: torch.Tensor) -> torch.Tensor:
        return F.rms_norm(x, (WIDTH,), eps=EPS)

    def heads(x: torch.Tensor) -> torch.Tensor:
        return x.view(-1, HEADS, HEAD).transpose(0, 1)

    def step() -> list[float]:
        optimizer.zero_grad()
        x = norm(w["token"][tokens[:-1]] + w["position"][places])
        within = norm(x)
        query, key, value = (heads(within @ w[m].T) for m in ("query", "key", "value"))
        heard = F.scaled_dot_product_attention(query, key, value, is_causal=True)
        x = x + heard.transpose(0, 1).reshape(-1, WIDTH) @ w["output"].T
        x = x + torch.relu(norm(x) @ w["hidden"].T) @ w["back"].T
        out = F.cross_entropy(x @ w["logits"].T, tokens[1:])
        out.backward()
        optimizer.step()
        return [out.item()]

    return step


def training(step: Callable[[], list[float]]) -> Generator[str, None, list[float]]:
    """The phases: one step to warm up, then STEPS of them; returns what all of them found."""
    numbers = step()
    yield "step"
    for _ in range(STEPS):
        numbers += step()
    return numbers


def spelled(letters: int) -> list[int]:
    """A name of that many letters, as tokens, with what stands before and after it."""
    return [TOKENS - 1, *(ord(c) - ord("a") for c in islice(cycle("charlie"), letters)), TOKENS - 1]


def initial() -> dict[str, list[list[float]]]:
    """The weights to start from, as plain numbers."""
    rng = Random(0)
    return {
        name: [[rng.gauss(0, 0.08) for _ in range(columns)] for _ in range(rows)]
        for name, (rows, columns) in SHAPES.items()
    }


def made_of(engine: Engine) -> Weights:
    """The weights to start from, as the engine's values."""
    return {
        name: [list(map(engine.value, row)) for row in matrix] for name, matrix in initial().items()
    }


def flat(weights: Weights) -> Row:
    """All the weights in one list."""
    return [w for matrix in weights.values() for row in matrix for w in row]

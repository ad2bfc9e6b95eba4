"""Reports of mistakes: plain data that prints as text and Markdown."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograd import table
from autograd.explanation.paths import Routes, counted, gradients
from autograd.naming import labels
from autograd.text import Text

COLUMNS = ("mistake", "first wrong at", "right", "got", "nodes wrong", "calls")
ALIGNMENT = "llrrrr"


@dataclass(frozen=True)
class Mistake:
    """What was done wrong and what came of it.

    name, wrong   what it is called, and the mistake in a sentence
    node          the label of the first node whose number is wrong, None if there is none
    right, got    ∂loss/∂node as it should be and as it came out; nan if there is no such node
    wrong_nodes   how many nodes are wrong, of how many `nodes`
    why           if nothing is wrong, why the mistake makes no difference on this graph
    calls, edges  of a recursion: how many calls it makes, and how many edges the graph has
    stopped       of a recursion: after how many calls it was stopped, None if it came to its end
    """

    name: str
    wrong: str
    node: str | None
    right: float
    got: float
    wrong_nodes: int
    nodes: int
    why: str
    calls: int | None = None
    edges: int | None = None
    stopped: int | None = None

    @property
    def difference(self) -> float:
        """got − right."""
        return self.got - self.right

    @property
    def factor(self) -> float:
        """got / right, nan where right is 0."""
        return self.got / self.right if self.right else math.nan

    @property
    def outcome(self) -> str:
        """What came of it, in a sentence."""
        if self.node is None:
            return f"no wrong number on this graph: {self.why}"
        right, got, off = map(Text.number, (self.right, self.got, self.difference))
        sign = "" if off[0] in "−n" else "+"
        times = "" if math.isnan(self.factor) else f", × {Text.number(self.factor)}"
        are = f"{self.nodes} nodes {'is' if self.wrong_nodes == 1 else 'are'} wrong"
        return (
            f"first wrong at {self.node}: {got} instead of {right} ({sign}{off}{times}); "
            f"{self.wrong_nodes} of {are}"
        )

    @property
    def effort(self) -> str:
        """Of a recursion, its calls against the edges."""
        if self.calls is None or self.edges is None:
            return ""
        effort = f"{counted(self.calls, 'call')} for {counted(self.edges, 'edge')}"
        if self.stopped is None:
            return effort
        return f"{effort}: stopped after {counted(self.stopped, 'call')}, the numbers are of then"

    def __str__(self) -> str:
        lines = [f"{self.name}: {self.wrong}", self.effort, self.outcome]
        return "\n  ".join(filter(None, lines))

    __repr__ = __str__

    def markdown(self) -> str:
        """A paragraph of Markdown."""
        parts = [part[0].upper() + part[1:] for part in (self.effort, self.outcome) if part]
        text = escaped(". ".join([self.wrong, *parts])).replace("|", r"\|")
        return f"**{self.name}**: {text}."

    def _repr_markdown_(self) -> str:
        return self.markdown()


@dataclass(frozen=True)
class Mistakes:
    """All mistakes on one graph: prints as a table."""

    mistakes: tuple[Mistake, ...]

    def rows(self) -> list[tuple[str, ...]]:
        """The cells of the table, after a heading."""
        rows: list[tuple[str, ...]] = [COLUMNS]
        for mistake in self.mistakes:
            right, got = (
                Text.number(x) if mistake.node is not None else ""
                for x in (mistake.right, mistake.got)
            )
            wrong = f"{mistake.wrong_nodes} of {mistake.nodes}"
            calls = "" if mistake.calls is None else counted(mistake.calls, "").rstrip(" s")
            rows.append((mistake.name, mistake.node or "—", right, got, wrong, calls))
        return rows

    def __str__(self) -> str:
        return "\n".join([table.aligned(self.rows(), ALIGNMENT), "", *map(str, self.mistakes)])

    __repr__ = __str__

    def markdown(self) -> str:
        """A Markdown table, and a paragraph on each."""
        rows = [tuple(map(escaped, row)) for row in self.rows()]
        paragraphs = [mistake.markdown() for mistake in self.mistakes]
        return "\n\n".join([table.markdown(rows, ALIGNMENT), *paragraphs])

    def _repr_markdown_(self) -> str:
        return self.markdown()


def escaped(text: str) -> str:
    """Text with Markdown's signs made plain, but for the `|` of tables."""
    return "".join(f"\\{c}" if c in "\\`*_<>[]$" else c for c in text)


def compared(
    way: Routes,
    name: str,
    wrong: str,
    numbers: list[float],
    why: str,
    calls: int | None = None,
    stopped: int | None = None,
) -> Mistake:
    """The report: the numbers against the right ones, from the loss down."""
    right = gradients(way)
    sizes = seeded(way)  # the sum of the absolute values, which roundings are measured by
    for i in reversed(range(len(sizes))):
        for parent, _, local_grad in way.edges[i]:
            sizes[parent] += passed_on(abs(local_grad), sizes[i])
    off = [
        i for i in reversed(range(len(right))) if not same(numbers[i], right[i], 1e-9 * sizes[i])
    ]
    first = off[0] if off else None
    return Mistake(
        name,
        wrong,
        None if first is None else " ".join(labels(way.nodes)[first].splitlines()),
        math.nan if first is None else right[first],
        math.nan if first is None else numbers[first],
        len(off),
        len(right),
        "" if off else why,
        calls,
        None if calls is None else sum(map(len, way.edges)),
        stopped,
    )


def same(x: float, y: float, tolerance: float) -> bool:
    """Whether two numbers differ by no more than roundings."""
    if x == y or (math.isnan(x) and math.isnan(y)):
        return True
    return math.isfinite(x) and math.isfinite(y) and abs(x - y) <= tolerance


def seeded(way: Routes) -> list[float]:
    """No gradients yet, but 1 at the loss."""
    return [0.0] * (len(way.nodes) - 1) + [1.0]


def passed_on(local_grad: float, grad: float) -> float:
    return local_grad * grad if grad else 0.0

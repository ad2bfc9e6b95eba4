"""The evaluation trace (Wengert table): every step of the computation, a line each, in order.

See A. Griewank and A. Walther, Evaluating Derivatives, 2nd ed., SIAM 2008, section 2.1.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd import table
from autograd.naming import labels
from autograd.real import plain
from autograd.text import Latex, Text, symbol, write

if TYPE_CHECKING:
    from autograd.value import Value

COLUMNS = ("name", "operation", "value", "gradient")
ALIGNMENT = "llrr"


@dataclass(frozen=True)
class Step:
    """One line: a node, how it was computed, and the numbers it had when the trace was made."""

    name: str
    formula: Text
    formula_latex: Text
    data: float
    grad: float | None  # None: the backward pass has not been here


@dataclass(frozen=True)
class Trace:
    """The table; prints itself as text, and shows itself in a notebook."""

    steps: tuple[Step, ...]

    def rows(self, language: type[Text] = Text) -> list[tuple[str, ...]]:
        """The cells of each line, as text in the given language."""
        return [
            (
                symbol(step.name) if language is Latex else step.name,
                str(step.formula_latex if language is Latex else step.formula),
                language.number(step.data),
                language.dot if step.grad is None else language.number(step.grad),
            )
            for step in self.steps
        ]

    def __str__(self) -> str:
        return table.aligned([COLUMNS, *self.rows()], ALIGNMENT)

    __repr__ = __str__

    def markdown(self) -> str:
        """A Markdown table."""
        return table.markdown([COLUMNS, *self.rows()], ALIGNMENT)

    def latex(self) -> str:
        """A LaTeX array, for a formula of its own."""
        head = " & ".join(rf"\text{{{column}}}" for column in COLUMNS)
        body = [" & ".join(row) for row in self.rows(Latex)]
        lines = " \\\\\n".join([f"{head} \\\\ \\hline\n{body[0]}", *body[1:]])
        return f"\\begin{{array}}{{{ALIGNMENT}}}\n{lines}\n\\end{{array}}"

    def _repr_markdown_(self) -> str:
        return self.markdown()


def trace(loss: Value) -> Trace:
    """The evaluation trace of everything `loss` was computed from.

    >>> from autograd import Value
    >>> a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    >>> loss = a * b + a; loss.name = "loss"
    >>> loss.backward()
    >>> print(trace(loss))
    name  operation  value  gradient
    ────  ─────────  ─────  ────────
    a                    2        −2
    b                   −3         2
    v1    a × b         −6         1
    loss  v1 + a        −4         1

    A gradient that backward() has not reached is shown as "·". The trace is a copy: it does not
    change when the graph does. Raises TypeError if `loss` is not a Value.
    """
    if not hasattr(loss, "history"):
        raise TypeError(f"trace() takes a Value, got {loss!r} of type {type(loss).__name__}")
    history = loss.history()
    lines = (" ".join(label.splitlines()) for label in labels(history))  # a line is a line
    names = dict(zip(history, lines, strict=True))
    reached = loss.grad != 0
    return Trace(tuple(step(value, names, reached) for value in history))


def step(value: Value, names: dict[Any, str], reached: bool) -> Step:
    """The line of one node."""
    grad = plain(value.grad) if reached or value.grad else None
    written = (formula(value, names, Text), formula(value, names, Latex))
    return Step(names[value], *written, value.data, grad)


def formula(value: Value, names: dict[Any, str], language: type[Text]) -> Text:
    """How a node was computed, from the names of its operands; empty for a leaf."""
    spell = symbol if language is Latex else str
    if not value.operands:
        return language("")
    operands = [x if isinstance(x, float) else language(spell(names[x])) for x in value.operands]
    if value.operation:
        return write(value.operation, operands, language)
    return language(language.call("node", operands))

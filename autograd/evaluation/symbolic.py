"""A recorded graph as a formula: one SymPy expression over its leaves, and its gradient."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd.evaluation.constants import IRRATIONAL, simplest
from autograd.evaluation.evaluate import Program
from autograd.evaluation.foreign import lift
from autograd.evaluation.kinds.algebra import algebra, imported
from autograd.text import symbol

if TYPE_CHECKING:
    from autograd.value import Value

SHORT = 1000  # the largest denominator of a fraction that a number is written as
DIGITS = 6  # the longest decimal that is
DEPTH = 150  # SymPy recurses


@dataclass(frozen=True)
class Symbolic:
    """An expression, its gradient and its symbols by the labels of the leaves."""

    expression: Any
    gradient: dict[str, Any]
    symbols: dict[str, Any]

    def __str__(self) -> str:
        lines = [f"∂/∂{label} = {partial}" for label, partial in self.gradient.items()]
        return "\n".join([str(self.expression), *lines])

    __repr__ = __str__

    def latex(self) -> str:
        """The expression and its gradient in LaTeX, aligned at the equals signs."""
        sympy = imported()
        names = {x: symbol(label) for label, x in self.symbols.items()}
        lines = [f"f &= {sympy.latex(self.expression, symbol_names=names)}"]
        for label, partial in self.gradient.items():
            left = rf"\frac{{\partial f}}{{\partial {names[self.symbols[label]]}}}"
            lines.append(f"{left} &= {sympy.latex(partial, symbol_names=names)}")
        return "\\begin{aligned}\n" + " \\\\\n".join(lines) + "\n\\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$\\displaystyle {self.latex()}$"


def symbolic(loss: Value, limit: int = 10_000) -> Symbolic:
    """The graph of `loss` as a SymPy expression, with its gradient by the rules of the table.

    Every leaf is a real symbol of its label: its name, else v1, v2, … as in trace(loss). Plain
    numbers that went in stay numbers: short ones as fractions (0.1 as 1/10), known ones by name
    (math.pi as pi), others as floats.

    >>> from autograd import Value
    >>> x, y = Value(2.0, name="x"), Value(3.0, name="y")
    >>> found = symbolic((x * y + 0.5).log())
    >>> print(found)
    log(x*y + 1/2)
    ∂/∂x = y/(x*y + 1/2)
    ∂/∂y = x/(x*y + 1/2)
    >>> found.expression.subs(found.symbols["x"], 0)
    -log(2)

    Rows with kinks (relu, abs, maximum, clip, …) become cases (Piecewise), with the table's
    derivative at the kink; decisions that Python made while recording (`if`, the condition of
    where) stay as they were. Nodes used twice are shared in memory; but written out an expression
    doubles with each such step, and SymPy works on it as written. So no more than `limit`
    operations, 150 deep, are made of one node.

    Raises TypeError if `loss` is not a Value, ValueError for a node made by hand or too long
    an expression, ArithmeticError where there is no real result, ImportError without SymPy.
    """
    if not hasattr(loss, "history"):
        raise TypeError(f"symbolic() takes a Value, got {loss!r} of type {type(loss).__name__}")
    sympy = imported()
    kind, program = algebra(convert=written), Program(loss)
    size = Size(limit)
    names = program.names
    symbols = {leaf: sympy.Symbol(names[leaf], real=True) for leaf in program.leaves}
    numbers = program.forward(kind, symbols, lambda node, raw: size.check(names[node], raw))
    grads = program.backward(kind, numbers, lambda node, raw: size.check(f"∂/∂{names[node]}", raw))
    return Symbolic(
        numbers[loss].raw,
        {names[leaf]: grads[leaf].raw for leaf in program.leaves},
        {names[leaf]: symbols[leaf] for leaf in program.leaves},
    )


def written(x: float) -> Any:
    """A plain number, the way one would write it.

    >>> [written(x) for x in (0.5, 1 / 3, 0.1, 2 * math.pi, 0.123456789)]
    [1/2, 1/3, 1/10, 2*pi, 0.123456789000000]
    """
    sympy = imported()
    if not math.isfinite(x):
        return algebra().convert(x)
    if abs(x) in IRRATIONAL:
        return lift(x, algebra()).raw
    fraction = simplest(x)
    if fraction.denominator <= SHORT or len(repr(abs(x))) <= DIGITS + 2:
        return sympy.Rational(*fraction.as_integer_ratio())
    return sympy.Float(x)


class Size:
    """How long each expression is when it is written out, and how deeply it is nested."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.known: dict[int, tuple[int, int, Any]] = {}  # by identity; the expression stays alive

    def of(self, expression: Any) -> tuple[int, int]:
        """The number of its operations and symbols, shared ones counted each time; its depth."""
        stack = [expression]
        while stack:
            last = stack[-1]
            missing = [x for x in last.args if id(x) not in self.known]
            if missing:
                stack += missing
            else:
                parts = [self.known[id(x)] for x in last.args]
                count = 1 + sum(part[0] for part in parts)
                depth = 1 + max((part[1] for part in parts), default=0)
                self.known[id(stack.pop())] = count, depth, last
        return self.known[id(expression)][:2]

    def check(self, label: str, expression: Any) -> None:
        """Raise a ValueError if it is too long."""
        size, depth = self.of(expression)
        if size > self.limit or depth > DEPTH:
            raise ValueError(
                f"the expression of {label} has {size} operations, {depth} deep, when written out; "
                f"the limits are limit={self.limit} and {DEPTH} deep; take a smaller graph, give "
                "symbolic() a larger limit, or show the steps instead: trace(loss)"
            )

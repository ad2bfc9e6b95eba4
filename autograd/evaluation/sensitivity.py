"""How much a result depends on its inputs, and how far rounding may have taken it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from autograd import table
from autograd.evaluation.rounding import ASSUMED, U, rounding
from autograd.naming import labels
from autograd.text import Text

if TYPE_CHECKING:
    from autograd.value import Value

SMALLEST = 5e-324  # of all floats above 0
COLUMNS = ("input", "value", "gradient", "condition")
ALIGNMENT = "lrrr"


@dataclass(frozen=True)
class Input:
    """A leaf: its gradient, and its relative condition number |x · ∂y/∂x / y|."""

    name: str
    data: float
    grad: float
    condition: float


@dataclass(frozen=True)
class Sensitivity:
    """What sensitivity(y) found out; prints itself as text, shows itself in a notebook.

    inputs    a row per leaf
    value     y
    bound     |y − what exact arithmetic would give| is at most this, to first order
    worst     the label and operation of the node whose rounding adds most to it ("" if none does)
    assumed   how many nodes were taken to be right to one ulp, as nothing is known about them
    """

    inputs: tuple[Input, ...]
    value: float
    bound: float
    worst: str
    assumed: int

    @property
    def relative(self) -> float:
        """The bound, as a part of the value."""
        return ratio(self.bound, self.value)

    @property
    def digits(self) -> float:
        """How many decimal digits of the value can be trusted: from 0 to 16."""
        error = max(self.relative, U)
        return max(0.0, -math.log10(error)) if math.isfinite(error) else 0.0

    @property
    def condition(self) -> float:
        """The sum of the condition numbers: how much relative errors of the inputs may grow."""
        return sum(row.condition for row in self.inputs)

    def rows(self) -> list[tuple[str, ...]]:
        """The cells of each line of the table."""
        return [
            (row.name, *map(Text.number, (row.data, row.grad, row.condition)))
            for row in self.inputs
        ]

    def summary(self) -> list[str]:
        """What is said below the table, line by line."""
        bound, relative = (f"{x:.2g}".replace("inf", "∞") for x in (self.bound, self.relative))
        lines = [
            f"value {Text.number(self.value)}, rounding error at most {bound} "
            f"(relative {relative}): {self.digits:.0f} digits can be trusted"
        ]
        if self.worst:
            lines.append(f"most of it from {self.worst}")
        if self.assumed:
            lines.append(f"nodes taken to be right to one ulp: {self.assumed}")
        return lines

    def __str__(self) -> str:
        return "\n".join([table.aligned([COLUMNS, *self.rows()], ALIGNMENT), *self.summary()])

    __repr__ = __str__

    def markdown(self) -> str:
        """A Markdown table, and the summary below it."""
        summary = "  \n".join(self.summary()).replace("|", r"\|")
        return f"{table.markdown([COLUMNS, *self.rows()], ALIGNMENT)}\n\n{summary}"

    def _repr_markdown_(self) -> str:
        return self.markdown()


def sensitivity(y: Value) -> Sensitivity:
    """Relative condition numbers of the inputs of `y`, and a bound on its rounding error.

    A relative change ε of one input changes y by about ε times its condition number, whatever the
    algorithm. The bound is for the way y was computed: each operation's own rounding error counts
    as far as y depends on its result, Σ |∂y/∂v| · |error of v|. A problem with a small condition
    number and a result with a large bound is one to compute in another way:

    >>> from autograd import Value
    >>> x = Value(1e-6, name="x")
    >>> print(sensitivity((1 - x.cos()) / (x * x)))
    input  value  gradient    condition
    ─────  ─────  ────────  ───────────
    x       1e−6  −88.9006  0.000177785
    value 0.500044, rounding error at most 0.00022 (relative 0.00044): 3 digits can be trusted
    most of it from v1 (cos)

    >>> print(sensitivity(2 * (x / 2).sin() ** 2 / (x * x)).summary()[0])
    value 0.5, rounding error at most 4.4e-16 (relative 8.9e-16): 15 digits can be trusted

    To first order, as N. J. Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM
    2002, sections 1.6 and 3.3, and A. Griewank and A. Walther, Evaluating Derivatives, 2nd ed.,
    SIAM 2008, section 3.4: errors that are large enough for a local derivative to change, or to
    cross a kink, are beyond it. `rounding.py` says how exact each operation is; inputs, plain
    numbers and what went through detach() or constant() are taken as exact. A node made by hand (or
    an operation whose rule uses `math`) is taken to be right to one ulp. Gradients are not written:
    no grad is changed.

    Raises TypeError if `y` is not a Value.
    """
    if not hasattr(y, "history"):
        raise TypeError(f"sensitivity() takes a Value, got {y!r} of type {type(y).__name__}")
    history = y.history()
    grads = adjoints(y, history)
    names = [" ".join(label.splitlines()) for label in labels(history)]
    inputs, errors, assumed = [], [], 0
    for name, node in zip(names, history, strict=True):
        grad = grads.get(node, 0.0)
        if not (node.operation or node.parents):
            inputs.append(Input(name, node.data, grad, ratio(node.data * grad, y.data)))
        elif node.operands and grad != 0:
            error, known = own_error(node)
            part = abs(grad) * error or (SMALLEST if error else 0.0)  # not 0 where that underflows
            errors.append((part, f"{name} ({node.op or 'node'})"))
            assumed += not known
    bound = sum(error for error, _ in errors)
    worst, label = max(errors, key=lambda error: error[0], default=(0.0, ""))
    if not math.isfinite(bound) or math.isnan(y.data):
        bound = math.inf
    return Sensitivity(tuple(inputs), y.data, bound, label if worst else "", assumed)


def adjoints(y: Value, history: Sequence[Value]) -> dict[Any, float]:
    """∂y/∂v for every v that y depends on, as backward() computes it."""
    grads: dict[Any, float] = {y: 1.0}
    for node in reversed(history):
        grad = grads.get(node, 0.0)
        if grad != 0:
            for parent, local_grad in zip(node.parents, node.local_grads, strict=True):
                grads[parent] = grads.get(parent, 0.0) + local_grad * grad
    return grads


def own_error(node: Value) -> tuple[float, bool]:
    """The largest error of the node's own rounding, and whether its operation is known."""
    operands = [x if type(x) is float else x.data for x in node.operands]  # type: ignore[union-attr]
    try:
        return rounding(node.operation, operands, node.data), node.operation is not None
    except TypeError:  # a rule that needs a float: of functions of `math`
        return ASSUMED * U * abs(node.data), False


def ratio(x: float, y: float) -> float:
    """|x / y|: 0 where x is, else infinite where y is 0."""
    return 0.0 if x == 0 else math.inf if y == 0 else abs(x / y)

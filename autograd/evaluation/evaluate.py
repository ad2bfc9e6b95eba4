"""Other numbers through the same graph: exact fractions, many digits, intervals, expressions.

`evaluate` runs a recorded graph forward and backward once more, from the data of its leaves, with
the rules of the table called on numbers of another kind.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from fractions import Fraction
from itertools import compress
from typing import TYPE_CHECKING, Any

from autograd.evaluation.foreign import Foreign, attempt, local_derivatives, value
from autograd.evaluation.kinds import Kind, kind_of
from autograd.naming import labels
from autograd.operation import Softmax

if TYPE_CHECKING:
    from autograd.value import Value

Watch = Callable[[Any, Any], None]


@dataclass(frozen=True)
class Evaluation:
    """The value of a graph and its gradient by the labels of the leaves, as numbers of one kind."""

    value: Any
    grads: dict[str, Any]


def evaluate(
    loss: Value, number: Any = Fraction, at: Mapping[str, Any] | None = None
) -> Evaluation:
    """The graph of `loss` and its gradient over another kind of number.

    number  fractions.Fraction: exact; an irrational result is an error (roots and powers go
                where they are fractions; exp, sin, … only at 0 or 1)
            decimal.Decimal: to the precision of the context, without sin, cos, tan, atan and erf
            mpmath.mpf: to mpmath.mp.dps digits
            mpmath.iv.mpf: intervals that enclose the true result
            sympy.sympify: exact expressions such as sqrt(2); symbolic(loss) has symbols
            float: the same numbers again
            a class of your own with + − × ÷ (and comparisons, and methods exp, … where needed)
    at      other numbers for leaves, by label

    >>> from autograd import Value
    >>> x, y = Value(1.0, name="x"), Value(3.0, name="y")
    >>> result = evaluate(x / y + x * 0.5, number=Fraction)
    >>> result.value, result.grads["y"]
    (Fraction(5, 6), Fraction(-1, 9))
    >>> evaluate(x / y, at={"x": Fraction(2, 7)}).value
    Fraction(2, 21)

    Every float of the graph, leaf or constant, is converted exactly: 0.1 is the double nearest to
    a tenth. A number written in a rule of the table is the real number it stands for: the mean of
    three has derivatives 1/3. Leaves without a name are called v1, v2, … as in trace(loss).
    Decisions that Python made while recording (`if`, the condition of where) stay as they were,
    and so does what was computed under no_grad(); an index of take that is a Value chooses anew.
    The graph itself is not changed.

    Raises TypeError if `loss` is not a Value or `number` no class of real numbers, ValueError for
    a node made by hand (only its number is known) or a label that is no leaf's, RuntimeError if
    nothing leads back from `loss`, and ArithmeticError where the kind of number has no result; it
    names the operation and the node.
    """
    if not hasattr(loss, "history"):
        raise TypeError(f"evaluate() takes a Value, got {loss!r} of type {type(loss).__name__}")
    kind = kind_of(number)
    program = Program(loss)
    given = program.by_label(at or {})
    leaves = {
        leaf: program.convert(leaf, kind) if leaf not in given else made(given[leaf], kind)
        for leaf in program.leaves
    }
    numbers = program.forward(kind, leaves)
    grads = program.backward(kind, numbers)
    results = {program.names[leaf]: kind.result(grads[leaf].raw) for leaf in program.leaves}
    return Evaluation(kind.result(numbers[loss].raw), results)


def made(x: Any, kind: Kind) -> Any:
    """A number that the user gives for a leaf."""
    if type(x) is float:
        return kind.convert(x)
    return x if type(x) is type(kind.convert(0.0)) else kind.make(x)


def exactly(x: float, kind: Kind) -> Foreign:
    """A constant of the graph; where() may hold an inf that was not chosen."""
    return attempt(kind, lambda: kind.convert(x), [])


class Program:
    """A recorded graph, to be run over any kind of number."""

    def __init__(self, loss: Value) -> None:
        self.loss, self.history = loss, loss.history()
        self.names: dict[Any, str] = dict(zip(self.history, labels(self.history), strict=True))
        self.leaves = [node for node in self.history if not (node.operation or node.parents)]
        self.varies: set[Any] = set(self.leaves)  # what depends on a leaf, and so has a gradient
        for node in self.history:
            if not self.varies.isdisjoint(node.parents):
                self.varies.add(node)
            if node.parents and not node.operation:
                raise ValueError(
                    f"the node {self.names[node]!r} was made by hand: only its number and local "
                    "derivatives are known, not how to compute them from other numbers; write it "
                    "as an operation: autograd.custom(value, *derivatives)"
                )
        if loss.operation and not loss.operands:
            raise RuntimeError(
                f"a result of {loss.op!r} that has no parents: it was computed under no_grad() or "
                "from plain numbers; compute it outside no_grad, from Values"
            )

    def by_label(self, given: Mapping[str, Any]) -> dict[Any, Any]:
        """The given numbers by leaf instead of by label."""
        known = {self.names[leaf]: leaf for leaf in self.leaves}
        for label in given:
            if label not in known:
                close = difflib.get_close_matches(str(label), known, 1)
                hint = f"did you mean {close[0]!r}?" if close else f"there are {[*known][:9]}"
                raise ValueError(f"at: no leaf is called {label!r}; {hint}")
        return {known[label]: x for label, x in given.items()}

    def convert(self, node: Value, kind: Kind) -> Any:
        """The data of a node, exactly."""
        with self.about(node, kind):
            return kind.convert(node.data)

    def forward(
        self,
        kind: Kind,
        leaves: Mapping[Any, Any],
        watch: Watch = lambda node, raw: None,
    ) -> dict[Any, Foreign]:
        """Every node's number; `watch` is shown each."""
        numbers: dict[Any, Foreign] = {}
        for node in self.history:
            if node in leaves:
                numbers[node] = Foreign(kind, leaves[node])
            elif not node.operands:  # made under no_grad: a constant
                numbers[node] = Foreign(kind, self.convert(node, kind))
            elif operation := node.operation:
                with self.about(node, kind):
                    operands = self.operands(node, kind, numbers)
                    numbers[node] = sound(value(operation, operands, kind))
            watch(node, numbers[node].raw)
        return numbers

    def operands(self, node: Value, kind: Kind, numbers: Mapping[Any, Foreign]) -> list[Any]:
        """What the node's rule is called with; the k of a softmax stays a float."""
        operands = [exactly(x, kind) if type(x) is float else numbers[x] for x in node.operands]
        last = node.operands[-1]
        if isinstance(node.operation, Softmax) and type(last) is float:
            return [*operands[:-1], last]
        return operands

    def backward(
        self, kind: Kind, numbers: Mapping[Any, Foreign], watch: Watch = lambda node, raw: None
    ) -> dict[Any, Foreign]:
        """∂loss/∂leaf for each leaf, by the chain rule from the last node to the first."""
        zero, one = (Foreign(kind, kind.convert(x)) for x in (0.0, 1.0))
        grads: dict[Any, Foreign] = dict.fromkeys(self.leaves, zero) | {self.loss: one}
        for node in reversed(self.history):
            operation = node.operation
            if operation is None or node not in self.varies:
                continue
            grad = grads.pop(node, zero)
            if grad.raw == 0:  # nothing to pass on: not even 0 * inf
                continue
            wanted = [type(x) is not float and x in self.varies for x in node.operands]
            parents = list(compress(node.operands, wanted))
            with self.about(node, kind, "a local derivative of "):
                operands = self.operands(node, kind, numbers)
                local_grads = local_derivatives(operation, operands, numbers[node], wanted)
                for parent, local_grad in zip(parents, local_grads, strict=True):
                    grads[parent] = sound(grads.get(parent, zero) + local_grad * grad)
            for parent in parents:
                watch(parent, grads[parent].raw)
        return grads

    @contextmanager
    def about(self, node: Value, kind: Kind, what: str = "") -> Iterator[None]:
        """Say which node an error is about."""
        try:
            yield
        except (ArithmeticError, ValueError, TypeError) as error:
            called = f"{node.op} ({self.names[node]})" if node.op else self.names[node]
            reason = str(error) or type(error).__name__
            message = f"{what}{called} over {kind.name}: {reason}"
            unfit = isinstance(error, TypeError)
            raise (TypeError if unfit else ArithmeticError)(message) from error


def sound(number: Foreign) -> Foreign:
    """The number, if there is one."""
    if number.trouble:
        raise number.trouble
    return number

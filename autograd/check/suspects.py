"""Which operation is to blame: every rule of a graph, beside the values of its own operation."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any, cast

from autograd import sweeps
from autograd.check.agreement import by_rules, by_values, disagreements
from autograd.check.mismatch import Disagreement, Suspect
from autograd.check.numeric import Numeric
from autograd.chosen import Value
from autograd.naming import labels
from autograd.real import as_float
from autograd.transforms.recorded import Recorded, roots_among

SHOWN = 3


class Inquiry:
    """One run of a function whose derivative is wrong, to be looked at node by node."""

    def __init__(self, call: Callable[..., list[Any]], xs: Sequence[float], rtol: float) -> None:
        run = Recorded(call, xs, range(len(xs)), call="check_grads")
        roots, _ = roots_among(run.result)
        self.variables, self.rtol = run.variables, rtol
        self.kinks = dict[str, None]()
        self.nodes, _ = sweeps.reach(roots, run.variables[0])

    def rules(self, order: int) -> list[Suspect]:
        """The operations whose rules disagree with their values, the worst first, each once."""
        found = dict[str, Suspect]()
        for depth in range(1, min(order, 2) + 1):
            for suspect in filter(None, (self.examined(node, depth) for node in self.nodes)):
                known = found.get(suspect.op)
                if known is None or (known.order == depth and known.relative < suspect.relative):
                    found[suspect.op] = suspect
        return sorted(found.values(), key=lambda suspect: -suspect.relative)[:SHOWN]

    def examined(self, node: Value, order: int) -> Suspect | None:
        """What is wrong with the rule that a node was made by."""
        if not node.operation or not node.parents:
            return None
        try:
            function, xs = by_itself(node) if order == 1 else local_derivatives(node)
            found = [[x] for x in node.local_grads] if order == 1 else by_rules(function, xs, "rev")
            truth = by_values(function, xs)
            wrong = disagreements(function, xs, found, truth, self.rtol)
        except Exception:  # an operation that cannot be run alone is no suspect
            return None
        if order == 1 and any(s.sided or not s.known for slopes in truth for s in slopes):
            self.kinks[called(node)] = None
        if not wrong:
            return None
        worst = max(wrong, key=lambda d: d.relative)
        return Suspect(node.op, told(node, worst, order), order, worst.relative)

    def advice(self, input_: int, derivative: float) -> str:
        """Where else to look, when every rule is right."""
        names = dict(zip(self.nodes, labels(self.nodes), strict=True))
        by_hand = [node for node in self.nodes if node.parents and not node.operation]
        known = set(self.variables)
        taken_out = [node for node in self.nodes if not node.operands and node not in known]
        lines = [
            "Every operation's rule agrees with its values. Look at how they are put together:"
        ]
        for node in by_hand[:SHOWN]:
            lines.append(
                f"- {names[node]} = {node.data!r} is a node made by hand: are its local_grads "
                f"{node.local_grads} right, and a parent that is used twice in it twice?"
            )
        for node in taken_out[:SHOWN]:
            lines.append(
                f"- {names[node]} = {node.data!r} is a leaf made inside the function: a Value of "
                "its own, detach(), stop_gradient or no_grad() lets no gradient through"
            )
        if self.variables[input_] not in names:
            lines.append("- in the graph nothing leads from this input to the result")
        for kink in [*self.kinks][:SHOWN]:
            lines.append(
                f"- {kink} has no single derivative there (a kink, a jump or a vertical tangent): "
                "what the rules make of several such may be none of the whole"
            )
        if not math.isfinite(derivative):
            lines.append("- a local derivative is infinite, perhaps times 0: trace(loss) shows it")
        lines.append(
            "- a number taken out of the graph passes no gradient: .data, detach(), "
            "stop_gradient, no_grad(); and a hook may change one"
        )
        return "\n".join(lines)


def by_itself(node: Value) -> tuple[Numeric, list[float]]:
    """The operation of a node as a function of those operands that are Values."""
    operation: Any = node.operation
    names, fill, xs = variable_operands(node)

    def call(*numbers: Any) -> list[Any]:
        for x in numbers:
            if hasattr(x, "_operate"):
                return [x._operate(operation, fill(numbers))]
        return [operation.compute(fill(numbers))]

    return Numeric(call, lambda xs: [as_float(x) for x in call(*xs)], names, [node.op]), xs


def local_derivatives(node: Value) -> tuple[Numeric, list[float]]:
    """The local derivatives of a node as functions of those operands that are Values."""
    names, fill, xs = variable_operands(node)
    wanted = [isinstance(x, Value) for x in node.operands]
    value, operation = by_itself(node)[0].call, cast(Any, node.operation)

    def call(*numbers: Any) -> list[Any]:
        return list(operation.partials(fill(numbers), value(*numbers)[0], wanted))

    results = [f"∂{node.op}/∂{name}" for name in names]
    return Numeric(call, lambda xs: [as_float(x) for x in call(*xs)], names, results), xs


def variable_operands(
    node: Value,
) -> tuple[list[str], Callable[[Sequence[Any]], list[Any]], list[float]]:
    """Names of the operands that are Values, how to fill them in, and their numbers."""
    operands: tuple[Any, ...] = node.operands
    which = [i for i, x in enumerate(operands) if isinstance(x, Value)]
    declared = cast(Any, node.operation).inputs
    fixed = len(declared) == len(operands)
    names = [declared[i] if fixed else f"input {i}" for i in which]

    def fill(numbers: Sequence[Any]) -> list[Any]:
        rest: Iterator[Any] = iter(numbers)
        return [next(rest) if isinstance(x, Value) else x for x in operands]

    return names, fill, [operands[i].data for i in which]


def told(node: Value, wrong: Disagreement, order: int) -> str:
    """The disagreement as a sentence."""
    both = f"{wrong.derivative:.12g} by the rule, {wrong.numerical:.12g} by its values"
    if order == 1:
        return f"The rule of {called(node)} by {wrong.input} disagrees: {both}."
    return (
        f"The rule of {called(node)} is right, but its own derivative is not: "
        f"{wrong.result} by {wrong.input} changes {both}. Does it read .data, or return a number "
        "where it should compute with the Values it is given?"
    )


def called(node: Value) -> str:
    """An operation with its numbers: `cube(0.5)`."""
    numbers = [f"{getattr(x, 'data', x):.6g}" for x in node.operands]
    return f"{node.op}({', '.join([*numbers[:4], *['…'] * (len(numbers) > 4)])})"

"""Local derivatives written with the names of the nodes: w46, tanh′(z6), 2·x, I(z7 > 0).

The rules of the table write them: called with texts they give their formula.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from autograd import ops
from autograd.custom import Custom
from autograd.explanation.notation import Factor, Language, Plain, Tex, product
from autograd.naming import labels
from autograd.operation import Operation
from autograd.real import plain
from autograd.text import LONGEST, Text, elide, symbol, write

if TYPE_CHECKING:
    from autograd.value import Value

ACTIVATIONS = frozenset(  # what a network calls g: the derivative is written g′(z)
    ["tanh", "sigmoid", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "erf", "atan"]
)

# where the rule has another form, for its roundings
TEXTBOOK: dict[str, Any] = {"tanh": lambda x, out: 1 - out**2}


class Symbols:
    """What the nodes of a graph are called in formulas, and their local derivatives.

    A node with a name and a leaf go by their label; what was computed without a name is written
    out, as long as that takes no more than six names and numbers, and else goes by its label, too.
    """

    def __init__(self, history: Sequence[Value], labelled: Iterable[Value]) -> None:
        names = [" ".join(label.splitlines()) for label in labels(history)]
        if not history[-1].name and "loss" not in names:
            names[-1] = "loss"
        self.labels: dict[Any, str] = dict(zip(history, names, strict=True))
        self.labelled, sizes = set[Any](labelled), dict[Any, int]()
        for node in history:
            size = sum(sizes.get(x, 1) for x in node.operands) if not node.name else 0
            if not 0 < size <= LONGEST or node is history[-1]:
                self.labelled.add(node)
            elif node not in self.labelled:
                sizes[node] = size
        self.texts: dict[type[Text], dict[Any, Text]] = {Plain: {}, Tex: {}}
        self.inputs = dict[Any, tuple[Any, list[int]]]()
        self.primes = dict[str, Operation]()  # the activations written with a prime so far
        self.indicators = False  # whether I(…) was written
        self.unnamed = dict[str, Any]()  # and the nodes that go by a label they were not given

    def name(self, node: Any, language: Language) -> str:
        """The label of a node."""
        if not node.name and node.parents:
            self.unnamed.setdefault(self.labels[node], node)
        return language.name(self.labels[node])

    def label(self, node: Any, language: Language) -> Text:
        """The label as a text."""
        return language(self.name(node, language))

    def text(self, node: Any, language: Language) -> Text:
        """A node as it stands in a formula: its label, or how it was computed."""
        texts, waiting = self.texts[language], [node]
        while waiting:
            top = waiting[-1]
            if top in self.labelled:
                texts[top] = self.label(top, language)
            missing = [] if top in texts else self.missing(top, texts)
            waiting += missing
            if not missing:
                waiting.pop()
                if top not in texts:
                    texts[top] = self.formula(top, language)
        return texts[node]

    @staticmethod
    def missing(node: Any, texts: dict[Any, Text]) -> list[Any]:
        return [x for x in node.operands if not isinstance(x, float) and x not in texts]

    def formula(self, node: Any, language: Language) -> Text:
        """How a node was computed."""
        texts = [x if isinstance(x, float) else self.text(x, language) for x in node.operands]
        if node.operation:
            return write(node.operation, texts, language)
        return language(language.call("node", elide(texts, language)))

    def local_grad(self, node: Any, slot: int, language: Language) -> Factor:
        """∂node/∂parent number `slot`, from the rule of the operation."""
        operation = node.operation
        if node not in self.inputs:
            operands = node.operands
            places = [k for k, x in enumerate(operands) if not isinstance(x, float)]
            self.inputs[node] = operands, places
        operands, places = self.inputs[node]
        index = places[slot]
        if getattr(operation, "selects", False):
            return 1.0  # of where only what was chosen is a parent
        if operation and is_activation(operation) and index == 0:
            self.primes[operation.name] = operation
            return primed(operation, self.text(operands[0], language), language)
        point = at_single_point(node, operands, index, slot)
        if point is not None:
            return point
        rule = REDUCTIONS.get(operation.name) if operation else None
        if rule:
            written: Factor = rule(self, node, operands, index, language)
            return written
        if type(operation) is not Operation:  # no rule that writes
            parent = self.name(operands[index], language)
            return language(language.fraction(self.name(node, language), parent))
        texts = [x if isinstance(x, float) else self.text(x, language) for x in operands]
        local: Factor = operation.derivatives[index](*texts, self.text(node, language))
        self.indicators |= isinstance(local, Text) and local.text.startswith("I(")
        return local


def at_single_point(node: Any, operands: Any, index: int, slot: int) -> float | None:
    """The local derivative as a number where the written formula does not hold: at a tie, at 0."""
    match node.op:
        case "maximum" | "minimum" if node.local_grads[slot] == 0.5:
            return 0.5
        case "hypot" | "norm" if node.data == 0:
            return 0.0
        case "power" if index == 1 and getattr(operands[0], "data", operands[0]) == 0:
            return 0.0
    return None


def is_activation(operation: Operation | None) -> bool:
    """Whether it is a function that a derivative is written for as g′(z)."""
    if isinstance(operation, Custom):
        return len(operation.inputs) == 1
    return operation is not None and operation.name in ACTIVATIONS


def primed(operation: Operation, x: Text, language: Language) -> Text:
    """g′(x)."""
    name = operation.name
    if language is Tex:
        name = symbol(name) if len(name) == 1 else language.template(operation)
        if "{" in name and not name.startswith(r"\operatorname"):
            name = symbol(operation.name)
        tall = r"\frac" in x.text or r"\begin" in x.text
        return language(language.call(f"{name}'", [x]) if tall else f"{name}'({x})")
    return language(f"{name}′({x})")


def definition(operation: Operation, language: Language) -> str:
    """g′(x) = its formula: '' for an operation of a user's own, whose rule may not write."""
    if isinstance(operation, Custom):
        return ""
    x, *others = [language(language.name(name)) for name in operation.inputs]
    rule = TEXTBOOK.get(operation.name, operation.derivatives[0])
    formula = rule(x, *others, write(operation, [x, *others], language))
    return f"{primed(operation, x, language)} = {language.of(formula)}"


# -- reductions: ∂node/∂(input number k) ---------------------------------------------------------


def _partner(symbols: Symbols, node: Any, xs: Any, k: int, language: Any) -> Any:
    n = len(xs) // 2
    if k == 2 * n:
        return 1.0  # the bias
    other = xs[k + n if k < n else k - n]
    return other if isinstance(other, float) else symbols.text(other, language)


def _others(symbols: Symbols, node: Any, xs: Any, k: int, language: Any) -> Any:
    others = [x for i, x in enumerate(xs) if i != k]
    if len(others) > 2 * LONGEST:
        last = symbols.text(xs[k], language)
        return language(f"{symbols.text(node, language):2} ÷ {last:3}", 2)
    return product(
        (x if isinstance(x, float) else symbols.text(x, language) for x in others), language
    )


def _share_of_norm(symbols: Symbols, node: Any, xs: Any, k: int, language: Any) -> Any:
    out: Any = symbols.text(node, language)
    return symbols.text(xs[k], language) / out


def _share(symbols: Symbols, node: Any, xs: Any, k: int, language: Any) -> Any:
    """softmax(xs)[k] of the inputs of a reduction."""
    inputs = xs[:-1] if node.operation.name.endswith("softmax") else xs
    shown = [x if isinstance(x, float) else symbols.text(x, language) for x in elided(inputs)]
    called = language.call(language.template(ops.softmax), elide(shown, language))
    return language(language.entry(called, k))


def elided(xs: Sequence[Any]) -> list[Any]:
    """Enough of a long list for elide() to write."""
    return [*xs[:LONGEST], *xs[-1:]] if len(xs) > LONGEST + 1 else list(xs)


def _of_softmax(symbols: Symbols, node: Any, xs: Any, k: int, language: Any) -> Any:
    at = int(xs[-1])
    here, there = (_share(symbols, node, xs, i, language) for i in (at, k))
    return here * (1 - there) if k == at else -here * there


def _of_take(symbols: Symbols, node: Any, xs: Any, k: int, language: Any) -> Any:
    return float(k == plain(xs[-1]))  # by the index, which comes last: 0


def _of_log_softmax(symbols: Symbols, node: Any, xs: Any, k: int, language: Any) -> Any:
    share = _share(symbols, node, xs, k, language)
    return 1 - share if k == int(xs[-1]) else -share


REDUCTIONS: dict[str, Any] = {
    "sum": lambda symbols, node, xs, k, language: 1.0,
    "mean": lambda symbols, node, xs, k, language: 1 / len(xs),
    "dot": _partner,
    "prod": _others,
    "norm": _share_of_norm,
    "shift": lambda symbols, node, xs, k, language: 0.0,
    "logsumexp": _share,
    "softmax": _of_softmax,
    "log_softmax": _of_log_softmax,
    "take": _of_take,
}

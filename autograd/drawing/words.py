"""The words on a picture: what a node's badge says, the title, the notes under it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.drawing.lettering import number
from autograd.text import Text, elide, write

if TYPE_CHECKING:
    from autograd.value import Value


def operation_text(value: Value) -> tuple[str, tuple[float, ...]]:
    """What the badge of a node says, and the constants that did not fit into it."""
    if not value.parents and not value.op:
        return "", ()
    symbol = symbol_of(value)
    constants = tuple(operand for operand in value.operands if isinstance(operand, float))
    if not constants:
        return symbol, ()
    if len(value.operands) <= 3:
        spelled = spell(
            symbol, [number(x) if isinstance(x, float) else "" for x in value.operands], "·"
        )
        if len(spelled) <= 14:
            return spelled, ()
    return symbol, constants


def spell(symbol: str, words: list[str], blank: str = "") -> str:
    """Write an operation between two words, or before a list of them.

    >>> spell("×", ["a", "b"]), spell("^", ["", "2"]), spell("max", ["", "0"], "·")
    ('a × b', '^ 2', 'max(·, 0)')
    """
    if len(words) == 2 and not symbol[:1].isalpha():
        return f"{words[0]} {symbol} {words[1]}".strip()
    return f"{symbol}({', '.join(word or blank for word in words)})"


def symbol_of(value: Value) -> str:
    """The operation as the table writes it; a node made by hand may have no name: ƒ."""
    operation: Any = value.operation
    return operation.symbol if operation is not None else value.op or "ƒ"


def statement(root: Value, label: str, headings: dict[Value, str]) -> str:
    """How the root was made, for a title: "L = d × f"."""
    if not root.parents:
        return label
    words = [x if isinstance(x, float) else Text(headings.get(x, "…")) for x in root.operands]
    if len(words) > 2 and not any(parent in headings for parent in root.parents):
        words = [Text("…")]
    formula = write(root.operation, words) if root.operation else Text.call("ƒ", elide(words, Text))
    return f"{label} = {formula}"


def notes(
    label: str, backward: bool, total: int, nodes: int, groups: int, left_out: int
) -> tuple[str, ...]:
    """The line under the title: what the numbers mean, and what of the graph is not shown.

    `nodes` and `groups` are the cards: of single nodes, and of folded groups; `left_out` are nodes.
    """
    lines = ["data = forward value"]
    lines += [f"grad = ∂{label}/∂node" if backward else "grad = · until backward() runs"]
    if total > 1:
        lines += ["edge label = local derivative"]
    if total > 1 and backward:
        lines += ["edge width = |local × grad|"]
    if nodes < total:
        lines += [shown_as(total, nodes, groups, left_out)]
    return tuple(lines)


def shown_as(total: int, nodes: int, groups: int, left_out: int) -> str:
    """What a picture shows instead of all the nodes.

    >>> shown_as(5504, 0, 42, 0), shown_as(1000, 200, 0, 800)
    ('5,504 nodes shown as 42 groups', '200 of 1,000 nodes shown')
    >>> shown_as(100, 1, 2, 10)
    '100 nodes shown as 1 node and 2 groups, 10 not shown'
    """
    if not groups:
        return f"{nodes:,} of {total:,} nodes shown"
    cards = [counted(nodes, "node")] * (nodes > 0) + [counted(groups, "group")]
    rest = f", {left_out:,} not shown" if left_out else ""
    return f"{total:,} nodes shown as {' and '.join(cards)}{rest}"


def counted(number: int, noun: str) -> str:
    """A number with its noun.

    >>> counted(1, "node"), counted(1200, "node")
    ('1 node', '1,200 nodes')
    """
    return f"{number:,} {noun}{'' if number == 1 else 's'}"

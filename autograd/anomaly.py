"""detect_anomaly: the first number that is not finite is an error that says where it came from."""

from __future__ import annotations

import linecache
import os
import sys
from collections.abc import Sequence
from contextlib import ContextDecorator
from dataclasses import dataclass
from math import isfinite
from pathlib import Path
from types import FrameType
from typing import Any

from autograd import modes
from autograd.operation import Reduction
from autograd.reproduction import script
from autograd.text import Text, write

OWN = tuple(f"{Path(__file__).parents[1] / package}{os.sep}" for package in ("autograd", "nn"))


class Anomaly(FloatingPointError):
    """A value, a local derivative or a gradient that is inf or nan.

    node     the Value at which it was found
    script   five lines that show it again, on their own
    """

    def __init__(self, message: str, node: Any, script: str) -> None:
        super().__init__(f"{message}\nTo see it on its own:\n\n{indented(script)}")
        self.node, self.script = node, script


@dataclass(frozen=True)
class Site:
    """The line of the user's code that made a node."""

    file: str
    line: int
    function: str

    def __str__(self) -> str:
        source = linecache.getline(self.file, self.line).strip()
        where = f"{self.file}, line {self.line}, in {self.function}"
        return f"{where}: {source}" if source else where


class detect_anomaly(ContextDecorator):
    """Raise `Anomaly`, a FloatingPointError, at the first number that is inf or nan.

    In the forward pass it may be the value of an operation or one of its local derivatives, in the
    backward pass a gradient. The error names the operation, its operands, the line of code that
    made the node, and the way from there to the loss. A context manager and a decorator; inside it
    computing is slower, outside nothing changes.

    >>> from autograd import Value, log
    >>> p = Value(0.0, name="p")
    >>> with detect_anomaly():                                              # doctest: +ELLIPSIS
    ...     loss = -log(p)
    Traceback (most recent call last):
    autograd.anomaly.Anomaly: log(p) is −∞ at p = 0
    made in <doctest ..., line 2, in <module>: loss = -log(p)
    To see it on its own:
    <BLANKLINE>
        from autograd import Value, detect_anomaly, log
        x = Value(0.0)
        with detect_anomaly():
            out = log(x)
    """

    def __enter__(self) -> detect_anomaly:
        modes.enter(Watch())
        return self

    def __exit__(self, *error: object) -> None:
        modes.leave(modes.watch())


class Watch:
    """Looks at every node and every gradient while it is entered."""

    def __init__(self) -> None:
        self.sites: dict[int, Site] = {}  # by the node's serial number, so as to hold no node

    def made(self, node: Any) -> None:
        """Look at a node that an operation has just made."""
        self.sites[node._birth] = site(sys._getframe(1))
        if not isfinite(node.data):
            self._raise(node, f"{spelled(node)} is {number(node.data)}")
        for parent, local in zip(node.parents, node.local_grads, strict=True):
            if not isfinite(local):
                derivative = f"∂{spelled(node)}/∂{called(parent, node)}"
                self._raise(node, f"the local derivative {derivative} is {number(local)}")

    def backward(
        self, node: Any, parent: Any, local: Any, grad: Any, part: Any, nodes: Sequence[Any]
    ) -> None:
        """Look at what a node passes back to a parent."""
        part, local, grad = (getattr(x, "data", x) for x in (part, local, grad))
        if isfinite(part):
            return
        what = (
            f"the gradient that {spelled(node)} passes to {called(parent, node)} is "
            f"{number(part)}: local derivative {number(local)} × gradient {number(grad)}"
        )
        self._raise(node, what, nodes, seed=grad)

    def _raise(
        self, node: Any, what: str, nodes: Sequence[Any] = (), seed: float | None = None
    ) -> None:
        lines = [f"{what} at {', '.join(operands(node)) or 'no operands'}"]
        lines.append(f"made in {self._site(node)}")
        for k, x in enumerate(node.operands):
            if not isinstance(x, float) and x.operation:
                lines.append(f"its {names(node)[k]} was made by {x.op}, in {self._site(x)}")
        if nodes:
            steps = [spelled(v) for v in shortest(node, nodes)]
            lines.append(f"the way to the loss: {' → '.join(elided(steps))}")
        raise Anomaly("\n".join(elided(lines, 12)), node, script(node, seed))

    def _site(self, node: Any) -> Site | str:
        return self.sites.get(node._birth) or (
            "a line that ran before detect_anomaly() did: put it inside, too"
        )


def site(frame: FrameType | None) -> Site:
    """The innermost line of code outside this library."""
    while frame and frame.f_back and frame.f_code.co_filename.startswith(OWN):
        frame = frame.f_back
    if frame is None:
        return Site("?", 0, "?")
    return Site(frame.f_code.co_filename, frame.f_lineno, frame.f_code.co_name)


def names(node: Any) -> list[str]:
    """What the operands are called: by their names, else by the operation's own letters."""
    operation, count = node.operation, len(node.operands)
    letters: Sequence[str] = getattr(operation, "inputs", ())
    if isinstance(operation, Reduction) or len(letters) != count:
        letters = [f"x{k + 1}" for k in range(count)]
    return [
        (not isinstance(x, float) and x.name) or letter
        for x, letter in zip(node.operands, letters, strict=True)
    ]


def spelled(node: Any) -> str:
    """The operation with its operands' names; constants as numbers."""
    if node.operation is None:
        return node.name or "a node made by hand"
    texts = [
        x if isinstance(x, float) else Text(name)
        for x, name in zip(node.operands, names(node), strict=True)
    ]
    return str(write(node.operation, texts, Text)) if texts else node.op


def called(parent: Any, node: Any) -> str:
    """What a parent is called among the operands."""
    return names(node)[[x is parent for x in node.operands].index(True)]


def operands(node: Any) -> list[str]:
    """Each Value among the operands with its number."""
    known = {
        name: f"{name} = {number(x.data)}"
        for x, name in zip(node.operands, names(node), strict=True)
        if not isinstance(x, float)
    }
    return elided(list(known.values()), 8)


def number(x: float) -> str:
    return Text.number(x)


def elided(items: list[str], most: int = 8) -> list[str]:
    """The items, or the first of them, … and the last."""
    return items if len(items) <= most else [*items[: most - 2], "…", items[-1]]


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def shortest(node: Any, nodes: Sequence[Any]) -> list[Any]:
    """The shortest chain of nodes from one to the last of a history."""
    frontier, child = [nodes[-1]], {nodes[-1]: nodes[-1]}
    while frontier and node not in child:
        nearest = []
        for v in frontier:
            for parent in v.parents:
                if parent not in child:
                    child[parent] = v
                    nearest.append(parent)
        frontier = nearest
    chain = [node]
    while chain[-1] is not nodes[-1]:
        chain.append(child[chain[-1]])
    return chain

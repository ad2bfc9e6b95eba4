"""The groups of a scene in the making: their keys, and what their nodes have in common."""

from __future__ import annotations

import math
from dataclasses import dataclass

from autograd.drawing.grouping import beginnings
from autograd.drawing.scene import LEFT_OUT, Group


@dataclass(frozen=True, eq=False)
class Bundle:
    """Nodes that are folded into one card; two of them stay apart, also where they look alike."""

    title: str
    path: str = ""  # of a scope that is folded as a whole
    around: str = ""  # the path of the scope it lies in
    symbol: str = ""  # of the operation that all of them are
    times: int = 1


EARLIER = Bundle(LEFT_OUT)  # all that was left out, for want of room


class Contents:
    """Counts and spans of the nodes in a group."""

    def __init__(self) -> None:
        self.count = self.parameters = 0
        self.data, self.grad = (math.inf, -math.inf), (math.inf, -math.inf)
        self.broken = False

    def add(self, data: float, grad: float | None, leaf: bool) -> None:
        """Count one more node."""
        self.count += 1
        self.parameters += leaf
        low, high = self.data
        if data < low or data > high:
            self.data = min(low, data), max(high, data)
        if grad is not None:
            low, high = self.grad
            if grad < low or grad > high:
                self.grad = min(low, grad), max(high, grad)
        if data - data != 0 or (grad is not None and grad - grad != 0):  # nan or infinite
            self.broken = True

    def merge(self, other: Contents) -> None:
        """Count the nodes of a group inside."""
        self.count += other.count
        self.parameters += other.parameters
        self.data = min(self.data[0], other.data[0]), max(self.data[1], other.data[1])
        self.grad = min(self.grad[0], other.grad[0]), max(self.grad[1], other.grad[1])
        self.broken = self.broken or other.broken


class Groups:
    """The groups, by their keys; outer ones come before inner ones."""

    def __init__(self, times: dict[str, int]) -> None:
        self.times = times
        self.contents: dict[str, Contents] = {}
        self.looks: dict[str, tuple[Bundle, str, bool]] = {}  # what it is, key around it, folded?
        self.keys: dict[Bundle | str, str] = {}  # of what is folded, and of open scopes by path

    def folded(self, bundle: Bundle) -> str:
        """The key of a folded group."""
        key = self.keys.get(bundle)
        if key is None:
            outer = self.open(bundle.around)
            key = self.keys[bundle] = LEFT_OUT if bundle is EARLIER else self.new()
            self.look(key, bundle, outer, True)
        return key

    def open(self, path: str) -> str:
        """The key of the box of a scope; "" for no scope."""
        outer = ""
        for part in beginnings(path):
            key = self.keys.get(part)
            if key is None:
                key = self.keys[part] = self.new()
                title = part.rpartition("/")[2]
                self.look(key, Bundle(title, part, times=self.times.get(part, 1)), outer, False)
            outer = key
        return outer

    def look(self, key: str, bundle: Bundle, outer: str, folded: bool) -> None:
        """Begin a group."""
        self.looks[key] = (bundle, outer, folded)
        self.contents[key] = Contents()

    def new(self) -> str:
        return f"g{len(self.looks)}"

    def finished(self) -> tuple[Group, ...]:
        """All groups, with the nodes of inner groups counted in outer ones, too."""
        for key in reversed(self.looks):
            outer = self.looks[key][1]
            if outer and key[0] != "u":  # steps of a node are no nodes of the graph
                self.contents[outer].merge(self.contents[key])
        return tuple(self.group(key) for key in self.looks)

    def group(self, key: str) -> Group:
        bundle, outer, folded = self.looks[key]
        inside = self.contents[key]
        spans = (span if span[0] <= span[1] else None for span in (inside.data, inside.grad))
        return Group(
            key=key,
            path=bundle.path,
            title=bundle.title,
            symbol=bundle.symbol,
            group=outer,
            folded=folded,
            count=inside.count,
            parameters=inside.parameters,
            times=bundle.times,
            data=next(spans),
            grad=next(spans),
            broken=inside.broken,
        )

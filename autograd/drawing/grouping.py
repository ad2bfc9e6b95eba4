"""Which nodes of a graph belong together: the scope of each, and how often each was called."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from autograd.naming import labels
from autograd.scope import Call, path_of

if TYPE_CHECKING:
    from autograd.value import Value


@dataclass(frozen=True)
class Graph:
    """A graph with the words for its nodes: one of each for every value of the history."""

    values: Sequence[Value]  # the history: the result is the last
    place: dict[Value, int]  # where in the history
    labels: Sequence[str]
    paths: Sequence[str]  # the scope each belongs to; "" for none
    times: dict[str, int]  # how often each scope was called, of those around them, too

    @property
    def root(self) -> Value:
        """The result."""
        return self.values[-1]

    @cached_property
    def scopes(self) -> list[str]:
        """Every scope that has a node, and those around it, outer ones first."""
        return sorted({part for path in set(self.paths) for part in beginnings(path)})


def graph_of(root: Value) -> Graph:
    """The graph of a value."""
    values = root.history()
    place = {value: i for i, value in enumerate(values)}
    paths, times = scopes(values, place)
    return Graph(values, place, labels(values), paths, times)


def scopes(values: Sequence[Value], place: dict[Value, int]) -> tuple[list[str], dict[str, int]]:
    """The scope of every value, and how often each was called.

    It is the one a value was made in, but for the neurons of a layer, which are computed side by
    side: what is computed from the parameters of a part belongs to that part, and so does what is
    computed in the same call from nothing but that.
    """
    known: dict[int, str] = {}  # by the identity of a call, which its nodes keep alive
    paths, called = list[str](), defaultdict[str, set[int]](set)
    counted = set[int]()
    for value in values:
        call = value._call
        path = known.get(id(call))
        if path is None:
            path = known[id(call)] = path_of(call)
        if path and (parents := value.parents):
            around = call
            while around is not None and id(around) not in counted:
                counted.add(id(around))
                called[path_of(around)].add(id(around))
                around = around[0]
            inside = f"{path}/"
            for p in parents:
                if (part := paths[place[p]]).startswith(inside) and belongs(p, parents, call):
                    path = part
                    called[part].add(id(call))
                    break
        paths.append(path)
    return paths, {path: len(calls) for path, calls in called.items()}


def belongs(parent: Value, parents: Sequence[Value], call: Call | None) -> bool:
    """Whether what is computed from a node of a part belongs to that part itself."""
    return not parent.parents or (len(parents) == 1 and parent._call is call)


def beginnings(path: str) -> list[str]:
    """A path and those around it, outer ones first.

    >>> beginnings("MLP/layers.0/neurons.1")
    ['MLP', 'MLP/layers.0', 'MLP/layers.0/neurons.1']
    >>> beginnings("")
    []
    """
    names = path.split("/") if path else []
    return ["/".join(names[: i + 1]) for i in range(len(names))]

"""Sweeps over a recorded graph: backward and forward, with numbers or with Values.

Both go through the nodes that lie between some variables and some roots, and apply the chain rule
to each. With the local derivatives as they were recorded they compute floats. With those that the
table's rules give for Values they record what they compute: it can be differentiated again.

A node that was made before the oldest variable cannot depend on any: no sweep goes there, so a
derivative leaves every older graph, and every gradient in it, as it was.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Sequence
from math import nan
from typing import Any

from autograd import hooks, modes
from autograd.chosen import Value
from autograd.engine import native
from autograd.real import as_float

running: list[tuple[int, Any]] = []  # the runs of functions to differentiate, and by which thread
kept_grads: list[bool] = []  # empty until the first backward(create_graph=True)
Edges = Iterable[tuple[Value, Any]]  # parents, each with the local derivative


def reach(roots: list[Value], oldest: Value) -> tuple[list[Value], list[Value]]:
    """The history of the roots as far back as `oldest`, in order; and the older nodes it meets."""
    by_birth = operator.attrgetter("_birth")
    if native:
        nodes, met = native.reach(roots, oldest)
        return nodes, sorted(met, key=by_birth)
    first = oldest._birth
    seen = {root for root in roots if root._birth >= first}
    older: dict[Value, None] = {}
    frontier = list(seen)
    while frontier:
        node = frontier.pop()
        for parent in node._parents or (node._x, node._y):
            if parent is None or parent in seen:
                continue
            if parent._birth < first:
                older[parent] = None
            else:
                seen.add(parent)
                frontier.append(parent)
    return sorted(seen, key=by_birth), sorted(older, key=by_birth)


def edits() -> float:
    """How often the data of any Value was set; where nobody counts, never the same twice."""
    return native.edits() if native else nan


def recorded(node: Value) -> Edges:
    """The local derivatives of a node as they are: floats."""
    if native or node._local_grads is not None:
        return zip(node.parents, node.local_grads, strict=True)
    x, y = node._x, node._y
    if x is None or y is None:  # a constant
        return ((x, node._by_x),) if x is not None else ((y, node._by_y),)  # type: ignore[return-value]
    return ((x, node._by_x), (y, node._by_y))


def differentiable(node: Value) -> Edges:
    """The local derivatives of a node, computed once more by its operation's rules: Values."""
    operation, operands = node.operation, list(node.operands)
    if operation is None:
        if operands:
            raise RuntimeError(
                "a node made by hand, Value(data, parents, local_grads), has numbers for local "
                "derivatives, which cannot be differentiated again; make the operation with "
                "autograd.custom(value, *derivatives) instead"
            )
        return ()
    wanted = [isinstance(x, Value) for x in operands]
    partials = operation.partials(operands, node, wanted)
    return zip(node.parents, map(chosen, partials), strict=True)


def chosen(local: Any) -> Any:
    """A local derivative without the choices a rule made on the way: they have been made."""
    while isinstance(local, Value) and local.operation and local.operation.selects:
        (local,) = local.parents or (local._data,)
    return local


def times(local: Any, g: Any) -> Any:
    """local · g, without recording a factor of 1; a gradient of 0 has nothing to pass on."""
    if type(g) is float and type(local) is float:
        return local * g
    if type(g) is float and g == 1.0:
        return local
    if type(local) is float and local == 1.0:
        return g
    if type(local) is float and local == 0.0 and g._data - g._data == 0:
        return 0.0
    if type(local) is not float and getattr(g, "_data", g) == 0 and local._data - local._data != 0:
        return 0.0
    return local * g


def spread_back(
    nodes: Sequence[Value],
    totals: dict[Value, Any],
    edges: Callable[[Value], Edges],
    stop: Sequence[Value] = (),
) -> None:
    """The chain rule, from the youngest node to the oldest: complete `totals`, ∂roots/∂node.

    Nodes that are neither in `nodes` nor in `stop` get nothing.
    """
    room = {*nodes, *stop}
    watch = modes.watch() if modes.modes else None
    for node in reversed(nodes):
        g = totals.get(node)
        if g is None:
            continue
        if hooks.used:
            g = totals[node] = hooks.run(node, g)
        if type(g) is float and g == 0:
            continue
        for parent, local in edges(node):
            if parent in room:
                part = times(local, g)
                if watch:
                    watch.backward(node, parent, local, g, part, nodes)
                totals[parent] = totals.get(parent, 0.0) + part


def spread_forward(
    nodes: Sequence[Value], totals: dict[Value, Any], edges: Callable[[Value], Edges]
) -> None:
    """The chain rule, from the oldest node to the youngest: complete `totals`, the tangents."""
    for node in nodes:
        if node in totals:
            continue
        total: Any = 0.0
        for parent, local in edges(node):
            t = totals.get(parent, 0.0)
            if type(t) is not float or t != 0:
                total = total + times(local, t)
        totals[node] = total


def pull(
    roots: list[Value],
    seeds: list[Any],
    variables: list[Value],
    edges: Callable[[Value], Edges] = recorded,
) -> list[Any]:
    """Backward: Σ seed · ∂root/∂variable over the roots, for each of the variables.

    The variables are given in the order they were made.
    """
    if native and edges is recorded and not modes.modes:
        found: list[float] | None = native.pull(roots, seeds, variables)
        if found is not None:
            return found
    nodes, _ = reach(roots, variables[0])
    totals: dict[Value, Any] = {}
    for root, seed in zip(roots, seeds, strict=True):
        totals[root] = totals.get(root, 0.0) + seed
    spread_back(nodes, totals, edges)
    return [totals.get(v, 0.0) for v in variables]


def push(
    roots: list[Value],
    variables: list[Value],
    tangents: list[Any],
    edges: Callable[[Value], Edges] = recorded,
) -> list[Any]:
    """Forward: Σ ∂root/∂variable · tangent over the variables, for each of the roots."""
    if native and edges is recorded:
        found: list[float] = native.push(roots, tangents, variables)
        return found
    nodes, _ = reach(roots, variables[0])
    totals = dict(zip(variables, tangents, strict=True))
    spread_forward(nodes, totals, edges)
    return [totals.get(root, 0.0) for root in roots]


def backward(root: Value, seed: float, create_graph: bool) -> None:
    """What `root.backward()` does where more is asked of it than numbers."""
    seed = as_float(seed)
    if root.operation and not root.operands:
        root._nothing_to_differentiate()
    if modes.recorders:
        modes.touched(root, "backward")
    if create_graph and not kept_grads:
        kept_grads.append(True)
    nodes = root.history()
    variables = {v for _, run in running for v in run.variables} if create_graph else ()
    totals: dict[Value, Any] = {root: seed}
    with modes.recording_again():
        spread_back(nodes, totals, differentiable if create_graph else recorded)
        for node in nodes:
            g = totals.get(node, 0.0)
            if (node.operation or node.operands) and node not in variables:
                node.grad = getattr(g, "data", g)
            elif create_graph or isinstance(node.grad, Value):
                g = Value(g) if create_graph and not isinstance(g, Value) else g
                before = node.grad
                node._keep_grad(g if type(before) is float and before == 0 else g + before)
            else:
                node.grad += g

"""The derivatives of a function by the rules, beside those that its values show."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from autograd import sweeps
from autograd.check.complex_step import complex_step
from autograd.check.differences import EPS, slopes
from autograd.check.mismatch import Disagreement
from autograd.check.numeric import Numeric
from autograd.check.slope import Slope
from autograd.chosen import Value
from autograd.transforms.gradient import jvp, vjp
from autograd.transforms.recorded import Recorded

Matrix = list[list[float]]  # for each input, the derivatives of all results


def by_values(f: Numeric, xs: Sequence[float]) -> list[list[Slope]]:
    """For each input the slopes of all results: by a complex step, or else by differences."""
    values, found = f.evaluate(xs), []
    for i, x in enumerate(xs):
        step = complex_step(f.call, xs, i, values)
        if step:
            found.append([Slope(d, d, least, "by a complex step") for d, least in step])
        else:
            found.append(slopes(along(f, xs, i), x, values, f.rounding))
    return found


def along(f: Numeric, xs: Sequence[float], place: int) -> Callable[[float], list[float]]:
    """The function of one of its inputs; nan beside an index, where there is nothing."""

    def moved(x: float) -> list[float]:
        try:
            return f.evaluate([*xs[:place], x, *xs[place + 1 :]])
        except IndexError:
            return [math.nan] * len(f.results)

    return moved


def by_rules(f: Numeric, xs: Sequence[float], mode: str) -> Matrix:
    """For each input the derivatives of all results, by sweeps forward or backward."""
    if mode == "fwd":
        return [list(jvp(f.call, xs, unit)[1]) for unit in units(len(xs))]
    _, pullback = vjp(f.call, *xs)
    rows = [pullback(unit) for unit in units(len(f.results))]
    return [list(column) for column in zip(*rows)] or [[] for _ in xs]


def units(n: int) -> Iterator[list[float]]:
    """The directions in which one number changes."""
    return ([float(i == k) for i in range(n)] for k in range(n))


def disagreements(
    f: Numeric, xs: Sequence[float], found: Matrix, truth: Sequence[Sequence[Slope]], rtol: float
) -> list[Disagreement]:
    """Every derivative that is not what the values say."""
    suspicious = [
        (i, k)
        for i, row in enumerate(found)
        for k, derivative in enumerate(row)
        if not agrees(derivative, truth[i][k], rtol)
    ]
    if not suspicious:
        return []
    rounding = {k: rounding_errors(f, xs, k) for k in {k for _, k in suspicious}}
    return [
        Disagreement(f.results[k], f.inputs[i], xs[i], found[i][k], truth[i][k])
        for i, k in suspicious
        if not agrees(found[i][k], truth[i][k], rtol, rounding[k][i])
    ]


def agrees(derivative: float, slope: Slope, rtol: float, rounding: float = 0.0) -> bool:
    """Whether a derivative is a slope, relative to its size: a derivative of 1e-87 is not 0."""
    if not slope.known:
        return True
    if math.isnan(derivative):
        return False
    if math.isinf(derivative):
        return slope.sided
    nearest = slope.nearest(derivative)
    allowed = rtol * max(abs(derivative), abs(nearest)) + 4 * slope.error + rounding
    return abs(derivative - nearest) <= allowed


def rounding_errors(f: Numeric, xs: Sequence[float], result: int) -> list[float]:
    """What rounding may do to the derivatives of one result by each input."""
    unit = [float(k == result) for k in range(len(f.results))]
    run = Recorded(f.call, xs, range(len(xs)), call="check_grads")
    totals = sizes(run, run.result[result])
    added = [64 * EPS * totals.get(x, 0.0) for x in run.variables]
    try:
        computed = value_errors(lambda *xs: list(vjp(f.call, *xs)[1](unit)), xs)
    except RuntimeError:  # a node made by hand: its local derivatives are given, not computed
        computed = [0.0] * len(xs)
    return [finite(x) + 16 * y for x, y in zip(added, computed, strict=True)]


def value_errors(call: Callable[..., list[Any]], xs: Sequence[float]) -> list[float]:
    """How exact each result is: every number on the way is rounded, and passes that on."""
    run, errors = Recorded(call, xs, range(len(xs)), call="check_grads"), []
    for root in run.result:
        totals = sizes(run, root)
        passed_on = [size * abs(node.data) for node, size in totals.items() if node.operands]
        errors.append(finite(EPS * sum(passed_on)))
    return errors


def sizes(run: Recorded, root: Any) -> dict[Value, float]:
    """∂root/∂node for every node, if the contributions of all paths had the same sign."""
    if not isinstance(root, Value):
        return {}
    totals: dict[Value, Any] = {root: 1.0}
    nodes, _ = sweeps.reach([root], run.variables[0])
    sweeps.spread_back(nodes, totals, magnitudes)
    return totals


def magnitudes(node: Value) -> Iterable[tuple[Value, float]]:
    """The local derivatives without their signs."""
    return zip(node.parents, map(abs, node.local_grads), strict=True)


def finite(x: float) -> float:
    """An error that means anything, or none."""
    return x if x < math.inf else 0.0

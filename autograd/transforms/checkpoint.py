"""checkpoint: a function that leaves one node behind in place of all that it computes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial, wraps
from itertools import compress
from typing import Any

from autograd import modes, sweeps
from autograd.chosen import Value
from autograd.operation import Operation
from autograd.transforms.misuse import checked_function, name_of
from autograd.transforms.recorded import fresh, roots_among
from autograd.transforms.structure import take_apart


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """The same function, for less memory: what it computes on the way is not kept.

    A call of it differentiates `f` at once, in one sweep for each result, and keeps of every result
    one node: its parents are the Values that went in, those that `f` closes over among them, and
    its local derivatives are those of the whole of `f`. So a chain of many steps takes as much
    memory as it has steps, however much each of them computes. Derivatives of higher order run `f`
    again.

    >>> from autograd import Value
    >>> def many(x):
    ...     for _ in range(1000):
    ...         x = x + 0.001 * x
    ...     return x
    >>> x = Value(1.0)
    >>> y = checkpoint(many)(x)
    >>> y.backward()
    >>> y.op, round(x.grad, 6), len(y.history())
    ('checkpoint', 2.716924, 2)

    Arguments and results may be any structures of numbers, as for `vjp`; other arguments by name.

    Raises TypeError for arguments that are no numbers.
    """
    checked_function(f, "checkpoint")

    @wraps(f)
    def kept(*args: Any, **named: Any) -> Any:
        numbers, form = take_apart(args, f"the arguments of {name_of(f)}")
        if not modes.recording() or modes.recorder():
            return f(*args, **named)
        oldest = Value(0.0)
        variables = [Value(getattr(x, "_data", x)) for x in numbers]
        result = f(*form.arguments(variables), **named)
        outs, result_form = take_apart(result, f"the result of {name_of(f)}")
        roots, which = roots_among(outs)
        for place, root in zip(which, roots, strict=True):
            again = Again("checkpoint", partial(number, f, form, place, named), len(numbers))
            if root._birth > oldest._birth:
                outs[place] = one_node(again, root, oldest, variables, numbers)
        return result_form.build(outs)

    return kept


def number(
    f: Callable[..., Any], form: Any, place: int, named: dict[str, Any], variables: Sequence[Any]
) -> Any:
    """The result at a place, that the function computes from its own arguments."""
    return take_apart(f(*form.arguments(variables), **named), "the result")[0][place]


def one_node(
    again: Operation, root: Value, oldest: Value, variables: list[Value], numbers: list[Any]
) -> Value:
    """The node of one result."""
    nodes, older = sweeps.reach([root], oldest)
    totals: dict[Value, Any] = {root: 1.0}
    sweeps.spread_back(nodes, totals, sweeps.recorded, older)
    operands = (*numbers, *older)
    local_grads = [totals.get(v, 0.0) for v in (*variables, *older)]
    wanted = [isinstance(x, Value) for x in operands]
    return Value._node(
        again,
        root._data,
        operands,
        tuple(compress(operands, wanted)),
        tuple(compress(local_grads, wanted)),
    )


class Again(Operation):
    """What the node of a whole function did. Asked for derivatives as Values it runs it again.

    `run` computes the one number from the function's `own` arguments; the operands after those are
    Values that it closes over.
    """

    def __init__(self, name: str, run: Callable[[Sequence[Any]], Any], own: int) -> None:
        super().__init__(name, lambda *xs: run(xs[:own]))
        self.run, self.own = run, own

    @staticmethod
    def _input_names(value: Any, derivatives: Sequence[Any]) -> tuple[str, ...]:
        return ("xs",)

    def partials(
        self, numbers: Sequence[Any], out: Any, wanted: Sequence[bool] | None = None
    ) -> list[Any]:
        oldest = Value(0.0)
        variables, older = [*map(fresh, numbers[: self.own])], list(numbers[self.own :])
        root = self.run(variables)
        roots = [root] if isinstance(root, Value) else []  # it may decide otherwise than before
        nodes, _ = sweeps.reach(roots, oldest)
        totals: dict[Value, Any] = dict.fromkeys(roots, 1.0)
        sweeps.spread_back(nodes, totals, sweeps.differentiable, older)
        every = [totals.get(v, 0.0) for v in (*variables, *older)]
        return list(compress(every, wanted)) if wanted else every


def stop_gradient(x: Any) -> Any:
    """The same numbers, as constants: no gradient passes.

    Every Value in `x` (a number, array, or list, tuple or dict of them) becomes a new leaf.

    >>> from autograd import grad
    >>> grad(lambda x: x * stop_gradient(x))(3.0)
    3.0
    """
    numbers, form = take_apart(x, "the argument of stop_gradient")
    return form.build([x.detach() if isinstance(x, Value) else x for x in numbers])

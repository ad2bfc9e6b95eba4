"""Numeric: a function as one of numbers only, whatever structures it takes and returns."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from autograd.chosen import Value
from autograd.no_grad import no_grad
from autograd.real import as_float
from autograd.transforms.misuse import name_of
from autograd.transforms.structure import take_apart


@dataclass(frozen=True)
class Numeric:
    """A function of numbers, with a list of numbers as its result.

    call      on numbers of any kind
    evaluate  on floats, without a derivative: what is taken for the truth
    inputs    what they are called
    results   what they are called
    rounding  how exact the floats are, if not to the last digit
    """

    call: Callable[..., list[Any]]
    evaluate: Callable[[Sequence[float]], list[float]]
    inputs: Sequence[str]
    results: Sequence[str]
    rounding: Sequence[float] = ()


def values_only(call: Callable[..., list[Any]]) -> Callable[[Sequence[float]], list[float]]:
    """The function on floats: it is given Values, whose methods it may use, and nothing records."""

    def evaluate(xs: Sequence[float]) -> list[float]:
        with no_grad():
            found = call(*map(Value, xs))
        return [x.data if isinstance(x, Value) else as_float(x) for x in found]

    return evaluate


def some_results(f: Numeric, which: Sequence[int]) -> Numeric:
    """The function with some of its results."""

    def chosen(results: Sequence[Any]) -> list[Any]:
        return [results[k] for k in which]

    return Numeric(
        lambda *xs: chosen(f.call(*xs)),
        lambda xs: chosen(f.evaluate(xs)),
        f.inputs,
        chosen(f.results),
    )


def flat(f: Callable[..., Any], args: Any) -> tuple[Numeric, list[float]]:
    """A function of structures as one of numbers, and the numbers in its arguments."""
    if not isinstance(args, tuple):
        raise TypeError(
            f"args of check_grads must be the tuple of arguments of {name_of(f)}, got {args!r}: "
            "write (x,) for one argument"
        )
    given, forms = [], []
    for i, arg in enumerate(args):
        numbers, own = take_apart(arg, f"argument {i} of {name_of(f)}", argument=True)
        given += [x.data if isinstance(x, Value) else x for x in numbers]
        forms.append((own, len(given) - len(numbers)))

    def apply(*numbers: Any) -> Any:
        return f(*[form.arguments(numbers, at) for form, at in forms])

    def call(*numbers: Any) -> list[Any]:
        return [x for _, x in places(apply(*numbers), "")]

    evaluate = values_only(call)
    result = apply(*map(Value, given))
    numbers, _ = take_apart(result, f"the result of {name_of(f)}")
    if not given or not numbers:
        nothing = (
            "takes no numbers" if not given else f"returned {result!r}: is its return missing?"
        )
        raise ValueError(f"check_grads has nothing to check: {name_of(f)} {nothing}")
    first, second = evaluate(given), evaluate(given)
    if [x for x in first if x == x] != [x for x in second if x == x]:
        raise ValueError(
            f"{name_of(f)} gives {first} and then {second} for the same arguments: it must not "
            "depend on chance or on earlier calls; fix its seed inside"
        )
    inputs = [place for i, arg in enumerate(args) for place, _ in places(arg, f"argument {i}")]
    return Numeric(call, evaluate, inputs, [place for place, _ in places(result, "result")]), given


def places(thing: Any, name: str) -> Iterator[tuple[str, Any]]:
    """The numbers in a structure, each with where it stands: `argument 0['w'][3]`."""
    if isinstance(thing, dict):
        for key, x in thing.items():
            yield from places(x, f"{name}[{key!r}]")
    elif isinstance(thing, (list, tuple)):
        for i, x in enumerate(thing):
            yield from places(x, f"{name}[{i}]")
    elif getattr(thing, "ndim", 0) and hasattr(thing, "tolist"):
        for i, x in enumerate(thing.ravel().tolist()):
            yield f"{name}.flat[{i}]" if thing.ndim > 1 else f"{name}[{i}]", x
    elif thing is not None:
        yield name, thing

"""grad, value_and_grad, vjp and jvp: derivatives of ordinary Python functions, as functions.

A function runs once, on fresh Values in place of the arguments it is differentiated by, and what it
recorded is swept backward or forward. The names and their meaning are JAX's:
https://docs.jax.dev/en/latest/jax.html
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from autograd import modes, sweeps
from autograd.chosen import Value
from autograd.transforms.misuse import (
    checked_argnums,
    checked_function,
    name_of,
    one,
    places,
    scalar,
    with_aux,
)
from autograd.transforms.recorded import Recorded, roots_among
from autograd.transforms.structure import same_structure, take_apart

Function = Callable[..., Any]


def value_and_grad(
    f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False
) -> Function:
    """A function that returns the value of `f` and its gradient.

    Both come from one run of `f`, which may use any Python: `if`, `while`, recursion.

    Args:
        f: returns one number, of arguments that are floats, Values, NumPy arrays of floats, or
            lists, tuples and dicts of these.
        argnums: by which positional argument to differentiate, or by which ones.
        has_aux: `f` returns a pair: the number, and anything else, which is passed on.

    The function returned takes the arguments of `f` and gives (value, gradient), or with `has_aux`
    ((value, aux), gradient). A gradient has the structure of its argument; for several argnums it
    is a tuple of them. For a float it is a float, for an array an array of the same shape; for a
    Value it is a Value, which can be differentiated further. What `f` does not depend on has
    gradient 0.

    >>> value_and_grad(lambda x, y: x * y ** 2, argnums=(0, 1))(3.0, 2.0)
    (12.0, (4.0, 12.0))

    Raises TypeError for an argument that is an integer or no number, and for a result that is not
    one number; ValueError for an argnum that is not there, and if `f` changes the data of a Value
    it was given.
    """
    return _value_and_grad(f, argnums, has_aux, "value_and_grad")


def _value_and_grad(f: Function, argnums: Any, has_aux: bool, call: str) -> Function:
    checked_function(f, call)
    chosen = checked_argnums(argnums, call)
    replayed = None if has_aux else getattr(f, "value_and_gradient", None)  # of a jitted function

    @wraps(f)
    def differentiated(*args: Any, **named: Any) -> Any:
        where = places(chosen, args, f, call)
        if replayed and not (sweeps.running or modes.modes):
            found = replayed(args, named, where)
            if found:
                return found[0], found[1] if not one(argnums) else found[1][0]
        run = Recorded(f, args, where, named, call)
        result, aux = with_aux(run.result, f, has_aux, call)
        out = scalar(result, f, call)
        roots = [out] if isinstance(out, Value) else []
        is_open = run.is_open(roots)
        gradient = run.arranged(run.pull(roots, [1.0] * len(roots), is_open))
        if not is_open:
            out, aux = getattr(out, "data", out), run.closed(aux)
        return (out, aux) if has_aux else out, gradient if not one(argnums) else gradient[0]

    return differentiated


def grad(f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False) -> Function:
    """A function that returns the gradient of `f`: of a function of one number, its derivative.

    Arguments, structures and errors are those of `value_and_grad`; with `has_aux` the function
    returned gives (gradient, aux).

    >>> grad(lambda x: x ** 3)(2.0)
    12.0
    >>> grad(grad(lambda x: x ** 3))(2.0)
    12.0
    >>> grad(lambda p: p["w"] * 5.0 + p["b"])({"w": 2.0, "b": 1.0})
    {'w': 5.0, 'b': 1.0}
    """
    both = _value_and_grad(f, argnums, has_aux, "grad")

    @wraps(f)
    def gradient(*args: Any, **named: Any) -> Any:
        value, derivative = both(*args, **named)
        return (derivative, value[1]) if has_aux else derivative

    return gradient


def vjp(f: Function, *primals: Any, has_aux: bool = False) -> tuple[Any, ...]:
    """The value of `f`, and a function that pulls a cotangent back: reverse mode.

    The result of `f` may be a number, an array, or a list, tuple or dict of such. The function
    takes a cotangent of that structure, and returns Σ cotangent · ∂result/∂primal: a tuple of one
    structure for each primal. It may be called any number of times. With `has_aux` aux is third.

    >>> value, pullback = vjp(lambda x, y: [x * y, x + y], 3.0, 2.0)
    >>> value, pullback([1.0, 0.0]), pullback([0.0, 1.0])
    ([6.0, 5.0], (2.0, 3.0), (1.0, 1.0))

    Raises TypeError for arguments as `grad` does, ValueError for a cotangent of another structure.
    """
    checked_function(f, "vjp")
    run = Recorded(f, primals, range(len(primals)), call="vjp")
    result, aux = with_aux(run.result, f, has_aux, "vjp")
    numbers, form = take_apart(result, f"the result of {name_of(f)}")
    roots, which = roots_among(numbers)
    is_open = run.is_open(roots)

    def pullback(cotangent: Any) -> tuple[Any, ...]:
        seeds, _ = same_structure(cotangent, form, f"the cotangent of {name_of(f)}", "its result")
        own = [seeds[i] for i in which]
        return run.arranged(run.pull(roots, own, is_open or run.is_open(roots, own)))

    value = result if is_open else run.closed(form.build(numbers))
    return (value, pullback, aux if is_open else run.closed(aux)) if has_aux else (value, pullback)


def jvp(
    f: Function, primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False
) -> tuple[Any, ...]:
    """The value of `f` and its derivative in one direction: forward mode.

    Args:
        f: a function of len(primals) arguments.
        primals: the arguments, a tuple or list of structures as for `grad`.
        tangents: how fast each of them changes, of the same structures.

    Returns (value, Σ ∂value/∂primal · tangent), both of the structure that `f` returns; with
    `has_aux`, aux comes third.

    >>> jvp(lambda x, y: x * y, (3.0, 2.0), (1.0, 0.5))
    (6.0, 3.5)

    Raises TypeError for arguments as `grad` does, ValueError for tangents of another structure.
    """
    checked_function(f, "jvp")
    for name, given in (("primals", primals), ("tangents", tangents)):
        if not isinstance(given, (tuple, list)):
            raise TypeError(
                f"{name} of jvp must be a tuple of arguments, got {given!r}: write (x,)"
            )
    if len(primals) != len(tangents):
        raise ValueError(
            f"jvp takes one tangent per primal, got {len(primals)} primals and {len(tangents)} "
            "tangents"
        )
    run = Recorded(f, primals, range(len(primals)), call="jvp")
    speeds = [
        number
        for i, (tangent, form) in enumerate(zip(tangents, run.forms, strict=True))
        for number in same_structure(tangent, form, f"tangent {i} of jvp", f"primal {i}")[0]
    ]
    result, aux = with_aux(run.result, f, has_aux, "jvp")
    numbers, form = take_apart(result, f"the result of {name_of(f)}")
    roots, which = roots_among(numbers)
    is_open = run.is_open(roots, speeds)
    moved = [0.0] * len(numbers)
    for i, tangent in zip(which, run.push(roots, speeds, is_open), strict=True):
        moved[i] = tangent
    value = result if is_open else run.closed(form.build(numbers))
    both = (value, form.build([x if is_open else run.closed(x) for x in moved]))
    return (*both, aux if is_open else run.closed(aux)) if has_aux else both

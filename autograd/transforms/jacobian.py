"""jacobian, hessian and hvp: all derivatives of several results, and second derivatives."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from typing import Any

from autograd.transforms.gradient import grad, jvp
from autograd.transforms.misuse import (
    checked_argnums,
    checked_function,
    name_of,
    one,
    places,
    with_aux,
)
from autograd.transforms.recorded import Recorded, roots_among
from autograd.transforms.sparse import refuse_open, scipy_sparse, sparse_hessian, sparse_jacobian
from autograd.transforms.structure import Array, Form, Number, array, assemble, leaves, take_apart

Function = Callable[..., Any]
MODES = (None, "fwd", "rev")


def jacobian(
    f: Function,
    argnums: int | Sequence[int] = 0,
    has_aux: bool = False,
    mode: str | None = None,
    sparse: bool = False,
) -> Function:
    """A function that returns the Jacobian of `f`: each result differentiated by each argument.

    Args:
        f: returns a number, an array, or a list, tuple or dict of such.
        argnums, has_aux: as for `grad`.
        mode: "rev" sweeps backward once per result, "fwd" forward once per argument; None takes
            whichever is fewer.
        sparse: the Jacobian is a `scipy.sparse.csr_matrix` of shape (results, arguments), both
            flattened, found in far fewer sweeps if most of it is 0; needs scipy. What it stores is
            the pattern (see `sparsity`), also where an entry is 0 at this point.

    The Jacobian has the structure of the result, with the structure of the argument in place of
    each number; an array of shape S by an array of shape T gives an array of shape S + T. For
    several argnums there is a tuple in place of each number.

    >>> jacobian(lambda x: [x[0] * x[1], x[0] ** 2])([3.0, 2.0])
    [[2.0, 3.0], [6.0, 0.0]]

    Raises what `grad` raises, save that any number of results is right; ValueError for a mode that
    is not one of these. With `sparse`, ImportError where scipy is missing, and TypeError where the
    derivative must itself be differentiable.
    """
    checked_function(f, "jacobian")
    if mode not in MODES:
        raise ValueError(f'mode of jacobian must be "fwd", "rev" or None, got {mode!r}')
    return _jacobian(f, argnums, has_aux, mode, sparse_jacobian if sparse else None)


def _jacobian(
    f: Function, argnums: Any, has_aux: bool, mode: str | None, compress: Function | None
) -> Function:
    chosen = checked_argnums(argnums, "jacobian")
    if compress:
        scipy_sparse()  # or an error, before the function runs

    @wraps(f)
    def differentiated(*args: Any, **named: Any) -> Any:
        run = Recorded(f, args, places(chosen, args, f, "jacobian"), named, "jacobian")
        result, aux = with_aux(run.result, f, has_aux, "jacobian")
        numbers, form = take_apart(result, f"the result of {name_of(f)}")
        roots, which = roots_among(numbers)
        is_open = run.is_open(roots)
        if compress:
            refuse_open(is_open, name_of(f))
            derivative = compress(run, numbers, mode)
        else:
            rows = [[0.0] * len(run.variables) for _ in numbers]
            for i, row in zip(which, matrix(run, roots, is_open, mode), strict=True):
                rows[i] = row
            derivative = arranged(rows, form, run.forms, one(argnums))
        if has_aux:
            return derivative, aux if is_open else run.closed(aux)
        return derivative

    return differentiated


def matrix(run: Recorded, roots: list[Any], is_open: bool, mode: str | None) -> list[list[Any]]:
    """A row for each root, with its derivative by each variable."""
    variables = len(run.variables)
    if mode == "rev" or (mode is None and len(roots) <= variables):
        return [run.pull([root], [1.0], is_open) for root in roots]
    columns = []
    for k in range(variables):
        direction = [0.0] * variables
        direction[k] = 1.0
        columns.append(run.push(roots, direction, is_open))
    return [list(row) for row in zip(*columns, strict=True)]


def arranged(rows: list[list[Any]], result: Form, arguments: Sequence[Form], single: bool) -> Any:
    """The matrix as a structure of structures."""
    first = 0
    blocks = []
    for leaf in leaves(result):
        band = rows[first : first + leaf.size]
        first += leaf.size
        column, parts = 0, list[Any]()
        for form in arguments:
            if isinstance(leaf, Number):
                parts.append(form.build(band[0], column))
                column += form.size
                continue
            things = []
            for other in leaves(form):
                inner = other.shape if isinstance(other, Array) else ()
                entries = [x for row in band for x in row[column : column + other.size]]
                things.append(array(entries, leaf.shape + inner))
                column += other.size
            parts.append(assemble(form, iter(things)))
        blocks.append(parts[0] if single else tuple(parts))
    return assemble(result, iter(blocks))


def hessian(
    f: Function, argnums: int | Sequence[int] = 0, has_aux: bool = False, sparse: bool = False
) -> Function:
    """A function that returns the Hessian of `f`: its second derivatives.

    `f` returns one number; the other arguments, the structure and the errors are those of
    `jacobian`, of which it is one: of the gradient. With `sparse` it takes a handful of sweeps
    where each variable meets a few others, and where one or a few meet all the others.

    >>> hessian(lambda x: x[0] ** 2 * x[1])([3.0, 2.0])
    [[4.0, 6.0], [6.0, 0.0]]
    """
    checked_function(f, "hessian")
    gradient = grad(f, argnums, has_aux)
    return _jacobian(gradient, argnums, has_aux, None, sparse_hessian if sparse else None)


def hvp(f: Function, x: Any, v: Any) -> Any:
    """The Hessian of `f` at `x` times `v`, for the price of a few evaluations of `f`.

    `v` has the structure of `x`, and so has the result. It is the derivative of the gradient in the
    direction of `v`: B. A. Pearlmutter, Fast exact multiplication by the Hessian, Neural
    Computation 6 (1994), https://doi.org/10.1162/neco.1994.6.1.147

    >>> hvp(lambda x: x[0] ** 2 * x[1], [3.0, 2.0], [1.0, 0.0])
    [4.0, 6.0]
    """
    checked_function(f, "hvp")
    return jvp(grad(f), (x,), (v,))[1]

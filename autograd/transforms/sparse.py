"""Sparse derivatives: what depends on what, and Jacobians found in a handful of sweeps.

The recorded graph says which results depend on which variables: the pattern. Columns that share no
row, or rows that share no column, are then found together (see `colouring.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from importlib import import_module
from itertools import accumulate, chain
from typing import Any

from autograd.transforms.colouring import Lines, colours, how_many, star_colours
from autograd.transforms.dependence import pattern, transposed
from autograd.transforms.misuse import checked_function, name_of
from autograd.transforms.recorded import Recorded, roots_among
from autograd.transforms.structure import take_apart


def sparsity(f: Callable[..., Any], *primals: Any) -> Any:
    """Which results of `f` depend on which arguments: the pattern of its Jacobian.

    Args:
        f: returns a number, an array, or a list, tuple or dict of such.
        primals: its arguments, structures as for `grad`.

    Returns a `scipy.sparse.csr_matrix` of bools with a row for each number of the result and a
    column for each number of the arguments, both in order. The pattern of a Hessian is
    `sparsity(grad(f), x)`.

    It is what the recorded graph says: of the branches that `if` and `where` took at this point.
    All inputs of other operations belong to it, also where the derivative is 0 by its value:
    x of `x * y` where y is 0, both of `maximum(x, y)`, and x of `floor(x)`.

    >>> sparsity(lambda x: [x[0] * x[1], x[2], 5.0], [1.0, 2.0, 3.0]).toarray().astype(int)
    array([[1, 1, 0],
           [0, 0, 1],
           [0, 0, 0]])

    Raises ImportError where scipy is missing, and TypeError as `grad` does.
    """
    scipy_sparse()
    checked_function(f, "sparsity")
    run = Recorded(f, primals, range(len(primals)), call="sparsity")
    numbers, _ = take_apart(run.result, f"the result of {name_of(f)}")
    rows = pattern(run, numbers)
    return matrix(rows, [[True] * len(row) for row in rows], len(run.variables), bool)


def sparse_jacobian(run: Recorded, numbers: Sequence[Any], mode: str | None) -> Any:
    """The Jacobian of the numbers that a run returned, as a `scipy.sparse.csr_matrix` of floats."""
    rows = pattern(run, numbers)
    columns = transposed(rows, len(run.variables))
    by_row = colours(rows, len(columns)) if mode != "fwd" else []
    by_column = colours(columns, len(rows)) if mode != "rev" else []
    if mode == "rev" or (mode is None and how_many(by_row) <= how_many(by_column)):
        found = pulled(run, numbers, by_row)
        entries = [[found[c][j] for j in row] for c, row in zip(by_row, rows, strict=True)]
    else:
        found = pushed(run, numbers, by_column)
        entries = [[found[by_column[j]][i] for j in row] for i, row in enumerate(rows)]
    return matrix(rows, entries, len(columns), float)


def sparse_hessian(run: Recorded, numbers: Sequence[Any], mode: str | None) -> Any:
    """The Jacobian of a gradient, which is symmetric: of two equal entries, one is looked for."""
    rows = pattern(run, numbers)
    if rows != transposed(rows, len(run.variables)):  # derivatives of one's own need not agree
        return sparse_jacobian(run, numbers, mode)
    stars, apart = star_colours(rows), colours(rows, len(rows))
    colouring = min(apart, stars, key=how_many)
    found = pulled(run, numbers, colouring)
    seen = [Counter([colouring[i] for i in row]) for row in rows]  # in column j, by symmetry row j
    entries = [
        [found[c][j] if seen[j][c] == 1 else found[colouring[j]][i] for j in row]
        for i, (c, row) in enumerate(zip(colouring, rows, strict=True))
    ]
    return matrix(rows, entries, len(rows), float)


def refuse_open(is_open: bool, name: str) -> None:
    """Raise TypeError where derivatives must be Values."""
    if is_open:
        raise TypeError(
            f"the sparse derivative of {name} would have to be differentiable here, as {name} was "
            "given Values or is inside another derivative, but a SciPy matrix holds floats only: "
            "leave out sparse=True"
        )


def pulled(run: Recorded, numbers: Sequence[Any], colouring: Sequence[int]) -> list[list[float]]:
    """For each colour, the sum of the rows that have it: a backward sweep."""
    roots, which = roots_among(numbers)
    return [
        run.pull(roots, [float(colouring[i] == colour) for i in which], False)
        for colour in range(how_many(colouring))
    ]


def pushed(run: Recorded, numbers: Sequence[Any], colouring: Sequence[int]) -> list[list[float]]:
    """For each colour, the sum of the columns that have it: a forward sweep."""
    roots, which = roots_among(numbers)
    found = []
    for colour in range(how_many(colouring)):
        column = [0.0] * len(numbers)
        tangents = [float(own == colour) for own in colouring]
        for i, tangent in zip(which, run.push(roots, tangents, False), strict=True):
            column[i] = tangent
        found.append(column)
    return found


def matrix(rows: Lines, entries: Sequence[Sequence[Any]], columns: int, kind: type) -> Any:
    """A `csr_matrix` with these entries in these columns of each row."""
    numpy = import_module("numpy")
    starts = [0, *accumulate(map(len, rows))]
    flat = [numpy.array([*chain.from_iterable(x)], t) for x, t in ((entries, kind), (rows, "i"))]
    return scipy_sparse().csr_matrix((*flat, starts), shape=(len(rows), columns))


def scipy_sparse() -> Any:
    """The package, or how to install it."""
    try:
        return import_module("scipy.sparse")
    except ImportError as error:
        raise ImportError(
            "sparse derivatives need the package scipy; install it: pip install scipy"
        ) from error

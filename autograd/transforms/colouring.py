"""Colouring: which columns of a sparse matrix can be found together, in one sweep.

Columns that share no row have one colour: the product of the matrix with their sum shows all their
entries, each in a row of its own. In a symmetric matrix an entry stands twice, and need be seen in
one of the two places only: fewer colours do.

A. R. Curtis, M. J. D. Powell, J. K. Reid, On the estimation of sparse Jacobian matrices, IMA
Journal of Applied Mathematics 13 (1974), https://doi.org/10.1093/imamat/13.1.117
A. H. Gebremedhin, F. Manne, A. Pothen, What color is your Jacobian? Graph coloring for computing
derivatives, SIAM Review 47 (2005), https://doi.org/10.1137/S0036144504444711

Sets of colours are integers with a bit for each: their union is one instruction.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

Lines = Sequence[Sequence[int]]  # of each row the columns it has entries in; or the other way round


def colours(columns: Lines, rows: int) -> list[int]:
    """A colour for each column, given its rows: 0, 1, …; −1 for a column without entries.

    Two columns of one colour share no row. Greedy, in two orders, of which the better one counts:
    as the columns stand, which is best for bands, and those that meet most others first.

    >>> colours([[0, 1], [0, 1, 2], [1, 2, 3], [2, 3]], 4)  # tridiagonal
    [0, 1, 2, 0]
    """
    lengths = [0] * rows
    for column in columns:
        for i in column:
            lengths[i] += 1
    meets = [sum([lengths[i] for i in column]) for column in columns]
    tried = _apart(columns, rows, range(len(columns)))
    if how_many(tried) == max(lengths, default=0):  # the columns of one row all differ
        return tried
    return min(tried, _apart(columns, rows, largest_first(meets)), key=how_many)


def star_colours(rows: Lines) -> list[int]:
    """A colour for each row of a symmetric pattern, so that of every entry one place is seen.

    Neighbours differ, and any four in a chain have three colours: of two neighbours, at least one
    is then the only neighbour of the other that has its colour. −1 is for a row without entries.

    >>> star_colours([[0, 4], [1, 4], [2, 4], [3, 4], [0, 1, 2, 3, 4]])  # an arrow
    [0, 0, 0, 0, 1]
    """
    neighbours = [[j for j in row if j != i] for i, row in enumerate(rows)]
    orders = (range(len(rows)), largest_first([*map(len, neighbours)]))
    best = min((_stars(neighbours, order) for order in orders), key=how_many)
    return [colour if row else -1 for colour, row in zip(best, rows, strict=True)]


def how_many(colouring: Sequence[int]) -> int:
    """How many colours there are: how many sweeps it takes."""
    return max(colouring, default=-1) + 1


def largest_first(sizes: Sequence[int]) -> list[int]:
    """The indices of the sizes, the largest first, equal ones as they stand."""
    return sorted(range(len(sizes)), key=lambda i: -sizes[i])


def first_free(taken: int) -> int:
    """The bit of the first colour that is not taken."""
    return ~taken & (taken + 1)


def _apart(columns: Lines, rows: int, order: Iterable[int]) -> list[int]:
    seen = [0] * rows  # in each row: the colours of its columns
    colouring = [-1] * len(columns)
    for j in order:
        taken = 0
        for i in columns[j]:
            taken |= seen[i]
        if columns[j]:
            own = first_free(taken)
            colouring[j] = own.bit_length() - 1
            for i in columns[j]:
                seen[i] |= own
    return colouring


def _stars(neighbours: Lines, order: Iterable[int]) -> list[int]:
    """Greedy: a colour that makes no chain of four v–w–x–y with two colours in turn.

    A. H. Gebremedhin, A. Tarafdar, F. Manne, A. Pothen, New acyclic and star coloring algorithms
    with application to computing Hessians, SIAM Journal on Scientific Computing 29 (2007),
    https://doi.org/10.1137/050639879
    """
    count = len(neighbours)
    own = [0] * count
    around = [0] * count  # the colours of the neighbours
    twice = [0] * count  # those that two or more of them have
    hubs = [0] * count  # the colours of neighbours that have another neighbour of the own colour
    first: list[dict[int, int]] = [{} for _ in neighbours]  # of each colour, the first neighbour
    for v in order:
        taken = around[v]
        for w in neighbours[v]:
            if own[w]:  # w–v–w'–x where w and w' have one colour; or v–w–x–y where x is a hub
                taken |= around[w] if twice[v] & own[w] else hubs[w]
        own[v] = bit = first_free(taken)
        colour = bit.bit_length()
        for w in neighbours[v]:
            if around[w] & bit:
                twice[w] |= bit
                hubs[v] |= own[w]
                hubs[first[w][colour]] |= own[w]
            else:
                around[w] |= bit
                first[w][colour] = v
            if twice[v] & own[w]:
                hubs[w] |= bit
    return [bit.bit_length() - 1 for bit in own]

"""Where the rows of the table are tried: normal, large and tiny operands for each, no kinks."""

from itertools import product

from autograd.operation import Operation, Reduction, Softmax

NORMAL = [0.3, 0.75, 1.25, 2.6, 7.1, 35.5]
ONE = [sign * x for x in [*NORMAL, 701.5, 2e5, 1e200, 1e-8, 1e-200] for sign in (1.0, -1.0)]
PAIRS = [
    *product((0.3, 2.6, 7.1), (-1.25, 0.75, 3.0)),
    (-2.0, 3.0),
    (-0.75, -2.0),
    (-7.1, 0.3),
    (1e150, 1.0625),
    (1e200, 3e199),
    (-3e-201, 1e-200),
    (2.5, 1e-8),
    (1e-8, 2.5),
]
TRIPLES = [
    (0.4, -1.25, 1.0),
    (-2.5, -1.25, 1.0),
    (3.0, -1.25, 1.0),
    (1.0, 2.5, -3.0),
    (0.0, 2.5, -3.0),
    (1e200, -1e-200, 1e-200),
]
# rows whose derivative is 0 by decree: constants, although their value depends on the inputs
CONSTANTS = {"constant", "shift"}
LISTS = [
    [0.5],
    [1.5, -2.25],
    [1.5, -2.25, 0.625],
    [-0.5, 4.0, 0.25, -3.0],
    [3.0, -1.0, 2.0, 0.5, -0.125],
    [1e150, -2.5e150, 1.25e149],
    [1e-200, -3e-200, 2.5e-200, 1e-201],
    [1000.0, 998.5, 999.25],
    [-1000.0, -1001.5, -998.25, -999.0],
]


def points(row: Operation) -> list[tuple[float, ...]]:
    """The operands to try a row on; the last one of a softmax row is its k."""
    if isinstance(row, Softmax):
        return [(*xs, float(k)) for xs in LISTS[1::2] for k in (0, len(xs) - 1)]
    if isinstance(row, Reduction):
        return [tuple(xs) for xs in LISTS]
    return {1: [(x,) for x in ONE], 2: PAIRS, 3: TRIPLES}[len(row.inputs)]

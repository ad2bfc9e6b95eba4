"""Kernels: rows compiled to plain functions of floats agree with the rows bit for bit."""

import pytest
from points import points
from test_ops import EDGES

from autograd import kernels, ops
from autograd.operation import Reduction

FIXED = {name: row for name, row in ops.ROWS.items() if not isinstance(row, Reduction)}


def outcome(function, *numbers):
    """What a kernel gives, or None where it raises: then the row is asked."""
    try:
        return repr(function(*numbers))
    except (ArithmeticError, ValueError):
        return None


@pytest.mark.parametrize("row", FIXED.values(), ids=FIXED)
def test_kernels_give_the_bits_of_the_row(row):
    value, derivatives = kernels.value(row), kernels.derivatives(row)
    edges = [operands for name, operands, *_ in EDGES if name == row.name]
    computed = 0
    for operands in points(row) + edges:
        out = row.compute(operands)
        assert outcome(value, *operands) in (repr(out), None)
        for i, derivative in enumerate(derivatives):
            found = outcome(derivative, *operands, out)
            assert found in (repr(row.partial(i, operands, out)), None)
            computed += found is not None
    assert computed >= 6


def test_a_kernel_is_plain_python():
    """A row without a function in `math` is written out, so that no row is called on the way."""
    assert kernels.source(ops.sin, ops.sin.derivatives[0]) == "lambda x, out: cos(x)"
    assert kernels.source(ops.relu, ops.relu.value) == "lambda x: (0.0 if x <= 0.0 else x)"
    assert kernels.source(ops.square, ops.square.value) == "lambda x: x * x"
    assert kernels.source(ops.where, ops.where.value) == (
        "lambda condition, x, y: (x if condition else y)"
    )
    both = kernels.source(ops.clip, ops.clip.derivatives[0])
    assert both == "lambda x, low, high, out: (0.0 if x < low or x > high else 1.0)"
    assert not any(isinstance(x, type(ops.sin)) for x in kernels.FUNCTIONS.values())


def test_constants_that_are_no_numbers_can_be_compiled():
    assert eval(kernels.Python.number(float("inf"))) == float("inf")
    assert eval(kernels.Python.number(float("-inf"))) == float("-inf")
    assert repr(eval(kernels.Python.number(float("nan")))) == "nan"
    assert eval(kernels.Python.number(0.1)) == 0.1

"""IEEE arithmetic where Python would raise."""

import ctypes
import math
from fractions import Fraction
from itertools import product
from math import inf, nan

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autograd import exp
from autograd.ieee import Double, divide, power

EXTREMES = [0.0, -0.0, 0.5, -0.5, 1.0, -1.0, 2.0, -2.0, 3.0, -3.0, 1e308, -1e308, inf, -inf, nan]


def signed(x):
    """As text, which tells -0.0 from 0.0 and calls every nan the same."""
    return repr(float(x))


@pytest.mark.parametrize(
    ("x", "y", "quotient"),
    [
        (1.0, 0.0, inf),
        (1.0, -0.0, -inf),
        (-1.0, 0.0, -inf),
        (-1.0, -0.0, inf),
        (inf, 0.0, inf),
        (inf, -0.0, -inf),
        (0.0, 0.0, nan),
        (nan, 0.0, nan),
        (inf, inf, nan),
        (6.0, 3.0, 2.0),
    ],
)
def test_divide(x, y, quotient):
    assert signed(divide(x, y)) == signed(quotient)


def test_power_is_the_power_of_c():
    """At every mixture of extremes, with the signs of zero."""
    try:
        pow_of_c = ctypes.CDLL(None).pow
    except (OSError, AttributeError, TypeError):
        pytest.skip("the C library is not loaded under a name of its own here")
    pow_of_c.argtypes, pow_of_c.restype = (ctypes.c_double,) * 2, ctypes.c_double
    for x, y in product(EXTREMES, EXTREMES):
        assert signed(power(x, y)) == signed(pow_of_c(x, y)), (x, y)


@given(st.floats(), st.floats())
def test_doubles_are_floats_where_floats_answer(x, y):
    for operate in (
        lambda x, y: x + y,
        lambda x, y: x - y,
        lambda x, y: x * y,
        lambda x, y: x / y,
        lambda x, y: x**y,
    ):
        try:
            expected = operate(x, y)
        except ArithmeticError:
            expected = None
        for a, b in ((Double(x), y), (x, Double(y)), (Double(x), Double(y))):
            found = operate(a, b)
            assert type(found) is Double
            if type(expected) is float:
                assert signed(found) == signed(expected)
            else:
                assert not math.isfinite(found)


def test_doubles_stay_doubles():
    assert (-Double(2.0), type(-Double(2.0))) == (-2.0, Double)
    assert (1 / Double(0.0), Double(0.0) ** -1, Double(10.0) ** 400) == (inf, inf, inf)
    assert math.isnan(Double(-8.0) ** (1 / 3))
    assert (exp(Double(1000.0)), type(exp(Double(1.0)))) == (inf, Double)


def test_doubles_leave_other_kinds_of_numbers_alone():
    with pytest.raises(TypeError):
        Double(1.0) + "a"
    assert Double(1.0).__add__(Fraction(1, 2)) is NotImplemented

"""What counts as a number. Pitfall 17."""

from decimal import Decimal
from fractions import Fraction

import numpy as np
import pytest

from autograd import Value
from autograd.real import as_float

# fmt: off
ACCEPTED = [
    # given               float
    (2,                   2.0),
    (2.5,                 2.5),
    (True,                1.0),
    (Fraction(1, 4),      0.25),
    (Decimal("0.5"),      0.5),
    (np.float64(2.5),     2.5),
    (np.float32(2.5),     2.5),
    (np.int64(3),         3.0),
    (np.uint8(3),         3.0),
    (np.bool_(True),      1.0),
    (np.array(2.5),       2.5),
    (np.array(3),         3.0),
    (float("inf"),        float("inf")),
]
REFUSED = [
    # given               what to do
    ("1.0",               r"got '1.0' of type str; convert text with float"),
    (b"1.0",              r"of type bytes; convert text with float"),
    (np.str_("1.0"),      r"convert text with float"),
    (None,                r"got None of type NoneType; pass a number"),
    (1j,                  r"got 1j of type complex; only real numbers .* use its .real and .imag"),
    (np.complex128(1j),   r"only real numbers can be differentiated"),
    (np.array(1j),        r"only real numbers can be differentiated"),
    ([1.0],               r"got \[1.0\] of type list; .* make one Value per element"),
    ((1.0,),              r"make one Value per element"),
    (np.array([1.0]),     r"of type ndarray; a Value holds one number"),
    (np.ones((2, 2)),     r"a Value holds one number"),
    (Value(2.0),          r"it is a Value already: use it as it is, or v.data for its number"),
    (object(),            r"got <object .* of type object; pass a number"),
    ({},                  r"pass a number"),
]
# fmt: on


@pytest.mark.parametrize(("given", "number"), ACCEPTED, ids=[repr(x) for x, _ in ACCEPTED])
def test_accepted(given, number):
    assert (as_float(given), type(as_float(given))) == (number, float)


@pytest.mark.parametrize(("given", "advice"), REFUSED, ids=[type(x).__name__ for x, _ in REFUSED])
def test_refused(given, advice):
    with pytest.raises(TypeError, match=advice) as error:
        as_float(given)
    assert str(error.value).startswith("expected a real number (int, float, Fraction, NumPy scalar")


def test_a_subclass_of_float_becomes_a_float():
    class Metres(float):
        pass

    assert type(as_float(Metres(2.0))) is float


def test_a_long_thing_is_shown_shortened():
    with pytest.raises(TypeError, match=r"got \[0, 1, 2.*\.\.\. of type list") as error:
        as_float(list(range(1000)))
    assert len(str(error.value)) < 250

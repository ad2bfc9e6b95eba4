"""Other numbers through the same graph: fractions by hand, mpmath.diff at 100 digits, enclosures."""

import decimal
import math
import sys
from decimal import Decimal
from fractions import Fraction

import mpmath
import pytest
import sympy
from hypothesis import given
from hypothesis import strategies as st
from mpmath import iv, mp, mpf
from points import CONSTANTS, points
from test_ops import TRUTH

import autograd
from autograd import Value, custom, exp, maximum, ops, where
from autograd.evaluation.evaluate import evaluate
from autograd.operation import Softmax, Take
from autograd.ops import ROWS


@pytest.fixture(autouse=True)
def digits():
    with mp.workdps(50):
        before, iv.dps = iv.dps, 30
        yield
        iv.dps = before


def graph(row, operands):
    """One node of the row, all its operands leaves; a softmax's k is no leaf."""
    if isinstance(row, Take):
        *leaves, index = map(Value, operands)
        return [*leaves, index], row(leaves, index)
    if isinstance(row, Softmax):
        leaves = [Value(x) for x in operands[:-1]]
        return leaves, row(leaves)[int(operands[-1])]
    leaves = [Value(x) for x in operands]
    if row.name == "dot":
        n = len(leaves) // 2
        return leaves, row(leaves[:n], leaves[n : 2 * n], *leaves[2 * n :])
    return leaves, row(leaves) if row.inputs == ("xs",) else row(*leaves)


def moderate(row):
    return [xs for xs in points(row) if all(1e-8 <= abs(x) <= 1000 or x == 0 for x in xs)]


def truth(row, operands):
    """The value, and the derivative by each operand, in twice as many digits."""
    with mp.workdps(100):
        function, exact = TRUTH[row.name], [mpf(x) for x in operands]
        if row.name in CONSTANTS:
            return function(*exact), [mpf(0)] * len(operands)
        count = len(operands) - isinstance(row, Softmax)
        slopes = [
            mp.diff(lambda x, i=i: function(*exact[:i], x, *exact[i + 1 :]), exact[i])
            for i in range(count)
        ]
        return function(*exact), [*slopes, *[mpf(0)] * isinstance(row, Take)]


# fmt: off
CASES = [(name, operands) for name, row in ROWS.items() for operands in moderate(row)
         if name not in ("where", "power")]
# fmt: on


@pytest.mark.parametrize(("name", "operands"), CASES, ids=[f"{n}{xs}" for n, xs in CASES])
def test_every_row_to_fifty_digits(name, operands):
    """Also the irrational constants in the rules: to fifty digits LN2 is not a double."""
    _, out = graph(ROWS[name], operands)
    try:
        value, slopes = truth(ROWS[name], operands)
    except (ZeroDivisionError, ValueError):
        value, slopes = mp.nan, []
    if not mp.isfinite(value) or mp.im(value):
        with pytest.raises(ArithmeticError, match=f"{name} .* over mpf: "):
            evaluate(out, mpf)
        return
    result = evaluate(out, mpf)
    for found, right in zip([result.value, *result.grads.values()], [value, *slopes], strict=True):
        assert abs(found - right) <= mpf(10) ** -40 * max(abs(right), mpf(10) ** -20)


def test_powers_to_fifty_digits():
    x, y = Value(2.5, name="x"), Value(-0.75, name="y")
    result = evaluate(x**y, mpf)
    power = mpf(2.5) ** mpf(-0.75)
    assert mp.almosteq(result.value, power)
    assert mp.almosteq(result.grads["x"], mpf(-0.75) * mpf(2.5) ** mpf(-1.75))
    assert mp.almosteq(result.grads["y"], power * mp.log(2.5))


@pytest.mark.parametrize("name", ROWS)
def test_every_row_over_floats_is_the_graph_itself(name):
    for operands in points(ROWS[name]):
        leaves, out = graph(ROWS[name], operands)
        out.backward()
        result = evaluate(out, float)
        wanted = [out.data, *(x.grad for x in leaves if x in out.history())]
        for found, right in zip([result.value, *result.grads.values()], wanted, strict=True):
            assert type(found) is float
            assert found == pytest.approx(right, rel=1e-14, abs=0, nan_ok=True)


# -- Fraction ----------------------------------------------------------------------------------

F = Fraction
# fmt: off
BY_HAND = [
    # of x = 3/4 and y = -2                                value        ∂/∂x         ∂/∂y
    (lambda x, y: x + y,                                   F(-5, 4),    1,           1),
    (lambda x, y: x - 3 * y,                               F(27, 4),    1,           -3),
    (lambda x, y: x * y,                                   F(-3, 2),    -2,          F(3, 4)),
    (lambda x, y: x / y,                                   F(-3, 8),    F(-1, 2),    F(-3, 16)),
    (lambda x, y: x**3 * y,                                F(-27, 32),  F(-27, 8),   F(27, 64)),
    (lambda x, y: y**-3 + x * 0,                           F(-1, 8),    0,           F(-3, 16)),
    (lambda x, y: (x / 3).sqrt() * y,                      -1,          F(-2, 3),    F(1, 2)),
    (lambda x, y: (4 * y).cbrt() + x,                      F(-5, 4),    1,           F(1, 3)),
    (lambda x, y: (x / 3) ** 1.5 * y,                      F(-1, 4),    F(-1, 2),    F(1, 8)),
    (lambda x, y: (4 * x).hypot(2 * y),                    5,           F(12, 5),    F(-8, 5)),
    (lambda x, y: x * y + 0.1,                             F(-3, 2) + F(0.1), -2,    F(3, 4)),
    (lambda x, y: 1 / (x + y).square(),                    F(16, 25),   F(128, 125), F(128, 125)),
    (lambda x, y: autograd.mean([x, y, 1.0]),              F(-1, 12),   F(1, 3),     F(1, 3)),
    (lambda x, y: autograd.sum([x, y, x, 0.5]),            0,           2,           1),
    (lambda x, y: autograd.prod([x, y, 0.5, x]),           F(-9, 16),   F(-3, 2),    F(9, 32)),
    (lambda x, y: autograd.dot([x, y], [y, 2.0], x),       F(-19, 4),   -1,          F(11, 4)),
    (lambda x, y: autograd.norm([4 * x, 2 * y, 12.0]),     13,          F(12, 13),   F(-8, 13)),
    (lambda x, y: x.relu() + y.relu(),                     F(3, 4),     1,           0),
    (lambda x, y: abs(y) * abs(x),                         F(3, 2),     2,           F(-3, 4)),
    (lambda x, y: maximum(x, y) + x.minimum(y),            F(-5, 4),    1,           1),
    (lambda x, y: y.clip(-1, 1) + x.clip(-1, 1) + y * 0,   F(-1, 4),    1,           0),
    (lambda x, y: y.floor() + x.sign() + (2.5 * y).floor(), -6,         0,           0),
    (lambda x, y: y.leaky_relu(0.25) * x,                  F(-3, 8),    F(-1, 2),    F(3, 16)),
    (lambda x, y: x.elu() * y,                             F(-3, 2),    -2,          F(3, 4)),
    (lambda x, y: where(x > y, x * y, y.exp()),            F(-3, 2),    -2,          F(3, 4)),
    (lambda x, y: exp(x - 0.75) * y,                       -2,          -2,          1),
]
# fmt: on


@pytest.mark.parametrize(("make", "value", "by_x", "by_y"), BY_HAND)
def test_fractions_by_hand(make, value, by_x, by_y):
    x, y = Value(0.75, name="x"), Value(-2.0, name="y")
    result = evaluate(make(x, y), Fraction)
    assert (result.value, result.grads["x"], result.grads["y"]) == (value, by_x, by_y)
    assert {type(result.value), *map(type, result.grads.values())} == {Fraction}


# fmt: off
KINKS = [
    # at a kink                            by x
    (lambda x: x.relu(),                   0),
    (lambda x: abs(x),                     0),
    (lambda x: maximum(x, 0),              F(1, 2)),
    (lambda x: x.minimum(0),               F(1, 2)),
    (lambda x: maximum(x, x),              1),
    (lambda x: x.hypot(0),                 0),
    (lambda x: autograd.norm([x, x]),      0),
    (lambda x: x**0,                       0),
    (lambda x: x.clip(0, 1),               1),
    (lambda x: x.leaky_relu(0.5),          F(1, 2)),
    (lambda x: x.sign() + x.floor(),       0),
]
# fmt: on


@pytest.mark.parametrize("number", [Fraction, Decimal, float, mpf, sympy])
@pytest.mark.parametrize(("make", "by_x"), KINKS)
def test_kinks_are_as_with_floats(make, by_x, number):
    x = Value(0.0, name="x")
    out = make(x)
    out.backward()
    assert x.grad == by_x
    assert evaluate(out, number).grads["x"] == by_x


@pytest.mark.parametrize("number", [Fraction, Decimal, float, mpf, iv.mpf, sympy])
def test_what_is_not_chosen_does_no_harm(number):
    x = Value(0.0, name="x")
    out = where(x > 0, 1 / x, x * 3) + where(x <= 0, x, x.log()) + 0**x * 0
    assert evaluate(out, number).grads["x"] == 4


@pytest.mark.parametrize("number", [Fraction, Decimal, float, mpf, iv.mpf, sympy])
def test_a_gradient_of_zero_is_not_passed_on(number):
    """Pitfall 11: the derivative of the root is infinite, and does not matter."""
    x = Value(0.0, name="x")
    out = x.sqrt() * 0 + x
    out.backward()
    assert x.grad == 1
    assert evaluate(out, number).grads["x"] == 1


def test_no_local_derivative_of_a_constant():
    """The rule of the exponent has log(-2) in it."""
    x = Value(-2.0, name="x")
    assert evaluate(x**3).grads == {"x": 12}
    assert evaluate(x ** Value(3.0, name="y"), at={"x": 1}).grads == {"x": 3, "y": 0}
    with pytest.raises(ArithmeticError, match=r"a local derivative of power \(v1\) over Fraction"):
        evaluate(x ** Value(3.0, name="y"))


STEPS = [
    lambda x, y: x + y,
    lambda x, y: x * y,
    lambda x, y: x / (y * y + 1),
    lambda x, y: 0.1 * x - y,
    lambda x, y: (x - 2) ** 2,
    lambda x, y: abs(x) - y,
]


class Dual:
    """A fraction and its derivative by the first input: forward mode, written here once more."""

    def __init__(self, value, slope=0):
        self.value, self.slope = Fraction(value), Fraction(slope)

    def of(self, x):
        return x if isinstance(x, Dual) else Dual(x)

    def __neg__(self):
        return Dual(-self.value, -self.slope)

    def __add__(self, other):
        other = self.of(other)
        return Dual(self.value + other.value, self.slope + other.slope)

    def __mul__(self, other):
        other = self.of(other)
        slope = self.slope * other.value + self.value * other.slope
        return Dual(self.value * other.value, slope)

    __radd__, __rmul__ = __add__, __mul__

    def __sub__(self, other):
        return self + -self.of(other)

    def __truediv__(self, other):
        return self * Dual(1 / other.value, -other.slope / other.value**2)

    def __pow__(self, n):
        return self * self

    def __abs__(self):
        return -self if self.value < 0 else self if self.value > 0 else Dual(0)


SMALL = st.floats(-4, 4).map(lambda x: round(x * 8) / 8)


@given(SMALL, SMALL, st.lists(st.tuples(*[st.integers(0, 99)] * 3), min_size=1, max_size=8))
def test_random_programs_exactly(a, b, program):
    x, y = Value(a, name="x"), Value(b, name="y")
    values, duals = [x, y], [Dual(a, 1), Dual(b)]
    for step, i, j in program:
        for numbers in (values, duals):
            n = len(numbers)
            numbers.append(STEPS[step % len(STEPS)](numbers[i % n], numbers[j % n]))
    result = evaluate(values[-1])
    assert result.value == duals[-1].value
    assert result.grads.get("x", 0) == duals[-1].slope


# fmt: off
IRRATIONAL = [
    # a result that is no fraction            what the error says
    (lambda x: x.exp(),                       r"exp \(v1\) over Fraction: exp\(1/2\) is not a fraction; use number=mpmath.mpf"),
    (lambda x: x.sqrt(),                      r"sqrt \(v1\) over Fraction: power\(1/2, 1/2\) is not a fraction"),
    (lambda x: x**0.5 + 1,                    r"power \(v1\) over Fraction: power\(1/2, 1/2\) is not"),
    (lambda x: (-x) ** 0.5,                   r"power \(v2\) over Fraction: \(-1/2\) \*\* \(1/2\) is not a real number"),
    (lambda x: x.sigmoid(),                   r"sigmoid \(v1\) over Fraction: exp\("),
    (lambda x: x.tanh(),                      r"tanh"),
    (lambda x: x.atan2(1.0),                  r"atan2\(1/2, 1\) is not a fraction"),
    (lambda x: autograd.logsumexp([x, x]),    r"logsumexp"),
    (lambda x: autograd.softmax([x, 1.0])[0], r"softmax \(v1\) over Fraction: exp\("),
    (lambda x: (x * 2).log2(),                r"a local derivative of log2 \(v2\) over Fraction: log\(2\) is not"),
    (lambda x: x.gelu(),                      r"gelu"),
    (lambda x: 1 / (x - x),                   r"divide \(v2\) over Fraction: Fraction\(1, 0\)"),
    (lambda x: x + math.inf,                  r"add \(v1\) over Fraction: .*[Ii]nfinity"),
]
# fmt: on


@pytest.mark.parametrize(("make", "message"), IRRATIONAL)
def test_what_fractions_cannot_do(make, message):
    with pytest.raises(ArithmeticError, match=message):
        evaluate(make(Value(0.5, name="x")))


def test_large_roots():
    big = Fraction(12345678901234567890123, 98765432109876543211)
    x = Value(1.0, name="x")
    assert evaluate((x * x).sqrt(), at={"x": big}).value == big
    assert evaluate(x.cbrt(), at={"x": -(big**3)}).value == -big
    assert evaluate(x**0.125, at={"x": big**8}).value == big


# -- Decimal -----------------------------------------------------------------------------------

IN_DECIMAL = [
    "add",
    "subtract",
    "multiply",
    "divide",
    "negative",
    "reciprocal",
    "square",
    "exp",
    "expm1",
    "log",
    "log1p",
    "log2",
    "log10",
    "sqrt",
    "cbrt",
    "hypot",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
    "sigmoid",
    "softplus",
    "relu",
    "leaky_relu",
    "elu",
    "silu",
    "absolute",
    "sign",
    "step",
    "floor",
    "maximum",
    "minimum",
    "clip",
    "sum",
    "mean",
    "prod",
    "norm",
    "logsumexp",
    "dot",
    "softmax",
    "log_softmax",
    "constant",
    "shift",
    "take",
]


@pytest.mark.parametrize("name", IN_DECIMAL)
def test_rows_to_forty_decimal_digits(name):
    tried = 0
    for operands in moderate(ROWS[name]):
        _, out = graph(ROWS[name], operands)
        try:
            right = evaluate(out, mpf)
        except ArithmeticError:
            with decimal.localcontext(prec=40), pytest.raises(ArithmeticError):
                evaluate(out, Decimal)
            continue
        with decimal.localcontext(prec=40):
            found = evaluate(out, Decimal)
        for label, x in [("value", found.value), *found.grads.items()]:
            exact = right.value if label == "value" else right.grads[label]
            assert abs(mpf(str(x)) - exact) <= mpf(10) ** -36 * max(abs(exact), mpf(10) ** -12)
            tried += 1
    assert tried > 3


def test_what_decimal_has_not():
    for name in ("sin", "cos", "tan", "asin", "acos", "atan", "erf", "erfc", "gelu"):
        with pytest.raises(ArithmeticError, match=r"Decimal has no \w+; use number=mpmath.mpf"):
            evaluate(ROWS[name](Value(0.5)), Decimal)
    assert evaluate(Value(0.0, name="x") ** 0, Decimal).value == 1


# -- intervals ---------------------------------------------------------------------------------

NO_INTERVALS = {"erf", "erfc", "gelu", "where"}


@pytest.mark.parametrize("name", [name for name in ROWS if name not in NO_INTERVALS])
def test_intervals_enclose_the_truth(name):
    tried = 0
    for operands in moderate(ROWS[name]):
        _, out = graph(ROWS[name], operands)
        try:
            right = evaluate(out, mpf)
        except ArithmeticError:
            continue
        found = evaluate(out, iv.mpf)
        for label, x in [("value", found.value), *found.grads.items()]:
            exact = right.value if label == "value" else right.grads[label]
            assert mpf(x.a) - mpf(10) ** -45 <= exact <= mpf(x.b) + mpf(10) ** -45, (label, x)
            assert x.delta <= 1e-14 * max(1, abs(exact))
            tried += 1
    assert tried > 2


# fmt: off
WIDE = [
    # over x in [-1, 2]                    value              by x
    (lambda x: x.relu(),                   (0, 2),            (0, 1)),
    (lambda x: abs(x),                     (0, 2),            (-1, 1)),
    (lambda x: maximum(x, 1),              (1, 2),            (0, 1)),
    (lambda x: x.minimum(1),               (-1, 1),           (0, 1)),
    (lambda x: x.square(),                 (0, 4),            (-2, 4)),
    (lambda x: x.step(),                   (0, 1),            (0, 0)),
    (lambda x: x.floor() / 4,              (-0.25, 0.5),      (0, 0)),
    (lambda x: x.leaky_relu(0.5),          (-1, 2),           (0.5, 1)),
    (lambda x: x.clip(0, 1),               (-1, 2),           (0, 1)),
    (lambda x: ops.shift([x, x - 2, -4.0]), (-1, 2),          (0, 0)),
    (lambda x: x.cosh() - x.cosh(),        (1 - math.cosh(2), math.cosh(2) - 1), None),
]
# fmt: on


@pytest.mark.parametrize(("make", "value", "by_x"), WIDE)
def test_wide_intervals(make, value, by_x):
    """Where a comparison is not decided it is the hull of both; it never loses a result."""
    result = evaluate(make(Value(0.5, name="x")), iv.mpf, at={"x": [-1, 2]})
    assert (float(result.value.a), float(result.value.b)) == pytest.approx(value)
    if by_x is not None:
        assert (float(result.grads["x"].a), float(result.grads["x"].b)) == by_x


@given(st.floats(-3, 3), st.floats(0, 2), st.floats(0, 1))
def test_every_point_is_enclosed(low, width, part):
    def make(x):
        return (x.tanh() * 3 - x.sigmoid()).relu() + x.atan() * x.sinh() + maximum(x, x * x)

    inside = min(low + part * width, low + width)
    x = Value(inside, name="x")
    out = make(x)
    result = evaluate(out, iv.mpf, at={"x": [low, low + width]})
    exact = evaluate(out, mpf)
    assert result.value.a <= exact.value <= result.value.b
    if out.data != 0 and inside not in (0, 1):
        assert result.grads["x"].a <= exact.grads["x"] <= result.grads["x"].b


def test_what_intervals_have_not():
    x = Value(0.5, name="x")
    with pytest.raises(ArithmeticError, match="mpmath.iv has no erf; use number=mpmath.mpf"):
        evaluate(x.erf(), iv.mpf)
    with pytest.raises(ArithmeticError, match="log .* over mpmath.iv: logarithm of a negative"):
        evaluate(x.log(), iv.mpf, at={"x": [-1, 1]})


# -- SymPy and classes of one's own ------------------------------------------------------------


def test_exact_expressions():
    x = Value(2.0, name="x")
    result = evaluate(x.sqrt() * x.exp() + x.atan2(x), sympy.sympify)
    assert result.value == sympy.sqrt(2) * sympy.exp(2) + sympy.pi / 4
    assert sympy.simplify(result.grads["x"] - 5 * sympy.sqrt(2) * sympy.exp(2) / 4) == 0
    assert evaluate(x * 0.1, sympy).value == sympy.Rational(0.1) * 2
    with pytest.raises(ArithmeticError, match=r"log .* is not a real number"):
        evaluate((x - 4).log(), sympy)
    with pytest.raises(TypeError, match=r"call symbolic\(loss\)"):
        evaluate(x, sympy.Symbol)


class Modular:
    """Whole numbers modulo 101, with division: as unlike a float as can be."""

    def __init__(self, n):
        self.n = int(n.n if isinstance(n, Modular) else n) % 101

    def __add__(self, other):
        return Modular(self.n + other.n)

    def __sub__(self, other):
        return Modular(self.n - other.n)

    def __mul__(self, other):
        return Modular(self.n * other.n)

    def __truediv__(self, other):
        return Modular(self.n * pow(other.n, -1, 101))

    def __eq__(self, other):
        return self.n == (other.n if isinstance(other, Modular) else other)

    __hash__ = None


def test_a_class_of_ones_own():
    x, y = Value(5.0, name="x"), Value(7.0, name="y")
    result = evaluate(x * y / 3 - autograd.mean([x, y, 2.0]), Modular)
    third = pow(3, -1, 101)
    assert result.value == (35 - 14) * third % 101
    assert result.grads["x"] == (7 - 1) * third % 101
    with pytest.raises(ArithmeticError, match="give the class Modular a method of that name"):
        evaluate(x.sin(), Modular)
    with pytest.raises(TypeError, match=r"relu \(v1\) over Modular: .*not supported between"):
        evaluate(x.relu(), Modular)


def test_values_are_numbers_too():
    """The gradient is then a graph of its own."""
    x = Value(0.5, name="x")
    leaf = Value(0.5)
    evaluate(x.sin() * x.sigmoid(), Value, at={"x": leaf}).grads["x"].backward()
    with mp.workdps(30):
        second = mp.diff(lambda x: mp.sin(x) / (1 + mp.exp(-x)), 0.5, 2)
    assert leaf.grad == pytest.approx(float(second), rel=1e-13)


# -- the graph ---------------------------------------------------------------------------------


@pytest.mark.parametrize("number", [Fraction, float, Decimal])
def test_a_long_chain(number):
    y = Value(1.0, name="x")
    for _ in range(50_000):
        y = -(y + 0.5)
    result = evaluate(y, number)
    assert (result.value, result.grads) == (1, {"x": 1})


def test_the_graph_is_not_changed():
    x = Value(2.0, name="x")
    y = x * x + 1
    y.backward()
    x.data = 3.0
    assert evaluate(y) == evaluate(y)
    assert evaluate(y).value == 10
    assert (x.data, x.grad, y.data, y.grad) == (3.0, 4.0, 5.0, 1.0)


def test_gradients_have_the_labels_of_the_trace():
    a, also, b = Value(1.0, name="a"), Value(2.0, name="a"), Value(3.0)
    y = a * also * b * Value(4.0)
    assert evaluate(y).grads == {"a": 24, "a_2": 12, "v1": 8, "v4": 6}
    assert set(evaluate(y).grads) <= {row[0] for row in autograd.trace(y).rows()}
    assert evaluate(a).grads == {"a": 1}


def test_other_numbers_for_leaves():
    x, y = Value(1.0, name="x"), Value(2.0, name="y")
    assert evaluate(x / y, at={"x": "1/3"}).value == Fraction(1, 6)
    assert evaluate(x / y, Decimal, at={"x": "0.1"}).value == Decimal("0.05")
    assert evaluate(x / y, at={"x": 0.1}).value == Fraction(0.1) / 2
    with pytest.raises(ValueError, match="at: no leaf is called 'X1'; there are"):
        evaluate(x / y, at={"X1": 1})
    width = Value(1.0, name="width")
    with pytest.raises(ValueError, match="did you mean 'width'?"):
        evaluate(width * x, at={"widht": 1})


def test_a_node_made_by_hand():
    x = Value(1.0, name="x")
    y = Value(2.0, (x,), (3.0,), name="mine") * 2
    with pytest.raises(ValueError, match="'mine' was made by hand: .* autograd.custom"):
        evaluate(y)


def test_operations_of_ones_own():
    bell = custom(lambda x: exp(-x * x), lambda x, out: -2 * x * out, name="exp")
    third = custom(lambda x: x / 3 + 0.1, lambda x, out: 1 / 3, name="third")
    x = Value(0.5, name="x")
    assert mp.almosteq(evaluate(bell(x), mpf).grads["x"], -mp.exp(mpf("-0.25")))
    result = evaluate(third(x))
    assert (result.value, result.grads["x"]) == (Fraction(4, 15), Fraction(1, 3))
    wrong = custom(lambda x: math.exp(x), lambda x, out: out, name="wrong")
    with pytest.raises(TypeError, match=r"wrong \(v1\) over Fraction: .* instead of math.exp"):
        evaluate(wrong(x))


def test_a_choice_in_a_rule():
    odd = custom(lambda x: x * 2 if x > 0 else x, lambda x, out: where(x > 0, 2, 1), name="odd")
    x = Value(0.5, name="x")
    assert evaluate(odd(x)).value == 1
    with pytest.raises(
        TypeError, match=r"neither true nor false .*autograd\.where\(condition, x, y\)"
    ):
        evaluate(odd(x), iv.mpf, at={"x": [-1, 1]})


def test_what_was_made_without_recording():
    x = Value(0.5, name="x")
    with autograd.no_grad():
        constant = x.exp()
    result = evaluate(constant * x)
    assert result.grads == {"x": Fraction(math.exp(0.5))}
    with pytest.raises(RuntimeError, match="no_grad"):
        evaluate(constant)


# fmt: off
REFUSED = [
    # number        why
    (int,           "int: integers have no division; use fractions.Fraction"),
    (complex,       "complex: a graph is of real numbers"),
    (str,           "str: for text there is trace"),
    ("Fraction",    "got 'Fraction'"),
    (None,          "got None"),
    (math,          "got math"),
]
# fmt: on


@pytest.mark.parametrize(("number", "why"), REFUSED)
def test_what_is_no_number(number, why):
    with pytest.raises(TypeError, match="number is Fraction, Decimal, float, .*" + why):
        evaluate(Value(1.0), number)


@pytest.mark.parametrize("thing", [1.0, None, [Value(1.0)]])
def test_evaluating_something_else(thing):
    with pytest.raises(TypeError, match=r"evaluate\(\) takes a Value, got .* of type"):
        evaluate(thing)


def test_numbers_that_are_none():
    x = Value(math.nan, name="x")
    with pytest.raises(ArithmeticError, match="^x over Fraction: cannot convert NaN"):
        evaluate(x * 2)
    assert mp.isnan(evaluate(x * 2, mpf).value)


@pytest.mark.parametrize("number", [mpmath, mp, mpf, mpmath.MPContext().mpf])
def test_ways_to_say_mpmath(number):
    result = evaluate(Value(0.25, name="x").sqrt(), number)
    assert (result.value, result.grads["x"]) == (0.5, 1)
    assert type(result.value).__name__ == "mpf"


def test_ways_to_say_intervals():
    assert evaluate(Value(0.25), iv).value == evaluate(Value(0.25), iv.mpf).value == 0.25


# -- take: an index that is a Value chooses anew ---------------------------------------------------


def taken():
    a, b, index = Value(0.5, name="a"), Value(-2.0, name="b"), Value(1.0, name="k")
    return ops.take([a, b * b, 3.0], index)


NUMBERS = [float, Fraction, Decimal, mpf, sympy.sympify, iv.mpf]


@pytest.mark.parametrize("number", NUMBERS)
def test_take_picks_the_right_one(number):
    found = evaluate(taken(), number)
    assert (found.value, found.grads) == (4, {"a": 0, "b": -4, "k": 0})
    found = evaluate(taken(), number, at={"k": 0})
    assert (found.value * 2, found.grads) == (1, {"a": 1, "b": 0, "k": 0})
    found = evaluate(taken(), number, at={"k": 2.0, "b": 10})
    assert (found.value, found.grads) == (3, {"a": 0, "b": 0, "k": 0})


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("index", [3, -1, 0.5])
def test_an_index_that_is_not_there(number, index):
    with pytest.raises(
        ArithmeticError, match=r"take \(v2\) over .* not a whole number from 0 to 2"
    ):
        evaluate(taken(), number, at={"k": index})


def test_an_index_that_is_not_decided_takes_the_hull():
    found = evaluate(taken(), iv.mpf, at={"k": [0, 1], "b": [1, 2]})
    assert (found.value.a, found.value.b) == (0.5, 4)
    assert (found.grads["a"].a, found.grads["a"].b) == (0, 1)


def test_what_was_not_taken_may_have_no_number():
    """Only the exponential of a fraction that is not taken is none."""
    x = Value(0.5, name="x")
    assert evaluate(ops.take([x, math.inf], Value(0.0)), Fraction).value == F(1, 2)


def test_an_operation_of_ones_own_that_takes():
    pick = custom(
        lambda x, k: ops.take([x, x * x], k),
        lambda x, k, out: ops.take([1.0, 2 * x], k),
        lambda x, k, out: 0.0,
        name="pick",
    )
    x, k = Value(1.5, name="x"), Value(1.0, name="k")
    for number in NUMBERS:
        found = evaluate(pick(x, k), number)
        assert (found.value * 4, found.grads) == (9, {"x": 3, "k": 0})


def test_every_function_of_the_table_is_one_of_mpmath():
    """A new row that mpmath has not must get a function in kinds/multiprecision.py."""
    from autograd.evaluation.foreign import FORMULAS
    from autograd.evaluation.kinds import kind_of

    functions = kind_of(mpf).functions
    missing = [n for n, row in ROWS.items() if row.from_math and n not in functions | FORMULAS]
    assert not missing
    assert set(FORMULAS) <= set(ops.ROWS)


def test_without_sympy(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(ImportError, match="pip install sympy"):
        evaluate(Value(1.0), sympy.sympify)

"""A graph as a SymPy expression: the gradient of the table's rules against sympy.diff."""

import math
import sys

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from points import CONSTANTS
from sympy import Eq, Piecewise, Rational, log, pi, sqrt
from test_evaluate import graph, moderate

import autograd
from autograd import Value, custom, exp, maximum, ops, where
from autograd.evaluation.evaluate import evaluate
from autograd.evaluation.symbolic import symbolic, written
from autograd.ops import ROWS

X, Y = sympy.symbols("x y", real=True)


def leaves():
    return Value(0.75, name="x"), Value(-2.0, name="y")


# fmt: off
EXPRESSIONS = [
    # of x and y                             expression                              gradient by x
    (lambda x, y: x * y + 0.5,               X * Y + Rational(1, 2),                 Y),
    (lambda x, y: x**2 / y,                  X**2 / Y,                               2 * X / Y),
    (lambda x, y: x**2.5 + y,                X ** Rational(5, 2) + Y,                None),
    (lambda x, y: (x * y).sin() * 0.1,       sympy.sin(X * Y) / 10,                  Y * sympy.cos(X * Y) / 10),
    (lambda x, y: x.sqrt() - y,              sqrt(X) - Y,                            1 / (2 * sqrt(X))),
    (lambda x, y: x.sigmoid() + y,           1 / (1 + sympy.exp(-X)) + Y,            None),
    (lambda x, y: x.softplus() * y,          log(1 + sympy.exp(X)) * Y,              Y / (1 + sympy.exp(-X))),
    (lambda x, y: x.tanh() + y,              sympy.tanh(X) + Y,                      4 / ((1 + sympy.exp(-2 * X)) * (1 + sympy.exp(2 * X)))),
    (lambda x, y: x.log2() + y,              log(X) / log(2) + Y,                    1 / (X * log(2))),
    (lambda x, y: x.erf() + y,               sympy.erf(X) + Y,                       2 * sympy.exp(-X**2) / sqrt(pi)),
    (lambda x, y: x.relu() + y,              Piecewise((0, X <= 0), (X, True)) + Y,  Piecewise((1, X > 0), (0, True))),
    (lambda x, y: abs(x) + y,                sympy.Abs(X) + Y,                       Piecewise((1, X > 0), (-1, X < 0), (0, True))),
    (lambda x, y: maximum(x, y),             Piecewise((X, X > Y), (Y, True)),       Piecewise((Rational(1, 2), Eq(X, Y)), (1, X - Y > 0), (0, True))),
    (lambda x, y: autograd.mean([x, y, x]),  2 * X / 3 + Y / 3,                      Rational(2, 3)),
    (lambda x, y: autograd.logsumexp([x, y]), log(sympy.exp(X) + sympy.exp(Y)),      None),
    (lambda x, y: autograd.norm([x, y, 2.0]), sqrt(X**2 + Y**2 + 4),                 X / sqrt(X**2 + Y**2 + 4)),
    (lambda x, y: ops.constant(x) * x * y,   X**2 * Y,                               X * Y),
    (lambda x, y: ops.shift([x, y]),         Piecewise((Y, Y > X), (X, True), evaluate=False), 0),
    (lambda x, y: where(x > y, x * y, x),    X * Y,                                  Y),
    (lambda x, y: x * math.pi / y,           pi * X / Y,                             pi / Y),
]
# fmt: on


@pytest.mark.parametrize(("make", "expression", "by_x"), EXPRESSIONS)
def test_expressions(make, expression, by_x):
    found = symbolic(make(*leaves()))
    assert found.expression == expression
    assert found.symbols == {"x": X, "y": Y}
    if by_x is None:
        assert sympy.simplify(found.gradient["x"] - sympy.diff(expression, X)) == 0
    else:
        assert found.gradient["x"] == by_x


@pytest.mark.parametrize("name", [name for name in ROWS if name != "where"])
def test_every_row_agrees_with_sympys_derivative(name):
    tried = 0
    for operands in moderate(ROWS[name])[:6]:
        _, out = graph(ROWS[name], operands)
        if not math.isfinite(out.data):
            continue
        out.backward()
        if not all(math.isfinite(v.grad) for v in out.history()):
            continue
        found = symbolic(out)
        labels = evaluate(out, float).grads
        at = {
            found.symbols[label]: sympy.Rational(leaf.data)
            for label, leaf in zip(labels, [v for v in out.history() if not v.parents], strict=True)
        }
        assert float(found.expression.subs(at)) == pytest.approx(out.data, rel=1e-12)
        for label, grad in labels.items():
            assert float(found.gradient[label].subs(at).evalf()) == pytest.approx(grad, rel=1e-11)
            if name not in {"floor", *CONSTANTS}:  # of floor SymPy leaves it undone
                own = sympy.diff(found.expression, found.symbols[label]).subs(at).evalf()
                assert float(own) == pytest.approx(grad, rel=1e-11)
            tried += 1
    assert tried


STEPS = [
    lambda x, y: x + y,
    lambda x, y: x * y.sin(),
    lambda x, y: x / (y * y + 1),
    lambda x, y: (0.1 * x).tanh() - y,
    lambda x, y: (x * x + 2).log() * y,
    lambda x, y: (x.sigmoid() + 0.3) ** y.cos(),
]


EIGHTHS = st.integers(-16, 16).map(lambda n: n / 8)


@settings(deadline=None, max_examples=40)
@given(
    EIGHTHS,
    EIGHTHS,
    st.lists(st.tuples(*[st.integers(0, 99)] * 3), min_size=1, max_size=4),
)
def test_random_programs(a, b, program):
    values = [Value(a, name="x"), Value(b, name="y")]
    for step, i, j in program:
        n = len(values)
        values.append(STEPS[step % len(STEPS)](values[i % n], values[j % n]))
    found = symbolic(values[-1])
    for label, partial in found.gradient.items():
        own = sympy.diff(found.expression, found.symbols[label])
        with mp.workdps(30):
            ours, theirs = sympy.lambdify([X, Y], [partial, own], "mpmath")(mpf(a), mpf(b))
            assert abs(ours - theirs) <= mpf(10) ** -20 * (1 + abs(theirs))


@pytest.mark.parametrize(
    "make", [lambda x: x.relu(), abs, lambda x: maximum(x, 0), lambda x: x.leaky_relu(0.5)]
)
def test_the_kink_itself(make):
    """sympy.diff leaves it open; the table does not."""
    x = Value(0.0, name="x")
    out = make(x)
    out.backward()
    found = symbolic(out)
    assert float(found.gradient["x"].subs(X, 0)) == x.grad


# fmt: off
NUMBERS = [
    (0.5, Rational(1, 2)), (0.1, Rational(1, 10)), (1 / 3, Rational(1, 3)), (-2.0, -2), (1e6, 10**6),
    (0.125, Rational(1, 8)), (1e-5, Rational(1, 10**5)), (math.pi, pi), (-math.sqrt(2), -sqrt(2)),
    (math.e, sympy.E), (0.1234567890123, sympy.Float(0.1234567890123)), (math.inf, sympy.oo),
    (22 / 7, Rational(22, 7)), (math.sin(1), sympy.Float(math.sin(1))),
]
# fmt: on


@pytest.mark.parametrize(("x", "number"), NUMBERS)
def test_numbers_as_one_writes_them(x, number):
    assert written(x) == number
    if math.isfinite(x):
        assert float(written(x)) == x


def test_leaves_without_a_name_are_symbols():
    x, also = Value(2.0), Value(3.0, name="w")
    found = symbolic(x * also * Value(4.0, name="w"))
    assert list(found.gradient) == ["v1", "w", "w_2"]
    assert str(found).splitlines()[0] == "v1*w*w_2"


def test_as_text_and_latex():
    x, y = Value(2.0, name="x"), Value(3.0, name="w12")
    found = symbolic((x * y).log())
    assert str(found) == repr(found) == "log(w12*x)\n∂/∂x = 1/x\n∂/∂w12 = 1/w12"
    assert found.latex().splitlines() == [
        r"\begin{aligned}",
        r"f &= \log{\left(w_{12} x \right)} \\",
        r"\frac{\partial f}{\partial x} &= \frac{1}{x} \\",
        r"\frac{\partial f}{\partial w_{12}} &= \frac{1}{w_{12}}",
        r"\end{aligned}",
    ]
    assert found._repr_latex_() == rf"$\displaystyle {found.latex()}$"


def test_a_choice_and_an_operation_of_ones_own():
    bell = custom(lambda x: exp(-x * x), lambda x, out: -2 * x * out, name="bell")
    cut = custom(
        lambda x: where(x > 1, 1.0, x * x), lambda x, out: where(x > 1, 0.0, 2 * x), name="cut"
    )
    x, _ = leaves()
    assert symbolic(bell(x)).gradient["x"] == -2 * X * sympy.exp(-(X**2))
    assert symbolic(cut(x)).expression == Piecewise((1, X > 1), (X**2, True))
    assert symbolic(cut(x)).gradient["x"] == Piecewise((0, X > 1), (2 * X, True))


def test_an_index_that_is_a_value_is_a_symbol():
    (x, y), k = leaves(), Value(1.0, name="k")
    found = symbolic(ops.take([x * y, y, 0.5], k))
    k = found.symbols["k"]
    assert found.expression == Piecewise(
        (X * Y, Eq(k, 0)), (Y, Eq(k, 1)), (Rational(1, 2), True), evaluate=False
    )
    assert found.gradient["x"] == Y * Piecewise((1, Eq(k, 0)), (0, True), evaluate=False)
    assert found.gradient["k"] == 0
    assert [found.gradient["y"].subs(k, i) for i in range(3)] == [X, 1, 0]


def test_squarings_do_not_hang():
    """Pitfall 33."""
    x = Value(1.0, name="x")
    y = x
    for _ in range(40):
        y = y * y
    assert symbolic(y).expression == X ** (2**40)
    assert symbolic(y).gradient["x"] == 2**40 * X ** (2**40 - 1)


@pytest.mark.parametrize(
    "step", [lambda v: v * v.sin(), lambda v: v + v.exp(), lambda v: maximum(v * 2, v - 1)]
)
def test_what_would_blow_up_is_refused(step):
    y = Value(1.0, name="x")
    for _ in range(40):
        y = step(y).tanh()
    with pytest.raises(ValueError, match=r"limit=10000.* show the steps instead: trace\(loss\)"):
        symbolic(y)
    small = step(step(Value(1.0, name="x")))
    with pytest.raises(ValueError, match="limit=3"):
        symbolic(small, limit=3)
    assert symbolic(small).gradient


def test_too_deep_is_refused():
    y = Value(1.0, name="x")
    for _ in range(10**4):
        y = y.sin()
    with pytest.raises(ValueError, match="150 deep"):
        symbolic(y)


def test_a_long_sum():
    y = x = Value(1.0, name="x")
    for _ in range(1000):
        y = y + x
    assert symbolic(y).expression == 1001 * X


def test_what_is_refused():
    x, _ = leaves()
    with pytest.raises(TypeError, match=r"symbolic\(\) takes a Value, got 1.0"):
        symbolic(1.0)
    with pytest.raises(ValueError, match="made by hand"):
        symbolic(Value(1.0, (x,), (2.0,)))
    with pytest.raises(ArithmeticError, match="log .* is not a real number"):
        symbolic(autograd.log(x * 0 - 1))


def test_without_sympy(monkeypatch):
    monkeypatch.setitem(sys.modules, "sympy", None)
    with pytest.raises(ImportError, match="pip install sympy"):
        symbolic(Value(1.0))


def test_the_graph_is_not_changed():
    x, y = leaves()
    out = x * y
    symbolic(out)
    assert (x.data, x.grad, out.data, out.grad) == (0.75, 0.0, -1.5, 0.0)

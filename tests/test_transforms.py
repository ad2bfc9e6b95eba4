"""grad, value_and_grad, vjp and jvp, alone and inside each other. Pitfall 31."""

import math
from collections import OrderedDict, namedtuple

import mpmath
import numpy as np
import pytest
import scipy.optimize

import autograd
from autograd import Value, exp, grad, jvp, log, no_grad, sin, tanh, value_and_grad, vjp


def forward(f):
    return lambda x: jvp(f, (x,), (1.0,))[1]


def pulled(f):
    return lambda x: vjp(f, x)[1](1.0)[0]


MODES = {"grad": grad, "jvp": forward, "vjp": pulled}
each_mode = pytest.mark.parametrize("d", MODES.values(), ids=MODES)
each_inner = pytest.mark.parametrize("e", MODES.values(), ids=MODES)


# -- what goes in and comes out


def test_a_float_gives_a_float():
    value, gradient = value_and_grad(lambda x: x**3 + 1)(2.0)
    assert (value, gradient) == (9.0, 12.0)
    assert type(value) is float and type(gradient) is float


def test_the_gradient_has_the_structure_of_the_argument():
    Point = namedtuple("Point", "x y")

    def f(p):
        return p["a"] * p["b"][0] + p["b"][1].x ** 2 * p["c"][1, 0] + p["d"][0] * 2

    p = OrderedDict(
        a=2.0, b=[3.0, Point(4.0, 5.0)], c=np.arange(4.0).reshape(2, 2), d=(np.float64(1.0), None)
    )
    g = grad(f)(p)
    assert type(g) is OrderedDict and list(g) == list(p)
    assert g["a"] == 3.0 and g["b"] == [2.0, Point(16.0, 0.0)] and type(g["b"][1]) is Point
    assert g["c"].tolist() == [[0.0, 0.0], [16.0, 0.0]] and g["c"].dtype == float
    assert g["d"] == (2.0, None) and type(g["d"][0]) is np.float64


def test_arrays():
    x = np.array([1.0, 2.0, 3.0])
    value, g = value_and_grad(lambda x: (np.sin(x) * x[::-1]).sum() + x @ x)(x)
    assert value == pytest.approx(float((np.sin(x) * x[::-1]).sum() + x @ x))
    np.testing.assert_allclose(g, np.cos(x) * x[::-1] + np.sin(x)[::-1] + 2 * x, rtol=1e-14)
    assert grad(lambda x: x.sum())(np.float32([1, 2])).dtype == np.float32
    assert grad(lambda x: x * 2)(np.array(3.0)).shape == ()
    assert grad(lambda x: 1.0)(np.zeros((0, 2))).shape == (0, 2)


def test_a_value_gives_a_value_that_can_be_differentiated():
    x = Value(2.0, name="x")
    g = grad(lambda x: x**3)(x)
    assert isinstance(g, Value) and g.data == 12.0
    g.backward()
    assert x.grad == 12.0
    (row,) = grad(lambda xs: xs[0] * 5)([x])
    assert isinstance(row, Value) and row.data == 5.0


def test_nothing_else_gets_a_gradient():
    w, b = Value(3.0), Value(1.0)
    w.grad = 7.0
    inner = w * b
    assert grad(lambda x: x * inner + w)(2.0) == 3.0
    assert (w.grad, b.grad, inner.grad) == (7.0, 0.0, 0.0)
    x = Value(2.0)
    grad(lambda x: x * w)(x)
    assert (x.grad, w.grad) == (0.0, 7.0)


def test_argnums():
    def f(x, y, z):
        return x * y**2 * z

    assert grad(f, 1)(3.0, 2.0, 1) == 12.0
    assert grad(f, (1, 0))(3.0, 2.0, 1) == (12.0, 4.0)
    assert grad(f, (0,))(3.0, 2.0, 1) == (4.0,)
    assert grad(f, -3)(3.0, 2.0, 1) == 4.0
    assert grad(lambda x, *, scale: x * x * scale)(3.0, scale=2) == 12.0


def test_aux():
    def f(x):
        y = x * x
        return y * 3, {"y": y, "note": "text", "parts": [y, 1]}

    derivative, aux = grad(f, has_aux=True)(2.0)
    assert derivative == 12.0 and aux == {"y": 4.0, "note": "text", "parts": [4.0, 1]}
    assert type(aux["y"]) is float and type(aux["parts"][1]) is int
    (value, aux), derivative = value_and_grad(lambda x: (x * 3, [x * x]), has_aux=True)(2.0)
    assert (value, aux, derivative) == (6.0, [4.0], 3.0) and type(aux[0]) is float


def test_control_flow():
    def newton(a):
        x, steps = a, 0
        while abs(x * x - a) > 1e-15 * a and steps < 50:
            x, steps = 0.5 * (x + a / x), steps + 1
        return x

    assert grad(newton)(2.0) == pytest.approx(0.5 / math.sqrt(2), rel=1e-15)
    factorial = lambda x: 1.0 if x < 1 else x * factorial(x - 1)  # noqa: E731
    assert grad(factorial)(3.5) == pytest.approx(
        float(mpmath.diff(lambda x: x * (x - 1) * (x - 2), 3.5)), rel=1e-13
    )


def test_what_is_not_used_has_gradient_0():
    assert grad(lambda x, y: y * 2, argnums=(0, 1))(1.0, 1.0) == (0.0, 2.0)
    assert grad(lambda x: 3.0)(1.0) == 0.0
    assert grad(lambda x: 3)(1.0) == 0.0
    assert jvp(lambda x: 3.0, (1.0,), (1.0,)) == (3.0, 0.0)
    assert grad(lambda x: x)(1.0) == 1.0


def test_no_grad_around_does_not_matter():
    with no_grad():
        assert grad(lambda x: x * x)(3.0) == 6.0
        assert not Value(1.0).exp().parents
    assert grad(lambda x: x * no_grad()(lambda: x * 1)())(3.0) == 3.0


def test_the_arguments_stay_as_they_are():
    x, a = [1.0, 2.0], np.array([1.0, 2.0])

    def in_place(x):
        x[0] = x[0] * 3
        return x[0] * x[1]

    assert grad(in_place)(x) == [6.0, 3.0] and x == [1.0, 2.0]
    assert grad(in_place)(a).tolist() == [6.0, 3.0] and a.tolist() == [1.0, 2.0]


def test_scipy_minimizes():
    def rosenbrock(x):
        return sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)

    found = scipy.optimize.minimize(value_and_grad(rosenbrock), np.zeros(5), jac=True)
    np.testing.assert_allclose(found.x, np.ones(5), atol=1e-5)


# -- vjp and jvp


def test_vjp_of_several_results():
    def f(x, y):
        return {"product": x * y[0], "sum": [x + y[1], 5.0]}

    value, pullback = vjp(f, 3.0, np.array([2.0, 1.0]))
    assert value == {"product": 6.0, "sum": [4.0, 5.0]}
    dx, dy = pullback({"product": 1.0, "sum": [10.0, 100.0]})
    assert dx == 12.0 and dy.tolist() == [3.0, 10.0]
    assert pullback({"product": 0, "sum": [1, 0]})[0] == 1.0


def test_jvp_of_several_results():
    value, tangent = jvp(lambda x, y: [x * y, x / y], (3.0, 2.0), (1.0, 0.5))
    assert value == [6.0, 1.5] and tangent == [3.5, 0.125]
    value, tangent = jvp(np.sin, (np.array([0.0, 1.0]),), (np.array([1.0, 2.0]),))
    np.testing.assert_allclose(tangent, [1.0, 2 * math.cos(1.0)], rtol=1e-15)
    assert value.dtype == tangent.dtype == float
    assert jvp(lambda x: (x * 2, [x]), (3.0,), (1.0,), has_aux=True) == (6.0, 2.0, [3.0])


# -- inside each other


@each_mode
@each_inner
def test_no_confusion_of_perturbations(d, e):
    """d/dx [x · d/dy (x + y)] at 1, 1 is 1: Siskind and Pearlmutter, 2005."""
    assert d(lambda x: x * e(lambda y: x + y)(1.0))(1.0) == 1.0
    assert d(lambda x: x * e(lambda y: x * y)(2.0))(3.0) == 6.0
    assert d(lambda x: e(lambda y: x * y)(x))(3.0) == 1.0
    assert d(lambda x: x * e(lambda y: x * y * y)(x))(3.0) == 54.0
    assert d(lambda x: e(lambda x: x**3)(x) * x)(2.0) == 36.0
    assert d(lambda x: e(lambda y: y**3)(2.0))(1.0) == 0.0
    curried = lambda x: lambda y: x * y * y  # noqa: E731
    assert d(lambda x: e(curried(x))(5.0))(1.0) == 10.0


@each_mode
@each_inner
def test_results_at_the_top_are_floats(d, e):
    assert type(d(lambda x: x * e(lambda y: x + y)(1.0))(1.0)) is float
    assert type(d(lambda x: e(lambda y: y * y)(3.0) + x)(1.0)) is float
    assert type(e(d(sin))(1.0)) is float


def test_an_inner_derivative_without_the_outer_variable_is_a_float():
    seen = []

    def f(x):
        seen.append(grad(lambda y: y**3)(2.0))
        return x * seen[-1]

    assert grad(f)(1.0) == 12.0
    assert seen == [12.0] and type(seen[0]) is float


@each_mode
@each_inner
def test_three_deep(d, e):
    f = lambda x: x**4 * exp(x)  # noqa: E731
    want = float(mpmath.diff(lambda x: x**4 * mpmath.exp(x), 0.7, 3))
    assert d(e(d(f)))(0.7) == pytest.approx(want, rel=1e-13)


FUNCTIONS = {
    "exp": (exp, mpmath.exp, 0.3),
    "log": (log, mpmath.log, 0.7),
    "sin": (sin, mpmath.sin, 0.9),
    "tanh": (tanh, mpmath.tanh, 0.4),
    "sqrt": (autograd.sqrt, mpmath.sqrt, 1.7),
    "atan": (autograd.atan, mpmath.atan, 0.6),
    "asinh": (autograd.asinh, mpmath.asinh, 0.6),
    "erf": (autograd.erf, mpmath.erf, 0.5),
    "sigmoid": (autograd.sigmoid, lambda x: 1 / (1 + mpmath.exp(-x)), 0.5),
    "softplus": (autograd.softplus, lambda x: mpmath.log1p(mpmath.exp(x)), -0.5),
    "gelu": (autograd.gelu, lambda x: x * mpmath.ncdf(x), 0.5),
    "power": (lambda x: x**2.5, lambda x: x**2.5, 1.3),
    "x**x": (lambda x: x**x, lambda x: x**x, 1.3),
    "1/x": (lambda x: 1 / x, lambda x: 1 / x, 1.3),
    "hypot": (lambda x: autograd.hypot(x, 2.0), lambda x: mpmath.hypot(x, 2), 0.8),
    "atan2": (lambda x: autograd.atan2(x, 2.0), lambda x: mpmath.atan2(x, 2), 0.8),
    "logsumexp": (
        lambda x: autograd.logsumexp([x, 2 * x, 1.0]),
        lambda x: mpmath.log(mpmath.exp(x) + mpmath.exp(2 * x) + mpmath.e),
        0.4,
    ),
    "softmax": (
        lambda x: autograd.softmax([x, x * x, 1.0])[1],
        lambda x: mpmath.exp(x * x) / (mpmath.exp(x) + mpmath.exp(x * x) + mpmath.e),
        0.4,
    ),
    "dot": (
        lambda x: autograd.dot([x, x * x], [sin(x), 2.0], x),
        lambda x: x * mpmath.sin(x) + 2 * x * x + x,
        0.4,
    ),
    "prod": (lambda x: autograd.prod([x, x, sin(x)]), lambda x: x * x * mpmath.sin(x), 0.4),
    "norm": (lambda x: autograd.norm([x, 2.0, 3 * x]), lambda x: mpmath.sqrt(10 * x * x + 4), 0.4),
}


@pytest.mark.parametrize(("f", "truth", "at"), FUNCTIONS.values(), ids=FUNCTIONS)
def test_up_to_order_six_as_mpmath(f, truth, at):
    with mpmath.workdps(50):
        derivative = f
        for order in range(1, 7):
            derivative = (grad if order % 2 else forward)(derivative)
            want = float(mpmath.diff(truth, mpmath.mpf(at), order))
            assert derivative(at) == pytest.approx(want, rel=1e-9), order


def test_derivatives_of_kinks():
    """Pitfall 31."""
    third = grad(grad(grad(lambda x: x**4)))
    assert third(2.0) == 48.0
    for f in (autograd.relu, abs):
        assert [grad(f)(0.0), grad(grad(f))(0.0), grad(grad(f))(1.0)] == [0.0, 0.0, 0.0]
    assert grad(grad(lambda x: x**0))(0.0) == 0.0
    assert grad(grad(lambda x: x**2))(0.0) == 2.0
    assert grad(grad(lambda x: x * x * (x > 0)))(0.0) == 0.0


@each_mode
@each_inner
def test_gradient_descent_inside(d, e):
    """argmin over y of (y − x²)² is x², whichever way the inner and outer derivatives go."""

    def argmin(x):
        y = 0.0
        for _ in range(60):
            y = y - 0.3 * e(lambda y: (y - x * x) ** 2 * 1.5)(y)
        return y

    def outer(x):
        return (argmin(x) - 2) ** 2

    assert d(argmin)(1.5) == pytest.approx(3.0, rel=1e-12)
    assert d(outer)(1.5) == pytest.approx(4 * 1.5 * (1.5**2 - 2), rel=1e-12)
    assert d(d(outer))(1.5) == pytest.approx(12 * 1.5**2 - 8, rel=1e-10)


@each_mode
@each_inner
def test_argmin_inside_argmin(d, e):
    """min over x of (x − 3)² + max over y of (xy − y²), which is x²/4: descent in both."""

    def highest(x):
        y = 0.0
        for _ in range(50):
            y = y + 0.4 * e(lambda y: x * y - y * y)(y)
        return x * y - y * y

    x = 2.0
    for _ in range(50):
        x = x - 0.4 * d(lambda x: (x - 3) ** 2 + highest(x))(x)
    assert x == pytest.approx(2.4, rel=1e-9)


# -- backward(create_graph=True)


def test_gradients_as_values():
    x, y = Value(2.0, name="x"), Value(3.0)
    z = x**3 * y
    z.backward(create_graph=True)
    gradient = x.grad
    assert isinstance(gradient, Value) and gradient.data == 36.0 and y.grad.data == 8.0
    x.grad = y.grad = 0.0
    gradient.backward()
    assert (x.grad, y.grad) == (36.0, 12.0)
    assert type(x.grad) is float


def test_they_add_up_and_stay_values_until_set():
    x = Value(2.0)
    (x**2).backward(create_graph=True)
    (x**3).backward(create_graph=True)
    assert x.grad.data == 16.0
    (x * 5).backward()
    assert x.grad.data == 21.0
    gradient, x.grad = x.grad, 0
    assert type(x.grad) is float
    gradient.backward()
    assert x.grad == 2.0 + 12.0


def test_a_gradient_penalty():
    w, x = Value(0.5), Value(2.0)
    score = tanh(w * x)
    score.backward(create_graph=True)
    penalty = (x.grad - 1) ** 2
    w.grad = x.grad = 0.0
    penalty.backward()

    def by_hand(w):
        return (w * (1 - mpmath.tanh(w * 2) ** 2) - 1) ** 2

    assert w.grad == pytest.approx(float(mpmath.diff(by_hand, 0.5)), rel=1e-12)


def test_no_leftovers():
    """Pitfall 31: the gradient that is differentiated again leaves no numbers behind."""
    x = Value(2.0)
    y = x**3
    y.backward(create_graph=True)
    first, x.grad = x.grad, 0.0
    first.backward(create_graph=True)
    second, x.grad = x.grad, 0.0
    second.backward()
    assert (first.data, second.data, x.grad) == (12.0, 12.0, 6.0)


def test_a_constant_gradient_is_a_value_too():
    x = Value(2.0)
    (x * 3).backward(create_graph=True)
    assert isinstance(x.grad, Value) and x.grad.data == 3.0


def test_gradient_values_are_let_go():
    before = autograd.memory()["nodes"]
    x = Value(2.0)
    (x**3).backward(create_graph=True)
    x.grad = 0.0
    del x
    assert autograd.memory()["nodes"] == before


def test_a_node_made_by_hand_cannot_be_differentiated_twice():
    def f(x):
        return Value(x.data**2, (x,), (2 * x.data,)) if isinstance(x, Value) else x**2

    assert grad(f)(3.0) == 6.0
    with pytest.raises(RuntimeError, match=r"made by hand.*autograd\.custom"):
        grad(grad(f))(3.0)


# -- misuse


def misused(call, error, *words):
    with pytest.raises(error) as caught:
        call()
    for word in words:
        assert word in str(caught.value), str(caught.value)


def test_misuse():
    def pair(x):
        return [x, x]

    def square(x):
        return x * x

    misused(lambda: grad(pair)(1.0), TypeError, "pair returned a list", "jacobian")
    misused(lambda: grad(lambda x: x)(np.ones(2)), TypeError, "shape (2,)", "jacobian")
    misused(lambda: grad(lambda x: None)(1.0), TypeError, "returned None", "return missing")
    misused(lambda: grad(lambda x: "a")(1.0), TypeError, "returned a str", "return a Value")
    misused(lambda: grad(square)(3), TypeError, "argument 0 of square is 3", "write 3.0")
    misused(lambda: grad(square)(True), TypeError, "argument 0 of square is True", "float")
    misused(lambda: grad(pair)([1.0, {"a": 2}]), TypeError, "[1]['a'] is 2, of type int")
    misused(lambda: grad(square)(np.arange(3)), TypeError, "array of int64", ".astype(float)")
    misused(lambda: grad(square)("text"), TypeError, "'text', of type str", "allowed are floats")
    misused(lambda: grad(square, 1)(3.0), ValueError, "argument 1", "1 positional argument,")
    misused(lambda: grad(square)(x=3.0), ValueError, "0 positional arguments", "without its name")
    misused(lambda: grad(square, "x"), TypeError, "argnums of grad", "'x'")
    misused(lambda: grad(square, (0, -1))(3.0), ValueError, "twice")
    misused(lambda: grad(square(3.0)), TypeError, "takes a function, got 9.0", "grad(f)(x)")
    misused(lambda: value_and_grad(square, has_aux=True)(3.0), TypeError, "(result, aux)")
    misused(lambda: jvp(square, 3.0, 1.0), TypeError, "primals of jvp", "(x,)")
    misused(lambda: jvp(square, (3.0,), ()), ValueError, "1 primals and 0 tangents")
    misused(lambda: jvp(square, (3.0,), ([1.0],)), ValueError, "tangent 0", "number", "[number]")
    misused(lambda: vjp(pair, 3.0)[1](1.0), ValueError, "cotangent of pair", "[number, number]")


def test_changed_data_is_refused():
    def f(x):
        x.data = 5.0
        return x * x

    misused(lambda: grad(f)(2.0), ValueError, "f changed the data", "from 2.0 to 5.0")
    assert grad(lambda x: x * 2)(math.nan) == 2.0

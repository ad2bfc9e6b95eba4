import math
import pickle
import random
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from points import CONSTANTS, points

from autograd import (
    ENGINE,
    Value,
    absolute,
    acos,
    checkpoint,
    clip,
    cos,
    custom,
    dot,
    elu,
    exp,
    floor,
    grad,
    hypot,
    leaky_relu,
    log,
    logsumexp,
    maximum,
    mean,
    minimum,
    no_grad,
    norm,
    ops,
    relu,
    sigmoid,
    sign,
    sin,
    softmax,
    softplus,
    sqrt,
    step,
    stop_gradient,
    take,
    tanh,
)
from autograd.check.check_grads import check_grads
from autograd.check.complex_step import complex_step
from autograd.check.differences import slopes
from autograd.check.mismatch import GradientMismatch
from autograd.operation import Dot, Operation, Reduction, Softmax, Take


def planted(value, *derivatives):
    return custom(value, *derivatives, name="planted")


def by_hand(data, *edges):
    """A node made by hand, from its number and (parent, local derivative) pairs."""
    return Value(data, [parent for parent, _ in edges], [local for _, local in edges])


def plain(x):
    return x.data if isinstance(x, Value) else x


def counted():
    """A rule that is right the first time it is asked, and then no more."""
    constants = {}
    return lambda x, out: constants.setdefault("first", 3 * plain(x) ** 2)


CUBE = planted(lambda x: x**3, lambda x, out: 3 * x**2)
WRONG_SUM = planted(lambda x, y, z: x + y + z / 2, *3 * [lambda x, y, z, out: 1.0])

# fmt: off
MISTAKES = {
    # the kind of mistake:           an operation with it,                                                             at,          order
    "the wrong sign":                (planted(lambda x: cos(x), lambda x, out: sin(x)),                                (0.7,),      1),
    "a missing factor":              (planted(lambda x: x**3, lambda x, out: x**2),                                    (0.7,),      1),
    "a factor of two":               (planted(lambda x: sin(x), lambda x, out: 2 * cos(x)),                            (0.7,),      1),
    "half":                          (planted(lambda x: x * x, lambda x, out: x),                                      (3.0,),      1),
    "no inner derivative":           (planted(lambda x: sin(5 * x), lambda x, out: cos(5 * x)),                        (0.3,),      1),
    "x in place of out":             (planted(lambda x: exp(x), lambda x, out: x),                                     (1.5,),      1),
    "out in place of x":             (planted(lambda x: log(x), lambda x, out: 1 / out),                               (1.5,),      1),
    "the derivative of another":     (planted(lambda x: tanh(x), lambda x, out: out * (1 - out)),                      (0.4,),      1),
    "an exponent off by one":        (planted(lambda x: x**4, lambda x, out: 4 * x**4),                                (1.1,),      1),
    "inputs swapped":                (planted(lambda x, y: x * y, lambda x, y, out: x, lambda x, y, out: y),           (2.0, 3.0),  1),
    "a second input's sign":         (planted(lambda x, y: x - y, lambda x, y, out: 1.0, lambda x, y, out: 1.0),       (2.0, 3.0),  1),
    "a second input forgotten":      (planted(lambda x, y: x / y, lambda x, y, out: 1 / y, lambda x, y, out: 0.0),     (2.0, 3.0),  1),
    "the last of three inputs":      (WRONG_SUM,                                                                       (1., 2., 3.), 1),
    "zero for one that is tiny":     (planted(lambda x: exp(x - 200), lambda x, out: 0.0),                             (0.0,),      1),
    "zero for one that is tinier":   (planted(lambda x: exp(x - 400), lambda x, out: 0.0),                             (0.0,),      1),
    "zero beside a large number":    (planted(lambda x: exp(x - 200) + 1e6, lambda x, out: 0.0),                       (0.0,),      1),
    "a constant for zero":           (planted(lambda x: 0 * x, lambda x, out: 1e-9),                                   (0.5,),      1),
    "an error of 1e-4":              (planted(lambda x: sin(x), lambda x, out: 1.0001 * cos(x)),                       (0.7,),      1),
    "an error of 1e-4, no sine":     (planted(lambda x: math.sin(plain(x)), lambda x, out: 1.0001 * cos(x)),           (0.7,),      1),
    "a small constant added":        (planted(lambda x: x * x, lambda x, out: 2 * x + 1e-5),                           (0.7,),      1),
    "a constant of few digits":      (planted(lambda x: ops.log2(x), lambda x, out: 1.4427 / x),                       (0.7,),      1),
    "single precision":              (planted(lambda x: ops.erf(x), lambda x, out: 1.12837 * exp(-x * x)),             (0.7,),      1),
    "wrong for negative numbers":    (planted(lambda x: x * absolute(x), lambda x, out: 2 * x),                        (-1.5,),     1),
    "wrong on one branch":           (planted(lambda x: x if x > 0 else 0.1 * x, lambda x, out: 1.0),                  (-1.5,),     1),
    "a kink on the wrong side":      (planted(lambda x: relu(x), lambda x, out: 1.0 - step(x)),                        (1e-9,),     1),
    "too steep at a kink":           (planted(lambda x: absolute(x), lambda x, out: 1.5),                              (0.0,),      1),
    "nan":                           (planted(lambda x: x * x, lambda x, out: math.nan),                               (0.7,),      1),
    "infinite":                      (planted(lambda x: x * x, lambda x, out: 1 / (x - x)),                            (0.7,),      1),
    "right at one point":            (planted(lambda x: exp(x), lambda x, out: 1 + 2 * x),                             (0.0,),      1),
    "the tangent at one point":      (planted(lambda x: sin(x), lambda x, out: math.cos(0.5)),                         (0.5,),      1),
    "computed once":                 (planted(lambda x: x**3, counted()),                                              (0.5,),      1),
    "its data, not the Value":       (planted(lambda x: x**3, lambda x, out: 3 * plain(x) ** 2),                       (0.5,),      2),
    "half of it data":               (planted(lambda x: x**3, lambda x, out: 3 * x * plain(x)),                        (0.5,),      2),
    "a detached out":                (planted(lambda x: exp(x), lambda x, out: stop_gradient(out)),                    (0.5,),      2),
    "the second input's data":       (planted(lambda x, y: x * y, lambda x, y, out: plain(y), lambda x, y, out: x),    (2.0, 3.0),  2),
    "a wrong second derivative":     (planted(lambda x: CUBE(x) / 3,
                                      lambda x, out: planted(lambda x: x * x, lambda x, out: x)(x)),                   (0.5,),      2),
}

COMPOSITIONS = {
    # the kind of mistake:           a function with it,                                                               at
    "a number taken out":            (lambda x: x * math.exp(x.data),                                                  (0.7,)),
    "a detached factor":             (lambda x: x * x.detach(),                                                        (0.7,)),
    "a stopped gradient":            (lambda x: sin(x) + stop_gradient(x * x),                                         (0.7,)),
    "a Value made anew":             (lambda x: x + Value(x.data) ** 2,                                                (0.7,)),
    "everything taken out":          (lambda x: Value(math.sin(x.data)),                                               (0.7,)),
    "`=` in place of `+=`":          (lambda x: by_hand(x.data * x.data, (x, x.data)),                                 (3.0,)),
    "`+=` once too often":           (lambda x: by_hand(x.data * 3, (x, 3.0), (x, 3.0)),                               (3.0,)),
    "swapped by hand":               (lambda x, y: by_hand(x.data * y.data, (x, x.data), (y, y.data)),                 (3.0, 2.0)),
    "no chain rule":                 (lambda x: by_hand(math.sin(x.data**2), (x, math.cos(x.data**2))),                (0.7,)),
    "a list one short":              (lambda xs: by_hand(sum(plain(x) for x in xs), *((x, 1.0) for x in xs[1:])),      ([1.0, 2.0, 3.0],)),
    "a mean off by one":             (lambda xs: by_hand(sum(x.data for x in xs) / 3, *((x, 1 / 2) for x in xs)),      ([1.0, 2.0, 3.0],)),
    "one of many":                   (lambda xs: sum(xs[:5]) + xs[5].detach() + sum(xs[6:]),                           ([float(i) for i in range(9)],)),
    "one of many results":           (lambda x: [x, x * x, planted(lambda x: exp(x - 200), lambda x, out: 0.0)(x)],    (0.5,)),
    "hidden by a larger one":        (lambda x, y: planted(lambda x: exp(x - 200), lambda x, out: 0.0)(x) + y,         (0.5, 1.0)),
}
# fmt: on


@pytest.mark.parametrize("mode", ["fwd", "rev"])
@pytest.mark.parametrize("kind", MISTAKES)
def test_a_planted_mistake_is_caught_and_named(kind, mode):
    operation, args, order = MISTAKES[kind]
    with pytest.raises(GradientMismatch, match="planted") as caught:
        check_grads(operation, args, modes=(mode,))
    assert (caught.value.order, caught.value.operations) == (order, ("planted",))


@pytest.mark.parametrize("kind", MISTAKES)
def test_it_is_caught_inside_a_composition(kind):
    operation, args, _ = MISTAKES[kind]
    with pytest.raises(GradientMismatch) as caught:
        check_grads(lambda *xs: (operation(*xs) * 0.5 + 0.1) * 2.0, args)
    assert caught.value.operations == ("planted",)


@pytest.mark.parametrize("mode", ["fwd", "rev"])
@pytest.mark.parametrize("kind", COMPOSITIONS)
def test_a_mistake_in_a_function_is_caught(kind, mode):
    f, args = COMPOSITIONS[kind]
    with pytest.raises(GradientMismatch):
        check_grads(f, args, modes=mode)


def test_numbers_computed_under_no_grad_are_missed_from_the_gradient():
    def f(x):
        with no_grad():
            factor = x * 2
        return x * factor

    with pytest.raises(GradientMismatch, match="no_grad"):
        check_grads(f, (3.0,))


@pytest.mark.skipif(ENGINE == "native", reason="its rows are compiled: nothing to replace")
def test_a_replaced_row_is_caught(monkeypatch):
    monkeypatch.setattr(ops.atan2, "derivatives", (lambda y, x, out: x, lambda y, x, out: -y))
    with pytest.raises(GradientMismatch) as caught:
        check_grads(ops.atan2, (2.0, 3.0))
    assert caught.value.operations == ("atan2",)


def test_the_unbroken_operations_pass():
    check_grads(CUBE, (0.5,), order=4)
    check_grads(lambda x: by_hand(x.data * 3, (x, 3.0)), (0.5,), order=1)
    with pytest.raises(RuntimeError, match="made by hand"):
        check_grads(lambda x: by_hand(x.data * 3, (x, 3.0)), (0.5,), order=2)


# -- no false alarms -------------------------------------------------------------------------------

# beyond, floor is x itself and the second derivative of tanh is not computed to full precision
COARSE = {"floor": 1e15, "tanh": 170.0}


def as_function(row, operands):
    """A row as a function of its operands, and those."""
    if isinstance(row, Take):
        return lambda *xs: row(list(xs[:-1]), xs[-1]), operands
    if isinstance(row, Softmax):
        return lambda *xs: row(list(xs))[int(operands[-1])], operands[:-1]
    if isinstance(row, Dot):
        n = len(operands) // 2
        return lambda *xs: row(list(xs[:n]), list(xs[n : 2 * n]), *xs[2 * n :]), operands
    return (lambda *xs: row(list(xs))) if isinstance(row, Reduction) else row, operands


@pytest.mark.parametrize("name", [name for name in ops.ROWS if name not in CONSTANTS])
def test_every_row_passes_everywhere(name):
    row = ops.ROWS[name]
    for operands in points(row):
        if abs(operands[0]) <= COARSE.get(name, math.inf):
            check_grads(*as_function(row, operands))


@pytest.mark.parametrize("name", sorted(CONSTANTS))
def test_a_constant_by_decree_is_named_as_what_lets_no_gradient_through(name):
    row = ops.ROWS[name]
    for operands in points(row):
        f, args = as_function(row, operands)
        with pytest.raises(GradientMismatch, match=f"The rule of {name}") as caught:
            check_grads(lambda *xs, f=f: 2.0 * f(*xs), args)
        assert caught.value.operations == (name,)


def test_a_shift_on_which_nothing_depends_passes():
    def logsumexp(*xs):
        top = ops.shift(xs)
        return top + ops.log(ops.sum([ops.exp(x - top) for x in xs]))

    def softmax(*xs):
        top = ops.shift(xs)
        return ops.exp(xs[0] - top) / ops.sum([ops.exp(x - top) for x in xs])

    check_grads(softmax, (0.5, 1.5, -1.0))
    check_grads(logsumexp, (0.5, 1.5, -1.0))
    check_grads(logsumexp, (1.5, 1.5))


@pytest.mark.parametrize("order", [1, 2])
def test_an_index_is_no_number_to_differentiate_by(order):
    def f(rows, index):
        row = take(rows, index)
        return exp(row[0]) * row[1] * take([2.0, rows[0][0]], index)

    check_grads(f, ([[0.5, -1.0], [0.25, 1.5]], 1.0), order=order)
    check_grads(f, ([[0.5, -1.0], [0.25, 1.5]], 0.0), order=order)
    wrong = planted(lambda x, k: take([x, x * x], k), lambda x, k, out: x, lambda x, k, out: 0.0)
    with pytest.raises(GradientMismatch):
        check_grads(lambda x, k: wrong(x, k), (0.5, 1.0), order=order)


# fmt: off
KINKS = {
    "relu":            (relu, 0.0),
    "absolute":        (absolute, 0.0),
    "sign":            (sign, 0.0),
    "step":            (step, 0.0),
    "floor":           (floor, 3.0),
    "leaky_relu":      (leaky_relu, 0.0, 0.1),
    "elu":             (elu, 0.0, 2.0),
    "maximum":         (maximum, 1.0, 1.0),
    "minimum":         (minimum, 0.0, 0.0),
    "clip low":        (clip, 1.0, 1.0, 2.0),
    "clip high":       (clip, 2.0, 1.0, 2.0),
    "hypot":           (hypot, 0.0, 0.0),
    "norm":            (lambda *xs: norm(list(xs)), 0.0, 0.0, 0.0),
    "x|x|":            (lambda x: x * absolute(x), 0.0),
    "relu squared":    (lambda x: relu(x) ** 2, 0.0),
    "at a sum":        (lambda x, y: relu(x + y) * exp(x), 0.5, -0.5),
    "hinge":           (lambda x: relu(1.0 - x), 1.0),
    "a branch":        (lambda x: 2 * x if x > 0 else 3 * x, 0.0),
    "sqrt":            (sqrt, 0.0),
    "cbrt":            (ops.cbrt, 0.0),
    "acos":            (acos, 1.0),
    "log":             (log, 0.0),
    "a pole":          (lambda b: 1 / (b + 5.5), -5.5),
    "a pole in a log": (lambda b: log(absolute(b - 1.0)), 1.0),
    "x to the 1.5":    (lambda x: x**1.5, 0.0),
    "outside":         (lambda x: sqrt(x), -1.0),
}
# fmt: on


@pytest.mark.parametrize("kind", KINKS)
def test_kinks_poles_and_borders_pass(kind):
    f, *args = KINKS[kind]
    check_grads(f, tuple(args))


@pytest.mark.parametrize("near", [1e-3, 1e-6, 1e-9, -1e-9, 1e-12, -1e-15, 1e-300])
def test_beside_a_kink_it_is_sure_of_the_side(near):
    check_grads(relu, (near,))
    check_grads(lambda x: maximum(x, 1.0) * exp(x), (1.0 + near,))
    by_data = custom(lambda x: max(plain(x), 0.0), lambda x, out: step(x))  # by differences
    check_grads(by_data, (near,))
    wrong = custom(lambda x: max(plain(x), 0.0), lambda x, out: 0.5)
    with pytest.raises(GradientMismatch):
        check_grads(wrong, (near,))


# fmt: off
HARD = {
    "a constant":                  (lambda x: 3.0, 0.5),
    "x - x":                       (lambda x: x - x, 0.3),
    "sin² + cos²":                 (lambda x: sin(x) ** 2 + cos(x) ** 2, 0.7),
    "the cosine at 0":             (cos, 0.0),
    "a cube at 0":                 (lambda x: x**3, 0.0),
    "a seventh power at its root": (lambda x: (x - 1) ** 7, 1.0),
    "a large constant":            (lambda x: 1e8 + x, 0.7),
    "a large one, by differences": (lambda x: 1e12 + x.data * 0 + x, 0.7),
    "what cancels":                (lambda x: (1e8 + x) - 1e8, 0.7),
    "thirds":                      (lambda x: mean([x, x, x]) - x, 0.7),
    "a shift of all":              (lambda x: logsumexp([x, x + 1]) - x, 0.7),
    "a saturated softmax":         (lambda x: softmax([x, 40.0 + x / 2])[1], 0.0),
    "a saturated tanh":            (tanh, 20.0),
    "1 - tanh²":                   (lambda x: 1 - tanh(x) ** 2, 18.0),
    "a saturated sigmoid":         (sigmoid, -700.0),
    "a saturated softplus":        (softplus, -50.0),
    "a fast sine":                 (lambda x: sin(1e6 * x), 1.0),
    "a far sine":                  (sin, 1e5),
    "a steep exponential":         (lambda x: exp(1e3 * x), 0.1),
    "the border of a log":         (log, 1e-3),
    "a tiny log":                  (log, 1e-200),
    "x log x":                     (lambda x: x * log(x), 1e-9),
    "a tiny exponential":          (lambda x: exp(x - 200), 0.0),
    "a tinier one":                (lambda x: exp(x - 600), 0.0),
    "through math":                (custom(lambda x: math.sin(x), lambda x, out: cos(x)), 0.7),
    "a tiny one through math":     (custom(lambda x: math.exp(x - 200), lambda x, out: out), 0.0),
    "a power near 1":              (lambda x: ops.cosh(x) ** x, 1e-9),
    "the log of a cosine":         (lambda x: log(cos(x)), -1e-9),
    "softmax terms":               (lambda x: softmax([ops.asin(x), x])[0], 1e-9),
}
# fmt: on


@pytest.mark.parametrize("kind", HARD)
def test_rounding_is_no_mistake(kind):
    f, *args = HARD[kind]
    check_grads(f, tuple(args))


SMOOTH = [
    "sin",
    "cos",
    "tanh",
    "atan",
    "exp",
    "sigmoid",
    "softplus",
    "erf",
    "gelu",
    "silu",
    "asinh",
]
KINKED = ["relu", "absolute", "floor", "sign"]
BINARY = ["add", "subtract", "multiply", "hypot", "atan2", "maximum", "minimum", "leaky_relu"]
LISTS = ["sum", "mean", "prod", "norm", "logsumexp", "softmax", "log_softmax"]

PROGRAMS = st.lists(
    st.tuples(
        st.sampled_from(SMOOTH + KINKED + BINARY + LISTS),
        st.lists(st.integers(0, 9), min_size=2, max_size=4),
    ),
    min_size=1,
    max_size=6,
)
COORDINATES = st.floats(-2.0, 2.0).map(lambda x: x + 0.0123456789)  # off the kinks: 0, 1, -1


def program(steps):
    """A function that applies row after row to results so far."""

    def f(*xs):
        results = list(xs)
        for name, which in steps:
            row, operands = ops.ROWS[name], [results[i % len(results)] for i in which]
            out = row(operands) if name in LISTS else row(*operands[: len(row.inputs)])
            results.append(out[0] if isinstance(out, list) else out)
        return results[-1]

    return f


@given(PROGRAMS, st.lists(COORDINATES, min_size=1, max_size=3, unique=True))
@settings(max_examples=60, deadline=None)
def test_random_compositions_pass(steps, xs):
    f = program(steps)
    with no_grad():
        out = f(*map(Value, xs))
    if abs(plain(out)) < 1e100:
        check_grads(f, tuple(xs))


# -- what it takes ---------------------------------------------------------------------------------


def test_structures_several_arguments_and_higher_orders():
    def f(p, x):
        return {"a": dot(p["w"], x, p["b"]), "b": [exp(p["b"]), 1.0, None], "c": (x[0] * x[1],)}

    check_grads(f, ({"w": [1.0, 2.0], "b": 0.5}, (3.0, 4.0)))
    check_grads(lambda x: sin(x) * exp(x), (1.0,), order=4)
    check_grads(lambda x: x**4, (1.0,), order=5, modes="rev")


def test_values_functions_of_functions_and_methods():
    x = Value(3.0, name="x")
    x.grad = 7.0
    check_grads(lambda x: x.exp() * x.tanh().hypot(2.0), (x,))
    assert (x.grad, x.data) == (7.0, 3.0)
    check_grads(lambda x: grad(lambda y: y**3 * x)(x), (1.0,))
    check_grads(checkpoint(lambda x: sin(x) * x), (1.0,))
    with no_grad():
        check_grads(sin, (1.0,))
        with pytest.raises(GradientMismatch):
            check_grads(MISTAKES["half"][0], (1.0,))


def test_arrays():
    numpy = pytest.importorskip("numpy")
    check_grads(lambda a: numpy.exp(a).sum() * a[0, 1], (numpy.array([[1.0, 2.0], [3.0, 4.0]]),))
    check_grads(lambda a: a * a, (numpy.array([1.0, 2.0], dtype=numpy.float32),), order=1)
    wrong = MISTAKES["half"][0]
    with pytest.raises(GradientMismatch, match=r"by argument 0.flat\[2\] = 3.0"):
        check_grads(
            lambda a: [a[0, 0] * a[0, 1], wrong(a[1, 0])], (numpy.array([[1.0, 2.0], [3.0, 4.0]]),)
        )


@pytest.mark.parametrize(
    "call, error, message",
    [
        (lambda: check_grads(3.0, (1.0,)), TypeError, "check_grads takes a function, got 3.0"),
        (lambda: check_grads(sin, 1.0), TypeError, "got 1.0: write (x,) for one argument"),
        (lambda: check_grads(sin, [1.0]), TypeError, "must be the tuple of arguments of sin"),
        (lambda: check_grads(sin, (1,)), TypeError, "must be a float; write 1.0"),
        (lambda: check_grads(sin, ("a",)), TypeError, "argument 0 of sin is 'a'"),
        (lambda: check_grads(sin, (1.0,), order=0), ValueError, "a whole number from 1, got 0"),
        (lambda: check_grads(sin, (1.0,), order=1.5), ValueError, "a whole number from 1, got 1.5"),
        (lambda: check_grads(sin, (1.0,), modes="both"), ValueError, 'are "fwd" and "rev"'),
        (lambda: check_grads(sin, (1.0,), modes=()), ValueError, "one or both, got ()"),
        (lambda: check_grads(sin, (1.0,), rtol=0.0), ValueError, "rtol of check_grads is"),
        (lambda: check_grads(lambda: 1.0, ()), ValueError, "takes no numbers"),
        (lambda: check_grads(lambda x: None, (1.0,)), ValueError, "is its return missing?"),
        (lambda: check_grads(lambda x: "a", (1.0,)), TypeError, "the result of <lambda>"),
        (lambda: check_grads(lambda x: x * random.random(), (1.0,)), ValueError, "same arguments"),
    ],
)
def test_misuse_says_what_to_do(call, error, message):
    with pytest.raises(error) as caught:
        call()
    assert message in str(caught.value)


def test_fractions_are_numbers():
    check_grads(lambda x: x * x, (Fraction(1, 3),))


# -- what it says ----------------------------------------------------------------------------------


def test_the_message_names_input_operation_and_numbers():
    wrong = custom(lambda x: x**3, lambda x, out: 3 * x, name="cube")

    def loss(p, scale):
        return scale * p["w"][0] + exp(wrong(p["w"][3]))

    with pytest.raises(GradientMismatch) as caught:
        check_grads(loss, ({"w": [1.0, 2.0, 3.0, 0.5]}, 2.0))
    assert str(caught.value).splitlines() == [
        "a derivative of loss is wrong: order 1, forward mode, by argument 0['w'][3] = 0.5",
        "",
        "  derivative of  by                  at   by the rules  numerically   relative difference",
        "  result         argument 0['w'][3]  0.5  1.6997226796  0.8498613398  0.5",
        "  1 of 5 wrong; numerically: by a complex step",
        "",
        "The rule of cube(0.5) by x disagrees: 1.5 by the rule, 0.75 by its values.",
    ]
    (worst,) = caught.value.disagreements
    assert (worst.result, worst.input, worst.at) == ("result", "argument 0['w'][3]", 0.5)
    assert worst.derivative == pytest.approx(2 * worst.numerical)
    assert (caught.value.order, caught.value.modes) == (1, ("fwd",))
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_the_worst_input_comes_first():
    with pytest.raises(GradientMismatch) as caught:
        check_grads(lambda x, y: x * 1.0 + by_hand(y.data, (y, 3.0), (x, 0.1)), (1.0, 2.0))
    assert [d.input for d in caught.value.disagreements] == ["argument 1", "argument 0"]


def test_the_order_and_the_mode_are_named():
    operation, args, _ = MISTAKES["half of it data"]
    with pytest.raises(GradientMismatch, match="order 2, reverse over reverse mode") as caught:
        check_grads(operation, args, modes=("rev",))
    text = str(caught.value)
    assert "∂result/∂argument 0" in text
    assert "The rule of planted(0.5) is right, but its own derivative is not" in text
    assert "Does it read .data" in text


# fmt: off
ADVICE = [
    # what is wrong with a function                        what is said
    (lambda x: by_hand(9.0 * x.data, (x, 3.0)),            "v2 = 27.0 is a node made by hand: are its local_grads (3.0,)"),
    (lambda x: x * x.detach(),                             "v2 = 3.0 is a leaf made inside the function"),
    (lambda x: Value(x.data),                              "in the graph nothing leads from this input to the result"),
    (lambda x: x * x.data,                                 "a number taken out of the graph passes no gradient: .data"),
    (lambda x: relu(x - 3.0) - relu(3.0 - x),              "relu(0) has no single derivative there"),
    (lambda x: sqrt((x - 3.0) ** 4),                       "a local derivative is infinite"),
]
# fmt: on


@pytest.mark.parametrize("f, told", ADVICE)
def test_where_no_rule_is_wrong_it_says_where_else_to_look(f, told):
    with pytest.raises(GradientMismatch) as caught:
        check_grads(f, (3.0,), order=1)
    assert "Every operation's rule agrees with its values" in str(caught.value)
    assert told in str(caught.value)
    assert caught.value.operations == ()


# -- the truth -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "row", [row for row in ops.ROWS.values() if len(row.inputs) == 1 and row.from_math], ids=repr
)
def test_the_complex_step_knows_every_function(row):
    mpmath = pytest.importorskip("mpmath")
    by_name = {
        "absolute": mpmath.fabs,
        "log2": lambda x: mpmath.log(x, 2),
        "cbrt": lambda x: mpmath.sign(x) * mpmath.cbrt(abs(x)),
    }
    reference = by_name.get(row.name) or getattr(mpmath, row.name)
    tried = 0
    for x in (-2.6, -0.75, -0.3, 0.3, 0.75, 1.25, 2.6, 7.1, 35.5):
        value = row(x)
        if math.isfinite(value):
            ((found, _),) = complex_step(lambda x: [row(x)], [x], 0, [value])
            assert found == pytest.approx(float(mpmath.diff(reference, x)), rel=1e-12)
            tried += 1
    assert tried > 2


def test_the_complex_step_is_refused_where_it_says_nothing():
    def refused(f, x):
        return complex_step(lambda x: [f(x)], [x], 0, [plain(f(Value(x)))]) is None

    assert refused(relu, 0.0) and refused(absolute, 0.0) and refused(floor, 2.0)
    assert refused(log, -1.0) and refused(sqrt, -1.0) and refused(acos, 1.0)
    assert refused(lambda x: x * plain(x.detach()) if isinstance(x, Value) else x.detach(), 1.0)
    assert refused(lambda x: Value(x.data) * 2, 1.0)
    assert not refused(relu, 1e-200) and not refused(lambda x: maximum(x, x), 1.0)


def test_the_complex_step_never_asks_for_a_derivative():
    def forbidden(x, out):
        raise AssertionError("a rule was asked")

    operation = custom(lambda x: sin(x) * x, forbidden)
    found = complex_step(lambda x: [operation(x)], [1.0], 0, [math.sin(1.0)])
    assert found[0][0] == pytest.approx(math.sin(1.0) + math.cos(1.0), rel=1e-15)


@pytest.mark.parametrize(
    "f, x, derivative",
    [
        (math.exp, 1.0, math.e),
        (math.sin, 1e5, math.cos(1e5)),
        (math.log, 1e-3, 1e3),
        (math.log, 1e-12, 1e12),
        (lambda x: math.exp(x - 200), 0.0, math.exp(-200)),
        (lambda x: 1 / x, -1e-5, -1e10),
        (lambda x: max(x, 0.0), 1e-9, 1.0),
        (lambda x: x**3, 0.0, 0.0),
    ],
)
def test_differences_are_exact_and_know_how_exact(f, x, derivative):
    def tame(x):
        try:
            return [f(x)]
        except (ValueError, ZeroDivisionError):
            return [math.nan]

    (slope,) = slopes(tame, x, tame(x))
    assert slope.low == slope.high == pytest.approx(derivative, rel=1e-8, abs=1e-12)
    assert abs(slope.low - derivative) <= 4 * slope.error <= 1e-7 * abs(derivative) + 1e-11


def test_a_row_that_is_no_operation_of_the_table_is_run_by_its_value():
    own = Operation("exp", lambda x: x * x, lambda x, out: 2 * x)  # not the table's exp
    check_grads(own, (0.7,))

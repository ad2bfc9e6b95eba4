"""Value: numbers in, operators, comparisons, the graph, and backward()."""

import copy
import gc
import math
import os
import threading
import time
import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from itertools import pairwise
from math import inf, nan

import numpy as np
import pytest

import autograd
from autograd import Value, modes, no_grad, where


def same(x, y):
    """The same number; nan is nan."""
    return x == y or (math.isnan(x) and math.isnan(y))


# A VALUE AND ITS NUMBERS


def test_a_leaf():
    v = Value(2.0, name="x")
    assert (v.data, v.grad, v.name, v.op) == (2.0, 0.0, "x", "")
    assert (v.parents, v.local_grads, v.operands, v.operation) == ((), (), (), None)
    assert v.history() == [v]


@pytest.mark.parametrize(
    "x", [2, True + 1, Fraction(2), np.float32(2), np.int64(2), np.array(2), np.array(2.0)]
)
def test_data_and_grad_are_floats_whatever_is_given(x):
    """Pitfall 17."""
    v = Value(x)
    v.grad = x
    assert (v.data, type(v.data), v.grad, type(v.grad)) == (2.0, float, 2.0, float)
    v.data = x
    assert type(v.data) is float
    assert type((v * x).data) is type((x * v).data) is type((v**x).local_grads[0]) is float


@pytest.mark.parametrize(
    "x", ["a", None, 1j, [1.0], (1.0,), np.ones(2), b"1", object(), Value(1.0)]
)
def test_what_is_no_number_is_refused(x):
    """Pitfall 17: everywhere a number goes in."""
    v = Value(1.0)
    message = "expected a real number .int, float, Fraction, NumPy scalar or 0-d array., got "
    with pytest.raises(TypeError, match=message):
        Value(x)
    with pytest.raises(TypeError, match=message):
        v.data = x
    with pytest.raises(TypeError, match=message):
        v.grad = x
    with pytest.raises(TypeError, match=message):
        v.backward(x)
    with pytest.raises(TypeError, match=message):
        Value(1.0, (v,), (x,))
    assert (v.data, v.grad) == (1.0, 0.0)


def test_a_value_in_a_value():
    """Pitfall 17."""
    with pytest.raises(TypeError, match="it is a Value already: use it as it is, or v.data"):
        Value(Value(2.0))


@pytest.mark.parametrize("name", [3, b"x", ["x"], Value(1.0)])
def test_a_name_is_text(name):
    with pytest.raises(TypeError, match="a name is text or None, got"):
        Value(1.0, name=name)
    v = Value(1.0, name="x")
    with pytest.raises(TypeError, match="a name is text or None, got"):
        v.name = name
    assert v.name == "x"


def test_a_name_can_be_given_later():
    v = Value(1.0) + 1.0
    assert v.name is None
    v.name = "loss"
    assert v.name == "loss"
    v.name = None
    assert v.name is None


def test_what_a_value_was_made_from_cannot_be_changed():
    v = Value(1.0) * 2.0
    for attribute in ("parents", "local_grads", "op", "operation", "operands"):
        with pytest.raises(AttributeError):
            setattr(v, attribute, ())
    with pytest.raises(AttributeError):
        v.gard = 1.0  # a slip of the pen


def test_value_has_no_subclasses():
    with pytest.raises(TypeError, match="keep a Value in an attribute of your own class"):
        type("Number", (Value,), {})


# NODES MADE BY HAND


def test_a_node_made_by_hand():
    x, y = Value(2.0), Value(3.0)
    out = Value(6.0, (x, y), (3.0, 2), name="xy")
    (out * 10).backward()
    assert (x.grad, y.grad, out.grad) == (30.0, 20.0, 10.0)
    assert (out.op, out.parents, out.local_grads, out.operands) == ("", (x, y), (3.0, 2.0), (x, y))
    assert type(out.local_grads[1]) is float


def test_a_node_made_by_hand_from_iterators_and_with_many_parents():
    xs = [Value(float(i)) for i in range(100)]
    out = Value(0.0, iter(xs), (float(i) for i in range(100)))
    out.backward()
    assert [x.grad for x in xs] == [float(i) for i in range(100)]


def test_a_node_made_by_hand_that_is_wrong():
    x = Value(2.0)
    with pytest.raises(
        ValueError, match="one local derivative per parent, got 1 parents and 2 loc"
    ):
        Value(1.0, (x,), (1.0, 2.0))
    with pytest.raises(
        TypeError, match=r"parents must be Values, got 2.0; wrap a number: Value\(2.0"
    ):
        Value(1.0, (2.0,), (1.0,))
    with pytest.raises(TypeError, match="the third argument is the local derivatives.*got '\\+'"):
        Value(1.0, (x,), "+")  # as micrograd's constructor


def test_a_node_by_hand_with_the_same_parent_twice():
    """Pitfall 4."""
    x = Value(3.0)
    Value(9.0, (x, x), (3.0, 3.0)).backward()
    assert x.grad == 6.0


# OPERATORS

OTHERS = [5, 5.0, Fraction(5), np.float64(5), np.int64(5), np.array(5.0), Value(5.0)]


@pytest.mark.parametrize("other", OTHERS, ids=[type(x).__name__ for x in OTHERS])
def test_operators_and_their_reflections(other):
    """Pitfalls 18 and 19: with every kind of number, on either side."""
    for operate, value, by_x, by_y, back, back_by_x in (
        (lambda x, y: x + y, 7.0, 1.0, 1.0, 7.0, 1.0),
        (lambda x, y: x - y, -3.0, 1.0, -1.0, 3.0, -1.0),
        (lambda x, y: x * y, 10.0, 5.0, 2.0, 10.0, 5.0),
        (lambda x, y: x / y, 0.4, 0.2, -0.08, 2.5, -1.25),
        (lambda x, y: x**y, 32.0, 80.0, 32 * math.log(2), 25.0, 25 * math.log(5)),
    ):
        x = Value(2.0)
        there, back_again = operate(x, other), operate(other, x)
        assert (type(there), type(back_again)) == (Value, Value)
        assert (there.data, back_again.data) == (value, back)
        there.backward()
        assert x.grad == pytest.approx(by_x)
        if isinstance(other, Value):
            assert other.grad == pytest.approx(by_y)
        x.grad = 0.0
        back_again.backward()
        assert x.grad == pytest.approx(back_by_x)
        if isinstance(other, Value):
            other.grad = 0.0


def test_signs_and_absolute_values():
    x = Value(-2.0)
    assert +x is x
    assert ((-x).data, (-x).op, (-x).local_grads) == (2.0, "negative", (-1.0,))
    assert (abs(x).data, abs(x).op, abs(x).local_grads) == (2.0, "absolute", (-1.0,))


def test_powers_of_values():
    """Pitfall 6."""
    x, y = Value(2.0), Value(3.0)
    (x**y).backward()
    assert (x.grad, y.grad) == (12.0, 8 * math.log(2))
    y.grad = 0.0
    (2**y).backward()
    assert y.grad == 8 * math.log(2)
    base, exponent = Value(-2.0), Value(3.0)
    out = base**exponent
    out.backward()
    assert (out.data, base.grad) == (-8.0, 12.0)
    assert math.isnan(exponent.grad)


@pytest.mark.parametrize(
    ("base", "exponent", "value", "grad"),
    [
        (0.0, 0, 1.0, 0.0),
        (0.0, 1, 0.0, 1.0),
        (0.0, 0.5, 0.0, inf),
        (0.0, -1, inf, -inf),
        (-8.0, 1 / 3, nan, nan),
        (-3.0, 2, 9.0, -6.0),
    ],
)
def test_powers_at_the_edges(base, exponent, value, grad):
    """Pitfalls 7 and 8: IEEE, never an exception and never a complex number."""
    x = Value(base)
    y = x**exponent
    y.backward()
    assert same(y.data, value) and same(x.grad, grad)
    assert type(y.data) is type(x.grad) is float


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda: Value(1000.0).exp(), inf),
        (lambda: Value(1e200) ** 2, inf),
        (lambda: Value(1e200) * Value(1e200), inf),
        (lambda: Value(0.0).log(), -inf),
        (lambda: Value(-1.0).log(), nan),
        (lambda: Value(1.0) / 0.0, inf),
        (lambda: Value(1.0) / Value(0.0), inf),
        (lambda: 1 / Value(-0.0), -inf),
        (lambda: Value(0.0) / 0, nan),
        (lambda: Value(0.0) ** -1, inf),
        (lambda: 0 ** Value(-1.0), inf),
        (lambda: Value(10.0) ** 400, inf),
        (lambda: Value(1000.0).sinh(), inf),
        (lambda: Value(2.0).asin(), nan),
        (lambda: autograd.prod([Value(1e200), 1e200]), inf),
        (lambda: autograd.norm([Value(1e308), 1e308, 1e308, 1e308]), inf),
    ],
)
def test_arithmetic_is_ieee(make, value):
    """Pitfall 12: one rule for all."""
    out = make()
    assert same(out.data, value)
    out.backward()


def test_relu_of_a_value():
    """Pitfall 9: a float also where it is 0; nan stays nan, in both passes."""
    for x, value, grad in ((-1.0, 0.0, 0.0), (0.0, 0.0, 0.0), (2.0, 2.0, 1.0), (nan, nan, nan)):
        leaf = Value(x)
        out = leaf.relu()
        out.backward()
        assert same(out.data, value) and same(leaf.grad, grad)
        assert type(out.data) is float
    assert math.copysign(1.0, Value(-0.0).relu().data) == 1.0


def test_kinks():
    """Pitfall 10: the convention of PyTorch."""
    for make, grads in (
        (lambda x, y: abs(x), (0.0, 0.0)),
        (lambda x, y: x.sign(), (0.0, 0.0)),
        (lambda x, y: x.floor(), (0.0, 0.0)),
        (lambda x, y: x.relu(), (0.0, 0.0)),
        (lambda x, y: x.sqrt(), (inf, 0.0)),
        (lambda x, y: x.hypot(y), (0.0, 0.0)),
        (lambda x, y: x.maximum(y), (0.5, 0.5)),
        (lambda x, y: x.minimum(y), (0.5, 0.5)),
        (lambda x, y: autograd.norm([x, y]), (0.0, 0.0)),
    ):
        x, y = Value(0.0), Value(0.0)
        make(x, y).backward()
        assert (x.grad, y.grad) == grads


def test_zero_times_infinity():
    """Pitfall 11: a gradient of 0 has nothing to pass on, not even 0·∞; any other passes on nan."""
    x = Value(0.0)
    (x.sqrt() * 0).backward()
    assert x.grad == 0.0
    (x.sqrt() * x.sqrt()).backward()
    assert x.grad == 0.0
    y = Value(0.0)
    (y.sqrt() - y.sqrt()).backward()
    assert math.isnan(y.grad)


def test_where_does_not_leak_from_the_branch_not_taken():
    """Pitfall 11."""
    x = Value(0.0)
    where(x > 0, x.log() * x.sqrt(), x * 2).backward()
    assert x.grad == 2.0


UNKNOWN = ["a", None, [1.0], (1.0,), {}, object(), 1j, b"a"]


@pytest.mark.parametrize("other", UNKNOWN, ids=[type(x).__name__ for x in UNKNOWN])
def test_operators_refuse_what_they_do_not_know(other):
    """Pitfall 19: Python's own TypeError, which names our class."""
    v = Value(1.0)
    for operate in (
        lambda x, y: x + y,
        lambda x, y: x - y,
        lambda x, y: x / y,
        lambda x, y: x**y,
        lambda x, y: x < y,
        lambda x, y: x * y,
    ):
        for x, y in ((v, other), (other, v)):
            with pytest.raises(TypeError, match=r"Value"):
                operate(x, y)
    assert v.__add__(other) is v.__rsub__(other) is v.__lt__(other) is NotImplemented


def test_other_classes_may_answer():
    """Pitfall 19: NotImplemented gives the other operand its turn."""

    class Other:
        def __radd__(self, value):
            return "mine"

        def __add__(self, value):
            return "mine"

        def __gt__(self, value):
            return "mine"

    assert Value(1.0) + Other() == Other() + Value(1.0) == "mine"
    assert (Value(1.0) < Other()) == "mine"


def test_operators_that_are_not_there():
    for operate in (lambda x: x % 2, lambda x: x // 2, lambda x: divmod(x, 2), lambda x: x @ x):
        with pytest.raises(TypeError, match="unsupported operand type.* 'Value'"):
            operate(Value(1.0))


def test_in_place_operators_make_new_values():
    """Pitfall 15: they do not alias."""
    a = Value(1.0)
    b = a
    a += 1
    assert (b.data, a.data, a.parents) == (1.0, 2.0, (b,))
    a *= a
    a -= 1
    a /= 3
    a **= 2
    a.backward()
    assert (b.data, b.grad) == (1.0, pytest.approx(8 / 3))


# PLAIN NUMBERS COST NOTHING


@pytest.mark.parametrize(
    ("make", "nodes"),
    [
        (lambda a, b: a - b, 3),
        (lambda a, b: a / b, 3),
        (lambda a, b: 1 - a, 2),
        (lambda a, b: a * 3, 2),
        (lambda a, b: a**2, 2),
        (lambda a, b: 2**a, 2),
        (lambda a, b: sum([a, b]), 3),
        (lambda a, b: sum([a, b, a]), 4),
        (lambda a, b: autograd.sum([a, b, a, 1.0]), 3),
        (lambda a, b: 0 + a, 1),
        (lambda a, b: 0.0 + a, 1),
        (lambda a, b: a.clip(-1, 1), 2),
        (lambda a, b: autograd.dot([a, b], [2.0, 3.0], 1.0), 3),
        (lambda a, b: (a + 1) * (b - 1) / 2 - 3, 7),
    ],
)
def test_constants_cost_no_node(make, nodes):
    """Pitfall 16."""
    assert len(make(Value(3.0), Value(4.0)).history()) == nodes


def test_zero_plus_a_value_is_that_value():
    """Pitfall 16: so the built-in sum leaves no 0 behind."""
    a, b = Value(1.0), Value(2.0)
    assert 0 + a is a and 0.0 + a is a
    assert sum([a]) is a
    assert sum([a, b]).parents == (a, b)
    assert (a + 0).parents == (a,)
    assert (1 + a).operands == (1.0, a)


def test_operands_are_the_inputs_in_order():
    a, b = Value(1.0), Value(2.0)
    for node, operands in (
        (a - b, (a, b)),
        (a - 2, (a, 2.0)),
        (2 - a, (2.0, a)),
        (-a, (a,)),
        (a.clip(0, b), (a, 0.0, b)),
        (autograd.dot([a, 1], [2, b], 3), (a, 1.0, 2.0, b, 3.0)),
    ):
        assert [type(x) for x in node.operands] == [type(x) for x in operands]
        assert all(x is y or x == y for x, y in zip(node.operands, operands, strict=True))


# COMPARISONS, KEYS, TEXT


def test_values_compare_as_their_numbers():
    """Pitfall 21."""
    a, b = Value(1.0), Value(2.0)
    assert a < b and a <= b and b > a and b >= a and a != b and (a == b) is False
    assert a == 1 and a < 2.5 and a > 0 and a == Fraction(1) and a != np.float64(2)
    assert a == Value(1.0) and a <= Value(1.0) and not a < Value(1.0)
    assert type(a < b) is type(a == 1) is bool
    assert a != "1" and a != None and (a == [1.0]) is False  # noqa: E711
    not_a_number = Value(nan)
    assert (not_a_number == not_a_number) is False and not_a_number != not_a_number
    assert not (not_a_number < 1 or not_a_number > 1)


def test_values_are_true_as_their_numbers_are():
    """Pitfall 21."""
    assert not Value(0.0) and not Value(-0.0)
    assert Value(0.1) and Value(-1.0) and Value(nan)


def test_builtins_work_on_values():
    """Pitfall 21."""
    a, b, c = Value(3.0), Value(1.0), Value(2.0)
    assert max(a, b, c) is a and min([a, b, c]) is b
    assert sorted([a, b, c], reverse=True)[1] is c
    assert sum([a, b, c]).data == 6.0
    assert abs(Value(-1.0)).data == 1.0
    assert any([Value(0.0), a]) and not all([Value(0.0), a])


def test_equal_values_are_different_keys():
    """Pitfall 20: they hash by identity."""
    a, b = Value(1.0), Value(1.0)
    assert a == b and len({a, b}) == 2
    assert {a: "a", b: "b"}[a] == "a"
    assert hash(a) == hash(a) and 1.0 not in {a}
    (a * b + a).backward()
    assert (a.grad, b.grad) == (2.0, 1.0)


def test_equal_values_do_not_merge_in_the_graph():
    """Pitfall 20: in the history, the backward pass and the picture."""
    a, b = Value(2.0), Value(2.0)
    c, d = a * 1, b * 1
    out = c + d
    assert len(out.history()) == 5
    out.backward()
    assert (a.grad, b.grad) == (1.0, 1.0)


def test_repr():
    v = Value(2.0, name="x")
    assert repr(v) == str(v) == "Value(data=2.0, grad=0.0, name='x')"
    out = v * 3
    out.backward()
    assert repr(out) == "Value(data=6.0, grad=1.0, op='multiply')"
    assert repr(Value(0.1)) == "Value(data=0.1, grad=0.0)"
    assert len(repr(autograd.sum([Value(1.0)] * 1000))) < 100


def test_format():
    """Pitfall 21."""
    v = Value(3.14159)
    assert f"{v:.2f}" == "3.14"
    assert f"{v:>8.1f}|{v:+.0e}" == "     3.1|+3e+00"
    assert f"{v}" == repr(v)
    assert f"{v:.2f} {v!r}" == "3.14 Value(data=3.14159, grad=0.0)"
    with pytest.raises(ValueError, match="Unknown format code"):
        f"{v:d}"


@pytest.mark.parametrize(
    "turn",
    [
        float,
        int,
        complex,
        round,
        lambda v: round(v, 2),
        math.exp,
        math.floor,
        math.ceil,
        math.trunc,
        math.isnan,
        lambda v: math.pow(v, 2),
        lambda v: range(v),
        lambda v: [1, 2][v],
        lambda v: np.array([v], dtype=float),
        lambda v: np.float64(v),
        lambda v: "%.2f" % v,
    ],
)
def test_nothing_loses_the_gradient_silently(turn):
    """Pitfall 21: the message points at v.data and autograd.exp."""
    with pytest.raises(TypeError, match=r"gradient would be lost.*use v\.data.*autograd\.exp\(v\)"):
        turn(Value(1.0))


# NUMPY


def test_numpy_numbers_on_the_left():
    """Pitfall 18."""
    for number in (np.float64(2), np.float32(2), np.int64(2), np.array(2.0)):
        out = number * Value(3.0)
        assert (type(out), out.data) == (Value, 6.0)
        assert type(number + Value(3.0)) is type(number ** Value(3.0)) is Value
    assert (np.float64(2) < Value(3.0)) and np.float64(2) != Value(3.0)


def test_arrays_of_numbers_with_a_value():
    """Pitfall 18: an object array; a Value never holds an array."""
    v, numbers = Value(3.0), np.array([1.0, 2.0])
    for out, expected in (
        (numbers * v, [3.0, 6.0]),
        (v * numbers, [3.0, 6.0]),
        (v - numbers, [2.0, 1.0]),
        (numbers / v, [1 / 3, 2 / 3]),
        (v**numbers, [3.0, 9.0]),
    ):
        assert (type(out), out.dtype, out.shape) == (np.ndarray, object, (2,))
        assert all(type(x) is Value for x in out)
        assert [x.data for x in out] == expected
        assert all(type(x.operands[0]) in (float, Value) for x in out)


def test_object_arrays():
    """Pitfall 18: matrix products, sums, means and functions."""
    w = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    x = np.array([Value(0.5), Value(-1.0)])
    out = (np.tanh(w @ x + 1.0) ** 2).sum()
    out.backward()
    hidden = [-0.5, -1.5]
    assert out.data == pytest.approx(math.fsum(math.tanh(h) ** 2 for h in hidden))
    slopes = [2 * math.tanh(h) / math.cosh(h) ** 2 for h in hidden]
    assert w[1, 0].grad == pytest.approx(slopes[1] * 0.5)
    assert x[1].grad == pytest.approx(slopes[0] * 2.0 + slopes[1] * 4.0)
    assert (x.sum().data, x.mean().data, np.dot(x, [2.0, 1.0]).data) == (-0.5, -0.25, 0.0)
    assert (w @ np.ones((2, 2)))[0, 0].data == 3.0
    assert x.max() is x[0] and np.sort(x)[0] is x[1]


NUMPY = {
    "absolute": "absolute",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctanh": "atanh",
    "cbrt": "cbrt",
    "cos": "cos",
    "cosh": "cosh",
    "exp": "exp",
    "expm1": "expm1",
    "fabs": "absolute",
    "log": "log",
    "log10": "log10",
    "log1p": "log1p",
    "log2": "log2",
    "negative": "negative",
    "sin": "sin",
    "sinh": "sinh",
    "sqrt": "sqrt",
    "tan": "tan",
    "tanh": "tanh",
}


@pytest.mark.parametrize("name", NUMPY)
def test_functions_of_numpy(name):
    """Pitfall 18: of an object array and of a Value."""
    function, x = getattr(np, name), Value(1.25 if name == "arccosh" else 0.25)
    for out in (function(np.array([x]))[0], function(x)):
        assert (out.op, out.parents) == (NUMPY[name], (x,))
        assert out.data == pytest.approx(function(x.data))


def test_functions_of_numpy_with_two_arguments():
    """Pitfall 18."""
    x, y = np.array([Value(3.0)]), np.array([Value(4.0)])
    assert np.arctan2(x, y)[0].op == "atan2"
    assert np.hypot(x, y)[0].data == 5.0
    assert np.maximum(x, y)[0] is y[0]
    assert np.power(x, 2)[0].data == 9.0


# THE GRAPH AND BACKWARD


def test_history_has_parents_first_and_self_last():
    a, b = Value(2.0), Value(3.0)
    c = a * b
    d = c + a
    e = d * c
    history = e.history()
    assert all(x is y for x, y in zip(history, [a, b, c, d, e], strict=True))
    for node in history:
        for parent in node.parents:
            assert any(parent is before for before in history[: history.index(node)])


def test_backward_adds_into_leaves():
    """Pitfall 3."""
    x = Value(2.0)
    (x * 3).backward()
    (x * 4).backward()
    assert x.grad == 7.0


def test_backward_twice_doubles_the_leaves_exactly():
    """Pitfall 2: gradients in the interior are replaced."""
    x = Value(3.0)
    y = x * x
    z = y * x
    z.backward()
    first = (y.grad, z.grad, x.grad)
    z.backward()
    assert (y.grad, z.grad) == first[:2]
    assert x.grad == 2 * first[2]
    x.grad = 0.0
    z.backward()
    assert x.grad == 27.0


def test_two_losses_that_share_a_part():
    """Pitfalls 2 and 3."""
    x = Value(3.0)
    shared = x * x
    first, second = shared * 2, shared + shared
    first.backward()
    second.backward()
    assert (x.grad, shared.grad) == (12.0 + 12.0, 2.0)


@pytest.mark.parametrize(
    ("make", "grad"),
    [
        (lambda a: a * a, 6.0),
        (lambda a: a + a, 2.0),
        (lambda a: a - a, 0.0),
        (lambda a: a / a, 0.0),
        (lambda a: a**a, 27 * (1 + math.log(3))),
        (lambda a: autograd.sum([a, a, a]), 3.0),
        (lambda a: autograd.dot([a], [a], a), 7.0),
        (lambda a: a.maximum(a), 1.0),
    ],
)
def test_the_same_operand_twice(make, grad):
    """Pitfall 4: two edges."""
    a = Value(3.0)
    out = make(a)
    out.backward()
    assert a.grad == pytest.approx(grad)
    assert len(out.parents) == len(out.local_grads) >= 2
    assert all(parent is a for parent in out.parents)


def test_a_diamond():
    """Pitfall 5."""
    a = Value(1.0)
    b = a + a
    c = b + b
    c.backward()
    assert (a.grad, b.grad) == (4.0, 2.0)


def test_crossing_paths():
    """Pitfall 5: y = (c + ab)·(c·ab) + …, every node used more than once."""
    a, b, c = Value(2.0), Value(3.0), Value(5.0)
    d = a * b
    e = c + d
    f = c * d
    y = e + f
    y.backward()
    assert (a.grad, b.grad, c.grad) == (3.0 + 15.0, 2.0 + 10.0, 1.0 + 6.0)
    assert (d.grad, e.grad, f.grad) == (6.0, 1.0, 1.0)


def test_backward_from_a_seed():
    x = Value(2.0)
    y = x * 3
    y.backward(10)
    assert (x.grad, y.grad) == (30.0, 10.0)
    y.backward(seed=Fraction(1, 2))
    assert (x.grad, y.grad) == (31.5, 0.5)


def test_backward_from_a_leaf():
    """Pitfall 32: ∂x/∂x is 1, and adds up."""
    x = Value(2.0)
    x.backward()
    x.backward()
    assert x.grad == 2.0


def test_backward_without_a_graph():
    """Pitfall 32."""
    x = Value(2.0)
    with no_grad():
        outs = [x * 2, x.exp(), autograd.sum([x, x]), x.clip(0, 1)]
    for out in outs:
        with pytest.raises(RuntimeError, match=rf"{out.op}.*no parents.*no_grad.*outside no_grad"):
            out.backward()
    assert x.grad == 0.0


def test_backward_of_things_that_are_no_values():
    """Pitfall 35: lists and plain numbers have no backward(); what makes them says so."""
    with pytest.raises(AttributeError, match="'list' object has no attribute 'backward'"):
        autograd.softmax([Value(1.0)]).backward()
    with pytest.raises(AttributeError, match="'float' object has no attribute 'backward'"):
        autograd.sum([]).backward()
    with pytest.raises(TypeError, match="make one Value per element"):
        Value([1.0, 2.0])
    with pytest.raises(ValueError, match="mean of no numbers is not defined"):
        autograd.mean([])


def test_before_backward_the_grad_is_zero():
    """Pitfall 22: and a leaf that the loss does not depend on keeps 0."""
    x, unused = Value(2.0), Value(3.0)
    y = x * 2
    assert (x.grad, y.grad) == (0.0, 0.0)
    y.backward()
    assert unused.grad == 0.0


def test_backward_leaves_other_graphs_alone():
    x = Value(2.0)
    other = x * 5
    other.backward()
    (x * 3).backward()
    assert (other.grad, x.grad) == (1.0, 8.0)


def test_editing_a_leaf_does_not_change_what_was_recorded():
    """Pitfall 14."""
    x = Value(2.0)
    y = x * x
    x.data = 5.0
    y.backward()
    assert (y.data, x.grad) == (4.0, 4.0)
    assert (x * x).data == 25.0


def test_detach():
    x = Value(2.0, name="x")
    y = x * 3
    still = y.detach()
    (still * y).backward()
    assert (x.grad, still.grad, still.parents, still.data) == (18.0, 6.0, (), 6.0)
    assert x.detach().name == "x" and x.detach() is not x


def test_detach_while_another_thread_records():
    """There it is a node that nothing depends on; here it stays a leaf."""
    modes.recorders.append((-1, None))
    try:
        still = (Value(2.0) * 3).detach()
    finally:
        modes.recorders.remove((-1, None))
    assert (still.data, still.op, still.parents, still.operands) == (6.0, "", (), ())


def test_a_freed_part_of_the_graph_is_kept_while_it_is_needed():
    """Pitfall 32: a node keeps its parents."""
    x = Value(2.0)
    y = (x * 3).exp().log()
    gc.collect()
    y.backward()
    assert x.grad == pytest.approx(3.0)


# DEPTH, WIDTH, MEMORY, THREADS


def chain(length):
    start = y = Value(1.0)
    for _ in range(length):
        y = y + 1.0
    return start, y


def test_a_chain_of_a_million():
    """Pitfall 1: it builds, runs backward, tells its history, prints, and is freed."""
    start, y = chain(10**6)
    y.backward()
    assert (y.data, start.grad) == (1000001.0, 1.0)
    history = y.history()
    assert (len(history), history[0] is start, history[-1] is y) == (10**6 + 1, True, True)
    assert len(repr(y)) < 100
    del history, y
    gc.collect()
    assert start.grad == 1.0


def test_a_chain_through_reductions_and_hand_made_nodes_is_freed():
    """Pitfall 1: nodes that keep their parents in tuples, too."""
    start = y = Value(1.0)
    for _ in range(30_000):
        y = autograd.sum([y, y, -1.0])
        y = Value(1.0, (y,), (0.5,))
    y.backward()
    assert start.grad == 1.0
    del y


def test_a_chain_freed_from_the_far_end():
    """Pitfall 1: also inside containers, and when an exception lets go of it."""
    _, y = chain(10**5)
    holder = {"loss": [y]}
    del y
    holder.clear()

    def fails():
        _, y = chain(10**5)
        raise ValueError(f"{y:.0f}")

    with pytest.raises(ValueError, match="100001"):
        fails()


def test_a_sum_of_a_million():
    """Pitfall 33: linear in time, as one node or as a million."""
    xs = [Value(1.0) for _ in range(10**6)]
    out = autograd.sum(xs)
    out.backward()
    assert (out.data, xs[0].grad, xs[-1].grad, len(out.parents)) == (1e6, 1.0, 1.0, 10**6)
    assert len(repr(out)) < 100


def test_time_is_linear_in_the_width():
    """Pitfall 33: ten times as many take about ten times as long, not a hundred."""

    def seconds(n):
        xs = [Value(1.0) for _ in range(n)]
        times = []
        for _ in range(3):
            start = time.process_time()
            sum(xs).backward()
            autograd.dot(xs, xs).backward()
            times.append(time.process_time() - start)
        return min(times)

    assert seconds(50_000) < 40 * max(seconds(5_000), 1e-3)


def test_squarings_stay_short():
    """Pitfall 33: 40 squarings are 41 nodes, and one line."""
    x = start = Value(1.0)
    for _ in range(40):
        x = x * x
    assert len(x.history()) == 41
    assert len(repr(x)) < 100
    x.backward()
    assert start.grad == 2.0**40


def test_a_graph_makes_no_reference_cycles():
    """Pitfall 23: without the collector nothing is left."""
    x = Value(1.0)
    gc.collect()
    gc.disable()
    try:
        for _ in range(1000):
            y = x
            for _ in range(20):
                y = (y * 1.5 + 0.1).tanh()
            z = autograd.dot([y, x], [x, y], y) + where(y > x, y, x) + Value(1.0, (y,), (1.0,))
            z.backward()
            z.detach()
        del y, z
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_memory_stays_flat():
    """Pitfall 23: over a thousand steps of training."""
    ws = [Value(0.1 * i) for i in range(20)]

    def steps(n):
        for _ in range(n):
            loss = sum(((w - 1.0) ** 2).tanh() for w in ws)
            loss.backward()
            for w in ws:
                w.data -= 0.01 * w.grad
                w.grad = 0.0

    gc.disable()
    tracemalloc.start()
    try:
        steps(50)
        before = tracemalloc.get_traced_memory()[0]
        steps(300)
        after = tracemalloc.get_traced_memory()[0]
    finally:
        tracemalloc.stop()
        gc.enable()
    assert after - before < 300 * 100  # a step makes 80 nodes: one of them kept would show


def test_a_node_is_small():
    """Pitfall 23: no dictionary and no closure for each."""
    x = Value(1.0)
    assert not hasattr(x, "__dict__")
    tracemalloc.start()
    try:
        before = tracemalloc.get_traced_memory()[0]
        nodes = [x * x for _ in range(1000)]
        size = (tracemalloc.get_traced_memory()[0] - before) / len(nodes)
    finally:
        tracemalloc.stop()
    assert size < 250


def test_threads_work_on_separate_graphs():
    def work(seed):
        x = Value(1.0 + seed / 10)
        y = x
        for _ in range(2000):
            y = y * 1.001 + 0.5
            y = y.tanh() + x
        y.backward()
        return y.data, x.grad

    expected = [work(seed) for seed in range(8)]
    with ThreadPoolExecutor(max_workers=min(8, 2 * (os.cpu_count() or 1))) as pool:
        assert list(pool.map(work, range(8))) == expected


def test_threads_may_share_leaves_that_nobody_writes_to():
    shared, results = Value(2.0), []
    barrier = threading.Barrier(4)

    def build():
        barrier.wait()
        y = shared
        for _ in range(1000):
            y = y + shared
        results.append((y.data, len(y.history()), copy.copy(y).data))

    threads = [threading.Thread(target=build) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == [(2002.0, 1001, 2002.0)] * 4


def test_history_is_the_same_every_time():
    xs = [Value(float(i)) for i in range(50)]
    out = autograd.sum([x * y for x, y in pairwise(xs)])
    first = out.history()
    assert all(x is y for x, y in zip(first, out.history(), strict=True))
    assert [v.data for v in first[:50]] == [float(i) for i in range(50)]

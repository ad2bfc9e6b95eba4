"""Operations: how rows are called, what they refuse, and operations of your own."""

import copy
import math
import pickle
from fractions import Fraction

import numpy as np
import pytest

import autograd
from autograd import Value, custom, exp, ops

a, b = Value(2.0), Value(5.0)

bell = custom(lambda x: exp(-x * x), lambda x, out: -2 * x * out, name="bell", symbol="∩")
cosine_law = custom(
    lambda a, b, angle: autograd.sqrt(a * a + b * b - 2 * a * b * autograd.cos(angle)),
    lambda a, b, angle, out: (a - b * autograd.cos(angle)) / out,
    lambda a, b, angle, out: (b - a * autograd.cos(angle)) / out,
    lambda a, b, angle, out: a * b * autograd.sin(angle) / out,
    name="cosine_law",
)

# fmt: off
WRONG = [
    # what is called                        in the message
    (lambda: ops.exp(),                     "exp(x) takes 1 number, got 0: ()"),
    (lambda: ops.exp(1, 2),                 "exp(x) takes 1 number, got 2: (1, 2)"),
    (lambda: ops.add(1),                    "add(x, y) takes 2 numbers, got 1: (1)"),
    (lambda: ops.clip(1.0, 0.0),            "clip(x, low, high) takes 3 numbers, got 2: (1.0, 0"),
    (lambda: a.clip(0),                     "clip(x, low, high) takes 3 numbers, got 2: (Value("),
    (lambda: ops.elu(1.0, alfa=2.0),        "takes 2 numbers, got 2: (1.0, alfa=2.0)"),
    (lambda: ops.elu(1.0, 2.0, alpha=2.0),  "takes 2 numbers, got 3: (1.0, 2.0, alpha=2.0)"),
    (lambda: ops.exp("1"),                  "expected a real number"),
    (lambda: ops.hypot(a, "1"),             "got '1' of type str; convert text with float(...)"),
    (lambda: ops.exp(1j),                   "got 1j of type complex"),
    (lambda: ops.exp([1.0]),                "a Value holds one number: make one Value per element"),
    (lambda: ops.where(True, None, 1.0),    "got None of type NoneType"),
    (lambda: ops.sum(a),                    "sum takes a list (or any iterable) of numbers and"),
    (lambda: ops.sum(3.0),                  "got 3.0 of type float; write sum([...])"),
    (lambda: ops.sum("12"),                 "got '12' of type str; write sum([...])"),
    (lambda: ops.softmax(None),             "softmax takes a list (or any iterable)"),
    (lambda: ops.sum([a, "b"]),             "got 'b' of type str"),
    (lambda: ops.mean([[a]]),               "make one Value per element"),
    (lambda: ops.sum([1.0, None]),          "got None of type NoneType"),
    (lambda: ops.dot(a, b),                 "dot takes a list (or any iterable)"),
    (lambda: ops.dot([a], [b], "c"),        "got 'c' of type str"),
    (lambda: custom(1.0),                   "takes functions: one value, one per derivative"),
    (lambda: custom(exp, None),             "custom(value, *derivatives) takes functions"),
    (lambda: custom(lambda x: x),           "needs one derivative per input"),
    (lambda: custom(lambda x, y: x, lambda x, y, out: 1.0),
                                            "takes 2 inputs (x, y) but 1 derivatives were given"),
    (lambda: custom(lambda x: x, lambda x: 1.0),
                                            "takes the inputs and then out: (x, out)"),
]
# fmt: on


@pytest.mark.parametrize(("call", "message"), WRONG, ids=[message for _, message in WRONG])
def test_what_is_refused(call, message):
    with pytest.raises(TypeError) as error:
        call()
    assert message in str(error.value)


def test_dot_of_unequal_lengths():
    with pytest.raises(ValueError, match="the same length, got 1 and 2 numbers"):
        ops.dot([a], [a, b])


@pytest.mark.parametrize("x", [2, 2.0, Fraction(2), np.float64(2), np.int64(2), np.array(2.0)])
def test_plain_numbers_of_every_kind_give_floats(x):
    """Pitfall 17: and no graph."""
    for out in (
        ops.square(x),
        ops.power(x, 2),
        ops.sum([x, x]),
        ops.dot([x], [x]),
        ops.maximum(x, 4),
    ):
        assert (out, type(out)) == (4.0, float)


def test_values_among_plain_numbers_give_values():
    assert type(ops.hypot(3, Value(4.0))) is Value
    assert ops.hypot(Fraction(3), Value(4.0)).operands == (3.0, Value(4.0))
    assert ops.sum([1, np.float64(2.0), Value(3.0)]).operands == (1.0, 2.0, Value(3.0))


def test_reductions_take_any_iterable():
    xs = [Value(1.0), Value(2.0), Value(3.0)]
    for iterable in (xs, tuple(xs), iter(xs), (x for x in xs), np.array(xs), dict.fromkeys(xs)):
        assert ops.sum(iterable).parents == tuple(xs)
    assert ops.dot((x for x in xs), range(3)).data == 8.0


def test_a_list_is_copied():
    """A list that grows later does not change the node."""
    xs = [Value(1.0), Value(2.0)]
    out = ops.sum(xs)
    xs.append(Value(9.0))
    assert (len(out.parents), len(out.operands)) == (2, 2)


@pytest.mark.parametrize("reduction", ["sum", "mean", "prod", "norm", "logsumexp", "dot"])
def test_a_reduction_is_one_node(reduction):
    """One node with n parents and n local derivatives; numbers in between are no parents."""
    xs = [Value(1.0), 2.0, Value(3.0)]
    out = ops.dot(xs, [1.0, 1.0, 1.0]) if reduction == "dot" else ops.ROWS[reduction](xs)
    assert out.parents == (xs[0], xs[2])
    assert len(out.local_grads) == 2
    assert len(out.history()) == 3


def test_softmax_is_one_node_per_input():
    xs = [Value(0.0), Value(1.0), 2.0]
    ps = ops.softmax(xs)
    assert math.fsum(p.data for p in ps) == pytest.approx(1.0)
    assert all(p.parents == (xs[0], xs[1]) for p in ps)
    assert ps[0].local_grads == (
        pytest.approx(ps[0].data * (1 - ps[0].data)),
        pytest.approx(-ps[0].data * ps[1].data),
    )


def test_a_branch_that_is_not_taken_is_no_parent():
    """Pitfall 11: it cannot leak nan, and it is not kept alive."""
    x, bad = Value(2.0), Value(0.0).log() * 0
    out = ops.where(x > 1, x * 3, bad)
    assert math.isnan(bad.data)
    assert [parent.op for parent in out.parents] == ["multiply"]
    assert len(out.history()) == 3
    assert math.isnan(out.operands[2]) and type(out.operands[2]) is float
    out.backward()
    assert (x.grad, bad.grad) == (3.0, 0.0)


def test_where_decides_by_a_value_too():
    x, y = Value(2.0), Value(3.0)
    assert ops.where(x, x, y).parents == (x,)
    assert ops.where(Value(0.0), x, y).parents == (y,)
    assert ops.where(x, x, y).operands == (2.0, x, 3.0)
    assert ops.where(True, 1.0, 2.0) == 1.0


def test_a_choice_of_a_plain_number_has_the_gradient_zero():
    """A hinge that is not active: backward() is no error, and no gradient."""
    x = Value(3.0)
    hinge = ops.where(1 - x > 0, 1 - x, 0.0)
    hinge.backward()
    assert (hinge.data, hinge.parents, x.grad) == (0.0, (), 0.0)


def test_an_operation_in_three_lines():
    x = Value(0.5)
    y = bell(x) * 2
    y.backward()
    assert y.data == 2 * math.exp(-0.25)
    assert x.grad == -2 * math.exp(-0.25)
    assert (bell(0.5), type(bell(0.5))) == (math.exp(-0.25), float)
    assert (bell(x).op, bell.symbol, bell.inputs) == ("bell", "∩", ("x",))


def test_an_operation_of_your_own_with_several_inputs():
    sides = [Value(3.0), Value(4.0), Value(math.pi / 2)]
    out = cosine_law(*sides)
    out.backward()
    assert out.data == pytest.approx(5.0)
    assert [side.grad for side in sides] == pytest.approx([0.6, 0.8, 2.4])
    assert cosine_law(3.0, sides[1], 1.0).parents == (sides[1],)


def test_its_derivatives_can_be_differentiated():
    """The second derivative of exp(-x²): (4x² - 2)·exp(-x²)."""
    x = Value(0.5)
    bell.partial(0, [x], bell(x)).backward()
    assert x.grad == pytest.approx(-math.exp(-0.25))


def test_its_arithmetic_is_ieee_too():
    """Pitfall 12: plain Python arithmetic in a rule does not raise, and does not turn complex."""
    inverse = custom(lambda x: 1 / x, lambda x, out: -1 / x**2)
    x = Value(0.0)
    inverse(x).backward()
    assert (inverse(x).data, x.grad) == (math.inf, -math.inf)
    root = custom(lambda x: x**0.5, lambda x, out: 0.5 * x**-0.5)
    assert math.isnan(root(-1.0))
    assert math.isnan(root(Value(-1.0)).local_grads[0])
    assert custom(lambda x: 10.0**x, lambda x, out: out * math.log(10))(400.0) == math.inf


def test_only_the_derivatives_that_are_needed_are_evaluated():
    def forbidden(x, y, out):
        raise AssertionError("a constant needs no derivative")

    scaled = custom(lambda x, y: x * y, lambda x, y, out: y, forbidden)
    assert scaled(Value(2.0), 3.0).local_grads == (3.0,)


def test_the_name_of_an_operation_of_your_own():
    def cube(x):
        return x * x * x

    assert custom(cube, lambda x, out: 3 * x * x).name == "cube"
    assert custom(cube, lambda x, out: 3 * x * x, name="x³").name == "x³"
    assert custom(lambda x: x, lambda x, out: 1.0).name == "lambda"


def test_operations_are_pickled_and_copied_by_name():
    """Pitfall 24."""
    for operation in (ops.sin, ops.sum, ops.softmax, bell):
        assert pickle.loads(pickle.dumps(operation)) is operation
        assert copy.deepcopy(operation) is operation
    with pytest.raises(pickle.PicklingError, match="lambda"):
        pickle.dumps(custom(lambda x: x, lambda x, out: 1.0))


def test_rows_tell_what_they_are():
    assert repr(ops.hypot) == "<operation hypot(x, y)>"
    assert ops.clip.__doc__ == "clip(x, low, high): of floats a float, of Values a node."
    assert (ops.sin.__name__, ops.sin.__module__) == ("sin", "autograd.ops")
    assert autograd.sin is ops.sin is ops.ROWS["sin"]


def test_an_operation_of_your_own_stays_out_of_the_table():
    custom(lambda x: x, lambda x, out: 1.0, name="stray")
    assert not {"stray", "bell"} & set(ops.ROWS)


def test_rules_of_a_user_stay_real():
    root = custom(lambda x: exp(x**0.5), lambda x, out: 0.5 * out / x**0.5, name="root")
    assert math.isnan(root(-1.0)) and math.isnan(root(Value(-1.0)).data)
    assert math.isnan(custom(lambda x: abs(x**0.5), lambda x, out: 1.0)(-1.0))
    assert root(0.0) == 1.0
    x = Value(0.0)
    root(x).backward()
    assert x.grad == math.inf


def test_rules_of_a_user_give_floats():
    flat = custom(lambda x: 1, lambda x, out: 0)
    y = flat(Value(2.0))
    assert (type(y.data), type(y.local_grads[0])) == (float, float)
    with pytest.raises(TypeError, match="expected a real number"):
        custom(lambda x: "x", lambda x, out: 0)(Value(2.0))

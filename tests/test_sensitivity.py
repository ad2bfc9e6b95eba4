"""Condition numbers by hand, and the bound on rounding errors against 60 digits of mpmath."""

import math
import random

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from mpmath import mp, mpf
from test_evaluate import graph, moderate
from test_ops import TRUTH

import autograd
from autograd import Value, custom, exp, ops
from autograd.evaluation.evaluate import evaluate
from autograd.evaluation.rounding import Rounded, U, rounding
from autograd.evaluation.sensitivity import sensitivity
from autograd.operation import Softmax
from autograd.ops import ROWS


def error(y):
    """How far y is from the truth."""
    with mp.workdps(60):
        return abs(evaluate(y, mpf).value - mpf(y.data))


@pytest.mark.parametrize("name", ROWS)
def test_every_row_keeps_its_bound(name):
    """On the points of the table's tests, and on random ones near them."""
    chance = random.Random(0)
    tried = 0
    for operands in moderate(ROWS[name]):
        for _ in range(8):
            _, out = graph(ROWS[name], operands)
            try:
                with mp.workdps(60):
                    truth = TRUTH[name](*map(mpf, operands))
            except (ZeroDivisionError, ValueError, OverflowError):
                truth = mp.nan
            if math.isfinite(out.data) and not mp.im(truth) and mp.isfinite(truth):
                bound = sensitivity(out).bound
                assert abs(truth - mpf(out.data)) <= bound, (operands, bound)
                assert bound <= 1e-10 * max(abs(out.data), 1e-290) or "soft" in name
                tried += 1
            if name in ("floor", "where"):
                break
            last = operands[-1:] if isinstance(ROWS[name], Softmax) else ()
            rest = operands[: len(operands) - len(last)]
            operands = tuple(x * chance.uniform(0.9, 1.1) for x in rest) + last
    assert tried


# fmt: off
CONDITIONS = [
    # of x = 3 and y = 2.5             by x             by y
    (lambda x, y: x - y,               3 / 0.5,         2.5 / 0.5),
    (lambda x, y: x * y,               1,               1),
    (lambda x, y: x**5 / y,            5,               1),
    (lambda x, y: x.exp() * y,         3,               1),
    (lambda x, y: x.log() * y,         1 / math.log(3), 1),
    (lambda x, y: x + 0 * y,           1,               0),
    (lambda x, y: (x - 3) * y,         math.inf,        0),
]
# fmt: on


@pytest.mark.parametrize(("make", "by_x", "by_y"), CONDITIONS)
def test_condition_numbers(make, by_x, by_y):
    x, y = Value(3.0, name="x"), Value(2.5, name="y")
    found = sensitivity(make(x, y))
    assert [row.condition for row in found.inputs] == pytest.approx([by_x, by_y])
    assert found.condition == pytest.approx(by_x + by_y)


def test_cancellation():
    x, y = Value(1 + 1e-9, name="x"), Value(3.0, name="y")
    third = x / y * 3 - 1
    found = sensitivity(third)
    assert error(third) <= found.bound <= 5e-16
    assert 6 < found.digits < 7
    assert found.condition > 1e8


@pytest.mark.parametrize("x", [1e-1, 1e-3, 1e-5, 1e-7, 1e-8, 3e-9])
def test_one_minus_cosine(x):
    """The classic: the same function, computed badly and well."""
    x = Value(x, name="x")
    badly = (1 - x.cos()) / (x * x)
    well = 2 * (x / 2).sin() ** 2 / (x * x)
    assert error(badly) <= sensitivity(badly).bound
    assert error(well) <= sensitivity(well).bound < 1e-15
    assert sensitivity(well).digits > 15
    lost = 2 * -math.log10(x.data)
    assert sensitivity(badly).digits == pytest.approx(max(0, 16 - lost), abs=0.8)
    assert sensitivity(badly).worst == "v1 (cos)"
    assert sensitivity(well).inputs[0].condition < 1e-2


def test_roots_of_a_quadratic():
    """x² − 10⁸x + 1: the small root is a difference, or the product over the large one."""
    b = Value(1e8, name="b")
    root = (b * b - 4).sqrt()
    badly, well = (b - root) / 2, 2 / (b + root)
    for y in (badly, well):
        assert error(y) <= sensitivity(y).bound
    assert sensitivity(badly).digits < 1 < 15 < sensitivity(well).digits
    assert sensitivity(well).inputs[0].condition == pytest.approx(1)


def test_reductions_round_many_times():
    chance = random.Random(1)
    xs = [Value(chance.uniform(-1, 1)) for _ in range(1000)]
    total = autograd.sum(xs)
    found = sensitivity(total)
    assert error(total) <= found.bound
    partial, partials = 0.0, []
    for x in xs:
        partial += x.data
        partials.append(abs(partial))
    assert found.bound == pytest.approx(U * sum(partials[1:]))
    assert sensitivity(autograd.sum(xs[:2])).bound == U * partials[1]
    for y in (
        autograd.mean(xs),
        autograd.prod([x + 1.5 for x in xs[:200]]),
        autograd.norm(xs),
        autograd.dot(xs[:500], xs[500:], xs[0]),
        autograd.logsumexp(xs),
        autograd.softmax(xs)[3],
        autograd.log_softmax(xs)[3],
    ):
        assert error(y) <= sensitivity(y).bound < 1e-10 * abs(y.data)


def test_sums_of_powers_of_ten():
    """1e16 + 1 − 1e16."""
    xs = [Value(1e16), Value(1.0), Value(-1e16)]
    y = autograd.sum(xs)
    assert error(y) == 1 <= sensitivity(y).bound
    assert sensitivity(y).digits == 0


# fmt: off
STEPS = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x * y,
    lambda x, y: x / (y * y + 1),
    lambda x, y: x.sin() - 0.1 * y,
    lambda x, y: (-x * x).exp() + y,
    lambda x, y: x.tanh() * y.cosh(),
    lambda x, y: (x * x + 0.5).log() - y,
    lambda x, y: (x * x + y * y + 0.1).sqrt(),
    lambda x, y: x.sigmoid() ** y.cos(),
    lambda x, y: x.gelu() + y.softplus(),
    lambda x, y: autograd.logsumexp([x, y, 0.3]),
    lambda x, y: autograd.softmax([x, y, 1.0])[1],
    lambda x, y: autograd.dot([x, y], [y, 0.7], x),
    lambda x, y: x.silu() - y.erf(),
    lambda x, y: x.expm1() / 3 + y.atan(),
]
# fmt: on


@settings(deadline=None, max_examples=300)
@given(
    st.floats(-3, 3),
    st.floats(-3, 3),
    st.lists(st.tuples(*[st.integers(0, 99)] * 3), min_size=1, max_size=8),
)
def test_random_programs_keep_their_bound(a, b, program):
    values = [Value(a, name="x"), Value(b, name="y")]
    for step, i, j in program:
        n = len(values)
        values.append(STEPS[step % len(STEPS)](values[i % n], values[j % n]))
    y = values[-1]
    assume(all(abs(v.data) < 100 for v in values))
    bound = sensitivity(y).bound
    assume(bound < 1e-9)  # larger errors change the local derivatives
    assert error(y) <= max(bound * (1 + 1e-6), 5e-324)  # which is the smallest bound a float can be


def test_a_bound_does_not_underflow():
    x = Value(5.5e-294)
    y = x * (x * x)
    assert 0 < error(y) <= sensitivity(y).bound


def test_a_bound_is_not_far_off():
    """A bound that is always kept could be infinite: most errors are above a hundredth of it."""
    chance, close = random.Random(2), 0
    for _ in range(200):
        x, y = Value(chance.uniform(1, 2)), Value(chance.uniform(1, 2))
        out = (x * y + x.exp()) / (y + 3)
        close += error(out) > sensitivity(out).bound / 100
    assert close > 150


# fmt: off
EXACTLY = [
    # nothing is rounded
    lambda x: -x, abs, lambda x: x.relu(), lambda x: x.maximum(0.5), lambda x: x.floor(),
    lambda x: x * 2, lambda x: x / 4, lambda x: x * 0, lambda x: autograd.sum([x]), lambda x: x - 0,
    lambda x: x.clip(0, 1), lambda x: autograd.where(x > 0, x, 0), lambda x: x.constant(),
    lambda x: ops.take([1.0, x], Value(1.0)), lambda x: ops.shift([x, 0.1]),
]
# fmt: on


@pytest.mark.parametrize("make", EXACTLY)
def test_what_is_exact(make):
    y = make(Value(0.7, name="x"))
    found = sensitivity(y)
    assert (found.bound, found.worst) == (0, "")
    assert found.digits == pytest.approx(15.95, abs=0.01)
    assert error(y) == 0


def test_underflow():
    for y in (Value(1e-200) * 1e-200, Value(-800.0).exp(), Value(3e-310) / 13.3):
        assert 0 < error(y) <= sensitivity(y).bound < 1e-320


def test_no_bound():
    assert sensitivity(Value(0.0).log()).bound == math.inf
    assert sensitivity(Value(-1.0).log()).digits == 0
    assert sensitivity(Value(1e300) * 1e300).bound == math.inf
    assert "∞" in str(sensitivity(Value(-1.0).log()))


def test_nodes_about_which_nothing_is_known():
    x = Value(2.0, name="x")
    by_hand = Value(math.sqrt(2), (x,), (0.35,))
    wrong = custom(lambda x: math.exp(x), lambda x, out: out, name="mine")
    found = sensitivity(by_hand * wrong(x))
    assert found.assumed == 2
    assert found.bound == pytest.approx(5 * U * by_hand.data * math.exp(2))
    assert "nodes taken to be right to one ulp: 2" in str(found)


def test_operations_of_ones_own():
    """The steps of their rule are counted, and so is a number in it that is no double."""
    bell = custom(
        lambda x: 0.1 * exp(-x * x) * ops.tanh(x), lambda x, out: -2 * x * out, name="exp"
    )
    for x in (0.3, 1.7, -2.9):
        y = bell(Value(x))
        assert 0 < error(y) <= sensitivity(y).bound < 1e-14 * abs(y.data)
        assert sensitivity(y).assumed == 0
    assert 0 < Rounded.of(0.1).error < 1e-17
    assert Rounded.of(0.25).error == 0


def test_an_operation_of_ones_own_that_takes():
    chosen = custom(
        lambda x, k: ops.take([x, x * x / 3], k),
        lambda x, k, out: ops.take([1.0, 2 * x / 3], k),
        lambda x, k, out: 0.0,
        name="chosen",
    )
    assert rounding(chosen, [0.7, 0.0], 0.7) == 0
    assert 0 < rounding(chosen, [0.7, 1.0], 0.7 * 0.7 / 3) < 1e-16


def test_a_custom_rule_that_compares():
    kinked = custom(lambda x: x * 3 if x > 0 else -x, lambda x, out: 3.0, name="kinked")
    assert rounding(kinked, [0.7], 2.1) == U * abs(0.7 * 3)
    assert rounding(kinked, [-0.7], 0.7) == 0


def test_as_text_and_markdown():
    x, y = Value(3.25, name="x|y"), Value(2.5)
    found = sensitivity((x - y) * 3)
    assert str(found).splitlines() == [
        "input  value  gradient  condition",
        "─────  ─────  ────────  ─────────",
        "x|y     3.25         3    4.33333",
        "v1       2.5        −3    3.33333",
        "value 2.25, rounding error at most 5e-16 (relative 2.2e-16): 16 digits can be trusted",
        "most of it from v2 (subtract)",
    ]
    assert repr(found) == str(found)
    assert found._repr_markdown_() == found.markdown()
    assert found.markdown().splitlines()[:3] == [
        "| input | value | gradient | condition |",
        "| --- | ---: | ---: | ---: |",
        r"| x\|y | 3.25 | 3 | 4.33333 |",
    ]


def test_the_graph_is_not_changed():
    x = Value(2.0, name="x")
    y = x * x
    y.backward()
    x.grad = 5.0
    assert sensitivity(y).inputs[0].grad == 4
    assert (x.grad, y.grad) == (5.0, 1.0)
    with pytest.raises(AttributeError):
        sensitivity(y).bound = 0


def test_a_leaf_and_a_constant():
    x = Value(2.0, name="x")
    assert sensitivity(x).inputs[0].condition == 1
    with autograd.no_grad():
        constant = x.exp()
    found = sensitivity(constant * x)
    assert [row.name for row in found.inputs] == ["x"]
    assert found.bound == U * constant.data * 2 or found.bound == 0


def test_a_long_chain():
    x = y = Value(1.0, name="x")
    for _ in range(50_000):
        y = y * 0.99 + x
    found = sensitivity(y)
    assert found.value == pytest.approx(100)
    assert 1e-14 < found.bound < 1e-11


@pytest.mark.parametrize("thing", [1.0, None, [Value(1.0)]])
def test_sensitivity_of_something_else(thing):
    with pytest.raises(TypeError, match=r"sensitivity\(\) takes a Value, got .* of type"):
        sensitivity(thing)


def test_the_tables_names_are_rows():
    from autograd.evaluation import rounding as module

    assert {*module.EXACT, *module.NEAREST, *module.ULPS, *module.UNDERFLOWS} <= set(ops.ROWS)

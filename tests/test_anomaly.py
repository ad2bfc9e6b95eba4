"""detect_anomaly: what is reported, for both passes, and that its script reproduces it."""

import math
import subprocess
import sys

import pytest

import autograd
from autograd import Anomaly, Value, custom, detect_anomaly, grad, no_grad


def logit(a, b):
    return a / b


def anomaly(f):
    with pytest.raises(Anomaly) as caught, detect_anomaly():
        f()
    return caught.value


def has(error, *words):
    for word in words:
        assert word in str(error), str(error)


def test_a_value():
    def f():
        p = Value(0.0, name="p") * 1
        q = p * Value(3.0)
        return -autograd.log(q)

    error = anomaly(f)
    assert isinstance(error, FloatingPointError) and error.node.op == "log"
    has(error, "log(x) is −∞ at x = 0", "in f: return -autograd.log(q)", "test_anomaly.py, line ")
    has(error, "its x was made by multiply, in", "in f: q = p * Value(3.0)")


def test_names_of_operands():
    error = anomaly(lambda: logit(Value(1.0, name="top"), Value(0.0, name="bottom")))
    has(error, "top ÷ bottom is ∞ at top = 1, bottom = 0", "in logit: return a / b")


def test_a_local_derivative():
    error = anomaly(lambda: Value(0.0, name="x").sqrt())
    has(error, "the local derivative ∂√x/∂x is ∞ at x = 0")


def test_a_gradient():
    def f():
        w, x = Value(1e100, name="w"), Value(1e-300, name="x")
        z = w * x
        u = z * 1e300
        (u * 1e200).backward()

    error = anomaly(f)
    has(error, "the gradient that z × 1e300 passes to z is ∞".replace("z", "x"))
    has(error, "local derivative 1e300 × gradient 1e200", "in f: u = z * 1e300")
    has(error, "the way to the loss: x × 1e300 → x × 1e200")


def test_the_shortest_way_to_the_loss():
    def f():
        x = Value(1e-300, name="x")
        root = x * 1e200
        long = root
        for _ in range(5):
            long = long + 1
        loss = (long + root * 1e200) * 1e200
        loss.backward()

    has(anomaly(f), "the way to the loss: x × 1e200 → x + y → x × 1e200")


def test_gradients_stay_as_they_were():
    x = Value(1e-300)
    x.grad = 5.0
    y = x * 1e200 * 1e200
    with detect_anomaly(), pytest.raises(Anomaly) as caught:
        y.backward()
    assert x.grad == 5.0
    has(caught.value, "a line that ran before detect_anomaly() did: put it inside, too")


def test_a_constant_that_is_not_finite_is_no_anomaly_by_itself():
    with detect_anomaly():
        assert autograd.minimum(Value(2.0), math.inf).data == 2.0
        assert Value(math.nan).data != 0


def test_inside_transforms_and_no_grad_and_the_rows_of_lists():
    has(anomaly(lambda: grad(lambda x: autograd.log(x * 0))(1.0)), "log(x) is −∞")
    has(anomaly(lambda: autograd.sum([Value(1e308)] * 2)), "x1 + x2 is ∞")
    has(anomaly(lambda: autograd.dot([Value(1e308)], [10.0])), "x1×10 is ∞")
    has(anomaly(lambda: no_grad()(lambda: Value(0.0) ** -1)()), "power is ∞")
    twice = custom(lambda x: x * 1e300 * 1e300, lambda x, out: 2.0, name="twice")
    has(anomaly(lambda: twice(Value(2.0))), "twice(x) is ∞", "and your operation twice")


SCRIPTS = {
    "unary": lambda: Value(-1.0).log(),
    "binary": lambda: 2.0 / Value(0.0),
    "power": lambda: Value(-2.0) ** 0.5,
    "nan": lambda: Value(math.nan) + 1,
    "sum": lambda: autograd.sum([Value(1e308), 1e308, Value(3.0)]),
    "dot": lambda: autograd.dot([Value(1e308), 1.0], [10.0, Value(2.0)], Value(1.0)),
    "softmax": lambda: autograd.softmax([Value(1.0), Value(math.inf)])[1],
    "take": lambda: autograd.take([Value(math.inf), 1.0, Value(2.0)], Value(0.0)),
    "shift": lambda: autograd.shift([Value(1.0), Value(3.0)]) / 0,
    "constant": lambda: Value(math.nan).constant(),
    "where": lambda: autograd.where(True, Value(math.inf), 1.0),
    "backward": lambda: (Value(1e-300) * 1e200 * 1e200).backward(),
}


@pytest.mark.parametrize("f", SCRIPTS.values(), ids=SCRIPTS)
def test_the_script_reproduces_it(f):
    error = anomaly(f)
    assert len(error.script.splitlines()) <= 5
    ran = subprocess.run([sys.executable, "-c", error.script], capture_output=True, text=True)
    assert "autograd.anomaly.Anomaly" in ran.stderr, ran.stderr
    first = str(error).splitlines()[0].split(" is ")[1].split(" at ")[0]
    assert first in ran.stderr, (first, ran.stderr)


def test_it_ends_and_nests_and_decorates():
    with detect_anomaly(), detect_anomaly():
        pass
    assert math.isinf((1 / Value(0.0)).data)

    @detect_anomaly()
    def f(x):
        return 1 / x

    with pytest.raises(Anomaly):
        f(Value(0.0))
    assert f(Value(2.0)).data == 0.5
    assert math.isinf((1 / Value(0.0)).data)


def test_numbers_are_the_same_inside():
    def run():
        w = [Value(0.1 * k) for k in range(6)]
        loss = autograd.tanh(autograd.dot(w, w[::-1], w[0])) + sum(x.sin() * x for x in w)
        loss.backward()
        return [loss.data, *(x.grad for x in w)]

    outside = run()
    with detect_anomaly():
        assert run() == outside

"""checkpoint and stop_gradient."""

import gc

import numpy as np
import pytest

import autograd
from autograd import Value, checkpoint, exp, grad, jvp, no_grad, sin, stop_gradient, vjp


def steps(x, n=100):
    for _ in range(n):
        x = x + 0.01 * sin(x)
    return x


def test_one_node_with_the_same_derivative():
    x = Value(1.0)
    y = checkpoint(steps)(x)
    assert y.parents == (x,) and y.op == "checkpoint" and y.data == steps(1.0)
    y.backward()
    assert x.grad == pytest.approx(grad(steps)(1.0), rel=1e-14)


def test_a_long_chain_takes_less_memory():
    def nodes(step):
        gc.collect()
        before = autograd.memory()["nodes"]
        x = Value(1.0)
        y = x
        for _ in range(100):
            y = step(y)
        return autograd.memory()["nodes"] - before

    assert nodes(checkpoint(steps)) == 101
    assert nodes(steps) > 20_000


def test_what_it_closes_over_is_a_parent():
    w, b = Value(3.0), Value(1.0)
    inner = w * b
    x = Value(2.0)
    y = checkpoint(lambda x: inner * x**2 + w)(x)
    assert set(y.parents) == {x, inner, w}
    y.backward()
    assert (x.grad, w.grad, b.grad) == (12.0, 5.0, 12.0)


def test_derivatives_of_any_order():
    w = Value(3.0)
    cubic = checkpoint(lambda x: w * x**3)
    assert grad(grad(cubic))(2.0) == 36.0
    assert grad(grad(grad(cubic)))(2.0) == 18.0
    assert jvp(grad(cubic), (2.0,), (1.0,)) == (36.0, 36.0)
    x = Value(2.0)
    gradient = grad(cubic)(x)
    gradient.backward()
    assert (x.grad, w.grad) == (36.0, 12.0)
    assert grad(lambda w: grad(checkpoint(lambda x: w * x**3))(2.0))(1.0) == 12.0


def test_structures():
    f = checkpoint(lambda p, t, scale=1.0: {"out": p["a"] * t[0] * scale, "twice": [t[1] * 2, 5.0]})
    value, pullback = vjp(f, {"a": 3.0}, np.array([2.0, 4.0]))
    assert value == {"out": 6.0, "twice": [8.0, 5.0]}
    (dp, dt) = pullback({"out": 1.0, "twice": [1.0, 0.0]})
    assert dp == {"a": 2.0} and dt.tolist() == [3.0, 2.0]
    assert f({"a": 3.0}, [2.0, 4.0], scale=2.0)["out"].data == 12.0


def test_it_leaves_gradients_alone_and_does_not_record_in_no_grad():
    w = Value(3.0)
    w.grad = 5.0
    checkpoint(lambda x: x * w)(Value(2.0))
    assert w.grad == 5.0
    with no_grad():
        assert checkpoint(lambda x: x * w)(Value(2.0)).parents == ()


def test_an_older_value_comes_back_as_it_is():
    w = Value(3.0)
    assert checkpoint(lambda x: w)(1.0) is w
    x = Value(2.0)
    y = checkpoint(lambda x: x)(x)
    y.backward()
    assert x.grad == 1.0


def test_a_function_that_decides_otherwise_when_it_runs_again():
    w, x = Value(1.0), Value(3.0)
    y = checkpoint(lambda x: x * x if w.data > 0 else 5.0)(x)
    w.data = -1.0
    y.backward(create_graph=True)
    assert x.grad.data == 0.0
    x.grad = 0.0
    y.backward()
    assert x.grad == 6.0


def test_misuse():
    with pytest.raises(TypeError, match=r"the arguments of <lambda>\[0\] is 'a', of type str"):
        checkpoint(lambda x: x)("a")
    with pytest.raises(TypeError, match="checkpoint takes a function"):
        checkpoint(3.0)


def test_stop_gradient():
    x = Value(3.0)
    stopped = stop_gradient([x, {"a": x * x}, 2.0])
    assert [stopped[0].data, stopped[1]["a"].data, stopped[2]] == [3.0, 9.0, 2.0]
    assert not stopped[0].parents and stopped[0] is not x
    assert grad(lambda x: exp(x) * stop_gradient(x))(1.0) == pytest.approx(np.e)
    assert grad(grad(lambda x: x * x * stop_gradient(x)))(3.0) == 6.0
    assert stop_gradient(np.ones(2)).tolist() == [1.0, 1.0]

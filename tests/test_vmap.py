"""vmap: many rows in one replay."""

import math
import sys
import threading
from collections import namedtuple

import numpy as np
import pytest

import nn
from autograd import Value, detect_anomaly, exp, grad, jit, no_grad, sin, value_and_grad, vmap
from autograd.tape.recorder import FrozenRecording

close = pytest.approx


def test_rows_of_numbers_and_of_rows():
    x = np.linspace(0.1, 2.0, 50)
    assert vmap(lambda t: exp(t) * t)(x).tolist() == close((np.exp(x) * x).tolist(), rel=1e-14)
    rows = np.arange(12.0).reshape(4, 3)
    out = vmap(lambda row: {"sum": row[0] + row[2], "row": row * 2.0, "one": 1.0})(rows)
    assert out["sum"].tolist() == [2.0, 8.0, 14.0, 20.0]
    assert out["row"].tolist() == (rows * 2).tolist() and out["one"].tolist() == [1.0] * 4


def test_axes():
    x = np.arange(6.0).reshape(2, 3)
    assert vmap(lambda c: c[0] - c[1], in_axes=1)(x).tolist() == [-3.0] * 3
    assert vmap(lambda c: c[0] - c[1], in_axes=-1)(x).tolist() == [-3.0] * 3
    f = vmap(lambda x, s: x * s["a"], in_axes=(0, None))
    assert f(np.arange(3.0), {"a": 2.0}).tolist() == [0.0, 2.0, 4.0]
    assert f(np.arange(3.0), {"a": 5.0}).tolist() == [0.0, 5.0, 10.0]
    g = vmap(lambda pair: pair[0] * pair[1], in_axes=([0, None],))
    assert g([np.arange(3.0), 4.0]).tolist() == [0.0, 4.0, 8.0]


def test_what_a_gradient_can_flow_through_is_a_value():
    w = [Value(2.0), Value(-1.0)]
    rows = np.array([[1.0, 2.0], [3.0, 4.0]])
    f = vmap(lambda row: sin(w[0] * row[0]) + w[1] * row[1])
    out = f(rows)
    out.sum().backward()
    assert w[0].grad == close(np.cos(2.0) + 3 * np.cos(6.0)) and w[1].grad == 6.0
    w[1].data = 0.0
    with no_grad():
        assert f(rows).tolist() == close(np.sin([2.0, 6.0]).tolist())
    xs = np.array([Value(1.0), Value(2.0)])
    vmap(lambda x, s: x * x * s, in_axes=(0, None))(xs, Value(3.0)).sum().backward()
    assert [x.grad for x in xs] == [6.0, 12.0]


def test_transforms_inside_and_around():
    x = np.linspace(0.5, 1.5, 9)
    values, slopes = vmap(value_and_grad(jit(lambda t: sin(t) * t)))(x)
    assert values.tolist() == close((np.sin(x) * x).tolist())
    assert slopes.tolist() == close((np.cos(x) * x + np.sin(x)).tolist())
    total = grad(lambda w: vmap(lambda t: w * t * t)(x).sum())
    assert total(2.0) == close((x * x).sum())
    assert jit(lambda s: vmap(lambda t: t * t)(x).sum() * s)(2.0).data == close(2 * (x * x).sum())


def test_rows_split_by_what_they_decide():
    model = nn.MLP(1, [3, 1], seed=0)
    x = np.linspace(-3, 3, 60)

    def f(t):
        n = 0
        while t > 1.0:
            t, n = t - 1.0, n + 1
        return model([t]) * n if n else t * 2.0

    with no_grad():
        assert vmap(f)(x).tolist() == close([getattr(f(Value(t)), "data", 0.0) for t in x])
    many = np.linspace(0.0, 60.0, 61)

    def steps(t):
        while t > 1.0:
            t = t - 1.0
        return t

    assert vmap(steps)(many).tolist() == close([steps(t) for t in many.tolist()])


def test_single_precision_and_threads():
    x = np.linspace(-1, 1, 5000)
    f = lambda t: exp(sin(3 * t)) * t  # noqa: E731
    exact = vmap(f)(x)
    assert vmap(f, threads=2)(x).tolist() == exact.tolist()
    single = vmap(f, dtype="float32")(x)
    assert single.tolist() == close(exact.tolist(), rel=1e-5, abs=1e-6)


def test_errors():
    f = vmap(lambda x, y: x * y)
    with pytest.raises(ValueError, match="has 3 rows along axis 0, the arguments before it 2"):
        f(np.ones(2), np.ones(3))
    with pytest.raises(TypeError, match="which has no rows: give an array"):
        f(np.ones(2), 3.0)
    with pytest.raises(ValueError, match="in_axes is None for every argument"):
        vmap(lambda x: x, in_axes=None)(np.ones(2))
    with pytest.raises(ValueError, match="there is no axis 1 in it"):
        vmap(lambda x: x, in_axes=1)(np.ones(2))
    with pytest.raises(ValueError, match="has in_axes for 1 arguments, but was called with 2"):
        vmap(lambda x, y: x, in_axes=(0,))(np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match="dtype of vmap is 'float64' or 'float32'"):
        vmap(lambda x: x, dtype="half")
    with pytest.raises(ZeroDivisionError):
        vmap(lambda x: 1 / 0)(np.ones(2))


def test_no_rows():
    assert vmap(lambda x: x * 2)(np.empty(0)).shape == (0,)
    assert vmap(lambda row: row[0])(np.empty((0, 3))).shape == (0,)
    assert vmap(lambda row, x: x * len(row))(np.empty((2, 0)), np.ones(2)).tolist() == [0.0, 0.0]


def test_second_derivatives_by_what_rows_share():
    x = np.array([1.0, 2.0])
    f = vmap(lambda x, s: x * x * s**3, in_axes=(0, None))
    assert grad(grad(lambda s: f(x, s).sum()))(2.0) == close(60.0)
    w = Value(3.0)
    g = vmap(lambda x, s: x * s * w**2, in_axes=(0, None))
    y = g(x, 2.0).sum()
    g(x, 5.0)  # what another call shares is its own
    y.backward(create_graph=True)
    slope, w.grad = w.grad, 0.0
    slope.backward()
    assert w.grad == close(12.0)


def test_a_recording_around_loses_nothing():
    x = np.array([1.0, 2.0])
    f = jit(lambda a: vmap(lambda t: t)(a).sum())
    assert [f(a).data for a in (x, 10 * x)] == [3.0, 30.0]
    w = Value(2.0)
    jit(lambda s: vmap(lambda t: w)(x).sum() * s)(1.0).backward()
    assert w.grad == 2.0
    assert jit(lambda s: vmap(lambda t: t.sin() * s)(x).sum())(2.0).data == close(
        2 * np.sin(x).sum()
    )

    def paused(s):
        with no_grad():
            held = vmap(lambda t: t * s)(x).sum()
        return held * s

    g = jit(paused)
    with pytest.warns(FrozenRecording, match=r"under no_grad\(\)"):
        assert [getattr(g(s), "data", None) for s in (1.0, 2.0)] == [3.0, 12.0]


def test_what_cannot_be_replayed_runs_row_by_row():
    f = vmap(lambda t: t * t.data)
    with pytest.warns(FrozenRecording, match="runs row by row: .*reads the .data") as noted:
        assert f(np.array([1.0, 2.0])).tolist() == [1.0, 4.0]
    assert noted[0].filename == __file__
    assert f(np.array([3.0])).tolist() == [9.0]  # and is not said again
    with detect_anomaly(), pytest.raises(FloatingPointError, match="log"):
        vmap(lambda t: t.log())(np.array([1.0, 0.0]))


def test_rows_that_are_left_run_on_values():
    w, rows = Value(2.0), np.linspace(0.0, 60.0, 61)

    def f(row):
        t = row[0]
        while t > 1.0:
            t = t - 1.0
        return t.sin() * w

    vmap(f)(rows[:, None]).sum().backward()
    assert w.grad == close(np.sin([t - max(0.0, math.ceil(t) - 1) for t in rows]).sum())
    with no_grad():
        assert vmap(f)(rows[:, None]).dtype == float


def test_keys_of_in_axes_are_keys_of_the_argument():
    data = {"x": np.arange(3.0), "s": 4.0}
    f = vmap(lambda d: d["x"] * d["s"], in_axes=({"s": None, "x": 0},))
    assert f(data).tolist() == [0.0, 4.0, 8.0]
    with pytest.raises(ValueError, match=r"has the keys \['y'\], the argument \['x', 's'\]"):
        vmap(lambda d: d, in_axes=({"y": 0},))(data)
    pair = namedtuple("Pair", "a b")(np.arange(3.0), np.ones(3))
    assert vmap(lambda p: p.a + p.b)(pair).tolist() == [1.0, 2.0, 3.0]
    with pytest.raises(TypeError, match="is an array of complex128: allowed are arrays of numbers"):
        vmap(lambda x: x)(np.ones(2, complex))


def test_what_is_shared_may_hold_parameters():
    model = nn.MLP(1, [1], seed=0)
    f, x = vmap(lambda t, m: m([t]), in_axes=(0, None)), np.array([1.0, 2.0])
    with no_grad():
        f(x, model)
        model.layers[0].neurons[0].weights[0] = Value(9.0)
        assert f(x, model).tolist() == close([model([t]).data for t in x.tolist()])


def test_threads_share_one_function():
    f, x, wrong = vmap(lambda x, s: x * s + s.sin(), in_axes=(0, None)), np.linspace(0, 1, 500), []

    def work(s):
        wanted = x * s + math.sin(s)
        wrong.extend(s for _ in range(60) if not np.allclose(f(x, s), wanted, rtol=1e-12))

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [threading.Thread(target=work, args=(float(s),)) for s in (1, 2, 3, 4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


def test_a_parameter_that_rows_return_stays_one():
    w = Value(2.0)
    with pytest.warns(FrozenRecording):
        out = vmap(lambda t: w if t.data > 0 else t)(np.array([1.0, -3.0]))
    assert out[0] is w and out[1].data == -3.0

"""jit: recorded once, replayed afterwards, and never the wrong branch."""

import copy
import math
import os
import pickle
import threading
import warnings

import pytest

import autograd
import nn
from autograd import (
    Value,
    checkpoint,
    custom,
    detect_anomaly,
    dot,
    exp,
    grad,
    hessian,
    jit,
    jvp,
    log,
    logsumexp,
    maximum,
    no_grad,
    sin,
    softmax,
    stop_gradient,
    take,
    tanh,
    value_and_grad,
    vmap,
    where,
)
from autograd.tape.jit import RecordedAgain
from autograd.tape.recorder import FrozenRecording

close = pytest.approx


def test_one_node_with_the_local_derivatives_of_the_whole():
    w, x = Value(0.5, name="w"), Value(2.0, name="x")
    f = jit(lambda x: tanh(w * x) * w)
    y = f(x)
    assert y.parents == (x, w) and y.data == (tanh(w * x) * w).data
    y.backward()
    assert (x.grad, w.grad) == (
        close(grad(lambda x: tanh(0.5 * x) * 0.5)(2.0)),
        close(grad(lambda w: tanh(w * 2.0) * w)(0.5)),
    )
    w.data = -1.0
    assert f(2.0).data == close(math.tanh(2.0)) and f.recordings == 2  # a Value, and a float


def test_floats_give_values_without_parents():
    y = jit(lambda x: x * x)(3.0)
    assert type(y) is Value and y.data == 9.0 and y.parents == ()


@pytest.mark.parametrize("decide", [
    lambda x: -x if x < 0 else x * x,
    lambda x: max(x, 1.0 - x) * 2,
    lambda x: sorted([x, 0.5, 2 * x])[1] * x,
    lambda x: x * 2 if x else x + 5,
    lambda x: where(x > 1, x * x, x),
    lambda x: x if x == 1.0 else x * 3,
    lambda x: maximum(x, 1.0) + abs(x),
])  # fmt: skip
def test_a_recording_never_lies(decide):
    f = jit(decide)
    for x in (0.25, -1.0, 0.0, 3.0, 1.0, 0.5, -2.0, 0.25):
        assert f(x).data == close(decide(x), rel=1e-15)
        assert grad(f)(x) == close(grad(decide)(x))


def test_where_with_a_value_as_its_condition():
    f = jit(lambda c, x: where(c, x * 2, -x))
    assert [f(c, 3.0).data for c in (1.0, 0.0, 2.0)] == [6.0, -3.0, 6.0]


def test_loops_and_recursion_lead_to_more_recordings():
    def newton(a):
        x = a
        while abs(x * x - a) > 1e-13:
            x = 0.5 * (x + a / x)
        return x

    def halves(x):
        return x if x < 1 else 1 + halves(x / 2)

    for f in (newton, halves):
        fast = jit(f)
        for x in (2.0, 9.0, 2.0, 50.0, 0.3):
            assert fast(x).data == close(float(f(x)))
            assert grad(fast)(x) == close(grad(f)(x))


def test_the_transforms_compose():
    def f(x):
        return exp(sin(x)) / x

    x = 1.3
    assert grad(jit(f))(x) == close(grad(f)(x))
    assert jit(grad(f))(x).data == close(grad(f)(x))
    assert grad(jit(grad(f)))(x) == close(grad(grad(f))(x))
    assert grad(grad(jit(f)))(x) == close(grad(grad(f))(x))
    assert jvp(jit(f), (x,), (2.0,)) == (close(f(x)), close(2 * grad(f)(x)))
    assert jit(jit(f))(x).data == close(f(x))
    many = jit(lambda xs: xs[0] ** 2 * xs[1] + sin(xs[0]))
    assert hessian(many)([1.0, 2.0]) == [[close(4 - math.sin(1)), 2.0], [2.0, 0.0]]
    assert [[v.data for v in row] for row in jit(hessian(many))([1.0, 2.0])] == [
        [close(4 - math.sin(1)), 2.0], [2.0, 0.0]
    ]  # fmt: skip


def test_value_and_grad_at_plain_numbers_makes_no_node():
    calls = []

    def f(x, y):
        calls.append(x)
        return x * y[0] + y[1] if x > 0 else y[1]

    fast = value_and_grad(jit(f), argnums=(1, 0))
    assert fast(2.0, [3.0, 4.0]) == (10.0, ([2.0, 1.0], 3.0))
    assert fast(5.0, [3.0, 4.0]) == (19.0, ([5.0, 1.0], 3.0))
    assert len(calls) == 1
    assert fast(-5.0, [3.0, 4.0]) == (4.0, ([0.0, 1.0], 0.0))
    with pytest.raises(TypeError, match="it must be a float"):
        fast(2, [3.0, 4.0])


def test_static_arguments_have_recordings_of_their_own():
    f = jit(lambda x, n, flag=True, how="a": x**n if flag else -x)
    assert f(2.0, 3).data == 8.0 and f(2.0, 2).data == 4.0 and f(3.0, 2, flag=False).data == -3.0
    assert f(2.0, 1, how="b").data == 2.0 and f.recordings == 4
    with pytest.raises(TypeError, match="allowed are floats, Values, arrays"):
        f(2.0, {1, 2})


def test_parameters_that_were_replaced_are_met_anew():
    class Held:
        pass

    held, table, names = Held(), [Value(2.0)], {"w": Value(3.0)}
    held.w = Value(5.0)
    f = jit(lambda x: held.w * x + table[0] * names["w"])
    assert f(1.0).data == 11.0
    table[0] = Value(1.0)
    assert f(1.0).data == 8.0
    names["w"] = Value(10.0)
    assert f(1.0).data == 15.0
    held.w = Value(0.0)
    assert f(1.0).data == 10.0
    model = nn.MLP(2, [3, 1], seed=0)
    fast = jit(model)
    before = fast([1.0, 2.0]).data
    model.layers[0].neurons[1].weights[0] = Value(7.0)
    assert fast([1.0, 2.0]).data == close(model([1.0, 2.0]).data) and before != model([1.0, 2.0])


@pytest.mark.parametrize("bad", [
    lambda x: x * (x * 2).data,
    lambda x: [setattr(x, "data", 2.0), x * 3][1],
    lambda x: [(x * x).backward(), x * 3][1],
    lambda x: no_grad()(lambda: x * 2)() * x,
    lambda x: Value(x._data, (x,), (1.0,)) * 2,
])  # fmt: skip
def test_what_a_tape_cannot_repeat_runs_as_it_is(bad):
    f = jit(bad)
    with pytest.warns(FrozenRecording, match="runs as it is, at every call"):
        first = f(3.0).data
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert [f(x).data for x in (3.0, 5.0)] == [bad(Value(x)).data for x in (3.0, 5.0)]
    assert first == bad(Value(3.0)).data


def test_recording_at_every_call_is_reported():
    f = jit(lambda x, n: x * n)
    with pytest.warns(RecordedAgain, match="recorded 10 times and replayed only 0 times"):
        for n in range(12):
            f(1.0, n)
    for n in range(100):
        f(1.0, n)
    assert f.recordings <= 64


def test_operations_of_ones_own_keep_their_derivatives():
    pytest.importorskip("numpy")
    straight = custom(lambda x: x - x + 2.0, lambda x, out: 3.0, name="straight")
    f = jit(lambda x: straight(x) * x)
    assert f(5.0).data == 10.0 and f(6.0).data == 12.0 and grad(f)(5.0) == 17.0


def test_softmax_keeps_its_shift():
    f = jit(grad(lambda xs: logsumexp(xs) + softmax(xs)[0]))
    assert [v.data for v in f([0.0, 1.0])] == close(
        grad(lambda xs: logsumexp(xs) + softmax(xs)[0])([0.0, 1.0])
    )
    assert [v.data for v in f([1000.0, 0.0])] == close([1.0, 0.0])
    assert f.recordings == 1


def test_an_index_is_an_input():
    np = pytest.importorskip("numpy")
    table = [[Value(float(3 * i + j)) for j in range(3)] for i in range(4)]
    f = jit(lambda tokens: autograd.sum([dot(take(table, t), [1.0, 2.0, 3.0]) for t in tokens]))
    for tokens in ([0, 1], [3, 3], [2, 0]):
        wanted = sum((3 * t) + 2 * (3 * t + 1) + 3 * (3 * t + 2) for t in tokens)
        assert f(np.array(tokens)).data == wanted
    assert f.recordings == 1
    f(np.array([3, 3])).backward()
    assert [v.grad for v in table[3]] == [2.0, 4.0, 6.0] and table[0][0].grad == 0.0
    with pytest.raises(IndexError, match="take was given the index 4 into 4 rows"):
        f(np.array([0, 4]))


def test_constants_stay_constants():
    f = jit(lambda x: x * stop_gradient(x) + x.detach() * 2)
    assert f(3.0).data == 15.0 and f(4.0).data == 24.0 and grad(f)(4.0) == 4.0
    g = jit(lambda x: checkpoint(lambda x: sin(x) * x)(x) * x)
    assert grad(g)(0.7) == close(grad(lambda x: sin(x) * x * x)(0.7))


def test_structures_arrays_and_names():
    np = pytest.importorskip("numpy")
    f = jit(lambda p, *, scale: {"a": p["w"] * scale, "b": [p["x"], 1.0, None]})
    out = f({"w": 2.0, "x": np.array([1.0, 2.0])}, scale=3.0)
    assert out["a"].data == 6.0 and out["b"][1].data == 1.0 and out["b"][2] is None
    assert out["b"][0].tolist() == [1.0, 2.0] and out["b"][0].dtype == float
    values = f({"w": 2.0, "x": np.array([Value(1.0), Value(2.0)])}, scale=3.0)["b"][0]
    assert values.dtype == object and values[1].data == 2.0


def test_an_error_leaves_nothing_behind():
    f = jit(lambda x: x * undefined)  # noqa: F821
    for _ in range(2):
        with pytest.raises(NameError):
            f(1.0)
    assert f.recordings == 0 and (Value(1.0) > 0) is True


def test_no_grad_and_detect_anomaly_around():
    w = Value(2.0)
    f = jit(lambda x: w * log(x))
    with no_grad():
        assert f(2.0).parents == ()
    with detect_anomaly(), pytest.raises(FloatingPointError, match="log"):
        f(Value(0.0))
    assert f(2.0).parents == (w,)


def test_results_can_be_copied_and_pickled():
    w = Value(3.0)
    y = jit(square_of_two)(w)
    other = copy.deepcopy(y)
    other.backward()
    assert other.data == 36.0 and other.parents[0].grad == 24.0 and w.grad == 0.0
    assert pickle.loads(pickle.dumps(y.detach())).data == 36.0


def square_of_two(x):
    return (2 * x) ** 2


def test_methods():
    class Scale:
        def __init__(self):
            self.by = Value(2.0)

        @jit
        def of(self, x):
            return self.by * x

    scale = Scale()
    assert scale.of(3.0).data == 6.0
    scale.by = Value(5.0)
    assert scale.of(3.0).data == 15.0


def test_many_threads_call_one_function():
    f = jit(lambda x: exp(-x * x) if x > 0 else x)
    wanted = {x: f(x).data for x in (0.5, -1.0, 2.0, 3.0)}
    wrong = []

    def work(x):
        wrong.extend(x for _ in range(300) if f(x).data != wanted[x])

    threads = [threading.Thread(target=work, args=(x,)) for x in wanted]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_tape_to_look_at():
    f = jit(lambda x, y: x * y + y)
    tape = f.tape(2.0, 3.0)
    assert [step.operation.name for step in tape.instructions()] == ["multiply", "add"]
    assert tape.values([2.0, 3.0])[0].data == 9.0
    with pytest.raises(ValueError, match="has no tape: .*reads the .data"):
        jit(lambda x: x * x.data).tape(1.0)
    with pytest.raises(TypeError, match="jit takes a function"):
        jit(3.0)


def test_vmap_of_rows_that_decide_otherwise():
    np = pytest.importorskip("numpy")
    x = np.linspace(-2, 2, 101)
    f = vmap(grad(lambda x: x**3 if x > 0 else -sin(x)))
    assert f(x).tolist() == close([3 * t * t if t > 0 else -math.cos(t) for t in x])


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork here")
@pytest.mark.filterwarnings("ignore:This process:DeprecationWarning")  # pytest-xdist has threads
def test_a_child_process_replays_what_its_parent_recorded():
    np = pytest.importorskip("numpy")
    f, many = jit(lambda x: exp(x) * x), vmap(lambda x: exp(x) * x, threads=2)
    x = np.linspace(0.0, 1.0, 3000)
    one, rows = f(0.5).data, many(x)
    child = os.fork()
    if not child:
        same = f(0.5).data == one and (many(x) == rows).all()
        os._exit(0 if same else 1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_an_interrupted_recording_leaves_nothing_behind():
    w, stop = Value(2.0), [True]

    def f(x):
        y = w * x
        if y > 0 and stop:
            raise KeyboardInterrupt
        return y * y

    fast = jit(f)
    with pytest.raises(KeyboardInterrupt):
        fast(3.0)
    assert fast.recordings == 0 and autograd.modes.recorders == [] and w.grad == 0.0
    stop.clear()
    assert fast(3.0).data == 36.0


def test_a_long_tape():
    def f(x):
        y = x
        for _ in range(50_000 if autograd.ENGINE == "native" else 500):
            y = y * 0.999 + x
            y = y - 0.5 * x
        return y

    fast = jit(f)
    x = Value(0.25)
    y = fast(x)
    y.backward()
    assert y.data == close(f(0.25), rel=1e-9) and x.grad == close(y.data / 0.25, rel=1e-9)


def test_nested_calls_and_watched_ones_give_values_as_well():
    f = jit(lambda x: x * 2)
    with detect_anomaly():
        assert f(1.0).data == 2.0
    with detect_anomaly(), pytest.raises(FloatingPointError, match="log"):
        jit(lambda x: log(x) * 2)(0.0)
    assert jit(lambda x: f(3.0).exp() * x)(2.0).data == close(2 * math.exp(6.0))


def test_results_of_every_kind():
    w = Value(2.0)
    f = jit(lambda x: (x, 1.0, None, {"k": x * 2}, [w]))
    for a, b in ((2.0, 3.0), (5.0, 7.0)):
        x, w.data = Value(a), b
        same, one, nothing, inside, kept = f(x)
        assert (same.data, one.data, nothing, inside["k"].data) == (a, 1.0, None, 2 * a)
        assert kept[0].data == b
        same.backward()
        assert x.grad == 1.0
    with pytest.raises(TypeError, match="the result of .* is 'a', of type str"):
        jit(lambda x: "a")(1.0)


def test_bool_is_not_the_int_that_it_equals():
    f = jit(lambda x, n: x * 2 if n is True else x * 3)
    assert [f(1.0, n).data for n in (1, True, 1, False)] == [3.0, 2.0, 3.0, 3.0]


def test_training_and_evaluation_are_told_apart():
    class Noisy(nn.Module):
        def __init__(self):
            super().__init__()
            self.w = Value(2.0)

        def __call__(self, x):
            return self.w * x * (2.0 if self.training else 1.0)

    model = Noisy()
    f = jit(model)
    assert [f(1.0).data for _ in (model.train(), model.eval(), model.train())] == [4.0] * 3
    for mode, wanted in ((model.eval, 2.0), (model.train, 4.0), (model.eval, 2.0)):
        mode()
        assert f(1.0).data == wanted


def test_second_derivatives_reach_parameters():
    w = Value(3.0)
    f = jit(lambda x: x * w * w)
    f(2.0).backward(create_graph=True)
    slope, w.grad = w.grad, 0.0
    slope.backward()
    assert w.grad == 4.0


def test_what_is_used_stays_when_there_are_too_many_recordings():
    made = []

    def f(xs):
        made.append(len(xs))
        return sum(xs)

    fast = jit(f)
    for _ in range(20):
        fast([1.0])
    for n in range(1, 100):
        fast([1.0] * n)
        fast([1.0] * 3)  # asked for all the time
    assert made.count(3) == 1
    assert fast.recordings == 64
    fast([1.0])
    assert made.count(1) == 2  # it had gone


def test_signatures_that_cannot_be_replayed_are_not_kept_for_ever():
    fast = jit(lambda xs: Value(sum(x.data for x in xs)))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for n in range(1, 100):
            assert fast([1.0] * n).data == n
    assert len(fast._frozen) <= 64

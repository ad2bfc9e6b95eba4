"""The native engine itself: its kernels, its memory, and what could go wrong in C."""

import copy
import gc
import os
import pickle
import subprocess
import sys
import threading
import time
from array import array
from pathlib import Path

import numpy as np
import pytest

import autograd
import nn
from autograd import Value, custom, no_grad, ops
from autograd.engine import native
from autograd.native import kernels
from autograd.value import Value as PythonValue

pytestmark = pytest.mark.skipif(autograd.ENGINE != "native", reason="the native engine is not here")

ROOT = Path(__file__).parents[1]
EDGE = 16  # bytes


def live():
    gc.collect()
    memory = native.memory()
    return memory["nodes"], memory["bytes"]


@pytest.fixture
def unchanged():
    """All nodes that a test makes are gone when it ends."""
    before = live()
    yield
    assert live() == before


def chain(length, start=None):
    v = start or Value(1.0)
    for _ in range(length):
        v = v + 1.0
    return v


# THE BUILD


def test_kernels_are_those_of_the_table():
    assert f'"{native.KERNELS}"' in kernels.header().splitlines()[-1]


# MEMORY


def test_size_of_a_node():
    assert sys.getsizeof(Value(1.0)) == sys.getsizeof(Value(1.0) * Value(2.0)) <= 96
    xs = [Value(1.0) for _ in range(100)]
    assert sys.getsizeof(ops.sum(xs)) - sys.getsizeof(ops.sum(xs[:40])) == 60 * EDGE


def test_memory_counts_nodes_and_their_edges(unchanged):
    nodes, size = live()
    xs = [Value(1.0) for _ in range(1000)]
    out = ops.sum(xs)
    assert live() == (nodes + 1001, size + sum(map(sys.getsizeof, [*xs, out])))
    assert native.memory()["reserved"] >= native.memory()["bytes"]


def test_freed_memory_is_used_again():
    chain(100_000)
    reserved = native.memory()["reserved"]
    for _ in range(20):
        chain(100_000)
    assert native.memory()["reserved"] == reserved


def test_nodes_are_not_tracked_by_the_collector():
    x = Value(1.0, name="x")
    assert not any(map(gc.is_tracked, [x, x * x, ops.sum([x, x]), Value(1.0, [x], [1.0])]))


def test_a_name_cannot_hold_on_to_its_node(unchanged):
    class Text(str):
        pass

    x = Value(1.0)
    text = Text("x")
    text.node = x  # would be a cycle that nobody collects
    x.name = text
    assert type(x.name) is str
    with pytest.raises(AttributeError):
        x.anything = x
    with pytest.raises(TypeError, match="a name is text or None"):
        x.name = [x]


def shared(x, y):
    ws, xs = [x, 2.0, 3], (y, x, True)
    first, second = ops.dot(ws, xs, x), ops.dot(ws, xs)
    ws[1] = y
    ops.sum([first, ops.dot(ws, xs), second]).backward()


OPERATIONS = {
    **{name: row for name, row in ops.ROWS.items() if row.inputs != ("xs",)},
    "operators": lambda x, y: (x + y, x - 1, 2 * x, x / y, 2**x, -x, abs(y), 0 + x, +x),
    "comparisons": lambda x, y: (x < y, x == 1, x != y, x >= 2.0, bool(x), hash(x)),
    "sum": lambda x, y: (ops.sum([x, y, 1, 2.0]), ops.sum((x, y)), ops.mean(iter([x, y]))),
    "prod": lambda x, y: (ops.prod([x, y]), ops.norm([x, y]), ops.logsumexp([x, 1.0, y])),
    "softmax": lambda x, y: (ops.softmax([x, y, 1]), ops.log_softmax([x, y])),
    "dot": lambda x, y: ops.dot([x, 2.0], [y, np.float64(1)], x),
    "dots with shared rows": lambda x, y: shared(x, y),
    "dot of arrays": lambda x, y: (
        ops.dot([x, y], array("d", [1, 2])),
        ops.dot(np.ones(2), [x, y], 1.0),
        ops.dot([x, y], np.ones(4)[::2]),
        ops.dot([x, y], np.ones(2, dtype=">f8")),
        ops.dot([x, y], np.ones(2, dtype=np.float32)),
        ops.dot([x, y], memoryview(bytes(17))[1:].cast("d")),  # not aligned
    ),
    "by hand": lambda x, y: (Value(1, [x, y], [1, 2]), Value(1.0, (), (), name="w")),
    "copies": lambda x, y: (copy.copy(x * y), copy.deepcopy(x * y), pickle.loads(pickle.dumps(x))),
    "attributes": lambda x, y: [
        (v.data, v.grad, v.parents, v.local_grads, v.operands, v.op, v.operation, v.name, repr(v))
        for v in (x * y, ops.sum([x, 1.0]), x)
    ],
    "backward": lambda x, y: (x * y + x).backward(seed=2),
    "history": lambda x, y: (x * y + x).history(),
    "no_grad": no_grad()(lambda x, y: (x * y, ops.sum([x, y]), ops.dot([x], [y]), ops.exp(x))),
}
FAILURES = {
    "constructor": (lambda x: Value("a"), TypeError),
    "constructor, parents": (lambda x: Value(1.0, [x, 2.0], [1.0, 1.0]), TypeError),
    "constructor, local grads": (lambda x: Value(1.0, [x], ["a"]), TypeError),
    "constructor, lengths": (lambda x: Value(1.0, [x], []), ValueError),
    "constructor, name": (lambda x: Value(1.0, [x], [1.0], name=3), TypeError),
    "constructor, words": (lambda x: Value(1.0, wrong=x), TypeError),
    "operator": (lambda x: x + "a", TypeError),
    "reflected": (lambda x: None * x, TypeError),
    "power with a modulus": (lambda x: pow(x, 2, 3), TypeError),
    "too large": (lambda x: x * 10**400, OverflowError),
    "row": (lambda x: ops.maximum(x, None), TypeError),
    "row of three": (lambda x: ops.where(True, x, 10**400), OverflowError),
    "number of operands": (lambda x: ops.hypot(x), TypeError),
    "sum": (lambda x: ops.sum([x, "a"]), TypeError),
    "sum, too large": (lambda x: ops.sum([x, 10**400]), OverflowError),
    "dot": (lambda x: ops.dot([x, x], [1.0, "a"]), TypeError),
    "dot, lengths": (lambda x: ops.dot([x, x], [1.0]), ValueError),
    "softmax": (lambda x: ops.softmax([x, 1j]), TypeError),
    "data": (lambda x: setattr(x, "data", "a"), TypeError),
    "deleted": (lambda x: delattr(x, "data"), AttributeError),
    "deleted name": (lambda x: delattr(x, "name"), AttributeError),
    "seed": (lambda x: (x * x).backward("a"), TypeError),
    "seeds": (lambda x: (x * x).backward(1.0, False, 2.0), TypeError),
    "subclass": (lambda x: type("Sub", (Value,), {}), TypeError),
    "without parents": (lambda x: no_grad()(lambda: x * x)().backward(), RuntimeError),
    "a softmax result that is none": (lambda x: x._operate(ops.softmax, [x, 7.0]), TypeError),
    "operands that do not fit": (lambda x: x._operate(ops.sin, [x, x]), TypeError),
    "_operate": (lambda x: x._operate(ops.sin), TypeError),
    "node": (lambda x: native.node(None, 1.0, (x, 1.0), (), ()), ValueError),
    "node, local grads": (lambda x: native.node(None, 1.0, (x,), (x,), ("a",)), TypeError),
}


def counts(*objects):
    return [sys.getrefcount(x) for x in objects]


def leaked(before, after):
    """What grew with each of the 50 turns; Python itself holds None here and there."""
    return [b - a for a, b in zip(before, after) if b - a >= 50]


@pytest.mark.parametrize("name", OPERATIONS)
def test_reference_counts(name, unchanged):
    x, y, do = Value(0.7, name="x"), Value(0.3, name="y"), OPERATIONS[name]
    operands = [x, y, 0.5][: len(getattr(do, "inputs", "xy"))]
    do(*operands)
    made, before = live(), counts(x, y, *ops.ROWS.values(), None)
    for _ in range(50):
        do(*operands)
    assert live() == made
    assert leaked(before, counts(x, y, *ops.ROWS.values(), None)) == []


@pytest.mark.parametrize("name", FAILURES)
def test_reference_counts_after_a_failure(name, unchanged):
    x, (fail, error) = Value(2.0, name="x"), FAILURES[name]

    def failing():
        with pytest.raises(error):
            fail(x)

    failing()
    made, before = live(), counts(x, *ops.ROWS.values(), None)
    for _ in range(50):
        failing()
    assert live() == made
    assert leaked(before, counts(x, *ops.ROWS.values(), None)) == []


# ROWS OF OPERANDS, which dot products share


def check_dot(ws, xs, bias=None):
    """A dot is right to the last bit, whatever rows it found; returns the node."""
    node = ops.dot(ws, xs, bias)
    number = [x.data if isinstance(x, Value) else float(x) for x in (*ws, *xs)]
    n, b = len(ws), bias.data if isinstance(bias, Value) else bias
    expected = 0.0
    for w, x in zip(number[:n], number[n:]):
        expected += w * x
    assert node.data == (expected if b is None else expected + b)
    operands = [*ws, *xs, *([] if bias is None else [bias])]
    factors = [*number[n:], *number[:n], 1.0]
    assert [x if isinstance(x, Value) else float(x) for x in operands] == [*node.operands]
    assert all(a is b for a, b in zip(operands, node.operands) if isinstance(a, Value))
    of_values = [(x, by) for x, by in zip(operands, factors) if isinstance(x, Value)]
    assert node.parents == tuple(x for x, _ in of_values)
    assert node.local_grads == tuple(by for _, by in of_values)
    assert (node.op, node.operation) == ("dot", ops.dot)
    return node


def test_dots_share_their_rows(unchanged):
    ws, xs = [Value(0.5) for _ in range(100)], [Value(2.0) for _ in range(100)]
    before = live()[1]
    first = ops.dot(ws, xs)
    size = live()[1] - before - sys.getsizeof(first)
    assert 100 * EDGE * 2 <= size <= 100 * EDGE * 2 + 200
    more = [ops.dot(ws, xs, Value(1.0)) for _ in range(50)]
    assert live()[1] == before + size + 101 * sys.getsizeof(first)
    ops.sum([first, *more]).backward()
    assert {w.grad for w in ws} == {51 * 2.0} and {x.grad for x in xs} == {51 * 0.5}
    del first, more
    assert live()[1] == before


def test_rows_of_data_that_was_edited(unchanged):
    ws, xs = [Value(1.0), Value(2.0)], [Value(3.0), 4.0]
    first = check_dot(ws, xs)
    ws[1].data = -7.0
    second = check_dot(ws, xs)
    xs[0].data = -0.0
    third = check_dot(ws, xs)
    ws[0].data = 1.0  # the same
    assert check_dot(ws, xs).data == third.data
    native.update("sgd", ws, (0.1, 0.0, 0.0, 0.0, 1.0), [array("d", [0, 0])])
    check_dot(ws, xs)
    native.write_data(ws, array("d", [0.5, 0.25]))
    check_dot(ws, xs)
    assert (first.data, second.data, third.data) == (11.0, -25.0, -28.0)
    assert first.local_grads == (3.0, 4.0, 1.0) and second.local_grads == (3.0, 4.0, 1.0)
    assert third.local_grads == (-0.0, 4.0, 1.0)
    (first + second).backward()
    assert [w.grad for w in ws] == [6.0, 8.0] and xs[0].grad == 2.0


def test_rows_of_data_that_is_edited_while_it_is_read(unchanged):
    ws, xs = [Value(1.0), Value(2.0)], [3.0, 4.0]
    kept = [ops.dot(ws, xs)]

    class Sly:
        def __float__(self):
            kept.append(ops.dot(ws, xs))
            return 5.0

    ws[0].data = Sly()
    assert (kept[1].data, ops.dot(ws, xs).data) == (11.0, 23.0)


def test_rows_of_lists_that_were_changed(unchanged):
    ws, xs = [Value(1.0), Value(2.0)], [3, 4.0]
    kept = [check_dot(ws, xs)]
    for place, new in [(0, Value(1.0)), (0, 5.0), (1, 5), (1, Value(5.0)), (0, True), (1, 2.0)]:
        ws[place] = new
        if any(isinstance(x, Value) for x in ws):
            kept.append(check_dot(ws, xs, Value(1.0)))
    xs[0] = Value(3.0)
    kept.append(check_dot(ws, xs))
    ws.append(Value(9.0))
    xs.append(-1)
    kept.append(check_dot(ws, xs, 0.5))
    ws.reverse()
    kept.append(check_dot(ws, xs))
    ws.clear()
    xs.clear()
    assert ops.dot(ws, xs) == 0.0
    del kept


def test_rows_of_lists_at_one_address(unchanged):
    kept = []
    for k in range(300):
        w = Value(float(k))
        kept.append(check_dot([w, k], [k + 0.5, w]))  # the lists are gone, their places are not
        kept.append(check_dot((w, 1.0), (2, w), w))
        if k % 3 == 0:
            kept.pop(0)
    ops.sum(kept).backward()


def test_rows_of_one_list_on_both_sides(unchanged):
    xs = [Value(1.0), Value(-2.0), 3.0]
    y = check_dot(xs, xs, xs[0])
    z = ops.dot(xs[::-1], xs) + y
    z.backward()
    assert (z.data, xs[0].grad, xs[1].grad) == (15.0 + 10.0, 3.0 + 6.0, -4.0 - 4.0)


def test_rows_and_a_gradient_of_zero(unchanged):
    ws, xs = [Value(float("inf")), Value(1.0)], [Value(0.0), Value(2.0)]
    hidden = [x * 1.0 for x in xs]
    for x in hidden:
        x.grad = 9.0
    dead, alive = ops.dot(ws, hidden) * 0.0, ops.dot(ws, hidden)
    (dead * 0.0).backward()  # reaches all of them, with nothing
    assert [v.grad for v in (*ws, *xs, *hidden)] == [0.0] * 6
    ops.sum([dead * 0.0, alive]).backward()
    assert [v.grad for v in (*ws, *hidden)] == [0.0, 2.0, float("inf"), 1.0]


def test_dots_of_a_chain_of_layers_are_those_of_the_python_engine():
    def network(kind):
        ws = [[kind((i * j % 7 - 3) / 5) for j in range(9)] for i in range(9)]
        first, out, grads = [kind(k / 9) for k in range(9)], [], []
        xs = first
        for _ in range(5):
            xs = [(ops.relu, ops.tanh)[i % 2](ops.dot(row, xs, row[0])) for i, row in enumerate(ws)]
            out.append(ops.sum(xs))
        for total in (out[-1], out[-1], out[2], ops.sum(out)):
            total.backward()
            nodes = total.history()
            grads.append([len(nodes), total.data, *(v.grad for v in nodes)])
        return grads, [v.grad for row in (*ws, first) for v in row]

    found = network(Value)
    assert found == network(PythonValue)
    assert sum(grad != 0 for grad in found[1]) > 50


# LAYERS in one call


def neuron_by_neuron(layer, inputs):
    sums = [ops.dot(n.weights, inputs, n.bias) for n in layer.neurons]
    return [
        total if n.activation is None else n.activation(total)
        for n, total in zip(layer.neurons, sums)
    ]


def written(values):
    return [
        (
            v.data,
            v.op,
            v.local_grads,
            [(p.data, p.op, p.local_grads, p.operands) for p in v.parents],
        )
        for v in values
    ]


@pytest.mark.parametrize(
    "inputs",
    [[1.0, 2.0], [1, True], [np.float64(1), 2.0], (1.0, 2), np.ones(2), array("d", [1, 2])],
    ids=["list", "ints", "numpy numbers", "tuple", "array", "buffer"],
)
@pytest.mark.parametrize("activation", ["relu", None, "tanh", lambda x: x * x, ops.softplus])
def test_a_layer_does_what_its_neurons_do(activation, inputs, unchanged):
    layer = nn.Layer(2, 3, activation, seed=1)
    layer.neurons[1].weights[0] = 0.25  # a plain number
    layer.neurons[2].bias = None
    assert written(layer(inputs)) == written(neuron_by_neuron(layer, inputs))
    hidden = [Value(0.5), 2.0]
    assert written(layer(hidden)) == written(neuron_by_neuron(layer, hidden))
    with no_grad():
        assert written(layer(inputs)) == written(neuron_by_neuron(layer, inputs))


def test_a_layer_follows_its_neurons(unchanged):
    layer, x = nn.Layer(2, 3, "tanh", seed=1), [1.0, Value(-2.0)]
    first, last = layer.neurons[0], layer.neurons[-1]

    def same():
        assert written(layer(x)) == written(neuron_by_neuron(layer, x))

    same()
    first.weights[0].data = 7.0
    same()
    first.weights[1] = Value(0.5)
    same()
    first.weights = (Value(1.0), 2.0)
    same()
    first.bias = 3
    same()
    last.activation = ops.sin
    same()
    for neuron in layer.neurons:
        neuron.activation = abs
    same()
    bias = vars(last).pop("bias")  # the attributes in another order
    del last.weights
    last.bias, last.weights = bias, [1.0, Value(1.0)]
    same()
    layer.neurons.append(nn.Neuron(2, abs, seed=2))
    same()
    assert native.layer(layer.neurons, nn.Layer, x) is None


def test_a_layer_that_fails_leaves_nothing_behind(unchanged):
    def stop(x):
        calls.append(x)
        if len(calls) == 3:
            raise KeyboardInterrupt("stop")
        return x * x

    calls, layer = [], nn.Layer(2, 4, stop, seed=1)
    made = live()
    with pytest.raises(KeyboardInterrupt, match="stop"):
        layer([1.0, 2.0])
    calls.clear()
    layer.neurons[2].weights.append(Value(1.0))
    del layer.neurons[2].weights[-1]
    layer.neurons[3].weights[1] = 10**400
    with pytest.raises(OverflowError):
        layer([1.0, 2.0])
    layer.neurons[3].weights[1] = "a"
    with pytest.raises(TypeError):
        layer([1.0, 2.0])
    layer.neurons[3].weights.pop()
    with pytest.raises(ValueError, match="same length, got 1 and 2"):
        layer([1.0, 2.0])
    assert live()[0] == made[0] - 1


# ERRORS IN THE MIDDLE


class Stubborn:
    def __init__(self, error):
        self.error = error

    def __float__(self):
        raise self.error("stop")


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt, MemoryError, RecursionError])
def test_a_number_that_raises(error, unchanged):
    x, bad = Value(1.0), Stubborn(error)
    for form in (
        lambda: Value(bad),
        lambda: x + bad,
        lambda: bad * x,
        lambda: x < bad,
        lambda: ops.maximum(x, bad),
        lambda: ops.clip(x, 0, bad),
        lambda: ops.sum([x, bad]),
        lambda: ops.dot([x], [bad]),
        lambda: ops.dot([x], [1.0], bad),
        lambda: (x * x).backward(bad),
        lambda: setattr(x, "grad", bad),
        lambda: Value(1.0, [x], [bad]),
    ):
        made = live()
        with pytest.raises(error, match="stop"):
            form()
        assert (live(), x.data, x.grad) == (made, 1.0, 0.0)


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
@pytest.mark.parametrize("part", ["value", "derivative"])
def test_an_operation_that_raises(error, part, unchanged):
    def stop(*_):
        raise error("stop")

    rules = [stop, lambda x, out: 1.0] if part == "value" else [lambda x: x, stop]
    operation = custom(lambda x: rules[0](x), lambda x, out: rules[1](x, out), name="stubborn")
    x = Value(2.0)
    y = x * x
    made = live()
    with pytest.raises(error, match="stop"):
        operation(y)
    assert live() == made
    y.backward()
    assert x.grad == 4.0


def test_a_list_that_shrinks_under_the_hands_of_dot(unchanged):
    """From Python 3.12 on a class has a __buffer__ of its own, which can do anything."""
    ws = [Value(1.0) for _ in range(100)]

    class Row:
        def __buffer__(self, flags):
            del ws[:]
            return memoryview(array("d", range(100)))

        def __iter__(self):
            return iter(range(100))

        def __float__(self):
            return 0.0

    if sys.version_info >= (3, 12):
        with pytest.raises(ValueError, match="same length, got 0 and 100"):
            ops.dot(ws, Row())
    else:
        assert ops.dot(ws, Row()).data == 4950.0


def test_a_number_that_changes_the_list(unchanged):
    xs = [Value(1.0), None, Value(2.0)]

    class Sly:
        def __float__(self):
            xs.clear()
            return 3.0

    xs[1] = Sly()
    assert (ops.sum(xs).data, xs) == (6.0, [])


def test_loops_check_what_they_are_given():
    params = [Value(1.0), Value(2.0)]
    state, short = array("d", [0, 0]), array("d", [0])
    settings = (0.1, 0.0, 0.9, 0.0, 0.0)

    def sgd(params, state):
        native.update("sgd", params, settings, [state])

    for wrong in (short, array("f", [0] * 4), array("q", [0, 0]), memoryview(bytearray(17))[1:]):
        with pytest.raises(ValueError, match="one double per parameter"):
            sgd(params, wrong)
    with pytest.raises(ValueError, match="one double per parameter"):
        sgd(params, memoryview(bytearray(17))[1:].cast("d"))  # not aligned
    with pytest.raises(ValueError, match="one double per parameter"):
        native.update("adam", params, (*settings, 0.0), [state, short])
    with pytest.raises((BufferError, TypeError)):
        sgd(params, bytes(16))
    for transfer in (native.read_data, native.write_data):
        with pytest.raises(ValueError, match="one double per parameter"):
            transfer(params, short)
        with pytest.raises(TypeError, match=rf"call it as {transfer.__name__}\(params, numbers\)"):
            transfer(params)
    for rule, numbers, states in [
        ("sgd", settings[1:], [state]),
        ("adma", settings, [state]),
        ("sgd", settings, []),
    ]:
        with pytest.raises(ValueError, match=f"no rule {rule} takes {len(numbers)} settings and"):
            native.update(rule, params, numbers, states)
    for numbers in ([0.1], (0.0,) * 9, (None,) * 5):
        with pytest.raises(TypeError):
            native.update("sgd", params, numbers, [state])
    calls = (
        native.zero_grad,
        lambda params: sgd(params, state),
        lambda params: native.read_data(params, state),
    )
    for call in calls:
        for params in ((), [1.0], None):
            with pytest.raises(TypeError, match="params must be a list of Values"):
                call(params)
    short.append(1.0)  # the buffers were given back: arrays can grow again
    state.append(1.0)
    with pytest.raises(TypeError, match="a list of neurons, their class, and a row of inputs"):
        native.layer((), object, [1.0])


# GRAPHS OF ALL SHAPES


def test_ten_million_nodes_in_a_chain_large(unchanged):
    start = Value(1.0)
    began = time.perf_counter()
    end = chain(10**7, start)
    end.backward()
    assert (end.data, start.grad) == (1e7 + 1, 1.0)
    del end
    assert native.memory()["nodes"] < 10**6
    assert time.perf_counter() - began < 30


def test_a_sum_of_a_million_large(unchanged):
    xs = [Value(1.0) for _ in range(10**6)]
    out = ops.sum(xs)
    out.backward()
    assert (out.data, {x.grad for x in xs}) == (1e6, {1.0})


def test_a_chain_of_reductions_is_freed_without_recursion(unchanged):
    v = Value(1.0)
    for _ in range(100_000):
        v = ops.sum([v, 0.0, 0.0])
    v.backward()


@pytest.mark.parametrize("apart", [10, 65_535, 65_536, 65_537, 200_000])
def test_old_interior_nodes_that_are_shared(apart, unchanged):
    """Nodes older than the window of a traversal wait in a heap."""
    x = Value(2.0)
    old = [x * float(k) for k in range(1, 101)]
    keep = chain(apart)
    young = [v * v for v in old]
    chain(apart // 3)
    total = ops.sum([*young, *reversed(old), keep, x])
    for times in (1, 2):
        total.backward()
        assert x.grad == times * sum([2 * 2.0 * k * k + k for k in range(1, 101)], 1.0)
        assert [v.grad for v in old] == [2 * v.data + 1 for v in old]
    history = total.history()
    assert len(history) == apart + 1 + 1 + 100 + 100 + 1
    assert history[0] is x and history[1:101] == old and history[-1] is total


def test_histories_are_those_of_the_python_engine():
    def graph(kind):
        x = kind(1.0, name="x")
        nodes = [x, x + 1.0]
        for i in range(1000):
            nodes.append(ops.sum([nodes[i * 7 % len(nodes)], nodes[i * i % len(nodes)], 1.0]) * 0.5)
        places = {id(v): i for i, v in enumerate(nodes)}
        return [places.get(id(v)) for v in nodes[-1].history()]

    assert graph(Value) == graph(PythonValue)


def test_several_graphs_share_leaves(unchanged):
    x, y = Value(3.0), Value(5.0)
    f, g = x * y, x * x
    f.backward()
    g.backward()
    f.backward(2.0)
    assert (x.grad, y.grad) == (5.0 + 6.0 + 10.0, 3.0 + 6.0)


def test_an_operation_whose_rules_differentiate(unchanged):
    def square(x):
        return x * x

    def slope(x, out):
        inner = Value(x)
        (chain(70_000, inner) * inner).backward()  # a graph of its own, from within an operation
        return inner.grad - 70_000.0

    operation = custom(square, slope)
    x = Value(3.0)
    y = operation(x * 2.0) + operation(x)
    y.backward()
    assert x.grad == 2 * 12.0 + 6.0


def test_an_operation_dies_with_its_last_node(unchanged):
    """Its end may run Python code, which makes and frees nodes while nodes are being freed."""
    seen = []

    class Last:
        def __del__(self):
            z = Value(2.0)
            chain(1000, z * z).backward()
            seen.append(z.grad)

    def make():
        last, kept = Last(), Value(5.0)
        return custom(lambda x: (last, kept) and x, lambda x, out: 1.0, name="last")

    y = make()(Value(1.0))
    for _ in range(100):
        y = make()(y + 1.0)
    y.backward()
    del y
    gc.collect()
    assert seen == [4.0] * 101


# THREADS


def run(*functions):
    errors = []

    def guarded(function):
        try:
            function()
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=guarded, args=(f,)) for f in functions]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []


def test_threads_on_graphs_of_their_own(unchanged):
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)

    def work():
        for i in range(1, 60):
            x = Value(float(i))
            y = chain(300, x) * x
            y.backward()
            assert x.grad == 2 * i + 300
            assert len(y.history()) == 302

    try:
        run(*[work] * 4)
    finally:
        sys.setswitchinterval(interval)


def test_no_grad_is_of_a_thread(unchanged):
    paused, checked = threading.Event(), threading.Event()

    def quiet():
        x = Value(2.0)
        with no_grad():
            paused.set()
            assert checked.wait(10)
            assert [y.parents for y in (x * x, x.exp(), ops.sum([x]), ops.dot([x], [x]))] == [
                ()
            ] * 4
        assert (x * x).parents == (x, x)

    def records():
        x = Value(2.0)
        assert paused.wait(10)
        made = [x * x, x.exp(), ops.sum([x, x]), ops.dot([x], [x]), ops.clip(x, 0, 5)]
        checked.set()
        assert all(y.parents for y in made)

    run(quiet, records)


# WHICH ENGINE


def python(program, **environment):
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**os.environ, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )


@pytest.mark.parametrize("engine", ["python", "native"])
def test_the_engine_that_is_asked_for(engine):
    done = python("import autograd; print(autograd.ENGINE)", GLASSGRAD_ENGINE=engine)
    assert (done.stdout, done.stderr) == (f"{engine}\n", "")


def test_an_engine_that_does_not_exist():
    done = python("import autograd", GLASSGRAD_ENGINE="fast")
    assert "GLASSGRAD_ENGINE is 'python' or 'native' or not set, got 'fast'" in done.stderr


def test_a_native_engine_that_was_not_built():
    hidden = "import sys; sys.modules['autograd.native.value'] = None; import autograd"
    done = python(f"{hidden}; print(autograd.ENGINE)", GLASSGRAD_ENGINE="")
    assert done.stdout == "python\n"
    done = python(hidden, GLASSGRAD_ENGINE="native")
    assert "GLASSGRAD_ENGINE=native, but the native engine was not built" in done.stderr


def test_the_native_class_refuses_while_the_python_engine_runs():
    program = "from autograd.native import value; value.Value(1.0)"
    done = python(program, GLASSGRAD_ENGINE="python")
    assert "this engine is not in use: autograd.ENGINE is 'python'" in done.stderr


def test_a_table_without_a_row_is_refused():
    program = """
from autograd import ops, value
from autograd.engine import native
from autograd.native import bind
ops.ROWS["tan"] = ops.ROWS.pop("tanh")
bind(native, value.Value)
"""
    refusal = "built from a table with the row tanh, which this one does not have: build it again"
    assert refusal in python(program).stderr

"""Programs in the style of other scalar engines, with only the import changed.

The expression of micrograd's README is in `test_tiny.py`.
"""

import math
import random

import numpy as np
import pytest

import nn
from autograd import Value


def test_a_neuron_of_the_lecture_with_labels():
    x1, x2 = Value(2.0, label="x1"), Value(0.0, label="x2")
    w1, w2 = Value(-3.0, label="w1"), Value(1.0, label="w2")
    b = Value(6.8813735870195432, label="b")
    n = x1 * w1 + x2 * w2 + b
    n.label = "n"
    o = n.tanh()
    o.backward()
    assert [round(v.grad, 6) for v in (x1, w1, x2, w2)] == [-1.5, 1.0, 0.5, 0.0]
    assert (x1.label, n.label, n.name) == ("x1", "n", "n")


def test_a_drawing_recipe_walks_prev_and_op():
    def trace(root):
        nodes, edges = set(), set()

        def build(v):
            if v not in nodes:
                nodes.add(v)
                for child in v._prev:
                    edges.add((child, v))
                    build(child)

        build(root)
        return nodes, edges

    a, b = Value(2.0), Value(-3.0)
    e = a * b
    loss = (e + 1) ** 2
    nodes, edges = trace(loss)
    assert len(nodes) == 5 and len(edges) == 4
    assert (loss._op, e._op, a._op) == ("**", "*", "")
    assert (e._prev, loss.tanh()._op) == ((a, b), "tanh")


def test_names_of_other_engines_are_read_only_where_they_are_not_names():
    v = Value(1.0) + 1
    for name in ("_prev", "_op"):
        with pytest.raises(AttributeError):
            setattr(v, name, ())


def test_operations_written_by_hand_as_in_microgpt():
    def log(v):
        return Value(math.log(v.data), (v,), (1 / v.data,))

    def times(a, b):
        return Value(a.data * b.data, (a, b), (b.data, a.data))

    x, y = Value(2.0), Value(5.0)
    out = times(log(x), y) + x**-1 + x**0.5
    out.backward()
    assert x.grad == pytest.approx(5 / 2 - 1 / 4 + 0.5 / math.sqrt(2))
    assert y.grad == pytest.approx(math.log(2))


def test_a_small_softmax_model_as_in_microgpt():
    random.seed(1)
    matrix = lambda n, m: [[Value(random.gauss(0, 0.5)) for _ in range(m)] for _ in range(n)]  # noqa: E731

    def linear(x, w):
        return [sum(wi * xi for wi, xi in zip(wo, x)) for wo in w]

    def softmax(logits):
        top = max(val.data for val in logits)
        exps = [(val - top).exp() for val in logits]
        total = sum(exps)
        return [e / total for e in exps]

    def rmsnorm(x):
        ms = sum(xi * xi for xi in x) / len(x)
        scale = (ms + 1e-5) ** -0.5
        return [xi * scale for xi in x]

    w1, w2 = matrix(8, 4), matrix(3, 8)
    params = [p for w in (w1, w2) for row in w for p in row]
    data = [([1.0, 0.0, 0.5, -1.0], 0), ([0.0, 1.0, -0.5, 1.0], 2), ([0.5, 0.5, 1.0, 0.0], 1)]
    losses = []
    for _ in range(60):
        loss = (1 / len(data)) * sum(
            -softmax(linear([xi.relu() for xi in linear(rmsnorm([Value(v) for v in x]), w1)], w2))[
                t
            ].log()
            for x, t in data
        )
        loss.backward()
        for p in params:
            p.data -= np.float64(0.5) * p.grad  # a NumPy rate, as a schedule gives it
            p.grad = 0
        losses.append(loss.data)
    assert all(type(p.data) is float for p in params)
    assert losses[0] > 0.5 and losses[-1] < 0.1


def test_training_as_in_micrograd_s_demo():
    random.seed(1337)
    model = nn.MLP(2, [8, 1], seed=1337, init="uniform")
    X = [[2.0, 3.0], [3.0, -1.0], [0.5, 1.0], [1.0, 1.0]]
    y = [1.0, -1.0, -1.0, 1.0]

    def loss():
        scores = [model(row) for row in X]
        losses = [(1 + -yi * scorei).relu() for yi, scorei in zip(y, scores)]
        data_loss = sum(losses) * (1.0 / len(losses))
        reg_loss = 1e-4 * sum(p * p for p in model.parameters())
        return data_loss + reg_loss

    first = loss().data
    for k in range(60):
        total = loss()
        model.zero_grad()
        total.backward()
        for p in model.parameters():
            p.data -= (0.1 - 0.001 * k) * p.grad
    assert total.data < 0.5 * first


@pytest.mark.parametrize("number", [np.float64(2), np.float32(2), np.int64(2), 2, 2.0])
def test_numbers_of_any_kind_on_either_side(number):
    x = Value(3.0)
    assert [(x + number).data, (number + x).data, (number - x).data, (number / x).data] == [
        5.0, 5.0, -1.0, 2 / 3,
    ]  # fmt: skip
    assert (number * x).data == 6.0 and (x**number).data == 9.0 and (number**x).data == 8.0
    assert type(number * x) is Value

"""The library on one page."""

import math

import autograd
import nn
from autograd import Value, dot, draw, exp, log, no_grad, trace


def test_an_expression_and_its_gradient():
    a, b = Value(-4.0, name="a"), Value(2.0, name="b")
    c = a + b
    d = a * b + b**3
    c += c + 1
    c += 1 + c + (-a)
    d += d * 2 + (b + a).relu()
    d += 3 * d + (b - a).relu()
    e = c - d
    f = e**2
    g = f / 2.0
    g += 10.0 / f
    g.backward()
    assert f"{g:.4f}" == "24.7041"
    assert f"{a.grad:.4f}" == "138.8338"
    assert f"{b.grad:.4f}" == "645.5773"


def test_one_operation_seen_through():
    x, y = Value(3.0), Value(4.0)
    z = x * y
    assert z.data == 12.0
    assert z.op == "multiply"
    assert z.parents == (x, y)
    assert z.local_grads == (4.0, 3.0)
    assert z.history() == [x, y, z]


def test_functions_take_floats_and_values():
    assert exp(1.0) == math.e
    assert exp(Value(1.0)).data == math.e
    assert Value(1.0).exp().data == math.e
    assert autograd.sum([1.0, Value(2.0), 3]).data == 6.0
    assert [p.data for p in autograd.softmax([Value(0.0), 0.0])] == [0.5, 0.5]


def test_ordinary_python_works():
    """Branches and loops: Newton's method for √x, differentiated."""
    x = Value(2.0)
    root = x
    while abs(root * root - x) > 1e-15:
        root = (root + x / root) / 2
    root.backward()
    assert math.isclose(root.data, math.sqrt(2))
    assert math.isclose(x.grad, 0.5 / math.sqrt(2))


def test_a_neuron_by_hand():
    ws, bias = [Value(-3.0), Value(1.0)], Value(6.8813735870195432)
    out = dot(ws, [2.0, 0.0], bias).tanh()
    out.backward()
    assert [round(w.grad, 12) for w in ws] == [1.0, 0.0]
    assert round(bias.grad, 12) == 0.5
    assert len(out.history()) == 5  # two weights, the bias, one dot, one tanh


def test_an_operation_of_your_own():
    bell = autograd.custom(lambda x: exp(-x * x), lambda x, out: -2 * x * out)
    x = Value(0.5)
    bell(x).backward()
    assert x.grad == -math.exp(-0.25)


def test_a_node_made_by_hand():
    x = Value(0.5)
    bell = Value(math.exp(-(x.data**2)), (x,), (-2 * x.data * math.exp(-(x.data**2)),))
    (2 * bell).backward()
    assert x.grad == -2 * math.exp(-0.25)


def test_training_takes_the_loss_down():
    """Logistic regression on four points, by hand."""
    rows, labels = [(0.0, 1.0), (1.0, 3.0), (2.0, 1.0), (3.0, 4.0)], [1, 1, 0, 0]
    w, b = [Value(0.0), Value(0.0)], Value(0.0)

    def loss():
        ps = [dot(w, row, b).sigmoid() for row in rows]
        return -autograd.mean([log(p if y else 1 - p) for p, y in zip(ps, labels, strict=True)])

    for _ in range(200):
        now = loss()
        for parameter in (*w, b):
            parameter.grad = 0.0
        now.backward()
        for parameter in (*w, b):
            parameter.data -= 0.5 * parameter.grad
    with no_grad():
        assert loss() < 0.35 < math.log(2)


def test_training_a_network():
    model = nn.MLP(2, [8, 1], activation="tanh", seed=0)
    optimizer = nn.SGD(model.parameters(), lr=0.5)
    rows, labels = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0.0, 1.0, 1.0, 0.0]
    for _ in range(300):
        scores = [model(row) for row in rows]
        loss = nn.binary_cross_entropy_with_logits(scores, labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1
    assert [model(row) > 0 for row in rows] == [False, True, True, False]


def test_a_picture():
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    loss = a * b + a
    loss.backward()
    svg = draw(loss).svg()
    assert svg.startswith("<svg") and ">a<" in svg


def test_a_trace():
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    loss = (a * b + a).tanh()
    loss.name = "loss"
    loss.backward()
    assert str(trace(loss)).splitlines() == [
        "name  operation      value    gradient",
        "────  ─────────  ─────────  ──────────",
        "a                        2  −0.0026819",
        "b                       −3   0.0026819",
        "v1    a × b             −6  0.00134095",
        "v2    v1 + a            −4  0.00134095",
        "loss  tanh(v2)   −0.999329           1",
    ]

"""Double backward against PyTorch: `create_graph` there and here, and derivatives through training.

Skipped where PyTorch is not installed; it is no dependency of the tests.
"""

import numpy as np
import pytest

import autograd
import nn
from autograd import Value

torch = pytest.importorskip("torch")


@pytest.fixture(autouse=True)
def doubles():
    before = torch.get_default_dtype()
    torch.set_default_dtype(torch.float64)
    yield
    torch.set_default_dtype(before)


def twin_leaves(numbers):
    return [Value(x) for x in numbers], [torch.tensor(x, requires_grad=True) for x in numbers]


def same(ours, theirs):
    np.testing.assert_allclose(
        [v.grad for v in ours], [v.grad for v in theirs], rtol=1e-11, atol=1e-13
    )


FUNCTIONS = {
    "product": lambda m, x, y, z: x**2 * y * m.exp(z),
    "chain": lambda m, x, y, z: m.tanh(x * m.sin(y) + z) ** 3,
    "quotient": lambda m, x, y, z: m.log(1 + x * x) / (y * y + z * z),
    "kinks": lambda m, x, y, z: m.relu(x) * m.relu(y) + abs(z) * z,
    "sigmoid": lambda m, x, y, z: m.sigmoid(x * y) * m.sigmoid(z) + m.sqrt(z * z + 1),
    "constant slope": lambda m, x, y, z: 3 * x + y,
}  # fmt: skip


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_double_backward(f):
    ours, theirs = twin_leaves([0.7, -1.3, 0.4])
    f(autograd, *ours).backward(create_graph=True)
    penalty = sum(v.grad * v.grad * (k + 1) for k, v in enumerate(ours))
    for v in ours:
        v.grad = 0.0
    penalty.backward()
    grads = torch.autograd.grad(
        f(torch, *theirs), theirs, create_graph=True, materialize_grads=True
    )
    other = sum(g * g * (k + 1) for k, g in enumerate(grads))
    assert penalty.data == pytest.approx(other.item(), rel=1e-12)
    if other.requires_grad:
        other.backward()
    for v in theirs:
        v.grad = torch.zeros(()) if v.grad is None else v.grad
    same(ours, theirs)


@pytest.mark.parametrize("f", FUNCTIONS.values(), ids=FUNCTIONS)
def test_triple_backward(f):
    ours, theirs = twin_leaves([0.7, -1.3, 0.4])

    def deeper(loss):
        loss.backward(create_graph=True)
        grads = [v.grad for v in ours]
        for v in ours:
            v.grad = 0.0
        return sum(g * g for g in grads)

    deeper(deeper(f(autograd, *ours)) + ours[0] ** 2).backward()

    def other(loss):
        grads = torch.autograd.grad(loss, theirs, create_graph=True, materialize_grads=True)
        return sum(g * g for g in grads)

    other(other(f(torch, *theirs)) + theirs[0] ** 2).backward()
    for v in theirs:
        v.grad = torch.zeros(()) if v.grad is None else v.grad
    same(ours, theirs)


def test_accumulation_over_calls():
    ours, theirs = twin_leaves([1.5])
    for leaf in (*ours, *theirs):
        (leaf**3).backward()
        (leaf**4).backward(create_graph=True)
        (leaf**2).backward()
    assert ours[0].grad.data == pytest.approx(theirs[0].grad.item(), rel=1e-15)


def test_a_hook_on_the_way():
    ours, theirs = twin_leaves([0.5, 2.0])
    for m, (x, y) in ((autograd, ours), (torch, theirs)):
        inner = m.tanh(x * y)
        inner.register_hook(lambda g: 3 * g)
        x.register_hook(lambda g: g - 1)
        (inner * inner * x).backward()
    same(ours, theirs)


def copied(model):
    """The same network in PyTorch."""
    layers = []
    for k, layer in enumerate(model.layers):
        linear = torch.nn.Linear(layer.n_inputs, len(layer.neurons))
        with torch.no_grad():
            linear.weight.copy_(torch.tensor([[w.data for w in n.weights] for n in layer.neurons]))
            linear.bias.copy_(torch.tensor([n.bias.data for n in layer.neurons]))
        layers += [linear] if k == len(model.layers) - 1 else [linear, torch.nn.Tanh()]
    return torch.nn.Sequential(*layers)


def flat(network):
    return [
        p
        for layer in network
        if hasattr(layer, "weight")
        for row, b in zip(layer.weight, layer.bias)
        for p in [*row.tolist(), b.item()]
    ]


@pytest.mark.parametrize("way", ["grad of Values", "create_graph", "jvp"])
def test_a_physics_informed_network_trains_as_there(way):
    """u'' = −sin(x) with u(0) = 0: second derivatives by the input inside the loss, 20 steps."""
    model = nn.MLP(1, [5, 1], activation="tanh", seed=3)
    network = copied(model)
    ours = nn.Adam(model.parameters(), lr=0.01)
    theirs = torch.optim.Adam(network.parameters(), lr=0.01)
    points = [0.3, 1.1, 2.0]

    def curvature(x):
        u = lambda x: model([x])  # noqa: E731
        if way == "jvp":
            slope = lambda x: autograd.jvp(u, (x,), (1.0,))[1]  # noqa: E731
            return autograd.jvp(slope, (Value(x),), (1.0,))[1]
        if way == "grad of Values":
            return autograd.grad(autograd.grad(u))(Value(x))
        x = Value(x)
        slopes = []
        for f in (u(x), None):
            (slopes[0] if f is None else f).backward(create_graph=True)
            slopes.append(x.grad)
            x.grad = 0.0
            model.zero_grad()
        return slopes[1]

    for _ in range(20):
        loss = model([0.0]) ** 2 + sum((curvature(x) + np.sin(x)) ** 2 for x in points)
        model.zero_grad()
        loss.backward()
        ours.step()

        other = network(torch.zeros(1)).squeeze() ** 2
        for point in points:
            x = torch.tensor([point], requires_grad=True)
            (slope,) = torch.autograd.grad(network(x), x, create_graph=True)
            (second,) = torch.autograd.grad(slope, x, create_graph=True)
            other = other + (second.squeeze() + np.sin(point)) ** 2
        theirs.zero_grad()
        other.backward()
        theirs.step()
        assert loss.data == pytest.approx(other.item(), rel=1e-9)
    np.testing.assert_allclose([p.data for p in model.parameters()], flat(network), rtol=1e-8)

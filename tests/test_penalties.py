"""Penalties: values and gradients by the formulas, biases left alone, and the same inside of fit."""

import math

import pytest

import nn
from autograd import Value

PENALTIES = [nn.L2(0.3), nn.L1(0.3), nn.ElasticNet(0.3, 0.25)]


def slope(penalty, w):
    sign = (w > 0) - (w < 0)
    return {
        nn.L2: 0.3 * w,
        nn.L1: 0.3 * sign,
        nn.ElasticNet: 0.3 * (0.25 * sign + 0.75 * w),
    }[type(penalty)]


def split(model):
    """The weights and the biases of an MLP."""
    neurons = [neuron for layer in model.layers for neuron in layer.neurons]
    return [w for n in neurons for w in n.weights], [n.bias for n in neurons]


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_value_and_gradient_by_the_formula(penalty):
    model = nn.MLP(2, [3, 1], seed=0)
    weights, biases = split(model)
    for b in biases:
        b.data = 5.0
    loss = penalty(model)
    loss.backward()
    squares, sizes = sum(w.data**2 for w in weights), sum(abs(w.data) for w in weights)
    expected = {
        nn.L2: 0.15 * squares,
        nn.L1: 0.3 * sizes,
        nn.ElasticNet: 0.3 * (0.25 * sizes + 0.375 * squares),
    }[type(penalty)]
    assert loss.data == pytest.approx(expected, rel=1e-14)
    assert [w.grad for w in weights] == pytest.approx([slope(penalty, w.data) for w in weights])
    assert {b.grad for b in biases} == {0.0}


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
@pytest.mark.parametrize("batch_size", [1, 2, None])
def test_fit_adds_it_to_the_loss_as_a_loop_does(penalty, batch_size):
    X, y = [[1.0, 2.0], [-1.0, 0.5], [0.3, -2.0], [0.0, 1.0]], [1.0, 0.0, 0.5, -1.0]
    models = [nn.MLP(2, [3, 1], activation="tanh", seed=1) for _ in range(2)]
    history = nn.fit(
        models[0], X, y, "mse_loss", nn.SGD(models[0].parameters(), lr=0.1), 5, batch_size,
        penalty=penalty,
    )  # fmt: skip
    model, size = models[1], batch_size or 4
    optimizer, losses = nn.SGD(model.parameters(), lr=0.1), []
    for epoch in range(5):
        order, total = nn.shuffled(4, 0, epoch + 1), 0.0
        for start in range(0, 4, size):
            rows = order[start : start + size]
            loss = nn.mse_loss([model(X[i]) for i in rows], [y[i] for i in rows]) + penalty(model)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.data * size
        losses.append(total / 4)
    assert history["loss"] == pytest.approx(losses, rel=1e-12)
    found, expected = ([p.data for p in m.parameters()] for m in models)
    assert found == pytest.approx(expected, rel=1e-11)


def test_the_validation_loss_is_without_it():
    model = nn.MLP(1, [1], seed=0)
    data = [[1.0], [2.0]], [1.0, 2.0]
    history = nn.fit(
        model,
        *data,
        "mse_loss",
        nn.SGD(model.parameters(), lr=0.0),
        1,
        validation_data=data,
        penalty=nn.L2(10.0),
    )
    assert history["loss"][0] == pytest.approx(
        history["validation_loss"][0] + nn.L2(10.0)(model).data
    )


def test_lasso_makes_weights_small_that_ridge_only_shrinks():
    X = [[math.sin(i), math.cos(3 * i)] for i in range(40)]
    y = [2.0 * a for a, _ in X]
    found = {}
    for penalty in (nn.L1(0.05), nn.L2(0.05)):
        model = nn.MLP(2, [1], seed=0)
        nn.fit(
            model, X, y, "mse_loss", nn.SGD(model.parameters(), lr=0.02), 400, None, penalty=penalty
        )
        found[type(penalty)] = [abs(w.data) for w in model.layers[0].neurons[0].w]
    assert found[nn.L1][1] < 2e-3
    assert found[nn.L2][0] < 2.0 and found[nn.L1][0] < 2.0


def test_parameters_of_ones_own_count_unless_they_are_called_biases():
    class Line(nn.Module):
        def __init__(self):
            self.slope, self.b, self.gains = Value(2.0), Value(7.0), [Value(3.0)]

    assert nn.L2(2.0)(Line()).data == 4.0 + 9.0


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="strength must be a finite number of at least 0, got -1"):
        nn.L2(-1)
    with pytest.raises(ValueError, match="l1_ratio must be from 0 to 1, got 2"):
        nn.ElasticNet(0.1, 2)
    with pytest.raises(TypeError, match="a penalty is one of a Module, got"):
        nn.L1(0.1)([Value(1.0)])
    model = nn.MLP(1, [1])
    with pytest.raises(
        TypeError, match=r"penalty must be a function of the model, such as nn.L2\(0.01\), got 0.1"
    ):
        nn.fit(model, [[1.0]], [1.0], "mse_loss", penalty=0.1)

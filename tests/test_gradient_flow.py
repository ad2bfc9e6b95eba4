"""Gradient flow: the sizes are those of backward(), and dead or vanishing is found where it is."""

import math

import pytest

import nn
from autograd import Value

X = [[0.5, -1.0], [1.0, 2.0], [-0.3, 0.7]]
Y = [0.0, 1.0, 0.5]


def by_hand(model, params):
    """The root mean square of the gradient of the mean loss, by backward()."""
    model.zero_grad()
    nn.mse_loss([model(x) for x in X], Y).backward()
    size = math.sqrt(sum(p.grad**2 for p in params) / len(params))
    model.zero_grad()
    return size


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_gradients_are_those_of_backward(activation):
    model = nn.MLP(2, [5, 4, 1], activation=activation, seed=1)
    flow = nn.gradient_flow(model, X, Y, nn.mse_loss)
    assert [layer.name for layer in flow] == ["layers.0", "layers.1", "layers.2"]
    for layer, part in zip(flow, model.layers, strict=True):
        params = part.parameters()
        assert layer.gradient == pytest.approx(by_hand(model, params), rel=1e-12)
        assert layer.weight == pytest.approx(
            math.sqrt(sum(p.data**2 for p in params) / len(params))
        )


def test_deep_sigmoids_vanish_and_large_weights_explode():
    deep = nn.MLP(2, [6] * 8 + [1], activation="sigmoid", seed=0)
    assert nn.gradient_flow(deep, X, Y, "mse_loss").verdict == "vanishing"
    large = nn.MLP(2, [6] * 8 + [1], activation="linear", seed=0)
    for p in large.parameters():
        p.data *= 10.0
    large.layers[-1].neurons[0].weights[0].data = 1e9
    assert nn.gradient_flow(large, X, Y, "mse_loss").verdict == "exploding"
    assert nn.gradient_flow(nn.MLP(2, [6, 1], seed=0), X, Y, "mse_loss").verdict == "healthy"


def test_dead_units_are_counted():
    model = nn.MLP(2, [4, 1], activation="relu", seed=0)
    for neuron in model.layers[0].neurons[:3]:
        neuron.bias.data = -100.0
    for w in model.layers[0].neurons[3].weights:
        w.data = 1.0
    flow = nn.gradient_flow(model, X, Y, "mse_loss")
    assert [layer.dead for layer in flow] == [0.75, None]
    assert "75%" in repr(flow)
    assert nn.gradient_flow(nn.MLP(2, [4, 1], activation="tanh"), X, Y, "mse_loss")[0].dead is None


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam])
def test_the_update_is_that_of_the_optimizers_next_step(optimizer):
    model = nn.MLP(2, [4, 1], seed=0)
    moves = optimizer(model.parameters(), lr=0.01)
    flow = nn.gradient_flow(model, X, Y, "mse_loss", moves)
    before = [p.data for p in model.parameters()]
    nn.mse_loss([model(x) for x in X], Y).backward()
    moves.step()
    layer = model.layers[0].parameters()
    moved = math.sqrt(
        sum((p.data - x) ** 2 for p, x in zip(layer, before, strict=False)) / len(layer)
    )
    assert flow[0].update == pytest.approx(moved / flow[0].weight, rel=1e-9)


def test_everything_is_left_as_it_was():
    model = nn.MLP(2, [4, 1], seed=0)
    moves = nn.Adam(model.parameters())
    for p in model.parameters():
        p.grad = 3.0
    before, state = model.state_dict(), moves.state_dict()
    nn.gradient_flow(model, X, Y, "mse_loss", moves)
    assert (model.state_dict(), moves.state_dict()) == (before, state)
    assert {p.grad for p in model.parameters()} == {3.0}
    assert all("forward" not in vars(layer) for layer in model.layers)


def test_classes_and_models_of_ones_own():
    class Own(nn.Module):
        def __init__(self):
            self.a, self.b = Value(1.0), nn.Layer(2, 3, "tanh", seed=0)

        def forward(self, x):
            return [self.a * v for v in self.b(x)]

    flow = nn.gradient_flow(Own(), X, [0, 2, 1], "cross_entropy")
    assert [layer.name for layer in flow] == ["Own", "b"]


def test_it_is_a_table_and_a_plot():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    model = nn.MLP(2, [4, 1], seed=0)
    flow = nn.gradient_flow(model, X, Y, "mse_loss", nn.SGD(model.parameters(), lr=0.1))
    assert repr(flow).splitlines()[0].split("  ")[0] == "layer"
    assert len(repr(flow).splitlines()) == 4
    axes = flow.plot()
    assert [bar.get_height() for bar in axes.patches] == [layer.gradient for layer in flow]
    assert axes.get_yscale() == "log"
    pyplot.close("all")


def test_bad_data_are_refused_as_by_fit():
    with pytest.raises(ValueError, match="X has 3 rows and y has 1"):
        nn.gradient_flow(nn.MLP(2, [1]), X, [0.0], "mse_loss")

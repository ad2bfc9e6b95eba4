"""Loss surfaces: the loss where it is said to be, and the parameters untouched."""

import numpy as np
import pytest

import nn

X, Y = [[0.0, 1.0], [1.0, -1.0], [2.0, 0.5]], [0.0, 1.0, 0.5]


def loss_at(model, numbers):
    kept = [p.data for p in model.parameters()]
    for p, x in zip(model.parameters(), numbers, strict=True):
        p.data = float(x)
    loss = nn.mse_loss([model(x) for x in X], Y).data
    for p, x in zip(model.parameters(), kept, strict=True):
        p.data = x
    return loss


def test_losses_are_those_of_the_model_at_these_parameters():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    start = np.array([p.data for p in model.parameters()])
    surface = nn.loss_surface(model, X, Y, "mse_loss", steps=5, span=0.5)
    for i, second in enumerate(surface.steps):
        for j, first in enumerate(surface.steps):
            there = start + first * surface.directions[0] + second * surface.directions[1]
            assert surface.losses[i, j] == pytest.approx(loss_at(model, there), rel=1e-12)
    assert [p.data for p in model.parameters()] == start.tolist()


def test_random_directions_are_as_long_as_each_neurons_weights_and_reproducible():
    model = nn.MLP(2, [3, 1], seed=0)
    first, second = nn.loss_surface(model, X, Y, "mse_loss", steps=2, seed=3).directions
    again = nn.loss_surface(model, X, Y, "mse_loss", steps=2, seed=3).directions
    assert (again == [first, second]).all() and not np.allclose(first, second)
    own = np.array([p.data for p in model.layers[0].neurons[0].weights])
    assert np.linalg.norm(first[:2]) == pytest.approx(np.linalg.norm(own))
    assert first[2] == 0.0  # a bias


def test_a_path_lies_on_its_principal_plane():
    model = nn.MLP(2, [1], seed=0)
    path = []
    nn.fit(
        model,
        X,
        Y,
        "mse_loss",
        nn.SGD(model.parameters(), lr=0.1),
        20,
        callbacks=[lambda run: path.append(run.get_parameters())],
    )
    surface = nn.loss_surface(model, X, Y, "mse_loss", path=path, steps=9)
    assert surface.path.shape == (20, 2)
    assert np.allclose(surface.path[-1], 0.0, atol=1e-9)  # it ends where the model is
    assert np.abs(surface.path).max() <= surface.steps[-1]
    start = np.array([p.data for p in model.parameters()])
    for place, off, numbers in zip(surface.path, surface.off, path, strict=True):
        miss = np.array(numbers) - start - place @ surface.directions
        assert off == pytest.approx(np.linalg.norm(miss), abs=1e-12)
    moved = np.linalg.norm(np.array(path[0]) - start)
    assert surface.off.max() < 0.2 * moved


def test_directions_of_ones_own():
    model = nn.MLP(2, [1], seed=0)
    axes = [[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]
    surface = nn.loss_surface(model, X, Y, "mse_loss", directions=axes, span=2.0, steps=3)
    w0, w1, b = (p.data for p in model.parameters())
    assert surface.losses[0, 2] == pytest.approx(loss_at(model, [w0 + 2.0, w1, b - 2.0]))


def test_parameters_come_back_after_an_error(monkeypatch):
    model = nn.MLP(2, [1], seed=0)
    kept = model.state_dict()

    def fails(prediction, target):
        if model.state_dict() != kept:
            raise RuntimeError("stop")
        return nn.mse_loss(prediction, target)

    with pytest.raises(RuntimeError, match="stop"):
        nn.loss_surface(model, X, Y, fails, steps=3)
    assert model.state_dict() == kept


def test_what_does_not_fit_is_refused():
    model = nn.MLP(2, [1], seed=0)
    with pytest.raises(
        ValueError, match="directions: vector 1 has 2 numbers, and the model 3 parameters"
    ):
        nn.loss_surface(model, X, Y, "mse_loss", directions=[[1.0, 0.0, 0.0], [1.0, 0.0]])
    with pytest.raises(ValueError, match="a surface has two directions, got 1"):
        nn.loss_surface(model, X, Y, "mse_loss", directions=[[1.0, 0.0, 0.0]])
    with pytest.raises(ValueError, match="path: vector 0 has 1 numbers"):
        nn.loss_surface(model, X, Y, "mse_loss", path=[[1.0]])
    with pytest.raises(ValueError, match="steps must be a whole number from 2 on"):
        nn.loss_surface(model, X, Y, "mse_loss", steps=True)


def test_it_draws_itself():
    pyplot = pytest.importorskip("matplotlib.pyplot")
    model = nn.MLP(2, [1], seed=0)
    path = [[p.data + d for p in model.parameters()] for d in (0.3, 0.2, 0.0)]
    surface = nn.loss_surface(model, X, Y, "mse_loss", path=path, steps=5)
    axes = surface.plot()
    assert (axes.lines[-1].get_xydata() == surface.path).all()
    assert repr(surface).startswith("<LossSurface: 5 × 5 points, loss ")
    pyplot.close("all")

"""Sequential, Linear, Residual: modules in a row do what they do one by one."""

import pytest

import nn
from autograd import Value, draw, grad

X = [[1.0, -2.0], [0.5, 3.0]]


def test_steps_are_applied_in_order():
    first, second = nn.Linear(2, 3, seed=0), nn.Linear(3, 2, seed=1)
    model = nn.Sequential(first, "tanh", second, lambda v: v * 2.0)
    for x in X:
        expected = [2.0 * v.data for v in second([h.tanh() for h in first(x)])]
        assert [v.data for v in model(x)] == pytest.approx(expected)


def test_one_output_is_a_value_and_many_rows_are_a_list():
    model = nn.Sequential(nn.Linear(2, 4, seed=0), "relu", nn.Linear(4, 1, seed=1))
    assert isinstance(model(X[0]), Value)
    assert [v.data for v in model(X)] == [model(x).data for x in X]
    inner = nn.Sequential(nn.Sequential(nn.Linear(2, 1, seed=0)), nn.Linear(1, 3, seed=1))
    assert len(inner(X[0])) == 3


def test_it_is_the_mlp_of_the_same_weights():
    mlp = nn.MLP(2, [4, 1], activation="relu", seed=0)
    model = nn.Sequential(nn.Linear(2, 4), "relu", nn.Linear(4, 1))
    for p, q in zip(model.parameters(), mlp.parameters(), strict=True):
        p.data = q.data
    assert [model(x).data for x in X] == [mlp(x).data for x in X]
    one, other = (
        nn.fit(m, X, [1.0, 0.0], "mse_loss", nn.SGD(m.parameters(), lr=0.1), 5)["loss"]
        for m in (mlp, model)
    )
    assert other == pytest.approx(one, rel=1e-12)


def test_a_residual_adds_what_its_module_makes():
    part = nn.Residual(nn.Sequential(nn.Linear(2, 3, seed=0), "tanh", nn.Linear(3, 2, seed=1)))
    inner = part.module(X[0])
    assert [v.data for v in part(X[0])] == [a + b.data for a, b in zip(X[0], inner, strict=True)]
    # the derivative by the input has the 1 of the short way
    slope = grad(lambda x: nn.Residual(nn.Linear(1, 1, init="zeros"))([x])[0])(3.0)
    assert slope == 1.0
    with pytest.raises(
        ValueError, match="2 numbers went in and 3 came out: give the module as many"
    ):
        nn.Residual(nn.Linear(2, 3))(X[0])
    with pytest.raises(TypeError, match="Residual wraps a Module, got 'relu'"):
        nn.Residual("relu")


def test_a_deep_residual_network_learns_by_fit():
    blocks = [
        nn.Residual(nn.Sequential(nn.Linear(2, 4, seed=i), "tanh", nn.Linear(4, 2, seed=9 + i)))
        for i in range(4)
    ]
    model = nn.Sequential(*blocks, nn.Linear(2, 1, seed=5))
    data = [[a, b] for a in (0.0, 1.0) for b in (0.0, 1.0)]
    history = nn.fit(
        model,
        data,
        [0.0, 1.0, 1.0, 0.0],
        "mse_loss",
        nn.Adam(model.parameters(), lr=0.02),
        150,
        None,
    )
    assert history["loss"][-1] < 0.01


def test_it_is_indexed_saved_and_drawn(tmp_path):
    model = nn.Sequential(nn.Linear(2, 2, seed=0), "relu", nn.Linear(2, 1, seed=1))
    assert len(model) == 3 and isinstance(model[0], nn.Linear) and [*model][2] is model[2]
    assert repr(model[1]) == "Elementwise('relu') (0 parameters)"
    model.save(tmp_path / "model.json")
    other = nn.Sequential(nn.Linear(2, 2, seed=5), "relu", nn.Linear(2, 1, seed=6)).load(
        tmp_path / "model.json"
    )
    assert other.state_dict() == model.state_dict()
    assert "Sequential" in draw(model(X[0])).svg()


def test_what_is_no_step_is_refused():
    with pytest.raises(ValueError, match="Sequential needs at least one module"):
        nn.Sequential()
    with pytest.raises(ValueError, match="unknown activation 'rellu': did you mean 'relu'"):
        nn.Sequential("rellu")

"""Clipping: gradients as short as asked for, in a loop of one's own and inside of fit."""

import math

import pytest

import nn
from autograd import Value

X, Y = [[1.0, 2.0], [-1.0, 0.5], [0.3, -2.0], [0.0, 1.0]], [100.0, 0.0, 0.5, -1.0]


def with_grads(*grads):
    values = [Value(1.0) for _ in grads]
    for v, g in zip(values, grads, strict=True):
        v.grad = g
    return values


def test_a_long_gradient_keeps_its_direction():
    params = with_grads(3.0, -4.0, 12.0)
    assert nn.clip_grad_norm_(params, 1.0) == 13.0
    grads = [p.grad for p in params]
    assert math.hypot(*grads) == pytest.approx(1.0, rel=1e-6)
    assert grads == pytest.approx([3 / 13, -4 / 13, 12 / 13], rel=1e-6)
    # as PyTorch 2.14.1 has it: the share is max_norm / (norm + 1e-6)
    assert grads[0] == 3.0 * (1.0 / (13.0 + 1e-6))


def test_a_short_gradient_stays_as_it_is():
    params = with_grads(0.3, -0.4)
    assert nn.clip_grad_norm_(params, 1.0) == 0.5
    assert nn.clip_grad_norm_(params, math.inf) == 0.5
    assert [p.grad for p in params] == [0.3, -0.4]


def test_values_are_cut_off():
    params = with_grads(3.0, -4.0, 0.5)
    nn.clip_grad_value_(params, 1.5)
    assert [p.grad for p in params] == [1.5, -1.5, 0.5]


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam])
@pytest.mark.parametrize("batch_size", [1, 3, None])
def test_fit_clips_as_a_loop_does(optimizer, batch_size):
    models = [nn.MLP(2, [3, 1], activation="tanh", seed=1) for _ in range(2)]
    nn.fit(
        models[0],
        X,
        Y,
        "mse_loss",
        optimizer(models[0].parameters(), lr=0.1),
        4,
        batch_size,
        clip_norm=0.5,
    )
    model, size = models[1], batch_size or 4
    moves = optimizer(model.parameters(), lr=0.1)
    for epoch in range(4):
        order = nn.shuffled(4, 0, epoch + 1)
        for start in range(0, 4, size):
            rows = order[start : start + size]
            moves.zero_grad()
            nn.mse_loss([model(X[i]) for i in rows], [Y[i] for i in rows]).backward()
            nn.clip_grad_norm_(moves.params, 0.5)
            moves.step()
    found, expected = ([p.data for p in m.parameters()] for m in models)
    assert found == pytest.approx(expected, rel=1e-9)


def test_rows_that_decide_otherwise_are_clipped_too():
    def loss(prediction, target):
        return (prediction - target) ** 2 if prediction > target else abs(prediction - target)

    models = [nn.MLP(2, [1], seed=1) for _ in range(2)]
    nn.fit(models[0], X, Y, loss, nn.SGD(models[0].parameters(), lr=1.0), 1, None, clip_norm=0.25)
    moved = [
        a.data - b.data for a, b in zip(models[0].parameters(), models[1].parameters(), strict=True)
    ]
    assert math.hypot(*moved) == pytest.approx(0.25, rel=1e-5)


def test_what_does_not_fit_is_refused():
    params = with_grads(1.0)
    with pytest.raises(ValueError, match="max_norm must be above 0, got 0: it is a length"):
        nn.clip_grad_norm_(params, 0.0)
    with pytest.raises(
        ValueError, match="clip_value must be a finite number of at least 0, got -1"
    ):
        nn.clip_grad_value_(params, -1.0)
    with pytest.raises(TypeError, match="clip_grad_norm_ needs a list of Values, got a single one"):
        nn.clip_grad_norm_(params[0], 1.0)
    with pytest.raises(ValueError, match="clip_norm must be above 0, got 0"):
        nn.fit(nn.MLP(1, [1]), [[1.0]], [1.0], "mse_loss", clip_norm=0.0)
    assert params[0].grad == 1.0

"""Training on the tape: the same numbers as by hand, whatever rows decide."""

import math
from array import array
from itertools import pairwise

import pytest

import nn
from autograd import Value, ops
from autograd.tape.recorder import FrozenRecording
from autograd.tape.training import Training

X = [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.125, 0.5], [2.0, -2.0]]
Y = [1.0, -1.0, 1.0, 1.0, -1.0]


def columns():
    flat = array("d", [x for row in X for x in row])
    return (memoryview(flat).cast("B").cast("d", [5, 2]), memoryview(array("d", Y)))


def by_hand(loss, model, optimizer, batches):
    """The same steps as every tutorial writes them: the mean loss of all rows, as met."""
    total, rows = 0.0, 0
    for batch in batches:
        losses = [loss(list(map(Value, X[i])), Value(Y[i])) for i in batch]
        optimizer.zero_grad()
        mean = ops.mean(losses)
        mean.backward()
        optimizer.step()
        total += mean.data * len(batch)
        rows += len(batch)
    return total / rows


def twins(kind="tanh"):
    return nn.MLP(2, [4, 1], activation=kind, seed=1), nn.MLP(2, [4, 1], activation=kind, seed=1)


def close(one, other):
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        assert math.isclose(p.data, q.data, rel_tol=1e-12, abs_tol=1e-14)


@pytest.mark.parametrize("make", [
    lambda ps: nn.SGD(ps, lr=0.1, momentum=0.9, nesterov=True),
    lambda ps: nn.Adam(ps, lr=0.01, weight_decay=0.1),
    lambda ps: nn.AdamW(ps, lr=0.01),
    lambda ps: nn.Adagrad(ps, lr=0.1),
    lambda ps: nn.RMSprop(ps, lr=0.01, momentum=0.5, centered=True),
])  # fmt: skip
def test_an_epoch_is_what_the_loop_does(make):
    one, other = twins()
    optimizers = make(one.parameters()), make(other.parameters())
    training = Training(lambda x, t: nn.mse_loss(one(x), t), one.parameters())
    for order in ([0, 1, 2, 3, 4], [3, 1, 4, 0, 2]):
        found = training.epoch(columns(), array("q", order), 2, optimizers[0])
        batches = [order[:2], order[2:4], order[4:]]
        wanted = by_hand(lambda x, t: nn.mse_loss(other(x), t), other, optimizers[1], batches)
        assert math.isclose(found, wanted, rel_tol=1e-12)
    close(one, other)


def test_rows_that_decide_otherwise_get_their_own_recording():
    one, other = twins()

    def loss(model):
        return lambda x, t: (model(x) - t) ** 2 if x[0] > 0.3 else abs(model(x) * t)

    training = Training(loss(one), one.parameters())
    optimizers = nn.SGD(one.parameters(), lr=0.1), nn.SGD(other.parameters(), lr=0.1)
    order = [4, 2, 0, 1, 3]
    found = training.epoch(columns(), array("q", order), 2, optimizers[0])
    wanted = by_hand(loss(other), other, optimizers[1], [order[:2], order[2:4], order[4:]])
    assert math.isclose(found, wanted, rel_tol=1e-12)
    close(one, other)


def test_a_loss_that_cannot_be_replayed_runs_as_it_is():
    w = Value(0.5)
    training = Training(lambda x, t: w * x[0].data * t, [w])
    with (
        pytest.warns(FrozenRecording, match="reads the .data of a Value"),
        pytest.raises(AttributeError),  # eager rows are plain floats
    ):
        training.epoch(columns(), array("q", range(5)), 5, nn.SGD([w], lr=0.1))


def test_a_trainer_steps_like_a_loop():
    one, other = twins("relu")
    trainer = nn.Trainer(lambda x, t: nn.hinge_loss(one(x), t), nn.SGD(one.parameters(), lr=0.1))
    optimizer = nn.SGD(other.parameters(), lr=0.1)
    every = [range(5)]
    for _ in range(3):
        wanted = by_hand(lambda x, t: nn.hinge_loss(other(x), t), other, optimizer, every)
        assert math.isclose(trainer.step(X, Y), wanted, rel_tol=1e-12)
    for _ in range(4):
        wanted = by_hand(lambda x, t: nn.hinge_loss(other(x), t), other, optimizer, every)
    assert math.isclose(trainer.step(X, Y, steps=4), wanted, rel_tol=1e-12)
    close(one, other)


def test_a_trainer_takes_one_row_and_indices():
    """A row of tokens: one recording for all of its length."""
    table = [[Value(0.1 * i * j - 0.2) for j in range(3)] for i in range(4)]
    params = [p for row in table for p in row]
    recorded = []

    def loss(tokens):
        recorded.append(tokens)
        rows = [ops.take(table, token) for token in tokens]
        return ops.sum([ops.dot(a, b) for a, b in pairwise(rows)])

    trainer = nn.Trainer(loss, nn.SGD(params, lr=0.01))
    assert trainer.step([[0.0, 1.0, 3.0]]) == pytest.approx(loss([0, 1, 3]).data, abs=0.1)
    before = loss([2, 2, 1]).data
    recorded.clear()
    assert math.isclose(trainer.step([[2.0, 2.0, 1.0]]), before, rel_tol=1e-12)
    assert recorded == []
    with pytest.raises(IndexError, match="take was given the index 4 into 4 rows"):
        trainer.step([[0.0, 4.0, 1.0]])


def test_bad_calls_say_so():
    w = Value(1.0)
    with pytest.raises(TypeError, match="loss must be a function of one row, got 3"):
        nn.Trainer(3, nn.SGD([w], lr=0.1))
    with pytest.raises(TypeError, match="optimizer must be one of nn's"):
        nn.Trainer(lambda x: w * x, [w])
    with pytest.raises(ValueError, match="dtype is 'float64' or 'float32', got 'half'"):
        nn.Trainer(lambda x: w * x, nn.SGD([w], lr=0.1), dtype="half")
    trainer = nn.Trainer(lambda x, t: (w * x - t) ** 2, nn.SGD([w], lr=0.1))
    with pytest.raises(ValueError, match="columns of equally many rows, got 2, 1"):
        trainer.step([1.0, 2.0], [1.0])


def test_single_precision_is_close():
    one, other = twins()
    kinds = {}
    for model, dtype in ((one, "float64"), (other, "float32")):
        optimizer = nn.SGD(model.parameters(), lr=0.1)
        loss = lambda x, t, model=model: nn.mse_loss(model(x), t)  # noqa: E731
        kinds[dtype] = nn.Trainer(loss, optimizer, dtype=dtype).step(X, Y, steps=20)
    assert math.isclose(kinds["float32"], kinds["float64"], rel_tol=1e-4)

"""Dropout: what is left out, how the mean stays, and new masks for each row though it is replayed."""

import warnings

import pytest

import nn
from autograd import Value, jit
from autograd.tape.recorder import FrozenRecording
from nn.dropout import Masks

X = [[float(i % 5), 1.0, -0.5 * i] for i in range(20)]
Y = [0.3 * a - c for a, _, c in X]


def test_numbers_are_left_out_as_often_as_asked_and_the_mean_stays():
    dropout = nn.Dropout(0.3, seed=0)
    found = dropout([1.0] * 20_000)
    share = found.count(0.0) / len(found)
    assert share == pytest.approx(0.3, abs=0.015)
    assert {x for x in found if x} == {1 / 0.7}
    assert sum(found) / len(found) == pytest.approx(1.0, abs=0.02)


def test_in_eval_mode_and_with_p_0_everything_passes():
    assert nn.Dropout(0.9, seed=0).eval()([1.0, 2.0]) == [1.0, 2.0]
    assert nn.Dropout(0.0)([1.0, 2.0]) == [1.0, 2.0]


def test_gradients_go_where_numbers_go():
    x = [Value(float(i)) for i in range(50)]
    out = nn.Dropout(0.5, seed=1)(x)
    sum(out).backward()
    kept = nn.Dropout(0.5, seed=1)([1.0] * 50)
    assert [v.grad for v in x] == kept


def model_with(p, seed=0):
    return nn.Sequential(
        nn.Linear(3, 8, seed=seed), "tanh", nn.Dropout(p), nn.Linear(8, 1, seed=seed + 1)
    )


def test_fit_draws_a_mask_for_each_row_and_epoch_and_is_reproducible():
    losses = []
    for seed in (0, 0, 1):
        model = model_with(0.5)
        losses.append(
            nn.fit(model, X, Y, "mse_loss", nn.SGD(model.parameters(), lr=0.0), 4, 5, seed=seed)[
                "loss"
            ]
        )
    assert losses[0] == losses[1] != losses[2]
    assert len(set(losses[0])) == 4  # nothing moved, and yet each epoch met other masks


def test_fit_is_the_loop_with_the_same_masks():
    models = [model_with(0.4) for _ in range(2)]
    found = nn.fit(
        models[0], X, Y, "mse_loss", nn.SGD(models[0].parameters(), lr=0.05), 3, 4, seed=7
    )
    model, losses = models[1], []
    optimizer, masks = nn.SGD(model.parameters(), lr=0.05), Masks([0.4] * 8, len(X))
    for epoch in (1, 2, 3):
        masks.draw(7, epoch)
        order, total = nn.shuffled(len(X), 7, epoch), 0.0
        for start in range(0, len(X), 4):
            optimizer.zero_grad()
            for i in order[start : start + 4]:
                hidden = [h.tanh() for h in model[0](X[i])]
                mask = masks.column.tolist()[i]
                loss = nn.mse_loss(
                    model[3]([h * m for h, m in zip(hidden, mask, strict=True)])[0], Y[i]
                )
                loss.backward()
                total += loss.data
            for p in optimizer.params:
                p.grad /= 4
            optimizer.step()
        losses.append(total / len(X))
    assert found["loss"] == pytest.approx(losses, rel=1e-10)
    one, other = ([p.data for p in m.parameters()] for m in models)
    assert one == pytest.approx(other, rel=1e-9)


def test_it_is_replayed_and_not_frozen():
    model = model_with(0.5)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        nn.fit(model, X, Y, "mse_loss", epochs=2, validation_data=(X, Y))
    assert model.training and model[2].training


def test_predictions_and_validation_leave_nothing_out():
    model = model_with(0.5)
    history = nn.fit(
        model, X, Y, "mse_loss", nn.SGD(model.parameters(), lr=0.0), 2, validation_data=(X, Y)
    )
    assert history["validation_loss"][0] == history["validation_loss"][1]
    assert model.training
    assert model.predict(X) == model.eval().predict(X)


def test_a_recording_of_ones_own_does_not_freeze_a_mask():
    model = model_with(0.5)
    fast = jit(lambda x: model(x))
    with pytest.warns(
        FrozenRecording, match="draws random numbers, which a recording would freeze"
    ):
        answers = {fast(X[3]).data for _ in range(20)}
    assert len(answers) > 5


def test_resumed_training_meets_the_same_masks(tmp_path):
    whole = model_with(0.5)
    expected = nn.fit(whole, X, Y, "mse_loss", nn.SGD(whole.parameters(), lr=0.1), 6)["loss"]
    model = model_with(0.5)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    path = tmp_path / "c.json"
    nn.fit(model, X, Y, "mse_loss", optimizer, 3, callbacks=[nn.Checkpoint(path)])
    history = nn.fit(
        model, X, Y, "mse_loss", optimizer, 6, callbacks=[nn.Checkpoint(path)], resume=path
    )
    assert history["loss"] == expected


def test_what_is_no_probability_is_refused():
    with pytest.raises(
        ValueError, match="p must be a finite number of at least 0 and below 1, got 1.0"
    ):
        nn.Dropout(1.0)

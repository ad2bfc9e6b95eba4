"""Augmentation: other rows in each epoch, the same for the same seed, and the old ones untouched."""

import pytest

import nn

X, Y = [[1.0, 2.0], [-1.0, 0.5], [0.3, -2.0]], [1.0, 0.0, 0.5]


def rows_of(given):
    return given.tolist() if hasattr(given, "tolist") else given


def noisy(rows, rng):
    return [[x + rng.gauss(0, 0.1) for x in row] for row in rows_of(rows)]


def fitted(augment, seed=0, epochs=3):
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    history = nn.fit(model, X, Y, "mse_loss", optimizer, epochs, 2, seed=seed, augment=augment)
    return history["loss"], [p.data for p in model.parameters()]


def test_each_epoch_meets_other_rows_and_always_the_same_ones():
    seen = []

    def watch(rows, rng):
        seen.append((rows_of(rows), rng.random()))
        return rows

    fitted(watch)
    assert [rows for rows, _ in seen] == [X, X, X]
    assert len({number for _, number in seen}) == 3
    first = [number for _, number in seen]
    seen.clear()
    fitted(watch)
    assert [number for _, number in seen] == first
    assert fitted(noisy, seed=1) != fitted(noisy, seed=2)


def test_it_trains_on_what_the_function_returns():
    losses, parameters = fitted(lambda rows, rng: [[2.0 * x for x in row] for row in rows_of(rows)])
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    doubled = [[2.0 * x for x in row] for row in X]
    expected = nn.fit(model, doubled, Y, "mse_loss", nn.SGD(model.parameters(), lr=0.1), 3, 2)[
        "loss"
    ]
    assert losses == expected
    assert parameters == [p.data for p in model.parameters()]


@pytest.mark.parametrize("kind", ["list", "ndarray"])
def test_rows_come_as_they_were_given_and_may_be_changed_in_place(kind):
    given = pytest.importorskip("numpy").array(X) if kind == "ndarray" else [list(x) for x in X]
    seen = []

    def shift(rows, rng):
        seen.append((type(rows).__name__, [list(row) for row in rows]))
        for row in rows:
            row[0] += 1.0
        return rows

    nn.fit(nn.MLP(2, [1], seed=0), given, Y, "mse_loss", epochs=3, augment=shift)
    assert seen == [(kind, X)] * 3
    assert rows_of(given) == X


def test_with_dropout_and_single_numbers():
    model = nn.Sequential(nn.Linear(2, 4, seed=0), nn.Dropout(0.5), nn.Linear(4, 1, seed=1))
    nn.fit(model, X, Y, "mse_loss", epochs=3, augment=noisy)

    class Line(nn.LinearRegression):
        def forward(self, x):
            return super().forward([x])

    line = Line(1)
    history = nn.fit(
        line,
        [1.0, 2.0],
        [2.0, 4.0],
        "mse_loss",
        nn.SGD(line.parameters(), lr=0.1),
        5,
        augment=lambda x, rng: x,
    )
    assert history["loss"][-1] < history["loss"][0]


def test_resumed_training_meets_the_same_rows(tmp_path):
    expected, _ = fitted(noisy, epochs=5)
    model, path = nn.MLP(2, [3, 1], activation="tanh", seed=1), tmp_path / "c.json"
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    nn.fit(model, X, Y, "mse_loss", optimizer, 2, 2, augment=noisy, callbacks=[nn.Checkpoint(path)])
    history = nn.fit(model, X, Y, "mse_loss", optimizer, 5, 2, augment=noisy, resume=path)
    assert history["loss"] == expected


def test_what_does_not_fit_is_refused_and_the_model_is_left_as_it_was():
    model = nn.MLP(2, [1], seed=0)
    before = model.state_dict()
    with pytest.raises(
        ValueError, match="augment must return as many rows of the same width, 3 of 2, got 6 of 2"
    ):
        nn.fit(model, X, Y, "mse_loss", augment=lambda rows, rng: [*rows_of(rows), *rows_of(rows)])
    with pytest.raises(ValueError, match=r"augment\(X\): row 0, number 0, is nan"):
        nn.fit(model, X, Y, "mse_loss", augment=lambda rows, rng: [[float("nan")] * 2] * 3)
    with pytest.raises(
        TypeError, match="augment must be a function of rows and a Random, got 'flip'"
    ):
        nn.fit(model, X, Y, "mse_loss", augment="flip")
    assert model.state_dict() == before

"""Normalisation: values and gradients against NumPy and finite differences; running means; fit."""

import math

import pytest

import nn
from autograd import Value, check_grads

np = pytest.importorskip("numpy")
ROWS = [[1.0, -2.0, 0.5], [3.0, 0.0, -1.5], [-0.5, 4.0, 2.0], [0.0, 1.0, 1.0]]


def moved(module, seed=0):
    """The same with other weights than 1 and 0."""
    rng = np.random.default_rng(seed)
    for p in module.parameters():
        p.data += float(rng.normal())
    return module


def numbers(rows):
    return np.array([[getattr(x, "data", x) for x in row] for row in rows])


def test_layer_norm():
    norm = moved(nn.LayerNorm(3))
    x = np.array(ROWS)
    g, b = (np.array([p.data for p in ps]) for ps in (norm.weight, norm.bias))
    expected = g * (x - x.mean(1, keepdims=True)) / np.sqrt(x.var(1, keepdims=True) + 1e-5) + b
    assert numbers([norm(row) for row in ROWS]) == pytest.approx(expected, rel=1e-12)


def test_rms_norm():
    norm = moved(nn.RMSNorm(3))
    x, g = np.array(ROWS), np.array([p.data for p in norm.weight])
    expected = g * x / np.sqrt((x**2).mean(1, keepdims=True) + 1e-6)
    assert numbers([norm(row) for row in ROWS]) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize("kind", [nn.LayerNorm, nn.RMSNorm])
def test_gradients_of_rows(kind):
    norm = moved(kind(3))
    check_grads(
        lambda row: sum(y * w for y, w in zip(norm(row), (1.0, -2.0, 0.5), strict=True)), (ROWS[0],)
    )


def test_batch_norm_in_training():
    norm = moved(nn.BatchNorm(3))
    x = np.array(ROWS)
    g, b = (np.array([p.data for p in ps]) for ps in (norm.weight, norm.bias))
    expected = g * (x - x.mean(0)) / np.sqrt(x.var(0) + 1e-5) + b
    assert numbers(norm(ROWS)) == pytest.approx(expected, rel=1e-12)
    # PyTorch: running = 0.9 · running + 0.1 · batch, the variance divided by rows - 1
    assert norm.running_mean == pytest.approx(0.1 * x.mean(0))
    assert norm.running_var == pytest.approx(0.9 + 0.1 * x.var(0, ddof=1))


def test_gradients_of_a_batch():
    norm = moved(nn.BatchNorm(3))

    def loss(rows):
        return sum(y * y * (i + 1.0) for i, row in enumerate(norm(rows)) for y in row)

    check_grads(loss, (ROWS,))


def test_batch_norm_in_use_reads_the_running_means():
    norm = moved(nn.BatchNorm(3))
    for _ in range(3):
        norm(ROWS)
    mean, var = np.array(norm.running_mean), np.array(norm.running_var)
    norm.eval()
    g, b = (np.array([p.data for p in ps]) for ps in (norm.weight, norm.bias))
    expected = g * (np.array(ROWS) - mean) / np.sqrt(var + 1e-5) + b
    assert numbers(norm(ROWS)) == pytest.approx(expected)
    assert numbers([norm(ROWS[0])]) == pytest.approx(expected[:1])
    assert norm.running_mean == mean.tolist()


def network(seed=0):
    return nn.Sequential(
        nn.Linear(3, 4, seed=seed), nn.BatchNorm(4), "relu", nn.Linear(4, 1, seed=seed + 1)
    )


def test_fit_trains_a_batch_at_a_time_as_a_loop_does():
    X, y = ROWS * 3, [sum(row) for row in ROWS] * 3
    models = [network() for _ in range(2)]
    history = nn.fit(
        models[0],
        X,
        y,
        "mse_loss",
        nn.SGD(models[0].parameters(), lr=0.05),
        4,
        6,
        validation_data=(X, y),
    )
    model, losses = models[1], []
    optimizer = nn.SGD(model.parameters(), lr=0.05)
    for epoch in range(4):
        order, total = nn.shuffled(12, 0, epoch + 1), 0.0
        for start in (0, 6):
            rows = order[start : start + 6]
            loss = nn.mse_loss(model([X[i] for i in rows]), [y[i] for i in rows])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            total += loss.data * 6
        losses.append(total / 12)
    assert history["loss"] == pytest.approx(losses, rel=1e-10)
    assert models[0].state_dict() == pytest.approx(model.state_dict())
    model.eval()
    assert history["validation_loss"][-1] == pytest.approx(
        nn.mse_loss([model(x) for x in X], y).data
    )


def test_running_means_are_saved_and_come_back(tmp_path):
    model = network()
    nn.fit(model, ROWS, [1.0, 2.0, 3.0, 4.0], "mse_loss", epochs=3)
    state = model.state_dict()
    assert state["steps.1.running_mean.0"] == model[1].running_mean[0] != 0.0
    model.save(tmp_path / "model.json")
    other = network(5).load(tmp_path / "model.json")
    assert other.state_dict() == state
    assert other.eval().predict(ROWS) == model.eval().predict(ROWS)
    with pytest.raises(ValueError, match="running_var"):
        network().load_state_dict(
            {name: x for name, x in state.items() if "running_var" not in name}
        )


def test_a_failed_epoch_takes_the_running_means_back():
    model = network()
    before = list(model[1].running_mean)

    def fails(run):
        raise RuntimeError("stop")

    with pytest.raises(RuntimeError, match="stop"):
        nn.fit(model, ROWS, [1.0, 2.0, 3.0, 4.0], "mse_loss", epochs=3, callbacks=[fails])
    assert model[1].running_mean == before


def test_checkpoints_resume_exactly(tmp_path):
    y = [1.0, 2.0, 3.0, 4.0]
    whole = network()
    expected = nn.fit(whole, ROWS, y, "mse_loss", nn.SGD(whole.parameters(), lr=0.1), 5, 2)["loss"]
    path, model = tmp_path / "c.json", network()
    nn.fit(
        model,
        ROWS,
        y,
        "mse_loss",
        nn.SGD(model.parameters(), lr=0.1),
        2,
        2,
        callbacks=[nn.Checkpoint(path)],
    )
    again = network()
    history = nn.fit(
        again, ROWS, y, "mse_loss", nn.SGD(again.parameters(), lr=0.1), 5, 2, resume=path
    )
    assert history["loss"] == expected
    assert again.state_dict() == whole.state_dict()


def test_what_batch_norm_cannot_do_is_said():
    norm = nn.BatchNorm(2)
    with pytest.raises(
        ValueError, match="training mode needs a batch, a list of rows: .*model.eval"
    ):
        norm([1.0, 2.0])
    with pytest.raises(ValueError, match="a batch of one row, which has no variance: take larger"):
        norm([[1.0, 2.0]])
    with pytest.raises(ValueError, match="BatchNorm expects 2 inputs, got 3"):
        norm([[1.0, 2.0, 3.0]] * 2)
    for kind in (nn.LayerNorm, nn.RMSNorm, nn.BatchNorm):
        with pytest.raises(ValueError, match="width must be at least 1"):
            kind(0)
        with pytest.raises(ValueError, match="eps must be above 0"):
            kind(2, eps=0.0)


def test_constant_rows_stay_finite():
    for norm in (nn.LayerNorm(2), nn.RMSNorm(2)):
        out = norm([Value(0.0), Value(0.0)])
        sum(out).backward()
        assert all(math.isfinite(v.data) for v in out)

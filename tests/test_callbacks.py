"""Callbacks: early stopping, functions, and checkpoints that training goes on from."""

import json
import math
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import nn
from autograd import Value
from nn.schedules import Cosine, ReduceOnPlateau, WarmUp

ROOT = Path(__file__).parent.parent
X = [[i / 7, (i * i % 5) / 5] for i in range(14)]
Y = [math.sin(x) - 0.5 * y for x, y in X]
SETTINGS = dict(epochs=8, batch_size=4, seed=3)


def made(kind="adam"):
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    return model, nn.optimizers.optimizer_named(kind, model.parameters())


def numbers(history):
    """All but the time it took."""
    return {name: column for name, column in history.items() if name != "seconds"}


# early stopping


class Scripted(nn.Callback):
    """Losses as they are wanted, and a parameter that says which epoch it is."""

    def __init__(self, losses):
        self.losses = losses

    def epoch(self, run):
        run.history["loss"][-1] = self.losses[run.epoch - 1]
        run.params[0].data = float(run.epoch)


# fmt: off
STOPS = [
    # losses, settings, epochs run, best epoch
    ([5, 4, 3, 2, 1, 0],        dict(patience=1), 6, 6),
    ([5, 4, 4, 3, 2, 1],        dict(patience=1), 3, 2),
    ([5, 4, 4, 3, 3, 3],        dict(patience=2), 6, 4),
    ([5, 4, 6, 6, 6, 1],        dict(patience=3), 5, 2),
    ([5, 4.5, 3.9, 3.5, 3, 3],  dict(patience=1, min_delta=1), 2, 1),
    ([5, 4.5, 3.9, 3.5, 3, 3],  dict(patience=2, min_delta=1), 5, 3),
    ([5, math.nan, 4, 4, 4, 4], dict(patience=2), 5, 3),
]
# fmt: on


@pytest.mark.parametrize("losses, settings, epochs, best", STOPS)
def test_early_stopping(losses, settings, epochs, best):
    model, _ = made()
    stopping = nn.EarlyStopping(**settings)
    history = nn.fit(model, X, Y, nn.mse_loss, epochs=6, callbacks=[Scripted(losses), stopping])
    assert (history.epochs, history.best_epoch, stopping.best_epoch) == (epochs, best, best)
    assert model.parameters()[0].data == best
    assert (history.stopped is None) == (best + settings["patience"] > 6)
    assert history.stopped is None or f"than that of epoch {best} for" in history.stopped


def test_early_stopping_that_leaves_the_last_parameters():
    model, _ = made()
    callbacks = [Scripted([5, 4, 4, 4]), nn.EarlyStopping(1, restore_best=False)]
    history = nn.fit(model, X, Y, nn.mse_loss, epochs=4, callbacks=callbacks)
    assert (history.epochs, history.best_epoch, model.parameters()[0].data) == (3, None, 3.0)


def test_early_stopping_watches_the_validation_loss():
    model, optimizer = made("sgd")
    optimizer.lr = 0.1
    far = ([[0.3, 0.4]], [50.0])
    before = model([0.3, 0.4]).data
    history = nn.fit(
        model, X, Y, nn.mse_loss, optimizer, validation_data=far, epochs=50,
        callbacks=[nn.EarlyStopping(2)],
    )  # fmt: skip
    best = history.best_epoch
    assert min(history["validation_loss"]) == history["validation_loss"][best - 1]
    assert (model([0.3, 0.4]).data - 50) ** 2 == history["validation_loss"][best - 1]
    assert "no better validation loss" in history.stopped and before != model([0.3, 0.4]).data


def test_ctrl_c_takes_it_back_with_the_epoch():
    model, _ = made()
    stopping = nn.EarlyStopping(5)
    callbacks = [Scripted([5, 4, 3, 2]), stopping, press_after(3)]
    history = nn.fit(model, X, Y, nn.mse_loss, epochs=4, callbacks=callbacks)
    assert history.interrupted and history.epochs == 2
    assert (stopping.best, stopping.best_epoch, stopping.parameters[0]) == (4, 2, 2.0)


def test_it_can_be_used_again():
    stopping = nn.EarlyStopping(1)
    for losses, epochs in [([5, 4, 4, 4], 3), ([9, 8, 7, 7], 4)]:
        model, _ = made()
        callbacks = [Scripted(losses), stopping]
        assert nn.fit(model, X, Y, nn.mse_loss, epochs=4, callbacks=callbacks).epochs == epochs


# functions


def test_a_function_is_called_after_each_epoch():
    model, optimizer = made()
    seen = []

    def look(run):
        assert run.model is model and run.optimizer is optimizer
        seen.append((run.epoch, run.epochs, run.history.epochs, run.loss))
        if run.epoch == 3:
            run.stop("enough")

    history = nn.fit(model, X, Y, nn.mse_loss, optimizer, epochs=5, callbacks=[look])
    assert seen == [(i, 5, i, history["loss"][i - 1]) for i in (1, 2, 3)]
    assert history.stopped == "enough" and "stopped: enough" in repr(history)


def test_a_callback_may_change_the_rate():
    model, optimizer = made()

    def halve(run):
        run.optimizer.lr /= 2

    history = nn.fit(model, X, Y, nn.mse_loss, optimizer, epochs=3, callbacks=[halve])
    assert history["rate"] == [1e-3, 5e-4, 2.5e-4]


def test_an_error_in_a_callback_leaves_the_epoch_before():
    model, optimizer = made()
    states = []

    def fail(run):
        if run.epoch == 3:
            raise RuntimeError("no more")
        states.append((model.state_dict(), optimizer.state_dict()))

    with pytest.raises(RuntimeError, match="no more"):
        nn.fit(model, X, Y, nn.mse_loss, optimizer, epochs=5, callbacks=[fail])
    assert (model.state_dict(), optimizer.state_dict()) == states[-1]


# fmt: off
BAD = [
    # callbacks, error, message
    (nn.EarlyStopping(),     TypeError,  r"callbacks must be a list, as in callbacks=\[EarlyStopping"),
    (None,                   TypeError,  "callbacks must be a list"),
    ([nn.EarlyStopping],     TypeError,  "a callback must be a function of a Run, or an object"),
    (["early"],              TypeError,  "a callback must be .* got 'early'"),
]
# fmt: on


@pytest.mark.parametrize("callbacks, error, message", BAD)
def test_what_is_no_callback(callbacks, error, message):
    with pytest.raises(error, match=message):
        nn.fit(made()[0], X, Y, nn.mse_loss, callbacks=callbacks)


# fmt: off
BAD_SETTINGS = [
    (lambda: nn.EarlyStopping(0),                ValueError, "patience must be at least 1, got 0"),
    (lambda: nn.EarlyStopping(1.5),              TypeError,  "patience must be an int, got 1.5"),
    (lambda: nn.EarlyStopping(True),             TypeError,  "patience must be an int, got True"),
    (lambda: nn.EarlyStopping(min_delta=-1.0),   ValueError, "min_delta must be .* at least 0, got -1"),
    (lambda: nn.Checkpoint("x", every=0),        ValueError, "every must be at least 1, got 0"),
    (lambda: nn.Checkpoint("x", every="often"),  TypeError,  "every must be an int, got 'often'"),
]
# fmt: on


@pytest.mark.parametrize("make, error, message", BAD_SETTINGS)
def test_bad_settings(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_reprs():
    assert (
        repr(nn.EarlyStopping(3)) == "EarlyStopping(patience=3, min_delta=0.0, restore_best=True)"
    )
    assert repr(nn.Checkpoint("x.json", 2)) == "Checkpoint('x.json', every=2)"


# checkpoints


def press_after(epoch):
    """A callback that presses Ctrl-C when it sees the epoch."""

    def press(run):
        if run.epoch == epoch:
            raise KeyboardInterrupt

    return press


KINDS = ["sgd", "adam", "adamw", "adagrad", "rmsprop"]


@pytest.mark.parametrize("kind", KINDS)
def test_resumed_training_is_the_same_to_the_last_bit(kind, tmp_path):
    def settings():
        return dict(
            **SETTINGS,
            validation_data=(X[:3], Y[:3]),
            schedule=WarmUp(2, then=ReduceOnPlateau(0.5, patience=0)),
        )

    model, optimizer = made(kind)
    through = nn.fit(
        model, X, Y, nn.mse_loss, optimizer, **settings(), callbacks=[nn.EarlyStopping(4)]
    )

    path = tmp_path / "checkpoint.json"
    first, first_optimizer = made(kind)
    cut = nn.fit(
        first, X, Y, nn.mse_loss, first_optimizer, **settings(),
        callbacks=[nn.EarlyStopping(4), nn.Checkpoint(path, every=100), press_after(4)],
    )  # fmt: skip
    assert cut.interrupted and cut.epochs == 3

    second = nn.MLP(2, [3, 1], activation="tanh", seed=99)
    second_optimizer = nn.optimizers.optimizer_named(kind, second.parameters())
    second_optimizer.lr = 17.0
    history = nn.fit(
        second, X, Y, nn.mse_loss, second_optimizer, **settings(),
        callbacks=[nn.EarlyStopping(4), nn.Checkpoint(path)], resume=path,
    )  # fmt: skip
    assert not history.interrupted and numbers(history) == numbers(through)
    assert second.state_dict() == model.state_dict()
    assert second_optimizer.state_dict() == optimizer.state_dict()
    assert history.best_epoch == through.best_epoch and history.stopped == through.stopped


def test_training_that_is_over_is_not_run_again(tmp_path):
    path = tmp_path / "checkpoint.json"
    model, _ = made()
    callbacks = [Scripted([5, 4, 4, 4]), nn.EarlyStopping(1), nn.Checkpoint(path)]
    first = nn.fit(model, X, Y, nn.mse_loss, epochs=4, callbacks=callbacks)
    assert first.epochs == 3
    again, _ = made()
    history = nn.fit(again, X, Y, nn.mse_loss, epochs=4, callbacks=callbacks, resume=path)
    assert dict(history) == dict(first)
    assert again.state_dict() == model.state_dict()  # those of the best epoch
    assert (history.stopped, history.best_epoch) == (first.stopped, 2)


def test_more_epochs_than_were_planned(tmp_path):
    path = tmp_path / "checkpoint.json"
    whole, _ = made()
    through = nn.fit(whole, X, Y, nn.mse_loss, epochs=5)
    model, _ = made()
    nn.fit(model, X, Y, nn.mse_loss, epochs=2, callbacks=[nn.Checkpoint(path)])
    history = nn.fit(model, X, Y, nn.mse_loss, epochs=5, resume=path)
    assert numbers(history) == numbers(through) and model.state_dict() == whole.state_dict()


@pytest.mark.parametrize("every, written", [(1, [1, 2, 3, 4, 5]), (2, [2, 4, 5]), (9, [5])])
def test_every_so_many_epochs_and_after_the_last(every, written, tmp_path, monkeypatch):
    epochs = []
    genuine = nn.checkpoint.write
    monkeypatch.setattr(
        "nn.checkpoint.write",
        lambda path, kind, content: epochs.append(content["epoch"]) or genuine(path, kind, content),
    )
    path = tmp_path / "checkpoint.json"
    nn.fit(made()[0], X, Y, nn.mse_loss, epochs=5, callbacks=[nn.Checkpoint(path, every)])
    assert epochs == written
    assert json.loads(path.read_text())["epoch"] == 5
    assert os.listdir(tmp_path) == ["checkpoint.json"]


def test_a_checkpoint_before_the_first_epoch_is_not_written(tmp_path):
    path = tmp_path / "checkpoint.json"
    model, _ = made()
    before = model.state_dict()
    callbacks = [nn.Checkpoint(path), press_after(1)]
    history = nn.fit(model, X, Y, nn.mse_loss, callbacks=callbacks)
    assert history.interrupted and history.epochs == 0
    assert model.state_dict() == before and not path.exists()


def test_a_write_that_fails_keeps_the_old_checkpoint(tmp_path, monkeypatch):
    path = tmp_path / "checkpoint.json"
    nn.fit(made()[0], X, Y, nn.mse_loss, epochs=1, callbacks=[nn.Checkpoint(path)])
    old = path.read_text()

    def full(descriptor):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot save the checkpoint \(No space left on device\)"):
        nn.fit(made()[0], X, Y, nn.mse_loss, epochs=1, callbacks=[nn.Checkpoint(path)])
    assert path.read_text() == old and os.listdir(tmp_path) == ["checkpoint.json"]


def test_file_and_folder_are_on_the_disk_before_it_goes_on(tmp_path, monkeypatch):
    order, genuine, replace = [], os.fsync, os.replace

    def fsync(descriptor):
        order.append("folder" if os.path.isdir(f"/proc/self/fd/{descriptor}") else "file")
        genuine(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    monkeypatch.setattr(os, "replace", lambda *a: order.append("name") or replace(*a))
    callbacks = [nn.Checkpoint(tmp_path / "checkpoint.json")]
    nn.fit(made()[0], X, Y, nn.mse_loss, epochs=1, callbacks=callbacks)
    if os.path.exists("/proc/self/fd"):
        assert order == ["file", "name", "folder"]


def test_a_folder_that_is_not_there_is_found_before_training(tmp_path):
    model, _ = made()
    before = model.state_dict()
    with pytest.raises(FileNotFoundError, match="cannot write a checkpoint there"):
        callbacks = [nn.Checkpoint(tmp_path / "nowhere" / "checkpoint.json")]
        nn.fit(model, X, Y, nn.mse_loss, callbacks=callbacks)
    assert model.state_dict() == before


@pytest.fixture
def checkpoint(tmp_path):
    path = tmp_path / "checkpoint.json"
    nn.fit(made()[0], X, Y, nn.mse_loss, epochs=2, callbacks=[nn.Checkpoint(path)])
    return path


# fmt: off
DAMAGES = [
    # what happens to the text, message
    (lambda text: text[: len(text) // 2],           "is damaged or is not a checkpoint"),
    (lambda text: "",                               "is damaged or is not a checkpoint"),
    (lambda text: text.replace('"epoch": 2', '"epoch": 1'), "its checksum is wrong"),
    (lambda text: text.replace('"t": ', '"t": 1'),  "its checksum is wrong"),
    (lambda text: text.replace('"version": 1', '"version": 9'), "has version 9, this library reads 1"),
    (lambda text: "{}",                             "was not written by nn.Checkpoint"),
    (lambda text: '{"format": "glassgrad model"}',  "was not written by nn.Checkpoint"),
]
# fmt: on


@pytest.mark.parametrize("damage, message", DAMAGES)
def test_a_damaged_checkpoint(damage, message, checkpoint):
    damaged = damage(checkpoint.read_text())
    assert damaged != checkpoint.read_text()
    checkpoint.write_text(damaged)
    model, _ = made()
    before = model.state_dict()
    with pytest.raises(ValueError, match=message):
        nn.fit(model, X, Y, nn.mse_loss, resume=checkpoint)
    assert model.state_dict() == before


# fmt: off
OTHERS = [
    # what is different, message
    (dict(batch_size=7),                    "batch_size was 32 and is 7"),
    (dict(seed=1),                          "seed was 0 and is 1"),
    (dict(X=X[:-1], y=Y[:-1]),              "rows was 14 and is 13; data was"),
    (dict(X=X[::-1]),                       "data was"),
    (dict(loss=nn.half_squared_error),      "loss was 'mse_loss' and is 'half_squared_error'"),
    (dict(schedule=Cosine(5)),              r"schedule was None and is 'Cosine\(length=5, end=0.0\)'"),
    (dict(validation_data=(X, Y)),          "validation data was None and is"),
    (dict(callbacks=[nn.EarlyStopping()]),  r"callbacks were \[\] and are \['EarlyStopping'\]"),
    (dict(optimizer="sgd"),                 "this state does not fit SGD over 13 parameters"),
    (dict(model=nn.MLP(2, [4, 1], seed=0)), "holds another model, nothing was changed"),
]
# fmt: on


@pytest.mark.parametrize("change, message", OTHERS)
def test_a_checkpoint_of_another_training(change, message, checkpoint):
    given = dict(model=made()[0], X=X, y=Y, loss=nn.mse_loss) | change
    before = given["model"].state_dict()
    with pytest.raises(ValueError, match=message):
        nn.fit(**given, resume=checkpoint)
    assert given["model"].state_dict() == before


def test_a_checkpoint_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="there is no checkpoint; leave out resume="):
        nn.fit(made()[0], X, Y, nn.mse_loss, resume=tmp_path / "none.json")


PROGRAM = """
import signal, sys, nn
signal.signal(signal.SIGINT, signal.default_int_handler)  # also where a shell ignores it
X = [[i / 7, (i * i % 5) / 5] for i in range(14)]
Y = [x - y for x, y in X]
model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
path = sys.argv[1]
def tell(run):
    if run.epoch == 3: print("ready", flush=True)
nn.fit(model, X, Y, nn.mse_loss, epochs=int(sys.argv[2]), callbacks=[nn.Checkpoint(path), tell],
       resume=sys.argv[3] if len(sys.argv) > 3 else None)
print(model.state_dict())
"""


@pytest.mark.skipif(os.name == "nt", reason="POSIX signals")
@pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGKILL])
def test_a_process_that_is_ended_can_be_resumed(end, tmp_path):
    """SIGKILL is the power failure of a process."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}

    def command(*arguments):
        return [sys.executable, "-c", PROGRAM, *map(str, arguments)]

    path = tmp_path / "checkpoint.json"
    with subprocess.Popen(
        command(path, 10**6), env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as process:
        assert process.stdout.readline() == b"ready\n"
        process.send_signal(end)
        process.communicate(timeout=60)
    epochs = json.loads(path.read_text())["epoch"] + 2
    assert epochs >= 4
    resumed = subprocess.run(
        command(path, epochs, path), env=environment, capture_output=True, text=True, check=True
    ).stdout
    through = subprocess.run(
        command(tmp_path / "other.json", epochs), env=environment, capture_output=True, text=True,
        check=True,
    ).stdout  # fmt: skip
    assert resumed.splitlines()[-1] == through.splitlines()[-1]


def test_an_optimizer_of_ones_own_is_resumed_too(tmp_path):
    class Signs(nn.Optimizer):
        def __init__(self, params, lr):
            super().__init__(params, lr)
            self.last = [0.0] * len(self.params)

        def step(self):
            for i, p in enumerate(self.params):
                self.last[i] = 0.5 * self.last[i] + p.grad
                p.data -= self.lr * math.copysign(1.0, self.last[i])

    path = tmp_path / "checkpoint.json"
    whole, model = made()[0], made()[0]
    nn.fit(whole, X, Y, nn.mse_loss, Signs(whole.parameters(), 0.01), epochs=4, batch_size=5)
    optimizer = Signs(model.parameters(), 0.01)
    callbacks = [nn.Checkpoint(path), press_after(3)]
    nn.fit(model, X, Y, nn.mse_loss, optimizer, epochs=4, batch_size=5, callbacks=callbacks)
    other = made()[0]
    other.parameters()[0].data = 5.0
    fresh = Signs(other.parameters(), 0.5)
    nn.fit(other, X, Y, nn.mse_loss, fresh, epochs=4, batch_size=5, resume=path)
    assert other.state_dict() == whole.state_dict()
    assert isinstance(other.parameters()[0], Value)

"""The main job: what it prints, what it writes, and how it ends when something is wrong."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

import nn
from autograd.__main__ import main
from autograd.job import expression, neuron, output, results, training
from autograd.job.digits import CLASSES, PIXELS, Digits, load
from autograd.job.options import Options, options_from

ROOT = Path(__file__).parent.parent
COMMAND = [sys.executable, "-m", "autograd", "--hidden", "4"]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
PICTURES = [name for name in output.FILES if name.endswith(".png")]


@pytest.fixture(scope="module")
def job(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """The folder and the outcome of one whole, short run."""
    folder = tmp_path_factory.mktemp("job") / "made" / "here"
    command = [*COMMAND, "--epochs", "1", "--output", str(folder)]
    return folder, subprocess.run(command, env=ENVIRONMENT, capture_output=True, text=True)


@pytest.fixture(scope="module")
def digits() -> tuple[Digits, Digits]:
    """A few digits to learn from and to test with."""
    learn, test = load(seed=0)
    return Digits(learn.images[:96], learn.labels[:96]), Digits(test.images[:40], test.labels[:40])


def options(**changed: Any) -> Options:
    return Options(**{**vars(options_from([])), "epochs": 3, "quiet": True, **changed})


# a whole run


def test_the_job_succeeds(job: Any) -> None:
    assert job[1].returncode == 0, job[1].stderr


def test_it_prints_the_trace_and_the_gradient_check(job: Any) -> None:
    lines = [line.split() for line in job[1].stdout.splitlines()]
    assert ["e", "a", "×", "b", "−6", "−2"] in lines
    assert ["L", "d", "×", "f", "−8", "1"] in lines
    for name, gradient in {"a": "6", "b": "−4", "c": "−2", "f": "4"}.items():
        (checked,) = [line for line in lines if line[:2] == [name, gradient] and len(line) == 4]
        assert checked[2].startswith(f"{gradient}.000000")
        assert float(checked[3].replace("−", "-")) < 1e-8
    assert "The largest difference is" in job[1].stdout


def test_the_bar_shows_loss_and_accuracy(job: Any) -> None:
    assert re.search(r"epoch 1/1: 100%.* loss \d\.\d+, accuracy \d+\.\d%", job[1].stderr)


def test_it_names_every_file_with_its_size(job: Any) -> None:
    folder, run = job
    named = re.findall(r"^  (\S+) +(\d+\.\d) kB  \w", run.stdout, re.MULTILINE)
    assert {name for name, _ in named} == set(output.FILES) == set(os.listdir(folder))
    for name, size in named:
        assert float(size) == pytest.approx((folder / name).stat().st_size / 1000, abs=0.06)


@pytest.mark.parametrize("name", PICTURES)
def test_every_png_is_whole(job: Any, name: str) -> None:
    data = (job[0] / name).read_bytes()
    assert data.startswith(b"\x89PNG\r\n\x1a\n")
    assert data.endswith(b"IEND\xaeB`\x82")
    assert int.from_bytes(data[16:20]) > 900  # pixels wide: enough for a slide


@pytest.mark.parametrize("name", ["expression.svg", "neuron.svg"])
def test_every_svg_is_whole(job: Any, name: str) -> None:
    root = ET.fromstring((job[0] / name).read_text(encoding="utf-8"))
    assert root.tag == "{http://www.w3.org/2000/svg}svg"


def test_the_model_it_wrote_has_the_accuracy_it_printed(job: Any) -> None:
    folder, run = job
    command = re.search(r"^The network again: (nn\.MLP.*)$", run.stdout, re.MULTILINE)
    assert command is not None
    model = eval(command[1], {"nn": nn})
    assert model.load(folder / "model.json") is model
    assert f"Test accuracy: {training.accuracy(model, load(seed=0)[1]):.1%} " in run.stdout


# its parts


def test_the_held_out_digits_are_of_every_kind_and_not_learned_from() -> None:
    learn, test = load(seed=3)
    assert len(learn.labels) + len(test.labels) == 1797
    assert all(30 <= test.labels.count(digit) <= 42 for digit in range(10))
    assert {0.0, 1.0} <= {pixel for image in test.images for pixel in image}
    again = load(seed=3)
    assert again == (learn, test) != load(seed=4)


def test_the_seed_fixes_the_training(digits: Any) -> None:
    def trained(seed: int) -> list[float]:
        model = nn.MLP(PIXELS, [4, CLASSES], seed=seed)
        return training.train(model, *digits, options(seed=seed))["loss"]

    first = trained(1)
    assert first == trained(1)
    assert first != trained(2)
    assert first[-1] < first[0]


def test_the_reported_loss_and_accuracy_are_those_of_the_model(digits: Any) -> None:
    model = nn.MLP(PIXELS, [4, CLASSES], seed=0)
    _, test = digits
    history = training.train(model, *digits, options(epochs=1))
    assert not history.interrupted
    answers = results.answers_of(model, test)
    right = sum(answer.taken_for == answer.label for answer in answers)
    assert history["accuracy"] == [right / len(test.labels)]
    logits = training.logits_of(model, test)
    assert history["validation_loss"] == [pytest.approx(nn.cross_entropy(logits, test.labels))]


def test_confusions_are_counted_and_the_worst_come_first() -> None:
    def answer(label: int, taken_for: int, chance: float = 0.9) -> results.Answer:
        return results.Answer([], label, taken_for, [], [chance] * 10)

    answers = [answer(1, 1), answer(8, 1), answer(3, 5, 0.6), answer(8, 1), answer(2, 2)]
    assert results.worst_confusions(answers) == "  8 taken for 1: 2 times\n  3 taken for 5: once"
    assert results.wrong_ones(answers)[-1].label == 3  # the least convinced
    assert results.accuracy_line(answers).startswith("Test accuracy: 40.0% (2 of 5 ")
    assert "every digit was read right" in results.worst_confusions(answers[:1])


@pytest.mark.parametrize("hidden", [(8,), (8, 5), (2,)])
def test_the_drawn_neuron_is_the_networks_own(digits: Any, hidden: tuple[int, ...]) -> None:
    model = nn.MLP(PIXELS, [*hidden, CLASSES], seed=0)
    answer = results.answers_of(model, digits[1])[0]
    drawn = neuron.graph(model, answer)
    drawn.backward()
    whole: Any = nn.cross_entropy(model(answer.image), answer.label)
    whole.backward()
    cards = {value.name: value for value in drawn.history()}
    own = model.layers[-1].neurons[answer.label]
    assert drawn.data == pytest.approx(whole.data, rel=1e-12)
    assert cards[f"z[{answer.label}]"].data == pytest.approx(answer.logits[answer.label], rel=1e-12)
    weights = [name for name in cards if name and name.startswith("w[")]
    assert len(weights) == min(neuron.SHOWN, hidden[-1])
    for name in weights:
        weight = own.weights[int(name[:-1].split(",")[1])]
        assert cards[name].data == weight.data
        assert cards[name].grad == pytest.approx(weight.grad, rel=1e-12)
    others = hidden[-1] - neuron.SHOWN
    rest = cards[f"{others} others + b" if others > 0 else "b"]
    assert own.bias is not None
    assert rest.grad == pytest.approx(own.bias.grad, rel=1e-12)


def test_a_wrong_gradient_is_caught() -> None:
    L = expression.build(**expression.INPUTS)
    L.backward()
    L.history()[0].grad += 1e-4
    with pytest.raises(ArithmeticError, match="do not agree"):
        expression.check(L)


# what can go wrong before it starts


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--epochs", "0"], "--epochs: expected a whole number from 1 up, got '0'"),
        (["--epochs", "1.5"], "--epochs: expected a whole number from 1 up, got '1.5'"),
        (["--seed", "-1"], "--seed: expected a whole number from 0 to 4294967295, got '-1'"),
        (["--seed", "4294967296"], "--seed: expected a whole number from 0 to 4294967295"),
        (["--hidden", "32,"], "--hidden: expected whole numbers from 1 up with commas between"),
        (["--hidden", "32,0"], "as in 32 or 32,16, got '32,0'"),
        (["--hidden", ""], "got ''"),
        (["--output"], "--output: expected one argument"),
        (["--sed", "3"], "unrecognized arguments: --sed 3"),
        (["digits"], "unrecognized arguments: digits"),
    ],
)
def test_bad_options(arguments: list[str], message: str, capsys: Any) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == 2
    printed = capsys.readouterr()
    assert message in printed.err
    assert printed.out == ""


def never(*args: Any, **kwargs: Any) -> Any:
    raise AssertionError("the training must not have started")


@pytest.mark.parametrize("place", ["file", "file/below", "folder"])
def test_an_output_folder_that_cannot_be_written_is_found_before_training(
    place: str, tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    (tmp_path / "file").write_text("in the way")
    (tmp_path / "folder" / "model.json").mkdir(parents=True)
    monkeypatch.setattr(training, "train", never)
    assert main(["--output", str(tmp_path / place)]) == 2
    message = capsys.readouterr().err
    assert f"cannot write to the output folder '{tmp_path / place}'" in message
    assert "Choose one that you may write to: --output DIR" in message
    assert (tmp_path / "file").read_text() == "in the way"


def test_missing_packages_are_named_with_the_command(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    monkeypatch.setitem(sys.modules, "tqdm", None)
    monkeypatch.setitem(sys.modules, "sklearn", None)
    assert main(["--output", str(tmp_path / "made")]) == 2
    message = capsys.readouterr().err
    assert "needs scikit-learn, tqdm, not installed here" in message
    assert 'pip install "glassgrad[job]"' in message
    assert not (tmp_path / "made").exists()


# Ctrl-C, quiet


def test_ctrl_c_keeps_the_last_finished_epochs_model(tmp_path: Path) -> None:
    command = [*COMMAND, "--epochs", "1000", "--output", str(tmp_path)]
    with subprocess.Popen(
        command, env=ENVIRONMENT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    ) as job:
        assert job.stderr is not None
        seen = b""
        while not re.search(rb"epoch 2/.*accuracy \d", seen):  # the first is finished
            piece = os.read(job.stderr.fileno(), 4096)
            assert piece, seen.decode()
            seen += piece
        job.send_signal(signal.SIGINT)
        printed = job.communicate(timeout=60)[0].decode()
    assert job.returncode == 130
    kept = re.search(r"Stopped by Ctrl-C after epoch (\d+) of 1000: the model is as that", printed)
    assert kept is not None, printed
    assert 1 <= int(kept[1]) < 1000
    assert set(os.listdir(tmp_path)) == set(output.FILES)
    model = nn.MLP(PIXELS, [4, CLASSES]).load(tmp_path / "model.json")
    assert f"Test accuracy: {training.accuracy(model, load(seed=0)[1]):.1%} " in printed


def interrupt_after(epochs: int, monkeypatch: Any) -> None:
    """Press Ctrl-C in the epoch after so many."""
    genuine = nn.shuffled

    def shuffled(rows: int, seed: int, epoch: int) -> Any:
        if epoch > epochs:
            raise KeyboardInterrupt
        return genuine(rows, seed, epoch)

    monkeypatch.setattr("nn.epochs.shuffled", shuffled)


def test_an_epoch_cut_short_is_undone(digits: Any, monkeypatch: Any) -> None:
    interrupt_after(2, monkeypatch)
    model = nn.MLP(PIXELS, [4, CLASSES], seed=0)
    history = training.train(model, *digits, options(epochs=5))
    assert history.interrupted and history.epochs == 2
    assert history["accuracy"][-1] == training.accuracy(model, digits[1])


def test_ctrl_c_in_the_first_epoch_keeps_what_there_is(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    interrupt_after(0, monkeypatch)
    assert main(["--output", str(tmp_path), "--quiet", "--hidden", "2"]) == 130
    assert "before the first epoch was finished: there is no model" in capsys.readouterr().out
    assert set(os.listdir(tmp_path)) == {"expression.svg", "expression.png"}


def test_ctrl_c_before_training_is_no_traceback(
    tmp_path: Path, monkeypatch: Any, capsys: Any
) -> None:
    def press(*args: Any, **kwargs: Any) -> Any:
        raise KeyboardInterrupt

    monkeypatch.setattr(expression, "check", press)
    assert main(["--output", str(tmp_path), "--quiet"]) == 130
    assert "stopped by Ctrl-C" in capsys.readouterr().err


def test_quiet_prints_the_accuracy_and_the_files_only(
    tmp_path: Path, monkeypatch: Any, capsys: Any, digits: Any
) -> None:
    monkeypatch.setattr("autograd.job.digits.load", lambda seed: digits)
    assert main(["--output", str(tmp_path), "--quiet", "--epochs", "1", "--hidden", "2"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    lines = [line for line in printed.out.splitlines() if line]
    assert lines[0].startswith("Test accuracy: ")
    assert lines[1] == f"Written to {tmp_path}:"
    assert len(lines) == 2 + len(output.FILES)


def test_a_failure_while_writing_is_a_message(
    tmp_path: Path, monkeypatch: Any, capsys: Any, digits: Any
) -> None:
    def full(*args: Any) -> Any:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("autograd.job.digits.load", lambda seed: digits)
    monkeypatch.setattr(nn.Module, "save", full)
    assert main(["--output", str(tmp_path), "--quiet", "--epochs", "1", "--hidden", "2"]) == 1
    assert "No space left on device" in capsys.readouterr().err

"""fit: the same as the loop written by hand, what it reports, and what it refuses."""

import builtins
import math
import re
import sys
from array import array
from random import Random

import pytest

import nn
from autograd import Value, exp
from nn.columns import column
from nn.eager import Eager
from nn.schedules import Cosine, ReduceOnPlateau, Step

RNG = Random(0)
X = [[RNG.gauss(0, 1), RNG.gauss(0, 1)] for _ in range(23)]
LINE = [2 * a - b + 0.5 for a, b in X]
CLASSES = [int(a > 0) + int(b > a) for a, b in X]
SIGNS = [1 if a + b > 0 else -1 for a, b in X]
ZEROS = [int(t > 0) for t in SIGNS]
PAIRS = [[a + b, a * b] for a, b in X]

# fmt: off
LOSSES = [
    # loss, targets, sizes
    (nn.mse_loss,                          LINE,    [4, 1]),
    (nn.mse_loss,                          PAIRS,   [4, 2]),
    (nn.half_squared_error,                LINE,    [4, 1]),
    (nn.cross_entropy,                     CLASSES, [4, 3]),
    (nn.binary_cross_entropy_with_logits,  ZEROS,   [4, 1]),
    (nn.hinge_loss,                        SIGNS,   [4, 1]),
    (nn.perceptron_loss,                   SIGNS,   [4, 1]),
    (lambda p, t: exp(p - t) + (p - t)**2, LINE,    [4, 1]),
]
# fmt: on
OPTIMIZERS = [
    lambda params: nn.SGD(params, lr=0.05, momentum=0.9, nesterov=True, weight_decay=0.01),
    lambda params: nn.Adam(params, lr=0.02),
    lambda params: nn.AdamW(params, lr=0.02),
    lambda params: nn.Adagrad(params, lr=0.1),
    lambda params: nn.RMSprop(params, lr=0.01, momentum=0.5, centered=True),
]


def by_hand(model, X, y, loss, optimizer, epochs, batch_size, seed=0, schedule=None):
    """What fit does, as everyone writes it; returns the mean loss of each epoch."""
    losses, lr = [], optimizer.lr
    batches = -(-len(X) // batch_size)
    for epoch in range(1, epochs + 1):
        order, total = list(nn.shuffled(len(X), seed, epoch)), 0.0
        for number, start in enumerate(range(0, len(X), batch_size)):
            batch = order[start : start + batch_size]
            if schedule is not None:
                optimizer.lr = lr * schedule(epoch - 1 + number / batches)
            optimizer.zero_grad()
            mean = sum(loss(model(X[i]), y[i]) for i in batch) / len(batch)
            mean.backward()
            optimizer.step()
            total += mean.data * len(batch)
        losses.append(total / len(X))
    optimizer.lr = lr
    return losses


def close(numbers):
    return pytest.approx(numbers, rel=1e-9, abs=1e-12)


# the same as by hand


@pytest.mark.parametrize("loss, y, sizes", LOSSES)
@pytest.mark.parametrize("batch_size", [4, 23])
def test_every_loss_as_by_hand(loss, y, sizes, batch_size):
    ours, theirs = (nn.MLP(2, sizes, activation="tanh", seed=1) for _ in range(2))
    history = nn.fit(
        ours, X, y, loss, nn.SGD(ours.parameters(), lr=0.05), epochs=3, batch_size=batch_size
    )
    optimizer = nn.SGD(theirs.parameters(), lr=0.05)
    losses = by_hand(theirs, X, y, loss, optimizer, 3, batch_size)
    assert history["loss"] == close(losses)
    assert [p.data for p in ours.parameters()] == close([p.data for p in theirs.parameters()])
    assert losses[0] != losses[-1]


@pytest.mark.parametrize("make", OPTIMIZERS)
@pytest.mark.parametrize("schedule", [None, Cosine(3), Step(1.5, 0.5), lambda t: 1 / (1 + t)])
def test_every_optimizer_as_by_hand(make, schedule):
    ours, theirs = (nn.MLP(2, [3, 1], activation="tanh", seed=1) for _ in range(2))
    optimizer, other = make(ours.parameters()), make(theirs.parameters())
    lr = optimizer.lr
    history = nn.fit(
        ours, X, LINE, nn.mse_loss, optimizer, epochs=3, batch_size=5, seed=7, schedule=schedule
    )
    losses = by_hand(theirs, X, LINE, nn.mse_loss, other, 3, 5, 7, schedule)
    assert history["loss"] == close(losses)
    assert [p.data for p in ours.parameters()] == close([p.data for p in theirs.parameters()])
    state, wanted = optimizer.state_dict(), other.state_dict()
    assert state.pop("optimizer") == wanted.pop("optimizer") and list(state) == list(wanted)
    for name in state:
        assert state[name] == close(wanted[name])
    last = 1.0 if schedule is None else schedule(3 - 1 / 5)
    assert history["rate"][-1] == lr * last and optimizer.lr == lr


def test_an_optimizer_of_ones_own():
    class Signs(nn.Optimizer):
        def step(self):
            for p in self.params:
                p.data -= self.lr * math.copysign(1.0, p.grad)

    ours, theirs = (nn.MLP(2, [3, 1], seed=1) for _ in range(2))
    optimizer = Signs(ours.parameters(), 0.01)
    schedule = Cosine(2)
    nn.fit(ours, X, LINE, nn.mse_loss, optimizer, epochs=2, batch_size=5, schedule=schedule)
    other = Signs(theirs.parameters(), 0.01)
    by_hand(theirs, X, LINE, nn.mse_loss, other, 2, 5, 0, schedule)
    assert [p.data for p in ours.parameters()] == close([p.data for p in theirs.parameters()])


def test_parameters_that_the_optimizer_does_not_have_stay():
    model = nn.MLP(2, [3, 1], seed=1)
    frozen, last = model.layers[0].parameters(), model.layers[1].parameters()
    before = [p.data for p in frozen], [p.data for p in last]
    nn.fit(model, X, LINE, nn.mse_loss, nn.SGD(last, 0.1), epochs=1)
    assert [p.data for p in frozen] == before[0]
    assert all(p.data != old for p, old in zip(last, before[1]))
    assert {p.grad for p in model.parameters()} == {0.0}


def test_arrays_and_lists_are_the_same():
    np = pytest.importorskip("numpy")
    states = []
    arrays = [
        (X, CLASSES),
        (np.array(X), np.array(CLASSES)),
        (np.asfortranarray(X), np.array(CLASSES, dtype=np.uint8)),
        (list(np.array(X)), list(np.array(CLASSES))),
        ([tuple(row) for row in X], tuple(CLASSES)),
    ]
    for inputs, targets in arrays:
        model = nn.MLP(2, [3, 3], seed=1)
        nn.fit(model, inputs, targets, nn.cross_entropy, epochs=1, batch_size=5)
        states.append(model.state_dict())
    assert all(state == states[0] for state in states)


def test_single_numbers_and_columns_of_one():
    class Line(nn.Module):
        def __init__(self):
            self.slope, self.offset = Value(1.0), Value(0.0)

        def forward(self, x):
            return self.slope * x + self.offset

    line = Line()
    xs, ys = [0.0, 1.0, 2.0, 3.0], [1.0, 3.0, 5.0, 7.0]
    optimizer = nn.SGD(line.parameters(), lr=0.1)
    nn.fit(line, xs, ys, nn.mse_loss, optimizer, epochs=500, batch_size=None)
    assert line.state_dict() == pytest.approx({"slope": 2.0, "offset": 1.0}, abs=1e-6)
    one, other = (nn.MLP(1, [1], seed=0) for _ in range(2))
    nn.fit(one, [[x] for x in xs], ys, nn.mse_loss, epochs=1)
    nn.fit(other, [[x] for x in xs], [[y] for y in ys], nn.mse_loss, epochs=1)
    assert one.state_dict() == other.state_dict()


def test_the_seed_fixes_the_order_and_nothing_else_does():
    def trained(seed, **more):
        model = nn.MLP(2, [3, 1], seed=1)
        return nn.fit(model, X, LINE, nn.mse_loss, epochs=2, batch_size=3, seed=seed, **more)

    assert trained(1)["loss"] == trained(1, threads=2)["loss"]
    assert trained(1)["loss"] != trained(2)["loss"]


def test_full_batch_is_one_step():
    model = nn.MLP(2, [1], seed=1)
    optimizer = nn.Adam(model.parameters())
    nn.fit(model, X, LINE, nn.mse_loss, optimizer, epochs=3, batch_size=None)
    assert optimizer.t == 3
    nn.fit(model, X, LINE, nn.mse_loss, optimizer, epochs=1, batch_size=10)
    assert optimizer.t == 3 + 3


@pytest.mark.parametrize("together", [1, 6, 1000])
def test_how_often_it_looks_up_does_not_matter(together, monkeypatch):
    model = nn.MLP(2, [3, 1], seed=1)
    monkeypatch.setattr("nn.epochs.TOGETHER", together)
    history = nn.fit(model, X, LINE, nn.mse_loss, epochs=2, batch_size=3, schedule=Cosine(2))
    other = nn.MLP(2, [3, 1], seed=1)
    optimizer = nn.Adam(other.parameters())
    losses = by_hand(other, X, LINE, nn.mse_loss, optimizer, 2, 3, 0, Cosine(2))
    assert history["loss"] == close(losses)
    assert [p.data for p in model.parameters()] == close([p.data for p in other.parameters()])


# what it reports


def test_the_history():
    model = nn.MLP(2, [4, 3], seed=1)
    history = nn.fit(
        model, X[:15], CLASSES[:15], nn.cross_entropy, epochs=4, batch_size=5,
        validation_data=(X[15:], CLASSES[15:]),
    )  # fmt: skip
    assert list(history) == ["loss", "validation_loss", "accuracy", "rate", "seconds"]
    assert history.epochs == 4 and history["rate"] == [1e-3] * 4 and min(history["seconds"]) > 0
    logits = [model(x) for x in X[15:]]
    assert history["validation_loss"][-1] == close(nn.cross_entropy(logits, CLASSES[15:]).data)
    right = [max(range(3), key=row.__getitem__) == t for row, t in zip(logits, CLASSES[15:])]
    assert history["accuracy"][-1] == sum(right) / len(right)
    assert not history.interrupted and history.stopped is None


# fmt: off
ACCURACIES = [
    # loss, parameters of p = w·x, rows, targets, share that is right
    (nn.binary_cross_entropy_with_logits, 1.0, [[-1.0], [2.0], [3.0], [0.0]], [0, 1, 0, 1], 0.5),
    (nn.hinge_loss,                       1.0, [[-1.0], [2.0], [3.0], [-4.0]], [-1, 1, -1, -1], 0.75),
    (nn.perceptron_loss,                 -1.0, [[-1.0], [2.0], [3.0], [-4.0]], [-1, 1, -1, -1], 0.25),
    (nn.binary_cross_entropy,             0.1, [[4.0], [6.0], [7.0], [1.0]], [0.0, 1.0, 0.9, 0.2], 1.0),
]
# fmt: on


@pytest.mark.parametrize("loss, w, rows, targets, share", ACCURACIES)
def test_the_accuracy_of_every_kind(loss, w, rows, targets, share):
    class Scale(nn.Module):
        def __init__(self):
            self.w = Value(w)

        def forward(self, x):
            return self.w * x[0]

    model = Scale()
    still = nn.SGD(model.parameters(), lr=0.0)
    history = nn.fit(model, rows, targets, loss, still, epochs=1, metric="accuracy")
    assert history["accuracy"] == [share]
    history = nn.fit(model, rows, targets, loss, still, epochs=1)
    assert "accuracy" not in history  # on what is learned from only if it is asked for
    data = (rows, targets)
    history = nn.fit(model, rows, targets, loss, still, epochs=1, validation_data=data)
    assert history["accuracy"] == [share]


def test_a_metric_of_ones_own():
    np = pytest.importorskip("numpy")
    model = nn.MLP(2, [2], seed=1)

    def worst(predictions, targets):
        assert targets == PAIRS and isinstance(predictions[0], list)
        pairs = zip(predictions, targets)
        return max(abs(a - b) for p, t in pairs for a, b in zip(p, t))

    for inputs in (X, np.array(X)):
        history = nn.fit(model, inputs, PAIRS, nn.mse_loss, epochs=1, metric=worst)
        predictions = [[v.data for v in model(x)] for x in X]
        assert history["worst"] == close([worst(predictions, PAIRS)])


def test_no_metric_for_a_regression_with_validation_data():
    history = nn.fit(nn.MLP(2, [1]), X, LINE, "mse_loss", epochs=1, validation_data=(X, LINE))
    assert list(history) == ["loss", "validation_loss", "rate", "seconds"]


def test_measuring_is_done_in_eval_mode_and_training_in_training_mode():
    seen = []

    class Told(nn.Module):
        def __init__(self):
            self.inner = nn.Neuron(2, None, seed=0)

        def forward(self, x):
            seen.append((self.training, self.inner.training))
            return self.inner(x)

    model = Told().eval()
    nn.fit(model, X, LINE, nn.mse_loss, epochs=2, validation_data=(X[:2], LINE[:2]))
    assert set(seen) == {(True, True), (False, False)}
    assert not model.training and not model.inner.training
    assert nn.fit(model.train(), X, LINE, nn.mse_loss, epochs=1) and model.training


def test_reduce_on_plateau_hears_the_validation_loss():
    model = nn.MLP(2, [1], seed=1)
    still = nn.SGD(model.parameters(), lr=0.0)
    schedule = ReduceOnPlateau(0.5, patience=0)
    nn.fit(
        model, X, LINE, nn.mse_loss, still, epochs=3, schedule=schedule,
        validation_data=(X[:3], LINE[:3]),
    )  # fmt: skip
    assert schedule(0.0) == 0.25
    assert schedule.best == nn.mse_loss([model(x).data for x in X[:3]], LINE[:3])


def test_the_bar(capsys):
    pytest.importorskip("tqdm")
    model = nn.MLP(2, [3, 3], seed=1)
    data = (X, CLASSES)
    nn.fit(
        model,
        X,
        CLASSES,
        "cross_entropy",
        epochs=2,
        batch_size=4,
        progress=True,
        validation_data=data,
    )
    printed = capsys.readouterr().err
    assert "epoch 2/2: 100%" in printed and "12/12" in printed
    assert re.search(r", loss \d\.\d{4}, accuracy \d+\.\d%, validation loss \d\.\d{4}\]", printed)
    assert (
        f"accuracy {nn.objectives.accuracy(nn.objectives.largest, None, model.predict(X), CLASSES):.1%}"
        in printed
    )
    nn.fit(model, X, CLASSES, "cross_entropy", epochs=2)
    assert capsys.readouterr().err == ""


def test_a_missing_tqdm_is_named_with_the_command(monkeypatch):
    genuine = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "tqdm":
            raise ImportError("No module named 'tqdm'")
        return genuine(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    model = nn.MLP(2, [1], seed=1)
    before = model.state_dict()
    with pytest.raises(ImportError, match="progress=True needs tqdm.*: pip install tqdm"):
        nn.fit(model, X, LINE, nn.mse_loss, progress=True)
    assert model.state_dict() == before


# Ctrl-C and divergence


class Pressing(Eager):
    """An engine under which Ctrl-C is pressed in the middle of an epoch."""

    def __init__(self, f, params, epochs):
        super().__init__(f, params)
        self.left = epochs

    def epoch(self, columns, order, batch_size, optimizer, rates=None):
        super().epoch(columns, order, batch_size, optimizer, rates)
        self.left -= 1
        if self.left < 0:
            self.params[0].data = math.nan
            optimizer.lr = 99.0
            raise KeyboardInterrupt
        return 1.0


@pytest.mark.parametrize("finished", [0, 1, 3])
def test_ctrl_c_leaves_the_last_finished_epoch(finished, monkeypatch):
    model = nn.MLP(2, [3, 1], seed=1)
    optimizer = nn.Adam(model.parameters(), lr=0.01)
    states = [(model.state_dict(), optimizer.state_dict())]

    def engine(model, rows, plan, params, penalty=None):
        loss = lambda x, t: nn.mse_loss(model(x), t)  # noqa: E731
        return Pressing(loss, params, finished)

    monkeypatch.setattr("nn.epochs.engine_for", engine)
    keep = lambda run: states.append((model.state_dict(), optimizer.state_dict()))  # noqa: E731
    history = nn.fit(model, X, LINE, nn.mse_loss, optimizer, epochs=9, callbacks=[keep])
    assert history.interrupted and history.epochs == finished
    assert len(states) == finished + 1
    assert (model.state_dict(), optimizer.state_dict()) == states[-1]
    assert {p.grad for p in model.parameters()} == {0.0}


def test_ctrl_c_while_it_measures_takes_the_whole_epoch_back():
    model = nn.MLP(2, [1], seed=1)
    states = [model.state_dict()]

    def metric(predictions, targets):
        if len(states) == 3:
            raise KeyboardInterrupt
        states.append(model.state_dict())
        return 0.0

    history = nn.fit(model, X, LINE, nn.mse_loss, epochs=9, metric=metric)
    assert history.interrupted and history.epochs == 2
    assert {len(numbers) for numbers in history.values()} == {2}
    assert model.state_dict() == states[-1]


@pytest.mark.parametrize("lr, epochs", [(1e306, 0), (1e200, 0), (0.9, 5)])
def test_divergence_leaves_the_last_finite_epoch(lr, epochs):
    model = nn.MLP(2, [1], seed=1)
    optimizer = nn.SGD(model.parameters(), lr=lr, momentum=0.5)
    states = [(model.state_dict(), optimizer.state_dict())]
    keep = lambda run: states.append((model.state_dict(), optimizer.state_dict()))  # noqa: E731
    far = [[100 * a, 100 * b] for a, b in X]
    with pytest.raises(
        nn.Diverged, match=r"training diverged in epoch \d+: (the loss|a parameter) is"
    ) as error:
        nn.fit(model, far, LINE, nn.mse_loss, optimizer, epochs=500, callbacks=[keep])
    assert isinstance(error.value, ArithmeticError)
    assert (model.state_dict(), optimizer.state_dict()) == states[-1]
    assert all(map(math.isfinite, model.state_dict().values()))
    assert error.value.history.epochs == len(states) - 1 >= epochs
    assert f"in epoch {len(states)}" in str(error.value)
    if lr == 1e306:  # the loss is computed before the step that ruins the parameters
        assert "in epoch 1: a parameter is not finite" in str(error.value)
    left = "it was before" if len(states) == 1 else f"epoch {len(states) - 1} left it"
    assert f"The model is as {left}. Take a smaller learning rate (lr is {lr})" in str(error.value)


def test_a_loss_that_is_not_finite_is_divergence_whatever_its_gradient():
    model = nn.MLP(2, [1], seed=1)
    with pytest.raises(nn.Diverged, match="in epoch 1: the loss is nan. The model is as it was"):
        nn.fit(model, X, LINE, lambda p, t: (p - t) ** 2 + math.nan)


# what it refuses


def changed(X, place, row):
    return [*X[:place], row, *X[place + 1 :]]


nan, inf = math.nan, math.inf
MODEL = nn.MLP(2, [3, 1], seed=1)
SCORES = nn.MLP(2, [3, 3], seed=1)
# fmt: off
BAD = [
    # what is given instead, error, message
    (dict(X=[], y=[]),                      ValueError, "X has no rows: there is nothing to learn from"),
    (dict(X=[[], []], y=[1.0, 2.0]),        ValueError, "X has no numbers in its rows"),
    (dict(y=LINE[:-1]),                     ValueError, "X has 23 rows and y has 22: there must be one target"),
    (dict(X=changed(X, 7, [1.0])),          ValueError, "X: row 7 has 1, but row 0 has 2 numbers: all must have"),
    (dict(X=changed(X, 7, 1.0)),            ValueError, "X: row 7 is 1.0, but row 0 has 2 numbers"),
    (dict(y=changed(LINE, 7, [1.0])),       ValueError, "y: row 7 has 1, but row 0 is a single number"),
    (dict(X=[[1.0, 2.0, 3.0]] * 23),        ValueError, "X has rows of 3 numbers, .* MLP expects 2 inputs, got 3"),
    (dict(X=LINE),                          TypeError,  "X has single numbers, and the model takes others: .*no row"),
    (dict(X=changed(X, 7, [1.0, nan])),     ValueError, "X: row 7, number 1, is nan: leave such rows out"),
    (dict(X=changed(X, 0, [-inf, 1.0])),    ValueError, "X: row 0, number 0, is -inf"),
    (dict(y=changed(LINE, 22, nan)),        ValueError, "y: row 22 is nan"),
    (dict(X=changed(X, 7, [1.0, "2"])),     TypeError,  r"X: row 7 is \[1.0, '2'\], not numbers"),
    (dict(X=changed(X, 7, [1.0, None])),    TypeError,  r"X: row 7 is \[1.0, None\], not numbers"),
    (dict(y=changed(LINE, 7, Value(1.0))),  TypeError,  r"y: row 7 is Value\(.*, not numbers"),
    (dict(X="ab" * 23),                     TypeError,  "X must be an array .* or a list of rows, got a str"),
    (dict(X=5),                             TypeError,  "X must be an array .* or a list of rows, got a int"),
    (dict(model=SCORES, loss=nn.cross_entropy, y=LINE), TypeError, "target 0 is .* allowed are the ints from 0 to 2"),
    (dict(model=SCORES, loss=nn.cross_entropy, y=changed(CLASSES, 9, 3)), ValueError, "target 9 is 3, allowed are the ints"),
    (dict(model=SCORES, loss=nn.cross_entropy, y=[[0, 1, 0]] * 23), ValueError, r"one class for each row.*y.argmax\(axis=1\)"),
    (dict(loss=nn.cross_entropy, y=CLASSES), TypeError, "cross_entropy needs a row of logits, got the single number"),
    (dict(loss=nn.hinge_loss, y=changed(SIGNS, 9, 0)), ValueError, "hinge_loss: y: row 9 is 0.0, allowed is -1 or .1"),
    (dict(loss=nn.binary_cross_entropy_with_logits, y=changed(ZEROS, 9, 2)), ValueError, "row 9 is 2.0, allowed is from 0"),
    (dict(loss="mse_los"),                  ValueError, "unknown loss 'mse_los': did you mean 'mse_loss'. Allowed are"),
    (dict(loss=3.0),                        TypeError,  "loss must be a function of a prediction and a target, or a n"),
    (dict(loss=lambda p, t: 1.0),           TypeError,  "the loss must return one Value for each row, got 1.0 of type"),
    (dict(loss=lambda p, t: [p - t]),       TypeError,  "the loss must return one Value for each row, got .* of type list"),
    (dict(optimizer="adma"),                ValueError, "unknown optimizer 'adma': did you mean 'adam'"),
    (dict(optimizer=nn.SGD),                TypeError,  "optimizer must be a name or an optimizer, as in nn.SGD"),
    (dict(optimizer=nn.SGD(SCORES.parameters(), 0.1)), ValueError, "21 of the optimizer's 21 parameters are not the model's"),
    (dict(model=lambda x: x[0]),            TypeError,  "fit trains a Module, got <function"),
    (dict(epochs=0),                        ValueError, "epochs must be at least 1, got 0"),
    (dict(epochs=2.0),                      TypeError,  "epochs must be an int, got 2.0"),
    (dict(batch_size=0),                    ValueError, "batch_size must be at least 1, got 0"),
    (dict(batch_size=True),                 TypeError,  "batch_size must be an int, got True"),
    (dict(threads=0),                       ValueError, "threads must be at least 1, got 0"),
    (dict(seed=None),                       TypeError,  "seed must be an int, got None"),
    (dict(dtype="float16"),                 ValueError, "dtype must be 'float64' or 'float32', got 'float16'"),
    (dict(schedule=Cosine),                 TypeError,  "schedule must be one of nn.schedules or a function"),
    (dict(schedule=0.1),                    TypeError,  "schedule must be one of nn.schedules or a function"),
    (dict(schedule=lambda t: -t),           ValueError, r"schedule\(1.0\) is -1.0: a factor of the learning rate must"),
    (dict(metric="acuracy"),                ValueError, "unknown metric 'acuracy': did you mean 'accuracy'"),
    (dict(metric="accuracy"),               ValueError, "the accuracy is not defined for mse_loss: pass metric=function"),
    (dict(validation_data=X),               TypeError,  r"validation_data must be a pair \(X, y\), got a list"),
    (dict(validation_data=(X, LINE[:4])),   ValueError, "the X of validation_data has 23 rows and the y of valid"),
    (dict(validation_data=([[nan, 1]], [0])), ValueError, "the X of validation_data: row 0, number 0, is nan"),
]
# fmt: on


@pytest.mark.parametrize("given, error, message", BAD)
def test_what_does_not_fit_changes_nothing(given, error, message):
    given = dict(model=MODEL, X=X, y=LINE, loss=nn.mse_loss, epochs=2, batch_size=None) | given
    before = MODEL.state_dict(), SCORES.state_dict()
    with pytest.raises(error, match=message):
        nn.fit(**given)
    if "schedule" not in message or error is TypeError:
        assert (MODEL.state_dict(), SCORES.state_dict()) == before


# fmt: off
BAD_ARRAYS = [
    # what becomes of an array of shape (23, 2), error, message
    (lambda a: a.reshape(23, 2, 1),     ValueError, r"shape \(rows, width\) or \(rows,\), got \(23, 2, 1\).*reshape"),
    (lambda a: a.astype(str),           TypeError,  "X must hold numbers, got an array of <U32: convert it"),
    (lambda a: a.astype(object),        TypeError,  "X must hold numbers, got an array of object"),
    (lambda a: a + 1j,                  TypeError,  "X must hold numbers, got an array of complex128"),
    (lambda a: a[:0],                   ValueError, "X has no rows"),
    (lambda a: a[:, :0],                ValueError, "X has no numbers in its rows"),
    (lambda a: a * [1.0, inf],          ValueError, "X: row 0, number 1, is -?inf"),
]
# fmt: on


@pytest.mark.parametrize("change, error, message", BAD_ARRAYS)
def test_arrays_that_do_not_fit(change, error, message):
    np = pytest.importorskip("numpy")
    with pytest.raises(error, match=message):
        nn.fit(MODEL, change(np.array(X)), LINE, nn.mse_loss)


def test_nan_is_found_without_numpy(monkeypatch):
    monkeypatch.delitem(sys.modules, "numpy", raising=False)
    with pytest.raises(ValueError, match="X: row 1, number 0, is nan"):
        column([[1.0, 2.0], [nan, 3.0]], "X")
    found = column([[1, 2], [3, 4]], "X")
    assert found.whole and found.tolist() == [[1.0, 2.0], [3.0, 4.0]] and found.row(1) == [3.0, 4.0]
    assert not column([1, True], "X").whole


# the engine of last resort


def test_eager_computes_with_all_digits(monkeypatch):
    monkeypatch.setattr(nn.epochs, "can_replay", lambda: False)
    with pytest.raises(ValueError, match="dtype='float32' needs an engine that replays"):
        nn.fit(MODEL.eval(), X, LINE, nn.mse_loss, dtype="float32")
    assert not MODEL.training and MODEL.train()


def test_eager_sums_row_by_row():
    w = Value(0.5)
    engine = Eager(lambda x, t: (w * x[0] - t) ** 2, [w])
    columns = [column([[1.0], [2.0], [3.0]], "X").data, column([1.0, 0.0, -1.0], "y").data]
    seen = []

    class Look(nn.Optimizer):
        def step(self):
            seen.append((self.lr, w.grad))

    look = Look([w], 0.25)
    order = array("q", [2, 0, 1])
    mean = engine.epoch(columns, order, 2, look)
    # (0.5·3 + 1)² = 6.25, (0.5 - 1)² = 0.25, 1² = 1; derivatives 2·2.5·3, 2·(-0.5)·1, 2·1·2
    assert mean == engine.mean(columns) == (6.25 + 0.25 + 1.0) / 3
    assert seen == [(0.25, (15.0 - 1.0) / 2), (0.25, 4.0)]
    engine.epoch(columns, order, 2, look, array("d", [0.5, 0.125]))
    assert [lr for lr, _ in seen[2:]] == [0.5, 0.125] and look.lr == 0.25
    assert engine.mean(columns, array("q", [1])) == 1.0


# predict


def test_predict():
    np = pytest.importorskip("numpy")
    one, three = nn.MLP(2, [4, 1], seed=0), nn.MLP(2, [4, 3], seed=0)
    answers = one.predict(X)
    assert answers == [one(x).data for x in X] and type(answers[0]) is float
    assert three.predict(X) == [[z.data for z in three(x)] for x in X]
    array_of = three.predict(np.array(X))
    assert isinstance(array_of, np.ndarray) and array_of.shape == (23, 3)
    assert np.allclose(array_of, three.predict(X), rtol=1e-13)  # replayed: rounded otherwise
    assert one.predict(np.array(X)).shape == (23,)
    assert one.predict([]) == []
    with pytest.raises(ValueError, match="MLP expects 2 inputs, got 3"):
        one.predict([[1.0, 2.0, 3.0]])

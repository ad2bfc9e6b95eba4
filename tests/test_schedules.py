"""Schedules: by hand, as PyTorch's schedulers have them, their plots, and bad settings."""

import builtins
import copy
import math
import pickle
import sys

import pytest

import nn
from nn.schedules import (
    Constant,
    Cosine,
    Exponential,
    Linear,
    OneCycle,
    ReduceOnPlateau,
    Schedule,
    Step,
    WarmUp,
)

EVERY = [
    Constant(0.5),
    Step(3, 0.5),
    Exponential(0.9),
    Linear(6, end=0.25),
    Cosine(6, end=0.1),
    WarmUp(2, then=Cosine(6)),
    OneCycle(8),
    ReduceOnPlateau(),
]

# fmt: off
BY_HAND = [
    # schedule, epoch and factor
    (Constant(0.5),                     {0: 0.5, 100: 0.5}),
    (Step(10),                          {0: 1.0, 9.99: 1.0, 10: 0.1, 20: 0.01}),
    (Step(2.5, 0.5),                    {2.4: 1.0, 2.5: 0.5, 5.0: 0.25}),
    (Exponential(0.5),                  {0: 1.0, 0.5: math.sqrt(0.5), 3: 0.125}),
    (Linear(4),                         {0: 1.0, 1: 0.75, 3: 0.25, 4: 0.0, 9: 0.0}),
    (Linear(4, end=2.0, start=0.0),     {0: 0.0, 1: 0.5, 8: 2.0}),
    (Cosine(4),                         {0: 1.0, 1: (1 + math.sqrt(0.5)) / 2, 2: 0.5, 4: 0.0, 5: 0.0}),
    (Cosine(4, end=0.2),                {0: 1.0, 2: 0.6, 4: 0.2, 99: 0.2}),
    (WarmUp(4),                         {0: 0.1, 2: 0.55, 4: 1.0, 9: 1.0}),
    (WarmUp(4, start=0.0),              {0: 0.0, 1: 0.25}),
    (WarmUp(4, then=Linear(2)),         {3.9: 0.9775, 4: 1.0, 5: 0.5, 6: 0.0}),
    (OneCycle(10),                      {0: 0.04, 3: 1.0, 6.5: (1 + 4e-6) / 2, 10: 4e-6, 11: 4e-6}),
    (OneCycle(10, 0.5, 0.0, 0.0),       {2.5: 0.5, 5: 1.0, 7.5: 0.5}),
]
# fmt: on


@pytest.mark.parametrize("schedule, factors", BY_HAND, ids=lambda x: str(x))
def test_by_hand(schedule, factors):
    for epoch, factor in factors.items():
        assert schedule(epoch) == pytest.approx(factor, rel=1e-12, abs=1e-15), epoch


def reduced(losses, **settings):
    schedule, factors = ReduceOnPlateau(**settings), []
    for loss in losses:
        schedule.observe(loss)
        factors.append(schedule(0.0))
    return factors


def test_reduce_on_plateau_by_hand():
    # better, better, three that are not: with patience 2 the third is one too many
    assert reduced([5, 4, 4, 4, 4], factor=0.5, patience=2) == [1, 1, 1, 1, 0.5]
    assert reduced([5, 5, 5, 5], factor=0.5, patience=0) == [1, 0.5, 0.25, 0.125]
    assert reduced([5, 5, 5, 5], factor=0.5, patience=0, least=0.3) == [1, 0.5, 0.3, 0.3]
    assert reduced([5, 4.6, 4.2], factor=0.5, patience=0, threshold=0.1) == [1, 0.5, 0.5]
    assert reduced([5, math.nan, 4], factor=0.5, patience=0) == [1, 0.5, 0.5]


def torch_rates(make, steps):
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    scheduler = make(torch.optim.lr_scheduler, optimizer)
    rates = []
    for _ in range(steps):
        rates.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        scheduler.step()
    return rates


# fmt: off
AS_IN_TORCH = [
    # schedule, PyTorch's, steps; its unit of time is a step, ours an epoch, which one step may be
    (Step(3, 0.5),              lambda m, o: m.StepLR(o, 3, 0.5),               10),
    (Exponential(0.9),          lambda m, o: m.ExponentialLR(o, 0.9),           10),
    (Linear(5, 0.0, 0.5),       lambda m, o: m.LinearLR(o, 0.5, 0.0, 5),        10),
    (Cosine(8, 0.1),            lambda m, o: m.CosineAnnealingLR(o, 8, 0.1),    9),
    # 20 steps are 19 ways from one to the next, and PyTorch's highest is step 0.3·20 - 1
    (OneCycle(19, rise=5 / 19), lambda m, o: m.OneCycleLR(o, 1.0, 20),          20),
]
# fmt: on


@pytest.mark.parametrize("schedule, theirs, steps", AS_IN_TORCH, ids=lambda x: str(x)[:20])
def test_as_in_pytorch(schedule, theirs, steps):
    rates = torch_rates(theirs, steps)
    assert [schedule(step) for step in range(steps)] == pytest.approx(rates, rel=1e-12, abs=1e-15)


def test_reduce_on_plateau_as_in_pytorch():
    torch = pytest.importorskip("torch")
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=1.0)
    theirs = torch.optim.lr_scheduler.ReduceLROnPlateau(optimizer, factor=0.5, patience=1)
    losses = [3, 2, 2, 2.1, 1.9999, 1.5, 1.6, 1.7, 1.8, 1.4999, 1.49986, 1, 1, 1]
    rates = []
    for loss in losses:
        theirs.step(loss)
        rates.append(optimizer.param_groups[0]["lr"])
    assert reduced(losses, factor=0.5, patience=1) == rates


def test_warm_up_passes_on_what_is_observed():
    schedule = WarmUp(1, then=ReduceOnPlateau(factor=0.5, patience=0))
    for loss in (1.0, 1.0, 1.0):
        schedule.observe(loss)
    assert schedule(5.0) == 0.25
    state = schedule.state_dict()
    other = WarmUp(1, then=ReduceOnPlateau(factor=0.5, patience=0))
    other.load_state_dict(state)
    assert other(5.0) == 0.25 and other.state_dict() == state
    other.load_state_dict({})
    assert other(5.0) == 1.0


@pytest.mark.parametrize("schedule", EVERY, ids=repr)
def test_it_is_plain_data(schedule):
    assert eval(repr(schedule), vars(nn.schedules)) == schedule
    assert pickle.loads(pickle.dumps(schedule)) == copy.deepcopy(schedule) == schedule
    assert isinstance(schedule, Schedule)


@pytest.mark.parametrize("schedule", EVERY, ids=repr)
def test_the_plot_shows_the_factor(schedule):
    matplotlib = pytest.importorskip("matplotlib")
    matplotlib.use("Agg")
    from matplotlib import pyplot

    axes = schedule.plot(5)
    times, factors = axes.lines[0].get_data()
    assert (times[0], times[-1]) == (0.0, 5.0)
    assert list(factors) == [schedule(time) for time in times]
    assert schedule.plot(5, axes) is axes and len(axes.lines) == 2
    pyplot.close("all")


def test_a_missing_matplotlib_is_named_with_the_command(monkeypatch):
    genuine = builtins.__import__

    def without(name, *args, **kwargs):
        if name.startswith("matplotlib"):
            raise ImportError("No module named 'matplotlib'")
        return genuine(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    monkeypatch.delitem(sys.modules, "matplotlib", raising=False)
    with pytest.raises(ImportError, match="plotting needs matplotlib.*: pip install matplotlib"):
        Constant().plot()
    with pytest.raises(ImportError, match="pip install matplotlib"):
        nn.History({"loss": [1.0]}).plot()


# fmt: off
BAD = [
    # what makes it, error, message
    (lambda: Step(0),                   ValueError, "Step: every must be a finite number above 0, got 0"),
    (lambda: Step(5, -0.1),             ValueError, "Step: factor must be a finite number of at least 0"),
    (lambda: Exponential(0.0),          ValueError, "Exponential: factor must be .* above 0"),
    (lambda: Linear("10"),              TypeError,  "Linear: length must be a number, got '10'"),
    (lambda: Cosine(math.inf),          ValueError, "Cosine: length must be a finite number above 0, got inf"),
    (lambda: Cosine(5, math.nan),       ValueError, "Cosine: end must be a finite number of at least 0, got nan"),
    (lambda: Constant(None),            TypeError,  "Constant: factor must be a number, got None"),
    (lambda: WarmUp(5, 0.5),            TypeError,  r"then must be a schedule, as in then=Cosine\(10\), got 0.5"),
    (lambda: OneCycle(10, rise=1.0),    ValueError, "rise must be above 0 and below 1, got 1.0"),
    (lambda: ReduceOnPlateau(1.0),      ValueError, "factor must be above 0 and below 1, got 1.0"),
    (lambda: ReduceOnPlateau(patience=-1), ValueError, "patience must be a finite number of at least 0"),
    (lambda: Schedule()(0.0),           NotImplementedError, r"define __call__\(self, epoch\)"),
]
# fmt: on


@pytest.mark.parametrize("make, error, message", BAD)
def test_bad_settings(make, error, message):
    with pytest.raises(error, match=message):
        make()

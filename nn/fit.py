"""fit: training, from rows of numbers to a model that has learned them, in one call."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from math import inf
from typing import Any

from .augmentation import Augment
from .callbacks import AnyCallback, callbacks_of
from .checkpoint import resume as take_over
from .epochs import Penalty, Plan, train
from .history import History
from .layers import size
from .module import Module
from .objectives import Loss, Metric, metric_of, objective
from .optimizer import Optimizer, positive
from .optimizers import optimizer_named
from .rows import rows_for
from .run import Run

DTYPES = ("float64", "float32")


def fit(
    model: Module,
    X: Any,
    y: Any,
    loss: str | Loss,
    optimizer: str | Optimizer | None = "adam",
    epochs: int = 10,
    batch_size: int | None = 32,
    validation_data: tuple[Any, Any] | None = None,
    callbacks: Iterable[AnyCallback] = (),
    seed: int = 0,
    progress: bool = False,
    threads: int = 1,
    schedule: Callable[[float], float] | None = None,
    metric: str | Metric | None = None,
    dtype: str = "float64",
    penalty: Penalty | None = None,
    clip_norm: float | None = None,
    augment: Augment | None = None,
    resume: str | os.PathLike[str] | None = None,
) -> History:
    """Train a model on rows of numbers; returns what became of the loss, epoch by epoch.

    An epoch takes every row once, in batches, in an order that is drawn anew for each epoch. For
    each batch the optimizer steps along the gradient of the mean of the loss over its rows. The
    parameters are ordinary Values before, during and after; their gradients are 0 afterwards.

    Args:
        model: a Module that is called with one row.
        X: the inputs, an array of shape (rows, width) or a list of rows. Single numbers, too.
        y: the targets, one per row: numbers, rows of numbers, or ints where they are classes.
        loss: a function of the prediction and the target of one row, such as `nn.mse_loss`, or
            the name of one of `nn`.
        optimizer: a name ("sgd", "adagrad", "rmsprop", "adam", "adamw"), or an optimizer over the
            model's parameters or some of them: the others stay as they are. None is "adam".
        epochs: how often every row is seen.
        batch_size: how many rows a step takes; None for all of them.
        validation_data: inputs and targets that are not learned from; measured after each epoch.
        callbacks: functions of a `Run`, `EarlyStopping`, `Checkpoint`: what is done after each
            epoch.
        seed: fixes the order of the rows: in epoch e it is that of `nn.shuffled(rows, seed, e)`.
        progress: whether to show a bar (needs tqdm).
        threads: over how many threads the rows of a batch are spread; results do not depend on it.
        schedule: how lr changes; see `nn.schedules`.
        metric: a function of all predictions and all targets, or "accuracy", measured on the
            validation data, or on what is learned from if there are none. By default the accuracy
            on the validation data, where the loss is one of classification.
        dtype: "float32" computes with half the digits, for more speed.
        penalty: what is added to the loss, such as `nn.L2(0.01)`: a function of the model. It is
            part of what the history calls "loss", and not of the validation loss.
        clip_norm: how long the gradient of a batch may be; a longer one is shortened to that, as
            by `nn.clip_grad_norm_`.
        augment: other inputs for each epoch: a function of all rows and a `random.Random` that
            returns as many rows of the same width, such as shifted images. The rows are a copy,
            an array if X is one, else lists.
        resume: the file of a `Checkpoint` to go on from, as if training had never ended: with the
            same data and settings the results are the same to the last bit. `epochs` counts from
            the start. What the optimizer was made with is replaced by what was saved.

    Ctrl-C ends training early: the model, its optimizer and the history are left as the last
    finished epoch left them, and `history.interrupted` is True.

    Raises ValueError or TypeError for data or settings that do not fit, before anything has
    changed; Diverged when an epoch ends with a loss or a parameter that is not finite: then, as
    after an error in a callback, all is left as the epoch before it left it.

    >>> import nn
    >>> model = nn.MLP(1, [1], seed=0)
    >>> history = fit(
    ...     model, [[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], nn.mse_loss,
    ...     optimizer=nn.SGD(model.parameters(), lr=0.1), epochs=200, batch_size=None,
    ... )
    >>> round(model([10.0]).data, 3)
    21.0
    """
    if not isinstance(model, Module):
        raise TypeError(
            f"fit trains a Module, got {model!r}: build one of nn's, or write a subclass of Module"
        )
    found = objective(loss)
    rows = rows_for(model, found, X, y)
    tests = None
    if validation_data is not None:
        names = ("the X of validation_data", "the y of validation_data")
        tests = rows_for(model, found, *pair(validation_data), names)
    batch_size = len(rows) if batch_size is None else size(batch_size, "batch_size")
    if dtype not in DTYPES:
        raise ValueError(f"dtype must be 'float64' or 'float32', got {dtype!r}")
    if isinstance(seed, bool) or not isinstance(seed, int):
        raise TypeError(f"seed must be an int, got {seed!r}")
    if schedule is not None and (isinstance(schedule, type) or not callable(schedule)):
        raise TypeError(
            f"schedule must be one of nn.schedules or a function of the epoch, got {schedule!r}"
        )
    run = Run(
        model,
        optimizer_for(model, optimizer),
        History(),
        epochs=size(epochs, "epochs"),
        schedule=schedule,
        callbacks=callbacks_of(callbacks),
        settings={
            "loss": name_of(found.loss),
            "batch_size": batch_size,
            "seed": seed,
            "rows": len(rows),
            "data": rows.checksum(),
            "validation data": tests.checksum() if tests else None,
            "schedule": None if schedule is None else name_of(schedule),
            "dtype": dtype,
            "penalty": None if penalty is None else name_of(penalty),
            "clip_norm": clip_norm,
            "augment": None if augment is None else name_of(augment),
        },
    )
    measure = metric_of(metric, found, validated=tests is not None)
    if penalty is not None and (isinstance(penalty, type) or not callable(penalty)):
        raise TypeError(
            f"penalty must be a function of the model, such as nn.L2(0.01), got {penalty!r}"
        )
    if augment is not None and not callable(augment):
        raise TypeError(f"augment must be a function of rows and a Random, got {augment!r}")
    plan = Plan(
        found, rows, tests, measure, batch_size, seed, size(threads, "threads"), dtype, penalty,
        inf if clip_norm is None else positive("clip_norm", clip_norm, "it is a length"), augment,
    )  # fmt: skip
    for callback in run.callbacks:
        callback.start(run)
    if resume is not None:
        take_over(run, resume)
    train(run, plan, bool(progress))
    return run.history


def optimizer_for(model: Module, optimizer: str | Optimizer | None) -> Optimizer:
    """The optimizer of that name over all parameters, or the one given, if it is over the model's.

    Raises ValueError for an unknown name, or for parameters that are not the model's; TypeError
    for what is no optimizer.
    """
    if optimizer is None or isinstance(optimizer, str):
        return optimizer_named(optimizer or "adam", model.parameters())
    if not isinstance(optimizer, Optimizer):
        raise TypeError(
            f"optimizer must be a name or an optimizer, as in nn.SGD(model.parameters(), lr=0.1), "
            f"got {optimizer!r}"
        )
    own = set(map(id, model.parameters()))
    strange = sum(id(p) not in own for p in optimizer.params)
    if strange:
        raise ValueError(
            f"{strange} of the optimizer's {len(optimizer.params)} parameters are not the model's: "
            "make it after the model, from model.parameters()"
        )
    return optimizer


def pair(validation_data: Any) -> tuple[Any, Any]:
    """Inputs and targets."""
    if not isinstance(validation_data, (tuple, list)) or len(validation_data) != 2:
        raise TypeError(
            f"validation_data must be a pair (X, y), got a {type(validation_data).__name__}"
        )
    return validation_data[0], validation_data[1]


def name_of(thing: Any) -> str:
    """What a function or a schedule is called, the same in another process."""
    return str(getattr(thing, "__qualname__", None) or repr(thing))

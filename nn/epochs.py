"""Epochs: the loop of training, epoch after epoch until all are done or something ends it."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from math import inf, isfinite
from time import perf_counter
from typing import Any, Protocol, TypeAlias

from autograd import Value, mean, no_grad
from autograd.loops import zero_grad
from autograd.shuffling import shuffled
from autograd.tape.training import Training, can_replay

from .augmentation import Augment, Augmented
from .batchwise import Batchwise
from .dropout import Dropout, Masks, drawn
from .eager import Eager
from .history import History
from .module import Module
from .normalisation import BatchNorm
from .objectives import Loss, Metric, Objective
from .optimizer import Optimizer
from .progress import Progress
from .rows import Rows, target_of
from .run import Run
from .schedules import Schedule

Penalty: TypeAlias = Callable[[Module], Any]

TOGETHER = 1024  # rows, about, between two looks at the progress bar and at Ctrl-C


class Engine(Protocol):
    """What runs a function of one row over many; see `eager.Eager`."""

    def epoch(
        self,
        columns: Sequence[Any],
        order: array[int],
        batch_size: int,
        optimizer: Optimizer,
        rates: array[float] | None = None,
    ) -> float: ...
    def mean(self, columns: Sequence[Any], order: Sequence[int] | None = None) -> float: ...


class Diverged(FloatingPointError):
    """The loss or a parameter is not finite any more; `history` holds the epochs before."""

    history: History


@dataclass(frozen=True)
class Plan:
    """What an epoch does."""

    objective: Objective
    rows: Rows
    tests: Rows | None
    metric: tuple[str, Metric] | None
    batch_size: int
    seed: int
    threads: int = 1
    dtype: str = "float64"
    penalty: Penalty | None = None
    max_norm: float = inf
    augment: Augment | None = None


def engine_for(
    model: Module, rows: Rows, plan: Plan, params: list[Value], penalty: Penalty | None = None
) -> Engine:
    """What computes the loss of a row, with a penalty, and its gradient by the parameters.

    Raises ValueError for a dtype that the engine does not have.
    """
    if any(isinstance(module, BatchNorm) for module in model.modules()):
        whole = partial(batch_loss, model, plan.objective.loss, rows.y.whole)
        whole = whole if penalty is None else partial(penalised, whole, penalty, model)
        return Batchwise(whole, params, plan.max_norm)
    loss_of_row = partial(row_loss, model, plan.objective.loss, rows.y.whole)
    if penalty is not None:  # the same for all rows: a replay computes it once a batch
        loss_of_row = partial(penalised, loss_of_row, penalty, model)
    if can_replay():
        return Training(
            loss_of_row, params, threads=plan.threads, dtype=plan.dtype, max_norm=plan.max_norm
        )
    if plan.dtype != "float64":
        raise ValueError(
            f"dtype={plan.dtype!r} needs an engine that replays recordings, which is not here: "
            "install glassgrad with a C compiler at hand, or NumPy, or leave dtype out"
        )
    return Eager(loss_of_row, params, plan.max_norm)


def penalised(loss: Callable[..., Any], penalty: Penalty, model: Module, *columns: Any) -> Any:
    """The loss of one row, or of a batch, and the penalty of the model."""
    return loss(*columns) + penalty(model)


def row_loss(model: Module, loss: Loss, whole: bool, x: Any, target: Any, mask: Any = None) -> Any:
    """The loss of one row, with what every Dropout takes from the mask, if there is one."""
    if mask is None:
        return loss(model(x), target_of(target, whole))
    with drawn(iter(mask)):
        return loss(model(x), target_of(target, whole))


def batch_loss(model: Module, loss: Loss, whole: bool, rows: Any, targets: Any) -> Any:
    """The mean loss of a batch, which the model is given as a whole."""
    answers = model(list(rows))
    pairs = zip(answers, targets, strict=True)
    return mean([loss(answer, target_of(target, whole)) for answer, target in pairs])


def train(run: Run, plan: Plan, progress: bool = False) -> None:
    """Run the epochs that are left. What the last of them leaves is whole, whatever happens."""
    modules = run.model.modules()
    modes = [module.training for module in modules]
    batches = -(-len(plan.rows) // plan.batch_size)
    kept = run.snapshot()
    try:
        set_training(modules, [True] * len(modules))
        columns, drawn_anew = columns_for(run.model, plan)
        teacher = engine_for(run.model, plan.rows, plan, run.optimizer.params, plan.penalty)
        judge = judge_of(run, plan, modules)
        with Progress(progress, run.epochs, batches, done=run.epoch) as bar:
            while not run.over:
                started = perf_counter()
                bar.begin(run.epoch + 1)
                loss, rate = one_epoch(run, plan, teacher, bar, columns, drawn_anew)
                numbers = {"loss": loss, **judge(), "rate": rate}
                run.history.record({**numbers, "seconds": perf_counter() - started})
                run.epoch += 1
                bar.end(numbers)
                if isinstance(run.schedule, Schedule):
                    run.schedule.observe(run.loss)
                for callback in run.callbacks:
                    callback.epoch(run)
                kept = run.snapshot()
                for callback in run.callbacks:
                    callback.settled(run)
        for callback in run.callbacks:
            callback.finish(run)
    except KeyboardInterrupt:
        run.restore(kept)
        run.history.interrupted = True
        for callback in run.callbacks:
            callback.settled(run)
    except BaseException as error:
        run.restore(kept)
        if isinstance(error, Diverged):
            error.history = run.history
        raise
    finally:
        zero_grad(run.params)
        set_training(modules, modes)


def columns_for(model: Module, plan: Plan) -> tuple[list[Any], list[Masks | Augmented]]:
    """What a row is made of, always the same buffers; and what fills some of them each epoch."""
    inputs, targets = plan.rows.columns
    changing: list[Masks | Augmented] = []
    if plan.augment is not None:
        augmented = Augmented(plan.augment, plan.rows.X)
        inputs = augmented.column
        changing.append(augmented)
    columns = [inputs, targets]
    if masks := masks_for(model, plan):
        columns.append(masks.column)
        changing.append(masks)
    return columns, changing


def masks_for(model: Module, plan: Plan) -> Masks | None:
    """What the Dropouts of a model that is trained row by row take from outside; None for none."""
    modules = model.modules()
    if not any(isinstance(module, Dropout) for module in modules):
        return None
    if any(isinstance(module, BatchNorm) for module in modules):
        return None  # nothing is replayed: each draws by itself
    chances: list[float] = []
    with no_grad(), drawn(chances):
        model(plan.rows.X.row(0))
    return Masks(chances, len(plan.rows)) if chances else None


def one_epoch(
    run: Run,
    plan: Plan,
    teacher: Engine,
    bar: Progress,
    columns: list[Any],
    drawn_anew: Sequence[Masks | Augmented] = (),
) -> tuple[float, float]:
    """Take every row once; returns the mean loss and the last rate."""
    rows, batch_size = len(plan.rows), plan.batch_size
    for changing in drawn_anew:
        changing.draw(plan.seed, run.epoch + 1)
    order = shuffled(rows, plan.seed, run.epoch + 1)
    rates = rates_of(run, -(-rows // batch_size))
    batches = max(1, TOGETHER // batch_size)
    total = 0.0
    for first in range(0, rows, batches * batch_size):
        part = order[first : first + batches * batch_size]
        number = first // batch_size
        wanted = None if rates is None else rates[number : number + batches]
        loss = teacher.epoch(columns, part, batch_size, run.optimizer, wanted)
        total += loss * len(part)
        bar.advance(-(-len(part) // batch_size), total / (first + len(part)))
    check_finite(run, total / rows)
    return total / rows, run.optimizer.lr if rates is None else rates[-1]


def rates_of(run: Run, batches: int) -> array[float] | None:
    """The learning rate of every batch of the coming epoch; None where there is no schedule."""
    if run.schedule is None:
        return None
    rates = array("d")
    for batch in range(run.epoch * batches, (run.epoch + 1) * batches):
        factor = run.schedule(batch / batches)
        if not isfinite(factor) or factor < 0.0:
            raise ValueError(
                f"schedule({batch / batches}) is {factor}: a factor of the learning rate must be "
                "a finite number of at least 0"
            )
        rates.append(run.optimizer.lr * factor)
    return rates


def judge_of(run: Run, plan: Plan, modules: Sequence[Module]) -> Callable[[], dict[str, float]]:
    """A function that measures the model: the loss on validation data, if any, and the metric.

    Measured is on the validation data, or without them on the rows that are learned from.
    """
    if plan.tests is None and plan.metric is None:
        return dict
    rows = plan.tests or plan.rows
    engine = engine_for(run.model, rows, plan, run.params)
    targets = target_of(rows.y.tolist(), rows.y.whole) if plan.metric else []

    def judge() -> dict[str, float]:
        numbers = {}
        set_training(modules, [False] * len(modules))
        if plan.tests is not None:
            numbers["validation_loss"] = engine.mean(rows.columns)
        if plan.metric is not None:
            name, function = plan.metric
            predictions = run.model.predict(rows.X.data)
            if hasattr(predictions, "tolist"):
                predictions = predictions.tolist()
            numbers[name] = float(function(predictions, targets))
        set_training(modules, [True] * len(modules))
        return numbers

    return judge


def check_finite(run: Run, loss: float) -> None:
    """Raise Diverged unless the loss and all parameters are finite."""
    if isfinite(loss) and run.finite():
        return
    what = f"the loss is {loss}" if not isfinite(loss) else "a parameter is not finite"
    left = f"epoch {run.epoch} left it" if run.epoch else "it was before"
    raise Diverged(
        f"training diverged in epoch {run.epoch + 1}: {what}. The model is as {left}. Take a "
        f"smaller learning rate (lr is {run.optimizer.lr}), or scale the inputs"
    )


def set_training(modules: Sequence[Module], modes: Sequence[bool]) -> None:
    """Set `training` of every module."""
    for module, mode in zip(modules, modes, strict=True):
        if module.training != mode:
            module.training = mode

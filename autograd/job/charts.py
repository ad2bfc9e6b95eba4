"""Charts: the training curve and the misclassified digits, with matplotlib but without a screen."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nn import History

from .digits import SIDE
from .results import Answer, wrong_ones

BLUE, ORANGE, GREY = "#1f6fb2", "#c65512", "#526077"  # as in the pictures of graphs
MOST_DIGITS = 24
COLUMNS = 8


def figure_of(width: float, height: float) -> Any:
    """An empty figure with room at its edges."""
    from matplotlib.figure import Figure
    from matplotlib.layout_engine import ConstrainedLayoutEngine

    return Figure(figsize=(width, height), layout=ConstrainedLayoutEngine(w_pad=0.15, h_pad=0.12))


def saver(figure: Any) -> Callable[[Path], None]:
    """A function that saves a figure to a path."""
    return lambda path: figure.savefig(path, dpi=150, facecolor="white")


def training(history: History) -> Callable[[Path], None]:
    """The loss and the accuracy by epoch, one above the other."""
    from matplotlib.ticker import MaxNLocator, PercentFormatter

    figure = figure_of(8, 6)
    above, below = figure.subplots(2, 1, sharex=True)
    figure.suptitle("A network of scalars learns to read digits", weight="bold")
    numbers, accuracies = range(1, history.epochs + 1), history["accuracy"]
    above.plot(numbers, history["loss"], color=BLUE, marker="o", markersize=3.5)
    above.set_ylim(bottom=0.0)
    above.set_ylabel("loss while learning")
    below.plot(numbers, accuracies, color=ORANGE, marker="o", markersize=3.5)
    below.set_title(
        f"{accuracies[-1]:.1%} after the last epoch", color=ORANGE, loc="right", fontsize=11
    )
    below.set_ylabel("accuracy on digits held out")
    below.yaxis.set_major_formatter(PercentFormatter(1.0, decimals=0))
    below.set_xlabel("epoch")
    below.set_xlim(0.5, history.epochs + 0.5)
    below.xaxis.set_major_locator(MaxNLocator(integer=True))
    for axes in (above, below):
        axes.grid(alpha=0.25)
        axes.spines[["top", "right"]].set_visible(False)
    return saver(figure)


def misclassified(answers: Sequence[Answer]) -> Callable[[Path], None]:
    """The digits that were read wrong, the most convinced mistakes first."""
    wrong = wrong_ones(answers)
    shown = wrong[:MOST_DIGITS]
    rows = max(1, -(-len(shown) // COLUMNS))
    figure = figure_of(1.45 * COLUMNS, 2.0 * rows + 0.6)
    part = f", the {len(shown)} most convinced mistakes" if len(shown) < len(wrong) else ""
    figure.suptitle(
        f"{len(wrong)} of {len(answers)} digits held out were misread{part}", weight="bold"
    )
    for axes in figure.subplots(rows, COLUMNS, squeeze=False).flat:
        axes.set_axis_off()
    for axes, answer in zip(figure.axes, shown):
        image = [answer.image[i : i + SIDE] for i in range(0, SIDE * SIDE, SIDE)]
        axes.set_axis_on()
        axes.set(xticks=[], yticks=[])
        axes.spines[:].set_color("#d5dbe5")
        axes.imshow(image, cmap="gray_r", vmin=0.0, vmax=1.0)
        chance = answer.probabilities[answer.taken_for]
        axes.set_title(f"{answer.label} taken for {answer.taken_for}", fontsize=11)
        axes.set_xlabel(f"{chance:.0%} sure", fontsize=9.5, color=GREY)
    return saver(figure)

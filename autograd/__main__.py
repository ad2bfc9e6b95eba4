"""The main job, `python -m autograd`: an expression, its gradients, a network that reads digits.

It stands on top of `autograd` and `nn` and uses what both make public; nothing imports it.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial

from autograd.job.options import Options, options_from
from autograd.job.output import Output
from autograd.job.packages import import_all


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the job; returns the exit code: 0 done, 1 failed, 2 could not start, 130 Ctrl-C."""
    options = options_from(arguments)
    started = False
    try:
        import_all()
        output = Output(options.output)
        started = True
        return run(options, output)
    except (ImportError, OSError, ArithmeticError) as problem:
        print(f"python -m autograd: {problem}", file=sys.stderr)
        return 1 if started else 2
    except KeyboardInterrupt:
        print("\npython -m autograd: stopped by Ctrl-C", file=sys.stderr)
        return 130


def run(options: Options, output: Output) -> int:
    """The job itself, a paragraph for each part; returns 130 if Ctrl-C ended the training."""
    import nn
    from autograd import ENGINE, draw, trace
    from autograd.job import charts, expression, neuron, results
    from autograd.job.digits import CLASSES, PIXELS, load
    from autograd.job.training import train

    say = silent if options.quiet else partial(print, flush=True)

    L = expression.build(**expression.INPUTS)
    L.backward()
    say(f"{expression.TITLE}, step by step:\n\n{trace(L)}\n")
    say(f"Its gradients against central differences:\n\n{expression.check(L)}\n")
    picture = draw(L, title=expression.TITLE)
    output.write("expression.svg", picture.svg)
    output.write("expression.png", picture.png)

    learn, test = load(options.seed)
    model = nn.MLP(PIXELS, [*options.hidden, CLASSES], seed=options.seed)
    say(
        f"{model}\non {len(learn.labels):,} handwritten digits, {len(test.labels)} more held out, "
        f"by the {ENGINE} engine:"
    )
    history = train(model, learn, test, options)
    if history.interrupted:
        print(f"\nStopped by Ctrl-C {results.kept(history.epochs, options.epochs)}")
    if history.epochs:
        answers = results.answers_of(model, test)
        print(f"\n{results.accuracy_line(answers)}")
        say(f"Worst confusions:\n{results.worst_confusions(answers)}")
        output.write("model.json", model.save)
        picture = neuron.picture(model, answers)
        output.write("neuron.svg", picture.svg)
        output.write("neuron.png", picture.png)
        output.write("training.png", charts.training(history))
        output.write("misclassified.png", charts.misclassified(answers))
    print(f"\nWritten to {options.output}:\n{output.report()}")
    if history.epochs:
        rebuilt = f"nn.MLP({PIXELS}, {[*options.hidden, CLASSES]})"
        say(f"\nThe network again: {rebuilt}.load({str(output.path('model.json'))!r})")
    return 130 if history.interrupted else 0


def silent(*text: object) -> None:
    """What `--quiet` does instead of printing."""


if __name__ == "__main__":
    sys.exit(main())

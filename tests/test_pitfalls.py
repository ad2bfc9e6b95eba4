"""Faults found in other engines: each has a test here or in the file of its module, by number.

A test says which one it is about: `Pitfall n.` in its docstring, its name or a comment.
"""

import gc
import math
import re
import sys
import tracemalloc
from pathlib import Path

import pytest

import autograd
import nn
from autograd import Value

TESTS = Path(__file__).parent

# fmt: off
PITFALLS = {
    # number  what goes wrong elsewhere
    1:  "a deep chain: backward, repr, pickle, deepcopy and deletion recurse",
    2:  "gradients in the interior survive to the next backward()",
    3:  "leaves do not accumulate",
    4:  "the same operand twice is one edge",
    5:  "a diamond on a node that is no leaf",
    6:  "powers with a Value as exponent",
    7:  "powers at 0 raise",
    8:  "a negative base with a fraction turns complex",
    9:  "relu hides nan, or is an int",
    10: "kinks without a convention",
    11: "0·∞ leaks from a branch not taken",
    12: "overflow raises here and is inf there",
    13: "softmax and its friends overflow at ±1000",
    14: "editing data mixes old and new numbers",
    15: "+= aliases",
    16: "constants cost nodes",
    17: "anything is taken for a number",
    18: "NumPy on the left takes the Value apart",
    19: "reflected operators recurse, unknown types give odd messages",
    20: "equal nodes merge in sets, dicts and drawings",
    21: "comparisons, bool, float(), format",
    22: "a gradient that is not there yet looks like 0",
    23: "cycles and closures keep graphs alive",
    24: "copies and pickles lose the graph",
    25: "layers cut short what does not fit",
    32: "backward() without a graph; no_grad that does not end",
    33: "wide graphs take quadratic time, long formulas explode",
    34: "drawings merge, escape and order nodes wrongly",
    35: "lists and plain numbers have no backward()",
}
# fmt: on


def cited():
    """The numbers that the tests cite, each with the files that do."""
    found = {}
    for path in sorted(TESTS.glob("test_*.py")):
        for numbers in re.findall(
            r"pitfalls?[ _]((?:\d+|,| |and|to)+)", path.read_text("utf-8"), re.IGNORECASE
        ):
            for first, last in re.findall(r"(\d+)(?: to (\d+))?", numbers):
                for number in range(int(first), int(last or first) + 1):
                    found.setdefault(number, set()).add(path.name)
    return found


@pytest.mark.parametrize("number", PITFALLS, ids=PITFALLS.get)
def test_every_pitfall_has_a_test(number):
    assert cited().get(number), f"no test cites pitfall {number}: {PITFALLS[number]}"


def test_micrograds_failures_at_five_thousand():
    """Pitfall 1: where the others recurse, with the recursion limit of every Python."""
    assert sys.getrecursionlimit() <= 10_000
    y = x = Value(1.0)
    for _ in range(20_000):
        y = y * 1.0 + 0.0
    y.backward()
    assert x.grad == 1.0


def test_cross_entropy_at_a_thousand():
    """Pitfall 13: losses and gradients are finite and right."""
    logits = [Value(1000.0), Value(-1000.0), Value(0.0)]
    loss = nn.cross_entropy(logits, 1)
    loss.backward()
    assert loss.data == 2000.0
    assert [logit.grad for logit in logits] == [1.0, -1.0, 0.0]
    score = Value(-1000.0)
    loss = nn.binary_cross_entropy_with_logits(score, 1.0)
    loss.backward()
    assert (loss.data, score.grad) == (1000.0, -1.0)


def test_a_list_of_losses_as_numbers_keeps_no_graph():
    """Pitfall 23: `losses.append(loss.data)` is a float and nothing more."""
    w = Value(0.5)
    gc.disable()
    tracemalloc.start()
    try:
        losses = []
        for _ in range(100):
            loss = autograd.sum([(w * float(i)).tanh() for i in range(50)])
            losses.append(loss.data)
        assert all(type(x) is float for x in losses)
        assert tracemalloc.get_traced_memory()[0] < 300_000  # a graph is 20 kB, a hundred are 2 MB
    finally:
        tracemalloc.stop()
        gc.enable()


def test_an_optimizer_steps_over_what_the_loss_does_not_depend_on():
    """Pitfall 22: an unused parameter keeps the gradient 0 and its number."""
    used, unused = Value(1.0), Value(5.0)
    optimizer = nn.SGD([used, unused], lr=0.1)
    (used * 3).backward()
    optimizer.step()
    assert (used.data, unused.data, unused.grad) == (pytest.approx(0.7), 5.0, 0.0)


def test_ordinary_scripts_run():
    """Pitfalls 16, 19 and 21 together: a loss as micrograd's users write it."""
    xs, ws = [1.0, -2.0, 3.0], [Value(0.1), Value(0.2), Value(-0.3)]
    activation = sum((w * x for w, x in zip(ws, xs, strict=True)), Value(0.5))
    loss = (1 + -1 * activation).relu() + 1e-4 * sum(w * w for w in ws)
    loss.backward()
    assert math.isclose(loss.data, 1.7 + 1e-4 * 0.14)
    assert [w.grad for w in ws] == pytest.approx([-1.0 + 2e-5, 2.0 + 4e-5, -3.0 - 6e-5])
    assert min(ws) is ws[2]

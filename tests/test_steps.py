"""loss.steps(): the same numbers as backward(), one step at a time, and nothing changed."""

import dataclasses
import math
import time

import pytest

from autograd import Value, custom, dot, explain, no_grad, relu, softmax
from autograd import sum as total
from autograd.steps import Backward, Forward, Seed
from autograd.value import Value as PythonValue
from tests import fuzz

KINDS = pytest.mark.parametrize("kind", [Value, PythonValue], ids=["chosen", "python"])


def lecture():
    """L = (a·b + c)·f, as in the lecture."""
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    e = a * b
    e.name = "e"
    d = e + Value(10.0, name="c")
    d.name = "d"
    loss = d * Value(-2.0, name="f")
    loss.name = "L"
    return loss


def test_reads_like_the_lecture():
    assert str(lecture().steps()).splitlines() == [
        "a = 2",
        "b = −3",
        "e = a × b = 2 × −3 = −6",
        "c = 10",
        "d = e + c = −6 + 10 = 4",
        "f = −2",
        "L = d × f = 4 × −2 = −8",
        "∂L/∂L = 1",
        "L (multiply) passes on its gradient 1",
        "  ∂L/∂d += ∂L/∂d · ∂L/∂L = −2 × 1 = −2",
        "  ∂L/∂f += ∂L/∂f · ∂L/∂L = 4 × 1 = 4",
        "d (add) passes on its gradient −2",
        "  ∂L/∂e += ∂d/∂e · ∂L/∂d = 1 × −2 = −2",
        "  ∂L/∂c += ∂d/∂c · ∂L/∂d = 1 × −2 = −2",
        "e (multiply) passes on its gradient −2",
        "  ∂L/∂a += ∂e/∂a · ∂L/∂e = −3 × −2 = 6",
        "  ∂L/∂b += ∂e/∂b · ∂L/∂e = 2 × −2 = −4",
    ]


def test_symbols_and_numbers_are_apart():
    steps = lecture().steps()
    assert steps[2] == Forward(2, "e", "a × b", "2 × −3", -6.0)
    assert steps[7] == Seed(6, "L", 1.0)
    fired = steps[-1]
    assert (fired.node, fired.op, fired.grad) == ("e", "multiply", -2.0)
    first, second = fired.additions
    assert (first.symbols, first.numbers) == ("∂L/∂a += ∂e/∂a · ∂L/∂e", "−3 × −2 = 6")
    assert (second.place, second.parent, second.slot) == (1, "b", 1)
    assert (second.local, second.grad, second.product) == (2.0, -2.0, -4.0)
    with pytest.raises(dataclasses.FrozenInstanceError):
        first.product = 0.0


def test_accumulation_is_shown_as_it_happens():
    a = Value(3.0, name="a")
    loss = a * a
    loss.name = "L"
    first, second = loss.steps()[-1].additions
    assert (first.before, first.after, second.before, second.after) == (None, 3.0, 3.0, 6.0)
    assert first.numbers == "3 × 1 = 3"
    assert second.numbers == "3 × 1 = 3, now 3 + 3 = 6"
    b = Value(-1.0)
    assert (b * b).steps()[-1].additions[1].numbers == "−1 × 1 = −1, now −1 + (−1) = −2"


def gradients(steps):
    """What every node has in the end, as the additions say."""
    grads = {}
    for step in steps:
        if isinstance(step, Seed):
            grads[step.place] = step.grad
        if isinstance(step, Backward):
            assert step.grad.hex() == grads[step.place].hex() or math.isnan(step.grad)
            for addition in step.additions:
                before = grads.get(addition.place)
                assert same(addition.before, before)
                grads[addition.place] = addition.after
    return grads


def same(x, y):
    return x == y or (x is not None and y is not None and math.isnan(x) and math.isnan(y))


@KINDS
@pytest.mark.parametrize("first", range(0, 60, 20))
def test_equals_backward_on_random_programs(kind, first):
    compared = 0
    for seed in range(first, first + 20):
        program = fuzz.Program(seed, kind)
        program.run(40)
        for loss in program.nodes[-8:]:
            history = loss.history()
            if loss.operation and not loss.operands:
                continue  # made under no_grad(): backward() refuses
            before = [(v.data, v.grad) for v in history]
            steps = loss.steps()
            found = gradients(steps)
            assert [step.data for step in steps[: len(history)]] == pytest.approx(
                [v.data for v in history], rel=0, abs=0, nan_ok=True
            )
            assert all(map(same, sum(before, ()), sum(((v.data, v.grad) for v in history), ())))
            for v in history:
                v.grad = 0.0
            loss.backward()
            for place, v in enumerate(history):
                assert same(found[place], v.grad), (seed, place)
                compared += 1
    assert compared > 1000


def test_every_node_gets_its_data_once_and_fires_once():
    loss = lecture()
    steps = loss.steps()
    assert [s.place for s in steps if isinstance(s, Forward)] == list(range(7))
    assert [s.place for s in steps if isinstance(s, Backward)] == [6, 4, 2]
    assert len(steps) == 7 + 1 + 3 == len(list(steps))
    assert steps[-1] == list(steps)[-1] and steps[8:] == list(steps)[8:]
    with pytest.raises(IndexError):
        steps[len(steps)]


def test_is_a_copy():
    loss = lecture()
    steps, before = loss.steps(), str(lecture().steps())
    for v in loss.history():
        v.data, v.name = 100.0, "changed"
    loss.backward()
    assert str(steps) == before


def test_a_leaf_and_a_node_without_a_graph():
    assert str(Value(2.0, name="x").steps()) == "x = 2\n∂x/∂x = 1"
    with no_grad():
        alone = Value(2.0) * 3
    assert str(alone.steps()) == "v1 = 6\n∂v1/∂v1 = 1"


def test_operations_of_a_users_own():
    x, y = Value(2.0, name="x"), Value(3.0, name="y")
    cube = custom(lambda x: x**3, lambda x, out: 3 * x * x)
    assert str(cube(x).steps()).splitlines()[-1] == "  ∂v1/∂x += ∂v1/∂x · ∂v1/∂v1 = 12 × 1 = 12"
    by_hand = Value(5.0, (x, y), (7.0, -1.0))
    lines = str(by_hand.steps()).splitlines()
    assert lines[2] == "v1 = node(x, y) = node(2, 3) = 5"
    assert lines[4] == "v1 (made by hand) passes on its gradient 1"


def test_formulas_in_numbers_have_their_parentheses():
    x = Value(-2.0, name="x")
    lines = {str(step) for step in (x * 3 - (x - 1) ** 2 + softmax([x, 1.0])[0]).steps()}
    assert "v1 = x × 3 = −2 × 3 = −6" in lines
    assert "v3 = v2 ^ 2 = (−3) ^ 2 = 9" in lines
    assert any("softmax(−2, 1)[0]" in line for line in lines)


def test_nothing_is_passed_on_where_the_gradient_is_0():
    x = Value(0.0, name="x")
    loss = relu(x.log())
    fired = {step.node: step for step in loss.steps() if isinstance(step, Backward)}
    (addition,) = fired["v1"].additions
    assert (addition.local, addition.grad, addition.product) == (math.inf, 0.0, 0.0)


def test_agrees_with_the_paths():
    loss = lecture()
    a = loss.history()[0]
    assert gradients(loss.steps())[0] == explain(loss, a).grad


def test_names_of_several_lines_stay_on_one():
    x = Value(1.0, name="two\nlines")
    assert str(x.steps()).splitlines()[0] == "two lines = 1"


def test_big_graphs_take_linear_time_and_steps_are_made_when_asked_for():
    x = y = Value(1.0, name="x")
    for _ in range(50_000):
        y = y + x
    begun = time.perf_counter()
    steps = y.steps()
    assert len(steps) == 50_001 + 1 + 50_000
    assert steps[-1].additions[1].after == 50_001.0
    assert steps[50_000].symbols == "v49999 + x"
    wide = total([Value(1.0) for _ in range(50_000)]).steps()
    assert len(wide[-1].additions) == 50_000 and "…" in wide[50_000].numbers
    assert time.perf_counter() - begun < 15  # seconds; a quadratic one takes minutes


def test_shows_itself():
    assert repr(lecture().steps()) == "<11 steps of L; print() shows them, a loop takes each>"
    assert str(dot([Value(1.0, name="w")], [2.0]).steps()).splitlines()[1] == "v1 = w×2 = 1×2 = 2"

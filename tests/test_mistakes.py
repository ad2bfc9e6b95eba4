"""Backpropagation done wrong, and what it comes to."""

import math
import random

import pytest
from test_explain import lecture, network

from autograd import Value, mistakes, no_grad


def small():
    """h is used twice: δ_h = tanh(h) + h·tanh′(h)."""
    x = Value(2.0, name="x")
    h = x * 3.0
    h.name = "h"
    loss = h * (h * 2.0)
    loss.name = "loss"
    return x, h, loss


def test_overwriting():
    """loss = 2h²: ∂loss/∂h = 12 from one use and 12 from the other."""
    _, _, loss = small()
    mistake = mistakes.overwrite(loss)
    assert (mistake.node, mistake.right, mistake.got) == ("h", 24.0, 12.0)
    assert (mistake.difference, mistake.factor) == (-12.0, 0.5)
    assert (mistake.wrong_nodes, mistake.nodes) == (2, 4)
    assert str(mistake).splitlines() == [
        "overwrite: parent.grad = … where it should be parent.grad += …",
        "  first wrong at h: 12 instead of 24 (−12, × 0.5); 2 of 4 nodes are wrong",
    ]


def test_a_recursion_is_right_but_slow():
    _, _, loss = small()
    mistake = mistakes.recursion(loss)
    assert mistake.node is None and mistake.wrong_nodes == 0 and mistake.stopped is None
    assert (mistake.calls, mistake.edges) == (6, 4)
    assert "6 calls for 4 edges" in str(mistake)
    assert "no wrong number on this graph: each path is followed on its own" in str(mistake)


def test_recounting():
    """h is visited with 12, then with 24: what came first is passed on twice, x gets 3·36."""
    _, _, loss = small()
    mistake = mistakes.recounting(loss)
    assert (mistake.node, mistake.right, mistake.got) == ("x", 72.0, 108.0)
    assert (mistake.wrong_nodes, mistake.factor) == (1, 1.5)


@pytest.mark.parametrize("steps", [1, 2, 5])
def test_no_zeroing(steps):
    x, _, loss = small()
    mistake = mistakes.no_zeroing(loss, steps=steps)
    for _ in range(steps):
        loss.backward()
    if steps == 1:
        assert mistake.node is None and "a second step" in mistake.why
    else:
        assert (mistake.node, mistake.right, mistake.got) == ("x", 72.0, x.grad)
        assert mistake.factor == steps


def test_wrong_orders():
    """Depth first h is visited before the loss's other parent has added to it; its x then lacks that."""
    _, _, loss = small()
    early = mistakes.wrong_order(loss)
    assert (early.node, early.right, early.got, early.wrong_nodes) == ("h", 24.0, 12.0, 2)
    assert mistakes.wrong_order(loss, "breadth first").got == 12.0
    forward = mistakes.wrong_order(loss, "forward")
    assert (forward.got, forward.wrong_nodes) == (0.0, 3)
    with pytest.raises(
        ValueError, match="order is one of 'depth first', 'breadth first', 'forward', got 'up'"
    ):
        mistakes.wrong_order(loss, "up")


def test_the_lecture():
    """a3 goes to two neurons, so it is where a sum is lost."""
    loss, _ = lecture()
    assert mistakes.overwrite(loss).node == "a3"
    assert mistakes.wrong_order(loss).node == "a3"
    assert mistakes.recounting(loss).node == "z3"
    assert mistakes.no_zeroing(loss).node == "w67"
    assert mistakes.recursion(loss).node is None


# -- simulated independently, on dictionaries, recursively ----------------------------------------


def recursive(loss, recount):
    grads, calls = {}, [0]

    def backward(v, grad):
        calls[0] += 1
        grads[v] = grads.get(v, 0.0) + grad
        passed = grads[v] if recount else grad
        for parent, local_grad in zip(v.parents, v.local_grads, strict=True):
            backward(parent, local_grad * passed)

    backward(loss, 1.0)
    return grads, calls[0]


def overwritten(loss):
    grads = {loss: 1.0}
    for v in reversed(loss.history()):
        for parent, local_grad in zip(v.parents, v.local_grads, strict=True):
            grads[parent] = local_grad * grads[v]
    return grads


def first_wrong(loss, grads):
    """Against backward(), from the loss down."""
    loss.backward()
    right = {node: node.grad for node in loss.history()}
    for node in right:
        node.grad = 0.0
    wrong = [
        node
        for node in reversed(loss.history())
        if not math.isclose(grads[node], right[node], rel_tol=1e-7, abs_tol=1e-9)
    ]
    return (wrong[0], right[wrong[0]], grads[wrong[0]], len(wrong)) if wrong else None


@pytest.mark.parametrize("seed", range(40))
def test_against_the_mistakes_themselves(seed):
    loss, _ = network(random.Random(seed), size=6)
    for mistake, grads in (
        (mistakes.overwrite(loss), overwritten(loss)),
        (mistakes.recursion(loss), recursive(loss, recount=False)[0]),
        (mistakes.recounting(loss), recursive(loss, recount=True)[0]),
    ):
        first = first_wrong(loss, grads)
        if first is None:
            assert mistake.node is None and mistake.wrong_nodes == 0 and mistake.why
        else:
            node, right, got, wrong = first
            if node.name:
                assert mistake.node == node.name
            assert mistake.right == pytest.approx(right) and mistake.got == pytest.approx(got)
            assert mistake.wrong_nodes == wrong
    assert mistakes.recursion(loss).calls == recursive(loss, recount=False)[1]
    assert mistakes.recounting(loss).calls == recursive(loss, recount=True)[1]


def test_on_a_tree_there_is_nothing_to_get_wrong():
    a, b = Value(2.0, name="a"), Value(3.0, name="b")
    loss = (a * b).tanh()
    for mistake in mistakes.all(loss).mistakes:
        if mistake.name in ("no zeroing", "wrong order, forward"):
            assert mistake.node is not None
        else:
            assert mistake.node is None and math.isnan(mistake.right)
            assert "no node is used" in mistake.why and "no node is used" in str(mistake)


def test_roundings_are_no_mistakes():
    x = Value(0.1, name="x")
    loss = x * 0.1
    for k in range(50):
        loss = loss + x * (0.3 * k)
    assert mistakes.recursion(loss).node is None


def test_an_exponential_recursion_is_stopped():
    x = y = Value(1.0, name="x")
    for _ in range(100):
        y = y * y
    mistake = mistakes.recursion(y, limit=1000)
    assert (mistake.calls, mistake.edges, mistake.stopped) == (2**101 - 1, 200, 1000)
    assert "calls for 200 edges: stopped after 1\u2009000 calls" in str(mistake)
    assert mistakes.recounting(y, limit=10).stopped == 10
    assert mistakes.recursion(y, limit=10).node is not None
    short = mistakes.recursion(x * x, limit=3)
    assert (short.calls, short.stopped) == (3, None)


def test_a_hundred_thousand_nodes():
    y = Value(1.0, name="x")
    for _ in range(100_000):
        y = y * 0.99999
    report = mistakes.all(y)
    assert [mistake.calls for mistake in report.mistakes[:2]] == [100_001] * 2
    assert [mistake.wrong_nodes for mistake in report.mistakes] == [0, 0, 0, 1, 0, 0, 100_000]


def test_the_graph_is_left_alone():
    loss, _ = lecture()
    loss.backward()
    before = [(node.data, node.grad, node.name) for node in loss.history()]
    str(mistakes.all(loss)), mistakes.all(loss).markdown()
    assert [(node.data, node.grad, node.name) for node in loss.history()] == before


def test_infinite_and_nan_gradients():
    x = Value(0.0, name="x")
    for loss in (x.sqrt() + x.sqrt(), (x * 0.0).sqrt() + x, x.log() - x.log()):
        assert str(mistakes.all(loss)) and mistakes.all(loss).markdown()
    assert mistakes.no_zeroing(x.sqrt()).node is None
    x = Value(0.0, name="x")
    zero = mistakes.overwrite((x * 2.0) * (x * 0.0))
    assert zero.node is None and zero.why == "what is overwritten is 0 here"


def test_all_as_text_and_markdown():
    _, _, loss = small()
    report = mistakes.all(loss)
    assert str(report).splitlines()[:9] == [
        "mistake                     first wrong at  right  got  nodes wrong  calls",
        "──────────────────────────  ──────────────  ─────  ───  ───────────  ─────",
        "recursion                   —                                0 of 4      6",
        "recounting                  x                  72  108       1 of 4      6",
        "overwrite                   h                  24   12       2 of 4",
        "no zeroing                  x                  72  144       1 of 4",
        "wrong order, depth first    h                  24   12       2 of 4",
        "wrong order, breadth first  h                  24   12       2 of 4",
        "wrong order, forward        v1                  6    0       3 of 4",
    ]
    table = report.markdown().split("\n\n")[0].splitlines()
    assert table[0] == "| mistake | first wrong at | right | got | nodes wrong | calls |"
    assert len(table) == 9 and all(line.count("|") == 7 for line in table)
    assert report._repr_markdown_() == report.markdown()
    assert (
        report.mistakes[2].markdown()
        == report.mistakes[2]._repr_markdown_()
        == (
            "**overwrite**: parent.grad = … where it should be parent.grad += …. "
            "First wrong at h: 12 instead of 24 (−12, × 0.5); 2 of 4 nodes are wrong."
        )
    )


def test_a_name_with_signs_of_markdown():
    x = Value(1.0, name="a|b_*c*\n<d>")
    text = mistakes.all(x * x).markdown()
    assert all(
        line.replace(r"\|", "").count("|") == 7 for line in text.split("\n\n")[0].splitlines()
    )
    assert r"a\|b\_\*c\* \<d\>" in text


MISTAKES = [
    mistakes.recursion,
    mistakes.recounting,
    mistakes.overwrite,
    mistakes.no_zeroing,
    mistakes.wrong_order,
    mistakes.all,
]


@pytest.mark.parametrize("mistake", MISTAKES, ids=lambda mistake: mistake.__name__)
def test_what_cannot_be_gone_through(mistake):
    with pytest.raises(
        TypeError, match=r"mistakes\.\w+\(loss\) takes a Value as the loss, got 1.0"
    ):
        mistake(1.0)
    with pytest.raises(ValueError, match="was not computed from any Value"):
        mistake(Value(1.0))
    with no_grad():
        result = Value(1.0) * 2
    with pytest.raises(ValueError, match=r"outside no_grad\(\)"):
        mistake(result)


@pytest.mark.parametrize(("value", "error"), [(0, ValueError), (True, TypeError), (2.0, TypeError)])
def test_limits_and_steps(value, error):
    _, _, loss = small()
    with pytest.raises(error, match="limit is after how many calls to stop"):
        mistakes.recursion(loss, limit=value)
    with pytest.raises(error, match="limit is after how many calls to stop"):
        mistakes.recounting(loss, limit=value)
    with pytest.raises(error, match="steps is how many backward passes to make"):
        mistakes.no_zeroing(loss, steps=value)

"""The evaluation trace, as text, Markdown and LaTeX."""

import math

import pytest

import autograd
from autograd import Value, custom, exp, trace, where


def example():
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    loss = (a * b + 1.5).tanh() / a
    loss.name = "loss"
    return a, b, loss


def test_as_text():
    _, _, loss = example()
    loss.backward()
    assert str(trace(loss)).splitlines() == [
        "name  operation      value     gradient",
        "────  ─────────  ─────────  ───────────",
        "a                        2     0.249198",
        "b                       −3  0.000493517",
        "v1    a × b             −6  0.000246759",
        "v2    v1 + 1.5        −4.5  0.000246759",
        "v3    tanh(v2)   −0.999753          0.5",
        "loss  v3 ÷ a     −0.499877            1",
    ]
    assert repr(trace(loss)) == str(trace(loss))


def test_before_backward_there_is_a_dot():
    """Pitfall 22: · is not 0."""
    a, b, loss = example()
    assert [row[3] for row in trace(loss).rows()] == ["·"] * 6
    loss.backward()
    assert "·" not in str(trace(loss))
    (a * b + Value(0.0) * b).backward()
    fresh = a * 0
    assert [row[3] for row in trace(fresh).rows()] == [row[3] for row in trace(a).rows()] + ["·"]


def test_a_gradient_of_zero_is_a_number():
    x = Value(-1.0, name="x")
    y = x.relu()
    y.backward()
    assert [row[3] for row in trace(y).rows()] == ["0", "1"]


def test_as_markdown():
    _, _, loss = example()
    assert trace(loss).markdown().splitlines() == [
        "| name | operation | value | gradient |",
        "| --- | --- | ---: | ---: |",
        "| a |  | 2 | · |",
        "| b |  | −3 | · |",
        "| v1 | a × b | −6 | · |",
        "| v2 | v1 + 1.5 | −4.5 | · |",
        "| v3 | tanh(v2) | −0.999753 | · |",
        "| loss | v3 ÷ a | −0.499877 | · |",
    ]
    assert trace(loss)._repr_markdown_() == trace(loss).markdown()


def test_as_latex():
    _, _, loss = example()
    loss.backward()
    assert trace(loss).latex().splitlines() == [
        r"\begin{array}{llrr}",
        r"\text{name} & \text{operation} & \text{value} & \text{gradient} \\ \hline",
        r"a &  & 2 & 0.249198 \\",
        r"b &  & -3 & 0.000493517 \\",
        r"v_{1} & a \cdot b & -6 & 0.000246759 \\",
        r"v_{2} & v_{1} + 1.5 & -4.5 & 0.000246759 \\",
        r"v_{3} & \tanh\left(v_{2}\right) & -0.999753 & 0.5 \\",
        r"\mathrm{loss} & \frac{v_{3}}{a} & -0.499877 & 1",
        r"\end{array}",
    ]


@pytest.mark.parametrize(
    "name", ["a|b", "w_1", "50%", "$x$", "{x}", "a&b", "#1", "π", "a b", "\\", "<b>", "a\nb", "`"]
)
def test_special_names(name):
    """Pitfall 34: each line stays one row of as many cells."""
    x = Value(1.0, name=name)
    table = trace((x * 2 + 1).exp())
    cells = [line.replace(r"\|", "").count("|") for line in table.markdown().splitlines()]
    assert cells == [5] * 6
    assert table.rows()[1][1].startswith(table.rows()[0][0])
    latex = table.latex().splitlines()
    assert len(latex) == 2 + 4 + 1
    for line in latex[2:-1]:
        assert line.replace(r"\&", "").count("&") == 3
        assert line.replace(r"\{", "").count("{") == line.replace(r"\}", "").count("}")
        assert "%" not in line.replace(r"\%", "") and "$" not in line.replace(r"\$", "")


def test_two_nodes_of_the_same_name():
    """Pitfall 34."""
    a, also = Value(1.0, name="a"), Value(2.0, name="a")
    assert trace(a * also).rows()[2][1] == "a × a_2"


def test_the_same_operand_twice():
    """Pitfall 4."""
    a = Value(3.0, name="a")
    assert trace(a * a).rows()[1][1] == "a × a"
    assert trace(autograd.dot([a, a], [a, 2.0])).rows()[1][1] == "a×a + a×2"


# fmt: off
FORMULAS = [
    # the last node                                   how its line reads
    (lambda a, b: a - 1,                              "a − 1"),
    (lambda a, b: 1 - a,                              "1 − a"),
    (lambda a, b: a * -2,                             "a × −2"),
    (lambda a, b: (-2) ** a,                          "(−2) ^ a"),
    (lambda a, b: a ** 2,                             "a ^ 2"),
    (lambda a, b: -a,                                 "−a"),
    (lambda a, b: abs(a),                             "|a|"),
    (lambda a, b: a.sqrt(),                           "√a"),
    (lambda a, b: a.clip(0, b),                       "clip(a, 0, b)"),
    (lambda a, b: where(a > 0, a, b),                 "where(1, a, −3)"),
    (lambda a, b: where(a < 0, a, b),                 "where(0, 2, b)"),
    (lambda a, b: autograd.sum([a, b, 1.0]),          "a + b + 1"),
    (lambda a, b: autograd.dot([a, 2.0], [b, 3.0], a), "a×b + 2×3 + a"),
    (lambda a, b: autograd.logsumexp([a, b]),         "logsumexp(a, b)"),
    (lambda a, b: autograd.softmax([a, b])[1],        "softmax(a, b)[1]"),
    (lambda a, b: autograd.take([a, 2.0], Value(1.0, name="k")), "take([a, 2], k)"),
    (lambda a, b: autograd.take([[a], [b]], b + 4)[0], "take([a, b], v1)"),
    (lambda a, b: autograd.shift([a, b]) + a.constant(), "v1 + v2"),
    (lambda a, b: autograd.sum([a, b] * 500),         "a + b + a + b + … + b"),
    (lambda a, b: Value(1.0, (a, b), (1.0, 2.0)),     "node(a, b)"),
    (lambda a, b: custom(lambda x: exp(x), lambda x, out: out, name="mine")(a), "mine(a)"),
]
# fmt: on


@pytest.mark.parametrize(("make", "formula"), FORMULAS, ids=[text for _, text in FORMULAS])
def test_formulas(make, formula):
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    step = trace(make(a, b)).steps[-1]
    assert str(step.formula) == formula
    assert trace(make(a, b)).latex()


def test_numbers_that_are_none():
    x = Value(0.0, name="x")
    out = x.log() - x.log()
    out.backward()
    assert [row[2:] for row in trace(out).rows()] == [
        ("0", "nan"),
        ("−∞", "1"),
        ("−∞", "−1"),
        ("nan", "1"),
    ]
    assert r"-\infty" in trace(out).latex()


def test_a_result_without_a_graph():
    with autograd.no_grad():
        y = Value(2.0) * 3
    assert trace(y).rows() == [("v1", "", "6", "·")]
    assert trace(Value(1.0, name="x")).rows() == [("x", "", "1", "·")]


def test_a_trace_is_a_copy():
    """Later changes of the graph do not change it."""
    a, _, loss = example()
    loss.backward()
    table = trace(loss)
    before = str(table)
    a.data, a.grad, a.name = 9.0, 9.0, "other"
    loss.backward()
    assert str(table) == before
    with pytest.raises(AttributeError):
        table.steps = ()


@pytest.mark.parametrize("thing", [1.0, [Value(1.0)], None, "loss"])
def test_a_trace_of_something_else(thing):
    with pytest.raises(TypeError, match=r"trace\(\) takes a Value, got .* of type"):
        trace(thing)


def test_a_long_trace():
    """Pitfalls 1 and 33: a hundred thousand lines."""
    x = y = Value(1.0, name="x")
    for _ in range(50_000):
        y = y * 0.5 + x
    table = trace(y)
    assert len(table.steps) == 10**5 + 1
    assert math.isclose(table.steps[-1].data, 2.0)
    assert str(table).count("\n") == 10**5 + 2


def test_squarings_stay_short():
    """Pitfall 33: a line per node, never the whole tree."""
    x = Value(1.0, name="x")
    for _ in range(40):
        x = x * x
    assert len(str(trace(x))) < 41 * 60
    assert max(len(str(step.formula)) for step in trace(x).steps) < 12

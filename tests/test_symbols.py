"""Local derivatives written with names, against the numbers the engine records."""

import re

import pytest

import autograd
from autograd import Value, custom, ops
from autograd.explanation.notation import Plain, Tex, added, product
from autograd.explanation.symbols import Symbols, definition
from autograd.operation import ROWS, Dot, Reduction, Softmax, Take
from autograd.text import Latex, Text


def calls():
    """A node of every row, with leaves that have names, in the domain of the row."""
    for name, operation in ROWS.items():
        x = [Value(data, name=f"x{k}") for k, data in enumerate((1.3, 1.7, 0.4, 0.6, 0.2))]
        if name in ("asin", "acos", "atanh"):
            yield name, operation(x[2])
        elif name == "where":
            yield name, operation(True, x[0], x[1])
        elif isinstance(operation, Take):
            yield name, operation(x[:3], Value(1.0, name="k"))
        elif isinstance(operation, Softmax):
            yield name, operation(x[:3])[1]
        elif isinstance(operation, Dot):
            yield name, operation(x[:2], x[2:4], x[4])
        elif isinstance(operation, Reduction):
            yield name, operation(x[:4])
        else:
            yield name, operation(*x[: len(operation.inputs)])


FUNCTIONS = {name: getattr(autograd, name) for name in ROWS}


def read(text, numbers):
    """What Python makes of a formula."""
    for ours, pythons in {"·": "*", "−": "-", "÷": "/", "^": "**", "²": "**2", "≥": ">="}.items():
        text = text.replace(ours, pythons)
    text = re.sub(r"√(\w+|\([^()]*(?:\([^()]*\)[^()]*)*\))", r"sqrt(\1)", text)
    text = re.sub(r"(\w+)′\(", r"d_\1(", text)
    text = re.sub(r"softmax\(([^()]*)\)", r"softmax([\1])", text)
    return eval(text, {"__builtins__": {}}, {**FUNCTIONS, "I": float, **numbers})


@pytest.mark.parametrize(("name", "node"), list(calls()), ids=ROWS)
def test_every_row(name, node):
    """The formula of each local derivative, computed by Python, is the recorded number."""
    node.name = "y"
    symbols = Symbols(node.history(), [])
    numbers = {parent.name: parent.data for parent in node.parents} | {"y": node.data}
    local = dict(enumerate(node.local_grads))
    numbers[f"d_{name}"] = lambda *xs: local[0]
    for slot, local_grad in local.items():
        factor = symbols.local_grad(node, slot, Plain)
        assert read(str(Plain.of(factor)), numbers) == pytest.approx(local_grad, rel=1e-5)
        assert str(Tex.of(symbols.local_grad(node, slot, Tex)))
    for operation in symbols.primes.values():
        formula = definition(operation, Plain).split(" = ", 1)[1]
        inputs = dict(zip(operation.inputs, (parent.data for parent in node.parents), strict=True))
        if "where" not in formula:
            assert read(formula, inputs) == pytest.approx(local[0], rel=1e-5)
        assert "'" in definition(operation, Tex)


# fmt: off
WRITTEN = [
    # node                                        ∂/∂(its first parent)
    (lambda x, y: x ** 2,                         "2·x",                "2 \\cdot x"),
    (lambda x, y: x ** 3,                         "3·x ^ 2",            "3 \\cdot x^{2}"),
    (lambda x, y: x ** 1,                         "1",                  "1"),
    (lambda x, y: x ** 0,                         "0",                  "0"),
    (lambda x, y: x ** y,                         "y·x ^ (y − 1)",      "y \\cdot x^{y - 1}"),
    (lambda x, y: x.relu(),                       "relu′(x)",           "\\operatorname{relu}'(x)"),
    (lambda x, y: x.sigmoid(),                    "sigmoid′(x)",        "\\sigma'(x)"),
    (lambda x, y: (x / y).tanh().parents[0],      "1 ÷ y",              "\\frac{1}{y}"),
    (lambda x, y: autograd.maximum(0, x),         "I(x > 0)",           "I(x > 0)"),
    (lambda x, y: autograd.maximum(x, x),         "0.5",                "0.5"),
    (lambda x, y: autograd.minimum(x, y),         "I(y − x > 0)",       "I(y - x > 0)"),
    (lambda x, y: autograd.hypot(x, y),           "x ÷ loss",             "\\frac{x}{\\mathrm{loss}}"),
    (lambda x, y: abs(x),                         "sign(x)",            "\\operatorname{sign}\\left(x\\right)"),
    (lambda x, y: autograd.prod([x, y, 3.0]),     "y · 3",              None),
    (lambda x, y: autograd.logsumexp([x, y]),     "softmax(x, y)[0]",   None),
    (lambda x, y: autograd.take([x, y], Value(0.0)), "1",                "1"),
    (lambda x, y: autograd.take([x, y], Value(1.0)), "0",                "0"),
    (lambda x, y: autograd.shift([x, y]),         "0",                  "0"),
    (lambda x, y: x.constant(),                   "0",                  "0"),
    (lambda x, y: Value(1.0, (x,), (2.0,)),       "∂loss/∂x",           None),
    (lambda x, y: custom(lambda a, b: a * b, lambda a, b, out: b, lambda a, b, out: a)(x, y), "∂loss/∂x", None),
]
# fmt: on


@pytest.mark.parametrize(("make", "plain", "tex"), WRITTEN, ids=[plain for _, plain, _ in WRITTEN])
def test_how_it_is_written(make, plain, tex):
    node = make(Value(2.0, name="x"), Value(3.0, name="y"))
    symbols = Symbols(node.history(), [])
    written = str(Plain.of(symbols.local_grad(node, 0, Plain)))
    assert written == plain
    if tex:
        assert str(Tex.of(symbols.local_grad(node, 0, Tex))) == tex


def test_a_rule_of_a_users_own_is_not_asked_to_write():
    """It may decide by `if`, which a text cannot."""
    mine = custom(lambda x: x * x, lambda x, out: 1.0 if x > 0 else 2 * x, name="mine")
    node = mine(Value(-2.0, name="x"))
    symbols = Symbols(node.history(), [])
    assert str(symbols.local_grad(node, 0, Plain)) == "mine′(x)"
    assert definition(mine, Plain) == ""


def test_products_and_sums():
    x, minus, total = Plain("x"), Plain("−y", 3), Plain("a + b", 1)
    assert str(product([x, total], Plain)) == "x · (a + b)"
    assert str(product([x, minus], Plain)) == "x · (−y)"
    assert str(product([minus, x], Plain)) == "−y · x"
    assert str(product([x, -1.0, total], Plain)) == "x · (−(a + b))"
    assert str(product([-1.0, x], Plain)) == "−x"
    assert product([2.0, -3.0], Plain) == -6.0
    assert product([x, 0.0], Plain) == 0.0
    assert str(product([x, 2.0, x, 3.0], Plain)) == "x · 6 · x"
    assert str(product([x] * 20, Plain)).count("x") == 11
    assert str(added([x, minus, 2.0], Plain)) == "x − y + 2"
    assert added([1.0, 2.0], Plain) == 3.0


def test_a_formula_without_names_stays_short():
    x = y = Value(0.5, name="x")
    for _ in range(1000):
        y = (y * y + x).tanh()
    symbols = Symbols(y.history(), [])
    assert all(len(str(symbols.text(node, Plain))) < 80 for node in y.history())
    x = y = Value(0.5)
    for _ in range(100_000):
        y = -y
    assert str(Symbols(y.history(), []).text(y, Plain)) == "loss"


def test_the_trace_writes_as_before():
    """The notation is its own: other readers of the table are left alone."""
    assert str(Text("x") * 1) == "x × 1" and str(Latex("x") ** 1) == "x^{1}"
    assert str(ops.step(Text("x"))) == "step(x)"
    assert str(Text("x") == 0) == "x = 0"

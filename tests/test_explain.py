"""The gradient as a sum over paths, and the derivation of the lecture, line by line."""

import dataclasses
import random
import re

import pytest

import autograd
from autograd import Value, custom, dot, maximum, no_grad, norm, tanh, trace, where
from autograd.explain import explain
from autograd.explanation.notation import Plain, Tex

G = custom(lambda z: tanh(z), lambda z, out: 1 - out * out, name="g")
WEIGHTS = dict(w13=0.3, w23=-0.4, w24=0.8, w35=0.6, w36=-0.2, w46=0.9, w57=-0.7, w67=0.5)


def named(value, name):
    value.name = name
    return value


def lecture(g=G, loss=lambda z, t: maximum(0.0, -z * t)):
    """The forward pass on the slide."""
    a1, a2, t = (Value(x, name=name) for name, x in dict(a1=0.5, a2=-1.0, t=1.0).items())
    ws = {name: Value(x, name=name) for name, x in WEIGHTS.items()}
    w13, w23, w24, w35, w36, w46, w57, w67 = ws.values()
    z3 = named(a1 * w13 + a2 * w23, "z3")
    a3 = named(g(z3), "a3")
    z4 = named(a2 * w24, "z4")
    a4 = named(g(z4), "a4")
    z5 = named(a3 * w35, "z5")
    a5 = named(g(z5), "a5")
    z6 = named(a3 * w36 + a4 * w46, "z6")
    a6 = named(g(z6), "a6")
    z7 = named(a5 * w57 + a6 * w67, "z7")
    return named(loss(z7, t), "E"), ws


# The slides "Forward pass: a1 = x1 …" and following, in their order, as they are written; only the
# slide writes the factors of ∂E/∂w35 in another order than those of its neighbours.
SLIDES = r"""
\delta_7 = \frac{\partial \mathcal{E}}{\partial z_7} = I(-z_7 \cdot t > 0) \cdot (-t)
\frac{\partial \mathcal{E}}{\partial w_{67}} = \frac{\partial \mathcal{E}}{\partial z_7} \frac{\partial z_7}{\partial w_{67}} = \delta_7 \cdot a_6
\frac{\partial \mathcal{E}}{\partial w_{57}} = \frac{\partial \mathcal{E}}{\partial z_7} \frac{\partial z_7}{\partial w_{57}} = \delta_7 \cdot a_5
\delta_6 = \frac{\partial \mathcal{E}}{\partial a_6} = \frac{\partial \mathcal{E}}{\partial z_7} \frac{\partial z_7}{\partial a_6} = \delta_7 \cdot w_{67}
\delta_5 = \frac{\partial \mathcal{E}}{\partial a_5} = \frac{\partial \mathcal{E}}{\partial z_7} \frac{\partial z_7}{\partial a_5} = \delta_7 \cdot w_{57}
\frac{\partial \mathcal{E}}{\partial w_{46}} = \frac{\partial \mathcal{E}}{\partial a_6} \frac{\partial a_6}{\partial z_6} \frac{\partial z_6}{\partial w_{46}} = \delta_6 \cdot g'(z_6) \cdot a_4
\frac{\partial \mathcal{E}}{\partial w_{36}} = \frac{\partial \mathcal{E}}{\partial a_6} \frac{\partial a_6}{\partial z_6} \frac{\partial z_6}{\partial w_{36}} = \delta_6 \cdot g'(z_6) \cdot a_3
\frac{\partial \mathcal{E}}{\partial w_{35}} = \frac{\partial \mathcal{E}}{\partial a_5} \frac{\partial a_5}{\partial z_5} \frac{\partial z_5}{\partial w_{35}} = \delta_5 \cdot g'(z_5) \cdot a_3
\delta_4 = \frac{\partial \mathcal{E}}{\partial a_4} = \frac{\partial \mathcal{E}}{\partial a_6} \frac{\partial a_6}{\partial z_6} \frac{\partial z_6}{\partial a_4} = \delta_6 \cdot g'(z_6) \cdot w_{46}
\delta_3 = \frac{\partial \mathcal{E}}{\partial a_3} = \frac{\partial \mathcal{E}}{\partial a_6} \frac{\partial a_6}{\partial z_6} \frac{\partial z_6}{\partial a_3} + \frac{\partial \mathcal{E}}{\partial a_5} \frac{\partial a_5}{\partial z_5} \frac{\partial z_5}{\partial a_3} = \delta_6 \cdot g'(z_6) \cdot w_{36} + \delta_5 \cdot g'(z_5) \cdot w_{35}
\frac{\partial \mathcal{E}}{\partial w_{24}} = \frac{\partial \mathcal{E}}{\partial a_4} \frac{\partial a_4}{\partial z_4} \frac{\partial z_4}{\partial w_{24}} = \delta_4 \cdot g'(z_4) \cdot a_2
\frac{\partial \mathcal{E}}{\partial w_{23}} = \frac{\partial \mathcal{E}}{\partial a_3} \frac{\partial a_3}{\partial z_3} \frac{\partial z_3}{\partial w_{23}} = \delta_3 \cdot g'(z_3) \cdot a_2
\frac{\partial \mathcal{E}}{\partial w_{13}} = \frac{\partial \mathcal{E}}{\partial a_3} \frac{\partial a_3}{\partial z_3} \frac{\partial z_3}{\partial w_{13}} = \delta_3 \cdot g'(z_3) \cdot a_1
""".strip().splitlines()


def as_on_slides(latex):
    """Our LaTeX without the braces and sizes the slides do without."""
    latex = latex.replace(r"\left(", "(").replace(r"\right)", ")")
    return re.sub(r"_\{(\w)\}", r"_\1", latex)


def test_the_lecture_line_by_line():
    loss, ws = lecture()
    lines = explain(loss, ws.values()).symbols(Tex)
    assert [as_on_slides(line) for line in lines] == SLIDES


def test_the_lecture_as_text():
    loss, ws = lecture()
    assert explain(loss, ws).symbols() == [
        "δ7 = ∂E/∂z7 = I(−z7·t > 0) · (−t)",
        "∂E/∂w67 = ∂E/∂z7 · ∂z7/∂w67 = δ7 · a6",
        "∂E/∂w57 = ∂E/∂z7 · ∂z7/∂w57 = δ7 · a5",
        "δ6 = ∂E/∂a6 = ∂E/∂z7 · ∂z7/∂a6 = δ7 · w67",
        "δ5 = ∂E/∂a5 = ∂E/∂z7 · ∂z7/∂a5 = δ7 · w57",
        "∂E/∂w46 = ∂E/∂a6 · ∂a6/∂z6 · ∂z6/∂w46 = δ6 · g′(z6) · a4",
        "∂E/∂w36 = ∂E/∂a6 · ∂a6/∂z6 · ∂z6/∂w36 = δ6 · g′(z6) · a3",
        "∂E/∂w35 = ∂E/∂a5 · ∂a5/∂z5 · ∂z5/∂w35 = δ5 · g′(z5) · a3",
        "δ4 = ∂E/∂a4 = ∂E/∂a6 · ∂a6/∂z6 · ∂z6/∂a4 = δ6 · g′(z6) · w46",
        "δ3 = ∂E/∂a3 = ∂E/∂a6 · ∂a6/∂z6 · ∂z6/∂a3 + ∂E/∂a5 · ∂a5/∂z5 · ∂z5/∂a3 = δ6 · g′(z6) · w36 + δ5 · g′(z5) · w35",
        "∂E/∂w24 = ∂E/∂a4 · ∂a4/∂z4 · ∂z4/∂w24 = δ4 · g′(z4) · a2",
        "∂E/∂w23 = ∂E/∂a3 · ∂a3/∂z3 · ∂z3/∂w23 = δ3 · g′(z3) · a2",
        "∂E/∂w13 = ∂E/∂a3 · ∂a3/∂z3 · ∂z3/∂w13 = δ3 · g′(z3) · a1",
    ]


def test_all_named_leaves_have_the_same_lines_among_theirs():
    loss, ws = lecture()
    slides, everything = explain(loss, ws).symbols(), explain(loss).symbols()
    assert [line for line in everything if line in slides] == slides
    assert {line.split(" = ")[0] for line in everything if line not in slides} == {
        "∂E/∂a1",
        "∂E/∂a2",
        "∂E/∂t",
    }


@pytest.mark.parametrize("order", range(5))
def test_the_order_of_the_weights_does_not_matter(order):
    loss, ws = lecture()
    shuffled = random.Random(order).sample(list(ws.values()), len(ws))
    assert explain(loss, shuffled).symbols() == explain(loss, ws).symbols()


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_lecture_one_weight_at_a_time(name):
    loss, ws = lecture()
    explanation = explain(loss, ws[name])
    assert explanation.grad == pytest.approx(sum(path.product for path in explanation.paths))
    slides = explain(loss, ws).symbols()
    assert set(explanation.factored.symbols()) <= set(slides)
    assert explanation.factored.symbols()[-1].startswith(f"∂E/∂{name} = ")
    loss.backward()
    assert ws[name].grad == explanation.grad
    assert explanation.count == (2 if name in ("w13", "w23") else 1)


def test_an_explanation_as_text():
    loss, ws = lecture(tanh, lambda z, t: (-z * t).relu())
    assert str(explain(loss, ws["w23"])).splitlines() == [
        "∂E/∂w23 = −0.335718 is the sum over 2 paths from w23 to E; backpropagation touches 15 edges.",
        "",
        "   product  path",
        "──────────  ────────────────────────────────",
        " −0.288016  w23 → z3 → a3 → z5 → a5 → z7 → E",
        "−0.0477026  w23 → z3 → a3 → z6 → a6 → z7 → E",
        "──────────  ────────────────────────────────",
        " −0.335718  = ∂E/∂w23",
        "",
        "Factored, as backpropagation computes it:",
        "δ7 = ∂E/∂z7 = relu′(−z7·t) · (−t)",
        "   = −1",
        "δ6 = ∂E/∂a6 = ∂E/∂z7 · ∂z7/∂a6 = δ7 · w67",
        "   = −1 · 0.5 = −0.5",
        "δ5 = ∂E/∂a5 = ∂E/∂z7 · ∂z7/∂a5 = δ7 · w57",
        "   = −1 · (−0.7) = 0.7",
        "δ3 = ∂E/∂a3 = ∂E/∂a6 · ∂a6/∂z6 · ∂z6/∂a3 + ∂E/∂a5 · ∂a5/∂z5 · ∂z5/∂a3 = δ6 · tanh′(z6) · w36 + δ5 · tanh′(z5) · w35",
        "   = −0.5 · 0.636476 · (−0.2) + 0.7 · 0.91497 · 0.6 = 0.447935",
        "∂E/∂w23 = ∂E/∂a3 · ∂a3/∂z3 · ∂z3/∂w23 = δ3 · tanh′(z3) · a2",
        "        = 0.447935 · 0.74948 · (−1) = −0.335718",
        "where relu′(x) = I(x > 0)",
        "      tanh′(x) = 1 − tanh(x) ^ 2",
        "      I(…) is 1 if it holds, else 0",
        "",
        "Expanded, a product for each path:",
        "∂E/∂w23 = relu′(−z7·t) · (−t) · w57 · tanh′(z5) · w35 · tanh′(z3) · a2",
        "        + relu′(−z7·t) · (−t) · w67 · tanh′(z6) · w36 · tanh′(z3) · a2",
        "        = −1 · (−0.7) · 0.91497 · 0.6 · 0.74948 · (−1)",
        "        − 1 · 0.5 · 0.636476 · (−0.2) · 0.74948 · (−1)",
        "        = −0.335718",
    ]


def test_an_explanation_as_markdown_and_latex():
    loss, ws = lecture()
    explanation = explain(loss, ws["w13"])
    markdown = explanation.markdown()
    assert explanation._repr_markdown_() == markdown
    for part in (
        "2 paths from w13 to E",
        "| product | path |",
        r"| $0.144008$ | $w_{13} \to z_{3} \to a_{3} \to z_{5} \to a_{5} \to z_{7} \to \mathcal{E}$ |",
        "$$\n" + explanation.factored.latex() + "\n$$",
        "$$\n" + explanation.expanded.latex() + "\n$$",
    ):
        assert part in markdown
    assert (
        explanation.latex() == f"{explanation.factored.latex()}\n\n{explanation.expanded.latex()}"
    )
    for block in (explanation.factored.latex(), explanation.expanded.latex()):
        assert block.startswith("\\begin{aligned}\n") and block.endswith("\n\\end{aligned}")
        rows = block.splitlines()[1:-1]
        assert all(row.count("&") == 1 for row in rows)
        assert [row.endswith(r" \\") for row in rows] == [True] * (len(rows) - 1) + [False]
    assert explain(loss, ws)._repr_markdown_() == explain(loss, ws).markdown()
    assert explanation.expanded._repr_markdown_() == explanation.expanded.markdown()


def test_absolute_values_in_a_table_of_markdown():
    """A `|` would end the cell: |x| is written with \\vert there, ‖x, y‖ with \\Vert."""
    x, y = Value(3.0, name="x"), Value(4.0, name="y")
    table = explain(abs(x) * norm([x, y]), x).markdown().split("\n\n")[1].splitlines()
    assert [line.count("|") for line in table] == [3] * 5
    assert r"x \to \left\vert x\right\vert " in table[2]
    assert r"x \to \left\Vert x, y\right\Vert " in table[3]


def test_matplotlib_sets_the_latex():
    """Every formula of the slides, by an independent reader of LaTeX."""
    mathtext = pytest.importorskip("matplotlib.mathtext")
    loss, ws = lecture(tanh)
    explanation = explain(loss, ws["w13"])
    formulas = explain(loss, ws).symbols(Tex) + explain(loss, ws).numbers(Tex)
    formulas += explanation.expanded.symbols(Tex) + explanation.expanded.numbers(Tex)
    formulas += [term.path for term in explanation.expanded.tex]
    formulas += explanation.factored.meanings_tex
    for formula in formulas:
        assert mathtext.MathTextParser("path").parse(f"${formula}$").width > 0


def evaluated(line, numbers):
    """The right-hand side of a line of symbols, computed by Python."""
    formula = line.rsplit(" = ", 1)[1].replace("·", "*").replace("−", "-").replace("÷", "/")
    formula = re.sub(r"(\w+)′\(", r"d_\1(", formula)
    return eval(formula, {"__builtins__": {}, "I": float}, numbers)


@pytest.mark.parametrize("seed", range(30))
def test_the_symbols_evaluate_to_the_gradients(seed):
    """On random networks each line, read by Python with numbers for the names, is its number."""
    loss, leaves = network(random.Random(seed))
    derivation = explain(loss, leaves)
    numbers = {step.name: step.data for step in trace(loss).steps}
    numbers |= {"tanh": autograd.tanh, "sigmoid": autograd.sigmoid}
    numbers["d_tanh"] = lambda x: 1 - autograd.tanh(x) ** 2
    numbers["d_sigmoid"] = lambda x: autograd.sigmoid(x) * (1 - autograd.sigmoid(x))
    loss.backward()
    grads = {step.name: step.grad for step in trace(loss).steps}
    for line in derivation.symbols():
        left = line.split(" = ")[0]
        name = left.removeprefix("δ_").removeprefix("∂L/∂")
        numbers[left] = evaluated(line, numbers)
        assert numbers[left] == pytest.approx(grads[name], rel=1e-9, abs=1e-12), line
    assert {leaf.name for leaf in leaves} <= {
        line.split(" = ")[0].removeprefix("∂L/∂") for line in derivation.symbols()
    }


def network(rng, size=8):
    """A random graph with some of its nodes named."""
    leaves = [Value(rng.uniform(-1, 1), name=f"w{k}") for k in range(4)]
    nodes = list(leaves)
    while len(nodes) < 4 + size:
        x, y, z = (rng.choice(nodes[-5:]) for _ in range(3))
        make = [
            lambda x=x, y=y, z=z: x * y + z,
            lambda x=x, y=y, z=z: (x - y).tanh() * z,
            lambda x=x, y=y, z=z: x / (2 + y * y),
            lambda x=x, y=y, z=z: dot([x, y, 3.0], [z, x, y], z).sigmoid(),
            lambda x=x, y=y, z=z: -x,
            lambda x=x, y=y, z=z: maximum(x, y) * 0.5,
        ]
        node = rng.choice(make)()
        node.name = f"h{len(nodes)}"
        nodes.append(node)
    loss = autograd.sum(leaves) * nodes[-1]
    loss.name = "L"
    return loss, leaves


@pytest.mark.parametrize("seed", range(30))
def test_paths_add_up_to_the_gradient(seed):
    loss, leaves = network(random.Random(seed), size=14)
    explanations = [explain(loss, leaf, limit=5) for leaf in leaves]
    assert all(node.grad == 0 for node in loss.history())
    loss.backward()
    for leaf, explanation in zip(leaves, explanations, strict=True):
        assert explanation.grad == leaf.grad
        listed = sum(path.product for path in explanation.paths)
        assert listed + explanation.rest == pytest.approx(leaf.grad, rel=1e-9, abs=1e-12)
        assert len(explanation.paths) == min(5, explanation.count)
        sizes = [abs(path.product) for path in explanation.paths]
        assert sizes == sorted(sizes, reverse=True)


def test_the_gradient_does_not_change_the_graph():
    loss, ws = lecture()
    loss.backward()
    before = [(node.data, node.grad, node.name) for node in loss.history()]
    str(explain(loss)), str(explain(loss, ws["w13"])), explain(loss, ws["w13"]).markdown()
    assert [(node.data, node.grad, node.name) for node in loss.history()] == before


def test_an_explanation_is_a_copy():
    loss, ws = lecture()
    explanation = explain(loss, ws["w13"])
    before = str(explanation)
    ws["w13"].data, ws["w13"].name = 9.0, "other"
    assert str(explanation) == before
    for thing in (explanation, explanation.paths[0], explanation.factored, explanation.expanded):
        with pytest.raises(dataclasses.FrozenInstanceError):
            thing.count = 1


def test_two_edges_are_two_paths():
    a = Value(3.0, name="a")
    explanation = explain(named(a * a, "y"), a)
    assert (explanation.count, explanation.edges, explanation.grad) == (2, 2, 6.0)
    assert [path.slots for path in explanation.paths] == [(0,), (1,)]
    assert explanation.factored.symbols() == ["∂y/∂a = a + a"]


def test_as_many_paths_as_there_are():
    """2¹⁰⁰, which nobody enumerates."""
    x = y = Value(1.0, name="x")
    for _ in range(100):
        y = y * y
    explanation = explain(y, x)
    assert (explanation.count, explanation.edges) == (2**100, 200)
    assert explanation.grad == explanation.rest + 10 == 2.0**100
    assert (
        "1\u2009267\u2009650\u2009600\u2009228\u2009229\u2009401\u2009496\u2009703\u2009205\u2009376 paths"
        in str(explanation)
    )
    assert "80 more lines" in str(explanation) and "80 more lines" in explanation.latex()
    assert max(map(len, str(explanation).splitlines())) < 200


def test_a_hundred_thousand_nodes():
    x = y = Value(1.0, name="x")
    for _ in range(50_000):
        y = y * 0.5 + x
    explanation = explain(y, x)
    y.backward()
    assert (explanation.grad, explanation.count) == (x.grad, 50_001)
    assert [path.product for path in explanation.paths] == [0.5**k for k in range(10)]
    assert len(str(explanation)) < 20_000 and len(explanation.markdown()) < 20_000


# fmt: off
FOLDED = [
    # the loss                                        the line of ∂loss/∂a
    (lambda a, b: a * b,                              "∂loss/∂a = b"),
    (lambda a, b: a + b,                              "∂loss/∂a = 1"),
    (lambda a, b: b - a,                              "∂loss/∂a = −1"),
    (lambda a, b: -(a * b),                           "∂loss/∂a = −b"),
    (lambda a, b: (a - b) ** 2,                       "∂loss/∂a = 2·(a − b)"),
    (lambda a, b: a * 3 * b,                          "∂loss/∂a = b · 3"),
    (lambda a, b: (a * b + 1).tanh(),                 "∂loss/∂a = tanh′(a·b + 1) · b"),
    (lambda a, b: (a * 2).exp(),                      "∂loss/∂a = loss · 2"),
    (lambda a, b: (a * b).exp() * b,                  "∂loss/∂a = b · exp(a·b) · b"),
    (lambda a, b: b / a,                              "∂loss/∂a = −loss ÷ a"),
    (lambda a, b: (a / b) * b,                        "∂loss/∂a = b · (1 ÷ b)"),
    (lambda a, b: where(b > 9, b, a * b),             "∂loss/∂a = b"),
    (lambda a, b: maximum(a, b) * b,                  "∂loss/∂a = b · I(a − b > 0)"),
    (lambda a, b: dot([a, b], [b, 2.0], a),           "∂loss/∂a = b + 1"),
    (lambda a, b: autograd.take([b, a * b], Value(1.0)) * b, "∂loss/∂a = b · b"),
    (lambda a, b: autograd.take([a, b], Value(1.0)),  "∂loss/∂a = 0"),
    (lambda a, b: a.constant() * a * b,               "∂loss/∂a = b · constant(a) + 0"),
    (lambda a, b: autograd.mean([a * b, b]),          "∂loss/∂a = 0.5 · b"),
    (lambda a, b: Value(1.0, (a, b), (2.0, 3.0)),     "∂loss/∂a"),
    (lambda a, b: G(a * b),                           "∂loss/∂a = g′(a·b) · b"),
]
# fmt: on


@pytest.mark.parametrize(("make", "line"), FOLDED, ids=[line for _, line in FOLDED])
def test_what_has_no_name_is_folded(make, line):
    a, b = Value(2.0, name="a"), Value(3.0, name="b")
    loss = make(a, b)
    assert explain(loss, a).factored.symbols()[-1].removesuffix(" = ∂loss/∂a") == line
    assert explain(loss, a).latex()


def test_an_unnamed_node_used_twice_gets_a_delta():
    a, b = Value(2.0, name="a"), Value(3.0, name="b")
    h = a * b
    derivation = explain(h.sin() + h * b, a).factored
    assert derivation.symbols() == [
        "δ_v1 = ∂loss/∂v1 = b + cos(v1)",
        "∂loss/∂a = ∂loss/∂v1 · ∂v1/∂a = δ_v1 · b",
    ]
    assert "v1 = a·b" in derivation.meanings


def test_the_index_of_a_delta():
    x = Value(2.0, name="x")
    a1 = named(x * 3, "a_1")
    z1 = named(a1 * a1, "z1")
    h = named(z1 * a1, "h")
    lines = explain(named(h * 2, "L"), x).factored.symbols()
    assert [line.split(" = ")[0] for line in lines] == ["δ_h", "δ_z1", "δ1", "∂L/∂x"]
    assert r"\delta_{h}" in explain(h * 2, x).latex()


@pytest.mark.parametrize("label", ["z1", "z_1", "z₁"])
def test_an_index_however_it_is_typed(label):
    x = Value(0.5, name="x₀")
    z = named(x * x, label)
    line = explain(named(z * 3 * z, "y"), [x])
    assert line.symbols()[-1] == f"∂y/∂x₀ = ∂y/∂{label} · ∂{label}/∂x₀ = δ1 · (x₀ + x₀)"
    assert line.symbols(Tex)[0].startswith(r"\delta_{1} = \frac{\partial y}{\partial z_{1}} = ")
    assert line.symbols(Tex)[-1].endswith(r"\delta_{1} \cdot \left(x_{0} + x_{0}\right)")


@pytest.mark.parametrize(
    "label, tex",
    [
        ("w_A", "w_{A}"),
        ("w_12", "w_{12}"),
        ("loss_a", r"\mathrm{loss}_{a}"),
        ("z1_A", r"\mathrm{z1\_A}"),  # never two indices, which LaTeX refuses
        ("₁", r"\mathrm{₁}"),
    ],
)
def test_names_in_latex(label, tex):
    assert Tex.name(label) == tex


def test_tanh_prime_is_the_one_of_textbooks():
    x = Value(0.5, name="x")
    derivation = explain(named(tanh(x), "y"), [x])
    assert derivation.meanings[0] == "tanh′(x) = 1 − tanh(x) ^ 2"


def test_zero_infinite_and_nan_local_derivatives():
    """As backward(): 0 is not passed on, not even to an infinite derivative."""
    x = Value(0.0, name="x")
    for loss in (x.sqrt() * 0.0, (x * 0.0).sqrt(), x.sqrt() + x, x * Value(float("nan"))):
        explanation = explain(loss, x)
        loss.backward()
        assert repr(explanation.grad) == repr(x.grad)
        assert repr(sum(path.product for path in explanation.paths)) == repr(x.grad)
        assert str(explanation) and explanation.markdown()
        x.grad = 0.0


@pytest.mark.parametrize(
    "name", ["a|b", "w_1", "50%", "$x$", "{x}", "#1", "π", "a\nb", "\\", "<b>"]
)
def test_special_names(name):
    x = Value(1.0, name=name)
    explanation = explain((x * 2).exp() * x, x)
    for line in explanation.markdown().splitlines():
        assert not line.startswith("|") or line.count("|") == 3
    assert "\n" not in explanation.summary


def test_several_values_given_twice_are_one():
    loss, ws = lecture()
    assert explain(loss, [ws["w13"], ws["w13"]]).symbols() == explain(loss, [ws["w13"]]).symbols()


def test_leaves_without_names():
    loss = Value(2.0) * Value(3.0)
    assert explain(loss).symbols() == ["∂loss/∂v2 = v1", "∂loss/∂v1 = v2"]


def test_numbers_in_the_lines():
    a, b = Value(2.0, name="a"), Value(3.0, name="b")
    derivation = explain(named(named(a * b, "z") ** 2, "L"), a).factored
    assert derivation.numbers() == ["δ_z = 12", "∂L/∂a = 12 · 3 = 36"]
    assert derivation.numbers(Tex)[1] == r"\frac{\partial L}{\partial a} = 12 \cdot 3 = 36"
    assert derivation.numbers(Plain) == derivation.numbers()


@pytest.mark.parametrize("w", [1.0, "w", [1.0], [], object(), b"w"])
def test_what_is_no_value(w):
    loss, _ = lecture()
    with pytest.raises(
        TypeError, match=r"explain\(loss, w\) takes a Value, or several in a list, got"
    ):
        explain(loss, w)
    if not isinstance(w, list):
        with pytest.raises(TypeError, match=r"explain\(loss, w\) takes a Value as the loss, got"):
            explain(w, loss)


def test_no_path():
    loss, ws = lecture()
    other = Value(1.0, name="other")
    with pytest.raises(
        ValueError, match=r"no path leads from w = .*other.*its named leaves: a1, a2"
    ):
        explain(loss, other)
    with pytest.raises(ValueError, match="no path leads"):
        explain(loss, [ws["w13"], other])
    with pytest.raises(ValueError, match="w is the loss itself"):
        explain(loss, loss)
    with pytest.raises(ValueError, match="was not computed from any Value"):
        explain(ws["w13"], ws["w13"])
    with no_grad():
        result = ws["w13"] * 2
    with pytest.raises(ValueError, match=r"made outside no_grad\(\)"):
        explain(result)
    a = Value(1.0, name="a")
    with pytest.raises(ValueError, match=r"where\(\) leaves out what was not chosen"):
        explain(where(a > 0, ws["w13"], a) * 2, a)


@pytest.mark.parametrize(
    ("limit", "error"), [(0, ValueError), (-1, ValueError), (1.5, TypeError), (True, TypeError)]
)
def test_limits(limit, error):
    loss, ws = lecture()
    with pytest.raises(error, match="limit is how many paths to list"):
        explain(loss, ws["w13"], limit=limit)
    assert len(explain(loss, ws["w13"], limit=1).paths) == 1
    assert "1 more path, together 0.0238513" in str(explain(loss, ws["w13"], limit=1))


def test_the_rest_in_latex():
    x = y = Value(1.0, name="x")
    for _ in range(2000):
        y = -(y * y)
    latex = explain(y, x).latex()
    assert r"(1.148$\cdot$10$^{602}$ more paths, together $-\infty$)" in latex
    assert not set(latex) & set("\u2009·−∞⁰¹²³")


def test_what_an_activation_gave_has_a_delta_without_a_name():
    """As in a network of nn, whose neurons have no names."""
    w, b, v, t = (Value(0.5, name=name) for name in "wbvt")
    loss = named(((w * 2 + b).tanh() * v - t) ** 2, "L")
    assert explain(loss, [w, b, v]).symbols() == [
        "∂L/∂v = 2·(v3·v − t) · v3",
        "δ_v3 = ∂L/∂v3 = 2·(v3·v − t) · v",
        "∂L/∂b = ∂L/∂v3 · ∂v3/∂b = δ_v3 · tanh′(w·2 + b)",
        "∂L/∂w = ∂L/∂v3 · ∂v3/∂w = δ_v3 · tanh′(w·2 + b) · 2",
    ]


def test_which_values_are_only_passed_on_the_way():
    """z3 in a3 = tanh(z3); but not what an activation gave, and not what only the loss is made of."""
    x = Value(0.5, name="x")
    s1 = named(x.tanh(), "s1")
    s2 = named(s1.tanh(), "s2")
    z3 = named(s2 * 3, "z3")
    a3 = named(z3.tanh(), "a3")
    z4 = named(a3 * 2, "z4")
    lines = explain(named(z4.sigmoid(), "E"), x).factored.symbols()
    assert lines == [
        "δ4 = ∂E/∂z4 = sigmoid′(z4)",
        "δ3 = ∂E/∂a3 = ∂E/∂z4 · ∂z4/∂a3 = δ4 · 2",
        "δ_s2 = ∂E/∂s2 = ∂E/∂a3 · ∂a3/∂z3 · ∂z3/∂s2 = δ3 · tanh′(z3) · 3",
        "δ_s1 = ∂E/∂s1 = ∂E/∂s2 · ∂s2/∂s1 = δ_s2 · tanh′(s1)",
        "∂E/∂x = ∂E/∂s1 · ∂s1/∂x = δ_s1 · tanh′(x)",
    ]


def test_very_many_ways_are_not_all_written():
    x, w = Value(1.0, name="x"), [Value(1.0, name=f"w{k}") for k in range(20_000)]
    explanation = explain(autograd.sum([x * v for v in w]), x)
    assert explanation.count == 20_000
    assert explanation.factored.symbols() == [
        "∂loss/∂x = w19999 + w19998 + w19997 + w19996 + … + w0"
    ]
    assert len(str(explanation)) < 3000

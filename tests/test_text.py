"""Texts: what the table writes — C that compiles to the same numbers, LaTeX, plain formulas."""

import ctypes
import math
import operator
import random
import re
import shutil
import subprocess
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from points import points
from test_ops import EDGES

from autograd import kernels, ops, text
from autograd.operation import Reduction, Softmax
from autograd.ops import ROWS
from autograd.text import C, Latex, Text

FIXED = {name: row for name, row in ROWS.items() if not isinstance(row, Reduction)}
REDUCTIONS = {name: row for name, row in ROWS.items() if isinstance(row, Reduction)}
OPERANDS = {
    name: [*points(row), *(operands for edge, operands, *_ in EDGES if edge == name)]
    for name, row in ROWS.items()
}


def formulas(row, language):
    """The value of a row and each of its derivatives, written."""
    count = 1 if isinstance(row, Reduction) and language is C else len(row.derivatives)
    return [
        text.value(row, language),
        *(text.derivative(row, index, language) for index in range(count)),
    ]


# C

LARGEST = """
#include <math.h>
double largest(int n, const double *x) {
    double top = n ? x[0] : 0;
    for (int i = 1; i < n; i++) if (x[i] > top) top = x[i];
    return isfinite(top) ? top : 0;
}
"""


def in_c(trees):
    """A C file: a function for each value and derivative of the rows, and for each tree."""
    prototypes, functions = [], []
    for name, row in FIXED.items():
        inputs = ", ".join(f"double {x}" for x in row.inputs)
        value, *derivatives = formulas(row, C)
        if not row.in_c:
            prototypes.append(f"static double {name}({inputs});")
            functions.append(f"static double {name}({inputs}) {{ return {value}; }}")
        functions.append(f"double value_{name}({inputs}) {{ return {value}; }}")
        functions += [
            f"double derivative_{name}_{i}({inputs}, double out) {{ return {derivative}; }}"
            for i, derivative in enumerate(derivatives)
        ]
    for name, row in REDUCTIONS.items():
        value, derivative = formulas(row, C)
        inputs = "int n, const double *x, double *w, int k"
        start = "double out = 0, top = largest(n, x); int i;"
        functions += [
            f"double value_{name}({inputs}) {{ {start} {value} return out; }}",
            f"double derivative_{name}({inputs}, int i, double out) {{ return {derivative}; }}",
        ]
    for number, tree in enumerate(trees):
        written = build(tree, C, C.of)
        functions.append(
            f"double tree_{number}(double x, double y, double z) {{ return {written}; }}"
        )
    return "\n".join([LARGEST, *prototypes, *functions, ""])


@pytest.fixture(scope="module")
def compiled(tmp_path_factory):
    """The C file, compiled: a function by name from doubles to a double."""
    compiler = shutil.which("cc") or shutil.which("gcc") or shutil.which("clang")
    if not compiler:
        pytest.skip("there is no C compiler here")
    folder = tmp_path_factory.mktemp("c")
    source, library = folder / "rows.c", folder / "rows.so"
    source.write_text(in_c(TREES))
    options = ["-shared", "-fPIC", "-ffp-contract=off", "-Werror=implicit-function-declaration"]
    subprocess.run([compiler, *options, source, "-o", library, "-lm"], check=True)
    loaded = ctypes.CDLL(str(library))

    def function(name):
        found = loaded[name]
        found.restype = ctypes.c_double
        return found

    return function


def same(x, y):
    """The same number to a few units in the last place; nan is nan."""
    return math.isclose(x, y, rel_tol=2**-49) or (math.isnan(x) and math.isnan(y))


@pytest.mark.parametrize("row", FIXED.values(), ids=FIXED)
def test_c_computes_what_the_row_computes(row, compiled):
    for operands in OPERANDS[row.name]:
        doubles = [ctypes.c_double(x) for x in operands]
        out = row.compute(operands)
        assert same(compiled(f"value_{row.name}")(*doubles), out), operands
        for i in range(len(operands)):
            found = compiled(f"derivative_{row.name}_{i}")(*doubles, ctypes.c_double(out))
            assert same(found, row.partial(i, operands, out)), (operands, i)


@pytest.mark.parametrize("row", REDUCTIONS.values(), ids=REDUCTIONS)
def test_c_computes_what_the_reduction_computes(row, compiled):
    for operands in OPERANDS[row.name]:
        xs, k = (operands[:-1], int(operands[-1])) if isinstance(row, Softmax) else (operands, 0)
        doubles = ctypes.c_double * len(xs)
        arguments = len(xs), doubles(*xs), doubles(), k
        out = row.compute(list(operands))
        assert same(compiled(f"value_{row.name}")(*arguments), out), operands
        for i, local in enumerate(row.partials(list(operands), out)):
            found = compiled(f"derivative_{row.name}")(*arguments, i, ctypes.c_double(out))
            assert same(found, local), (operands, i)


# PRECEDENCE: a formula means what it was made from, whatever is put inside what

# fmt: off
ARITHMETIC = ["add", "subtract", "multiply", "divide", "negative", "square", "reciprocal"]
FUNCTIONS = ["power", "absolute", "exp", "sqrt", "relu", "sigmoid", "maximum", "clip", "leaky_relu"]
FRACTIONS = {
    "add":        operator.add,
    "subtract":   operator.sub,
    "multiply":   operator.mul,
    "divide":     operator.truediv,
    "negative":   operator.neg,
    "reciprocal": lambda x: 1 / x,
    "square":     lambda x: x * x,
    "cube":       lambda x: x ** 3,
}
CONDITIONS = {"lt": operator.lt, "ge": operator.ge, "eq": operator.eq}
JOINED = {"and": operator.and_, "or": operator.or_}
# fmt: on
LEAVES = ["x", "y", "z", -2, -1, 0, 1, 3]


def build(tree, language, constant):
    """A tree as the rows write it: leaves are names, constants, or ("operation", *trees)."""
    if isinstance(tree, str):
        return language(tree)
    if not isinstance(tree, tuple):
        return constant(tree)
    name, *branches = tree
    operands = [build(branch, language, constant) for branch in branches]
    if name == "cube":
        return ops.power(operands[0], constant(3))
    return (CONDITIONS | JOINED | ROWS)[name](*operands)


def number(tree, leaves):
    """The number that a tree stands for, by the rows on floats."""
    return build(tree, leaves.get, float)


def grow(draw, depth, names=(*ARITHMETIC, *FUNCTIONS, "where")):
    """A random tree; draw(list) picks one of a list."""
    if depth == 0:
        return draw(LEAVES)
    name = draw(names)
    if name == "where":
        compared = [
            (draw(list(CONDITIONS)), grow(draw, depth - 1), grow(draw, depth - 1)) for _ in "ab"
        ]
        joined = (draw(list(JOINED)), *compared)
        condition = draw([compared[0], joined, (draw(list(JOINED)), joined, compared[0])])
        return (name, condition, grow(draw, depth - 1), grow(draw, depth - 1))
    inputs = 1 if name == "cube" else len(ROWS[name].inputs)
    return (name, *(grow(draw, draw(range(depth)), names) for _ in range(inputs)))


TREES = [grow(random.Random(seed).choice, 4) for seed in range(300)]


@st.composite
def trees(draw, names):
    return grow(lambda choices: draw(st.sampled_from(choices)), 4, names)


def test_c_puts_parentheses_where_they_are_needed(compiled):
    leaves = {"x": 1.75, "y": -2.5, "z": 0.375}
    doubles = [ctypes.c_double(x) for x in leaves.values()]
    for index, tree in enumerate(TREES):
        assert same(compiled(f"tree_{index}")(*doubles), float(number(tree, leaves))), tree


@given(trees((*ARITHMETIC, *FUNCTIONS, "where")), st.tuples(*3 * [st.floats(-4, 4)]))
def test_python_puts_parentheses_where_they_are_needed(tree, xyz):
    leaves = dict(zip("xyz", xyz, strict=True))
    written = str(build(tree, kernels.Python, kernels.Python.of))
    try:
        found = eval(written, dict(kernels.FUNCTIONS), leaves)
    except (ArithmeticError, ValueError):  # then the row is asked, which knows IEEE 754
        assume(False)
    assert repr(float(found)) == repr(float(number(tree, leaves)))


def exactly(tree, leaves):
    if not isinstance(tree, tuple):
        return leaves[tree] if isinstance(tree, str) else Fraction(tree)
    return FRACTIONS[tree[0]](*(exactly(branch, leaves) for branch in tree[1:]))


FROM_TEXT = {"−": "-", "×": "*", "÷": "/", "^": "**", "²": "**2"}
FROM_LATEX = {r"\cdot": "*", r"\left(": "(", r"\right)": ")", r"\frac": "frac", "^": "**"}


@given(
    trees((*ARITHMETIC, "cube")),
    st.tuples(*3 * [st.fractions(-3, 3, max_denominator=5)]),
    st.sampled_from([(Text, FROM_TEXT), (Latex, FROM_LATEX | {"{": "(", "}": ")"})]),
)
def test_formulas_put_parentheses_where_they_are_needed(tree, xyz, notation):
    """Plain text and LaTeX, read as everyone reads them: the same number, exactly."""
    language, spellings = notation
    leaves = dict(zip("xyz", xyz, strict=True))
    try:
        expected = exactly(tree, leaves)
    except ZeroDivisionError:
        assume(False)
    formula = str(build(tree, language, language.of))
    for sign, python in spellings.items():
        formula = formula.replace(sign, python)
    formula = re.sub(r"\d+", r"number(\g<0>)", formula)
    found = eval(formula, {"number": Fraction, "frac": lambda a: lambda b: a / b}, leaves)
    assert found == expected


# fmt: off
WRITTEN = [
    # formula, then plain, LaTeX and C
    (lambda x, y: x - (y - x),                     "x − (y − x)",
                r"x - \left(y - x\right)",         "x - (y - x)"),
    (lambda x, y: (x + y) * -x,                    "(x + y) × −x",
                r"\left(x + y\right) \cdot -x",    "(x + y) * -x"),
    (lambda x, y: x / (y / x),                     "x ÷ (y ÷ x)",
                r"\frac{x}{\frac{y}{x}}",          "x / (y / x)"),
    (lambda x, y: (-x) ** y,                       "(−x) ^ y",
                r"\left(-x\right)^{y}",            "pow(-x, y)"),
    (lambda x, y: -(x ** y),                       "−x ^ y",
                r"-x^{y}",                         "-pow(x, y)"),
    (lambda x, y: x ** -2,                         "x ^ (−2)",
                r"x^{-2}",                         "pow(x, -2.0)"),
    (lambda x, y: (-2) ** x,                       "(−2) ^ x",
                r"\left(-2\right)^{x}",            "pow(-2.0, x)"),
    (lambda x, y: 1e-7 ** x,                       "1e−7 ^ x",
                r"\left(1 \cdot 10^{-7}\right)^{x}", "pow(1e-07, x)"),
    (lambda x, y: ops.negative(-x),                "−−x",
                r"--x",                            "-(-x)"),
    (lambda x, y: ops.sqrt(x * y),                 "√(x × y)",
                r"\sqrt{x \cdot y}",               "sqrt(x * y)"),
    (lambda x, y: ops.square(ops.sqrt(x)),         "(√x)²",
                r"\left(\sqrt{x}\right)^{2}",      "square(sqrt(x))"),
    (lambda x, y: ops.sqrt(ops.square(x)),         "√(x²)",
                r"\sqrt{x^{2}}",                   "sqrt(square(x))"),
    (lambda x, y: ops.exp(x) ** 2,                 "exp(x) ^ 2",
                r"\left(e^{x}\right)^{2}",         "pow(exp(x), 2.0)"),
    (lambda x, y: ops.absolute(x),                 "|x|",
                r"\left|x\right|",                 "fabs(x)"),
    (lambda x, y: ops.where(x < y, x, 0),          "where(x < y, x, 0)",
                r"\begin{cases} x & \text{if } x < y \\ 0 & \text{otherwise} \end{cases}",
                                                   "(x < y ? x : 0.0)"),
    (lambda x, y: ops.where(((x < y) | (x < 1)) & (y < 1), x, y),
                                                   "where((x < y or x < 1) and y < 1, x, y)",
                None,                              "((x < y || x < 1.0) && y < 1.0 ? x : y)"),
    (lambda x, y: ops.sum([x, y]) * x,             "(x + y) × x",
                r"\left(x + y\right) \cdot x",     None),
    (lambda x, y: ops.dot([x], [y], x),            "x×y + x",
                r"x \cdot y + x",                  None),
    (lambda x, y: ops.softmax([x, y])[1],          "softmax(x, y)[1]",
                r"\operatorname{softmax}\left(x, y\right)_{1}", None),
    (lambda x, y: ops.take([x, x * y, 2.5], y),    "take([x, x × y, 2.5], y)",
                r"\operatorname{take}\left(\left[x, x \cdot y, 2.5\right], y\right)", None),
    (lambda x, y: ops.take([x, -y], 1),            "−y",
                "-y",                              "-y"),
    (lambda x, y: ops.shift([x, y]) * ops.constant(x), "shift(x, y) × constant(x)",
                r"\operatorname{shift}\left(x, y\right) \cdot \operatorname{constant}\left(x\right)",
                                                   None),
]
# fmt: on


@pytest.mark.parametrize(
    ("formula", "plain", "latex", "c"), WRITTEN, ids=[row[1] for row in WRITTEN]
)
def test_written(formula, plain, latex, c):
    for language, expected in ((Text, plain), (Latex, latex), (C, c)):
        if expected is not None:
            assert str(formula(language("x"), language("y"))) == expected


# LATEX


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_latex_is_balanced(row):
    for formula in formulas(row, Latex):
        assert formula.count("{") == formula.count("}")
        assert formula.count(r"\left") == formula.count(r"\right")
        assert formula.count(r"\begin{cases}") == formula.count(r"\end{cases}")
        depth = 0
        for brace in re.sub(r"[^{}]", "", formula):
            depth += 1 if brace == "{" else -1
            assert depth >= 0


@pytest.mark.parametrize("row", ROWS.values(), ids=ROWS)
def test_latex_is_understood(row):
    """By matplotlib, which reads all of it but cases."""
    mathtext = pytest.importorskip("matplotlib.mathtext")
    reader = mathtext.MathTextParser("path")
    for formula in formulas(row, Latex):
        if r"\begin" not in formula:
            reader.parse(f"${formula}$")


# fmt: off
LATEX = [
    # row          value                    derivative
    ("multiply",   r"x \cdot y",            "y"),
    ("divide",     r"\frac{x}{y}",          r"\frac{1}{y}"),
    ("sin",        r"\sin\left(x\right)",   r"\cos\left(x\right)"),
    ("log",        r"\log\left(x\right)",   r"\frac{1}{x}"),
    ("exp",        "e^{x}",                 r"\mathrm{out}"),
    ("sqrt",       r"\sqrt{x}",             r"\frac{0.5}{\mathrm{out}}"),
    ("tanh",       r"\tanh\left(x\right)",  r"4 \cdot \sigma\left(2 \cdot x\right) \cdot \sigma\left(-2 \cdot x\right)"),
    ("sigmoid",    r"\sigma\left(x\right)", r"\mathrm{out} \cdot \sigma\left(-x\right)"),
    ("relu",       r"\operatorname{relu}\left(x\right)", r"\operatorname{step}\left(x\right)"),
    ("leaky_relu", r"\operatorname{leaky\_relu}\left(x, \mathrm{slope}\right)",
     r"\begin{cases} 1 & \text{if } x > 0 \\ \mathrm{slope} & \text{otherwise} \end{cases}"),
]
# fmt: on


@pytest.mark.parametrize(("name", "value", "derivative"), LATEX, ids=[row[0] for row in LATEX])
def test_latex_of_a_row(name, value, derivative):
    assert formulas(ROWS[name], Latex)[:2] == [value, derivative]


# fmt: off
NAMES = [
    # name     in LaTeX
    ("x",      "x"),
    ("w12",    "w_{12}"),
    ("w_3",    "w_{3}"),
    ("loss",   r"\mathrm{loss}"),
    ("loss2",  r"\mathrm{loss}_{2}"),
    ("β",      r"\beta"),
    ("σ2",     r"\sigma_{2}"),
    ("12",     r"\mathrm{12}"),
    ("a_b",    r"a_{b}"),
    ("50%",    r"\mathrm{50\%}"),
    ("{x}",    r"\mathrm{\{x\}}"),
    ("a^b",    r"\mathrm{a\hat{}b}"),
    ("\\",     r"\mathrm{\backslash }"),
    ("&#$~",   r"\mathrm{\&\#\$\tilde{}}"),
]
# fmt: on


@pytest.mark.parametrize(("name", "latex"), NAMES)
def test_a_name_in_latex(name, latex):
    assert text.symbol(name) == latex


# fmt: off
NUMBERS = [
    # number        plain       LaTeX                    C
    (2.0,           "2",        "2",                     "2.0"),
    (-0.5,          "−0.5",     "-0.5",                  "-0.5"),
    (1 / 3,         "0.333333", "0.333333",              "0.3333333333333333"),
    (1e-7,          "1e−7",     r"1 \cdot 10^{-7}",      "1e-07"),
    (-2.5e20,       "−2.5e20",  r"-2.5 \cdot 10^{20}",   "-2.5e+20"),
    (math.inf,      "∞",        r"\infty",               "INFINITY"),
    (-math.inf,     "−∞",       r"-\infty",              "-INFINITY"),
    (math.nan,      "nan",      "nan",                   "NAN"),
]
# fmt: on


@pytest.mark.parametrize(("x", "plain", "latex", "c"), NUMBERS)
def test_a_number(x, plain, latex, c):
    assert (str(Text.of(x)), str(Latex.of(x)), str(C.of(x))) == (plain, latex, c)


def test_a_long_sum_is_written_short():
    """Pitfall 33: the first few terms, … and the last."""
    xs = [Text(f"x{i}") for i in range(1000)]
    assert str(ops.sum(xs)) == "x0 + x1 + x2 + x3 + … + x999"
    assert str(ops.logsumexp(xs)) == "logsumexp(x0, x1, x2, x3, …, x999)"
    assert str(ops.dot(xs[:9], xs[:9])) == "x0×x0 + x1×x1 + x2×x2 + x3×x3 + … + x8×x8"
    assert str(ops.take(xs, Text("k"))) == "take([x0, x1, x2, x3, …, x999], k)"
    assert str(ops.sum(xs[:6])) == "x0 + x1 + x2 + x3 + x4 + x5"


def test_texts_are_not_compared():
    """`==` between Texts writes; so a Text cannot be looked up by accident."""
    assert str(Text("x") == Text("y")) == "x = y"
    with pytest.raises(TypeError, match="unhashable type: 'Text'"):
        {Text("x")}

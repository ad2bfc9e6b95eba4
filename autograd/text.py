"""Texts: numbers that write. A rule of the table called with Texts gives its formula.

>>> from autograd import ops
>>> derivative(ops.sin, 0, Latex), derivative(ops.log, 0, C)
('\\\\cos\\\\left(x\\\\right)', '1.0 / x')
>>> value(ops.sigmoid, C)
'exp(minimum(x, 0.0)) / (1.0 + exp(-fabs(x)))'
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, ClassVar

from autograd import ops
from autograd.operation import Dot, Operation, Reduction, Softmax, Take

LATEX_FUNCTIONS = frozenset(["sin", "cos", "tan", "sinh", "cosh", "tanh", "log", "exp"])
SMALL = "₀₁₂₃₄₅₆₇₈₉"
TYPED = str.maketrans(SMALL, "0123456789")
MARK = "\x7f"  # around a slot: no name has it
LONGEST = 6  # more terms than this are written with … in the middle


class Text:
    """A formula being written, as plain text; each subclass is a language of its own."""

    times, dots, dot = "×", "…", "·"
    signs: ClassVar = {"&": "and", "|": "or", "==": "=", "!=": "≠", "<=": "≤", ">=": "≥"}

    def __init__(self, text: str, binds: int = 5) -> None:
        self.text, self.binds = text, binds

    def __str__(self) -> str:
        return self.text

    def __format__(self, least: str) -> str:
        """In a template `{0:2}` puts parentheses around what binds less tightly than 2."""
        return self.text if not least or self.binds >= int(least) else self.call("", [self])

    @classmethod
    def of(cls, x: Any) -> Text:
        """A number as its text."""
        if isinstance(x, Text):
            return x
        text = cls.number(float(x))
        return cls(text, 2 if cls.times in text else 3 if text[0] in "-−" else 5)

    # how a language spells numbers, operations and calls
    @staticmethod
    def number(x: float) -> str:
        mantissa, _, exponent = f"{x or 0.0:.6g}".replace("inf", "∞").partition("e")
        return (f"{mantissa}e{int(exponent)}" if exponent else mantissa).replace("-", "−")

    @staticmethod
    def template(operation: Operation) -> str:
        return operation.plain

    @staticmethod
    def call(function: str, operands: Sequence[Any]) -> str:
        return f"{function}({', '.join(map(str, operands))})"

    @staticmethod
    def listed(operands: Sequence[Any]) -> str:
        return f"[{', '.join(map(str, operands))}]"

    @staticmethod
    def entry(text: str, k: object) -> str:
        return f"{text}[{k}]"

    # writing
    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Text:
        return write(operation, operands, type(self))

    def __neg__(self) -> Text:
        return self._operate(ops.negative, (self,))

    __hash__ = None  # type: ignore[assignment]  # == writes, it does not compare


class Latex(Text):
    """LaTeX mathematics."""

    times, dots, dot = r" \cdot ", r"\cdots", r"\cdot"
    signs: ClassVar = {
        "&": r"\text{ and }",
        "|": r"\text{ or }",
        "==": "=",
        "!=": r"\ne",
        "<=": r"\le",
        ">=": r"\ge",
    }

    @staticmethod
    def number(x: float) -> str:
        mantissa, _, exponent = f"{x:.6g}".replace("inf", r"\infty").partition("e")
        return rf"{mantissa} \cdot 10^{{{int(exponent)}}}" if exponent else mantissa

    @staticmethod
    def template(operation: Operation) -> str:
        if operation.name in LATEX_FUNCTIONS:
            return operation.latex or f"\\{operation.name}"
        return operation.latex or rf"\operatorname{{{escape(operation.name)}}}"

    @staticmethod
    def call(function: str, operands: Sequence[Any]) -> str:
        return rf"{function}\left({', '.join(map(str, operands))}\right)"

    @staticmethod
    def listed(operands: Sequence[Any]) -> str:
        return rf"\left[{', '.join(map(str, operands))}\right]"

    @staticmethod
    def entry(text: str, k: object) -> str:
        return f"{text}_{{{k}}}"


class C(Text):
    """C with <math.h>; a row that is not in it is a function of the row's name."""

    signs: ClassVar = {"&": "&&", "|": "||"}

    @staticmethod
    def number(x: float) -> str:
        if math.isfinite(x):
            return repr(x)
        return "NAN" if x != x else "INFINITY" if x > 0 else "-INFINITY"

    @staticmethod
    def template(operation: Operation) -> str:
        return operation.c or operation.name


def _writes(operation: Operation, reflected: bool = False) -> Callable[[Text, Any], Text]:
    def method(self: Text, other: Any) -> Text:
        return self._operate(operation, (other, self) if reflected else (self, other))

    return method


def _compares(sign: str) -> Callable[[Text, Any], Text]:
    def method(self: Text, other: Any) -> Text:
        return type(self)(
            f"{self:{least}} {self.signs.get(sign, sign)} {self.of(other):{least}}", binds
        )

    least, binds = (-1, -2) if sign in "&|" else (1, -1)
    return method


for _name, _operation in ops.OPERATORS.items():
    setattr(Text, f"__{_name}__", _writes(_operation))
    setattr(Text, f"__r{_name}__", _writes(_operation, reflected=True))
_SIGNS = {
    "lt": "<",
    "le": "<=",
    "gt": ">",
    "ge": ">=",
    "eq": "==",
    "ne": "!=",
    "and": "&",
    "or": "|",
}
for _name, _sign in _SIGNS.items():
    setattr(Text, f"__{_name}__", _compares(_sign))


def write(operation: Operation, operands: Sequence[Any], language: type[Text] = Text) -> Text:
    """The formula of an operation on the given texts and numbers."""
    texts = [language.of(x) for x in operands]
    if operation in (ops.sum, ops.dot):
        terms = products(texts, language) if operation is ops.dot else [f"{x:1}" for x in texts]
        return language(" + ".join(elide(terms, language)) or "0", 1)
    if isinstance(operation, Take):
        *inputs, index = texts
        rows = language.listed(elide(inputs, language))
        return language(language.call(language.template(operation), [rows, index]))
    if isinstance(operation, Softmax):
        inputs, k = texts[:-1], operands[-1]
        called = language.call(language.template(operation), elide(inputs, language))
        return language(language.entry(called, k if isinstance(k, Text) else f"{k:.0f}"))
    if isinstance(operation, Reduction):
        texts = [language(", ".join(map(str, elide(texts, language))))]
    template = language.template(operation)
    if "{0" in template:
        return language(template.format(*texts), operation.binds)
    return language(language.call(template, texts))


class Slot(Text):
    """A place in a formula where an operand is filled in later, as a name or as a number."""

    def __init__(self, operand: int) -> None:
        super().__init__(f"{MARK}{operand}:{MARK}")
        self.operand = operand

    def __format__(self, least: str) -> str:
        return f"{MARK}{self.operand}:{least}{MARK}"


def filled(formula: str, operand: Callable[[int], Text]) -> str:
    """A formula with texts in its slots, in parentheses where they bind less tightly than asked.

    >>> formula = str(write(ops.square, [Slot(0)]))
    >>> filled(formula, lambda k: Text("x")), filled(formula, lambda k: Text.of(-3.0))
    ('x²', '(−3)²')
    """
    parts = formula.split(MARK)
    for i in range(1, len(parts), 2):
        k, _, least = parts[i].partition(":")
        parts[i] = f"{operand(int(k)):{least}}"
    return "".join(parts)


def products(texts: Sequence[Any], language: type[Text]) -> list[str]:
    """The terms of a dot product: each w × x, then perhaps the bias."""
    n = len(texts) // 2
    pairs = zip(texts[:n], texts[n:], strict=False)
    return [f"{w:2}{language.times}{x:3}" for w, x in pairs] + [f"{b:1}" for b in texts[2 * n :]]


def elide(terms: Sequence[Any], language: type[Text]) -> list[Any]:
    """The terms, or the first few, … and the last."""
    if len(terms) <= LONGEST:
        return list(terms)
    return [*terms[: LONGEST - 2], language.dots, terms[-1]]


def symbol(name: str) -> str:
    r"""A name in LaTeX: one letter as it is, w12, w_12, w₁₂ and w_A with an index, a word upright.

    >>> symbol("w12"), symbol("w_A"), symbol("loss"), symbol("β")
    ('w_{12}', 'w_{A}', '\\mathrm{loss}', '\\beta')
    """
    name = indexed(name)
    letters = name.rstrip("0123456789")
    index, base = name[len(letters) :], letters.removesuffix("_")
    if len(name) > 2 and name[-2] == "_" and name[-1].isalpha() and name[:-2].isalpha():
        base, index = name[:-2], name[-1]
    if not base:
        base, index = name, ""
    greek = [k for k, letter in enumerate("αβγδεζηθικλμνξοπρςστυφχψω") if base == letter]
    if greek:
        names = "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi o pi rho"
        base = "\\" + f"{names} varsigma sigma tau upsilon phi chi psi omega".split()[greek[0]]
    elif len(base) > 1 or not base.isalpha():
        base = rf"\mathrm{{{escape(base)}}}"
    return f"{base}_{{{index}}}" if index else base


def indexed(name: str) -> str:
    """A name with its index as on a typewriter: z1 for z₁."""
    stem = name.rstrip(SMALL)
    return stem + name[len(stem) :].translate(TYPED) if stem else name


def escape(name: str) -> str:
    """Text for LaTeX, with its special characters made plain."""
    special = {"\\": r"\backslash ", "^": r"\hat{}", "~": r"\tilde{}"}
    return "".join(special.get(c) or (f"\\{c}" if c in "_#$%&{}" else c) for c in name)


def _inputs(operation: Operation, language: type[Text]) -> list[Text]:
    names = operation.inputs
    if isinstance(operation, Dot):
        names = ("w1", "w2", "x1", "x2", "b")
    elif isinstance(operation, Reduction):
        names = ("x1", "x2", "x3") + ("k",) * isinstance(operation, Softmax)
    return [language(symbol(name) if language is Latex else name) for name in names]


def value(operation: Operation, language: type[Text]) -> str:
    """The formula of a row's value over its inputs' names; in C, of what it computes."""
    inputs = _inputs(operation, language)
    if issubclass(language, C) and isinstance(operation, Reduction):
        return operation.c
    if issubclass(language, C) and not operation.in_c:
        return str(language.of(operation.value(*inputs)))
    return str(write(operation, inputs, language))


def derivative(operation: Operation, index: int, language: type[Text]) -> str:
    """The formula of a row's derivative by one input, over the inputs' names and `out`."""
    if issubclass(language, C) and isinstance(operation, Reduction):
        return str(operation.c_local)
    out = language(symbol("out") if language is Latex else "out")
    return str(language.of(operation.derivatives[index](*_inputs(operation, language), out)))

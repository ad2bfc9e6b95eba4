"""Formulas of derivatives as plain text and as LaTeX: products, sums, what is written shorter.

Where a rule of the table takes care of a single point, a tie or a division by 0, the formula is the
one that holds everywhere else.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from autograd.operation import Operation
from autograd.text import LONGEST, Latex, Text, symbol, write

Factor = Text | float


class Plain(Text):
    """A derivative as plain text."""

    arrow, times = "→", "·"
    indicator = "I(…) is 1 if it holds, else 0"

    @staticmethod
    def template(operation: Operation) -> str:
        written = {"multiply": "{0:2}·{1:3}", "step": "I({0} > 0)"}
        return written.get(operation.name, operation.plain)

    @staticmethod
    def name(label: str) -> str:
        return label

    @staticmethod
    def fraction(above: str, below: str) -> str:
        return f"∂{above}/∂{below}"

    def _operate(self, operation: Operation, operands: Sequence[Any]) -> Any:
        short = shortened(operation, operands)
        return write(operation, operands, type(self)) if short is None else short

    def __eq__(self, other: object) -> bool:
        return False  # a single point

    def __ne__(self, other: object) -> bool:
        return False  # only asked of a number and itself: nan

    def __rand__(self, other: Any) -> Any:
        return other and self

    __hash__ = None


class Tex(Latex):
    """A derivative as LaTeX."""

    arrow = r"\to"
    indicator = r"I(\ldots) \text{ is 1 if it holds, else 0}"

    @staticmethod
    def template(operation: Operation) -> str:
        return r"I({0} > 0)" if operation.name == "step" else Latex.template(operation)

    @staticmethod
    def name(label: str) -> str:
        r"""As on slides: the loss E is \mathcal{E}."""
        if label in "Eℰ":
            return r"\mathcal{E}"
        return symbol(label).replace("|", r"\vert ")

    @staticmethod
    def fraction(above: str, below: str) -> str:
        return rf"\frac{{\partial {above}}}{{\partial {below}}}"

    _operate, __rand__ = Plain._operate, Plain.__rand__
    __eq__, __ne__ = Plain.__eq__, Plain.__ne__
    __hash__ = None  # type: ignore[assignment]


def shortened(operation: Operation, operands: Sequence[Any]) -> Any:
    """x · 1, x · 0, x ^ 1, x ^ 0, x − 0 and a choice made already, as what they come down to."""
    name, (first, *others) = operation.name, operands
    if name == "where" and not isinstance(first, Text):
        return others[0] if first else others[1]
    if name == "multiply" and not isinstance(first, Text) and first in (0, 1):
        return others[0] if first else 0.0
    if name in ("multiply", "divide", "power") and not isinstance(others[0], Text):
        if name == "power" and others[0] == 0:
            return 1.0
        return first if others[0] == 1 else None
    if name in ("add", "subtract") and not isinstance(others[0], Text):
        return first if others[0] == 0 else None
    return None


def product(factors: Iterable[Factor], language: type[Text]) -> Factor:
    """Factors as one, joined by dots; the numbers among them multiplied, a 1 left out."""
    number, texts, place = 1.0, list[Text](), None
    for factor in factors:
        if isinstance(factor, Text):
            texts.append(factor)
        else:
            number *= factor
            if place is None and abs(factor) != 1:
                place = len(texts)
    if not texts or number == 0:
        return number
    if number == -1:  # as lectures write it: I(…) · (−t)
        last = texts.pop()
        texts.append(language(f"{language.number(-1.0)[0]}{last:2}", 3))
    elif number != 1:
        texts.insert(place or 0, language.of(number))
    if len(texts) == 1:
        return texts[0]
    first, *others = elide_factors(texts, language)
    written = [f"{first:2}" if "÷" not in first.text else in_product(first)]
    return language(f" {language.dot} ".join([*written, *map(in_product, others)]), 2)


def in_product(text: Text) -> str:
    """Parentheses around sums, and around what begins with a sign or has a slash in it."""
    slashed = text.binds == 2 and "÷" in text.text
    return text.call("", [text]) if slashed or text.text[0] in "-−" else f"{text:2}"


def elide_factors(texts: Sequence[Text], language: type[Text]) -> list[Text]:
    """The factors, or if there are more than twelve the first few, … and the last."""
    if len(texts) <= 2 * LONGEST:
        return list(texts)
    return [*texts[: 2 * LONGEST - 2], language(language.dots), texts[-1]]


def added(terms: Sequence[Factor], language: type[Text]) -> Factor:
    """Terms as one sum, a − in front of those that begin with one."""
    if len(terms) == 1:
        return terms[0]
    if not any(isinstance(term, Text) for term in terms):
        return sum(term for term in terms if not isinstance(term, Text))
    first, *others = [f"{language.of(term):1}" for term in terms]
    minus = language.number(-1.0)[0]
    signed = [f" {minus} {t[1:]}" if t.startswith(minus) else f" + {t}" for t in others]
    return language(first + "".join(signed), 1)


Language = type[Plain] | type[Tex]


def multiplied(numbers: Sequence[Factor], language: Language) -> Text:
    """Numbers with dots between them."""
    texts = [language.of(number) for number in numbers]
    first, *others = [f"{text:2}" for text in texts]
    signed = [language.call("", [t]) if t[0] in "-−" else t for t in others]
    return language(f" {language.dot} ".join([first, *signed]), 2)

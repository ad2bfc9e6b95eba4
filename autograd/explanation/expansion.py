"""The gradient written out: a product of local derivatives for each path, added up."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from autograd.explanation.derivation import CONSTANT, Derive, along
from autograd.explanation.lines import aligned
from autograd.explanation.notation import Factor, Language, Plain, Tex, multiplied, product
from autograd.explanation.paths import Path
from autograd.text import LONGEST, Text

MANY = 12  # nodes or local derivatives of a path that are written without a …


@dataclass(frozen=True)
class Term:
    """One path in one language: the stations on it, its product in symbols and in numbers."""

    path: str
    symbols: str
    numbers: str
    product: str


@dataclass(frozen=True)
class Expansion:
    """The sum over the listed paths, the largest first, and what the others add."""

    left: str
    left_tex: str
    plain: tuple[Term, ...]
    tex: tuple[Term, ...]
    rest: str  # '', or how many more paths there are and what they add
    value: str
    value_tex: str

    def symbols(self, language: type[Text] = Plain) -> list[str]:
        """A product of local derivatives for each path, as names."""
        return [term.symbols for term in (self.tex if language is Tex else self.plain)]

    def numbers(self, language: type[Text] = Plain) -> list[str]:
        """A product of local derivatives for each path, as numbers."""
        return [term.numbers for term in (self.tex if language is Tex else self.plain)]

    def __str__(self) -> str:
        more = [f"+ … ({self.rest})"] * bool(self.rest)
        symbols = [*summands(self.symbols(), "−"), *more]
        numbers = [*summands(self.numbers(), "−"), *more]
        parts = [f"= {symbols[0]}", *symbols[1:], f"= {numbers[0]}", *numbers[1:]]
        if numbers != [self.value]:
            parts.append(f"= {self.value}")
        first, *others = parts
        return "\n".join(
            [f"{self.left} {first}", *(" " * len(self.left) + f" {p}" for p in others)]
        )

    __repr__ = __str__

    def latex(self) -> str:
        """The same as one `aligned` block, for a formula of its own."""
        more = [rf"+ \cdots \quad \text{{({in_latex(self.rest)})}}"] * bool(self.rest)
        symbols = [*summands(self.symbols(Tex), "-"), *more]
        numbers = [*summands(self.numbers(Tex), "-"), *more]
        rows = [f"{self.left_tex} &= {symbols[0]}", *(rf"&\quad {s}" for s in symbols[1:])]
        rows += [f"&= {numbers[0]}", *(rf"&\quad {n}" for n in numbers[1:])]
        if numbers != [self.value_tex]:
            rows.append(f"&= {self.value_tex}")
        return aligned(rows)

    def markdown(self) -> str:
        """The same in Markdown, in LaTeX between $$."""
        return f"$$\n{self.latex()}\n$$"

    def _repr_markdown_(self) -> str:
        return self.markdown()


def in_latex(text: str) -> str:
    """Words with numbers in them, for LaTeX's \\text."""
    powers = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹", "0123456789")
    text = re.sub("[⁰¹²³⁴⁵⁶⁷⁸⁹]+", lambda power: f"$^{{{power[0].translate(powers)}}}$", text)
    written = {"\u2009": r"\,", "·": r"$\cdot$", "−∞": r"$-\infty$", "∞": r"$\infty$", "−": "$-$"}
    for sign, latex in written.items():
        text = text.replace(sign, latex)
    return text


def summands(terms: Sequence[str], minus: str) -> list[str]:
    """Terms with the sign in front of each but the first."""
    first, *others = terms
    signed = [f"{minus} {t[1:]}" if t.startswith(minus) else f"+ {t}" for t in others]
    return [first, *signed]


def expansion(derive: Derive, paths: Sequence[Path], rest: str) -> Expansion:
    """The listed paths written out between the stations of a derivation."""
    stations = {derive.nodes[i] for i in derive.stations}
    cut = [segments(path, stations) for path in paths]
    between = [tuple(path.nodes[part[-1]] for part in parts) for path, parts in zip(paths, cut)]
    whole = len(set(between)) < len(between)  # two paths through the same stations
    plain, tex = (
        tuple(
            Term(
                route(derive, path, parts, whole, language), *factors(derive, path, parts, language)
            )
            for path, parts in zip(paths, cut, strict=True)
        )
        for language in (Plain, Tex)
    )
    left, left_tex = (derive.derivative(derive.last, 0, language) for language in (Plain, Tex))
    grad = derive.grads[0]
    return Expansion(left, left_tex, plain, tex, rest, Plain.number(grad), Tex.number(grad))


def segments(path: Path, stations: set[Any]) -> list[range]:
    """The edges of a path from station to station, those at the loss first."""
    found, end = list[range](), len(path.slots)
    for k in reversed(range(end)):
        if path.nodes[k] in stations:
            found.append(range(end - 1, k - 1, -1))
            end = k
    return found


def route(
    derive: Derive, path: Path, parts: Sequence[range], whole: bool, language: Language
) -> str:
    """The stations of a path, or the whole of it."""
    nodes = path.nodes if whole else [*(path.nodes[p[-1]] for p in parts[::-1]), path.nodes[-1]]
    spelled = derive.symbols.text if whole and len(nodes) <= LONGEST else derive.symbols.label
    texts = [spelled(node, language) for node in cut_short(nodes)]
    if len(nodes) > len(texts):
        texts.insert(-1, language(language.dots))
    return f" {language.arrow} ".join(map(str, texts))


def factors(
    derive: Derive, path: Path, parts: Sequence[range], language: Language
) -> tuple[str, str, str]:
    """The local derivatives from station to station as symbols and numbers, and their product."""
    nodes, local_grads = path.nodes, path.local_grads
    parts = [
        part
        for part in parts
        if any(nodes[k + 1].op not in CONSTANT or local_grads[k] != 1 for k in part)
    ]
    symbols, numbers = list[Factor](), list[Factor]()
    for part in cut_short(parts):
        edges = (derive.symbols.local_grad(nodes[k + 1], path.slots[k], language) for k in part)
        symbols.append(product(edges, language))
        numbers.append(along(local_grads[k] for k in part))
    if len(parts) > len(symbols):
        dots = language(language.dots)
        symbols = [product(symbols[:-1], language), dots, symbols[-1]]
        numbers.insert(-1, dots)
    return (
        str(language.of(product(symbols, language))),
        str(multiplied(numbers or [1.0], language)),
        language.number(path.product),
    )


def cut_short(xs: Sequence[Any]) -> list[Any]:
    """All, or the first and the last of very many."""
    return [*xs[: MANY - 2], xs[-1]] if len(xs) > MANY else list(xs)

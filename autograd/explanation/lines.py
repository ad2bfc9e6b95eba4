"""A derivation line by line: plain data that prints as text, Markdown and LaTeX."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from autograd.explanation.notation import Plain, Tex
from autograd.text import Text


@dataclass(frozen=True)
class Line:
    """One line in one language: `name = derivative = chain = symbols`, then `= numbers = value`.

    Parts that would repeat their neighbour are empty.
    """

    name: str
    derivative: str
    chain: str
    symbols: str
    numbers: str
    value: str

    @property
    def left(self) -> str:
        return self.name or self.derivative

    def in_symbols(self, equals: str = "=") -> str:
        """δ6 = ∂E/∂a6 = ∂E/∂z7 · ∂z7/∂a6 = δ7 · w67."""
        middle = self.derivative if self.name else ""
        right = " = ".join(part for part in (middle, self.chain, self.symbols) if part)
        return f"{self.left} {equals} {right}"

    def in_numbers(self, equals: str = "=") -> str:
        """δ6 = −1 · 0.7 = −0.7."""
        right = " = ".join(part for part in (self.numbers, self.value) if part)
        return f"{self.left} {equals} {right}"


@dataclass(frozen=True)
class Derivation:
    """All lines, in plain text and LaTeX, and what the functions and labels in them mean."""

    plain: tuple[Line, ...]
    tex: tuple[Line, ...]
    meanings: tuple[str, ...]
    meanings_tex: tuple[str, ...]
    omitted: int  # lines left out before the last

    def symbols(self, language: type[Text] = Plain) -> list[str]:
        """The lines as they are on the slides: one string each."""
        return [line.in_symbols() for line in (self.tex if language is Tex else self.plain)]

    def numbers(self, language: type[Text] = Plain) -> list[str]:
        """The lines with the numbers of this graph put in."""
        return [line.in_numbers() for line in (self.tex if language is Tex else self.plain)]

    def __str__(self) -> str:
        lines = []
        for line in self.plain:
            indent = " " * len(line.left)
            parts = [line.in_symbols()]
            value = line.in_numbers()[len(line.left) :]
            if line.symbols != line.value:
                parts.append(indent + value)
            lines.append("\n".join(parts))
        if self.omitted:
            lines.insert(-1, f"⋮ ({self.omitted} more lines)")
        if self.meanings:
            lines.append("where " + "\n      ".join(self.meanings))
        return "\n".join(lines)

    __repr__ = __str__

    def latex(self) -> str:
        """The lines as one `aligned` block, for a formula of its own."""
        rows = []
        for line in self.tex:
            rows.append(line.in_symbols("&="))
            if line.symbols != line.value:
                rows.append(line.in_numbers("&=")[len(line.left) :].lstrip())
        if self.omitted:
            at = -2 if self.tex[-1].symbols != self.tex[-1].value else -1
            rows.insert(at, rf"&\;\;\vdots \quad \text{{({self.omitted} more lines)}}")
        return aligned(rows)

    def markdown(self) -> str:
        """The same lines in Markdown, with the formulas in LaTeX between $$."""
        where = [f"${meaning}$" for meaning in self.meanings_tex]
        return f"$$\n{self.latex()}\n$$" + (f"\n\nwhere {', '.join(where)}" if where else "")

    def _repr_markdown_(self) -> str:
        return self.markdown()


def aligned(rows: Sequence[str]) -> str:
    """Formulas one under the other."""
    lines = " \\\\\n".join(rows)
    return f"\\begin{{aligned}}\n{lines}\n\\end{{aligned}}"

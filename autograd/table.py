r"""Tables: rows of cells as aligned text or as Markdown.

The first row is the heading. A letter for each column says where its cells go, as in LaTeX's
`array`: "l" to the left, "r" to the right.

>>> rows = [("input", "value"), ("x", "3"), ("a|b", "−0.25")]
>>> print(aligned(rows, "lr"))
input  value
─────  ─────
x          3
a|b    −0.25

>>> print(markdown(rows, "lr"))
| input | value |
| --- | ---: |
| x | 3 |
| a\|b | −0.25 |
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

MARKDOWN = {"l": "---", "r": "---:"}


def aligned(rows: Iterable[Sequence[str]], columns: str, ruled: Sequence[int] = (1,)) -> str:
    """The rows as lines of text, with a rule above each of the `ruled` ones, in order.

    >>> rows = [("cost", "of"), ("2", "paper"), ("9", "ink"), ("11", "both")]
    >>> print(aligned(rows, "rl", ruled=(1, -1)))
    cost  of
    ────  ─────
       2  paper
       9  ink
    ────  ─────
      11  both

    No line ends in a space. Raises ValueError for a row with more or fewer cells than `columns`.
    """
    rows = list(rows)
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]

    def line(row: Sequence[str]) -> str:
        cells = zip(row, columns, widths, strict=True)
        return "  ".join(
            cell.ljust(width) if column == "l" else cell.rjust(width)
            for cell, column, width in cells
        ).rstrip()

    lines = [line(row) for row in rows]
    for k in reversed(ruled):
        lines.insert(k, "  ".join("─" * width for width in widths))
    return "\n".join(lines)


def markdown(rows: Iterable[Sequence[str]], columns: str) -> str:
    """The rows as a table of Markdown, in which a `|` in a cell is no border.

    Raises ValueError for a row with more or fewer cells than `columns`.
    """
    escaped = [
        [cell.replace("|", r"\|") for cell, _ in zip(row, columns, strict=True)] for row in rows
    ]
    escaped.insert(1, [MARKDOWN[column] for column in columns])
    return "\n".join(f"| {' | '.join(row)} |" for row in escaped)

"""The table beside a graph: its evaluation trace, with a line for each node that has a card.

The forward pass fills the column "value" from top to bottom, the backward pass the column
"gradient" from bottom to top.
"""

from __future__ import annotations

from autograd.drawing import colour
from autograd.drawing.lettering import MONO, fit, number, printable, regular_width, width
from autograd.drawing.markup import element, plain, text, title
from autograd.drawing.scene import Node, Scene
from autograd.drawing.styled import Line, Table

HEADS = ("name", "operation", "value ↓", "gradient ↑")
SIZE, SMALL = 13.0, 11.5  # font sizes
LINE, HEAD = 24.0, 26.0  # heights
GAP, PADDING = 20.0, 8.0
MOST = (150.0, 260.0)  # the widest name, and the widest formula


def trace_table(scene: Scene, largest_grad: float) -> Table:
    """How the table of a scene looks."""
    lines = tuple(line(node, largest_grad) for node in scene.nodes)
    columns = list(zip(*((x.name, x.formula, x.data, x.grad) for x in lines)))
    widths = [
        max([regular_width(head, SMALL), *(wide(words) for words in column)])
        for head, column, wide in zip(HEADS, columns, (bold, mono, mono, mono))
    ]
    return Table(lines, tuple(widths))


def line(node: Node, largest_grad: float) -> Line:
    """The line of one node."""
    return Line(
        key=node.key,
        name=fit(printable(node.label), SIZE, MOST[0]),
        formula=shortened(printable(node.formula), MOST[1]),
        data=number(node.data),
        grad=number(node.grad),
        fill=colour.hexadecimal(colour.fill(node.grad, largest_grad)),
    )


def bold(words: str) -> float:
    return width(words, SIZE)


def mono(words: str) -> float:
    return len(words) * SIZE * MONO


def shortened(words: str, room: float) -> str:
    """A formula in letters of one width, shortened visibly."""
    most = int(room / (SIZE * MONO))
    return words if len(words) <= most else f"{words[: most - 1]}…"


def size(table: Table) -> tuple[float, float]:
    """How wide and how high a table is drawn."""
    wide = sum(table.widths) + GAP * (len(table.widths) - 1) + 2 * PADDING
    return wide, HEAD + LINE * len(table.lines)


def drawn(table: Table, x: float, y: float, mark: str) -> str:
    """The table with its upper left corner at (x, y)."""
    wide, _ = size(table)
    name, formula, data, grad = starts(table, x + PADDING)
    ends = [data + table.widths[2], grad + table.widths[3]]
    parts = [
        text(words, at, y + 16, SMALL, colour.PALE_INK, anchor=anchor)
        for words, at, anchor in zip(HEADS, [name, formula, *ends], [None, None, "end", "end"])
    ]
    rule = f"M{plain(x)} {plain(y + HEAD - 3)}h{plain(wide)}"
    parts.append(element("path", d=rule, stroke="#94a3b8", stroke_width=1))
    for i, row in enumerate(table.lines):
        top = y + HEAD + LINE * i
        base = top + 16.5
        back = element(
            "rect",
            x=grad - 6,
            y=top + 1,
            width=table.widths[3] + 12,
            height=LINE - 2,
            rx=4,
            fill=row.fill,
            stroke=colour.INK if row.busy else None,
            stroke_width=2 if row.busy else None,
        )
        cells = [title(said(row)), back, text(row.name, name, base, SIZE, colour.INK, bold=True)]
        if row.formula:
            cells.append(text(row.formula, formula, base, SIZE, colour.INK, mono=True))
        cells += [
            text(words, end, base, SIZE, colour.INK, mono=True, anchor="end")
            for words, end in zip((row.data, row.grad), ends)
        ]
        parts.append(element("g", cells, id=f"{mark}-{row.key}-line"))
    return element("g", parts)


def said(row: Line) -> str:
    """A line in words.

    >>> said(Line("n2", "e", "a × b", "−6", "−2", "#ffffff"))
    'e = a × b = −6, grad −2'
    """
    return f"{' = '.join(filter(None, (row.name, row.formula, row.data)))}, grad {row.grad}"


def starts(table: Table, x: float) -> list[float]:
    """Where each column begins."""
    found = []
    for wide in table.widths:
        found.append(x)
        x += wide + GAP
    return found

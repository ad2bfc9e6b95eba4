"""DOT: a scene as a complete, labelled graph for Graphviz's own rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING

from autograd.drawing.lettering import printable
from autograd.drawing.scene import Scene
from autograd.drawing.style import style
from autograd.drawing.styled import Card

if TYPE_CHECKING:
    import graphviz

GRAPH = {"rankdir": "LR", "labelloc": "t", "fontname": "Helvetica"}
NODE = {"shape": "record", "style": "rounded,filled", "fontname": "Helvetica"}
EDGE = {"fontname": "Helvetica", "fontsize": "11"}

# signs with a meaning of their own in a record label, and in every label the ampersand
RECORD = str.maketrans({sign: "\\" + sign for sign in "\\{}|<>"} | {"&": "&amp;"})
LABEL = str.maketrans({"\\": "\\\\", "&": "&amp;"})


def digraph(scene: Scene) -> graphviz.Digraph:
    """The same numbers, colours and widths as the picture, as a `graphviz.Digraph`."""
    try:
        import graphviz
    except ImportError as error:
        raise ImportError(
            'DOT needs the package graphviz: pip install "glassgrad[draw]"'
        ) from error
    styled = style(scene)
    graph = graphviz.Digraph("glassgrad", graph_attr=GRAPH, node_attr=NODE, edge_attr=EDGE)
    if styled.title:
        graph.attr(label=graphviz.nohtml(styled.title.translate(LABEL)))
    full_names = {node.key: printable(node.label) for node in scene.nodes}
    for card in styled.cards:
        graph.node(
            card.key,
            label=record(card, full_names.get(card.key, card.heading)),
            style="rounded,dashed" if card.dashed else None,
            fillcolor=card.fill,
            color=card.stroke,
            penwidth=f"{card.stroke_width:g}",
            tooltip=graphviz.nohtml(card.description.translate(LABEL)),
        )
    for wire in styled.wires:
        graph.edge(
            wire.tail,
            wire.head,
            label=wire.pill,
            color=wire.stroke,
            penwidth=f"{wire.thickness:g}",
            style="dashed" if wire.dashed else None,
            tooltip=graphviz.nohtml(wire.description.translate(LABEL)),
        )
    return graph


def record(card: Card, name: str) -> str:
    """A record label: name and operation, then a line for each number."""
    first = [name, card.badge] if card.badge else [name]
    lines = [first, *([row.word, row.text] if row.text else [row.word] for row in card.rows)]
    return "|".join("{" + "|".join(word.translate(RECORD) for word in line) + "}" for line in lines)

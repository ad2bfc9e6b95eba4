"""DOT: a scene as a complete, labelled graph for Graphviz's own rendering."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from autograd.drawing import colour
from autograd.drawing.lettering import printable
from autograd.drawing.scene import Scene
from autograd.drawing.style import style
from autograd.drawing.styled import Card, Styled

if TYPE_CHECKING:
    import graphviz

GRAPH = {"rankdir": "LR", "labelloc": "t", "fontname": "Helvetica"}
NODE = {"shape": "record", "style": "rounded,filled", "fontname": "Helvetica"}
CLUSTER = {"style": "rounded,dashed", "color": "#94a3b8", "fontcolor": colour.PALE_INK}
EDGE = {"fontname": "Helvetica", "fontsize": "11"}

# signs with a meaning of their own in a record label, and in every label the ampersand
RECORD = str.maketrans({sign: "\\" + sign for sign in "\\{}|<>"} | {"&": "&amp;"})
LABEL = str.maketrans({"\\": "\\\\", "&": "&amp;"})


def digraph(scene: Scene) -> graphviz.Digraph:
    """The same numbers, colours and widths as the picture, as a `graphviz.Digraph`."""
    return styled_digraph(style(scene), {n.key: printable(n.label) for n in scene.nodes})


def styled_digraph(styled: Styled, full_names: dict[str, str]) -> graphviz.Digraph:
    """A styled scene as a `graphviz.Digraph`; names are those of the cards of single nodes."""
    graphviz = graphviz_package()
    graph = graphviz.Digraph("glassgrad", graph_attr=GRAPH, node_attr=NODE, edge_attr=EDGE)
    if styled.title:
        graph.attr(label=literal(styled.title))
    names = {card.key: full_names.get(card.key, card.heading) for card in styled.cards}
    add_frame(graph, "", styled, names)
    for wire in styled.wires:
        graph.edge(
            wire.tail,
            wire.head,
            label=wire.pill,
            color=wire.stroke,
            penwidth=f"{wire.thickness:g}",
            style="dashed" if wire.dashed else None,
            tooltip=literal(wire.description),
        )
    return graph


def graphviz_package() -> Any:
    """The package graphviz. Raises ImportError if it is missing."""
    try:
        import graphviz
    except ImportError as error:
        raise ImportError(
            'DOT needs the package graphviz: pip install "glassgrad[draw]"'
        ) from error
    return graphviz


def add_frame(graph: graphviz.Digraph, frame: str, styled: Styled, names: dict[str, str]) -> None:
    """The cards in a frame, and the frames in it as clusters."""
    for card in styled.cards:
        if card.frame == frame:
            graph.node(
                card.key,
                label=record(card, names[card.key]),
                style="rounded,dashed" if card.dashed else None,
                fillcolor=card.fill,
                color=card.stroke,
                penwidth=f"{card.stroke_width:g}",
                tooltip=literal(card.description),
            )
    for inner in styled.frames:
        if inner.frame == frame:
            look = {"label": literal(inner.title), "tooltip": literal(inner.description)}
            with graph.subgraph(name=f"cluster_{inner.key}", graph_attr=look | CLUSTER) as cluster:
                add_frame(cluster, inner.key, styled, names)


def literal(words: str) -> Any:
    """A text that stands for itself."""
    import graphviz

    return graphviz.nohtml(words.translate(LABEL))


def record(card: Card, name: str) -> str:
    """A record label: name and operation, then a line for each number."""
    first = [name, card.badge or card.aside] if card.badge or card.stacked else [name]
    lines = [first, *([row.word, row.text] if row.text else [row.word] for row in card.rows)]
    return "|".join("{" + "|".join(word.translate(RECORD) for word in line) + "}" for line in lines)

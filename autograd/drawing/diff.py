"""A diff: what changed between two states of a graph, or between two graphs, as one picture."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from autograd.drawing import colour, dot, graph_view
from autograd.drawing import svg as picture
from autograd.drawing.arrangement import arrange
from autograd.drawing.changes import (
    Changes,
    EdgeChange,
    GroupChange,
    NodeChange,
    changed,
    changes,
    differ,
)
from autograd.drawing.drawing import Drawing
from autograd.drawing.folding import Fold
from autograd.drawing.group_cards import frame, group_card, group_width, span_row
from autograd.drawing.lettering import MONO, fit, number, printable, width
from autograd.drawing.scene import Scene
from autograd.drawing.sizes import (
    BADGE,
    CARD_WIDTH,
    HEADER_HEIGHT,
    HEADING,
    NUMBER,
    PADDING,
    PILL_HEIGHT,
    ROW_HEIGHT,
    THIN,
    badge_width,
    pill_width,
)
from autograd.drawing.style import largest
from autograd.drawing.styled import Card, Legend, Row, Styled, Wire

if TYPE_CHECKING:
    from autograd.value import Value

WIDEST = 1.5 * CARD_WIDTH[1]  # room for two numbers


def diff(
    before: Value | Drawing,
    after: Value | Drawing,
    *,
    title: str | None = None,
    fold: Fold = "auto",
    max_nodes: int = 200,
) -> Drawing:
    """Draw what changed from one graph to another."""
    if before is after:
        raise ValueError(
            "draw.diff got the same thing twice, which has not changed: keep before = draw(loss), "
            "train, and compare it with the new loss"
        )
    old, new = (
        scene_of(thing, name, fold, max_nodes)
        for thing, name in ((before, "before"), (after, "after"))
    )
    return Drawing(changes(old, new, title), svg, digraph, None)


def scene_of(thing: Any, name: str, fold: Fold, max_nodes: int) -> Scene:
    """The scene of a graph, or of a drawing of one."""
    if isinstance(thing, Drawing):
        if not isinstance(thing.scene, Scene):
            raise TypeError(
                f"draw.diff compares graphs, and {name} is a drawing of another view: "
                "draw it with view='graph'"
            )
        return thing.scene
    if not hasattr(thing, "history"):
        raise TypeError(
            f"draw.diff compares two Values, or Drawings made of them earlier; {name} is "
            f"{thing!r:.60}, of type {type(thing).__name__}"
        )
    return graph_view.scene(thing, None, fold, max_nodes=max_nodes)


def svg(scene: Changes) -> tuple[str, Changes]:
    """The picture, and what it shows."""
    styled = style(scene)
    return picture.svg(styled, arrange(styled)), scene


def digraph(scene: Changes) -> Any:
    """The same for Graphviz's own rendering."""
    names = {change.key: printable(change.shown.label) for change in scene.nodes}
    return dot.styled_digraph(style(scene), names)


def style(scene: Changes) -> Styled:
    """How the changes look."""
    most = largest(map(by_how_much, scene.nodes))
    wide = max(map(card_width, scene.nodes), default=CARD_WIDTH[0])
    cards = [card(change, scene, wide, most) for change in scene.nodes]
    wide = max((group_width(change.after) for change in scene.folded), default=0.0)
    cards += [folded_card(change, wide) for change in scene.folded]
    labels = {card.key: card.heading for card in cards}
    wires = [wire(f"e{i}", edge, labels) for i, edge in enumerate(scene.edges)]
    frames = [frame(group, printable(group.path or group.title)) for group in scene.frames]
    numbers = [
        x for change in scene.nodes for node in (change.before, change.after) if node
        for x in (node.data, node.grad)
    ]  # fmt: skip
    broken = any(x is not None and not math.isfinite(x) for x in numbers)
    return Styled(
        title=printable(scene.title),
        notes=tuple(map(printable, scene.notes)),
        frames=tuple(frames),
        cards=tuple(cards),
        wires=tuple(wires),
        legend=Legend("change of data", most, 0.0, THIN, broken) if most or broken else None,
        description="\n".join(
            [
                *(look.description for look in frames),
                *(look.description for look in cards),
                *(look.description for look in wires),
            ]
        ),
    )


def by_how_much(change: NodeChange) -> float | None:
    """How much larger the data of a node is now."""
    if change.before is None or change.after is None:
        return None
    if change.before.data is None or change.after.data is None:
        return None
    return change.after.data - change.before.data


def rounded(x: float | None) -> str:
    """A number in four digits: there are two of them in a line."""
    return number(None if x is None else float(f"{x:.4g}"))


def pair(old: float | None, new: float | None) -> str:
    """Two numbers, or one if they are the same."""
    if not differ(old, new):
        return number(new)
    return f"{rounded(old)} → {rounded(new)}"


def rows(change: NodeChange) -> list[Row]:
    """What is said of a node: its numbers before and after."""
    old, new = change.before, change.after
    if old is None or new is None:
        node = change.shown
        return [
            Row("data", number(node.data), colour.INK),
            Row("grad", number(node.grad), colour.INK),
        ]
    found = [
        Row(word, pair(x, y), colour.INK if differ(x, y) else colour.PALE_INK)
        for word, x, y in (("data", old.data, new.data), ("grad", old.grad, new.grad))
    ]
    by = by_how_much(change)
    if by:  # also where the digits that are shown are the same
        found.insert(1, Row("change", signed(by), colour.INK))
    return found


def signed(x: float) -> str:
    """A change with its sign.

    >>> signed(0.5), signed(-2.0)
    ('+0.5', '−2')
    """
    return ("+" if x > 0 else "") + rounded(x)


def card_width(change: NodeChange) -> float:
    """The width that a node would like its card to have."""
    head = width(printable(change.shown.heading), HEADING) + beside(change) + 10
    longest = max(len(row.text) for row in rows(change))
    wished = max(head, 56 + longest * NUMBER * MONO) + 2 * PADDING
    return min(WIDEST, max(CARD_WIDTH[0], math.ceil(wished)))


def beside(change: NodeChange) -> float:
    """The width of what stands beside the name."""
    return badge_width(printable(change.shown.symbol)) or width(aside(change), BADGE)


def aside(change: NodeChange) -> str:
    """What is said of a node that is not in both, and of a leaf."""
    if change.before is None:
        return "added"
    return "removed" if change.after is None else "leaf"


def card(change: NodeChange, scene: Changes, room: float, most: float) -> Card:
    """A node: in the colour of its change, or pale if there is none."""
    node, lines = change.shown, rows(change)
    lonely = change.before is None or change.after is None
    by, same = by_how_much(change), not lonely and not changed(change)
    badge = "" if lonely else fit(printable(node.symbol), BADGE, 100.0)
    state = aside(change) if lonely else "unchanged" if same else "changed"
    said = ", ".join([state, *(f"{row.word} {row.text}" for row in lines)])
    stroke = colour.blend(colour.line(by), colour.SLATE, 0.45)
    is_root = change.key == scene.root
    return Card(
        key=change.key,
        frame=change.group,
        width=room,
        height=HEADER_HEIGHT + ROW_HEIGHT * len(lines) + 8,
        heading=fit(printable(node.heading), HEADING, room - 2 * PADDING - beside(change) - 6),
        badge=badge,
        badge_width=badge_width(badge),
        aside="" if badge else aside(change),
        rows=tuple(lines),
        fill="#f8fafc" if same else colour.hexadecimal(colour.fill(by, most)),
        stroke="#94a3b8" if same else colour.hexadecimal(stroke),
        stroke_width=2.5 if is_root or lonely else 1.2,
        dashed=False,
        stacked=False,
        description=f"{printable(node.label)}: {said}",
    )


def folded_card(change: GroupChange, room: float) -> Card:
    """A folded group: between which numbers it is, and was."""
    look = group_card(change.after, printable(change.after.path or change.after.title), room, 0.0)
    old, new = change.before, change.after
    if old is None:
        return replace(look, aside="added", fill="#ffffff")
    if (old.data, old.grad) == (new.data, new.grad):
        return replace(look, fill="#f8fafc", stroke="#94a3b8")
    was = [
        replace(span_row(word, span), word=f"{word} was")
        for word, span in (("data", old.data), ("grad", old.grad))
    ]
    said = ", ".join(f"{row.word} {row.text}" for row in was)
    return replace(
        look,
        rows=(*look.rows, *was),
        height=look.height + ROW_HEIGHT * len(was),
        fill="#ffffff",
        description=f"{look.description}, {said}",
    )


def wire(key: str, change: EdgeChange, labels: dict[str, str]) -> Wire:
    """An edge: its local derivative before and after."""
    old, new = change.before, change.after
    shown = new or old
    assert shown is not None
    by = None
    if shown.count > 1:
        words, ink = f"{shown.count:,} edges", colour.PALE_INK
    elif old is None or new is None:
        words, ink = number(shown.local), colour.INK
    else:
        words = pair(old.local, new.local)
        ink = colour.INK if differ(old.local, new.local) else colour.PALE_INK
        if old.local is not None and new.local is not None:
            by = new.local - old.local
    tail, head = labels[change.tail], labels[change.head]
    state = "" if old and new else ", added" if new else ", removed"
    return Wire(
        key=key,
        tail=change.tail,
        head=change.head,
        back=change.back,
        stroke=colour.hexadecimal(colour.line(by)),
        thickness=THIN,
        dashed=new is None,
        pill=words,
        pill_width=pill_width(words),
        pill_height=PILL_HEIGHT,
        ink=ink,
        description=f"∂{head}/∂{tail}: {words}{state}",
    )

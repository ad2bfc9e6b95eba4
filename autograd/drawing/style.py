"""The style: a function of the scene that decides every size, colour and text, but no place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from autograd.drawing.group_cards import frame, group_card, group_width, left_out_card
from autograd.drawing.lettering import printable
from autograd.drawing.node_cards import card, card_width
from autograd.drawing.scene import LEFT_OUT, Scene
from autograd.drawing.sizes import CARD_WIDTH, THICK, THIN
from autograd.drawing.styled import Legend, Styled
from autograd.drawing.trace_table import trace_table
from autograd.drawing.wires import wire


@dataclass(frozen=True)
class Scale:
    """What the strongest colour and the widest line stand for."""

    grad: float
    flow: float  # local × grad; in a network the weight

    @classmethod
    def of(cls, *scenes: Scene) -> Scale:
        """The largest numbers of one scene, or of several."""
        grads = [node.grad for scene in scenes for node in scene.nodes]
        grads += [x for scene in scenes for g in scene.groups if g.folded for x in g.grad or ()]
        return cls(largest(grads), largest(e.flow for scene in scenes for e in scene.edges))


def style(scene: Scene, scale: Scale | None = None) -> Styled:
    """Dress a scene, by its own scale or by that of several pictures."""
    folded = [group for group in scene.groups if group.folded]
    scale = scale or Scale.of(scene)
    largest_grad, largest_flow = scale.grad, scale.flow
    labels = {node.key: printable(node.label) for node in scene.nodes}
    labels |= {group.key: printable(group.path or group.title) for group in scene.groups}
    labels[LEFT_OUT] = "a node not shown"
    thick = thickest(scene)
    room = max([card_width(node) for node in scene.nodes], default=CARD_WIDTH[0])
    cards = [left_out_card(group) for group in folded if group.key == LEFT_OUT]
    cards += [card(node, scene, room, largest_grad) for node in scene.nodes]
    closed = [group for group in folded if group.key != LEFT_OUT]
    wide = max(map(group_width, closed), default=0.0)
    cards += [group_card(group, labels[group.key], wide, largest_grad) for group in closed]
    wires = [wire(f"e{i}", edge, labels, largest_flow, thick) for i, edge in enumerate(scene.edges)]
    frames = [frame(group, labels[group.key]) for group in scene.groups if not group.folded]
    descriptions = [look.description for look in frames]
    descriptions += [look.description for look in cards] + [look.description for look in wires]
    numbers = [x for node in scene.nodes for x in (node.data, node.grad)]
    numbers += [x for edge in scene.edges for x in (edge.local, edge.flow)]
    broken = any(x is not None and not math.isfinite(x) for x in numbers)
    broken = broken or any(group.broken for group in folded)
    legend = Legend(
        f"∂{printable(scene.root_label)}/∂node", largest_grad, largest_flow, thick, broken
    )
    return Styled(
        title=printable(scene.title),
        notes=tuple(printable(note) for note in scene.notes),
        frames=tuple(frames),
        cards=tuple(cards),
        wires=tuple(wires),
        legend=legend if scene.backward or broken else None,
        description="\n".join(descriptions),
        table=trace_table(scene, largest_grad) if scene.tabled else None,
    )


def thickest(scene: Scene) -> float:
    """The width of the widest line: less where many arrows have to fit side by side."""
    crowd = max(Counter(edge.head for edge in scene.edges).values(), default=0)
    return max(THIN, THICK * min(1.0, 8 / max(1, crowd)))


def largest(numbers: Iterable[float | None]) -> float:
    """The largest finite absolute value, or 0."""
    finite = (abs(x) for x in numbers if x is not None and math.isfinite(x))
    return max(finite, default=0.0)

"""An animation: the picture at every step of both passes, with what happens written below it.

Nothing moves: every card keeps its place, and colours and widths their scale. What the passes have
not reached is "·".
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from typing import Any

from autograd.drawing import colour
from autograd.drawing.arrangement import Arrangement, PlacedWire, arrange, arrow_length
from autograd.drawing.png import png
from autograd.drawing.scene import Edge, Node, Scene
from autograd.drawing.style import Scale, style
from autograd.drawing.styled import Styled, Table
from autograd.drawing.svg import svg
from autograd.steps import Backward, Forward, Step, Steps

MOST = 300  # frames
HOLD = 3.0  # seconds that the last one stays longer
BUSY = 3.0  # the outline of the card whose step it is


class State:
    """How far the two passes have come."""

    def __init__(self, steps: Steps) -> None:
        self.known, self.grads, self.fired = 0, dict[int, float](), set[int]()
        self.names = steps.names

    def go(self, step: Step) -> None:
        """Do one step."""
        if isinstance(step, Forward):
            self.known = step.place + 1
        elif isinstance(step, Backward):
            self.fired.add(step.place)
            for addition in step.additions:
                self.grads[addition.place] = addition.after
        else:
            self.grads[step.place] = step.grad

    def node(self, node: Node) -> Node:
        """A node with the numbers that it has by now."""
        place = place_of(node.key)
        data = node.data if place < self.known else None
        return replace(node, data=data, grad=self.grads.get(place))

    def edge(self, edge: Edge) -> Edge:
        """An edge with its local derivative once it is made, and its flow once that has passed."""
        place = place_of(edge.head)
        fired, made = place in self.fired, place < self.known
        flow = edge.local * self.grads[place] if fired and edge.local is not None else None
        return replace(edge, local=edge.local if made else None, flow=flow)


def frames(scene: Any, steps: Steps | None) -> Iterator[str]:
    """The pictures as SVG, one for each step.

    Raises ValueError where a step has no card to show it, or there are too many.
    """
    checked(scene, steps)
    assert steps is not None
    whole, state = style(scene), State(steps)
    places, scale = arrange(whole), Scale.of(scene)
    for step in steps:
        state.go(step)
        then = replace(
            scene,
            nodes=tuple(map(state.node, scene.nodes)),
            edges=tuple(map(state.edge, scene.edges)),
        )
        styled = style(then, scale)
        styled = replace(styled, legend=whole.legend, table=table(styled.table, whole, step.place))
        yield svg(styled, moment(places, styled, f"n{step.place}"), caption(step))


def checked(scene: Any, steps: Steps | None) -> None:
    """Raise ValueError for what cannot be animated."""
    whole = isinstance(scene, Scene) and not any(group.folded for group in scene.groups)
    single = whole and all(node.key[1:].isdecimal() for node in scene.nodes)
    if not single or steps is None:
        raise ValueError(
            "an animation goes through all nodes one by one, so each needs a card: draw the view "
            "'graph' with fold='none' and without unfold, or use .html(), which steps through any"
        )
    if len(steps) > MOST:
        raise ValueError(
            f"an animation of {len(steps):,} steps would be too long, at most {MOST} are shown: "
            "use .html(), which has a slider, or draw a part of the graph"
        )


def place_of(key: str) -> int:
    return int(key[1:])


def caption(step: Step) -> list[str]:
    """What happens in a step, line by line; of very many additions the first."""
    lines = str(step).splitlines()
    if isinstance(step, Forward):
        lines = [f"forward: {lines[0]}"]
    elif not isinstance(step, Backward):
        lines = [f"the seed: {lines[0]}"]
    return lines if len(lines) <= 5 else [*lines[:4], f"  … {len(lines) - 4} more"]


def moment(places: Arrangement, styled: Any, busy: str) -> Arrangement:
    """The looks of a moment in the places of the whole picture."""
    cards = {card.key: card for card in styled.cards}
    wires = {wire.key: wire for wire in styled.wires}
    return replace(
        places,
        cards=tuple(
            replace(placed, card=dressed(placed.card, cards[placed.card.key], busy))
            for placed in places.cards
        ),
        wires=tuple(redrawn(placed, wires[placed.wire.key]) for placed in places.wires),
    )


def table(now: Table | None, whole: Styled, place: int) -> Table | None:
    """The table of a moment, as wide as it will be, with the line whose step it is outlined."""
    if now is None or whole.table is None:
        return None
    lines = tuple(replace(line, busy=line.key == f"n{place}") for line in now.lines)
    return Table(lines, whole.table.widths)


def dressed(card: Any, now: Any, busy: str) -> Any:
    """A card as large as it will be, outlined if it is the one whose step it is."""
    look = replace(now, width=card.width, height=card.height)
    return replace(look, stroke=colour.INK, stroke_width=BUSY) if card.key == busy else look


def redrawn(placed: PlacedWire, now: Any) -> PlacedWire:
    """A wire whose line ends where its arrow begins."""
    look = replace(now, pill_width=placed.wire.pill_width, back=placed.wire.back)
    x, y = placed.tip
    foot = (x - arrow_length(look) + 1, y)
    return replace(placed, wire=look, line=placed.line if look.back else (*placed.line[:-1], foot))


def gif(scene: Any, steps: Steps | None, seconds: float, scale: float) -> bytes:
    """The frames as an animated GIF that repeats."""
    try:
        from PIL import Image
    except ImportError as error:
        raise ImportError(
            'GIF pictures need the package pillow: pip install "glassgrad[draw]"'
        ) from error
    if not seconds > 0:
        raise ValueError(f"seconds is how long a step is shown, a positive number, got {seconds!r}")
    pictures = (png(frame, scale) for frame in frames(scene, steps))
    shown = [Image.open(BytesIO(picture)).convert("RGB") for picture in pictures]
    wide, high = (max(getattr(image, side) for image in shown) for side in ("width", "height"))
    palette = shown[-1].quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    images = []
    for image in shown:
        canvas = Image.new("RGB", (wide, high), "white")
        canvas.paste(image, (0, 0))
        images.append(canvas.quantize(palette=palette, dither=Image.Dither.NONE))
    each = round(1000 * seconds)
    pace = [each] * (len(images) - 1) + [each + round(1000 * HOLD)]
    out = BytesIO()
    images[0].save(
        out, "GIF", save_all=True, append_images=images[1:], duration=pace, loop=0, optimize=False
    )
    return out.getvalue()

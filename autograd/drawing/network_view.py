"""The view "network": units as circles in layers, weights as lines, as lectures draw networks.

Colour and dashes of a line show the sign of its weight, its width how large that is; the colour of
a circle shows the gradient. Numbers stand in circles, below them, and on lines where they fit.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from xml.sax.saxutils import escape

from autograd.drawing import colour
from autograd.drawing.grouping import graph_of
from autograd.drawing.legend import HEIGHT as LEGEND_HEIGHT
from autograd.drawing.legend import legend
from autograd.drawing.lettering import MONO, fit, number, printable, width
from autograd.drawing.markup import SANS, element, plain, text, title
from autograd.drawing.network import Link, Network, Unit, network
from autograd.drawing.style import Scale, largest
from autograd.drawing.styled import Legend

if TYPE_CHECKING:
    from autograd.value import Value

RADIUS, ROW, MARGIN = 34.0, 128.0, 28.0
CAPTION_LINE = 22.0
TITLE, NOTE, WORD, DATA, SMALL = 21.0, 12.5, 13.0, 11.0, 11.5  # font sizes
THIN, THICK = 1.2, 7.0
NUMBERED = 24  # links between two layers that have room for their numbers
COLUMN = 230.0, 420.0  # between layers: least, most
SHARES = (0.4, 0.42, 0.36, 0.46, 0.32, 0.5, 0.28, 0.54, 0.24, 0.58, 0.2, 0.62)  # of a line

Place = tuple[float, float]


def scene(value: Value, name: str | None, max_units: int = 8) -> Network:
    """The network in the graph of a value, with at most `max_units` units of each layer."""
    if isinstance(max_units, bool) or not isinstance(max_units, int) or max_units < 2:
        raise ValueError(f"max_units must be a whole number from 2 on, got {max_units!r}")
    default = f"Network of {value.name}" if value.name else "Network"
    return network(graph_of(value), default if name is None else name, max_units)


def svg(scene: Network) -> tuple[str, Network]:
    """The picture of a network."""
    return Picture(scene).svg(), scene


def moments(scenes: Sequence[Network], captions: Sequence[Sequence[str]]) -> Iterator[str]:
    """Pictures of one network at several times, as SVG, all in the same colours and widths."""
    scale = scale_of(scenes)
    for scene, caption in zip(scenes, captions, strict=True):
        yield Picture(scene, scale).svg(caption)


def scale_of(scenes: Sequence[Network]) -> Scale:
    """What the strongest colour of a circle and the widest line stand for."""
    grads = (unit.grad for scene in scenes for layer in scene.layers for unit in layer)
    return Scale(largest(grads), largest(x.weight for scene in scenes for x in scene.links))


def shape(scene: Network) -> Any:
    """What two scenes of one network have in common, whatever their numbers."""
    layers = [[(unit.key, unit.label, unit.function) for unit in layer] for layer in scene.layers]
    return layers, [(link.tail, link.head) for link in scene.links]


class Picture:
    """A network with a place for every unit."""

    def __init__(self, scene: Network, scale: Scale | None = None) -> None:
        self.scene = scene
        self.units = {unit.key: unit for layer in scene.layers for unit in layer}
        scale = scale or scale_of([scene])
        self.largest_grad, self.largest_weight = scale.grad, scale.flow
        self.top = MARGIN + (28.0 if scene.title else 0.0) + 30.0 + 26.0
        self.tallest = max(
            len(layer) + (more > 0) for layer, more in zip(scene.layers, scene.left_out)
        )
        self.places: dict[str, Place] = {}
        self.gaps: list[tuple[float, float, int]] = []  # where units were left out, and how many
        self.mark = "gg" + hashlib.sha256(repr(scene).encode()).hexdigest()[:10]
        least, most = COLUMN
        x = MARGIN + RADIUS + 20
        for layer, more in zip(scene.layers, scene.left_out):
            self.place(layer, more, x)
            x += min(most, max(least, 26.0 * self.tallest))
        self.right = max(place[0] for place in self.places.values()) + RADIUS + MARGIN + 20

    def place(self, layer: tuple[Unit, ...], more: int, x: float) -> None:
        """Units below one another, in the middle of the picture's height."""
        rows = len(layer) + (more > 0)
        y = self.top + RADIUS + 24 + (self.tallest - rows) * ROW / 2
        for i, unit in enumerate(layer):
            if more and i == len(layer) - 1:
                self.gaps.append((x, y, more))
                y += ROW
            self.places[unit.key] = x, y
            y += ROW

    def svg(self, caption: Sequence[str] = ()) -> str:
        scene = self.scene
        y = self.top + self.tallest * ROW + 12
        parts = [*self.words(), *map(self.line, scene.links), *self.pills()]
        parts += [self.circle(unit) for unit in self.units.values()]
        parts += [gap(*where) for where in self.gaps]
        drawn, wide = self.legend(y)
        parts += drawn
        y += LEGEND_HEIGHT
        for words in caption:
            parts.append(text(words, MARGIN, y + 12, WORD, colour.INK, mono=True))
            y += CAPTION_LINE
        whole, high = max(self.right, wide + 2 * MARGIN), y + MARGIN
        links = map(self.described, scene.links)
        description = "\n".join([*map(self.spoken, self.units.values()), *links])
        name = printable(scene.title) or "Network"
        back = element("rect", width=whole, height=high, fill="#ffffff")
        return element(
            "svg",
            [title(name), element("desc", [escape(description)]), back, *parts],
            xmlns="http://www.w3.org/2000/svg",
            id=self.mark,
            role="img",
            width=whole,
            height=high,
            viewBox=f"0 0 {plain(whole)} {plain(high)}",
            font_family=SANS,
        )

    def words(self) -> list[str]:
        """Title, notes, and what each layer is."""
        scene, y, parts = self.scene, MARGIN, list[str]()
        if scene.title:
            y += 18
            parts.append(text(printable(scene.title), MARGIN, y, TITLE, colour.INK, bold=True))
            y += 10
        notes = "  ·  ".join(map(printable, scene.notes))
        parts.append(text(notes, MARGIN, y + 16, NOTE, colour.PALE_INK))
        for i, layer in enumerate(scene.layers):
            x = self.places[layer[0].key][0]
            count = len(layer) + scene.left_out[i]
            what = heading(i, layer, count)
            parts.append(text(what, x, self.top, NOTE, colour.PALE_INK, anchor="middle"))
        return parts

    def line(self, link: Link) -> str:
        """A link: dashed if its weight is negative, dotted if it has none."""
        (x0, y0), (x1, y1) = self.places[link.tail], self.places[link.head]
        distance = math.hypot(x1 - x0, y1 - y0)
        dx, dy = (x1 - x0) / distance * RADIUS, (y1 - y0) / distance * RADIUS
        weight = link.weight
        negative = weight is not None and weight < 0
        line = element(
            "path",
            d=f"M{plain(x0 + dx)} {plain(y0 + dy)}L{plain(x1 - dx)} {plain(y1 - dy)}",
            stroke=colour.hexadecimal(colour.line(weight)),
            stroke_width=round(self.thickness(weight), 2),
            stroke_dasharray="1 4" if weight is None else "8 4" if negative else None,
        )
        return element("g", [title(self.described(link)), line])

    def thickness(self, weight: float | None) -> float:
        if weight is None or not math.isfinite(weight):
            return THIN
        return THIN + (THICK - THIN) * colour.strength(weight, self.largest_weight) ** 2

    def pills(self) -> list[str]:
        """The numbers of weights on their lines, between layers that leave room for them."""
        drawn, taken = list[str](), list[tuple[float, float, float]]()
        for layer in self.scene.layers[1:]:
            keys = {unit.key for unit in layer}
            links = [x for x in self.scene.links if x.head in keys and x.weight is not None]
            if len(links) <= NUMBERED:
                drawn += [self.pill(link, taken) for link in links]
        return drawn

    def pill(self, link: Link, taken: list[tuple[float, float, float]]) -> str:
        """The number of a weight, where on its line it covers the least of the others."""
        (x0, y0), (x1, y1) = self.places[link.tail], self.places[link.head]
        words = number(link.weight)
        wide = len(words) * SMALL * MONO + 8
        spots = [(x0 + (x1 - x0) * share, y0 + (y1 - y0) * share, wide) for share in SHARES]
        x, y, _ = min(spots, key=lambda spot: sum(covered(spot, other) for other in taken))
        taken.append((x, y, wide))
        drawn = text(words, x, y + 4, SMALL, ink(link.weight), mono=True, anchor="middle")
        return element("g", [title(self.described(link)), paper(x, y, wide), drawn])

    def circle(self, unit: Unit) -> str:
        """A unit: its name above, data inside, gradient and bias below."""
        x, y = self.places[unit.key]
        broken = any(n is not None and not math.isfinite(n) for n in (unit.data, unit.grad))
        edge = colour.BROKEN if broken else colour.SLATE
        parts = [
            title(self.spoken(unit)),
            element(
                "circle",
                cx=x,
                cy=y,
                r=RADIUS,
                fill=colour.hexadecimal(colour.fill(unit.grad, self.largest_grad)),
                stroke=colour.hexadecimal(edge),
                stroke_width=2.4 if unit.key == self.scene.root else 1.4,
                stroke_dasharray="5 4" if unit.kind == "other" else None,
            ),
        ]
        function = unit.function if unit.function.isidentifier() else ""
        above = " ".join(filter(None, (printable(unit.label), function)))
        if above:
            shown, top = fit(above, WORD, 2.6 * RADIUS), y - RADIUS - 8
            parts.append(text(shown, x, top, WORD, colour.INK, bold=True, anchor="middle"))
        data = number(unit.data)
        parts.append(text(data, x, y + 4, DATA, ink(unit.data), mono=True, anchor="middle"))
        below = [(f"grad {number(unit.grad)}", unit.grad)] if has_grad(unit) else []
        below += [(f"bias {number(unit.bias)}", unit.bias)] if unit.bias is not None else []
        for i, (words, x_or_none) in enumerate(below):
            at = y + RADIUS + 15 + 14 * i
            parts.append(paper(x, at - 4, len(words) * SMALL * MONO + 4))
            parts.append(text(words, x, at, SMALL, ink(x_or_none), mono=True, anchor="middle"))
        return element("g", parts, id=f"{self.mark}-{unit.key}")

    def spoken(self, unit: Unit) -> str:
        """A unit in words."""
        what = " ".join(filter(None, (unit.kind, printable(unit.label), unit.function)))
        words = f"{what}: data {number(unit.data)}"
        words += f", grad {number(unit.grad)}" if has_grad(unit) else ""
        return words + (f", bias {number(unit.bias)}" if unit.bias is not None else "")

    def described(self, link: Link) -> str:
        """A link in words."""
        ends = " to ".join(
            printable(unit.label or f"{unit.kind} {unit.key[1:]}")
            for unit in (self.units[link.tail], self.units[link.head])
        )
        if link.weight is None:
            return f"{ends}: what is computed from it"
        words = f"{ends}: weight {printable(link.label)} = {number(link.weight)}"
        return words if link.grad is None else f"{words}, grad {number(link.grad)}"

    def legend(self, y: float) -> tuple[list[str], float]:
        """The signs and widths of lines, then the colours of circles; and how wide that is."""
        parts, x = list[str](), MARGIN
        size = self.largest_weight
        for sign, words in ((1.0, "weight > 0"), (-1.0, "weight < 0")):
            parts.append(
                element(
                    "path",
                    d=f"M{plain(x)} {plain(y + 7)}h40",
                    stroke=colour.hexadecimal(colour.line(sign)),
                    stroke_width=3,
                    stroke_dasharray="8 4" if sign < 0 else None,
                )
            )
            parts.append(text(words, x + 48, y + 11, NOTE, colour.PALE_INK))
            x += 62 + width(words, NOTE)
        words = f"widest: |weight| = {number(float(f'{size:.3g}'))}"
        parts.append(text(words, x, y + 11, NOTE, colour.PALE_INK))
        x += width(words, NOTE) + 24
        broken = any(n is not None and not math.isfinite(n) for n in self.numbers())
        if self.largest_grad or broken:
            word = f"∂{printable(self.scene.root_label)}/∂unit"
            drawn, wide = legend(Legend(word, self.largest_grad, 0.0, THICK, broken), x, y)
            parts.append(drawn)
            x += wide
        return parts, x - MARGIN

    def numbers(self) -> list[float | None]:
        found: list[float | None] = [link.weight for link in self.scene.links]
        for unit in self.units.values():
            found += [unit.data, unit.grad]
        return found


def has_grad(unit: Unit) -> bool:
    """Whether a gradient is to be shown, or the "·" of one that is still to come."""
    return unit.kind != "input" or unit.grad is not None


def paper(x: float, y: float, wide: float) -> str:
    """What keeps a text readable where a line runs below it."""
    return element(
        "rect", x=x - wide / 2, y=y - 8, width=wide, height=16.0, rx=8.0, fill="#ffffff",
        fill_opacity=0.88,
    )  # fmt: skip


def covered(one: tuple[float, float, float], other: tuple[float, float, float]) -> float:
    """How much of each other two texts cover, each given by its middle and its width."""
    across = (one[2] + other[2]) / 2 - abs(one[0] - other[0])
    down = 16.0 - abs(one[1] - other[1])
    return max(0.0, across) * max(0.0, down)


def ink(x: float | None) -> str:
    broken = x is not None and not math.isfinite(x)
    return colour.hexadecimal(colour.BROKEN) if broken else colour.INK


def heading(place: int, layer: tuple[Unit, ...], count: int) -> str:
    """What a layer is.

    >>> unit = Unit("u0", "neuron", 1, "", "tanh", 0.0, None)
    >>> heading(1, (unit, unit), 2)
    'layer 1: 2 neurons'
    """
    kinds = {unit.kind for unit in layer}
    if place == 0:
        return f"{count:,} input{'s' * (count != 1)}"
    if kinds == {"neuron"}:
        return f"layer {place}: {count:,} neuron{'s' * (count != 1)}"
    return "result" if kinds == {"result"} else f"layer {place}"


def gap(x: float, y: float, more: int) -> str:
    """What stands in the place of units that are not shown."""
    dots = text("⋮", x, y, TITLE, colour.INK, bold=True, anchor="middle")
    words = text(f"{more:,} more", x, y + 22, NOTE, colour.PALE_INK, anchor="middle")
    return element("g", [dots, words])


def digraph(scene: Network) -> Any:
    """The same network as a labelled `graphviz.Digraph`."""
    from autograd.drawing.dot import graphviz_package, literal

    graphviz = graphviz_package()
    look = {"shape": "circle", "style": "filled", "fontname": "Helvetica"}
    graph = graphviz.Digraph(
        "glassgrad", graph_attr={"rankdir": "LR", "labelloc": "t"}, node_attr=look
    )
    picture = Picture(scene)
    if scene.title:
        graph.attr(label=literal(printable(scene.title)))
    for unit in picture.units.values():
        fill = colour.hexadecimal(colour.fill(unit.grad, picture.largest_grad))
        words = picture.spoken(unit).replace(": ", "\n").replace(", ", "\n")
        graph.node(unit.key, label=literal(words), fillcolor=fill)
    for link in scene.links:
        graph.edge(
            link.tail,
            link.head,
            label=None if link.weight is None else number(link.weight),
            color=colour.hexadecimal(colour.line(link.weight)),
            penwidth=f"{picture.thickness(link.weight):.2f}",
            style="dashed" if (link.weight or 0.0) < 0 else None,
            tooltip=literal(picture.described(link)),
        )
    return graph

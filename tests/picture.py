"""Reading a picture: the cards, boxes and lines that are in an SVG, and where they are."""

from __future__ import annotations

import math
import re
import xml.etree.ElementTree as ET
from dataclasses import dataclass
from itertools import pairwise

SVG = "{http://www.w3.org/2000/svg}"
Bounds = tuple[float, ...]  # left, top, right, bottom
Point = tuple[float, float]


@dataclass
class DrawnCard:
    box: Bounds
    texts: list[str]
    title: str

    def row(self, word: str) -> str:
        return self.texts[self.texts.index(word) + 1]


@dataclass
class DrawnEdge:
    line: list[Point]
    tip: Point
    pill: Bounds
    text: str
    width: float
    colour: str
    title: str


@dataclass
class Picture:
    root: ET.Element
    cards: dict[str, DrawnCard]
    edges: dict[str, DrawnEdge]
    frames: dict[str, DrawnCard]


def box_of(rect: ET.Element) -> Bounds:
    x, y, w, h = (float(rect.attrib[name]) for name in ("x", "y", "width", "height"))
    return x, y, x + w, y + h


def union(boxes: list[Bounds]) -> Bounds:
    return tuple(f(box[k] for box in boxes) for k, f in enumerate((min, min, max, max)))


def points(path: ET.Element) -> list[Point]:
    """The end points and control points in a path of M, L, C and H (all absolute), up to a V."""
    found = list[Point]()
    for step in re.findall(r"[MLCH][^MLCHV]*", path.attrib["d"].split("V")[0]):
        numbers = [float(x) for x in re.findall(r"-?\d+\.?\d*", step)]
        if step[0] == "H":  # as a curve: a third of the way, two thirds, the end
            (start, y), end = found[-1], numbers[0]
            found += [(start + (end - start) * k / 3, y) for k in (1, 2, 3)]
        else:
            found += zip(numbers[::2], numbers[1::2], strict=True)
    return found


def read(source: str) -> Picture:
    root = ET.fromstring(source)
    mark = root.attrib["id"]
    groups = {
        g.attrib["id"].removeprefix(f"{mark}-"): g for g in root.iter(f"{SVG}g") if "id" in g.attrib
    }
    cards, edges, frames = {}, {}, {}
    for key, group in groups.items():
        title = group.find(f"{SVG}title").text
        if f"{key}-pill" in groups:
            line, arrow = group.findall(f"{SVG}path")
            pill = groups[f"{key}-pill"]
            edges[key] = DrawnEdge(
                points(line),
                points(arrow)[0],
                box_of(pill.find(f"{SVG}rect")),
                pill.find(f"{SVG}text").text,
                float(line.attrib["stroke-width"]),
                line.attrib["stroke"],
                title,
            )
        elif not key.endswith(("-pill", "-line")):
            shapes = [r for r in group.findall(f"{SVG}rect") if r.attrib["fill"] != "#1e293b"]
            texts = [t.text or "" for t in group.findall(f"{SVG}text")]
            drawn = DrawnCard(union([box_of(r) for r in shapes]), texts, title)
            (frames if "fill-opacity" in shapes[0].attrib else cards)[key] = drawn
    return Picture(root, cards, edges, frames)


def value_of(text: str) -> float:
    return float(text.replace("−", "-").replace("∞", "inf"))


def same(text: str, x: float) -> bool:
    shown = value_of(text)
    return (math.isnan(x) and math.isnan(shown)) or math.isclose(shown, x, rel_tol=5e-6)


def overlap(a: Bounds, b: Bounds) -> bool:
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def along(line: list[Point], steps: int) -> list[Point]:
    """Points along a Bézier curve."""
    places = []
    for i in range(0, len(line) - 1, 3):
        for step in range(steps + 1):
            t = step / steps
            weights = ((1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t * t * (1 - t), t**3)
            pairs = list(zip(weights, line[i : i + 4], strict=True))
            places.append(tuple(math.fsum(w * p[axis] for w, p in pairs) for axis in (0, 1)))
    return places


def on_curve(point: Point, line: list[Point]) -> bool:
    places = along(line, 200)
    return min(distance(point, a, b) for a, b in pairwise(places)) < 0.5


def distance(point: Point, a: Point, b: Point) -> float:
    """From a point to the straight line from a to b."""
    (x, y), (x0, y0), (x1, y1) = point, a, b
    long = (x1 - x0) ** 2 + (y1 - y0) ** 2
    share = ((x - x0) * (x1 - x0) + (y - y0) * (y1 - y0)) / long if long else 0.0
    share = min(1.0, max(0.0, share))
    return math.dist(point, (x0 + share * (x1 - x0), y0 + share * (y1 - y0)))


def inside(point: Point, box: Bounds) -> bool:
    return box[0] + 1 < point[0] < box[2] - 1 and box[1] + 1 < point[1] < box[3] - 1

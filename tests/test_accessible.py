"""Pictures for everyone: contrast, colour blindness, text alternatives, names of any kind."""

import re
import xml.etree.ElementTree as ET
from itertools import product

import pytest

import nn
from autograd import Value, draw
from autograd.drawing import colour
from autograd.drawing.views import VIEWS

SVG = "{http://www.w3.org/2000/svg}"
NAMES = [
    "<b>&amp;",
    "a & b",
    "\"quoted\" 'name'",
    "</script>",
    "]]>",
    "🙂 смысл",
    "{|}\\n",
    "x" * 300,
]

# Machado, Oliveira and Fernandes 2009, at full severity, on linear RGB
BLINDNESS = {
    "protanopia": (0.152286, 1.052583, -0.204868, 0.114503, 0.786281, 0.099216, -0.003882, -0.048116, 1.051998),
    "deuteranopia": (0.367322, 0.860646, -0.227968, 0.280085, 0.672501, 0.047413, -0.011820, 0.042940, 0.968881),
    "tritanopia": (1.255528, -0.076749, -0.178779, -0.078411, 0.930809, 0.147602, 0.004733, 0.691367, 0.303900),
}  # fmt: skip


def linear(rgb):
    return [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in rgb)
    ]


def luminance(rgb):
    red, green, blue = linear(rgb)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    """WCAG 2.1, 1.4.3."""
    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def on_white(shape):
    """The colour of a shape that lets white shine through."""
    cover = float(shape.get("fill-opacity", "1"))
    return tuple(round(255 + (c - 255) * cover) for c in parsed(shape.get("fill")))


def parsed(text):
    return tuple(int(text[i : i + 2], 16) for i in (1, 3, 5))


def lab(rgb):
    r, g, b = (max(0.0, x) for x in rgb)
    xyz = (
        (0.4124 * r + 0.3576 * g + 0.1805 * b) / 0.9505,
        0.2126 * r + 0.7152 * g + 0.0722 * b,
        (0.0193 * r + 0.1192 * g + 0.9505 * b) / 1.089,
    )
    x, y, z = (t ** (1 / 3) if t > 0.008856 else 7.787 * t + 16 / 116 for t in xyz)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


def seen(rgb, blindness):
    """A colour in CIE Lab, as somebody sees it."""
    rgb, m = linear(rgb), BLINDNESS[blindness]
    return lab([sum(m[3 * i + k] * rgb[k] for k in range(3)) for i in range(3)])


def named(name):
    model = nn.MLP(2, [2, 1], activation="tanh", seed=0)
    x = [Value(1.0, name=name), Value(-2.0, name=f"{name}2")]
    loss = nn.mse_loss(model(x), 0.5)
    loss.name = name
    loss.backward()
    return loss


@pytest.mark.parametrize("view", VIEWS)
def test_every_text_stands_out_from_what_is_behind_it(view):
    """A text has 4.5 times the light of its card, or the card of its text."""
    loss = named("x")
    found = 0
    for group in ET.fromstring(draw(loss, view=view).svg()).iter(f"{SVG}g"):
        if not group.get("id"):
            continue  # a group of groups, or the legend, whose texts stand below its colours
        shapes = [s for s in group if s.tag in (f"{SVG}rect", f"{SVG}circle")]
        fills = [on_white(s) for s in shapes if s.get("fill", "none") != "none"]
        badge = parsed(colour.BADGE)
        for text in group.findall(f"{SVG}text"):
            ink = parsed(text.get("fill"))
            behind = (
                [badge]
                if ink == (255, 255, 255)
                else [f for f in fills if f != badge] or [(255, 255, 255)]
            )
            found += 1
            assert all(contrast(ink, fill) >= 4.5 for fill in behind), (
                text.text,
                text.get("fill"),
                behind,
            )
    assert found > 10


def test_the_strongest_colours_leave_texts_readable():
    inks = [parsed(colour.INK), parsed(colour.PALE_INK)]
    papers = [
        colour.WHITE,
        colour.NEGATIVE,
        colour.POSITIVE,
        colour.BROKEN_FILL,
        (0xF8, 0xFA, 0xFC),
    ]
    assert all(contrast(ink, paper) >= 4.5 for ink, paper in product(inks, papers))
    assert contrast(colour.BROKEN, colour.BROKEN_FILL) >= 4.5
    for line in (colour.NEGATIVE_LINE, colour.POSITIVE_LINE):
        assert contrast(line, colour.WHITE) >= 3.0  # WCAG 2.1, 1.4.11


@pytest.mark.parametrize("blindness", BLINDNESS)
def test_signs_differ_for_the_colour_blind(blindness):
    pairs = [(colour.NEGATIVE, colour.POSITIVE), (colour.NEGATIVE_LINE, colour.POSITIVE_LINE)]
    for one, other in pairs:
        apart = (
            sum(
                (a - b) ** 2
                for a, b in zip(seen(one, blindness), seen(other, blindness), strict=True)
            )
            ** 0.5
        )
        assert apart > 20.0  # 2.3 are just noticed


@pytest.mark.parametrize("view", VIEWS)
def test_no_colour_stands_alone(view):
    """Whatever has a colour for a number has the number as a text beside it, or in its title."""
    root = ET.fromstring(draw(named("x"), view=view).svg())
    for group in root.iter(f"{SVG}g"):
        title = group.find(f"{SVG}title")
        if group.get("id") and title is not None:
            texts = [text.text for text in group.findall(f"{SVG}text")]
            words = " ".join([title.text, *filter(None, texts)])
            assert re.search(r"\d|·|nan|∞", words), words


@pytest.mark.parametrize("view", VIEWS)
def test_a_picture_says_what_it_shows_to_those_who_do_not_see_it(view):
    root = ET.fromstring(draw(named("x"), view=view).svg())
    assert root.get("role") == "img"
    assert root[0].tag == f"{SVG}title" and root[0].text
    assert root[1].tag == f"{SVG}desc" and len(root[1].text.splitlines()) > 3


@pytest.mark.parametrize("name", NAMES, ids=range(len(NAMES)))
@pytest.mark.parametrize("view", VIEWS)
def test_names_of_any_kind(view, name):
    drawing = draw(named(name), view=view)
    root = ET.fromstring(drawing.svg())
    assert "script" not in {element.tag.partition("}")[2] for element in root.iter()}
    page = drawing.html()
    assert page.count("</script>") == 1 and page.count("<script") == 1
    assert drawing.dot().startswith("digraph")


def test_two_graphs_in_one_page_have_ids_of_their_own():
    ids = [
        {
            element.get("id")
            for element in ET.fromstring(draw(named(name)).svg()).iter()
            if element.get("id")
        }
        for name in ("a", "b")
    ]
    assert not ids[0] & ids[1]


@pytest.mark.parametrize("view", VIEWS)
def test_nan_and_infinity_are_marked_with_a_word_and_not_only_a_colour(view):
    x = Value(float("inf"), name="x")
    w = Value(1.0, name="w")
    out = w * x
    loss = (out - out) * 1.0 + w * 2.0
    loss.backward()
    words = "".join(ET.fromstring(draw(loss, view=view).svg()).itertext())
    assert "∞" in words and "nan or ∞" in words


def test_a_picture_stays_as_it_was_when_the_graph_changes():
    loss = named("x")
    for view in VIEWS:
        drawing = draw(loss, view=view)
        before = None if view == "network" else drawing.scene
        for node in loss.history():
            node.grad += 1.0
            if not node.parents:
                node.data += 1.0
        assert before is None or before == drawing.scene
        assert drawing.svg() != draw(loss, view=view).svg()

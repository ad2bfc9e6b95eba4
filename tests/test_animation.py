"""Animations: what stands on each frame is what the steps say, and the GIF plays them."""

import xml.etree.ElementTree as ET
from io import BytesIO

import pytest

import nn
from autograd import Value, draw
from autograd.drawing.animation import MOST, frames
from autograd.drawing.lettering import number
from autograd.steps import Backward, Forward

Image = pytest.importorskip("PIL.Image")
pytest.importorskip("resvg_py")
SVG = "{http://www.w3.org/2000/svg}"


def expression():
    a, b, c = Value(2.0, name="a"), Value(-3.0, name="b"), Value(10.0, name="c")
    d = a * b
    d.name = "d"
    e = d + a
    e.name = "e"
    L = e * c
    L.name = "L"
    L.backward()
    return L


def cards(frame):
    """Heading, data and grad of each card; the colour of each by its heading."""
    found, fills = {}, {}
    for group in ET.fromstring(frame).iter(f"{SVG}g"):
        words = [text.text for text in group.findall(f"{SVG}text")]
        if "data" in words:
            heading = words[0]
            found[heading] = words[words.index("data") + 1], words[words.index("grad") + 1]
            fills[heading] = group.findall(f"{SVG}rect")[-1 - (words[1] != "leaf")].get("fill")
    return found, fills


def lines(frame):
    texts = [text.text for text in ET.fromstring(frame).iter(f"{SVG}text")]
    return texts


def test_every_frame_shows_what_is_known_by_then():
    L = expression()
    drawing = draw(L)
    known, grads = {}, {}
    steps = list(L.steps())
    shown = list(frames(drawing.scene, drawing.steps))
    assert len(shown) == len(steps) == 6 + 1 + 3
    for step, frame in zip(steps, shown):
        if isinstance(step, Forward):
            known[step.node] = step.data
        elif isinstance(step, Backward):
            grads |= {addition.parent: addition.after for addition in step.additions}
        else:
            grads[step.node] = 1.0
        found, _ = cards(frame)
        assert found == {
            name: (number(known.get(name)), number(grads.get(name))) for name in "abcdeL"
        }
        for line in str(step).splitlines():
            assert any(line.strip() in text for text in lines(frame))
    assert cards(shown[-1])[0] == cards(drawing.svg())[0]


def test_what_is_not_reached_is_a_dot_and_not_a_nought():
    drawing = draw(expression())
    first, *_ = frames(drawing.scene, drawing.steps)
    found, _ = cards(first)
    assert found["L"] == ("·", "·") and found["a"][1] == "·"


def test_nothing_moves_and_colours_keep_their_scale():
    drawing = draw(expression())
    shown = [ET.fromstring(frame) for frame in frames(drawing.scene, drawing.steps)]
    for rect in ("x", "y", "width"):
        boxes = {
            tuple(r.get(rect) for g in root.iter(f"{SVG}g") for r in g.findall(f"{SVG}rect"))
            for root in shown
        }
        assert len(boxes) == 1
    last = list(frames(drawing.scene, drawing.steps))[-1]
    assert cards(last)[1]["a"] == cards(drawing.svg())[1]["a"]


def test_the_gif_has_a_frame_for_every_step_and_repeats(tmp_path):
    drawing = draw(expression())
    data = drawing.gif(tmp_path / "steps.gif", seconds=0.5, scale=1)
    assert (tmp_path / "steps.gif").read_bytes() == data
    image = Image.open(BytesIO(data))
    assert (image.format, image.n_frames, image.info["loop"]) == ("GIF", 10, 0)
    durations = []
    for k in range(image.n_frames):
        image.seek(k)
        durations.append(image.info["duration"])
        assert image.convert("RGB").getpixel((3, 3)) == (255, 255, 255)
    assert durations == [500] * 9 + [3500]


def test_what_cannot_be_animated_is_refused():
    model = nn.MLP(2, [3, 1], seed=0)
    loss = nn.mse_loss(model([1.0, 2.0]), 0.0)
    for drawing in (draw(loss, view="network"), draw(loss, view="layers"), draw(loss, fold=1)):
        with pytest.raises(
            ValueError, match=r"each needs a card: draw the view 'graph' with fold="
        ):
            drawing.gif()
    x = Value(1.0)
    for _ in range(MOST):
        x = x * 1.5
    with pytest.raises(ValueError, match=r"601|602 steps would be too long"):
        draw(x, max_nodes=1000).gif()
    with pytest.raises(ValueError, match="seconds is how long a step is shown"):
        draw(expression()).gif(seconds=0)

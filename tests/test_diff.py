"""Diffs: what the picture says has changed is what has changed."""

import pytest
from picture import overlap, read

import nn
from autograd import Value, draw, tanh
from autograd.drawing.changes import changes
from autograd.drawing.diff import by_how_much, style


def graph(w=2.0, x=3.0, extra=False):
    w, x = Value(w, name="w"), Value(x, name="x")
    h = w * x
    h.name = "h"
    loss = tanh(h) + (w if extra else x)
    loss.name = "L"
    loss.backward()
    return loss


def shown(drawing):
    """The texts on the card of each label."""
    cards = read(drawing.svg()).cards
    return {change.shown.label: cards[change.key].texts for change in drawing.scene.nodes}


def row(texts, word):
    return texts[texts.index(word) + 1] if word in texts else None


def test_what_changed_is_shown_before_and_after_and_what_did_not_once():
    cards = shown(draw.diff(graph(w=2.0), graph(w=2.5)))
    assert row(cards["w"], "data") == "2 → 2.5"
    assert row(cards["w"], "change") == "+0.5"
    assert row(cards["x"], "data") == "3"
    assert row(cards["x"], "change") is None
    assert row(cards["h"], "data") == "6 → 7.5"
    assert row(cards["h"], "change") == "+1.5"


def test_the_numbers_are_those_of_the_two_graphs():
    before, after = graph(w=0.2, x=0.5), graph(w=-0.1, x=0.5)
    scene = draw.diff(before, after).scene
    for change, old, new in zip(scene.nodes, before.history(), after.history(), strict=True):
        assert (change.before.data, change.before.grad) == (old.data, old.grad)
        assert (change.after.data, change.after.grad) == (new.data, new.grad)
        assert by_how_much(change) == new.data - old.data


def test_edges_say_both_local_derivatives():
    picture = read(draw.diff(graph(w=2.0), graph(w=2.5)).svg())
    assert {"2 → 2.5", "3", "1"} <= {edge.text for edge in picture.edges.values()}


def test_a_graph_that_was_drawn_before_is_compared_as_it_was_then():
    model = nn.MLP(2, [2, 1], activation="tanh", seed=0)
    before = draw(model([1.0, 2.0]), fold="none")
    olds = [p.data for p in model.parameters()]
    for p in model.parameters():
        p.data += 0.25
    scene = draw.diff(before, draw(model([1.0, 2.0]), fold="none")).scene
    leaves = {
        change.before.data: change.after.data for change in scene.nodes if not change.shown.op
    }
    assert leaves == {x: x + 0.25 for x in olds}


def test_what_is_new_and_what_is_gone_is_said():
    scene = draw.diff(graph(), graph(extra=True)).scene
    ends = {
        change.shown.label: (change.before is None, change.after is None) for change in scene.nodes
    }
    assert ends["w"] == ends["x"] == ends["h"] == (False, False)
    # L = tanh(h) + x has become L = tanh(h) + w: the same by its name
    assert ends["L"] == (False, False)
    added = [edge for edge in scene.edges if edge.before is None]
    removed = [edge for edge in scene.edges if edge.after is None]
    assert [len(added), len(removed)] == [1, 1]


def test_nodes_without_a_partner_are_added_and_removed():
    x = Value(1.0, name="x")
    drawing = draw.diff(x.exp(), x.exp().sin())
    words = [read(drawing.svg()).cards[change.key].texts for change in drawing.scene.nodes]
    assert sum("added" in texts for texts in words) == 1
    assert "1 added, 0 removed" in drawing.scene.notes
    drawing = draw.diff(x.exp().sin(), x.exp())
    assert "0 added, 1 removed" in drawing.scene.notes
    assert drawing.svg().count("removed") >= 2


def test_nothing_changed():
    scene = draw.diff(graph(), graph()).scene
    assert "0 of 5 nodes changed" in scene.notes
    assert all(by_how_much(change) == 0.0 for change in scene.nodes)


def test_two_models_of_other_sizes():
    one, other = (nn.MLP(2, [n, 1], seed=0)([1.0, 2.0]) for n in (2, 3))
    picture = read(draw.diff(draw(one, fold="none"), draw(other, fold="none")).svg())
    boxes = [card.box for card in picture.cards.values()]
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])


def test_folded_groups_say_between_which_numbers_they_were():
    model = nn.MLP(4, [40, 40, 1], seed=0)
    before = draw(model([1.0] * 4))
    for p in model.parameters():
        p.data *= 2
    drawing = draw.diff(before, model([1.0] * 4))
    assert drawing.scene.folded
    texts = [t for card in read(drawing.svg()).cards.values() for t in card.texts]
    assert "data was" in texts


def test_colour_follows_the_sign_of_the_change():
    x = Value(1.0, name="x")
    old = draw(x * 1.0)
    fills = {}
    for by in (-0.5, 0.0, 0.5):
        x.data = 1.0 + by
        (styled,) = [c for c in style(draw.diff(old, x * 1.0).scene).cards if c.heading == "x"]
        fills[by] = styled.fill
    assert fills == {-0.5: "#8fc3e6", 0.0: "#f8fafc", 0.5: "#fbb583"}


def test_it_saves_itself_as_any_drawing(tmp_path):
    drawing = draw.diff(graph(w=1.0), graph(w=2.0), title="one < two")
    assert drawing.png(tmp_path / "a.png")[:4] == b"\x89PNG"
    assert "one &lt; two" in drawing.html(tmp_path / "a.html")
    assert "1 → 2" in drawing.dot()
    with pytest.raises(ValueError, match="an animation goes through all nodes one by one"):
        drawing.gif()


def test_what_cannot_be_compared_is_refused():
    loss = graph()
    with pytest.raises(ValueError, match="the same thing twice.*keep before = draw"):
        draw.diff(loss, loss)
    with pytest.raises(TypeError, match="compares two Values, or Drawings.*after is 3"):
        draw.diff(loss, 3)
    model = nn.MLP(2, [2, 1], seed=0)([1.0, 2.0])
    with pytest.raises(
        TypeError, match="before is a drawing of another view: draw it with view='graph'"
    ):
        draw.diff(draw(model, view="network"), model)


def test_nan_is_no_change_from_nan():
    one, other = (draw(Value(float("nan"), name="x") * 2.0).scene for _ in range(2))
    assert "0 of 2 nodes changed" in changes(one, other, None).notes

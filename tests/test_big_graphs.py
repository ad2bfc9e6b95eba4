"""Big graphs never fail and never hang: simpler and simpler forms, and the picture says which."""

from __future__ import annotations

import math
import random
import re
import time
from collections import Counter, defaultdict

import pytest
from picture import Picture, along, inside, on_curve, overlap, read, value_of

import autograd
import nn
from autograd import Value, draw, scope
from autograd.drawing import graph_view
from autograd.drawing.arrangement import arrange
from autograd.drawing.layout import ENGINES, Box, Link, Plan
from autograd.drawing.layout.plan import EngineTooSlowError
from autograd.drawing.scene import LEFT_OUT, Scene
from autograd.drawing.simpler import simpler
from autograd.drawing.style import style
from autograd.drawing.svg import svg


def training_loss(sizes: list[int], rows: int) -> Value:
    model, rng = nn.MLP(2, sizes, seed=0), random.Random(0)
    data = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(rows)]
    loss = autograd.mean([(model(row) - 1.0) ** 2 for row in data])
    loss.name = "loss"
    loss.backward()
    return loss


def by_hand(inputs: int, rows: int) -> Value:
    """A layer without scopes: names and operations are all that there is to go by."""
    ws = [Value(0.1 * i, name=f"w{i}") for i in range(inputs)]
    b = Value(0.5, name="b")
    rng = random.Random(1)
    rows_of = [[rng.uniform(-1, 1) for _ in ws] for _ in range(rows)]
    outs = [(autograd.sum([w * x for w, x in zip(ws, row)]) + b).tanh() for row in rows_of]
    loss = autograd.mean(outs)
    loss.backward()
    return loss


def chain(length: int) -> Value:
    y = Value(1.0, name="x")
    for _ in range(length - 1):
        y = y * 1.0
    return y


def tangle(nodes: int) -> Value:
    rng = random.Random(3)
    pool = [Value(rng.uniform(-2, 2), name=f"p{i}") for i in range(8)]
    while len(pool) < nodes - 1:
        a, b = rng.choice(pool[-10:]), rng.choice(pool)
        pool.append(rng.choice([a + b, a - b, a * b, a.tanh()]))
    return autograd.sum(pool)


GRAPHS = {
    "network": lambda: training_loss([16, 16, 1], 10),
    "deep": lambda: training_loss([4] * 30 + [1], 2),
    "wide": lambda: training_loss([300, 1], 1),
    "many rows": lambda: training_loss([3, 1], 300),
    "by hand": lambda: by_hand(20, 30),
    "chain": lambda: chain(3000),
    "sum": lambda: autograd.sum([Value(float(i)) for i in range(5000)]),
    "tangle": lambda: tangle(2000),
}


@pytest.fixture(params=GRAPHS, scope="module")
def graph(request: pytest.FixtureRequest) -> Value:
    return GRAPHS[request.param]()


def check_picture(drawn: Picture) -> None:
    """No card, pill or box where it must not be; every line touches its cards."""
    boxes = [card.box for card in drawn.cards.values()]
    boxes += [edge.pill for edge in drawn.edges.values()]
    boxes.sort()
    for i, a in enumerate(boxes):
        for b in boxes[i + 1 :]:
            if b[0] >= a[2]:
                break
            assert not overlap(a, b)
    sides = defaultdict(list)
    for card in drawn.cards.values():
        for x in (card.box[0], card.box[2]):
            sides[round(x)].append(card.box)
    for edge in drawn.edges.values():
        for x, y in (edge.line[0], edge.tip):
            near = [box for k in (-1, 0, 1) for box in sides[round(x) + k]]
            assert any(box[1] < y < box[3] for box in near)
    *_, wide, high = (float(x) for x in drawn.root.attrib["viewBox"].split())
    for box in [*boxes, *(frame.box for frame in drawn.frames.values())]:
        assert min(box[:2]) >= 0
        assert box[2] < wide
        assert box[3] < high


def shown(scene: Scene) -> int:
    return len(scene.nodes) + sum(group.folded for group in scene.groups)


@pytest.mark.parametrize("view", ["graph", "layers"])
def test_every_graph_is_drawn_soon_with_few_cards_that_stand_for_every_node(
    graph: Value, view: str
) -> None:
    start = time.process_time()
    drawing = draw(graph, view=view)
    source = drawing.svg()
    assert time.process_time() - start < 6
    scene = drawing.scene
    assert shown(scene) <= 201
    folded = [group for group in scene.groups if group.folded]
    assert len(scene.nodes) + sum(group.count for group in folded) == scene.total
    assert scene.total == len(graph.history())
    drawn = read(source)
    check_picture(drawn)
    if len(drawn.cards) < shown(scene):  # the layout would have taken too long
        assert f"{len(drawn.cards) - 1} of {scene.total:,} nodes shown" in source
    else:
        assert len(drawn.edges) == len(scene.edges)
        assert scene.notes[-1] in source


def test_what_is_folded_is_always_said(graph: Value) -> None:
    scene = draw(graph).scene
    assert re.match(
        rf"({scene.total:,} nodes shown as |\d+ of {scene.total:,} nodes)", scene.notes[-1]
    )


def test_the_flow_into_every_leaf_group_is_its_gradient() -> None:
    """The rule of the chain, on the folded picture: what leaves a leaf adds up to its gradient."""
    loss = by_hand(250, 3)
    scene = draw(loss).scene
    leaves = next(group for group in scene.groups if group.title == "w0 … w249")
    assert (leaves.count, leaves.times, leaves.parameters) == (250, 250, 250)
    flow = math.fsum(edge.flow for edge in scene.edges if edge.tail == leaves.key)
    expected = math.fsum(v.grad for v in loss.history() if (v.name or "").startswith("w"))
    assert flow == pytest.approx(expected)


# forms, from the whole to the simplest


def test_a_small_graph_is_whole() -> None:
    scene = draw(training_loss([3, 1], 2)).scene
    assert scene.total == len(scene.nodes)
    assert not any(group.folded for group in scene.groups)


def test_what_is_done_for_every_row_is_shown_once_with_its_count() -> None:
    scene = draw(training_loss([2, 1], 100)).scene
    groups = {(group.group, group.title, group.symbol): group for group in scene.groups}
    paths = {group.key: group.path for group in scene.groups}
    shape = Counter((paths.get(g, ""), title, symbol) for (g, title, symbol) in groups)
    for neuron in ("MLP/layers.0/neurons.0", "MLP/layers.0/neurons.1"):
        assert shape[neuron, "100 ×", "dot"] == 1
        assert shape[neuron, "100 ×", "relu"] == 1
    assert shape["", "100 ×", "− 1"] == 1
    assert shape["", "100 ×", "^ 2"] == 1
    weights = [node for node in scene.nodes if node.heading.startswith(("w", "b"))]
    assert len(weights) == 9
    neuron = next(g for g in scene.groups if g.path == "MLP/layers.0/neurons.0")
    assert neuron.times == 100


def test_leaves_of_like_names_are_one_where_there_are_many() -> None:
    scene = draw(training_loss([2, 1], 1), max_nodes=15).scene
    titles = {group.title for group in scene.groups if group.folded}
    assert "w0 … w1" in titles


@pytest.mark.parametrize(
    ("most", "folded"),
    [(400, "neurons"), (60, "layers"), (8, "layers"), (4, "MLP")],
)
def test_the_less_room_the_more_is_folded(most: int, folded: str) -> None:
    scene = draw(training_loss([16, 16, 1], 1), max_nodes=most).scene
    assert shown(scene) <= most + 1
    scopes = {group.title.split(".")[0] for group in scene.groups if group.folded and group.path}
    opened = {group.title.split(".")[0] for group in scene.groups if not group.folded}
    assert folded in scopes | opened
    if folded != "neurons":
        assert scopes == {folded}


def test_like_nodes_are_one_where_no_scope_says_so() -> None:
    scene = draw(by_hand(20, 30)).scene
    assert {(g.title, g.symbol) for g in scene.groups} >= {("600 ×", "×"), ("30 ×", "tanh")}
    assert shown(scene) <= 40


def test_without_any_structure_the_nearest_nodes_are_shown() -> None:
    scene = draw(chain(3000)).scene
    assert len(scene.nodes) == 200
    assert scene.fold.count == 2800
    assert "200 of 3,000 nodes shown" in scene.notes


def test_of_a_tangle_so_many_nodes_are_shown_as_their_lines_can_be_read() -> None:
    scene = draw(tangle(2000)).scene
    assert 20 < len(scene.nodes) <= 200
    assert len(scene.edges) <= 201
    assert len(draw(tangle(2000))._repr_html_()) < 400_000


def test_folded_groups_and_nodes_left_out_are_both_said() -> None:
    x = Value(1.0, name="x")
    with scope("start"):
        y = x * x + x
    for _ in range(50):
        y = y * 1.5
    with scope("end"):
        y = y.exp() + y
    scene = draw(y, fold=1, max_nodes=10).scene
    assert [group.title for group in scene.groups] == [LEFT_OUT, "end"]
    assert "55 nodes shown as 9 nodes and 1 group, 44 not shown" in scene.notes


# a limit of time


def test_our_own_layout_refuses_what_would_take_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("autograd.drawing.layout.layered.MOST", 20)
    boxes = tuple(Box(f"b{i}", 50.0, 50.0) for i in range(12))
    links = tuple(Link(f"b{i}", f"b{i + 1}") for i in range(11))
    assert ENGINES["layered"](Plan(boxes, links)).curves
    with pytest.raises(EngineTooSlowError, match="12 boxes with 10 gaps would take too long"):
        ENGINES["layered"](Plan(boxes, (*links, Link("b0", "b11"))))


def test_a_layout_that_takes_too_long_gives_way_to_a_simpler_picture(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    loss = training_loss([2, 1], 3)
    whole = draw(loss, fold="none")
    sizes = []
    for most in (1000, 60, 8):
        monkeypatch.setattr("autograd.drawing.layout.layered.MOST", most)
        monkeypatch.setattr(graph_view, "MOST", most)
        drawn = read(graph_view.svg(whole.scene)[0])
        check_picture(drawn)
        sizes.append(len(drawn.cards))
        texts = " ".join(text.text or "" for text in drawn.root.iter())
        assert (f"{whole.scene.total} nodes" in texts) == (sizes[-1] < len(whole.scene.nodes))
    assert sizes == sorted(sizes, reverse=True)
    assert len(set(sizes)) == 3


def test_a_simpler_scene_has_the_same_totals() -> None:
    scene = draw(training_loss([3, 2, 1], 4), fold="none").scene
    seen = [scene]
    while shown(seen[-1]) > 2:
        seen.append(simpler(seen[-1]))
        assert shown(seen[-1]) < shown(seen[-2]) or len(seen[-1].groups) <= len(seen[-2].groups)
    for found in seen:
        folded = [group for group in found.groups if group.folded]
        assert len(found.nodes) + sum(group.count for group in folded) == scene.total
        keys = {node.key for node in found.nodes} | {group.key for group in folded}
        assert {end for edge in found.edges for end in (edge.tail, edge.head)} <= keys
        assert found.root in keys
        styled = style(found)
        check_picture(read(svg(styled, arrange(styled))))
    assert [sum(not g.folded for g in found.groups) for found in seen[:4]] == [10, 4, 1, 0]


def test_boxes_folded_in_a_scene_are_those_folded_in_the_graph() -> None:
    loss = training_loss([3, 2, 1], 2)
    opened, folded = draw(loss, fold="none").scene, draw(loss, fold=3).scene
    again = simpler(opened)
    numbers = [
        {(g.path, g.count, g.parameters, g.data, g.grad, g.folded) for g in scene.groups}
        for scene in (again, folded)
    ]
    assert numbers[0] == numbers[1]
    assert again.notes == folded.notes
    path = [{g.key: g.path for g in scene.groups} for scene in (again, folded)]
    lines = [
        sorted(
            (p.get(e.tail, e.tail), p.get(e.head, e.head), e.count, e.local, pytest.approx(e.flow))
            for e in scene.edges
        )
        for p, scene in zip(path, (again, folded))
    ]
    assert [line[:4] for line in lines[0]] == [line[:4] for line in lines[1]]


# the layers of a model


def test_layers_are_a_column_of_cards_in_order() -> None:
    scene = draw(training_loss([4, 3, 1], 5), view="layers").scene
    drawn = read(draw(training_loss([4, 3, 1], 5), view="layers").svg())
    by_height = sorted(drawn.cards.values(), key=lambda card: card.box[1])
    assert [card.texts[0] for card in by_height] == [
        "layers.0", "layers.1", "layers.2", "5 ×", "5 ×", "loss",
    ]  # fmt: skip
    assert len({card.box[0] for card in by_height}) == 1
    nodes = [value_of(card.row("nodes")) for card in by_height[:-1]]
    assert nodes == [4 * 3 + 5 * 8, 3 * 5 + 5 * 6, 4 + 5, 5, 5]
    assert [group.times for group in scene.groups if group.path.startswith("MLP/")] == [5, 5, 5]
    for edge in drawn.edges.values():
        places = along(edge.line, 30)
        assert not any(inside(p, card.box) for p in places for card in drawn.cards.values())
        pill = ((edge.pill[0] + edge.pill[2]) / 2, (edge.pill[1] + edge.pill[3]) / 2)
        assert on_curve(pill, edge.line)


def test_layers_with_a_shortcut_have_arcs_side_by_side() -> None:
    x = Value(1.0, name="x")
    h = x
    for name in ("a", "b", "c"):
        with scope(name):
            h = (h * 2.0).tanh()
        h = h + x
    drawing = draw(h, view="layers")
    check_picture(read(drawing.svg()))
    assert [g.title for g in drawing.scene.groups if g.path] == ["a", "b", "c"]


def test_layers_are_the_outermost_scopes_that_there_are_two_of_unless_told() -> None:
    loss = training_loss([3, 1], 2)
    paths = [
        {g.path for g in draw(loss, view="layers", **depth).scene.groups if g.folded and g.path}
        for depth in ({}, {"depth": 1}, {"depth": 3})
    ]
    assert paths[0] == {"MLP/layers.0", "MLP/layers.1"}
    assert paths[1] == {"MLP"}
    assert len(paths[2]) == 4


def test_without_scopes_layers_are_cut_by_distance() -> None:
    scene = draw(chain(1000), view="layers").scene
    assert [group.title for group in scene.groups][0::11] == ["925 … 999", "1 … 84"] or len(
        scene.groups
    ) == 12
    assert sum(group.count for group in scene.groups) == 999
    assert shown(draw(chain(9), view="layers").scene) == 9


@pytest.mark.parametrize("depth", [0, True, 1.5, "1"])
def test_a_depth_of_layers_that_is_none_is_refused(depth: object) -> None:
    with pytest.raises(ValueError, match="depth must be a whole number from 1 on, or None, got"):
        draw(chain(3), view="layers", depth=depth)


def test_a_hundred_thousand_nodes_draw_their_layers_in_seconds() -> None:
    loss = training_loss([16, 16, 1], 1500)
    start = time.process_time()
    drawing = draw(loss, view="layers")
    source = drawing.svg()
    assert time.process_time() - start < 10
    assert drawing.scene.total > 100_000
    assert f"{drawing.scene.total:,} nodes shown as 1 node and 5 groups" in source
    assert len(source) < 100_000

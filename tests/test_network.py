"""The view "network": which neurons it finds, and that every number on it is the engine's."""

import re
import xml.etree.ElementTree as ET
from itertools import combinations

import pytest

import nn
from autograd import Value, dot, draw, exp, maximum
from autograd.drawing.lettering import number

SVG = "{http://www.w3.org/2000/svg}"


def units(drawing):
    return [unit for layer in drawing.scene.layers for unit in layer]


def kinds(drawing):
    return [[unit.kind for unit in layer] for layer in drawing.scene.layers]


def texts(drawing):
    return [text.text for text in ET.fromstring(drawing.svg()).iter(f"{SVG}text")]


def trained(sizes=(3, 2, 1), activation="tanh", inputs=(0.5, -2.0)):
    model = nn.MLP(len(inputs), list(sizes), activation=activation, seed=1)
    loss = nn.mse_loss(model(list(inputs)), 0.25)
    loss.name = "loss"
    loss.backward()
    return model, loss


def test_an_mlp_has_its_layers_weights_gradients_and_its_loss():
    model, loss = trained()
    drawing = draw(loss, view="network")
    assert kinds(drawing) == [["input"] * 2, ["neuron"] * 3, ["neuron"] * 2, ["neuron"], ["result"]]
    by_weight = {link.label: link for link in drawing.scene.links if link.weight is not None}
    assert len(by_weight) == 2 * 3 + 3 * 2 + 2
    weights = [w for layer in model.layers for neuron in layer.neurons for w in neuron.w]
    links = [link for link in drawing.scene.links if link.weight is not None]
    assert [link.weight for link in links] == [w.data for w in weights]
    assert [link.grad for link in links] == [w.grad for w in weights]
    assert [unit.function for unit in drawing.scene.layers[1]] == ["tanh"] * 3
    assert drawing.scene.layers[-1][0].data == loss.data
    outs = [value for value in loss.history() if value.op == "tanh"]
    hidden = [unit for layer in drawing.scene.layers[1:3] for unit in layer]
    assert [(unit.data, unit.grad) for unit in hidden] == [(v.data, v.grad) for v in outs]


def test_every_number_stands_on_the_picture():
    model, loss = trained()
    drawing = draw(loss, view="network")
    shown = texts(drawing)
    for unit in units(drawing):
        assert number(unit.data) in shown
        if unit.grad is not None:
            assert f"grad {number(unit.grad)}" in shown
    for parameter in model.parameters():
        assert any(number(parameter.data) in text for text in shown)
    description = ET.fromstring(drawing.svg()).find(f"{SVG}desc").text
    assert description.count("weight ") == 14 and "neuron tanh: data" in description


def test_circles_and_the_numbers_of_lines_do_not_overlap():
    _, loss = trained((8, 8, 3, 1))
    root = ET.fromstring(draw(loss, view="network").svg())
    circles = [
        [float(c.get(name)) for name in ("cx", "cy", "r")] for c in root.iter(f"{SVG}circle")
    ]
    assert len(circles) == 2 + 8 + 8 + 3 + 1 + 1
    for (x, y, r), (u, v, s) in combinations(circles, 2):
        assert (x - u) ** 2 + (y - v) ** 2 > (r + s) ** 2
    width, height = map(float, root.get("viewBox").split()[2:])
    assert all(r < x < width - r and r < y < height - r for x, y, r in circles)


def micrograd(x, w, b):
    return sum((wi * xi for wi, xi in zip(w, x)), b).tanh()


def plus(x, w, b):
    return (x[0] * w[0] + x[1] * w[1] + b).tanh()


def dotted(x, w, b):
    return dot(w, x, b).tanh()


@pytest.mark.parametrize("neuron", [micrograd, plus, dotted])
@pytest.mark.parametrize("leaf", [True, False])
def test_a_neuron_is_found_however_it_is_written(neuron, leaf):
    w, b = [Value(-3.0, name="w1"), Value(1.0, name="w2")], Value(6.88, name="b")
    x = [Value(2.0, name="a"), Value(0.5, name="c")] if leaf else [2.0, 0.5]
    hidden = [neuron(x, w, b), neuron(x, [Value(1.0), Value(2.0)], Value(0.5))]
    o = neuron(hidden, [Value(0.1), Value(0.2)], Value(0.0))
    drawing = draw(o, view="network")
    assert kinds(drawing) == [["input"] * 2, ["neuron"] * 2, ["neuron"]]
    first = drawing.scene.layers[1][0]
    assert (first.bias, first.function, first.data) == (6.88, "tanh", hidden[0].data)
    assert [link.weight for link in drawing.scene.links[:2]] == [-3.0, 1.0]
    assert [unit.data for unit in drawing.scene.layers[0]] == [2.0, 0.5]
    assert drawing.scene.root == drawing.scene.layers[2][0].key


def test_the_chain_of_a_lecture_without_biases():
    x, w1, w2 = Value(2.0, name="x"), Value(3.0, name="w1"), Value(-1.0, name="w2")
    z = maximum(w2 * (w1 * x).tanh(), 0.0)
    drawing = draw(z, view="network")
    assert kinds(drawing) == [["input"], ["neuron"], ["neuron"]]
    assert [unit.function for unit in units(drawing)] == ["", "tanh", "relu"]


def test_what_is_between_neurons_is_shown_too():
    model = nn.Layer(2, 2, activation="tanh", seed=0)
    h = model([1.0, 2.0])
    y = nn.Neuron(1, activation=None, seed=0)([exp(h[0]) + h[1] * h[1]])
    drawing = draw(y, view="network")
    assert kinds(drawing) == [["input"] * 2, ["neuron"] * 2, ["other"], ["neuron"]]
    assert sum(link.weight is None for link in drawing.scene.links) == 2
    assert draw(y - 1, view="network").scene.layers[-1][0].kind == "result"


def test_of_a_batch_the_first_row_is_shown_and_said_to_be():
    model = nn.MLP(2, [3, 1], seed=0)
    rows = [[0.5, 1.0], [3.0, 4.0], [5.0, 6.0]]
    loss = nn.mse_loss([model(row) for row in rows], [0.0, 1.0, 2.0])
    drawing = draw(loss, view="network")
    assert [unit.data for unit in drawing.scene.layers[0]] == rows[0]
    assert "the first of 3 rows" in drawing.scene.notes
    assert any("the first of 3 rows" in text for text in texts(drawing))


def test_wide_layers_say_what_is_left_out():
    model = nn.MLP(30, [20, 2], seed=0)
    drawing = draw(sum(model([0.1] * 30)), view="network", max_units=4)
    assert [len(layer) for layer in drawing.scene.layers] == [4, 4, 2, 1]
    assert drawing.scene.left_out == (26, 16, 0, 0)
    assert {"26 more", "16 more", "30 inputs", "layer 1: 20 neurons"} <= set(texts(drawing))
    keys = {unit.key for unit in units(drawing)}
    assert all({link.tail, link.head} <= keys for link in drawing.scene.links)


def test_signs_are_more_than_colours():
    w = [Value(2.0), Value(-2.0)]
    root = ET.fromstring(draw(dot(w, [1.0, 1.0]), view="network").svg())
    lines = [p for p in root.iter(f"{SVG}path") if "L" in p.get("d")]
    assert [p.get("stroke-dasharray") for p in lines] == [None, "8 4"]
    assert len({p.get("stroke") for p in lines}) == 2


def test_numbers_that_are_not_finite_are_marked_and_names_are_escaped():
    w = Value(float("nan"), name="</script><b>&\"'🙂")
    y = dot([w, Value(1.0)], [1.0, Value(2.0, name="<x>")])
    y.name = "<y>"
    drawing = draw(y, view="network")
    assert "nan" in texts(drawing) and "nan or ∞" in texts(drawing) and "<x>" in texts(drawing)
    assert "</script><b>" not in drawing.svg() and "<b>" not in drawing.html()
    assert len(drawing.png()) > 1000


def test_a_picture_stays_as_it_was():
    _, loss = trained()
    drawing = draw(loss, view="network")
    untouched = draw(loss, view="network").svg()
    for value in loss.history():
        value.grad = 0.0
    assert drawing.svg() == untouched and draw(loss, view="network").svg() != untouched


def test_graphviz_gets_the_same_numbers():
    graphviz = pytest.importorskip("graphviz")
    model, loss = trained((2, 1))
    source = draw(loss, view="network").dot()
    assert isinstance(draw(loss, view="network").graphviz(), graphviz.Digraph)
    for parameter in model.layers[0].neurons[0].w:
        assert number(parameter.data) in source
    assert len(re.findall("->", source)) == 2 * 2 + 2 + 1


def test_a_graph_without_neurons_is_refused():
    with pytest.raises(ValueError, match=r"'network' shows weighted sums .*: choose view='graph'"):
        draw(Value(2.0).exp() * 3, view="network")


def test_a_regulariser_is_no_neuron():
    model, _ = trained((2, 1))
    loss = nn.mse_loss(model([1.0, 2.0]), 0.0) + 0.01 * sum(p * p for p in model.parameters())
    assert kinds(draw(loss, view="network")) == [
        ["input"] * 2,
        ["neuron"] * 2,
        ["neuron"],
        ["result"],
    ]


@pytest.mark.parametrize("most", [1, 2.0, True, "3"])
def test_a_wrong_limit_is_refused(most):
    _, loss = trained((2, 1))
    with pytest.raises(ValueError, match="max_units must be a whole number from 2 on"):
        draw(loss, view="network", max_units=most)

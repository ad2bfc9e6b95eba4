"""The widget as Python sees it; test_in_notebooks.py has it in a notebook."""

import json
import sys

import pytest

import nn
from autograd import Value, draw

pytest.importorskip("anywidget")
from traitlets import TraitError


def loss():
    a, b = Value(2.0, name="a"), Value(-3.0, name="b")
    L = a * b + a
    L.name = "L"
    return L


def test_it_begins_where_a_page_does():
    L = loss()
    assert draw(L).widget().step == len(L.history())
    L.backward()
    widget = draw(L).widget()
    assert widget.step == widget.steps == len(L.steps())
    assert widget.selected == []
    assert repr(widget) == "<Graph of L = v1 + a: step 7 of 7, selected []>"


def test_what_is_not_there_is_refused_and_nothing_changes():
    widget = draw(loss()).widget()
    with pytest.raises(TraitError, match="step must be from 0 to 7, got 8"):
        widget.step = 8
    with pytest.raises(TraitError, match="this graph has no node called 'A'"):
        widget.selected = ["A"]
    with pytest.raises(TraitError, match="no node called 'v11'. Did you mean 'v1'"):
        widget.selected = ["v11"]
    with pytest.raises(TraitError, match="two nodes at most can be selected, got 3"):
        widget.selected = ["a", "b", "L"]
    assert (widget.step, widget.selected) == (4, [])


def test_steps_and_choices_are_observed():
    widget, seen = draw(loss()).widget(), []
    widget.observe(
        lambda change: seen.append((change["name"], change["new"])), ["step", "selected"]
    )
    widget.step = 2
    widget.selected = ["a", "L"]
    assert seen == [("step", 2), ("selected", ["a", "L"])]


def test_groups_are_called_by_their_paths():
    model = nn.MLP(4, [16, 16, 1], seed=0)
    widget = draw(model([1.0] * 4)).widget()
    widget.selected = ["MLP/layers.0"]
    assert json.loads(widget.details)


def test_a_graph_too_large_for_steps_and_a_network_show_as_pictures():
    model = nn.MLP(2, [3, 1], seed=0)
    widget = draw(model([1.0, 2.0]), view="network").widget()
    assert (widget.step, widget.steps) == (0, 0)


def test_without_the_package_the_command_is_named(monkeypatch):
    from autograd.drawing.page import widget

    widget.kind.cache_clear()
    monkeypatch.setitem(sys.modules, "anywidget", None)
    with pytest.raises(ImportError, match=r'pip install "glassgrad\[widget\]"'):
        draw(loss()).widget()
    widget.kind.cache_clear()

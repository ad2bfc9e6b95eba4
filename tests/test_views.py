"""Views: a row each, chosen by name, with options of their own."""

import pytest

from autograd import Value, draw
from autograd.drawing.views import VIEWS


def test_graph_is_the_view_that_is_drawn_unless_another_is_chosen() -> None:
    x = Value(3.0, name="x")
    y = x * x
    assert draw(y).svg() == draw(y, view="graph").svg()


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_draws_and_takes_a_title(view: str) -> None:
    x = Value(3.0, name="x")
    drawing = draw(x * Value(2.0, name="w"), view=view, title="two < three")
    assert drawing.scene.title == "two < three"
    assert drawing.svg().startswith("<svg")
    assert "two &lt; three" in drawing.svg()


def test_an_unknown_view_is_refused_with_the_ones_that_are_there() -> None:
    with pytest.raises(
        ValueError, match=r"view must be one of 'graph'.*, got 'grahp'. Did you mean 'graph'\?"
    ):
        draw(Value(1.0), view="grahp")
    with pytest.raises(ValueError, match="view must be one of 'graph'.*, got 3$"):
        draw(Value(1.0), view=3)


def test_an_unknown_option_is_refused_with_those_of_the_view() -> None:
    message = r"draw has no option 'max_node' in the view 'graph'; it has view, title, .*max_nodes.*Did you mean 'max_nodes'\?"
    with pytest.raises(TypeError, match=message):
        draw(Value(1.0), max_node=3)

"""Decision boundaries: what is drawn over the plane is what the model says there."""

import numpy as np
import pytest

import nn

pyplot = pytest.importorskip("matplotlib.pyplot")
X = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]]


def line():
    """A model whose boundary is x1 + x2 = 1."""
    model = nn.MLP(2, [1])
    for p, x in zip(model.parameters(), (1.0, 1.0, -1.0), strict=True):
        p.data = x
    return model


def test_scores_are_the_models_and_classes_follow_from_them():
    plane = nn.decision_boundary(line(), X, [0, 0, 0, 1], steps=21)
    xs, ys = np.meshgrid(plane.xs, plane.ys)
    assert np.allclose(plane.scores, xs + ys - 1.0)
    assert (plane.classes == (xs + ys > 1.0)).all()
    assert plane.xs[0] == pytest.approx(-0.15) and plane.ys[-1] == pytest.approx(1.15)


def test_probabilities_are_decided_at_a_half():
    model = nn.MLP(2, [1], activation="tanh", seed=0)
    scores = nn.decision_boundary(model, X, [0, 0, 0, 1], steps=5)
    shifted = nn.decision_boundary(model, X, [0, 0, 0, 1], threshold=0.5, steps=5)
    assert (shifted.classes == (scores.scores > 0.5)).all()


def test_of_several_outputs_the_largest_decides():
    model = nn.MLP(2, [4, 3], seed=2)
    plane = nn.decision_boundary(model, X, [0, 1, 2, 1], steps=9)
    assert plane.scores.shape == (9, 9, 3)
    point = [plane.xs[3], plane.ys[7]]
    answers = [v.data for v in model(point)]
    assert plane.classes[7, 3] == answers.index(max(answers))
    assert len(plane.plot().collections) >= 4
    pyplot.close("all")


def test_the_line_that_is_drawn_lies_where_the_score_is_the_threshold():
    axes = nn.decision_boundary(line(), X, [0, 0, 0, 1], steps=41).plot()
    lines = [path.vertices for c in axes.collections[1:2] for path in c.get_paths()]
    points = np.concatenate([v for v in lines if len(v)])
    assert np.allclose(points.sum(axis=1), 1.0, atol=1e-6)
    pyplot.close("all")


def test_in_a_notebook_the_network_stands_beside_the_plane(tmp_path):
    plane = nn.decision_boundary(nn.MLP(2, [3, 1], seed=0), X, [0, 1, 1, 0], steps=9)
    shown = plane.html(tmp_path / "plane.html")
    assert "3 neurons" in shown and shown.count("<svg") == 2
    assert (tmp_path / "plane.html").read_text(encoding="utf-8").endswith(shown)
    assert not pyplot.get_fignums()


def test_what_is_no_plane_is_refused():
    model = nn.MLP(3, [1], seed=0)
    with pytest.raises(
        ValueError, match="must hold 2 numbers; X has rows of 3 numbers: choose two"
    ):
        nn.decision_boundary(model, [[0.0, 0.0, 1.0]], [0])
    with pytest.raises(ValueError, match="X has 4 rows and y has 1"):
        nn.decision_boundary(line(), X, [0])
    with pytest.raises(ValueError, match="steps must be a whole number from 2 on, got 1"):
        nn.decision_boundary(line(), X, [0, 0, 0, 1], steps=1)


def test_it_says_what_it_is():
    plane = nn.decision_boundary(line(), X, [0, 0, 0, 1], steps=21)
    assert repr(plane) == "<DecisionBoundary of MLP: 4 points, 21 × 21 grid; .plot() draws it>"

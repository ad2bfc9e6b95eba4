"""The perceptron: its threshold, its rule step by step, and what it cannot learn."""

from itertools import product

import pytest

import nn

CORNERS = [list(map(float, pair)) for pair in product((0, 1), repeat=2)]


@pytest.mark.parametrize(
    "function, targets", [("and", [0, 0, 0, 1]), ("or", [0, 1, 1, 1]), ("nand", [1, 1, 1, 0])]
)
def test_it_learns_what_a_line_can_separate(function, targets):
    perceptron = nn.Perceptron(2)
    found = perceptron.learn(CORNERS, targets)
    assert found.converged and found.mistakes[-1] == 0
    assert [perceptron(x) for x in CORNERS] == targets
    assert len(found.updates) == sum(found.mistakes)


def test_it_does_not_learn_exclusive_or_alone():
    found = nn.Perceptron(2).learn(CORNERS, [0, 1, 1, 0], rounds=50)
    assert not found.converged and len(found.mistakes) == 50


def test_three_of_them_make_exclusive_or():
    either = nn.Perceptron(2, weights=[1, 1], bias=-0.5)
    not_both = nn.Perceptron(2, weights=[-1, -1], bias=1.5)
    both_hold = nn.Perceptron(2, weights=[1, 1], bias=-1.5)
    assert [both_hold([float(either(x)), float(not_both(x))]) for x in CORNERS] == [0, 1, 1, 0]


def test_each_correction_is_rosenblatts():
    X, t = [[2.0, 1.0], [-1.0, 3.0], [0.5, -2.0]], [0, 1, 0]
    perceptron = nn.Perceptron(2)
    w, b, expected = [0.0, 0.0], 0.0, []
    for _ in range(3):
        for i, (x, target) in enumerate(zip(X, t, strict=True)):
            y = int(w[0] * x[0] + w[1] * x[1] + b >= 0)
            if y != target:
                w = [w[0] + 0.5 * (target - y) * x[0], w[1] + 0.5 * (target - y) * x[1]]
                b += 0.5 * (target - y)
                expected.append((i, tuple(w), b))
    found = perceptron.learn(X, t, rounds=3, lr=0.5)
    assert [(u.row, u.weights, u.bias) for u in found.updates] == expected[: len(found.updates)]
    assert found.updates


def test_its_rule_is_the_gradient_of_the_perceptron_loss():
    x, model = [2.0, -1.0], nn.Perceptron(2, weights=[0.5, 1.5], bias=1.0)
    assert model(x) == 1
    loss = nn.perceptron_loss(model.score(x), -1)
    loss.backward()
    before = [w.data - w.grad for w in model.weights]
    model.learn([x], [0], rounds=1)
    assert [w.data for w in model.weights] == before


def test_the_threshold_is_1_at_0():
    assert nn.Perceptron(1)([5.0]) == 1
    assert nn.Perceptron(1, bias=-1e-300)([0.0]) == 0


def test_targets_of_minus_one_count_as_zero():
    one, other = nn.Perceptron(2), nn.Perceptron(2)
    one.learn(CORNERS, [0, 0, 0, 1])
    other.learn(CORNERS, [-1, -1, -1, 1])
    assert one.state_dict() == other.state_dict()


def test_what_does_not_fit_is_refused():
    with pytest.raises(ValueError, match="t: row 1 is 2.0, allowed are 1, and 0 or -1"):
        nn.Perceptron(2).learn(CORNERS[:2], [0, 2])
    with pytest.raises(ValueError, match="X has 4 rows and t has 1"):
        nn.Perceptron(2).learn(CORNERS, [0])
    with pytest.raises(ValueError, match="Perceptron expects 2 inputs, got 3"):
        nn.Perceptron(2, weights=[1, 2, 3])
    assert repr(nn.Perceptron(2)) == "Perceptron(2) (3 parameters)"

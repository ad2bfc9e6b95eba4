"""Losses: values and gradients against PyTorch's numbers, at the extremes, and for bad input."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

import autograd
import nn
from autograd import Value

finite = st.floats(min_value=-1e3, max_value=1e3)


def value_and_gradient(loss, input, target):
    """The loss of leaf Values in the shape of `input`, and its gradient in that shape."""
    if isinstance(input, float):
        leaf = Value(input)
        out = loss(leaf, target)
        out.backward()
        return out.data, leaf.grad
    nested = isinstance(input[0], list)
    leaves = [[Value(x) for x in row] for row in input] if nested else [Value(x) for x in input]
    out = loss(leaves, target)
    out.backward()
    grads = [[v.grad for v in row] for row in leaves] if nested else [v.grad for v in leaves]
    return out.data, grads


# Loss and gradient as printed by PyTorch 2.13.0 in float64 (F.mse_loss(x, t) and so on)
# fmt: off
TORCH = [
    # loss, input, target, value, gradient
    ("mse_loss", [0.5, -1.5, 2.0], [1.0, 0.0, -1.0],
     3.8333333333333335, [-0.3333333333333333, -1.0, 2.0]),
    ("mse_loss", [[0.5, -1.5], [2.0, 1.0]], [[1.0, 0.0], [-1.0, 3.0]],
     3.875, [[-0.25, -0.75], [1.5, -1.0]]),
    ("binary_cross_entropy", [0.9, 0.2, 0.5], [1.0, 0.0, 0.25],
     0.3405504158439938, [-0.3703703703703704, 0.4166666666666666, 0.3333333333333333]),
    ("binary_cross_entropy_with_logits", [0.5, -1.5, 2.0], [1.0, 0.0, 0.25],
     0.7674727577352772, [-0.1258468895993818, 0.060808507935452116, 0.2102656926592941]),
    ("binary_cross_entropy_with_logits", [1000.0, -1000.0, -1000.0, 1000.0], [0.0, 1.0, 0.0, 1.0],
     500.0, [0.25, -0.25, 0.0, 0.0]),
    ("cross_entropy", [0.5, -1.5, 2.0], 1,
     3.7258020492315995, [0.17803020550615906, -0.9759062317131516, 0.7978760262069926]),
    ("cross_entropy", [[0.5, -1.5, 2.0], [1.0, 0.0, -1.0]], [2, 1],
     0.8167040068379898, [[0.08901510275307953, 0.012046884143424197, -0.1010619868965037],
                          [0.3326204778874109, -0.37763576447260117, 0.04501528658519022]]),
    ("cross_entropy", [1000.0, 0.0, -1000.0], 1,
     1000.0, [1.0, -1.0, 0.0]),
    # with PyTorch 2.14.1; kl_div with reduction="batchmean"
    ("l1_loss", [0.5, -1.5, 2.0], [1.0, 0.0, -1.0],
     1.6666666666666667, [-0.3333333333333333, -0.3333333333333333, 0.3333333333333333]),
    ("huber_loss", [0.5, -1.5, 2.0], [1.0, 0.0, -1.0],
     1.2083333333333333, [-0.16666666666666666, -0.3333333333333333, 0.3333333333333333]),
    ("huber_loss", [1.0, -1000.0, 1000.0], [0.0, 1000.0, -1000.0],
     1333.1666666666667, [0.3333333333333333, -0.3333333333333333, 0.3333333333333333]),
    ("multi_margin_loss", [0.5, -1.5, 2.0], 1,
     2.5, [0.3333333333333333, -0.6666666666666666, 0.3333333333333333]),
    ("multi_margin_loss", [[0.5, -1.5, 2.0], [1.0, 0.25, -1.0]], [2, 0],
     0.041666666666666664, [[0.0, 0.0, 0.0], [-0.16666666666666666, 0.16666666666666666, 0.0]]),
    ("kl_div", [[-0.5, -1.5, -2.0], [-1.0, -0.25, -3.0]], [[0.2, 0.3, 0.5], [0.0, 1.0, 0.0]],
     0.3851734929677132, [[-0.1, -0.15, -0.25], [-0.0, -0.5, -0.0]]),
]
# By hand: the formula and its derivative
HAND = [
    ("mse_loss", 3.0, 1.0, 4.0, 4.0),
    ("half_squared_error", 3.0, 1.0, 2.0, 2.0),                                # ½·2², 2
    ("half_squared_error", [3.0, 0.0], [1.0, 1.0], 1.25, [1.0, -0.5]),         # (2 + ½)/2
    ("hinge_loss", 0.25, 1, 0.75, -1.0),
    ("hinge_loss", 0.25, -1, 1.25, 1.0),
    ("hinge_loss", [2.0, 0.5, -1.0], [1, 1, -1], 0.5 / 3, [0.0, -1 / 3, 0.0]),  # relu'(0) = 0
    ("perceptron_loss", 0.5, -1, 0.5, 1.0),
    ("perceptron_loss", -0.5, 1, 0.5, -1.0),
    ("perceptron_loss", [0.5, 0.0], [1, 1], 0.0, [0.0, 0.0]),
    ("binary_cross_entropy", 0.5, 1, math.log(2.0), -2.0),
    ("binary_cross_entropy", [0.0, 1.0, 1.0], [1, 0, 1],                        # clamped at 100
     200.0 / 3, [0.0, 0.0, -1 / 3]),
    ("binary_cross_entropy_with_logits", -40.0, 0, 4.248354255291589e-18, 4.248354255291589e-18),
    ("binary_cross_entropy_with_logits", 40.0, 1, 4.248354255291589e-18, -4.248354255291589e-18),
]
# fmt: on


def same(actual, expected):
    return actual == pytest.approx(expected, rel=1e-14, abs=1e-300)


@pytest.mark.parametrize("name, input, target, value, gradient", TORCH + HAND)
def test_value_and_gradient(name, input, target, value, gradient):
    loss, grads = value_and_gradient(getattr(nn, name), input, target)
    assert same(loss, value)
    if gradient and isinstance(gradient, list) and isinstance(gradient[0], list):
        assert all(same(a, e) for a, e in zip(grads, gradient, strict=True))
    else:
        assert same(grads, gradient)


@pytest.mark.parametrize("name, input, target, value, gradient", TORCH + HAND)
def test_floats_give_a_float(name, input, target, value, gradient):
    loss = getattr(nn, name)(input, target)
    assert type(loss) is float
    assert same(loss, value)


@pytest.mark.parametrize("name, input, target, value, gradient", TORCH)
def test_against_pytorch_itself(name, input, target, value, gradient):
    torch = pytest.importorskip("torch")
    x = torch.tensor(input, dtype=torch.float64, requires_grad=True)
    kind = torch.int64 if name in ("cross_entropy", "multi_margin_loss") else torch.float64
    more = {"reduction": "batchmean"} if name == "kl_div" else {}
    loss = getattr(torch.nn.functional, name)(x, torch.tensor(target, dtype=kind), **more)
    loss.backward()
    assert loss.item() == pytest.approx(value, rel=1e-14)
    assert x.grad.flatten().tolist() == pytest.approx(flatten(gradient), rel=1e-14)


def flatten(nested):
    if not isinstance(nested, list):
        return [nested]
    return [x for part in nested for x in flatten(part)]


@given(st.floats(min_value=-1e3, max_value=1e3), st.floats(min_value=0, max_value=1))
def test_logit_gradient_is_probability_minus_target(z, t):
    mpmath = pytest.importorskip("mpmath")
    with mpmath.workprec(2000):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        value, gradient = -t * mpmath.log(p) - (1 - t) * mpmath.log(1 - p), p - t
    loss, grad = value_and_gradient(nn.binary_cross_entropy_with_logits, z, t)
    assert loss == pytest.approx(float(value), rel=1e-13)
    assert grad == pytest.approx(float(gradient), rel=1e-13, abs=1e-15)


@given(st.lists(finite, min_size=1, max_size=6), st.data())
def test_cross_entropy_gradient_is_softmax_minus_target(logits, data):
    mpmath = pytest.importorskip("mpmath")
    target = data.draw(st.integers(0, len(logits) - 1))
    with mpmath.workprec(200):
        exps = [mpmath.exp(z) for z in logits]
        value = mpmath.log(sum(exps)) - logits[target]
        expected = [e / sum(exps) - (i == target) for i, e in enumerate(exps)]
    loss, grads = value_and_gradient(nn.cross_entropy, logits, target)
    assert loss == pytest.approx(float(value), rel=1e-13, abs=1e-12)
    assert grads == pytest.approx([float(e) for e in expected], rel=1e-12, abs=1e-12)


@given(st.lists(st.tuples(finite, finite), min_size=1, max_size=8))
def test_a_batch_is_the_mean_of_its_members(pairs):
    predictions, targets = [p for p, _ in pairs], [t for _, t in pairs]
    signs = [1 if t > 0 else -1 for t in targets]
    for loss, ts in [
        (nn.mse_loss, targets),
        (nn.half_squared_error, targets),
        (nn.hinge_loss, signs),
        (nn.perceptron_loss, signs),
    ]:
        members = [loss(p, t) for p, t in zip(predictions, ts)]
        assert loss(predictions, ts) == pytest.approx(sum(members) / len(members), rel=1e-12)


def test_few_nodes():
    def made(loss):
        return sum(1 for node in loss.history() if node.parents)

    logits = [Value(x) for x in (0.5, -1.5, 2.0)]
    assert made(nn.cross_entropy(logits, 1)) == 2
    assert made(nn.binary_cross_entropy_with_logits(logits[0], 0)) == 1
    assert made(nn.binary_cross_entropy_with_logits(logits[0], 1)) == 2
    assert made(nn.mse_loss(logits[0], 1.0)) == 2
    assert made(nn.mse_loss(logits, [1.0, 2.0, 3.0])) == 2 * 3 + 1
    assert made(nn.hinge_loss(logits[0], 1)) == 3
    assert made(nn.perceptron_loss(logits[0], -1)) == 2


def test_targets_may_be_values_and_get_gradients():
    p, t = Value(0.8), Value(1.0)
    nn.binary_cross_entropy(p, t).backward()
    assert t.grad == pytest.approx(math.log(0.2) - math.log(0.8))
    z, t = Value(2.0), Value(0.0)
    nn.binary_cross_entropy_with_logits(z, t).backward()
    assert t.grad == pytest.approx(-2.0)
    p, t = Value(3.0), Value(1.0)
    nn.mse_loss(p, t).backward()
    assert (p.grad, t.grad) == (4.0, -4.0)


def test_a_class_may_be_a_value_that_a_recording_changes():
    logits = [Value(0.5), Value(-1.5), Value(2.0)]
    for target in range(3):
        plain = nn.cross_entropy(logits, target)
        loss = nn.cross_entropy(logits, Value(float(target)))
        assert loss.data == plain.data
        gradients = []
        for each in (plain, loss):
            for z in logits:
                z.grad = 0.0
            each.backward()
            gradients.append([z.grad for z in logits])
        assert gradients[0] == gradients[1]
    for no_class in (3.0, -1.0, 0.5):
        with pytest.raises(IndexError, match="a whole number from 0 to 2"):
            nn.cross_entropy(logits, Value(no_class))


def test_generators_tuples_and_arrays_are_sequences():
    np = pytest.importorskip("numpy")
    assert nn.mse_loss((x for x in (1.0, 2.0)), (0.0, 4.0)) == 2.5
    assert nn.mse_loss(np.array([1.0, 2.0]), np.array([0, 4])) == 2.5
    assert type(nn.mse_loss(np.float32(1.0), np.int64(3))) is float
    assert nn.cross_entropy(np.zeros((2, 4)), np.array([0, 3])) == pytest.approx(math.log(4))
    assert nn.cross_entropy(np.zeros(4), np.int64(3)) == pytest.approx(math.log(4))


@pytest.mark.parametrize("name", ["mse_loss", "half_squared_error", "hinge_loss"])
def test_nothing_to_average(name):
    with pytest.raises(ValueError, match=f"{name} got no predictions: there is nothing to average"):
        getattr(nn, name)([], [])


def test_unequal_lengths():
    with pytest.raises(ValueError, match="mse_loss got 2 predictions and 3 targets: there must be"):
        nn.mse_loss([1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(ValueError, match="hinge_loss got a single prediction and 3 targets: give"):
        nn.hinge_loss(Value(1.0), [1, -1, 1])
    with pytest.raises(ValueError, match="cross_entropy got 1 rows of logits and 2 targets: there"):
        nn.cross_entropy([[1.0, 2.0]], [0, 1])


@pytest.mark.parametrize("name", ["mse_loss", "half_squared_error"])
@pytest.mark.parametrize("missing", [math.nan, math.inf, Value(math.nan)])
def test_missing_targets(name, missing):
    with pytest.raises(ValueError, match="target 1 is (nan|inf), allowed is a finite number: drop"):
        getattr(nn, name)([1.0, 2.0], [0.0, missing])


@pytest.mark.parametrize("name", ["hinge_loss", "perceptron_loss"])
@pytest.mark.parametrize("target", [0, 2, 0.5, math.nan])
def test_signs_only(name, target):
    with pytest.raises(
        ValueError, match=rf"{name}: target 0 is .*, allowed is -1 or \+1: .*2 \* y"
    ):
        getattr(nn, name)(1.0, target)


@pytest.mark.parametrize("name", ["binary_cross_entropy", "binary_cross_entropy_with_logits"])
@pytest.mark.parametrize("target", [-1, 1.5, math.nan])
def test_probabilities_as_targets_only(name, target):
    with pytest.raises(ValueError, match=f"{name}: target 0 is .*, allowed is from 0 to 1: for"):
        getattr(nn, name)(0.5, target)


@pytest.mark.parametrize("p", [-0.1, 1.1, math.nan])
def test_probabilities_as_input_only(p):
    with pytest.raises(
        ValueError, match=f"probabilities from 0 to 1, got {p}: apply sigmoid first"
    ):
        nn.binary_cross_entropy(Value(p), 1)


@pytest.mark.parametrize("target", [-1, 3])
def test_class_out_of_range(target):
    with pytest.raises(ValueError, match=f"target 1 is {target}, allowed are the ints from 0 to 2"):
        nn.cross_entropy([[0.0, 1.0, 2.0], [0.0, 1.0, 2.0]], [0, target])


@pytest.mark.parametrize("target", [1.0, "1", True, None, math.nan])
def test_class_that_is_no_int(target):
    with pytest.raises(TypeError, match="cross_entropy"):
        nn.cross_entropy([0.0, 1.0, 2.0], target)


def test_class_that_is_no_int_says_how_to_convert():
    with pytest.raises(TypeError, match=r"target 0 is 1.0, .*: convert labels with int\(y\)"):
        nn.cross_entropy([0.0, 1.0, 2.0], 1.0)


def test_logits_that_are_no_row():
    with pytest.raises(TypeError, match="needs a row of logits.*binary_cross_entropy_with_logits"):
        nn.cross_entropy(Value(1.0), 0)
    with pytest.raises(ValueError, match="empty row of logits: it needs one for each class"):
        nn.cross_entropy([], 0)
    with pytest.raises(ValueError, match="got no rows of logits: there is nothing to average"):
        nn.cross_entropy([], [])
    with pytest.raises(ValueError, match="got 2 rows of logits and a single target"):
        nn.cross_entropy([[1.0, 2.0], [1.0, 2.0]], 0)


@pytest.mark.parametrize("thing", ["1", None, {0: 1.0}, 1j])
def test_what_is_no_number(thing):
    with pytest.raises(TypeError, match="mse_loss works on numbers, Values and sequences of them"):
        nn.mse_loss(thing, 1.0)


def test_a_bad_target_leaves_no_gradient_behind():
    z = Value(1.0)
    with pytest.raises(ValueError):
        nn.hinge_loss([z, z], [1, 0])
    assert z.grad == 0.0


@given(st.lists(finite, min_size=2, max_size=6), st.data())
def test_the_multiclass_logistic_loss_has_equal_forms(logits, data):
    """-log softmax(z)[t], log Σ exp(z) - z[t], and with K - 1 scores beside one that is always 0."""
    target = data.draw(st.integers(0, len(logits) - 1))
    loss = nn.cross_entropy(logits, target)
    assert loss == pytest.approx(-autograd.log_softmax(logits)[target], rel=1e-12, abs=1e-12)
    assert loss == pytest.approx(autograd.logsumexp(logits) - logits[target], rel=1e-12, abs=1e-12)
    fewer = [z - logits[0] for z in logits]  # scores against those of class 0
    assert loss == pytest.approx(nn.cross_entropy(fewer, target), rel=1e-9, abs=1e-9)
    if len(logits) == 2:
        sign = 1.0 if target else -1.0
        two = nn.binary_cross_entropy_with_logits(logits[1] - logits[0], target)
        assert loss == pytest.approx(two, rel=1e-9, abs=1e-9)
        assert two == pytest.approx(autograd.softplus(-sign * (logits[1] - logits[0])), abs=1e-12)


@pytest.mark.parametrize("z", [-1000.0, -0.5, 0.0, 0.5, 1000.0])
def test_huber_is_half_squared_near_and_straight_far(z):
    value, slope = value_and_gradient(lambda p, t: nn.huber_loss(p, t, delta=0.75), z, 0.0)
    assert value == pytest.approx(0.5 * z * z if abs(z) <= 0.75 else 0.75 * (abs(z) - 0.375))
    assert slope == pytest.approx(max(-0.75, min(0.75, z)))


@given(st.lists(st.floats(-1e17, 1e17) | st.floats(-3, 3), min_size=2, max_size=5), st.data())
def test_multi_margin_is_never_below_0_and_exactly_0_for_rows_that_win_by_enough(scores, data):
    target = data.draw(st.integers(0, len(scores) - 1))
    assert nn.multi_margin_loss(scores, target) >= 0.0
    far = [min(z, scores[target] - 2.0 - abs(scores[target]) / 8) for z in scores]
    far[target] = scores[target]
    loss, gradient = value_and_gradient(nn.multi_margin_loss, far, target)
    assert loss == 0.0
    assert gradient == [0.0] * len(scores)


def test_messages_of_new_losses():
    with pytest.raises(ValueError, match="delta must be above 0, got 0: it is a distance"):
        nn.huber_loss(1.0, 0.0, delta=0.0)
    with pytest.raises(
        TypeError, match="kl_div compares rows of logarithms of probabilities, got 0.5"
    ):
        nn.kl_div(0.5, 0.5)
    with pytest.raises(ValueError, match="kl_div: target 1 is 1.5, allowed is from 0 to 1"):
        nn.kl_div([-0.5, -0.5], [0.5, 1.5])
    with pytest.raises(
        ValueError, match="multi_margin_loss: target 0 is 3, allowed are the ints from 0 to 1"
    ):
        nn.multi_margin_loss([0.5, 1.5], 3)

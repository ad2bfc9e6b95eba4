"""Initializers: their distributions against the published formulas, their seeds, their names."""

import random
from math import sqrt

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from nn.initializers import INITIALIZERS, generator, initializer

# variance of each family as a function of the widths (a uniform U(-a, a) has variance a²/3)
VARIANCE = {
    "zeros": lambda n_in, n_out: 0.0,
    "uniform": lambda n_in, n_out: 1 / 3,
    "xavier_uniform": lambda n_in, n_out: 2 / (n_in + n_out),
    "xavier_normal": lambda n_in, n_out: 2 / (n_in + n_out),
    "he_uniform": lambda n_in, n_out: 2 / n_in,
    "he_normal": lambda n_in, n_out: 2 / n_in,
    "lecun_uniform": lambda n_in, n_out: 1 / n_in,
    "lecun_normal": lambda n_in, n_out: 1 / n_in,
}


def sample(name, n_in, n_out, count=20_000):
    rng = random.Random(7)
    return [INITIALIZERS[name](rng, n_in, n_out) for _ in range(count)]


def test_every_initializer_has_its_variance_tested():
    assert INITIALIZERS.keys() == VARIANCE.keys()


@pytest.mark.parametrize("name", INITIALIZERS)
@pytest.mark.parametrize("widths", [(3, 5), (64, 32)])
def test_mean_and_variance(name, widths):
    weights = sample(name, *widths)
    expected = VARIANCE[name](*widths)
    mean = sum(weights) / len(weights)
    variance = sum((w - mean) ** 2 for w in weights) / len(weights)
    # 5 standard errors of the mean; 5 % is 5 of the variance (relative error √(2/20000) = 1 %)
    assert abs(mean) <= 5 * sqrt(expected / len(weights))
    assert variance == pytest.approx(expected, rel=0.05)


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name.endswith("uniform")])
def test_uniform_fills_its_interval_and_stays_inside(name):
    weights = sample(name, 10, 20)
    bound = sqrt(3 * VARIANCE[name](10, 20))
    assert max(map(abs, weights)) <= bound
    assert max(weights) > 0.99 * bound and min(weights) < -0.99 * bound


@pytest.mark.parametrize("name", [name for name in INITIALIZERS if name.endswith("normal")])
def test_normal_has_normal_tails(name):
    weights = sample(name, 10, 20)
    deviation = sqrt(VARIANCE[name](10, 20))
    inside = [sum(abs(w) < k * deviation for w in weights) / len(weights) for k in (1, 2)]
    assert inside == pytest.approx([0.6827, 0.9545], abs=0.015)


def test_uniform_draws_what_micrograd_draws_from_the_same_seed():
    # micrograd: Neuron.w = [Value(random.uniform(-1, 1)) for _ in range(nin)], layer after layer
    model = nn.MLP(2, [3, 1], init="uniform", seed=1337)
    reference = random.Random(1337)
    weights = [p.data for path, p in model.named_parameters() if "weights" in path]
    assert weights == [reference.uniform(-1, 1) for _ in range(2 * 3 + 3 * 1)]


@given(st.integers(min_value=0, max_value=2**64))
def test_the_same_seed_gives_the_same_model(seed):
    assert nn.MLP(2, [3, 1], seed=seed).state_dict() == nn.MLP(2, [3, 1], seed=seed).state_dict()


def test_other_seeds_and_none_give_other_models():
    models = [nn.MLP(2, [3, 1], seed=seed).state_dict() for seed in (0, 1, None, None)]
    assert all(a != b for i, a in enumerate(models) for b in models[:i])


@pytest.mark.parametrize("name", INITIALIZERS)
def test_global_random_state_is_neither_read_nor_disturbed(name):
    random.seed(1)
    before = random.getstate()
    first = nn.MLP(2, [3, 1], init=name, seed=5).state_dict()
    nn.MLP(2, [3, 1], init=name)
    assert random.getstate() == before
    random.seed(2)
    assert nn.MLP(2, [3, 1], init=name, seed=5).state_dict() == first


def test_each_weight_is_drawn_separately_and_biases_start_at_zero():
    state = nn.MLP(4, [8, 8, 2], seed=0).state_dict()
    weights = [data for path, data in state.items() if "weights" in path]
    assert len(set(weights)) == len(weights) == 4 * 8 + 8 * 8 + 8 * 2
    assert [data for path, data in state.items() if path.endswith("bias")] == [0.0] * 18


def test_auto_fits_the_activation_that_follows():
    drawn = [p.data for p in nn.Layer(3, 2, activation="relu", seed=0).parameters()]
    assert drawn == [p.data for p in nn.Layer(3, 2, "relu", init="he_normal", seed=0).parameters()]
    drawn = [p.data for p in nn.Layer(3, 2, activation="tanh", seed=0).parameters()]
    xavier = nn.Layer(3, 2, "tanh", init="xavier_normal", seed=0)
    assert drawn == [p.data for p in xavier.parameters()]


def test_auto_knows_a_function_by_its_name():
    from autograd import relu

    by_name, by_function = nn.Layer(3, 2, "relu", seed=0), nn.Layer(3, 2, relu, seed=0)
    assert by_name.state_dict() == by_function.state_dict()


def test_an_initializer_of_ones_own_sees_both_widths():
    layer = nn.Layer(3, 2, init=lambda rng, n_in, n_out: 100.0 * n_in + n_out)
    assert [w.data for neuron in layer.neurons for w in neuron.weights] == [302.0] * 6


def test_two_layers_can_draw_from_one_stream():
    rng = random.Random(0)
    first, second = nn.Layer(2, 2, seed=rng), nn.Layer(2, 2, seed=rng)
    assert first.state_dict() != second.state_dict()
    assert first.state_dict() == nn.Layer(2, 2, seed=random.Random(0)).state_dict()


def test_unknown_name():
    with pytest.raises(ValueError, match="unknown initializer 'he_norm': did you mean 'he_normal'"):
        nn.MLP(2, [1], init="he_norm")
    with pytest.raises(
        ValueError, match=r"unknown initializer '\?': Allowed are 'auto', 'zeros', 'uniform'"
    ):
        initializer("?")


def test_neither_name_nor_function():
    with pytest.raises(TypeError, match="init must be a name or a function of .*, got 0.1"):
        nn.Neuron(2, init=0.1)


@pytest.mark.parametrize("seed", [1.5, "0", object()])
def test_a_seed_is_an_int_a_random_or_none(seed):
    with pytest.raises(TypeError, match="seed must be an int, a random.Random or None, got"):
        generator(seed)


def test_numpy_ints_are_seeds():
    np = pytest.importorskip("numpy")
    assert nn.Neuron(2, seed=np.int64(3)).state_dict() == nn.Neuron(2, seed=3).state_dict()

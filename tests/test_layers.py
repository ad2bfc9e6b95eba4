"""Neuron, Layer, MLP: what they compute, which inputs they take, and what they refuse."""

import math
import pickle

import pytest

import autograd
import nn
from autograd import Value
from nn.row import row


def test_a_neuron_is_a_weighted_sum_a_bias_and_an_activation():
    neuron = nn.Neuron(2, activation="tanh")
    neuron.w[0].data, neuron.w[1].data, neuron.b.data = 0.5, -1.0, 0.25
    out = neuron([4.0, 2.0])
    assert out.data == pytest.approx(math.tanh(0.5 * 4.0 - 1.0 * 2.0 + 0.25))
    out.backward()
    slope = 1.0 - math.tanh(0.25) ** 2
    assert [p.grad for p in neuron.parameters()] == pytest.approx([4 * slope, 2 * slope, slope])


def test_a_neuron_is_one_dot_node_and_one_activation_node():
    out = nn.Neuron(16)([1.0] * 16)
    assert [node.op for node in out.history() if node.parents] == ["dot", "relu"]
    assert len(nn.Neuron(3, activation=None, bias=False)([1.0] * 3).history()) == 3 + 1


def test_a_layer_asks_every_neuron_and_gives_a_list():
    layer = nn.Layer(2, 3, activation=None, seed=0)
    inputs = [0.3, -0.7]
    outputs = layer(inputs)
    assert isinstance(outputs, list)
    assert [v.data for v in outputs] == [
        pytest.approx(n.w[0].data * 0.3 - n.w[1].data * 0.7 + n.b.data) for n in layer.neurons
    ]
    assert isinstance(nn.Layer(2, 1)(inputs), list)


def test_an_mlp_is_its_layers_in_a_row_the_last_one_linear():
    model = nn.MLP(2, [4, 3, 2], activation="tanh", seed=1)
    values = [0.3, -0.7]
    for layer in model.layers:
        values = layer(values)
    assert [v.data for v in model([0.3, -0.7])] == [v.data for v in values]
    assert [layer.neurons[0].activation is None for layer in model.layers] == [False, False, True]
    assert [v.op for v in values] == ["dot", "dot"]


def test_against_pytorch():
    torch = pytest.importorskip("torch")
    model = nn.MLP(3, [5, 4, 2], activation="tanh", seed=3)
    x = [0.5, -1.0, 2.0]
    nn.cross_entropy(model(x), 1).backward()
    out, leaves = torch.tensor(x, dtype=torch.float64), []
    for layer in model.layers:
        W = [[w.data for w in neuron.weights] for neuron in layer.neurons]
        W = torch.tensor(W, dtype=torch.float64, requires_grad=True)
        b = torch.zeros(len(layer.neurons), dtype=torch.float64, requires_grad=True)
        out = W @ out + b
        out = out if layer is model.layers[-1] else torch.tanh(out)
        leaves.append((W, b))
    torch.nn.functional.cross_entropy(out, torch.tensor(1)).backward()
    for layer, (W, b) in zip(model.layers, leaves):
        for i, neuron in enumerate(layer.neurons):
            assert [w.grad for w in neuron.w] == pytest.approx(W.grad[i].tolist(), rel=1e-12)
            assert neuron.b.grad == pytest.approx(b.grad[i].item(), rel=1e-12)


# fmt: off
OUTPUTS = [
    # sizes, kind
    ([1],        Value),
    ([16, 1],    Value),
    ([3],        list),
    ([1, 3],     list),   # pitfall 25: a hidden layer of one neuron
    ([1, 1],     Value),
    ([2, 1, 2],  list),
]
# fmt: on


@pytest.mark.parametrize("sizes, kind", OUTPUTS)
def test_one_output_is_a_value_several_are_a_list(sizes, kind):
    assert isinstance(nn.MLP(2, sizes)([1.0, 2.0]), kind)


def test_biases_are_parameters_unless_there_are_none():
    assert len(nn.MLP(2, [16, 16, 1]).parameters()) == 337
    assert len(nn.MLP(2, [16, 16, 1], bias=False).parameters()) == 304
    assert nn.Neuron(2, bias=False).b is None


def test_names_read_well_in_a_picture():
    assert [p.name for p in nn.Neuron(3).parameters()] == ["w0", "w1", "w2", "b"]


def test_what_micrograd_users_write():
    model = nn.MLP(2, [16, 16, 1], init="uniform", seed=1337)
    neuron = model.layers[0].neurons[0]
    assert neuron.w is neuron.weights and neuron.b is neuron.bias
    score = model([Value(1.0), Value(-1.0)])
    loss = (1 - score).relu() + 1e-4 * sum(p * p for p in model.parameters())
    model.zero_grad()
    loss.backward()
    for p in model.parameters():
        p.data -= 0.1 * p.grad
    assert model([1.0, -1.0]).data != score.data


INPUTS = {
    "list": lambda xs: xs,
    "tuple": tuple,
    "generator": lambda xs: (x for x in xs),
    "values": lambda xs: [Value(x) for x in xs],
    "mixed": lambda xs: [Value(xs[0]), *xs[1:]],
    "map": lambda xs: map(float, xs),
    "range": lambda xs: range(1, 4),
    "numpy": lambda xs: pytest.importorskip("numpy").array(xs),
    "numpy float32": lambda xs: pytest.importorskip("numpy").array(xs, dtype="float32"),
    "numpy int": lambda xs: pytest.importorskip("numpy").array([1, 2, 3]),
    "numpy Values": lambda xs: pytest.importorskip("numpy").array([Value(x) for x in xs]),
}


@pytest.mark.parametrize("kind", INPUTS)
@pytest.mark.parametrize("make", [nn.Neuron, lambda n: nn.Layer(n, 2), lambda n: nn.MLP(n, [2, 1])])
def test_inputs_of_many_kinds_give_the_same(make, kind):
    module = make(3)
    expected, got = module([1.0, 2.0, 3.0]), module(INPUTS[kind]([1.0, 2.0, 3.0]))
    as_floats = lambda out: [v.data for v in out] if isinstance(out, list) else [out.data]  # noqa
    assert as_floats(got) == as_floats(expected)
    assert all(type(x) is float for x in as_floats(got))


def test_an_array_is_turned_into_plain_floats_once():
    np = pytest.importorskip("numpy")
    inputs = row(np.array([1.0, 2.0]), 2, "Layer")
    assert [type(x) for x in inputs] == [float, float]


def test_inputs_get_gradients():
    x = [Value(1.0), Value(2.0)]
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    model(x).backward()
    assert all(v.grad != 0.0 for v in x)


def test_the_rows_handed_in_are_not_changed():
    row = [1.0, 2.0]
    nn.MLP(2, [2, 1])(row)
    assert row == [1.0, 2.0]


MODULES = [
    (lambda: nn.Neuron(3), "Neuron"),
    (lambda: nn.Layer(3, 2), "Layer"),
    (lambda: nn.MLP(3, [2, 1]), "MLP"),
]


@pytest.mark.parametrize("make, name", MODULES)
def test_wrong_width(make, name):
    # pitfall 25: zip would cut the row short and answer
    with pytest.raises(ValueError, match=f"^{name} expects 3 inputs, got 1: give it rows of 3, or"):
        make()([1.0])
    with pytest.raises(ValueError, match=f"^{name} expects 3 inputs, got 4: .* build it for 4$"):
        make()([1.0] * 4)
    with pytest.raises(ValueError, match=f"^{name} expects 3 inputs, got 2: these look like many"):
        make()([[1.0, 2.0, 3.0], [1.0, 2.0, 3.0]])


@pytest.mark.parametrize("make, name", MODULES)
def test_empty_rows(make, name):
    used_up = (x for x in [1.0])
    list(used_up)
    for empty in ([], used_up):
        with pytest.raises(ValueError, match=f"{name} expects 3 inputs, got 0: the row is empty"):
            make()(empty)


@pytest.mark.parametrize("make, name", MODULES)
@pytest.mark.parametrize("inputs", [2.0, Value(2.0), None])
def test_a_number_is_no_row(make, name, inputs):
    with pytest.raises(TypeError, match=rf"{name} expects a row of 3 .*, got .*: write \[x\]"):
        make()(inputs)


@pytest.mark.parametrize("make, name", MODULES)
@pytest.mark.parametrize("inputs", ["abc", {0: 1.0, 1: 2.0, 2: 3.0}, {1.0, 2.0, 3.0}])
def test_containers_without_an_order_and_text_are_no_rows(make, name, inputs):
    with pytest.raises(TypeError, match=f"{name} expects a row of 3 .*: write them as a list"):
        make()(inputs)


@pytest.mark.parametrize("make, name", MODULES)
def test_a_table_is_no_row(make, name):
    np = pytest.importorskip("numpy")
    with pytest.raises(
        ValueError, match=rf"{name} .*, got an array of shape \(3, 3\): call it once"
    ):
        make()(np.zeros((3, 3)))


@pytest.mark.parametrize("make, name", MODULES)
def test_what_is_no_number_in_a_row(make, name):
    for bad in ("1", None, [1.0], 1j):
        with pytest.raises(TypeError):
            make()([1.0, 2.0, bad])


def test_activations():
    assert nn.Neuron(1, activation="sigmoid").activation(0.0) == 0.5
    assert nn.Neuron(1, activation="linear").activation is None
    assert nn.Neuron(1, activation=autograd.tanh).activation is autograd.tanh
    neuron = nn.Neuron(1, activation=lambda v: v * v + 1.0)
    neuron.w[0].data = 3.0
    assert neuron([2.0]).data == 37.0


@pytest.mark.parametrize(
    "name", ["relu", "tanh", "sigmoid", "gelu", "silu", "softplus", "elu", "sin"]
)
def test_operations_of_one_input_are_activations(name):
    neuron = nn.Neuron(1, activation=name)
    neuron.w[0].data = 1.0
    assert neuron([0.3]).data == getattr(autograd, name)(0.3)


def test_unknown_activation():
    with pytest.raises(ValueError, match="unknown activation 'rleu': did you mean 'relu'") as error:
        nn.MLP(2, [2, 1], activation="rleu")
    assert "sigmoid, " in str(error.value) and "tanh, " in str(error.value)
    for name in ("hypot", "mean", "softmax"):  # of two numbers, and of lists
        with pytest.raises(ValueError, match=f"unknown activation '{name}'"):
            nn.Neuron(2, activation=name)
    with pytest.raises(TypeError, match="activation must be the name of an operation, .* got 3"):
        nn.Layer(2, 2, activation=3)


# fmt: off
BAD_SIZES = [
    # make, error, message
    (lambda: nn.Neuron(0),         ValueError, "n_inputs must be at least 1, got 0"),
    (lambda: nn.Layer(-1, 2),      ValueError, "n_inputs must be at least 1, got -1"),
    (lambda: nn.Layer(2, 0),       ValueError, "n_outputs must be at least 1, got 0"),
    (lambda: nn.Neuron(2.0),       TypeError,  "n_inputs must be an int, got 2.0"),
    (lambda: nn.Neuron(True),      TypeError,  "n_inputs must be an int, got True"),
    (lambda: nn.Layer(2, "3"),     TypeError,  "n_outputs must be an int, got '3'"),
    (lambda: nn.MLP(2, []),        ValueError, r"sizes must list .*\[16, 16, 1\]\), got \[\]"),
    (lambda: nn.MLP(2, 3),         TypeError,  "sizes must list the neurons .* got 3"),
    (lambda: nn.MLP(2, "31"),      TypeError,  "sizes must list the neurons .* got '31'"),
    (lambda: nn.MLP(2, [3, 0]),    ValueError, "n_outputs must be at least 1, got 0"),
    (lambda: nn.MLP(0, [3]),       ValueError, "n_inputs must be at least 1, got 0"),
    (lambda: nn.MLP(2, [3, 1.0]),  TypeError,  "n_outputs must be an int, got 1.0"),
]
# fmt: on


@pytest.mark.parametrize("make, error, message", BAD_SIZES)
def test_bad_sizes(make, error, message):
    with pytest.raises(error, match=message):
        make()


def test_numpy_ints_are_sizes():
    np = pytest.importorskip("numpy")
    model = nn.MLP(np.int64(2), np.array([3, 1]))
    assert len(model.parameters()) == 13
    assert repr(model) == repr(nn.MLP(2, [3, 1]))


def test_nan_flows_through():
    assert math.isnan(nn.Neuron(2)([math.nan, 1.0]).data)


def test_pickle_keeps_the_activation():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    copy = pickle.loads(pickle.dumps(model))
    assert copy([1.0, 2.0]).data == model([1.0, 2.0]).data
    assert repr(copy) == repr(model)


def test_layers_can_be_subclassed():
    class Square(nn.Neuron):
        def forward(self, inputs):
            total = super().forward(inputs)
            return total * total

    layer = nn.Layer(2, 2, activation=None, seed=0)
    before = layer([1.0, 2.0])[1].data
    layer.neurons[1] = square = Square(2, activation=None)
    square.load_state_dict(nn.Layer(2, 2, None, seed=0).neurons[1].state_dict())
    assert layer([1.0, 2.0])[1].data == before * before


def test_nan_in_the_data_is_refused_before_it_spoils_the_parameters():
    model = nn.MLP(3, [4, 2], seed=0)
    before = model.state_dict()
    with pytest.raises(ValueError, match="MLP got nan at 1 of a row of 3: leave such rows out"):
        model([1.0, math.nan, 2.0])
    assert model.state_dict() == before
    assert math.isnan(model([1.0, Value(math.nan), 2.0])[0].data)  # a Value may be on purpose

"""Module: finding parameters, states, files, modes, descriptions; and the import of nn itself."""

import copy
import json
import math
import os
import pickle
import random
import subprocess
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import nn
from autograd import Value


class Net(nn.Module):
    """A module as users write it: no super().__init__(), parameters anywhere."""

    def __init__(self):
        self.scale = Value(2.0)
        self.blocks = {"a": nn.Neuron(1, None, seed=0), "b": [nn.Neuron(1, None, seed=1)]}
        self.pair = (Value(3.0), Value(4.0))
        self.label = "net"
        self.history = [0.5, 0.25]
        self.computed = self.scale * 2.0

    def forward(self, x):
        return self.scale * self.blocks["a"]([x])


PATHS = [
    "scale",
    "blocks.a.weights.0",
    "blocks.a.bias",
    "blocks.b.0.weights.0",
    "blocks.b.0.bias",
    "pair.0",
    "pair.1",
]


def test_parameters_are_found_in_definition_order():
    assert [path for path, _ in Net().named_parameters()] == PATHS
    assert "layers.0.neurons.2.weights.1" in dict(nn.MLP(2, [3, 1]).named_parameters())


def test_named_parameters_and_parameters_are_the_same_values():
    net = Net()
    named = [p for _, p in net.named_parameters()]
    assert isinstance(net.parameters(), list)
    assert all(a is b for a, b in zip(net.parameters(), named, strict=True))
    assert named[0] is net.scale and named[-1] is net.pair[1]


def test_a_computed_value_is_no_parameter():
    net = Net()
    assert all(p is not net.computed for p in net.parameters())


def test_what_is_shared_is_counted_once():
    net = nn.Module()
    net.first = nn.Neuron(2)
    net.again = net.first
    net.weight = net.first.weights[0]
    net.both = [net.weight, net.first]
    assert [path for path, _ in net.named_parameters()] == [
        "first.weights.0",
        "first.weights.1",
        "first.bias",
    ]


def test_equal_parameters_are_not_the_same_parameter():
    net = nn.Module()
    net.pair = [Value(1.0), Value(1.0)]
    assert len(net.parameters()) == 2


def test_a_module_that_leads_back_to_itself():
    net = nn.Module()
    net.child = nn.Neuron(1)
    net.child.parent = net
    net.loop = [net]
    net.loop.append(net.loop)
    assert len(net.parameters()) == 2
    assert len(net.modules()) == 2
    assert "(2 parameters)" in repr(net)
    net.child = nn.Module()
    net.child.parent = net
    assert repr(net) == (
        "Module(\n  (child): Module(\n    (parent): ...\n  ) (0 parameters)\n) (0 parameters)"
    )


def test_a_chain_of_many_modules_needs_no_recursion():
    head = nn.Module()
    link = head
    for _ in range(5_000):
        link.next = nn.Module()
        link.next.weight = Value(0.0)
        link = link.next
    assert len(head.parameters()) == 5_000


def test_object_arrays_hold_parameters():
    np = pytest.importorskip("numpy")
    net = nn.Module()
    net.W = np.array([[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]])
    net.data = np.zeros(3)
    assert [path for path, _ in net.named_parameters()] == ["W.0.0", "W.0.1", "W.1.0", "W.1.1"]
    net.load_state_dict({"W.0.0": 9.0}, strict=False)
    assert net.W[0, 0].data == 9.0


def test_calling_calls_forward():
    net = Net()
    assert net(3.0).data == 2.0 * net.blocks["a"]([3.0]).data


def test_a_module_may_define_call_itself():
    class Doubled(nn.Module):
        def __call__(self, x):
            return 2.0 * x

    assert Doubled()(3.0) == 6.0


def test_a_module_without_forward():
    with pytest.raises(NotImplementedError, match="Module does not say what it computes: define"):
        nn.Module()(1.0)


def test_zero_grad():
    net = Net()
    (net(1.0) + net.pair[0]).backward()
    assert any(p.grad != 0.0 for p in net.parameters())
    net.zero_grad()
    assert [p.grad for p in net.parameters()] == [0.0] * len(PATHS)


def test_zero_grad_follows_parameters_that_a_subclass_lists_itself():
    class Listed(nn.Module):
        def __init__(self):
            self.hidden = {Value(1.0)}  # sets have no order, so nothing in them is found

        def parameters(self):
            return list(self.hidden)

    net = Listed()
    net.parameters()[0].grad = 1.0
    net.zero_grad()
    assert net.parameters()[0].grad == 0.0


def test_train_and_eval_reach_every_module():
    net = Net()
    assert net.training
    assert net.eval() is net
    assert [m.training for m in net.modules()] == [False] * 3
    assert net.train() is net
    assert [m.training for m in net.modules()] == [True] * 3
    assert nn.Module().training


def test_state_is_plain_numbers():
    state = Net().state_dict()
    assert list(state) == PATHS
    assert all(type(number) is float for number in state.values())
    assert json.loads(json.dumps(state)) == state


def test_a_state_is_a_copy():
    net = Net()
    state = net.state_dict()
    net.scale.data = 7.0
    assert state["scale"] == 2.0


def test_two_parameters_of_one_path():
    net = nn.Module()
    net.blocks = {1: Value(1.0), "1": Value(2.0)}
    with pytest.raises(ValueError, match="two parameters are called 'blocks.1': rename"):
        net.state_dict()


finite = st.floats(allow_nan=False, allow_infinity=False)


@given(st.lists(finite, min_size=9, max_size=9))
def test_any_state_goes_round_through_json(numbers):
    model = nn.MLP(2, [2, 1])
    for p, number in zip(model.parameters(), numbers, strict=True):
        p.data = number
    other = nn.MLP(2, [2, 1])
    other.load_state_dict(json.loads(json.dumps(model.state_dict())))
    assert [p.data.hex() for p in other.parameters()] == [x.hex() for x in numbers]


def test_loading_keeps_the_parameters_of_an_optimizer():
    model = nn.MLP(2, [2, 1], seed=0)
    optimizer = nn.SGD(model.parameters(), lr=0.1)
    model.load_state_dict(nn.MLP(2, [2, 1], seed=1).state_dict())
    assert all(a is b for a, b in zip(optimizer.params, model.parameters(), strict=True))
    assert model.state_dict() == nn.MLP(2, [2, 1], seed=1).state_dict()


# fmt: off
MISFITS = [
    # change, message
    (dict(scal=1.0),              "unexpected: 'scal'"),
    (dict(scale=math.nan),        "not a finite number: 'scale' is nan"),
    (dict(scale=math.inf),        "not a finite number: 'scale' is inf"),
    (dict(scale="2.0"),           "not a finite number: 'scale' is '2.0'"),
    (dict(scale=None),            "not a finite number: 'scale' is None"),
    (dict(scale=True),            "not a finite number: 'scale' is True"),
    (dict(scale=[2.0]),           r"not a finite number: 'scale' is \[2.0\]"),
    (dict(scale=10**400),         "not a finite number: 'scale' is 1000"),
    ({3: 1.0},                    "unexpected: 3"),
]
# fmt: on


@pytest.mark.parametrize("change, message", MISFITS)
def test_a_state_that_does_not_fit_changes_nothing(change, message):
    net = Net()
    before = net.state_dict()
    state = {path: number + 1.0 for path, number in before.items()} | change
    with pytest.raises(ValueError, match=message) as error:
        net.load_state_dict(state)
    assert "this state does not fit Net, nothing was changed" in str(error.value)
    assert net.state_dict() == before


def test_missing_and_misspelt_paths():
    net = Net()
    before = net.state_dict()
    state = dict(before)
    state["scal"] = state.pop("scale")
    with pytest.raises(
        ValueError, match="missing: 'scale'; unexpected: 'scal' did you mean 'scale'"
    ):
        net.load_state_dict(state)
    with pytest.raises(ValueError, match="'blocks.b.0.bias' and 2 more.* pass strict=False"):
        net.load_state_dict({})
    with pytest.raises(TypeError, match="a state must be a dict of path and number, got list"):
        net.load_state_dict([1.0])
    assert net.state_dict() == before


def test_not_strict_takes_over_what_fits_and_says_what_did_not():
    net = Net()
    mismatched = net.load_state_dict({"scale": 9, "other": 1.0}, strict=False)
    assert net.scale.data == 9.0 and type(net.scale.data) is float
    assert mismatched.missing_keys == PATHS[1:]
    assert mismatched.unexpected_keys == ["other"]
    with pytest.raises(ValueError, match="not a finite number: 'scale' is nan"):
        net.load_state_dict({"scale": math.nan}, strict=False)


def test_numpy_numbers_in_a_state():
    np = pytest.importorskip("numpy")
    net = Net()
    net.load_state_dict({"scale": np.float32(0.5), "pair.0": np.int64(3)}, strict=False)
    assert (net.scale.data, net.pair[0].data) == (0.5, 3.0)
    assert type(net.scale.data) is type(net.pair[0].data) is float


def test_save_and_load(tmp_path):
    model = nn.MLP(2, [3, 1], seed=0)
    model.save(tmp_path / "model.json")
    other = nn.MLP(2, [3, 1], seed=1)
    assert other.load(str(tmp_path / "model.json")) is other
    assert other.state_dict() == model.state_dict()
    content = json.loads((tmp_path / "model.json").read_text())
    assert content["format"] == "glassgrad model" and content["version"] == 1
    assert content["architecture"] == repr(model)
    assert list(content["parameters"]) == [path for path, _ in model.named_parameters()]
    assert os.listdir(tmp_path) == ["model.json"]


def test_a_model_that_diverged_does_not_replace_a_good_file(tmp_path):
    path = tmp_path / "model.json"
    model = nn.MLP(2, [1], seed=0)
    model.save(path)
    good = path.read_bytes()
    model.layers[0].neurons[0].b.data = math.nan
    with pytest.raises(ValueError, match="has diverged, nothing was written .*bias' is nan. Train"):
        model.save(path)
    assert path.read_bytes() == good


def test_a_write_that_fails_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    nn.MLP(2, [1], seed=0).save(path)
    good = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"cannot save the model \(No space left on device\): choose"):
        nn.MLP(2, [1], seed=1).save(path)
    assert path.read_bytes() == good
    assert os.listdir(tmp_path) == ["model.json"]


def test_an_interrupt_while_writing_leaves_the_old_file_alone(tmp_path, monkeypatch):
    path = tmp_path / "model.json"
    nn.MLP(2, [1], seed=0).save(path)
    good = path.read_bytes()

    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "replace", interrupt)
    with pytest.raises(KeyboardInterrupt):
        nn.MLP(2, [1], seed=1).save(path)
    assert path.read_bytes() == good
    assert os.listdir(tmp_path) == ["model.json"]


def test_a_folder_that_does_not_exist(tmp_path):
    with pytest.raises(
        FileNotFoundError, match="cannot save the model .*: choose a folder"
    ) as error:
        nn.MLP(2, [1]).save(tmp_path / "missing" / "model.json")
    assert error.value.filename == str(tmp_path / "missing" / "model.json")


def saved(model, **changes):
    content = {
        "format": "glassgrad model",
        "version": 1,
        "architecture": repr(model),
        "parameters": model.state_dict(),
    }
    content |= changes
    content["checksum"] = zlib.crc32(
        json.dumps([content["architecture"], content["parameters"]]).encode()
    )
    return json.dumps(content).encode()


MODEL = nn.MLP(2, [2, 1], seed=0)
SAVED = saved(MODEL)
WITH_NAN = MODEL.state_dict() | {"layers.0.neurons.0.bias": math.nan}
# fmt: off
DAMAGED = {
    "cut":         (SAVED[:-20],                             "is damaged or is not a saved model"),
    "empty":       (b"",                                     "is damaged or is not a saved model"),
    "binary":      (b"\x80\x04\x95\xff\xfe",                 "is damaged or is not a saved model"),
    "nested":      (b"[" * 100_000,                          "is damaged or is not a saved model"),
    "another":     (b'{"weights": [1, 2]}',                  r"not written by a model's save\(\)"),
    "list":        (b"[]",                                   r"not written by a model's save\(\)"),
    "newer":       (saved(MODEL, version=2),                 "version 2, this library reads 1"),
    "edited":      (SAVED.replace(b's": 0.0', b's": 0.5'),   r"\(its checksum is wrong\)"),
    "other model": (saved(nn.MLP(2, [3, 1])),                r"another model(.|\n)*Layer\(2, 3"),
    "activation":  (saved(nn.MLP(2, [2, 1], "tanh")),        "holds another model"),
    "no numbers":  (saved(MODEL, parameters=None),           "got NoneType"),
    "missing":     (saved(MODEL, parameters={}),             "missing: 'layers.0.neurons.0.weigh"),
    "nan":         (saved(MODEL, parameters=WITH_NAN),       "'layers.0.neurons.0.bias' is nan"),
}
# fmt: on


@pytest.mark.parametrize("kind", DAMAGED)
def test_a_file_that_can_not_be_loaded_changes_nothing(kind, tmp_path):
    content, message = DAMAGED[kind]
    path = tmp_path / "model.json"
    path.write_bytes(content)
    model = nn.MLP(2, [2, 1], seed=3)
    before = model.state_dict()
    with pytest.raises(ValueError, match=message) as error:
        model.load(path)
    assert "nothing was changed" in str(error.value)
    assert str(path) in str(error.value)
    assert model.state_dict() == before


def test_a_file_damaged_anywhere_is_loaded_right_or_not_at_all(tmp_path):
    path = tmp_path / "model.json"
    rng = random.Random(0)
    for _ in range(300):
        content = bytearray(SAVED)
        content[rng.randrange(len(content))] = rng.randrange(256)
        path.write_bytes(content)
        model = nn.MLP(2, [2, 1], seed=3)
        before = model.state_dict()
        try:
            model.load(path)
        except ValueError:
            assert model.state_dict() == before
        else:
            assert model.state_dict() == MODEL.state_dict()


def test_a_file_that_does_not_exist(tmp_path):
    with pytest.raises(FileNotFoundError):
        nn.MLP(2, [1]).load(tmp_path / "model.json")


def test_description():
    assert repr(nn.MLP(2, [16, 16, 1])) == (
        "MLP(\n"
        "  (layers.0): Layer(2, 16, activation='relu') (48 parameters)\n"
        "  (layers.1): Layer(16, 16, activation='relu') (272 parameters)\n"
        "  (layers.2): Layer(16, 1, activation='linear') (17 parameters)\n"
        ") (337 parameters)"
    )
    assert repr(nn.Neuron(2, activation="tanh")) == "Neuron(2, activation='tanh') (3 parameters)"
    assert repr(nn.Neuron(1, bias=False)) == "Neuron(1, activation='relu') (1 parameter)"
    assert repr(nn.Module()) == "Module() (0 parameters)"


def test_description_of_nested_and_of_equal_modules():
    net = nn.Module()
    net.body = nn.MLP(2, [1])
    net.heads = [nn.Neuron(1), nn.Neuron(1), nn.Neuron(1), nn.Neuron(2)]
    assert repr(net) == (
        "Module(\n"
        "  (body): MLP(\n"
        "    (layers.0): Layer(2, 1, activation='linear') (3 parameters)\n"
        "  ) (3 parameters)\n"
        "  (heads.0 to heads.2): 3 × Neuron(1, activation='relu') (2 parameters)\n"
        "  (heads.3): Neuron(2, activation='relu') (3 parameters)\n"
        ") (12 parameters)"
    )


def test_a_function_as_activation_is_described_without_its_address():
    assert repr(nn.Neuron(1, lambda v: v)) == "Neuron(1, activation='<lambda>') (2 parameters)"


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_a_copy_learns_on_its_own(duplicate):
    # pitfall 24: gradients of the copy belong to the copy
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    other = duplicate(model)
    other([1.0, 2.0]).backward()
    assert all(p.grad == 0.0 for p in model.parameters())
    assert any(p.grad != 0.0 for p in other.parameters())
    assert other.state_dict() == model.state_dict()
    other.parameters()[0].data = 9.0
    assert model.parameters()[0].data != 9.0


def test_copies_keep_sharing_what_was_shared():
    net = nn.Module()
    net.first = nn.Neuron(1)
    net.again = net.first
    other = copy.deepcopy(net)
    assert other.first is other.again and other.first is not net.first
    assert len(other.parameters()) == 2


def test_the_public_names_are_what_they_say():
    assert sorted(nn.__all__) == sorted(set(nn.__all__))
    assert all(hasattr(nn, name) for name in nn.__all__)
    public = {name for name in vars(nn) if not name.startswith("_")}
    modules = {path.stem for path in Path(nn.__file__).parent.glob("*.py")} | {"sklearn"}
    assert public - modules == set(nn.__all__) - modules


@pytest.mark.parametrize(
    "content", ["", "Value = None", "ENGINE = None", "grad = jacobian = elementwise_grad = None"]
)
def test_another_package_called_autograd(content, tmp_path):
    (tmp_path / "autograd").mkdir()
    (tmp_path / "autograd" / "__init__.py").write_text(content)
    root = Path(nn.__file__).parent.parent
    run = subprocess.run(
        [sys.executable, "-c", "import nn"],
        env=os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(root)])},
        cwd=tmp_path,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 1
    message = run.stderr.splitlines()[-1]
    assert message.startswith(
        "ImportError: nn needs the autograd package that comes with glassgrad"
    )
    assert f"found another at {tmp_path / 'autograd' / '__init__.py'}" in message
    assert "pip uninstall autograd, then pip install --force-reinstall glassgrad" in message

"""Scopes: every node knows the names around the place where it was made, and costs no more for it."""

from __future__ import annotations

import copy
import pickle
import sys
import threading

import pytest

import autograd
import nn
from autograd import Value, scope
from autograd.naming import labels
from autograd.scope import Scope, here


def test_what_is_made_inside_has_the_path_of_the_scopes_around_it() -> None:
    x = Value(2.0, name="x")
    with scope("encoder"):
        y = x * x
        with scope("0"):
            z = Value(1.0) + y
        after = y.exp()
    outside = z * 2.0
    assert [v.scope for v in (x, y, z, z.parents[0], after, outside)] == [
        "", "encoder", "encoder/0", "encoder/0", "encoder", "",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "make",
    [
        lambda x: Value(1.0),
        lambda x: Value(1.0, name="named"),
        lambda x: Value(1.0, (x,), (1.0,)),
        lambda x: x + 1.0,
        lambda x: 2 - x,
        lambda x: x.tanh(),
        lambda x: autograd.log(x),
        lambda x: autograd.sum([x, x]),
        lambda x: autograd.dot([x], [2.0]),
        lambda x: autograd.dot([x], [2.0], x),
        lambda x: autograd.softmax([x, x])[0],
        lambda x: autograd.where(x > 0, x, 1.0),
        lambda x: x.detach(),
        lambda x: autograd.custom(lambda a: a, lambda a, out: 1.0)(x),
    ],
)
def test_every_way_of_making_a_node_keeps_the_scope(make) -> None:
    x = Value(2.0)
    with scope("here"):
        made = make(x)
    assert made.scope == "here"
    assert make(x).scope == ""


def test_a_name_and_a_scope_do_not_disturb_each_other() -> None:
    with scope("a"):
        v = Value(1.0)
    v.name = "x"
    assert (v.name, v.scope) == ("x", "a")
    v.name = "y"
    v.scope = "b/c"
    assert (v.name, v.scope) == ("y", "b/c")
    v.name = None
    assert (v.name, v.scope) == (None, "b/c")
    v.scope = ""
    assert (v.name, v.scope) == (None, "")
    v.name = "z"
    assert (v.name, v.scope) == ("z", "")


def test_two_calls_of_one_scope_have_one_path_and_stay_apart() -> None:
    block = scope("block")
    nodes = []
    for _ in range(2):
        with block:
            nodes += [Value(1.0), Value(1.0)]
    a, b, c, d = (v._call for v in nodes)
    assert a is b
    assert c is d
    assert a is not c
    assert {v.scope for v in nodes} == {"block"}


def test_a_decorator_names_each_call() -> None:
    @scope("square")
    def square(x: Value, power: float = 2.0) -> Value:
        """Squares."""
        return x**power

    x = Value(3.0)
    first, second = square(x), square(x, power=3.0)
    assert (first.data, second.data) == (9.0, 27.0)
    assert first.scope == second.scope == "square"
    assert first._call is not second._call
    assert (square.__name__, square.__doc__) == ("square", "Squares.")


def test_a_decorated_generator_is_in_its_scope_only_while_it_runs() -> None:
    @scope("inside")
    def steps(x: Value):
        while True:
            x = x * 2.0
            yield x

    running = steps(Value(1.0))
    assert next(running).scope == "inside"
    assert Value(1.0).scope == ""
    assert next(running).scope == "inside"
    running.close()


def test_an_error_leaves_the_scope() -> None:
    with pytest.raises(KeyError), scope("a"):
        raise KeyError
    run = scope("b")(lambda: {}["x"])
    with pytest.raises(KeyError):
        run()
    assert scope.path() == ""
    assert here() is None


def test_scopes_belong_to_their_thread() -> None:
    inside, done = threading.Event(), threading.Event()
    paths = {}

    def other() -> None:
        with scope("other"):
            inside.set()
            done.wait(10)
            paths["other"] = Value(1.0).scope
        paths["after"] = Value(1.0).scope

    thread = threading.Thread(target=other)
    thread.start()
    inside.wait(10)
    paths["outside"] = Value(1.0).scope
    with scope("main"):
        paths["main"] = Value(1.0).scope
        done.set()
        thread.join()
        paths["still"] = Value(1.0).scope
    assert paths == {"other": "other", "after": "", "outside": "", "main": "main", "still": "main"}


def test_copies_and_pickles_keep_the_scope_and_which_nodes_share_a_call() -> None:
    x = Value(2.0, name="x")
    with scope("f"):
        y = x * x
        z = y.exp()
        z.name = "z"
    with scope("f"):
        out = z + 1.0
    for same in (copy.deepcopy(out), pickle.loads(pickle.dumps(out))):
        history = same.history()
        assert [(v.name, v.scope) for v in history] == [(v.name, v.scope) for v in out.history()]
        _, of_y, of_z, of_out = (v._call for v in history)
        assert of_y is of_z
        assert of_y is not of_out
    assert copy.copy(z).scope == "f"


def test_a_pickle_from_before_scopes_is_read() -> None:
    from autograd.copying import restore

    assert restore(2.0, 0.0, "x", None, (), (), ()).scope == ""


def test_a_scope_costs_no_memory_in_a_node() -> None:
    if autograd.ENGINE == "python":
        pytest.skip("its nodes are Python objects")
    with scope("a"):
        inside = Value(1.0) * Value(2.0)
    assert sys.getsizeof(inside) == sys.getsizeof(Value(1.0)) <= 80


def test_calls_are_freed_with_their_nodes() -> None:
    with scope("a"):
        nodes = [Value(1.0) for _ in range(100)]
    call = nodes[0]._call
    before = sys.getrefcount(call)
    nodes[50:] = []
    assert sys.getrefcount(call) == before - 50 or autograd.ENGINE == "python"
    del nodes
    assert sys.getrefcount(call) <= 3


def test_no_other_call_is_accepted() -> None:
    v = Value(1.0)
    for wrong in ("a", (None,), ("x", "a"), (None, 1), [None, "a"]):
        if autograd.ENGINE == "native":
            with pytest.raises(TypeError, match="_call is a call or None"):
                v._call = wrong
    with pytest.raises(TypeError, match="a scope is a path such as 'encoder/0', got 3"):
        v.scope = 3


@pytest.mark.parametrize("wrong", [0, None, Value(1.0)])
def test_a_name_that_is_no_text_is_refused(wrong: object) -> None:
    with pytest.raises(TypeError, match=r"a scope's name is text, got .*; write scope\('"):
        scope(wrong)


@pytest.mark.parametrize("wrong", ["", "/", "a//b", "a/"])
def test_an_empty_name_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match=r"one or more words with single slashes .*, got '"):
        scope(wrong)


def test_leaving_what_was_not_entered_is_an_error() -> None:
    with pytest.raises((RuntimeError, ValueError)):
        scope("a").__exit__(None, None, None)


def test_a_scope_without_a_name_is_an_error() -> None:
    with pytest.raises((TypeError, AttributeError)):
        Scope.__new__(Scope).__enter__()
    assert here() is None


# modules name what they compute


def test_a_model_names_its_layers_and_its_parameters() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    y = model([1.0, 2.0])
    assert {v.scope for v in y.history() if v.parents} == {"MLP/layers.0", "MLP/layers.1"}
    for path, parameter in model.named_parameters():
        layer, number, neurons, neuron, *_ = path.split(".")
        assert parameter.scope == f"MLP/{layer}.{number}/{neurons}.{neuron}"


def test_a_model_inside_a_scope_is_a_part_of_it() -> None:
    model = nn.MLP(2, [1], seed=0)
    with scope("encoder"):
        y = model([1.0, 2.0])
    assert y.scope == "encoder/MLP/layers.0"
    assert model.parameters()[0].scope == "encoder/MLP/layers.0/neurons.0"


def test_each_call_of_a_model_is_one_of_its_own() -> None:
    model = nn.MLP(2, [1], seed=0)
    first, second = model([1.0, 2.0]), model([3.0, 4.0])
    assert first.scope == second.scope
    assert first._call is not second._call


class Block(nn.Module):
    def __init__(self) -> None:
        self.parts = {"left": nn.Neuron(1, None, seed=0), "right": nn.Neuron(1, None, seed=1)}
        self.scale = Value(2.0, name="scale")

    def forward(self, x: Value) -> Value:
        return (self.parts["left"]([x]) + self.parts["right"]([x])) * self.scale


class Model(nn.Module):
    def __init__(self) -> None:
        self.blocks = [Block(), Block()]

    def forward(self, x: Value) -> Value:
        for block in self.blocks:
            x = block(x)
        return x


def test_modules_in_containers_and_parameters_beside_them_are_named_by_their_path() -> None:
    model = Model()
    y = model(Value(1.0, name="x"))
    scopes = {
        "Model/blocks.0", "Model/blocks.0/parts.left", "Model/blocks.0/parts.right",
        "Model/blocks.1", "Model/blocks.1/parts.left", "Model/blocks.1/parts.right",
    }  # fmt: skip
    assert {v.scope for v in y.history() if v.parents} == scopes
    assert {p.scope for p in model.parameters()} == scopes
    assert model.blocks[1].scale.scope == "Model/blocks.1"


def test_the_name_of_a_part_is_the_one_in_the_model_that_was_called_last_for_the_first_time() -> (
    None
):
    block = Block()
    assert block(Value(1.0)).scope == "Block"
    model = Model()
    model.blocks[0] = block
    model(Value(1.0))
    assert block(Value(1.0)).scope == "blocks.0"
    assert block.scale.scope == "Model/blocks.0"


def test_a_copied_model_names_its_own_parts_anew() -> None:
    model = Model()
    model(Value(1.0))
    other = copy.deepcopy(model.blocks[1])
    assert other(Value(1.0)).scope == "Block"
    assert model(Value(1.0)).scope == "Model/blocks.1"


def test_a_failing_forward_leaves_the_scope() -> None:
    with pytest.raises(ValueError, match="expects 2 inputs"):
        nn.MLP(2, [1])([1.0])
    assert scope.path() == ""


# labels


def test_labels_tell_equal_names_apart_by_as_much_of_the_scope_as_that_takes() -> None:
    model = nn.MLP(2, [2, 1], seed=0)
    model([1.0, 2.0])
    assert labels(model.parameters()) == [
        "layers.0/neurons.0/w0", "layers.0/neurons.0/w1", "layers.0/neurons.0/b",
        "layers.0/neurons.1/w0", "layers.0/neurons.1/w1", "layers.0/neurons.1/b",
        "layers.1/neurons.0/w0", "layers.1/neurons.0/w1", "layers.1/neurons.0/b",
    ]  # fmt: skip
    layer = nn.Layer(1, 2, seed=0)
    layer([1.0])
    assert labels(layer.parameters()) == [
        "neurons.0/w0",
        "neurons.0/b",
        "neurons.1/w0",
        "neurons.1/b",
    ]


def test_labels_number_what_is_equal_in_one_scope_and_leave_single_names_alone() -> None:
    with scope("a"):
        nodes = [Value(1.0, name=name) for name in ("w", "w", "x")]
    nodes.append(Value(1.0, name="w"))
    assert labels(nodes) == ["a/w", "a/w_2", "x", "w"]

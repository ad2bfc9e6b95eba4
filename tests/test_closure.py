"""Closure: whatever leads to a parameter, another one in its place is noticed."""

import types
from collections import OrderedDict, defaultdict, deque, namedtuple
from functools import partial

import pytest

from autograd import Value, jit
from autograd.tape.closure import Closure

AT_TOP = Value(2.0)
TABLE = [Value(2.0)]


def replaced(f, replace):
    """Whether a jitted function replays at first, and after the replacement sees it."""
    fast = jit(f)
    before = [fast(1.0).data, fast(1.0).data]
    assert before == [2.0, 2.0] and fast._made == 1
    replace(Value(5.0))
    return fast(1.0).data == 5.0


def test_a_global_and_a_cell():
    def set_global(v):
        globals()["AT_TOP"] = v

    w = Value(2.0)

    def set_cell(v):
        nonlocal w
        w = v

    assert replaced(lambda x: AT_TOP * x, set_global)
    set_global(Value(2.0))
    assert replaced(lambda x: w * x, set_cell)


def test_defaults():
    def f(x, w=AT_TOP):
        return w * x

    def g(x, *, w=AT_TOP):
        return w * x

    assert replaced(f, lambda v: setattr(f, "__defaults__", (v,)))
    assert replaced(g, lambda v: g.__kwdefaults__.update(w=v))


@pytest.mark.parametrize("make", [dict, OrderedDict, lambda: defaultdict(float)])
def test_dicts(make):
    held = make()
    held["w"] = Value(2.0)
    assert replaced(lambda x: held["w"] * x, lambda v: held.update(w=v))


@pytest.mark.parametrize("make", [list, deque, type("Rows", (list,), {})])
def test_lists(make):
    held = make([Value(2.0)])
    assert replaced(lambda x: held[0] * x, lambda v: held.__setitem__(0, v))
    held[0] = Value(2.0)
    assert replaced(lambda x: sum(held) * x, lambda v: held.append(v - 2.0))


def test_tuples_that_hold_what_can_change():
    pair, named = ({"w": Value(2.0)}, Value(1.0)), namedtuple("Pair", "a b")([Value(2.0)], 1.0)
    assert replaced(lambda x: pair[0]["w"] * pair[1] * x, lambda v: pair[0].update(w=v))
    assert replaced(lambda x: named.a[0] * x, lambda v: named.a.__setitem__(0, v))


def test_arrays_of_values():
    np = pytest.importorskip("numpy")
    held = np.array([Value(2.0)])
    assert replaced(lambda x: held[0] * x, lambda v: held.__setitem__(0, v))


def test_attributes_of_objects_and_classes():
    class Plain:
        w = Value(2.0)

    class Slotted:
        __slots__ = ("w",)

    plain, slotted = Plain(), Slotted()
    slotted.w = Value(2.0)
    assert replaced(lambda x: slotted.w * x, lambda v: setattr(slotted, "w", v))
    assert replaced(lambda x: Plain.w * x, lambda v: setattr(Plain, "w", v))
    Plain.w = Value(2.0)
    assert replaced(lambda x: plain.w * x, lambda v: setattr(Plain, "w", v))
    Plain.w = Value(2.0)
    assert replaced(lambda x: plain.w * x, lambda v: setattr(plain, "w", v))


def test_methods_that_read_globals():
    class Base:
        def __call__(self, x):
            return TABLE[0] * x

    class Model(Base):
        def of(self, x):
            return TABLE[0] * x

    model = Model()
    for f in (model, model.of, lambda x: model.of(x)):
        TABLE[0] = Value(2.0)
        assert replaced(f, lambda v: TABLE.__setitem__(0, v))


def test_modules_and_partial_functions():
    module, held = types.ModuleType("settings"), [Value(2.0)]
    module.w = Value(2.0)
    globals()["settings"] = module
    assert replaced(lambda x: settings.w * x, lambda v: setattr(module, "w", v))  # noqa: F821
    f = partial(lambda x, held: held[0] * x, held=held)
    assert replaced(f, lambda v: held.__setitem__(0, v))


def test_what_holds_no_parameter_may_change():
    settings, w = {"rate": 1.0, "rates": [1.0]}, Value(2.0)
    f = jit(lambda x: w * x * settings["rate"])
    f(1.0)
    settings["rates"].append(2.0)
    settings["more"] = 3.0
    f(1.0)
    assert f._made == 1


def test_loops_in_what_is_held():
    held = [Value(2.0)]
    held.append(held)
    closure = Closure([lambda: held], [held[0]])
    assert closure.unchanged()
    held[0] = Value(2.0)
    assert not closure.unchanged()

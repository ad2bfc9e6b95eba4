"""Flattening and merging: which instructions a recorded run becomes, and that they compute the same."""

import math
import operator
import random
import re
import struct
from collections import Counter

import numpy as np
import pytest

from autograd import Value, custom, exp, no_grad, ops
from autograd.operation import Reduction
from autograd.tape import flatten as flattening
from autograd.tape.flatten import flatten
from autograd.tape.tape import Guard
from tests import fuzz

cube = custom(lambda x: x * x * x, lambda x, out: 3 * x * x, name="cube")


def record(f, *numbers, guards=lambda *variables: []):
    """The tape of a function of fresh Values, and its parameters."""
    variables = [Value(x) for x in numbers]
    outputs = f(*variables)
    outputs = outputs if isinstance(outputs, list) else [outputs]
    return flatten(outputs, variables, variables[0]._birth, guards(*variables))


def operations(tape):
    return [step.operation.name for step in tape.instructions()]


def operands(tape):
    return [step.operands for step in tape.instructions()]


# WHAT BECOMES OF A NODE


def test_slots_are_inputs_then_parameters_then_constants_then_results():
    w = Value(3.0, name="w")
    variables = [Value(1.0, name="x"), Value(2.0)]
    x, y = variables
    tape, parameters = flatten([exp(x * w) / 2.5 - y], variables, x._birth)
    assert tape.inputs == ("x", "")
    assert tape.parameters == ("w",)
    assert parameters == [w] and parameters[0] is w
    assert list(tape.constants) == [2.5]
    assert operations(tape) == ["multiply", "exp", "divide", "subtract"]
    assert operands(tape) == [(0, 2), (4,), (5, 3), (6, 1)]
    assert list(tape.outputs) == [7]


def test_everything_is_numbered_by_its_first_use():
    p, q, r = Value(1.0, name="p"), Value(2.0, name="q"), Value(3.0, name="r")

    def f(x):
        late = ops.hypot(r, 7.0)  # made first, read last
        early = ops.atan2(x, q) * ops.hypot(x, 8.0)
        return [early - p, late]

    tape, parameters = record(f, 0.5)
    assert operations(tape) == ["hypot", "atan2", "hypot", "multiply", "subtract"]
    assert [v.name for v in parameters] == ["r", "q", "p"]
    assert list(tape.constants) == [7.0, 8.0]
    assert [row.name for row in tape.operations] == ["hypot", "atan2", "multiply", "subtract"]


def test_what_only_ends_read_is_numbered_last():
    tape, _ = record(
        lambda x: [5.0, ops.hypot(x, 7.0)], 1.0, guards=lambda x: [("<", x, 3.0, True)]
    )
    assert list(tape.constants) == [7.0, 5.0, 3.0]


def test_an_unused_input_keeps_its_slot():
    tape, _ = record(lambda x, y: exp(y), 1.0, 2.0)
    assert tape.inputs == ("", "")
    assert operands(tape) == [(1,)]


def test_outputs_may_be_inputs_parameters_constants_and_each_other():
    w = Value(2.0)
    tape, parameters = record(lambda x: [x, w, Value(5.0), 6.0, y := exp(x), y, x], 1.0)
    assert parameters == [w]
    assert list(tape.outputs) == [0, 1, 2, 3, 4, 4, 0]
    assert list(tape.constants) == [5.0, 6.0]
    assert [v.data for v in tape.values([3.0], [4.0])] == [3, 4, 5, 6, math.exp(3), math.exp(3), 3]


def test_nothing_but_what_is_needed_is_there():
    unused = Value(9.0)

    def f(x):
        exp(x) * unused
        return x.tanh()

    tape, parameters = record(f, 1.0)
    assert operations(tape) == ["tanh"]
    assert parameters == [] and len(tape.constants) == 0


def test_a_constant_is_stored_once_by_its_bits():
    other_nan = struct.unpack("<d", struct.pack("<Q", 0x7FF8_0000_0000_0123))[0]
    numbers = [2.0, 0.0, -0.0, math.nan, other_nan, 2.0, math.nan, -0.0]
    tape, _ = record(lambda x: [ops.atan2(x, number) for number in numbers], 1.0)
    kept = [struct.pack("<d", x) for x in tape.constants]
    assert kept == [struct.pack("<d", x) for x in numbers[:5]]
    assert tape.size == 5


def test_what_only_depends_on_constants_is_computed_once_and_for_all():
    def f(x):
        two = Value(2.0)  # a leaf that the function makes
        row = ops.softmax([two, two.exp(), 1.0])
        shift = ops.dot([two, 3.0], [4.0, two]) + ops.take([1.0, 5.0], two - 1.0)
        return x * row[0] + shift.sqrt()

    tape, _ = record(f, 1.0)
    assert operations(tape) == ["multiply", "add"]
    assert list(tape.constants) == [1 / (1 + math.exp(math.exp(2) - 2) + math.exp(-1)), 19.0**0.5]


def test_an_operation_of_a_user_is_not_computed_beforehand():
    tape, _ = record(lambda x: x * cube(Value(2.0)), 1.0)
    assert tape.operations == (cube, ops.multiply)
    assert operands(tape) == [(1,), (0, 2)]


def test_parameters_are_not_constants():
    w = Value(2.0)
    tape, parameters = record(lambda x: x + w.exp(), 1.0)  # made while f ran
    assert operations(tape) == ["exp", "add"]
    assert parameters == [w]
    ready = w.exp()  # made before
    tape, parameters = record(lambda x: x + ready, 1.0)
    assert operations(tape) == ["add"]
    assert parameters == [ready]


def test_equal_instructions_are_one():
    tape, _ = record(lambda x, y: [exp(x) - y, exp(x) - y, exp(x) + y], 1.0, 2.0)
    assert operations(tape) == ["exp", "subtract", "add"]
    assert tape.outputs[0] == tape.outputs[1]


def test_x_plus_y_is_y_plus_x_as_it_was_first_written():
    tape, _ = record(lambda x, y: [y + x, x + y, y * x, x * y], 1.0, 2.0)
    assert operands(tape) == [(1, 0), (1, 0)]
    tape, _ = record(lambda x, y: [x - y, y - x, x**y, y**x], 1.0, 2.0)
    assert tape.size == 4
    tape, _ = record(lambda x, y: [ops.sum([x, y]), ops.sum([y, x])], 1.0, 2.0)
    assert tape.size == 2


def test_equal_reductions_are_one_and_equal_lists_are_stored_once():
    def f(x, y):
        first, second = ops.softmax([x, y]), ops.softmax([x, y])
        return [*first, *second, ops.mean([x, y]), ops.norm([x, y]), ops.norm([y, x])]

    tape, _ = record(f, 1.0, 2.0)
    assert operations(tape) == ["softmax", "softmax", "mean", "norm", "norm"]
    assert operands(tape)[:2] == [((0, 1), 0), ((0, 1), 1)]
    assert list(tape.list_starts) == [0, 2, 4]
    assert list(tape.outputs[:4]) == [*tape.outputs[:2]] * 2


def test_take_reads_a_list_and_an_index():
    rows = [Value(1.0), Value(2.0)]
    tape, parameters = record(lambda i: ops.take(rows, i), 1.0)
    assert operands(tape) == [((1, 2), 0)]
    assert parameters == rows


def test_only_the_chosen_operand_of_where_is_there():
    def f(x, y):
        return ops.where(x > 0, exp(x), exp(y)) + ops.where(y, x.sin(), x.cos())

    tape, _ = record(f, 1.0, 2.0)
    assert operations(tape) == ["exp", "sin", "add"]
    tape, _ = record(f, -1.0, 0.0)
    assert operations(tape) == ["exp", "cos", "add"]


def test_simple_powers_are_simpler_operations():
    tape, _ = record(lambda x: [x**1, x**2, x**-1, x**3, 2**x], 3.0)
    assert operations(tape) == ["square", "reciprocal", "power", "power"]
    assert tape.outputs[0] == 0


def test_the_fresh_value_of_a_variable_is_the_variable_itself():
    from autograd.transforms.recorded import fresh

    tape, parameters = record(lambda x: exp(fresh(x)) * fresh(older), 1.0)
    assert operations(tape) == ["exp", "multiply"]
    assert parameters == [older]


older = Value(3.0)


def test_a_node_made_by_hand_cannot_be_replayed():
    with pytest.raises(RuntimeError, match="made by hand.*autograd.custom"):
        record(lambda x: exp(Value(x.data**2, [x], [2 * x.data])), 1.0)


def test_nor_can_what_was_computed_under_no_grad():
    def f(x):
        with no_grad():
            y = exp(x)
        return x * y

    with pytest.raises(RuntimeError, match="a result was computed under no_grad.*stop_gradient"):
        record(f, 1.0)


# GUARDS


def test_guards_name_slots():
    w = Value(0.5)

    def guards(x, y):
        return [(">", x, y, False), ("!=", w, 0.0, True), ("<=", x.exp(), 3.0, True)]

    tape, parameters = record(lambda x, y: x + y, 1.0, 2.0, guards=guards)
    assert parameters == [w]
    assert list(tape.constants) == [0.0, 3.0]
    assert operations(tape) == ["add", "exp"]
    assert tape.guards == (
        Guard(">", 0, 1, False),
        Guard("!=", 2, 3, True),
        Guard("<=", 6, 4, True),
    )


def test_guards_between_constants_are_dropped_with_their_numbers():
    tape, _ = record(lambda x: exp(x), 1.0, guards=lambda x: [("<", Value(1.0), 2.0, True)])
    assert tape.guards == () and len(tape.constants) == 0


def test_equal_guards_are_one():
    def guards(x):
        return [("<", exp(x), 3.0, True), ("<", exp(x), 3.0, True), ("<", exp(x), 3.0, False)]

    tape, _ = record(lambda x: exp(x), 1.0, guards=guards)
    assert [g.outcome for g in tape.guards] == [True, False]


# MERGING


def test_a_neuron_written_out_is_one_dot_product():
    ws, b = [Value(0.5), Value(-1.0), Value(2.0)], Value(0.25)
    tape, parameters = record(
        lambda *xs: sum((w * x for w, x in zip(ws, xs)), b).tanh(), 1.0, 2.0, 3.0
    )
    assert operations(tape) == ["dot", "tanh"]
    assert operands(tape)[0] == ((3, 4, 5), (0, 1, 2), 6)
    assert parameters == [*ws, b]


def test_neurons_of_a_layer_share_the_list_of_their_inputs():
    rows = [[Value(1.0), Value(2.0)] for _ in range(3)]
    tape, _ = record(lambda x, y: [w * x + v * y for w, v in rows], 1.0, 2.0)
    assert operations(tape) == ["dot"] * 3
    assert {step.operands[1] for step in tape.instructions()} == {(0, 1)}
    assert len(tape.list_starts) == 1 + 4


CHAINS = [  # of three inputs                       what is left
    (lambda x, y, z: x + y, [("add", (0, 1))]),
    (lambda x, y, z: x + y + z, [("sum", ((0, 1, 2),))]),
    (lambda x, y, z: x + (y + z), [("sum", ((0, 1, 2),))]),
    (lambda x, y, z: ops.sum([x, y]), [("sum", ((0, 1),))]),
    (lambda x, y, z: ops.sum([x, y]) + z, [("sum", ((0, 1, 2),))]),
    (lambda x, y, z: ops.sum([x + y, z, ops.sum([x])]), [("sum", ((0, 1, 2, 0),))]),
    (lambda x, y, z: ops.sum([x + y]), [("add", (0, 1))]),
    (lambda x, y, z: x * y + z, [("multiply", (0, 1)), ("add", (3, 2))]),
    (lambda x, y, z: x * y + z + x, [("multiply", (0, 1)), ("sum", ((3, 2, 0),))]),
    (lambda x, y, z: x * y + z * y, [("dot", ((0, 2), (1, 1)))]),
    (lambda x, y, z: ops.sum([x * y, z * y]), [("dot", ((0, 2), (1, 1)))]),
    (lambda x, y, z: x * x + y * z + z, [("dot", ((0, 1), (0, 2), 2))]),
    (lambda x, y, z: z + x * x + y * z + y, [("add", (2, 1)), ("dot", ((0, 1), (0, 2), 3))]),
    (lambda x, y, z: z + x * x + y * z + y + x, [("sum", ((2, 1, 0),)), ("dot", ((0, 1), (0, 2), 3))]),
    (lambda x, y, z: ops.dot([x, y], [y, z]) + z, [("dot", ((0, 1), (1, 2), 2))]),
    (lambda x, y, z: ops.dot([x, y], [y, z], z) + z * z, [("dot", ((0, 1, 2), (1, 2, 2), 2))]),
    (lambda x, y, z: ops.dot([x], [y], z) + x, [("dot", ((0,), (1,), 2)), ("add", (3, 0))]),
    (lambda x, y, z: ops.dot([x], [y], z) + x * x, [("dot", ((0, 0), (1, 0), 2))]),
    (lambda x, y, z: x - y - z, [("subtract", (0, 1)), ("subtract", (3, 2))]),
    (lambda x, y, z: exp(x + y) + z, [("add", (0, 1)), ("exp", (3,)), ("add", (4, 2))]),
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(CHAINS)))
def test_chains(k):
    f, expected = CHAINS[k]
    tape, _ = record(f, 0.5, -1.5, 2.5)
    assert [(step.operation.name, step.operands) for step in tape.instructions()] == expected
    (again,) = tape.values([0.5, -1.5, 2.5])
    assert again.data == f(0.5, -1.5, 2.5)


KEPT = [  # a sum or product that is read twice, returned or compared stays
    lambda x, y, z: [(x + y) + z * (s := x + y), s * z],
    lambda x, y, z: [s := x + y, s + z],
    lambda x, y, z: [p := x * y, p + y * z],
    lambda x, y, z: [(p := x * y) + z * z, p.exp()],
    lambda x, y, z: [(p := ops.dot([x, y], [y, z])) + z * z, p.exp()],
]


@pytest.mark.parametrize("k", range(len(KEPT)))
def test_what_is_read_elsewhere_stays(k):
    tape, _ = record(KEPT[k], 0.5, -1.5, 2.5)
    kept = tape.instruction(0)
    assert kept.operation.name in ("add", "multiply", "dot")
    assert not any(step.operation.name == "sum" for step in tape.instructions())
    assert sum(tape.base in step.slots() for step in tape.instructions()) + (
        tape.base in tape.outputs
    ) in (2, 3)


def test_what_a_guard_compares_stays():
    def f(x, y):
        nonlocal total
        total = x + y
        return total + x

    total = None
    tape, _ = record(f, 1.0, 2.0, guards=lambda x, y: [(">", total, 0.0, True)])
    assert operations(tape) == ["add", "add"]


def test_a_term_that_is_there_twice_stays_a_term():
    tape, _ = record(lambda x, y: x * y + x * y + x * x, 1.0, 2.0)
    assert operations(tape) == ["multiply", "multiply", "sum"]


def test_a_chain_of_any_length_is_flattened_in_one_go():
    def chain(x):
        total, product = x, x
        for _ in range(50_000):
            total = total + x.sin()
            product = product * x
        deep = ops.sum([x])
        for _ in range(20_000):
            deep = ops.sum([deep])
        return [total, product, deep]

    tape, _ = record(chain, 1.0)
    assert Counter(operations(tape)) == {"sin": 1, "sum": 2, "multiply": 50_000}
    assert sorted(
        len(step.operands[0]) for step in tape.instructions() if step.operation is ops.sum
    ) == [1, 50_001]


# RANDOM PROGRAMS


class Program:
    """A random function of three inputs and two parameters, of well-behaved operations."""

    UNARY = ("tanh", "sigmoid", "sin", "cos", "relu", "silu", "softplus", "atan", "square", "gelu")
    BINARY = (operator.add, operator.mul, operator.sub, ops.maximum, ops.hypot, ops.atan2)
    LISTS = (ops.sum, ops.mean, ops.logsumexp, ops.norm, ops.prod)

    def __init__(self, seed):
        self.seed = seed

    def __call__(self, inputs, parameters):
        """The outputs; and the comparisons that were made."""
        choose = random.Random(self.seed)
        nodes, guards = [*inputs, *parameters], []

        def pick():
            return nodes[max(0, len(nodes) - 1 - int(choose.expovariate(0.3)))]

        def number():
            return pick() if choose.random() < 0.8 else choose.choice([0.5, 2.0, -1.25])

        def numbers(least=1):
            return [number() for _ in range(choose.randrange(least, 6))]

        for _ in range(choose.randrange(3, 25)):
            kind = choose.randrange(9)
            if kind < 2:
                made = getattr(ops, choose.choice(self.UNARY))(pick())
            elif kind < 5:
                made = choose.choice(self.BINARY)(pick(), number())
            elif kind == 5:
                ws = [pick(), *numbers(0)]
                xs = [number() for _ in ws]
                made = ops.dot(ws, xs, *([number()] if choose.random() < 0.5 else []))
            elif kind == 6:
                made = choose.choice(self.LISTS)([pick(), *numbers()]) / 2
            elif kind == 7:
                row = choose.choice([ops.softmax, ops.log_softmax])
                made = choose.choice(row([pick(), *numbers()]))
            else:
                condition, other = pick(), pick()
                outcome = bool(condition.data > other.data)
                guards.append((">", condition, other, outcome))
                made = cube(condition) if outcome else other.tanh()
            nodes.append(made)
            if abs(made.data) > 4:
                nodes.append(made / 8)
        return [pick() for _ in range(choose.randrange(1, 4))], guards

    def record(self, guarded=True):
        """The tape, the numbers it was recorded with, and the outputs."""
        choose = random.Random(-self.seed)
        parameters = [Value(choose.uniform(-2, 2), name=name) for name in ("w", "b")]
        inputs = [Value(choose.uniform(-2, 2)) for _ in range(3)]
        outputs, guards = self(inputs, parameters)
        tape, used = flatten(outputs, inputs, inputs[0]._birth, guards if guarded else ())
        return tape, inputs, used, outputs


def gradients(outputs, values):
    """Of a sum of the outputs, by each value."""
    for value in values:
        value.grad = 0.0
    ops.sum([x * (k + 1.0) for k, x in enumerate(outputs)]).backward()
    return [v.grad for v in values]


def close(mine, theirs):
    return all(
        abs(x - y) <= 1e-9 * max(1.0, abs(x), abs(y)) for x, y in zip(mine, theirs, strict=True)
    )


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_programs_compute_the_same(first):
    for seed in range(first, first + 50):
        tape, inputs, parameters, outputs = Program(seed).record()
        fresh = [[Value(v.data) for v in values] for values in (inputs, parameters)]
        again = tape.values(*fresh)
        assert close([v.data for v in again], [v.data for v in outputs]), seed
        expected = gradients(outputs, inputs + parameters)
        assert close(gradients(again, fresh[0] + fresh[1]), expected), seed


def test_random_programs_meet_what_they_should():
    tapes = [Program(seed).record()[0] for seed in range(300)]
    met = {step.operation.name for tape in tapes for step in tape.instructions()}
    assert {"dot", "sum", "softmax", "cube", "prod", "square"} <= met
    assert sum(len(tape.guards) for tape in tapes) > 100
    assert (
        sum(isinstance(s.operation, Reduction) for tape in tapes for s in tape.instructions()) > 500
    )


def test_flattening_what_is_flat_changes_nothing():
    for seed in range(300):
        tape, inputs, parameters, _ = Program(seed).record(guarded=False)
        variables = [Value(v.data) for v in inputs]
        again, _ = flatten(tape.values(variables, parameters), variables, variables[0]._birth)
        assert again == tape, seed


# THE TWINS


def by_python(*args):
    """What the Python engine makes of the same nodes."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(flattening, "native", None)
        return flatten(*args)


@pytest.mark.skipif(not flattening.native, reason="the native engine is not here")
@pytest.mark.parametrize("first", range(0, 600, 100))
def test_both_engines_flatten_alike(first):
    """Programs of every kind of node, with guards between any of them."""
    flattened = 0
    for seed in range(first, first + 100):
        program, choose = fuzz.Program(seed, Value), random.Random(seed)
        older = [Value(program.number(), name=choose.choice(["w", None])) for _ in range(2)]
        variables = [Value(program.number()) for _ in range(3)]
        program.nodes = older + variables
        left_out = ["twin", "delete", "bad", "fails", "edit"]
        left_out += ["by_hand"] if choose.random() < 0.8 else []
        program.steps = [step for step in program.steps if step.__name__ not in left_out]
        with np.errstate(all="ignore"):
            program.run(choose.choice([5, 20, 60]))
        outputs = [program.node() for _ in range(choose.randrange(1, 4))]
        guards = [
            (choose.choice(["<", "!="]), program.node(), program.number(), choose.random() < 0.5)
            for _ in range(choose.randrange(4))
        ]
        given = (outputs, variables, variables[0]._birth, guards)
        try:
            tape, parameters = flatten(*given)
        except RuntimeError as error:
            with pytest.raises(RuntimeError, match=re.escape(str(error))):
                by_python(*given)
            continue
        expected, others = by_python(*given)
        assert tape == expected, seed
        assert [*map(id, parameters)] == [*map(id, others)], seed
        flattened += 1
    assert flattened > 50

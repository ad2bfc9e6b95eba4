"""The reference: every row of the table and random programs, replayed, against the eager engine."""

import itertools
import math
import operator
import sys
import warnings
from array import array
from functools import reduce

import numpy as np
import pytest
from points import points
from test_flatten import Program, close, cube, gradients, record

from autograd import Value, custom, ops
from autograd.operation import Dot, Operation, Reduction, Softmax, Take
from autograd.ops import ROWS
from autograd.tape import lanes, reference
from autograd.tape.flatten import assembled, flatten
from autograd.tape.instruction import Instruction
from autograd.tape.reference import Reference

SPECIAL = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    2.0,
    -0.5,
    math.inf,
    -math.inf,
    math.nan,
    1e308,
    -1e200,
    5e-324,
    700.0,
]
VALUE, DERIVATIVE = 4, 16  # how many units in the last place NumPy may be off


@pytest.fixture(autouse=True)
def no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        yield


def agree(mine, theirs, ulps):
    """Whether two numbers are equal but for some units in the last place."""
    if theirs != theirs or math.isinf(theirs) or math.isinf(mine):
        return mine == theirs or (mine != mine and theirs != theirs)
    return abs(mine - theirs) <= ulps * math.ulp(max(abs(mine), abs(theirs)))


# EVERY ROW


def called(row, variables, k):
    """The node of a row on Values, as a user makes it."""
    if isinstance(row, Take):
        return row(variables[:-1], variables[-1])
    if isinstance(row, Softmax):
        return row(variables)[k]
    if isinstance(row, Dot):
        n = len(variables) // 2
        return row(variables[:n], variables[n : 2 * n], *variables[2 * n :])
    return row(variables) if isinstance(row, Reduction) else row(*variables)


def eager(row, numbers, k):
    """Its value, and its derivative by every variable."""
    variables = [Value(x) for x in numbers]
    node = called(row, variables, k)
    node.backward()
    return node.data, [v.grad for v in variables]


def disagreements(row, rows, k=None):
    """Where a replay of the operation on rows of numbers is not what the eager engine computes."""
    tape, _ = record(lambda *variables: called(row, [*variables], k), *rows[0])
    if row is ops.where:  # which leaves nothing of itself
        tape = assembled(("",) * 3, (), array("d"), [Instruction(row, (0, 1, 2))], [3])
    assert [step.operation for step in tape.instructions()] == [row]
    outputs, _, by_inputs, _ = Reference(tape).backward(rows, [], np.ones((len(rows), 1)))
    for numbers, out, locals_ in zip(rows, outputs[:, 0].tolist(), by_inputs.tolist(), strict=True):
        value, derivatives = eager(row, numbers, k)
        if not agree(out, value, VALUE):
            yield numbers, out, value
        for i, (mine, theirs) in enumerate(zip(locals_, derivatives, strict=True)):
            if not agree(mine, theirs, DERIVATIVE):
                yield numbers, i, mine, theirs


def groups(row):
    """The points of a row, those together that one tape can run."""

    def kind(point):
        plain = isinstance(row, Softmax) and not isinstance(row, Take)
        return (len(point) - plain, int(point[-1]) if plain else None)

    for (count, k), found in itertools.groupby(sorted(points(row), key=kind), key=kind):
        yield [point[:count] for point in found], k


@pytest.mark.parametrize("name", ROWS)
def test_rows(name):
    found = [d for rows, k in groups(ROWS[name]) for d in disagreements(ROWS[name], rows, k)]
    assert found == []


@pytest.mark.parametrize("name", [name for name in ROWS if name != "take"])
def test_rows_at_their_edges(name):
    row = ROWS[name]
    inputs = 2 if isinstance(row, Reduction) else len(row.inputs)
    k = 1 if isinstance(row, Softmax) else None
    rows = [*itertools.product(SPECIAL, repeat=inputs)]
    assert [*disagreements(row, rows, k)] == []


@pytest.mark.parametrize("name", [name for name, row in ROWS.items() if isinstance(row, Reduction)])
def test_reductions_of_three_at_their_edges(name):
    rows = [*itertools.product([0.0, 1.0, -2.0, math.inf, -math.inf, math.nan], repeat=3)]
    if ROWS[name] is ops.take:
        rows = [(x, y, float(k)) for x, y, _ in rows for k in (0, 1)]
    found = disagreements(ROWS[name], rows, 2 if isinstance(ROWS[name], Softmax) else None)
    assert [*found] == []


def test_a_fault_in_a_row_is_seen(monkeypatch):
    wrong = Operation("tanh", math.tanh, lambda x, out: 1 - out * out)  # near 1 digits cancel
    monkeypatch.setattr(ROWS["tanh"], "derivatives", wrong.derivatives)
    assert [*disagreements(ROWS["tanh"], points(ROWS["tanh"]))] != []


def test_numpy_has_all_functions_but_these():
    looped = [row.name for row, f in lanes.functions().items() if isinstance(f, np.vectorize)]
    assert looped == ["erf", "erfc"]


def test_lanes_cannot_be_decided():
    with pytest.raises(TypeError, match="autograd.where"):
        lanes.value(
            custom(lambda x: 1 if x > 0 else 2, lambda x, out: 0), [lanes.Lanes(np.ones(2))]
        )


# RANDOM PROGRAMS


@pytest.mark.parametrize("first", range(0, 300, 50))
def test_random_programs(first):
    for seed in range(first, first + 50):
        tape, inputs, parameters, outputs = Program(seed).record()
        seeds = [[k + 1.0 for k in range(len(outputs))]]
        row, shared = ([v.data for v in values] for values in (inputs, parameters))
        found = Reference(tape).backward([row], shared, seeds)
        out, fits, by_inputs, by_parameters = found
        assert fits.tolist() == [True], seed
        assert close(out[0], [v.data for v in outputs]), seed
        assert close([*by_inputs[0], *by_parameters], gradients(outputs, inputs + parameters)), seed


def test_rows_of_random_programs_are_run_one_by_one():
    """A batch is what its rows are; parameters get the sum over them in order, to the last bit."""
    numbers = np.random.default_rng(0)
    for seed in range(100):
        tape, inputs, parameters, _ = Program(seed).record()
        given = numbers.normal(size=(5, len(inputs)))
        given[2] = [v.data for v in inputs]
        shared, seeds = [v.data for v in parameters], numbers.normal(size=(5, len(tape.outputs)))
        program = Reference(tape)
        together = program.backward(given, shared, seeds)
        alone = [program.backward(given[i : i + 1], shared, seeds[i : i + 1]) for i in range(5)]
        for part in range(3):
            expected = np.concatenate([one[part] for one in alone])
            assert np.array_equal(together[part], expected, equal_nan=part == 0), seed
        total = np.zeros(len(shared))
        for _, _, _, by_parameters in alone:
            total = total + by_parameters
        assert np.array_equal(together[3], total), seed
        assert together[1][2]


# GUARDS


def test_rows_that_decide_otherwise_do_not_fit():
    def guards(x, y):
        return [("<", x, 2.0, True), (">=", x * y, 0.0, True)]

    tape, _ = record(lambda x, y: x + y, 1.0, 1.0, guards=guards)
    rows = [[1.0, 1.0], [2.0, 1.0], [-1.0, 1.0], [math.nan, 1.0], [1.0, math.nan], [-1.0, -1.0]]
    outputs, fits = Reference(tape).forward(rows)
    assert fits.tolist() == [True, False, False, False, False, True]
    assert outputs[0] == 2.0 and outputs[5] == -2.0


@pytest.mark.parametrize("how, expected", [
    ("<", [1, 0, 0, 0]), ("<=", [1, 1, 0, 0]), (">", [0, 0, 1, 0]),
    (">=", [0, 1, 1, 0]), ("==", [0, 1, 0, 0]), ("!=", [1, 0, 1, 1]),
])  # fmt: skip
@pytest.mark.parametrize("outcome", [True, False])
def test_comparisons(how, expected, outcome):
    tape, _ = record(lambda x: x, 1.0, guards=lambda x: [(how, x, 1.0, outcome)])
    _, fits = Reference(tape).forward([[0.0], [1.0], [2.0], [math.nan]])
    assert fits.tolist() == [bool(x) == outcome for x in expected]


def test_a_guard_of_parameters_is_for_all_rows():
    w = Value(1.0)
    tape, _ = record(lambda x: x * w, 1.0, guards=lambda x: [(">", w, 0.0, True)])
    assert Reference(tape).forward([[1.0], [2.0]], [3.0])[1].tolist() == [True, True]
    assert Reference(tape).forward([[1.0], [2.0]], [-3.0])[1].tolist() == [False, False]


def test_a_row_that_does_not_fit_gives_no_gradient():
    w = Value(1.0)
    tape, _ = record(lambda x: x * w, 1.0, guards=lambda x: [(">", x, 0.0, True)])
    rows, seeds = [[2.0], [-1.0], [5.0]], np.ones((3, 1))
    _, fits, by_inputs, by_parameters = Reference(tape).backward(rows, [3.0], seeds)
    assert fits.tolist() == [True, False, True]
    assert by_inputs.tolist() == [[3.0], [0.0], [3.0]]
    assert by_parameters.tolist() == [7.0]


def test_nothing_fails_in_a_row_that_does_not_fit():
    met = []

    def picky(x):
        met.append(float(x))
        return x if x > 0 else math.log(x)

    own = custom(picky, lambda x, out: 1.0)
    tape, _ = record(
        lambda x: own(x) + ops.take([x, 2 * x], x), 1.0, guards=lambda x: [(">", x, 0.0, True)]
    )
    met.clear()
    rows = [[-7.0], [1.0]]
    outputs, fits, by_inputs, _ = Reference(tape).backward(rows, [], np.ones((2, 1)))
    assert met == [1.0]
    assert fits.tolist() == [False, True]
    assert outputs[1] == 3.0 and by_inputs.tolist() == [[0.0], [3.0]]


# GRADIENTS


def test_a_gradient_of_0_passes_nothing_on():
    tape, _ = record(lambda x: [x.sqrt() * 0.0, x], 1.0)
    _, _, by_inputs, _ = Reference(tape).backward([[0.0], [4.0]], [], [[1.0, 1.0], [0.0, 1.0]])
    assert by_inputs.tolist() == [[1.0], [1.0]]


def test_what_is_not_chosen_gets_nothing():
    where = Instruction(ops.where, (0, 2, 1))
    tape = assembled(("", ""), (), array("d"), [Instruction(ops.sqrt, (1,)), where], [3])
    _, _, by_inputs, _ = Reference(tape).backward([[0.0, 5.0], [1.0, 4.0]], [], [[math.inf], [1.0]])
    assert by_inputs.tolist() == [[0.0, math.inf], [0.0, 0.25]]


def test_no_derivative_by_a_constant_is_computed():
    met = []

    def by_y(x, y, out):
        met.append(y)
        return 0.0

    own = custom(lambda x, y: x * y, lambda x, y, out: y, by_y)
    tape, _ = record(lambda x: own(x, 2.0), 1.0)
    assert Reference(tape).backward([[3.0]], [], [[1.0]])[2] == 2.0
    assert met == []


def test_no_derivative_is_computed_where_no_gradient_comes(monkeypatch):
    met, rules = [], []

    def by_x(x, out):
        met.append(float(x))
        return 1.0

    def partials(operation, *rest):
        rules.append(operation)
        return lanes.partials(operation, *rest)

    monkeypatch.setattr(reference, "partials", partials)
    own = custom(lambda x: x, by_x)
    tape, _ = record(lambda x: [own(x), x.exp(), x.sin()], 1.0)
    seeds = [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    met.clear()
    assert Reference(tape).backward([[0.0], [2.0]], [], seeds)[2].tolist() == [[1.0], [1.0]]
    assert met == [2.0]
    assert rules == [ops.sin]


def test_outputs_that_are_inputs_parameters_and_constants():
    w = Value(2.0)
    tape, _ = record(lambda x, y: [x, w, 5.0, x, x * w], 1.0, 2.0)
    seeds = [[1.0, 2.0, 3.0, 4.0, 5.0]] * 2
    found = Reference(tape).backward([[3.0, 1.0], [4.0, 1.0]], [7.0], seeds)
    outputs, _, by_inputs, by_parameters = found
    assert outputs.tolist() == [[3, 7, 5, 3, 21], [4, 7, 5, 4, 28]]
    assert by_inputs.tolist() == [[40.0, 0.0]] * 2
    assert by_parameters.tolist() == [2 + 15 + 2 + 20]


def test_parameters_get_the_sum_of_the_rows_in_order():
    w = Value(1.0)
    tape, _ = record(lambda x: x * w, 1.0)
    rows = [[1.0], [1e16], [-1e16], *[[1e-3]] * 20, [1e16]]
    _, _, _, by_parameters = Reference(tape).backward(rows, [1.0], np.ones((len(rows), 1)))
    # added one by one: the built-in sum compensates from Python 3.12 on
    assert by_parameters.tolist() == [reduce(operator.add, (row[0] for row in rows), 0.0)]


def test_an_operation_of_a_user():
    tape, _ = record(lambda x, y: cube(x) * y, 1.0, 2.0)
    outputs, _, by_inputs, _ = Reference(tape).backward(
        [[2.0, 3.0], [-1.0, 2.0]], [], [[1.0], [10.0]]
    )
    assert outputs.tolist() == [[24.0], [-2.0]]
    assert by_inputs.tolist() == [[36.0, 8.0], [60.0, -10.0]]


def test_an_operation_of_a_user_on_parameters_only():
    w = Value(2.0)
    tape, _ = record(lambda x: [cube(w), x], 1.0)
    outputs, _, _, by_parameters = Reference(tape).backward([[1.0]] * 3, [2.0], np.ones((3, 2)))
    assert outputs.tolist() == [[8.0, 1.0]] * 3
    assert by_parameters.tolist() == [36.0]


def test_take_refuses_what_is_not_there():
    tape, _ = record(lambda x, i: ops.take([x, 2.0], i), 1.0, 0.0)
    assert Reference(tape).forward([[5.0, 0.0], [5.0, 1.0]])[0].tolist() == [[5.0], [2.0]]
    for index in (2.0, -1.0, 0.5, math.nan, math.inf):
        with pytest.raises(
            IndexError, match="take was given the index .* whole number from 0 to 1"
        ):
            Reference(tape).forward([[5.0, 0.0], [5.0, index]])


# SHAPES


def test_no_rows_at_all():
    w = Value(1.0)
    tape, _ = record(lambda x, i: [cube(x) * w, ops.take([x, w], i)], 1.0, 0.0)
    found = Reference(tape).backward(np.zeros((0, 2)), [1.0], np.zeros((0, 2)))
    assert [part.shape for part in found] == [(0, 2), (0,), (0, 2), (1,)]
    assert found[3].tolist() == [0.0]


def test_no_inputs_and_no_outputs():
    w = Value(2.0)
    tape, _ = flatten([w.exp()], [], Value(0.0)._birth)
    assert Reference(tape).forward(np.zeros((2, 0)), [w.exp().data])[0].shape == (2, 1)
    tape, _ = record(lambda x: [], 1.0)
    assert Reference(tape).forward([[1.0]])[0].shape == (1, 0)
    found = Reference(tape).backward([[1.0]], [], np.zeros((1, 0)))
    assert found[2].tolist() == [[0.0]]


def test_wrong_shapes():
    w = Value(1.0)
    program = Reference(record(lambda x, y: x * y * w, 1.0, 2.0)[0])
    with pytest.raises(ValueError, match=r"has 2 inputs: .* shape \(rows, 2\), got .* \(3,\)"):
        program.forward([1.0, 2.0, 3.0], [1.0])
    with pytest.raises(ValueError, match=r"has 2 inputs: .* shape \(rows, 2\), got .* \(1, 3\)"):
        program.forward([[1.0, 2.0, 3.0]], [1.0])
    with pytest.raises(ValueError, match=r"has 1 parameter: .* shape \(1,\), got .* \(0,\)"):
        program.forward([[1.0, 2.0]], [])
    with pytest.raises(ValueError, match=r"has 1 output: .* shape \(1, 1\), got .* \(2, 1\)"):
        program.backward([[1.0, 2.0]], [1.0], [[1.0], [1.0]])


def test_inputs_stay_as_they_were():
    rows, seeds = np.ones((2, 1)), np.ones((2, 1))
    program = Reference(record(lambda x: x.exp() + x, 1.0)[0])
    outputs, _, by_inputs, _ = program.backward(rows, [], seeds)
    for part in (outputs, by_inputs):
        part += 1
    assert rows.tolist() == seeds.tolist() == [[1.0], [1.0]]


def test_without_numpy(monkeypatch):
    tape, _ = record(lambda x: x.exp(), 1.0)
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(ImportError, match="pip install numpy"):
        Reference(tape)

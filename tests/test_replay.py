"""The native programs against the reference: one row, many rows, all instructions of the processor."""

import random
from array import array

import numpy as np
import pytest
from points import points
from test_flatten import Program, record

import autograd
from autograd import Value, dot, log_softmax, logsumexp, mean, ops, softmax, take
from autograd.engine import native
from autograd.operation import Operation
from autograd.ops import ROWS
from autograd.tape.programs import arrays, program
from autograd.tape.reference import Reference

pytestmark = pytest.mark.skipif(autograd.ENGINE != "native", reason="the native engine is not here")

FIXED = [row for row in ROWS.values() if type(row) is Operation and row is not ops.where]
SETS = native.instruction_sets() if native else []


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


@pytest.fixture(params=SETS)
def instructions(request):
    before = native.use_instructions(request.param)
    yield request.param
    native.use_instructions(before)


def rows_of(tape, inputs, parameters, *, threads=1, single=False, order=None, seeds=None):
    """Outputs, fits, gradients by the inputs and by the parameters, by the native program."""
    replay = program(tape, [True] * len(tape.inputs))
    count = len(inputs) if order is None else len(order)
    outputs = np.zeros((count, len(tape.outputs)))
    fits, by_inputs = np.zeros(count, dtype=bool), np.zeros((count, len(tape.inputs)))
    by_parameters = np.zeros(len(parameters))
    seeds = np.ones_like(outputs) if seeds is None else seeds
    misfits = replay.rows(
        (np.ascontiguousarray(inputs, dtype=float),), order, [*map(Value, parameters)], fits,
        outputs, seeds, by_inputs, by_parameters, threads, single,
    )  # fmt: skip
    assert misfits == count - fits.sum()
    return outputs, fits, by_inputs, by_parameters


def alike(mine, theirs, tolerance=1e-11):
    for one, other in zip(mine, theirs, strict=True):
        scale = 1.0 + np.abs(np.where(np.isfinite(other), other, 0.0)).max(initial=0.0)
        np.testing.assert_allclose(one, other, rtol=tolerance, atol=tolerance * scale)


@pytest.mark.parametrize("row", FIXED, ids=lambda row: row.name)
def test_every_row_of_the_table(row, instructions):
    given = [list(map(float, p)) for p in points(row)]
    tape, _ = record(row, *given[0])
    want = Reference(tape).backward(given, [], np.ones((len(given), 1)))
    found = rows_of(tape, given, [])
    np.testing.assert_allclose(found[0], want[0], rtol=1e-14, atol=1e-300)
    np.testing.assert_allclose(found[2], want[2], rtol=1e-13, atol=1e-300)
    replay = program(tape, [True] * len(tape.inputs))
    for numbers in given:  # one row runs the very kernels of the eager engine
        variables = [Value(x) for x in numbers]
        eager = row(*variables)
        (out,), (by,) = replay.row(numbers, [], True)
        eager.backward()
        assert out == eager.data or out != out
        assert np.array_equal(np.frombuffer(by), [v.grad for v in variables], equal_nan=True)


def network(*x):
    """Layers with every kind of bias and weight, and what is made of exponentials."""
    hidden = [ops.tanh(dot(ws, x, b)) for ws, b in zip(WEIGHTS, BIASES, strict=True)]
    mixed = [dot(hidden, ws, x[0]) for ws in WEIGHTS]
    plain = [dot([1.0, -2.0, WEIGHTS[0][0], 0.5], [a, a, b, a]) for a, b in zip(hidden, mixed)]
    shares = [*softmax(plain), *log_softmax(hidden), logsumexp(mixed)]
    chosen = take(plain, x[3])
    return [mean(shares) * chosen + ops.prod(hidden) - ops.norm(mixed), dot(x, x), WEIGHTS[1][1]]


WEIGHTS = [[Value(0.1 * (i + 1) * (-1) ** (i + j) + 0.05 * j) for j in range(4)] for i in range(4)]
BIASES = [Value(0.01 * i) for i in range(4)]


def network_rows(count):
    rng = random.Random(count)
    return [[rng.gauss(0, 1), rng.gauss(0, 1), rng.gauss(0, 1), float(i % 4)] for i in range(count)]


@pytest.fixture(scope="module")
def net():
    return record(network, 0.1, 0.2, 0.3, 1.0)


@pytest.mark.parametrize("count", [1, 7, 8, 33, 100, 1300])
def test_a_network_over_rows(net, instructions, count):
    tape, parameters = net
    data = [p.data for p in parameters]
    rows = network_rows(count)
    seeds = np.random.default_rng(0).normal(size=(count, 3))
    want = Reference(tape).backward(rows, data, seeds)
    alike(rows_of(tape, rows, data, seeds=seeds), want)
    single = rows_of(tape, rows, data, seeds=seeds, single=True)
    alike(single, want, 2e-4)


def test_order_and_threads(net):
    tape, parameters = net
    data, rows = [p.data for p in parameters], network_rows(2000)
    order = array("q", random.Random(0).choices(range(2000), k=3000))
    one = rows_of(tape, rows, data, order=order)
    alike(one, rows_of(tape, [rows[i] for i in order], data))
    for threads in (2, 3):
        for mine, other in zip(rows_of(tape, rows, data, order=order, threads=threads), one):
            assert mine.tobytes() == other.tobytes()


def test_an_index_that_is_not_there_does_not_fit(net):
    tape, parameters = net
    data, rows = [p.data for p in parameters], network_rows(9)
    rows[2][3], rows[5][3], rows[7][3] = 4.0, 0.5, -1.0
    outputs, fits, by_inputs, by_parameters = rows_of(tape, rows, data)
    assert np.flatnonzero(~fits).tolist() == [2, 5, 7] and not outputs[2].any()
    right = [row for row, fit in zip(rows, fits) if fit]
    alike([by_parameters, by_inputs[fits]], [*rows_of(tape, right, data)[:1:-1]])
    assert program(tape, [True] * 4).row(rows[2], [*map(Value, data)], True) is None


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_random_programs(first):
    for seed in range(first, first + 50):
        tape, inputs, parameters, _ = Program(seed).record()
        if not all(row in ROWS.values() for row in tape.operations):
            continue
        row, data = ([v.data for v in values] for values in (inputs, parameters))
        rows = [[x + 1e-3 * k for x in row] for k in range(11)]
        want = Reference(tape).backward(rows, data, np.ones((11, len(tape.outputs))))
        found = rows_of(tape, rows, data)
        assert found[1].tolist() == want[1].tolist(), seed
        fit = want[1]
        alike([found[0][fit], found[2][fit], found[3]], [want[0][fit], want[2][fit], want[3]], 1e-8)


def test_a_gradient_of_0_passes_nothing_on(instructions):
    """Not even 0 · inf: lanes find nan, and the rows are run again one by one."""
    w = Value(2.0)
    tape, _ = record(lambda x: ops.sqrt(x) * 0.0 + w * x, 1.0)
    outputs, _, by_inputs, by_parameters = rows_of(tape, [[0.0], [4.0]], [2.0])
    assert outputs[:, 0].tolist() == [0.0, 8.0]
    assert by_inputs[:, 0].tolist() == [2.0, 2.0] and by_parameters.tolist() == [4.0]


def test_arrays_that_are_no_tape_are_refused():
    tape, parameters = record(network, 0.1, 0.2, 0.3, 1.0)
    good, rng = list(arrays(tape, [True] * 4)), random.Random(0)
    refused = 0
    for _ in range(3000):
        parts = list(good)
        place = rng.choice([1, 2, 3, 4, 5, 6, 9])
        part = array("i", parts[place])
        part[rng.randrange(len(part))] = rng.choice([-1, 0, 1, 5, 60, 200, 2**31 - 1, -(2**31)])
        parts[place] = part
        try:
            replay = native.Replay(4, len(parameters), tuple(parts), True)
        except ValueError as error:
            assert "these arrays are no tape" in str(error)
            refused += 1
        else:  # another tape, that runs
            replay.row([0.1, 0.2, 0.3, 1.0], [Value(1.0) for _ in parameters], True)
    assert refused > 1000


def test_wrong_numbers_are_refused():
    tape, _ = record(lambda x, y: x * y, 1.0, 2.0)
    replay = program(tape, [True, True])
    with pytest.raises(ValueError, match="a replay of this tape takes 2 numbers"):
        replay.row([1.0], [], False)
    with pytest.raises(ValueError, match="a replay of this tape takes a list of 0 parameters"):
        replay.row([1.0, 2.0], [Value(1.0)], False)
    with pytest.raises(ValueError, match="2 numbers wide together"):
        rows_of(tape, np.ones((3, 3)), [])
    with pytest.raises(IndexError, match="the order holds places of rows, from 0 to 2"):
        rows_of(tape, np.ones((3, 2)), [], order=array("q", [3]))
    with pytest.raises(ValueError, match="this processor does not have the instructions 'mmx'"):
        native.use_instructions("mmx")

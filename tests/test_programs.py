"""The native replay: rows of the table, random programs and layers, on every instruction set."""

import math
import random
from array import array

import numpy as np
import pytest
import test_flatten
from test_flatten import Program, gradients, record
from test_reference import SPECIAL, agree, called, eager, groups

import autograd
import nn
from autograd import Value, ops
from autograd.engine import native
from autograd.operation import Dot, Reduction, Softmax
from autograd.ops import ROWS
from autograd.tape import programs
from autograd.tape.flatten import flatten
from autograd.tape.reference import Reference

if autograd.ENGINE != "native":
    pytest.skip("replays in C need the native engine", allow_module_level=True)

NAMES = [name for name in ROWS if name != "where"]  # which leaves nothing of itself on a tape
SETS = native.instruction_sets()
BATCHES = [1, 7, 8, 33, 100, 1300]
CANCEL = {"gelu", "softmax"}  # rows whose derivative is a difference of numbers up to 1
DOUBLE, SINGLE = 1e-13, 2e-5  # how much a result may differ, as a part of the numbers around it


@pytest.fixture(autouse=True)
def same_instructions_afterwards():
    before = native.use_instructions(SETS[0])
    native.use_instructions(before)
    yield
    native.use_instructions(before)


@pytest.fixture
def no_foreign_rows(monkeypatch):
    """Random programs of rows of the table only."""
    monkeypatch.setattr(test_flatten, "cube", lambda x: x * x * x)


def replayed(tape, wanted=None, parameters_wanted=True):
    replay = programs.program(tape, wanted or [True] * len(tape.inputs), parameters_wanted)
    assert type(replay) is native.Replay
    return replay


class Found:
    """What `rows` gives for these rows; outputs and gradients begin as 0."""

    def __init__(
        self, tape, inputs, parameters, seeds=None, order=None, *,
        replay=None, columns=None, threads=1, single=False,
    ):  # fmt: skip
        inputs = np.ascontiguousarray(inputs, dtype=float)
        rows = len(inputs) if order is None else len(order)
        self.fits = np.full(rows, 7, dtype=np.uint8)
        self.outputs = np.zeros((rows, len(tape.outputs)))
        self.by_inputs = np.zeros((rows, len(tape.inputs)))
        self.by_parameters = np.zeros(len(tape.parameters))
        self.misfits = (replay or replayed(tape)).rows(
            columns or (inputs,), order, [*map(Value, parameters)], self.fits, self.outputs, seeds,
            self.by_inputs, self.by_parameters, threads, single,
        )  # fmt: skip
        assert self.misfits == (self.fits == 0).sum()

    def bits(self):
        parts = (self.fits, self.outputs, self.by_inputs, self.by_parameters)
        return [part.tobytes() for part in parts]


def differ(mine, theirs, part, scale=1.0):
    """Whether arrays differ by more than a part of their numbers, or of `scale`."""
    mine, theirs = np.asarray(mine), np.asarray(theirs)
    with np.errstate(all="ignore"):
        near = np.abs(mine - theirs) <= part * np.maximum(scale, np.abs(theirs))
    same = (mine == theirs) | (np.isnan(mine) & np.isnan(theirs))
    return not np.all(near | same)


def unlike_reference(tape, inputs, parameters, seeds, part=DOUBLE, **how):
    """What of `rows` is not what the reference computes."""
    order = how.get("order")
    outputs, fits, by_inputs, by_parameters = Reference(tape).backward(
        inputs if order is None else inputs[order], parameters, seeds
    )
    found = Found(tape, inputs, parameters, seeds, **how)
    scale = max(1.0, np.abs(by_inputs).max(initial=0.0), np.abs(by_parameters).max(initial=0.0))
    scale = scale if math.isfinite(scale) else 1.0
    fit = fits.astype(bool)
    forward = Found(tape, inputs, parameters, **how)
    wrong = {
        "fits": found.fits.tolist() != fits.tolist(),
        "outputs": differ(found.outputs[fit], outputs[fit], part),
        "nothing for what does not fit": found.outputs[~fit].any() or found.by_inputs[~fit].any(),
        "by inputs": differ(found.by_inputs, by_inputs, part, scale),
        "by parameters": differ(found.by_parameters, by_parameters, part, scale),
        "forward only": differ(forward.outputs, found.outputs, part),
        "forward has no gradients": forward.by_inputs.any() or forward.by_parameters.any(),
    }
    return [what for what, is_wrong in wrong.items() if is_wrong]


def numbers(seed, *shape):
    return np.random.default_rng(seed).uniform(-2, 2, shape)


# EVERY ROW


def by_row(row, operands, k):
    """Value and derivatives of one row by a replay."""
    tape, _ = record(lambda *xs: called(row, [*xs], k), *operands)
    outputs, (gradient,) = replayed(tape).row([*operands], [], True)
    return outputs[0], array("d", gradient).tolist()


def unlike_eager(row, operands, k):
    """How a replay of one row differs from the eager engine."""
    (mine, by), (value, derivatives) = by_row(row, operands, k), eager(row, operands, k)
    ulps = 2 if isinstance(row, Dot) else 0  # a multiplication and addition may be one
    if not agree(mine, value, ulps) or math.copysign(1, mine) != math.copysign(1, value):
        yield operands, mine, value
    for i, (x, y) in enumerate(zip(by, derivatives, strict=True)):
        if not agree(x, y, 4) and not (row.name in CANCEL and abs(x - y) < 4e-16):
            yield operands, i, x, y


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("instructions", SETS)
def test_one_row_is_as_the_eager_engine_has_it(name, instructions):
    native.use_instructions(instructions)
    row = ROWS[name]
    found = [d for rows, k in groups(row) for xs in rows for d in unlike_eager(row, xs, k)]
    assert found == []


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("instructions", SETS)
def test_many_rows_are_as_the_reference_has_them(name, instructions):
    native.use_instructions(instructions)
    for rows, k in groups(ROWS[name]):
        tape, _ = record(lambda *xs, k=k: called(ROWS[name], [*xs], k), *rows[0])
        for one in (rows, rows * 9):
            given = np.array(one, dtype=float)
            outputs, _, by_inputs, _ = Reference(tape).backward(given, [], np.ones((len(one), 1)))
            found = Found(tape, given, [], np.ones((len(one), 1)))
            for mine, theirs in ((found.outputs, outputs), (found.by_inputs, by_inputs)):
                wrong = [
                    (operands, x, y)
                    for operands, xs, ys in zip(one, mine.tolist(), theirs.tolist(), strict=True)
                    for x, y in zip(xs, ys, strict=True)
                    if not agree(x, y, 64) and abs(x - y) > (4e-16 if name in CANCEL else 1e-300)
                ]
                assert wrong == []


EDGES = [x for x in SPECIAL if x != 700.0]


@pytest.mark.parametrize("name", [name for name in NAMES if name != "take"])
@pytest.mark.parametrize("instructions", SETS)
def test_edges_in_lanes(name, instructions):
    """Infinities, nans, zeros and numbers near the limits: as a row alone, by the eager kernels."""
    native.use_instructions(instructions)
    row = ROWS[name]
    count = 2 if isinstance(row, Reduction) else len(row.inputs)
    if count == 3:
        given = np.array([(x, y, z) for x in EDGES for y in EDGES[:6] for z in EDGES[3:9]])
    else:
        given = np.stack(np.meshgrid(*[EDGES] * count), -1).reshape(-1, count)
    k = 1 if isinstance(row, Softmax) else None
    tape, _ = record(lambda *xs: called(row, [*xs], k), *given[0])
    replay = replayed(tape)
    found = Found(tape, given, [], replay=replay)
    for operands, (mine,) in zip(given.tolist(), found.outputs.tolist(), strict=True):
        (value,), _ = replay.row(operands, [], False)
        assert agree(mine, value, 64) or abs(mine - value) < 1e-300, operands


# RANDOM PROGRAMS


@pytest.mark.parametrize("instructions", SETS)
def test_random_programs_of_one_row(instructions, no_foreign_rows):
    native.use_instructions(instructions)
    for seed in range(150):
        tape, inputs, parameters, outputs = Program(seed).record()
        found, by = replayed(tape).row(inputs, parameters, True)
        assert not differ(found, [v.data for v in outputs], DOUBLE), seed
        by = np.array([np.frombuffer(one) for one in by])
        total = np.arange(1.0, len(outputs) + 1) @ by
        scale = max(1.0, np.abs(by).max() * len(outputs))
        expected = gradients(outputs, inputs + parameters)
        assert not differ(total, expected, 1e-12, scale), seed


@pytest.mark.parametrize("instructions", SETS)
@pytest.mark.parametrize("rows", BATCHES)
def test_random_programs_of_many_rows(rows, instructions, no_foreign_rows):
    native.use_instructions(instructions)
    fitting = misfitting = 0
    for seed in range(rows, rows + 20):
        tape, inputs, parameters, _ = Program(seed).record()
        given = numbers(seed, rows, len(inputs))
        given[rows // 2] = [v.data for v in inputs]
        order = np.random.default_rng(seed).integers(0, rows, rows + 3) if seed % 2 else None
        shared = [v.data for v in parameters]
        seeds = numbers(-seed % 1000, rows if order is None else rows + 3, len(tape.outputs))
        assert unlike_reference(tape, given, shared, seeds, 1e-10, order=order) == [], seed
        found = Found(tape, given, shared)
        fitting, misfitting = fitting + found.fits.sum(), misfitting + found.misfits
    assert fitting > 0 and (misfitting > 0 or rows == 1)


@pytest.mark.parametrize("instructions", SETS)
def test_random_programs_in_single_precision(instructions, no_foreign_rows):
    native.use_instructions(instructions)
    rounded = 0
    for seed in range(60):
        tape, inputs, parameters, _ = Program(seed).record(guarded=False)
        given, seeds = numbers(seed, 33, len(inputs)), numbers(seed, 33, len(tape.outputs))
        given[:, :] = np.float32(given) / 4
        shared = [v.data for v in parameters]
        single, double = (Found(tape, given, shared, seeds, single=s) for s in (True, False))
        for x, y in ((single.outputs, double.outputs), (single.by_inputs, double.by_inputs),
                     (single.by_parameters, double.by_parameters)):  # fmt: skip
            assert not differ(x, y, 1e-4, max(1.0, np.abs(y).max(initial=0.0))), seed
        rounded += single.bits() != double.bits()
    assert rounded > 40


def test_threads_do_not_change_a_bit(no_foreign_rows):
    for seed in range(12):
        tape, _, parameters, _ = Program(seed).record()
        given, seeds = numbers(seed, 1300, 3), numbers(seed, 1300, len(tape.outputs))
        shared = [v.data for v in parameters]
        for single in (False, True):
            one, two, three = (
                Found(tape, given, shared, seeds, threads=threads, single=single).bits()
                for threads in (1, 2, 3)
            )
            assert one == two == three, seed


def test_columns_are_one_behind_the_other():
    tape, _ = record(lambda x, y, z: x * y - z, 1.0, 2.0, 3.0)
    given, seeds = numbers(1, 33, 3), numbers(2, 33, 1)
    parts = (np.ascontiguousarray(given[:, :2]), np.ascontiguousarray(given[:, 2]))
    order = np.arange(32, -1, -1)
    together = Found(tape, given, [], seeds, order)
    assert together.bits() == Found(tape, given, [], seeds, order, columns=parts).bits()


def test_what_is_not_wanted_is_0():
    w = Value(2.0)
    tape, _ = record(lambda x, y: x * y * w, 1.0, 2.0)
    given, seeds = numbers(1, 33, 2), np.ones((33, 1))
    full = Found(tape, given, [2.0], seeds)
    found = Found(tape, given, [2.0], seeds, replay=replayed(tape, [False, True]))
    assert not found.by_inputs[:, 0].any()
    assert found.by_inputs[:, 1].tolist() == full.by_inputs[:, 1].tolist()
    assert found.by_parameters.tolist() == full.by_parameters.tolist()
    found = Found(tape, given, [2.0], seeds, replay=replayed(tape, [True, True], False))
    assert found.by_inputs.tolist() == full.by_inputs.tolist()


# LAYERS, SOFTMAXES AND TAKES


class Group:
    """Random layers, softmaxes and takes, many of each, sharing lists of every kind."""

    def __init__(self, seed):
        choose = self.choose = random.Random(seed)
        self.inputs = choose.randrange(2, 14)
        self.weights = [Value(choose.uniform(-1, 1)) for _ in range(200)]

    def items(self, xs, n):
        """Inputs in order; those and others, mixed, repeated; or what is the same for all rows."""
        choose, kind = self.choose, self.choose.randrange(4)
        mixed = [*xs, *(x.tanh() for x in xs), *self.weights[:3], Value(0.5), Value(-1.5)]
        if kind == 0 or n == 0:
            return [xs[i % len(xs)].sin() if i >= len(xs) else xs[i] for i in range(n)]
        if kind == 1:
            return [choose.choice(mixed) for _ in range(n)]
        if kind == 2:
            return [choose.choice(xs) for _ in range(n)]
        return choose.sample(self.weights, n)

    def layer(self, xs):
        choose = self.choose
        n, bias = choose.randrange(1, 20), choose.randrange(5)
        shared, outs = self.items(xs, n), []
        first = choose.randrange(0, 20)
        for o in range(choose.randrange(1, 10)):
            ws = self.weights[first + o * n : first + (o + 1) * n]
            if len(ws) < n or choose.random() < 0.2:
                ws = self.items(xs, n)
            b = [None, 0.25, self.weights[o], xs[o % len(xs)], choose.choice([xs[0], 0.5])][bias]
            lists = (ws, shared) if choose.random() < 0.8 else (shared, ws)
            outs.append(ops.dot(*lists, *([] if b is None else [b])))
        return outs

    def softmaxes(self, xs):
        choose = self.choose
        shared = self.items(xs, choose.randrange(1, 9))
        outs = [*ops.softmax(shared), *ops.log_softmax(shared), ops.logsumexp(shared)]
        return choose.sample(outs, choose.randrange(1, len(outs) + 1))

    def reductions(self, xs):
        shared = self.items(xs, self.choose.randrange(1, 6))
        return [row(shared) for row in (ops.sum, ops.mean, ops.prod, ops.norm)]

    def takes(self, xs):
        shared = self.items(xs, 3)
        return [ops.take(shared, xs[0]), ops.take(shared, xs[1]), ops.take(shared, 2.0)]

    def __call__(self, *xs):
        outs = []
        for kind in self.choose.choices([self.layer, self.softmaxes, self.reductions], k=4):
            made = [x.tanh() for x in kind(outs[-6:] if len(outs) > 1 else [*xs])]
            outs += [*made, xs[-1]]
        return [*outs, *self.takes([*xs])]


@pytest.mark.parametrize("instructions", SETS)
@pytest.mark.parametrize("rows", BATCHES)
def test_groups(rows, instructions):
    native.use_instructions(instructions)
    for seed in range(rows, rows + 8):
        group = Group(seed)
        given = numbers(seed, rows, group.inputs)
        given[:, :2] = np.random.default_rng(seed).integers(0, 3, (rows, 2))
        tape, parameters = record(group, *given[0])
        shared, seeds = [v.data for v in parameters], numbers(seed, rows, len(tape.outputs))
        order = np.arange(rows)[::-1].copy() if seed % 2 else None
        assert unlike_reference(tape, given, shared, seeds, 1e-12, order=order) == [], seed
        if rows in (7, 100):
            found = Found(tape, given, shared, seeds)
            single = Found(tape, given, shared, seeds, single=True)
            scale = max(1.0, np.abs(found.by_inputs).max(), np.abs(found.by_parameters).max())
            assert not differ(single.outputs, found.outputs, 1e-4), seed
            assert not differ(single.by_inputs, found.by_inputs, 1e-4, scale), seed
            assert not differ(single.by_parameters, found.by_parameters, 1e-4, scale), seed


@pytest.mark.parametrize("instructions", SETS)
def test_groups_of_one_row(instructions):
    native.use_instructions(instructions)
    for seed in range(40):
        group = Group(seed)
        given = [1.0, 2.0, *numbers(seed, group.inputs - 2).tolist()]
        tape, parameters = record(group, *given)
        outputs, by = replayed(tape).row(given, parameters, True)
        shared = [v.data for v in parameters]
        for o in range(seed % 5, len(outputs), 5):
            gradient, seeds = by[o], np.eye(len(outputs))[o : o + 1]
            expected = Reference(tape).backward([given], shared, seeds)
            assert not differ(outputs, expected[0][0], DOUBLE), seed
            both = np.concatenate([expected[2][0], expected[3]])
            assert not differ(np.frombuffer(gradient), both, 1e-12, max(1, np.abs(both).max()))


def test_an_index_that_is_not_there_does_not_fit():
    w = Value(4.0)
    tape, parameters = record(lambda x, i: ops.take([x, w, 2.0], i), 5.0, 0.0)
    replay = replayed(tape)
    bad = [-1.0, 3.0, 0.5, math.nan, math.inf, -math.inf, 1e300]
    for index in bad:
        assert replay.row([5.0, index], parameters, True) is None
    given = np.array([[5.0, index] for index in [0.0, *bad, 1.0, 2.0, -0.0]])
    for single in (False, True):
        found = Found(tape, given, [4.0], np.ones((len(given), 1)), single=single)
        assert found.fits.tolist() == [1, *[0] * len(bad), 1, 1, 1]
        assert found.outputs[:, 0].tolist() == [5.0, *[0.0] * len(bad), 4.0, 2.0, 5.0]
        assert found.by_inputs[:, 0].tolist() == [1.0, *[0.0] * len(bad), 0.0, 0.0, 1.0]
        assert found.by_parameters.tolist() == [1.0]


def test_an_index_that_is_a_parameter():
    i = Value(1.0)
    tape, _ = record(lambda x: [ops.take([2.0, 3.0], i), ops.take([x, 2 * x], i)], 5.0)
    given = numbers(1, 9, 1)
    assert unlike_reference(tape, given, [1.0], np.ones((9, 2))) == []
    assert Found(tape, given, [2.0], np.ones((9, 2))).misfits == 9
    assert replayed(tape).row([5.0], [Value(0.5)], True) is None


# GUARDS, OUTPUTS AND ZEROS


@pytest.mark.parametrize("how", ["<", "<=", ">", ">=", "==", "!="])
@pytest.mark.parametrize("outcome", [True, False])
def test_guards(how, outcome):
    w = Value(1.0)

    def guards(x, y):
        return [(how, x, 1.0, outcome), ("!=", w, 0.0, True)]

    tape, parameters = record(lambda x, y: x * y * w, 1.0, 2.0, guards=guards)
    given = np.array([[x, 2.0] for x in (0.0, 1.0, 2.0, math.nan, math.inf)] * 3)
    seeds = np.ones((len(given), 1))
    expected = Reference(tape).forward(given, [1.0])[1].tolist()
    for single in (False, True):
        assert unlike_reference(tape, given, [1.0], seeds, single=single) == []
    replay = replayed(tape)
    fits = [replay.row(row, parameters, False) is not None for row in given.tolist()]
    assert fits == expected
    assert Found(tape, given, [0.0], seeds).misfits == len(given)  # the same for all rows
    assert replay.row([0.0, 1.0], [Value(0.0)], False) is None
    for row in given:  # one row alone goes another way
        assert unlike_reference(tape, row[None], [1.0], seeds[:1]) == []


def test_outputs_that_are_inputs_parameters_and_constants():
    w = Value(2.0)
    tape, parameters = record(lambda x, y: [x, w, 5.0, x, x * w, w.exp()], 1.0, 2.0)
    for rows in BATCHES:
        given, seeds = numbers(rows, rows, 2), numbers(rows + 1, rows, 6)
        assert unlike_reference(tape, given, [2.0], seeds) == []
    outputs, by = replayed(tape).row([3.0, 1.0], parameters, True)
    assert outputs == (3.0, 2.0, 5.0, 3.0, 6.0, math.exp(2.0))
    assert [array("d", one).tolist() for one in by] == [
        [1, 0, 0], [0, 0, 1], [0, 0, 0], [1, 0, 0], [2, 0, 3], [0, 0, math.exp(2.0)],
    ]  # fmt: skip


def test_no_inputs_no_outputs_no_rows():
    w = Value(2.0)
    tape, parameters = flatten([w.exp()], [], Value(0.0)._birth)  # made before: a parameter
    assert replayed(tape).row([], parameters, False) == ((math.exp(2.0),), None)
    tape, _ = record(lambda x: [], 1.0)
    assert replayed(tape).row([1.0], [], True) == ((), ())
    assert Found(tape, np.ones((5, 1)), [], np.ones((5, 0))).misfits == 0
    tape, _ = record(lambda x: x * w, 1.0)
    found = Found(tape, np.ones((0, 1)), [2.0], np.ones((0, 1)))
    assert found.misfits == 0 and found.by_parameters.tolist() == [0.0]


ZEROS = [  # a gradient of 0 meets a derivative of infinity, or none
    lambda x, w: x.sqrt() * 0.0 + x,
    lambda x, w: x.relu() * x.sqrt() + w,
    lambda x, w: (x * w).sqrt() * 0.0 + w,
    lambda x, w: ops.dot([x.sqrt(), x], [0.0, w]) + ops.dot([x.log(), w], [0.0, 2.0]),
    lambda x, w: w.sqrt() * (x * 0.0) + x * w,
    lambda x, w: ops.softmax([x.sqrt(), x, w])[1] * 0.0 + ops.norm([x, 0.0 * w]),
]


@pytest.mark.parametrize("k", range(len(ZEROS)))
@pytest.mark.parametrize("rows", [1, 8, 33])
def test_a_gradient_of_0_passes_nothing_on(k, rows):
    w = Value(3.0)
    tape, parameters = record(lambda x: ZEROS[k](x, w), 1.0)
    shared = [v.data for v in parameters]
    given = np.abs(numbers(k, rows, 1))
    given[rows // 2] = 0.0
    for seeds in (np.ones((rows, 1)), np.zeros((rows, 1))):
        assert unlike_reference(tape, given, shared, seeds) == []
        assert unlike_reference(tape, given, [0.0] * len(shared), seeds) == []


def test_rows_that_do_not_fit_leave_nothing_even_where_others_are_infinite():
    w = Value(1.0)
    tape, _ = record(lambda x: (x * w).sqrt(), 4.0, guards=lambda x: [(">", x, 0.0, True)])
    given, seeds = np.array([[4.0], [0.0], [-1.0], [9.0]] * 5), np.ones((20, 1))
    assert unlike_reference(tape, given, [1.0], seeds) == []


def test_where_no_row_fits_there_is_no_gradient():
    w = Value(1.0)
    tape, _ = record(lambda x: x * w, 4.0, guards=lambda x: [(">", w, 0.0, True)])
    by_parameters, seeds = np.array([7.0]), np.ones((5, 1))
    misfits = replayed(tape).rows(
        (np.ones(5),), None, [Value(-1.0)], bytearray(5), None, seeds, None, by_parameters, 1, False
    )
    assert (misfits, by_parameters.tolist()) == (5, [0.0])


def test_rows_of_nans_are_nans():
    w = Value(1.0)
    tape, _ = record(lambda x, y: [x * w + y, y.exp()], 4.0, 1.0)
    given = numbers(1, 33, 2)
    given[::5, 0] = math.nan
    seeds = numbers(2, 33, 2)
    for single in (False, True):
        part = SINGLE if single else DOUBLE
        assert unlike_reference(tape, given, [1.0], seeds, part, single=single) == []


# EPOCHS


def training(seed=0):
    """A loss that some rows decide otherwise, with numbers for it."""
    choose = random.Random(seed)
    ws = [[Value(choose.uniform(-1, 1)) for _ in range(3)] for _ in range(4)]
    vs = [Value(choose.uniform(-1, 1)) for _ in range(4)]
    kept = Value(0.5)  # which is not trained

    def loss(*xs):
        hidden = [ops.dot(w, xs[:3], vs[0]).tanh() for w in ws]
        return ops.square(ops.dot(vs, hidden) * kept - xs[3])

    tape, parameters = record(
        loss, 1.0, 2.0, 3.0, 4.0, guards=lambda *xs: [("<", xs[0], 5.0, True)]
    )
    params = [*vs, *(w for row in ws for w in row), Value(9.0)]  # one that the loss does not read
    return tape, parameters, params, numbers(seed, 33, 4)


class Run:
    """What an epoch did."""

    def __init__(self, setup, optimizer, order, batch_size, rates=None, threads=1, single=False):
        tape, parameters, params, columns = setup
        rule = optimizer.rule()
        places = {p: i for i, p in enumerate(params)}
        positions = array("i", [places.get(p, -1) for p in parameters])
        steps = replayed(tape).steps(
            (columns,), parameters, batch_size, params, positions, rule.name, rule.state, threads,
            single,
        )  # fmt: skip
        self.made, self.total, self.misfits, self.interrupted = steps.run(
            order, rule.settings, rates, math.inf
        )
        self.data, self.state = [p.data for p in params], [list(s) for s in rule.state]
        optimizer.stepped(self.made)


def by_hand(setup, optimizer, order, batch_size, rates=None):
    """The same in Python: gradients by `rows`, steps by the optimizer."""
    tape, parameters, params, columns = setup
    order, total = range(len(columns)) if order is None else order, 0.0
    for b, first in enumerate(range(0, len(order), batch_size)):
        rows = np.array(order[first : first + batch_size], dtype=np.int64)
        shared = [p.data for p in parameters]
        found = Found(tape, columns, shared, np.ones((len(rows), 1)), rows)
        assert not found.misfits
        total += found.outputs.sum()
        for p in params:
            p.grad = 0.0
        for p, g in zip(parameters, found.by_parameters.tolist(), strict=True):
            p.grad = g / len(rows)
        if rates is not None:
            optimizer.lr = rates[b]
        optimizer.step()
    return total, [p.data for p in params], [list(s) for s in optimizer.rule().state]


OPTIMIZERS = {
    "sgd": lambda params: nn.SGD(params, 0.1),
    "sgd with all": lambda params: nn.SGD(
        params, 0.1, momentum=0.9, nesterov=True, weight_decay=0.01
    ),
    "adam": lambda params: nn.Adam(params, 0.01),
    "adamw": lambda params: nn.AdamW(params, 0.01, weight_decay=0.1),
    "adagrad": lambda params: nn.Adagrad(params, 0.1, lr_decay=0.1),
    "rmsprop": lambda params: nn.RMSprop(params, 0.01, momentum=0.9, centered=True),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("batch_size", [1, 4, 8, 33, 100])
@pytest.mark.parametrize("with_rates", [False, True])
def test_an_epoch_is_its_steps(name, batch_size, with_rates):
    for order in (None, array("q", random.Random(1).choices(range(33), k=29))):
        mine, theirs = training(), training()
        rates = array("d", np.linspace(0.1, 0.01, -(-(33 if order is None else 29) // batch_size)))
        rates = rates if with_rates else None
        optimizers = [OPTIMIZERS[name](setup[2]) for setup in (mine, theirs)]
        for _ in range(2):  # the second goes on where the first ended
            run = Run(mine, optimizers[0], order, batch_size, rates)
            expected = by_hand(theirs, optimizers[1], order, batch_size, rates)
            assert not run.misfits and not run.interrupted
            assert run.made == -(-(33 if order is None else 29) // batch_size)
            assert not differ(run.total, expected[0], DOUBLE)
            assert not differ(run.data, expected[1], DOUBLE)
            assert all(not differ(a, b, DOUBLE) for a, b in zip(run.state, expected[2]))


def test_all_rules_are_tried():
    names = {make([Value(1.0)]).rule().name for make in OPTIMIZERS.values()}
    assert names == {"sgd", "adam", "adamw", "adagrad", "rmsprop"}


def test_what_is_not_trained_stays():
    setup = training()
    others = [p for p in setup[1] if p not in set(setup[2])]
    Run(setup, nn.SGD(setup[2], 0.1), None, 8)
    assert [p.data for p in others] == [0.5]
    assert setup[2][-1].data == 9.0  # its gradient is 0


def test_threads_do_not_change_an_epoch():
    found = []
    for threads in (1, 2, 3):
        setup = training()
        setup = (*setup[:3], numbers(1, 1300, 4))
        found.append(Run(setup, nn.Adam(setup[2], 0.01), None, 1300, threads=threads).data)
    assert found[0] == found[1] == found[2] != [p.data for p in training()[2]]


def test_an_epoch_in_single_precision():
    mine, theirs = training(), training()
    single = Run(mine, nn.SGD(mine[2], 0.1), None, 8, single=True)
    double = Run(theirs, nn.SGD(theirs[2], 0.1), None, 8)
    assert not differ(single.data, double.data, SINGLE)
    assert single.data != double.data


@pytest.mark.parametrize("batch_size", [1, 5, 8])
def test_a_batch_that_does_not_fit_is_not_stepped_along(batch_size):
    mine, theirs = training(), training()
    mine[3][[17, 18], 0] = 7.0  # which the guard refuses
    optimizer = nn.Adam(mine[2], 0.01)
    run = Run(mine, optimizer, None, batch_size)
    good = 17 // batch_size
    assert (run.made, run.misfits) == (good, min(batch_size, 2) if batch_size != 1 else 1)
    order = array("q", range(good * batch_size))
    _, data, state = by_hand(theirs, nn.Adam(theirs[2], 0.01), order, batch_size)
    assert not differ(run.data, data, DOUBLE)
    assert all(not differ(a, b, DOUBLE) for a, b in zip(run.state, state, strict=True))


# WHAT IS NO TAPE, AND BUFFERS THAT DO NOT FIT


def spoilt(parts, choose):
    """The arrays of a tape with one or two mistakes."""
    parts = [array(p.typecode, p) if isinstance(p, array) else p for p in parts]
    for _ in range(choose.choice([1, 1, 2])):
        k = choose.randrange(len(parts))
        part = parts[k]
        if isinstance(part, bytes):
            parts[k] = choose.choice([part + b"\1", part[1:], part])
        elif part and choose.random() < 0.8:
            at = choose.randrange(len(part))
            if part.typecode == "d":
                part[at] = choose.choice(SPECIAL)
            else:
                near = max(part[at], 1 - 2**31) + choose.choice([-1, 0])
                near = min(part[at], 2**31 - 2) + 1 if choose.random() < 0.5 else near
                part[at] = choose.choice([near, choose.randrange(-2, 30), 2**31 - 1, -(2**31)])
        elif part and choose.random() < 0.5:
            del part[choose.randrange(len(part))]
        else:
            part.append(choose.randrange(20))
    return tuple(parts)


def test_mistakes_in_a_tape_are_refused_and_never_a_crash(no_foreign_rows):
    choose, refused, made = random.Random(1), 0, 0
    tapes = [Program(seed).record()[0] for seed in range(40)]
    tapes += [record(Group(seed), *[1.0] * Group(seed).inputs)[0] for seed in range(10)]
    for _ in range(4000):
        tape = choose.choice(tapes)
        inputs, parameters = len(tape.inputs), len(tape.parameters)
        if choose.random() < 0.1:
            inputs, parameters = inputs + choose.choice([-1, 1]), choose.choice([-1, parameters])
        parts = spoilt(programs.arrays(tape, [True] * len(tape.inputs)), choose)
        try:
            replay = native.Replay(inputs, parameters, parts, True)
        except ValueError as error:
            assert str(error) == "these arrays are no tape"
            refused += 1
            continue
        made += 1  # another tape, which must run
        rows, outputs = 9, len(parts[6])
        values = [Value(0.5) for _ in range(parameters)]
        replay.row([1.0] * inputs, values, True)
        by = np.zeros((rows, inputs)), np.zeros(parameters)
        seeds, fits = np.ones((rows, outputs)), bytearray(rows)
        given = (np.ones((rows, inputs)),)
        replay.rows(given, None, values, fits, seeds.copy(), seeds, *by, 1, choose.random() < 0.5)
    assert refused > 1500 and made > 500


def test_other_mistakes_in_a_tape():
    tape, _ = record(lambda x, y: x * y, 1.0, 2.0)
    parts = programs.arrays(tape, [True, True])
    for given in (parts[:-1], (*parts, b""), ()):
        with pytest.raises(ValueError, match="these arrays are no tape"):
            native.Replay(2, 0, given, True)
    for inputs, parameters in ((-1, 0), (2, -1), (3, 0), (2, 2**31 - 1)):
        with pytest.raises(ValueError, match="these arrays are no tape"):
            native.Replay(inputs, parameters, parts, True)
    with pytest.raises(ValueError, match="these arrays are no tape"):
        native.Replay(2, 0, (b"123", *parts[1:]), True)
    with pytest.raises(TypeError):
        native.Replay(2, 0, (None, *parts[1:]), True)
    with pytest.raises(TypeError):
        native.Replay(2, 0, [*parts], True)


SUM, DOT, SOFTMAX = (
    lambda x, y: ops.sum([x, y]),
    lambda x, y: ops.dot([x, y], [y, y], x),
    lambda x, y: ops.softmax([x, y])[1],
)
OUT_OF_PLACE = [  # which array, where, and a number that may not be there
    (SUM, 1, 0, len(ROWS)), (SUM, 1, 0, -1), (SUM, 1, 0, [*ROWS].index("where")),
    (SUM, 3, 0, 1), (SUM, 3, 0, -1), (SUM, 5, 0, 2), (SUM, 5, 0, -1), (SUM, 5, 1, 2**31 - 1),
    (SUM, 4, 0, 1), (SUM, 4, 1, 1), (SUM, 2, 1, 0), (SUM, 6, 0, 3), (SUM, 6, 0, -1),
    (DOT, 3, 2, 2), (DOT, 4, 1, 1), (SOFTMAX, 3, 1, 2), (SOFTMAX, 3, 1, -1),
    (SUM, 7, 0, 6), (SUM, 7, 0, -1), (SUM, 7, 1, 4), (SUM, 7, 2, -1),
    (SUM, 9, 0, len(ROWS)), (SUM, 9, 0, -1), (SUM, 9, 0, [*ROWS].index("where")),
]  # fmt: skip


@pytest.mark.parametrize("k", range(len(OUT_OF_PLACE)))
def test_numbers_out_of_place_in_a_tape(k):
    f, part, at, number = OUT_OF_PLACE[k]
    tape, _ = record(f, 1.0, 2.0, guards=lambda x, y: [("<", x, 3.0, True)] if part == 7 else [])
    parts = programs.arrays(tape, [True, True])
    native.Replay(2, 0, parts, True)
    parts[part][at] = number
    with pytest.raises(ValueError, match="these arrays are no tape"):
        native.Replay(2, 0, parts, True)


def test_instructions_that_are_not_here():
    with pytest.raises(ValueError, match="does not have the instructions 'abacus'"):
        native.use_instructions("abacus")
    assert SETS[-1] == "baseline"
    assert native.use_instructions("baseline") == SETS[0]
    assert native.use_instructions(SETS[0]) == "baseline"


def test_a_row_that_does_not_fit_the_tape():
    w = Value(1.0)
    tape, parameters = record(lambda x, y: x * y * w, 1.0, 2.0)
    replay = replayed(tape)
    assert replay.row(array("d", [3.0, 2.0]), parameters, False) == ((6.0,), None)
    assert replay.row((3, Value(2.0)), parameters, False) == ((6.0,), None)
    for row in ([1.0], [1.0] * 3, ["a", 1.0], array("f", [1.0, 2.0]), 1.0, None, {1.0, 2.0}):
        with pytest.raises(ValueError, match="takes 2 numbers"):
            replay.row(row, parameters, True)
    for given in ([], [w, w], (w,), [1.0], None):
        with pytest.raises(ValueError, match="takes a list of 1 parameters"):
            replay.row([1.0, 2.0], given, True)
    with pytest.raises(TypeError, match="numbers, parameters, and whether to differentiate"):
        replay.row([1.0, 2.0], parameters)


GOOD = {
    "columns": (np.ones((5, 2)),),
    "order": None,
    "parameters": [Value(1.0)],
    "fits": bytearray(5),
    "outputs": np.zeros((5, 1)),
    "seeds": np.ones((5, 1)),
    "by_inputs": np.zeros((5, 2)),
    "by_parameters": np.zeros(1),
    "threads": 1,
    "single": False,
}
BAD = [
    ("columns", (np.ones((5, 3)),), ValueError, "2 numbers wide together"),
    ("columns", (np.ones((5, 1)),), ValueError, "2 numbers wide together"),
    ("columns", (np.ones(5), np.ones(4)), ValueError, "equally many rows"),
    ("columns", [np.ones((5, 2))], ValueError, "up to 16 columns"),
    ("columns", (), ValueError, "up to 16 columns"),
    ("columns", (np.ones((5, 2)), *[np.ones((5, 0))] * 16), ValueError, "up to 16 columns"),
    ("columns", (np.ones((5, 2, 1)),), ValueError, "up to 16 columns"),
    ("columns", (np.array(1.0),), ValueError, "up to 16 columns"),
    ("columns", (np.ones((5, 2), dtype="f"),), ValueError, "a column must be .* format d"),
    ("columns", (np.ones((2, 5)).T,), (ValueError, BufferError), "contiguous"),
    ("columns", (5.0,), TypeError, "bytes-like"),
    ("order", np.array([0, 1, 2, 3, 5]), IndexError, "places of rows, from 0 to 4"),
    ("order", np.array([0, 1, 2, 3, -1]), IndexError, "places of rows, from 0 to 4"),
    ("order", np.ones(5), ValueError, "the order must be"),
    ("order", np.arange(4), ValueError, "fits must be 4 numbers"),
    ("parameters", [], ValueError, "takes a list of 1 parameters"),
    ("parameters", [1.0], ValueError, "takes a list of 1 parameters"),
    ("fits", bytearray(4), ValueError, "fits must be 5 numbers"),
    ("fits", bytes(5), BufferError, "writable"),
    ("outputs", np.zeros((5, 2)), ValueError, "outputs must be 5 numbers of format d"),
    ("outputs", np.zeros((5, 1), dtype=int), ValueError, "outputs must be 5 numbers of format d"),
    ("seeds", np.ones(4), ValueError, "seeds must be 5 numbers of format d"),
    ("by_inputs", np.zeros(9), ValueError, "by_inputs must be 10 numbers of format d"),
    ("by_parameters", np.zeros(2), ValueError, "by_parameters must be 1 numbers of format d"),
    ("by_parameters", None, TypeError, "bytes-like"),
    ("threads", "one", TypeError, "str"),
]


@pytest.mark.parametrize("name, given, error, message", BAD)
def test_buffers_that_do_not_fit(name, given, error, message):
    w = Value(1.0)
    replay = replayed(record(lambda x, y: x * y * w, 1.0, 2.0)[0])
    assert replay.rows(*GOOD.values()) == 0
    with pytest.raises(error, match=message):
        replay.rows(*(GOOD | {name: given}).values())


def test_an_epoch_that_does_not_fit_its_tape():
    tape, parameters, params, columns = training()
    rule = nn.SGD(params, 0.1).rule()
    opened = {
        "columns": (columns,), "parameters": parameters, "batch_size": 8, "params": params,
        "positions": array("i", [-1] * len(parameters)), "rule": "sgd", "state": rule.state,
        "threads": 1, "single": False,
    }  # fmt: skip
    run = {"order": None, "settings": rule.settings, "rates": None, "max_norm": math.inf}
    replay = replayed(tape)
    assert replay.steps(*opened.values()).run(*run.values())[0] == 5
    whole = replay.steps(*(opened | {"batch_size": 2**63 - 1}).values())
    assert whole.run(*run.values())[0] == 1
    places = array("i", range(len(parameters)))
    bad = [
        ("batch_size", 0, ValueError, "at least one row"),
        ("batch_size", -1, ValueError, "at least one row"),
        ("params", tuple(params), TypeError, "must be list"),
        ("rule", "lion", ValueError, "a rule with as many states"),
        ("state", rule.state * 2, ValueError, "a rule with as many states"),
        ("state", [array("d", [0.0])], ValueError, "a state must be"),
        ("positions", array("i", [0]), ValueError, "positions must be"),
        ("positions", array("q", [0] * len(parameters)), ValueError, "positions must be"),
        ("positions", array("l", [0] * len(parameters)), ValueError, "positions must be"),
        ("positions", array("i", [-2] * len(parameters)), ValueError, "a position is"),
        ("positions", array("i", [99] * len(parameters)), ValueError, "a position is"),
        ("positions", array("i", [0, 0, *places[2:]]), ValueError, "position is taken once"),
    ]
    for name, given, error, message in bad:
        with pytest.raises(error, match=message):
            replay.steps(*(opened | {name: given}).values())
    bad = [
        ("settings", rule.settings[1:], ValueError, "a tuple of 5 settings"),
        ("settings", ("a", *rule.settings[1:]), TypeError, "real number"),
        ("rates", array("d", [0.1] * 4), ValueError, "rates must be 5 numbers"),
        ("order", array("q", [33]), IndexError, "from 0 to 32"),
        ("max_norm", "long", TypeError, "real number"),
    ]
    steps = replay.steps(*opened.values())
    for name, given, error, message in bad:
        with pytest.raises(error, match=message):
            steps.run(*(run | {name: given}).values())
    with pytest.raises(TypeError, match="as many Values as there were"):
        replay.steps(*(opened | {"parameters": parameters[1:]}).values()).run(*run.values())
    with pytest.raises(TypeError, match="as many Values as there were"):
        replay.steps(*(opened | {"params": [1.0, *params[1:]]}).values()).run(*run.values())
    assert steps.run(*run.values())[0] == 5

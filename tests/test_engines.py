"""Both engines run the same random programs and agree on every bit: value, gradient, derivative."""

import math

import fuzz
import numpy as np
import pytest

import autograd
from autograd import operators
from autograd.operation import Operation

pytestmark = pytest.mark.skipif(autograd.ENGINE != "native", reason="the native engine is not here")


@pytest.fixture(autouse=True)
def quiet():
    with np.errstate(all="ignore"):
        yield


@pytest.mark.parametrize("first", range(0, 600, 50))
def test_engines_agree(first):
    found = [fuzz.disagreement(seed) for seed in range(first, first + 50)]
    assert list(filter(None, found)) == []


def test_long_programs_agree():
    found = [fuzz.disagreement(seed, length=400) for seed in range(10_000, 10_010)]
    assert list(filter(None, found)) == []


def test_programs_reach_every_row_and_make_most_steps():
    """The fuzzer is no use where it only meets errors."""
    seen, steps, errors = set(), 0, 0
    for seed in range(300):
        program = fuzz.Program(seed, autograd.Value)
        program.run(40)
        steps += 40
        errors += sum(isinstance(line, tuple) and len(line) == 2 for line in program.log)
        seen |= {v.op for node in program.nodes for v in node.history()}
    assert set(autograd.ops.ROWS) <= seen
    assert errors < steps / 4


def test_a_difference_in_the_last_bits_is_caught(monkeypatch):
    """Plant a fault in one engine, the derivative of tanh as it is often written."""
    planted = Operation("tanh", math.tanh, lambda x, out: 1 - out * out)
    monkeypatch.setattr(fuzz.PythonValue, "tanh", operators.unary(planted))
    assert any(fuzz.disagreement(seed) for seed in range(200))

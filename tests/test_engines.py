"""Both engines run the same random programs and agree on every bit: value, gradient, derivative."""

import math
import os
import subprocess
import sys

import numpy as np
import pytest

import autograd
from autograd import operators, sweeps
from autograd.operation import Operation
from tests import fuzz, fuzz_transforms

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


@pytest.mark.parametrize("first", range(0, 200, 50))
def test_transforms_agree_and_leave_nothing_behind(first):
    found = [fuzz_transforms.disagreement(seed) for seed in range(first, first + 50)]
    assert list(filter(None, found)) == []


def test_long_programs_of_transforms_agree():
    found = [fuzz_transforms.disagreement(seed, length=150) for seed in range(10_000, 10_010)]
    assert list(filter(None, found)) == []


def test_programs_of_transforms_make_most_steps():
    steps, errors, seen = 0, 0, set()
    for seed in range(200):
        log = fuzz_transforms.ran(seed, 25, fuzz_transforms.own)
        names = [line for line in log if isinstance(line, str)]
        steps += len(names)
        seen |= set(names)
        errors += sum(isinstance(line, tuple) and str(line[0]).endswith("Error") for line in log)
    assert {"differentiate", "graph_of_gradients", "checkpointed", "hook", "train"} <= seen
    assert errors < steps / 3


@pytest.mark.parametrize("planted", ["a factor", "a leak"])
def test_a_fault_in_one_engine_is_caught(monkeypatch, planted):
    """Plant one in the native sweep: it would go unseen where the fuzzer did not look."""
    native, kept = sweeps.native, []

    def pull(roots, seeds, variables):
        found = native.pull(roots, seeds, variables)
        if planted == "a leak":
            kept.append(roots[0])
        elif found:
            found[0] *= 1 + 2.0**-52
        return found

    class Faulty:
        reach, push, edits = native.reach, native.push, native.edits

    Faulty.pull = staticmethod(pull)
    monkeypatch.setattr(sweeps, "native", Faulty)
    assert any(fuzz_transforms.disagreement(seed) for seed in range(100))


def test_instructions_are_chosen_in_the_environment():
    def asked(name):
        program = "from autograd.engine import native; print(native.use_instructions('baseline'))"
        environment = os.environ | {"GLASSGRAD_ENGINE": "native", "GLASSGRAD_INSTRUCTIONS": name}
        return subprocess.run(
            [sys.executable, "-c", program], env=environment, capture_output=True, text=True
        )

    assert asked("baseline").stdout == "baseline\n"
    assert "GLASSGRAD_INSTRUCTIONS is " in asked("mmx").stderr
    assert "'baseline' here, or not set" in asked("mmx").stderr

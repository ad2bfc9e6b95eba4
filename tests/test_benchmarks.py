"""The benchmarks compare like with like: every engine computes the same numbers."""

import pytest

from autograd import ENGINE
from benchmarks.chain import chain
from benchmarks.engines import ENGINES, GLASSGRAD, glassgrad, installed
from benchmarks.groups import GROUPS, PER_NODE, Target
from benchmarks.measure import Medians, medians, phases
from benchmarks.table import aim

SIZES = {"gpt": 2, "gpt-adam": 2, "black-scholes": 3}
LEFT_OUT = set(GLASSGRAD) - {ENGINE}  # a process has one; the suite runs on both


@pytest.mark.parametrize("name", GROUPS)
def test_all_engines_compute_the_same_numbers(name):
    cases = [c for c in GROUPS[name].cases if installed(c.engine) and c.engine not in LEFT_OUT]
    found = {
        case: phases(case.workload(ENGINES[case.engine](), SIZES.get(name, 30)), True).numbers
        for case in cases
    }
    expected = next(numbers for case, numbers in found.items() if case.engine == ENGINE)
    assert len(expected) > 1
    assert len(found) >= 2 or name == "gpt-adam"  # which only PyTorch has, too
    for case, numbers in found.items():
        assert numbers == pytest.approx(expected[: len(numbers)], rel=1e-9), case.label


@pytest.mark.parametrize("name", GROUPS)
def test_phases_cover_the_work(name):
    for case in GROUPS[name].cases:
        if case.engine == ENGINE:
            run = phases(case.workload(ENGINES[ENGINE](), SIZES.get(name, 30)), collector=False)
            assert all(seconds > 0 for seconds in run.seconds.values())
            assert set(run.seconds) in ({"build", "backward", "free"}, {"step"}, {"call"})


@pytest.mark.parametrize("name", GROUPS)
def test_targets_and_baselines_are_cases_of_their_group(name):
    group = GROUPS[name]
    labels = [case.label for case in group.cases]
    assert len(labels) == len(set(labels))
    assert group.baseline in labels
    for target in group.targets:
        assert target.case in labels
        assert target.against in ("", *labels)


def test_each_process_has_the_engine_it_was_asked_for():
    engines = [engine for engine in GLASSGRAD if installed(engine)]
    results = medians({engine: (engine, chain) for engine in engines}, 10, 1)
    assert results.keys() == set(engines)
    (other,) = LEFT_OUT
    with pytest.raises(RuntimeError, match=f"runs the {ENGINE} engine, not {other}"):
        glassgrad(other)


def test_a_target_is_met_or_not():
    results = {
        "glassgrad": Medians({"build": 2e-6}, {"build": 1e-6}, {"build": 9000}, False),
        "XAD": Medians({"build": 30e-6}, {"build": 3e-6}, {"build": 0}, False),
    }

    def words(*target):
        return aim(Target("glassgrad", *target), results, 1e9 / 100, 100).split("wanted")[1].split()

    assert words("total", "≥", 10, "XAD")[-1] == "met"
    assert words("total", "≥", 10, "XAD", "off")[-2:] == ["NOT", "MET"]
    assert words("build", "≤", 0.05, "XAD")[-2:] == ["NOT", "MET"]
    assert words("build", "≤", 20) == ["≤", "20", "met"]
    assert words("bytes", "≤", 89)[-2:] == ["NOT", "MET"]
    assert "not measured" in aim(PER_NODE[0], results, 1.0, 100)

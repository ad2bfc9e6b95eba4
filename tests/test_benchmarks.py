"""The benchmarks compare like with like: every engine computes the same numbers."""

import math

import pytest

from autograd import ENGINE, Value
from autograd.drawing.layout.plan import EngineTooSlowError
from benchmarks import drawing, eager, replay, scaling, transforms
from benchmarks.chain import chain
from benchmarks.eager import PER_NODE
from benchmarks.engines import ENGINES, GLASSGRAD, described, glassgrad, hips, installed
from benchmarks.group import Case, Target
from benchmarks.measure import Medians, differing, medians, phases, run, worker
from benchmarks.table import aim, heading, row
from benchmarks.transforms import COST

COMMANDS = {"eager": eager, "transforms": transforms, "replay": replay}
GROUPS = {
    f"{command}, {name}" if command != "eager" else name: group
    for command, module in COMMANDS.items()
    for name, group in module.GROUPS.items()
}
SIZES = {"gpt": 2, "gpt-adam": 2, "black-scholes": 3, "replay, gpt": 2, "replay, digits": 128}
LEFT_OUT = set(GLASSGRAD) - {ENGINE}  # a process has one; the suite runs on both


def numbers_of(case, size):
    if case.engine != "hips":
        return phases(case.workload(ENGINES[case.engine](), size), True).numbers
    with worker("hips") as process:  # this one has our autograd
        return process.submit(run, "hips", case.workload, size, True).result().numbers


@pytest.mark.parametrize("name", GROUPS)
def test_all_engines_compute_the_same_numbers(name):
    cases = [c for c in GROUPS[name].cases if c.available and c.engine not in LEFT_OUT]
    found = {case: numbers_of(case, SIZES.get(name, 30)) for case in cases}
    assert ENGINE in {case.engine for case in found}
    expected = max(found.values(), key=len)  # some stop before the others
    assert len(found) >= 2 or name == "gpt-adam"  # which only PyTorch has, too
    for case, numbers in found.items():
        assert numbers
        assert numbers == pytest.approx(expected[: len(numbers)], rel=1e-9), case.label


@pytest.mark.parametrize("name", GROUPS)
def test_phases_cover_the_work(name):
    for case in GROUPS[name].cases:
        if case.engine == ENGINE and case.available:
            found = phases(case.workload(ENGINES[ENGINE](), SIZES.get(name, 30)), collector=False)
            assert all(seconds > 0 for seconds in found.seconds.values())
            assert set(found.seconds) in (
                {"build", "backward", "free"},
                {"step"},
                {"call"},
                {"loop"},
                {"first"},
                {"first", "call"},
                {"first", "call", "loop"},
                {"first", "plain", "record", "gradient"},
                {"first", "gradient"},
                {"first", "gradient", "hessian"},
            )


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
        "glassgrad": Medians({"build": 2e-6}, {"build": 1e-6}, {"build": 9000}, False, []),
        "XAD": Medians({"build": 30e-6}, {"build": 3e-6}, {"build": 0}, False, []),
    }

    def words(*target):
        return aim(Target("glassgrad", *target), results, 1e9 / 100, 100).split("wanted")[1].split()

    assert words("total", "≥", 10, "XAD")[-1] == "met"
    assert words("total", "≥", 10, "XAD", "off")[-2:] == ["NOT", "MET"]
    assert words("build", "≤", 0.05, "XAD")[-2:] == ["NOT", "MET"]
    assert words("build", "≤", 20) == ["≤", "20", "met"]
    assert words("bytes", "≤", 89)[-2:] == ["NOT", "MET"]
    assert "not measured" in aim(PER_NODE[0], results, 1.0, 100)


def cost(record, gradient):
    """What a gradient was measured to cost, in seconds."""
    seconds = {"first": 0.5, "plain": 1e-5, "record": record, "gradient": gradient}
    return Medians(seconds, seconds, {}, False, [])


def test_a_gradient_is_compared_with_its_function():
    group = GROUPS["transforms, rosenbrock"]
    results = {"glassgrad": cost(3e-5, 6e-5), "HIPS autograd": cost(6e-5, 24e-5)}
    assert heading(COST).split()[-1] == "first"
    cells = row(group, 1000, "glassgrad", results).split()
    assert cells[:7] == ["glassgrad", "3.33", "10", "20", "6×", "2×", "4×"]
    assert cells[-1] == "500,000"
    assert "4×" in row(group, 1000, "HIPS autograd", results)
    assert row(group, 1000, "JAX", results) == "  JAX: not installed"
    target = group.targets[0]
    found = aim(target, results, 1.0, 1000)
    assert "glassgrad, gradient against record" in found and found.endswith("NOT MET")
    found = aim(target, {"glassgrad": cost(5e-5, 6e-5)}, 1.0, 1000).split()
    assert found[-5:] == ["1.2×", "wanted", "≤", "1.5×", "met"]


def test_a_phase_that_an_engine_lacks_leaves_its_columns_empty():
    group = GROUPS["transforms, rosenbrock"]
    jitted = Medians({"first": 1.0, "gradient": 3e-5}, {"gradient": 3e-5}, {}, False, [])
    cells = row(group, 1000, "JAX, jitted", {"JAX, jitted": jitted}).split()
    assert cells == ["JAX,", "jitted", "10", "10", "1,000,000"]


def test_operations_and_seconds_are_counted():
    assert scaling.FLOPS == 2 * (2 * 64 * 32 + 3 * 32 * 10)
    calls = []
    assert 0 < scaling.seconds_of(lambda: calls.append(1)) < 0.001
    assert len(calls) > scaling.ROUNDS


def test_what_is_not_timed_is_not_a_phase():
    def workload():
        yield "first"
        yield ""
        yield "second"
        yield ""
        return [1.0]

    found = phases(workload(), collector=True)
    assert [*found.seconds] == ["first", "second"]
    assert found.numbers == [1.0]


def test_a_case_is_measured_if_all_it_needs_is_installed():
    assert Case("", ENGINE, chain, ("math", "json")).available
    assert not Case("", ENGINE, chain, ("math", "no_such_package")).available


def test_other_numbers_are_reported():
    def result(*numbers):
        return cost(1.0, 1.0)._replace(numbers=[*numbers])

    results = {
        "floats": result(3.0),
        "glassgrad": result(3.0, 4.0),
        "HIPS": result(3.0 + 1e-12, 4.0),
    }
    assert differing(results) == []
    results["JAX"] = result(3.0, 4.001)
    assert differing(results) == [("JAX", "glassgrad")]
    results["PyTorch"] = result(math.nan, 4.0)
    assert ("PyTorch", "glassgrad") in differing(results)
    assert differing({}) == []


def test_hips_autograd_is_not_mistaken_for_ours(tmp_path, monkeypatch):
    monkeypatch.setenv("HIPS_AUTOGRAD", str(tmp_path))
    assert not installed("hips")
    assert described("hips") == "hips not installed"
    with pytest.raises(RuntimeError, match="this process has the autograd in .*, not HIPS's"):
        hips()


@pytest.mark.parametrize("command", COMMANDS)
def test_a_command_prints_its_table(command, capsys, monkeypatch):
    group = transforms.GROUPS["flight"]
    own = [case for case in group.cases if case.engine == ENGINE]
    monkeypatch.setattr(COMMANDS[command], "GROUPS", {"flight": group._replace(cases=(*own,))})
    COMMANDS[command].main(["--quick", "--runs", "1"])
    out = capsys.readouterr().out
    assert "medians of 1 runs" in out and COST.legend in out and "other numbers" not in out
    assert "flight, 20 steps in a `while`: µs per call" in out
    with pytest.raises(SystemExit):
        COMMANDS[command].main(["--runs", "0"])
    assert "--runs must be at least 1, got 0" in capsys.readouterr().err


def test_the_pictures_of_all_cases_are_timed_and_a_slow_one_is_given_up(capsys, monkeypatch):
    def slow(source):
        raise EngineTooSlowError

    monkeypatch.setattr(drawing, "SIZES", (10, 30))
    monkeypatch.setattr(drawing, "TARGETS", ((20, 50.0, None),))
    monkeypatch.setattr(drawing, "rendered", slow)
    drawing.main(["--quick"])
    out = capsys.readouterr().out
    assert out.count("  10 nodes") == out.count("  30 nodes") == len(drawing.GRAPHS)
    assert out.count("given up") == 4 * (len(drawing.CASES) - 1 - out.count("not installed"))
    assert "→ 20 nodes:" in out and "(≤ 50 ms)" in out
    assert float(out.split("fresh process: ")[1].split(" s")[0]) > 0


@pytest.mark.parametrize("graph", drawing.GRAPHS)
def test_the_graphs_that_are_drawn_have_about_as_many_nodes_as_said(graph):
    root = drawing.GRAPHS[graph](Value, 300)
    assert 280 < len(root.history()) < 620
    assert root.grad == 1.0

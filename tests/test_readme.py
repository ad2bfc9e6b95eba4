"""The README: its examples run, its commands are there, its pictures are a notebook's."""

from __future__ import annotations

import doctest
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from autograd import ops

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```(\w*)\n(.*?)^```$", README, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in BLOCKS if language == "python"]
COMMANDS = [code.strip() for language, code in BLOCKS if language == "sh"]


def test_every_block_names_its_language() -> None:
    assert {language for language, _ in BLOCKS} == {"python", "sh"}


def test_the_examples_run_and_print_what_they_show(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    sessions = [code for code in PYTHON if ">>>" in code]
    assert len(sessions) >= 5
    test = doctest.DocTestParser().get_doctest("\n".join(sessions), {}, "README.md", None, 0)
    printed: list[str] = []
    failed, tried = doctest.DocTestRunner(verbose=False).run(test, out=printed.append)
    assert failed == 0, "".join(printed)
    assert tried > 40


def test_the_two_commands_are_there() -> None:
    install = 'python3 -m venv .venv && .venv/bin/pip install -e ".[{}]" && .venv/bin/python -m {}'
    expected = [install.format("job", "autograd"), install.format("test", "pytest")]
    assert COMMANDS == expected  # noqa: SIM300


def test_the_row_works_when_it_is_added_to_the_table(tmp_path: Path) -> None:
    (row,) = [code for code in PYTHON if ">>>" not in code]
    assert "cube" not in ops.ROWS
    package = tmp_path / "autograd"
    without = shutil.ignore_patterns("__pycache__", "*.so", "*.pyd")  # built from the table it had
    shutil.copytree(ROOT / "autograd", package, ignore=without)
    table = package / "ops.py"
    rows, end, rest = table.read_text(encoding="utf-8").rpartition("# fmt: on")
    table.write_text(rows + row + end + rest, encoding="utf-8")
    program = """
from autograd import Value, cube, trace
x = Value(2.0, name="x")
y = x.cube()
y.backward()
print(cube(2.0), y.data, x.grad, trace(y).steps[-1].formula, trace(y).steps[-1].formula_latex)
"""
    run = subprocess.run(
        [sys.executable, "-c", program],
        cwd=tmp_path,
        env=os.environ | {"GLASSGRAD_ENGINE": "python", "PYTHONIOENCODING": "utf-8"},
        capture_output=True,
        encoding="utf-8",
    )
    assert run.stdout == "8.0 8.0 12.0 x³ x^{3}\n", run.stderr


def test_every_link_leads_somewhere() -> None:
    targets = re.findall(r"\]\(([^)#]+)\)", README)
    assert len(targets) >= 8
    assert [target for target in targets if not (ROOT / target).exists()] == []


def test_every_named_command_exists() -> None:
    modules = set(re.findall(r"python -m (\w+(?:\.\w+)*)", README)) - {"pytest"}
    assert {"autograd", "autograd.stubs", "benchmarks.eager"} <= modules
    for module in modules:
        path = ROOT.joinpath(*module.split("."))
        assert path.with_suffix(".py").exists() or (path / "__main__.py").exists(), module


@pytest.mark.parametrize("name", ["expression.png", "backward.gif"])
def test_its_pictures_are_made_in_a_notebook(name: str) -> None:
    assert f"notebooks/pictures/{name}" in README
    notebook = (ROOT / "notebooks" / "04_seeing_backprop.ipynb").read_text(encoding="utf-8")
    assert f'(\\"{name}\\"' in notebook  # test_notebooks.py compares what it makes

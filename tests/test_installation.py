"""The installation: what is public, what is needed, and the package of the same name."""

from __future__ import annotations

import importlib.metadata
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from types import ModuleType

import pytest

import autograd
import nn

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def python(folder: Path, program: str, *options: str) -> subprocess.CompletedProcess[str]:
    """Run a program that imports what is in a folder before what is installed."""
    command = [sys.executable, *options, "-c", program]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True)


def copy_of(package: str, folder: Path) -> Path:
    """A copy of one of our packages."""
    ignored = shutil.ignore_patterns("__pycache__")
    return shutil.copytree(ROOT / package, folder / package, ignore=ignored)


# the public face


@pytest.mark.parametrize("package", [autograd, nn])
def test_all_is_true(package: ModuleType) -> None:
    assert len(package.__all__) == len(set(package.__all__))
    for name in package.__all__:
        assert getattr(package, name) is not None, name


@pytest.mark.parametrize("package", [autograd, nn])
def test_what_is_ours_and_has_a_public_name_is_in_all(package: ModuleType) -> None:
    ours = [
        name
        for name, thing in vars(package).items()
        if not name.startswith("_")
        and not isinstance(thing, ModuleType)
        and getattr(thing, "__module__", "").split(".")[0] in ("autograd", "nn")
    ]
    assert [name for name in ours if name not in package.__all__] == []


def test_the_version_is_the_one_that_is_installed() -> None:
    try:
        installed = importlib.metadata.version("glassgrad")
    except importlib.metadata.PackageNotFoundError:
        pytest.skip("glassgrad is imported from its folder, not installed")
    assert installed == PROJECT["version"]


# what is needed


def test_the_library_needs_nothing() -> None:
    assert PROJECT["dependencies"] == []


def test_it_works_without_any_installed_package() -> None:
    program = """
import sys
from autograd import Value, draw, no_grad, trace
import nn
model = nn.MLP(2, [3, 1], seed=0)
loss = nn.mse_loss(model([1.0, 2.0]), 0.5)
loss.backward()
nn.Adam(model.parameters()).step()
assert draw(loss).svg().startswith("<svg"), "a picture"
assert "relu(" in str(trace(loss))
print("numpy" in sys.modules, any("site-packages" in path for path in sys.path))
"""
    run = python(ROOT, program, "-S")  # without site-packages
    assert run.stdout == "False False\n", run.stderr


def test_a_picture_in_pixels_says_what_to_install() -> None:
    run = python(ROOT, "from autograd import Value, draw; draw(Value(1.0)).png()", "-S")
    assert 'pip install "glassgrad[draw]"' in run.stderr


def test_the_job_says_what_to_install() -> None:
    run = python(ROOT, "import sys; from autograd.__main__ import main; sys.exit(main([]))", "-S")
    assert run.returncode == 2
    assert 'pip install "glassgrad[job]"' in run.stderr
    assert "Traceback" not in run.stderr


# HIPS autograd, which is imported by the same name


def test_ours_with_hips_files_in_it_stops(tmp_path: Path) -> None:
    (copy_of("autograd", tmp_path) / "numpy").mkdir()
    run = python(tmp_path, "import autograd")
    assert run.returncode == 1
    assert "ImportError: two packages called autograd are mixed in" in run.stderr
    assert "pip uninstall autograd glassgrad" in run.stderr


def test_a_module_of_ours_with_hips_files_beside_it_stops(tmp_path: Path) -> None:
    (copy_of("autograd", tmp_path) / "numpy").mkdir()
    assert "mixed" in python(tmp_path, "from autograd.value import Value").stderr


def test_nn_on_hips_autograd_stops(tmp_path: Path) -> None:
    hips = tmp_path / "autograd"
    (hips / "numpy").mkdir(parents=True)
    (hips / "__init__.py").write_text("def grad(f): return f\n")
    copy_of("nn", tmp_path)
    run = python(tmp_path, "import nn")
    assert run.returncode == 1
    assert "nn needs the autograd package that comes with glassgrad" in run.stderr
    assert str(hips) in run.stderr
    assert "pip uninstall autograd" in run.stderr


def test_both_copies_alone_are_fine(tmp_path: Path) -> None:
    copy_of("autograd", tmp_path)
    copy_of("nn", tmp_path)
    run = python(tmp_path, "import autograd, nn; print(autograd.__file__)")
    assert run.stdout.startswith(str(tmp_path)), run.stderr

"""Engines: whoever is measured, behind one small face, so that all of them run the same source."""

from __future__ import annotations

import gc
import math
import os
from collections.abc import Callable
from importlib.metadata import distributions, version
from importlib.util import find_spec
from operator import attrgetter, methodcaller
from pathlib import Path
from types import SimpleNamespace
from typing import Any, NamedTuple


class Engine(NamedTuple):
    """What a workload needs to know.

    value     makes a leaf from a float
    start     what has to be told the leaves before anything is recorded
    backward  differentiates by all the leaves
    data      the number in a value; `grad` its derivative
    zero      what `p.grad` is set to before a backward pass
    math      where exp, log, sqrt and erf are
    library   what else the package offers: dot, softmax, logsumexp; grad, hessian
    release   what else it takes, after `del`, until the memory of a graph is free
    """

    name: str
    value: Callable[[float], Any]
    start: Callable[[list[Any]], object] = lambda leaves: None
    backward: Callable[[Any], object] = methodcaller("backward")
    data: Callable[[Any], Any] = attrgetter("data")
    grad: Callable[[Any], Any] = attrgetter("grad")
    zero: float | None = 0.0
    math: Any = None
    library: Any = None
    release: Callable[[], object] = lambda: None

    def leaves(self, numbers: list[float]) -> list[Any]:
        """Leaves from floats, ready to be computed with."""
        leaves = list(map(self.value, numbers))
        self.start(leaves)
        return leaves


def floats() -> Engine:
    """Plain Python floats: the price of the arithmetic, with nothing recorded."""
    return Engine("floats", float, math=math)


def native() -> Engine:
    """glassgrad's engine in C."""
    return glassgrad("native")


def python() -> Engine:
    """glassgrad's engine in Python, for who has no compiler."""
    return glassgrad("python")


def glassgrad(wanted: str) -> Engine:
    """One of its two engines; a process has one, chosen at import."""
    import autograd

    if wanted != autograd.ENGINE:
        raise RuntimeError(f"this process runs the {autograd.ENGINE} engine, not {wanted}")
    return Engine(wanted, autograd.Value, math=autograd, library=autograd)


def plain() -> Engine:
    """The Value of tutorials, in plain Python."""
    from benchmarks import plain

    return Engine("plain", plain.Value, math=plain)


def micrograd() -> Engine:
    """The package on PyPI; its graphs are full of cycles, so only the collector frees them."""
    from micrograd.engine import Value

    return Engine("micrograd", Value, release=gc.collect)


def xad() -> Engine:
    """The tape of XAD in C++, through its bindings; one that stays, as every leaf registers."""
    import xad.math
    from xad.adj_1st import Real, Tape

    tape = Tape()
    tape.activate()

    def start(leaves: list[Real]) -> None:
        tape.clearAll()
        tape.registerInputs(leaves)
        tape.newRecording()

    def backward(y: Real) -> None:
        tape.registerOutput(y)
        y.setDerivative(1.0)
        tape.computeAdjoints()

    return Engine(
        "xad", Real, start, backward, Real.getValue, Real.getDerivative,
        math=xad.math, release=tape.clearAll,
    )  # fmt: skip


def torch() -> Engine:
    """PyTorch, on one thread, in double precision: a leaf is a tensor without dimensions."""
    import torch

    torch.set_num_threads(1)

    def leaf(x: float) -> torch.Tensor:
        return torch.tensor(x, dtype=torch.float64, requires_grad=True)

    return Engine("torch", leaf, zero=None, math=torch, library=torch)


def hips() -> Engine:
    """HIPS autograd, from a folder of its own: its import name is ours, too.

    Its users differentiate functions, of arrays or floats: there is no leaf to make.
    """
    one_thread()
    import autograd

    if Path(autograd.__file__).parent.parent != hips_folder():
        raise RuntimeError(f"this process has the autograd in {autograd.__file__}, not HIPS's")
    import autograd.numpy as numpy
    from autograd.scipy.special import erf

    functions = SimpleNamespace(exp=numpy.exp, log=numpy.log, sqrt=numpy.sqrt, erf=erf)
    return Engine("hips", float, math=functions, library=autograd)


def jax() -> Engine:
    """JAX, on one thread, in double precision; its users differentiate functions, too."""
    os.environ["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"
    import jax
    import jax.numpy as numpy

    jax.config.update("jax_enable_x64", True)
    jax.config.update("jax_cpu_enable_async_dispatch", False)  # the work is done in the call
    erf = jax.scipy.special.erf
    functions = SimpleNamespace(exp=numpy.exp, log=numpy.log, sqrt=numpy.sqrt, erf=erf)
    return Engine("jax", numpy.float64, math=functions, library=jax)


def numpy() -> Engine:
    """NumPy, on one thread, for derivatives that were found on paper."""
    one_thread()
    import numpy

    return Engine("numpy", float, math=numpy, library=numpy)


def sklearn() -> Engine:
    """scikit-learn, on one thread, whose networks are NumPy's products of matrices."""
    one_thread()
    import sklearn

    return Engine("sklearn", float, library=sklearn)


def casadi() -> Engine:
    """CasADi: symbols make a graph of scalars, which its virtual machine in C++ runs."""
    import casadi

    return Engine("casadi", casadi.SX, math=casadi, library=casadi)


def one_thread() -> None:
    """What NumPy's products and scikit-learn are told before they are imported."""
    os.environ |= {"OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}


# fmt: off
ENGINES = {
    f.__name__: f
    for f in (
        floats, native, python, plain, micrograd, xad, torch, hips, jax, numpy, sklearn, casadi,
    )
}
GLASSGRAD = ("native", "python")
PACKAGES = (  # what is not part of this project
    "micrograd", "xad", "hips", "jax", "torch", "casadi", "numpy", "sklearn",
)
DISTRIBUTIONS = {"sklearn": "scikit-learn"}  # where pip knows a package by another name
# fmt: on


def hips_folder() -> Path:
    """Where HIPS autograd is: the variable HIPS_AUTOGRAD, or build/hips beside the benchmarks."""
    given = os.environ.get("HIPS_AUTOGRAD")
    return Path(given or Path(__file__).parent.parent / "build" / "hips").resolve()


def installed(name: str) -> bool:
    """Whether the engine can be measured here."""
    if name == "hips":
        folder = hips_folder()
        scipy = (folder / "scipy").is_dir() or find_spec("scipy") is not None  # erf
        return (folder / "autograd" / "numpy").is_dir() and scipy
    module = "autograd.native.value" if name == "native" else name
    return name not in (*PACKAGES, "native") or find_spec(module) is not None


def described(name: str) -> str:
    """The engine and its version."""
    if not installed(name):
        return f"{name} not installed"
    if name != "hips":
        package = DISTRIBUTIONS.get(name, name)
        return f"{package} {version(package)}"
    own = [x.version for x in distributions(name="autograd", path=[str(hips_folder())])]
    return " ".join(["hips", *own])

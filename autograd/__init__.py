"""A scalar autodiff engine you can see through.

>>> from autograd import Value
>>> x = Value(3.0, name="x")
>>> y = x * x + 2 * x
>>> y.backward()
>>> x.grad
8.0

Read `ops.py`, the table of operations, and `value.py`, the number that records; then the rest:
operation · custom · ieee · real · kernels · operators · modes · no_grad · generators · scope ·
hooks · sweeps · copying · loops · updates · clipping · shuffling · memory · text · naming · table ·
trace · engine · native · chosen · compat · stubs; and what is built on it: transforms · tape ·
check · anomaly · reproduction · explain · explanation · mistakes · evaluation · drawing.
`python -m autograd` is the main job, in `job`.
"""

from __future__ import annotations

from pathlib import Path

if (Path(__file__).parent / "numpy").exists():  # HIPS autograd keeps its wrapped NumPy there
    raise ImportError(
        f"two packages called autograd are mixed in {Path(__file__).parent}: glassgrad and HIPS "
        "autograd use the same import name and cannot be installed together. Keep one: "
        "`pip uninstall autograd glassgrad`, then `pip install glassgrad` in a new environment"
    )

from autograd import mistakes, ops
from autograd.anomaly import Anomaly, detect_anomaly
from autograd.check.check_grads import check_grads
from autograd.check.mismatch import GradientMismatch
from autograd.chosen import Value
from autograd.custom import custom
from autograd.drawing import draw
from autograd.engine import ENGINE
from autograd.evaluation.evaluate import evaluate
from autograd.evaluation.sensitivity import sensitivity
from autograd.evaluation.symbolic import symbolic
from autograd.explain import explain
from autograd.memory import memory
from autograd.no_grad import no_grad
from autograd.ops import *  # noqa: F403
from autograd.scope import scope
from autograd.tape.jit import jit
from autograd.tape.vmap import vmap
from autograd.trace import trace
from autograd.transforms.checkpoint import checkpoint, stop_gradient
from autograd.transforms.gradient import grad, jvp, value_and_grad, vjp
from autograd.transforms.jacobian import hessian, hvp, jacobian
from autograd.transforms.sparse import sparsity

# fmt: off
__all__ = [
    "ENGINE",
    "Anomaly",
    "GradientMismatch",
    "Value",
    "check_grads",
    "checkpoint",
    "custom",
    "detect_anomaly",
    "draw",
    "evaluate",
    "explain",
    "grad",
    "hessian",
    "hvp",
    "jacobian",
    "jit",
    "jvp",
    "memory",
    "mistakes",
    "no_grad",
    "scope",
    "sensitivity",
    "sparsity",
    "stop_gradient",
    "symbolic",
    "trace",
    "value_and_grad",
    "vjp",
    "vmap",
]
# fmt: on
__all__ += ops.__all__

"""A scalar autodiff engine you can see through.

>>> from autograd import Value
>>> x = Value(3.0, name="x")
>>> y = x * x + 2 * x
>>> y.backward()
>>> x.grad
8.0

Read `ops.py`, the table of operations, and `value.py`, the number that records; then the rest:
operation · custom · ieee · real · kernels · operators · no_grad · copying · loops · memory ·
text · naming · trace · drawing · engine · native · compat · stubs. `python -m autograd` is the main
job, in `job`.
"""

from __future__ import annotations

from pathlib import Path

if (Path(__file__).parent / "numpy").exists():  # HIPS autograd keeps its wrapped NumPy there
    raise ImportError(
        f"two packages called autograd are mixed in {Path(__file__).parent}: glassgrad and HIPS "
        "autograd use the same import name and cannot be installed together. Keep one: "
        "`pip uninstall autograd glassgrad`, then `pip install glassgrad` in a new environment"
    )

from autograd import compat, engine, operators, ops
from autograd.custom import custom
from autograd.drawing import draw
from autograd.engine import ENGINE
from autograd.memory import memory
from autograd.no_grad import no_grad
from autograd.ops import *  # noqa: F403
from autograd.trace import trace
from autograd.value import Value

operators.attach(Value)
if engine.native:
    from autograd.native import bind as _bind

    Value = _bind(engine.native, Value)  # type: ignore[misc, assignment]
compat.attach(Value)

__all__ = ["ENGINE", "Value", "custom", "draw", "memory", "no_grad", "trace"]
__all__ += ops.__all__

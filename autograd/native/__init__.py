"""The native engine: Value in C (value.c), with kernels written from the table (kernels.py).

In flow the rows of the table and the few things that stay in Python; out flows a class that does
what the Value of `autograd/value.py` does.
"""

from __future__ import annotations

from functools import partial
from typing import Any

# What is not worth writing twice: these work on both classes as they are.
SHARED = [
    "__ceil__",
    "__complex__",
    "__copy__",
    "__deepcopy__",
    "__doc__",
    "__float__",
    "__floor__",
    "__format__",
    "__index__",
    "__init_subclass__",
    "__int__",
    "__reduce__",
    "__repr__",
    "__round__",
    "__trunc__",
    "detach",
    "op",
    "scope",
    "_nothing_to_differentiate",
    "_sweep_back",
    "register_hook",
    "steps",
]


def bind(native: Any, twin: type) -> type:
    """The native Value, with what it shares with its Python twin."""
    from autograd import operators, ops, value
    from autograd.modes import compared, modes, recorders, recording, touched, watched
    from autograd.real import as_float

    native_value: Any = native.Value
    for name in SHARED:
        setattr(native_value, name, twin.__dict__[name])
    native_value._node = staticmethod(native.node)
    native.bind(
        ops.ROWS,
        modes,
        recording,
        watched,
        as_float,
        partial(value.checked_edges, native_value),
        twin.__dict__["_operate"],
        value.text_or_none,
        recorders,
        compared,
        touched,
    )
    operators.attach_others(native_value)
    return native_value  # type: ignore[no-any-return]

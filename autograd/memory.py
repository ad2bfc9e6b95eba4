"""How much room the Values that are alive take."""

from __future__ import annotations

import gc
from sys import getsizeof

from autograd.engine import native


def memory() -> dict[str, int]:
    """The Values alive now: how many `nodes`, their `bytes`, and the bytes `reserved` for them.

    The native engine counts as it goes. The Python engine looks through everything the collector
    knows, and reserves nothing ahead; floats and names are not counted.

    >>> from autograd import Value
    >>> before = memory()["nodes"]
    >>> x = Value(2.0); y = x * x + 1
    >>> memory()["nodes"] - before
    3
    """
    if native:
        counted: dict[str, int] = native.memory()
        return counted
    from autograd.value import Value

    values = [thing for thing in gc.get_objects() if type(thing) is Value]
    tuples = {
        id(part): getsizeof(part)
        for v in values
        for part in (v._operands, v._parents, v._local_grads)
        if part
    }
    size = sum(map(getsizeof, values)) + sum(tuples.values())
    return {"nodes": len(values), "bytes": size, "reserved": size}

"""The whole library a second time in one process, on the Python engine, to compare the first with.

`with twin() as library:` imports find the twin inside the block: `library.grad` and all that it
calls are of the Python engine. Outside nothing has changed. `own()` is the same for the first.
"""

import importlib
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType, SimpleNamespace

PACKAGES = ("autograd", "nn")
_twins: dict[str, ModuleType] = {}


def _ours() -> dict[str, ModuleType]:
    return {name: m for name, m in sys.modules.items() if name.split(".")[0] in PACKAGES}


def _library() -> SimpleNamespace:
    found = {
        name: importlib.import_module(f"autograd.{name}") for name in ("ops", "loops", "hooks")
    }
    root = importlib.import_module("autograd")
    return SimpleNamespace(**vars(root) | found, nn=importlib.import_module("nn"))


@contextmanager
def own() -> Iterator[SimpleNamespace]:
    """The library as it is."""
    yield _library()


@contextmanager
def twin() -> Iterator[SimpleNamespace]:
    """The library on the Python engine."""
    kept, asked = _ours(), os.environ.get("GLASSGRAD_ENGINE")
    for name in kept:
        del sys.modules[name]
    sys.modules.update(_twins)
    os.environ["GLASSGRAD_ENGINE"] = "python"
    try:
        yield _library()
    finally:
        if asked is None:
            del os.environ["GLASSGRAD_ENGINE"]
        else:
            os.environ["GLASSGRAD_ENGINE"] = asked
        _twins.update(_ours())
        for name in _ours():
            del sys.modules[name]
        sys.modules.update(kept)

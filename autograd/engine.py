"""Which engine makes the Values: the native one where it was built, else the Python one.

GLASSGRAD_ENGINE=python or =native in the environment asks for one of them.
"""

from __future__ import annotations

import os
from typing import Any

asked = os.environ.get("GLASSGRAD_ENGINE", "")
native: Any = None

if asked not in ("", "python", "native"):
    raise ValueError(f"GLASSGRAD_ENGINE is 'python' or 'native' or not set, got {asked!r}")
if asked != "python":
    try:
        from autograd.native import value  # type: ignore[attr-defined]

        native = value
    except ImportError as error:
        if asked == "native":
            raise ImportError(
                f"GLASSGRAD_ENGINE=native, but the native engine was not built ({error}); install "
                "glassgrad with a C compiler at hand, or unset GLASSGRAD_ENGINE"
            ) from error

ENGINE = "native" if native else "python"


class PythonFunction:
    """What is called with operands and passes them on to `call`."""

    def __call__(self, *operands: Any, **named: Any) -> Any:
        return self.call(*operands, **named)  # type: ignore[attr-defined]


Function: Any = native.Function if native else PythonFunction

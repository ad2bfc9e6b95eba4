"""Which engine makes the Values: the native one where it was built, else the Python one.

GLASSGRAD_ENGINE=python or =native in the environment asks for one of them. Tapes are replayed with
the best instructions that the processor has; GLASSGRAD_INSTRUCTIONS=baseline asks for those that
all processors have, so that numbers are the same to the last bit on each.
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

if native and (instructions := os.environ.get("GLASSGRAD_INSTRUCTIONS", "")):
    try:
        native.use_instructions(instructions)
    except ValueError as error:
        known = " or ".join(map(repr, native.instruction_sets()))
        raise ValueError(f"GLASSGRAD_INSTRUCTIONS is {known} here, or not set: {error}") from None

ENGINE = "native" if native else "python"


class PythonFunction:
    """What is called with operands and passes them on to `call`."""

    def __call__(self, *operands: Any, **named: Any) -> Any:
        return self.call(*operands, **named)  # type: ignore[attr-defined]


Function: Any = native.Function if native else PythonFunction

"""Plotting: where matplotlib draws, which is asked for only when something is plotted."""

from __future__ import annotations

from typing import Any


def axes_for(axes: Any = None) -> Any:
    """The axes that were given, or those of a new figure."""
    return axes if axes is not None else pyplot().subplots(figsize=(7, 4))[1]


def pyplot() -> Any:
    """matplotlib's pyplot.

    Raises ImportError with the command that installs it.
    """
    try:
        from matplotlib import pyplot
    except ImportError as error:
        raise ImportError(
            f"plotting needs matplotlib, which cannot be imported here ({error}): "
            "pip install matplotlib"
        ) from error
    return pyplot

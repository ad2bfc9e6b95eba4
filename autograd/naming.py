"""What each node is called on pictures and in tables: one label each, no two the same."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd.value import Value


def labels(history: Sequence[Value]) -> list[str]:
    """A unique label per node: its name, numbered where two have the same; else v1, v2, …

    >>> from autograd import Value
    >>> labels([Value(1.0, name="a"), Value(2.0), Value(3.0, name="a")])
    ['a', 'v1', 'a_2']
    """
    taken = {value.name for value in history if value.name}
    used: set[str] = set()
    unnamed = 0
    found = []
    for value in history:
        if value.name:
            label, copies = value.name, 1
            while label in used:
                copies += 1
                label = f"{value.name}_{copies}"
                if label in taken:  # someone's own name: leave it to them
                    continue
        else:
            unnamed += 1
            while (label := f"v{unnamed}") in taken:
                unnamed += 1
        used.add(label)
        found.append(label)
    return found

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
    used, copies = set[str](), dict.fromkeys(taken, 1)
    unnamed = 0
    found = []
    for value in history:
        if value.name:
            label = value.name
            while label in used or (label != value.name and label in taken):  # taken: leave it
                copies[value.name] += 1
                label = f"{value.name}_{copies[value.name]}"
        else:
            unnamed += 1
            while (label := f"v{unnamed}") in taken:
                unnamed += 1
        used.add(label)
        found.append(label)
    return found

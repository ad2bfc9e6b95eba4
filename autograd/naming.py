"""What each node is called on pictures and in tables: one label each, no two the same."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from autograd.value import Value


def labels(history: Sequence[Value]) -> list[str]:
    """A unique label per node: its name, else v1, v2, …

    Where several have the same name, it begins with as much of their scopes as tells them apart;
    what that leaves the same is numbered.

    >>> from autograd import Value, scope
    >>> labels([Value(1.0, name="a"), Value(2.0), Value(3.0, name="a")])
    ['a', 'v1', 'a_2']
    >>> def weight(place):
    ...     with scope(place):
    ...         return Value(1.0, name="w")
    >>> labels([weight("layers.0/neurons.0"), weight("layers.0/neurons.1")])
    ['neurons.0/w', 'neurons.1/w']
    """
    names = within_scopes(history)
    taken = set(names.values())
    used, copies = set[str](), dict.fromkeys(taken, 1)
    unnamed = 0
    found = []
    for i in range(len(history)):
        if i in names:
            name = label = names[i]
            while label in used or (label != name and label in taken):  # taken: leave it
                copies[name] += 1
                label = f"{name}_{copies[name]}"
        else:
            unnamed += 1
            while (label := f"v{unnamed}") in taken:
                unnamed += 1
        used.add(label)
        found.append(label)
    return found


def within_scopes(history: Sequence[Value]) -> dict[int, str]:
    """The names that there are, by place; where some are the same, with the scopes around them."""
    alike = defaultdict[str, list[int]](list)
    for i, value in enumerate(history):
        if value.name:
            alike[value.name].append(i)
    names = {}
    for name, places in alike.items():
        paths = [history[i].scope for i in places] if len(places) > 1 else [""]
        for i, start in zip(places, beginnings(paths)):
            names[i] = f"{start}/{name}" if start else name
    return names


def beginnings(paths: Sequence[str]) -> Sequence[str]:
    """The ends of the paths that tell them apart, or all of them where nothing does."""
    different = len(set(paths))
    if different == 1:
        return [""] * len(paths)
    depth = 1
    while len(set(ends := [end(path, depth) for path in paths])) < different:
        depth += 1
    return ends


def end(path: str, depth: int) -> str:
    """The last names of a path.

    >>> end("model/layers.0/neurons.1", 2)
    'layers.0/neurons.1'
    """
    return "/".join(path.split("/")[-depth:])

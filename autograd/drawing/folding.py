"""What is folded: the scopes that a picture shows as one card each, chosen by the reader."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from autograd.drawing.grouping import beginnings

Fold = str | int | Iterable[str]


def folded(fold: Fold, scopes: Sequence[str]) -> set[str]:
    """The scopes to fold: none, those at a depth, or those with one of the names.

    A name is a path, or the end of one: "layers.0" is "MLP/layers.0".

    >>> scopes = ["MLP", "MLP/layers.0", "MLP/layers.0/neurons.0", "MLP/layers.1"]
    >>> sorted(folded(2, scopes)), folded("none", scopes), folded(["layers.1"], scopes)
    (['MLP/layers.0', 'MLP/layers.1'], set(), {'MLP/layers.1'})
    """
    if fold == "none":
        return set()
    if isinstance(fold, int) and not isinstance(fold, bool):
        if fold < 1:
            raise ValueError(f"fold is a depth from 1 on, got {fold}; fold='none' folds nothing")
        return {path for path in scopes if len(beginnings(path)) == fold}
    names = [fold] if isinstance(fold, str) or not isinstance(fold, Iterable) else fold
    return {path for name in names for path in named(name, scopes)}


def named(name: object, scopes: Sequence[str]) -> list[str]:
    """The scopes of a name."""
    if not isinstance(name, str):
        raise TypeError(
            "fold is 'auto', 'none', a depth such as 2, or names of scopes such as "
            f"['layers.0'], got {name!r}"
        )
    found = [path for path in scopes if f"/{path}".endswith(f"/{name}")]
    if not found:
        ends = {"/".join(p.split("/")[i:]) for p in scopes for i in range(p.count("/") + 1)}
        near = get_close_matches(name, sorted(ends), 1)
        hint = f"Did you mean {near[0]!r}?" if near else f"There are {some(scopes)}."
        raise ValueError(f"fold: no scope of this graph is called {name!r}. {hint}")
    return found


def some(scopes: Sequence[str]) -> str:
    """The first few, or how to get one."""
    if not scopes:
        return 'none: name one with `with autograd.scope("encoder"):`'
    return ", ".join(map(repr, scopes[:4])) + (", …" if len(scopes) > 4 else "")

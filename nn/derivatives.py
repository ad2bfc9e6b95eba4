"""Derivatives of an answer by the leaves it was computed from; their grads stay as they are."""

from __future__ import annotations

from autograd import Value


def by_leaves(answer: Value) -> dict[Value, float]:
    """The derivative by each leaf.

    What a jitted function returns is one node that holds them; where it cannot be replayed they
    come from a backward pass.
    """
    if all(not parent.parents for parent in answer.parents):
        found: dict[Value, float] = {}
        for parent, local in zip(answer.parents, answer.local_grads, strict=True):
            found[parent] = found.get(parent, 0.0) + local
        return found
    leaves = [node for node in answer.history() if not node.parents]
    kept = [leaf.grad for leaf in leaves]
    for leaf in leaves:
        leaf.grad = 0.0
    answer.backward()
    found = {leaf: leaf.grad for leaf in leaves}
    for leaf, grad in zip(leaves, kept, strict=True):
        leaf.grad = grad
    return found

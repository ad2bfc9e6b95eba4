"""The neural tangent kernel: how much learning one example moves the answer to another."""

from __future__ import annotations

from typing import Any

from autograd import jit

from .columns import column
from .derivatives import by_leaves
from .module import Module, evaluating


def ntk(model: Module, X: Any, X2: Any = None) -> Any:
    """K(x, x') = ∇f(x)ᵀ∇f(x'), the gradients being those by all parameters, as they are now.

    The gradient of a network by its parameters is a map of features, and this is the kernel of
    them (Jacot, Gabriel and Hongler, 2018). For kernel regression give it to
    `sklearn.kernel_ridge.KernelRidge(kernel="precomputed")`, or to `numpy.linalg.solve`.

    Args:
        model: a Module that is called with one row; it is used in eval mode.
        X, X2: rows, of shape (n, width) and (m, width); without X2 both are X.

    Returns an array of shape (n, m) for a model with one output; for one with several of shape
    (n, m, outputs, outputs). The gradient of an example costs one replay: its node holds it.
    Needs NumPy.

    >>> import nn
    >>> ntk(nn.MLP(1, [1]), [[2.0], [3.0]])  # x·x' + 1, for the weight and the bias
    array([[ 5.,  7.],
           [ 7., 10.]])
    """
    first = gradients(model, X, "X")
    second = first if X2 is None else gradients(model, X2, "X2")
    if first.ndim == 2 and second.ndim == 2:
        return first @ second.T
    import numpy as np

    return np.einsum("aip,bjp->abij", first, second)


def gradients(model: Module, X: Any, name: str) -> Any:
    """The gradient of each answer by each parameter, of shape (n, p) or (n, outputs, p)."""
    import numpy as np

    if not isinstance(model, Module):
        raise TypeError(f"ntk is of a Module, got {model!r:.60}")
    place = {p: i for i, p in enumerate(model.parameters())}
    rows, answer = column(X, name), jit(model.__call__)
    found: Any = None
    with evaluating():
        for i in range(rows.rows):
            out = answer(rows.row(i))
            nodes = out if isinstance(out, list) else [out]
            if found is None:
                found = np.zeros((rows.rows, len(nodes), len(place)))
            for j, node in enumerate(nodes):
                for leaf, derivative in by_leaves(node).items():
                    if leaf in place:
                        found[i, j, place[leaf]] = derivative
    return found[:, 0] if found.shape[1] == 1 and not isinstance(out, list) else found

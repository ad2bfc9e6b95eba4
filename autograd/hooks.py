"""Hooks: functions that see a node's gradient on its way, and may change it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from autograd.real import as_float

Hook = Callable[[Any], Any]
used: list[bool] = []  # empty until the first hook: backward() has nothing to look for


class Hooked:
    """What `register_hook` returns: `remove()` ends it; `with` ends it at the end of the block."""

    def __init__(self, hooks: list[Hook], hook: Hook) -> None:
        self._hooks, self._hook = hooks, hook

    def remove(self) -> None:
        """The hook is not called any more."""
        if self._hook in self._hooks:
            self._hooks.remove(self._hook)

    def __enter__(self) -> Hooked:
        return self

    def __exit__(self, *error: object) -> None:
        self.remove()


def register_hook(self: Any, hook: Hook) -> Hooked:
    """Call `hook(grad)` in each backward pass, when all of this node's gradient has arrived.

    What the hook returns takes the gradient's place, here and for all parents; None leaves it. On
    a leaf it sees what the pass brings, before that is added to `grad`.

    >>> from autograd import Value
    >>> x = Value(3.0)
    >>> y = x * x
    >>> clipped = y.register_hook(lambda grad: min(grad, 1.0))
    >>> (10 * y).backward(); x.grad
    6.0

    A hook that holds its own node, or one computed from it, keeps both alive on the native engine,
    whose nodes the cyclic collector does not see: `remove()` it, or let it hold less.

    Raises TypeError if `hook` is not callable.
    """
    if not callable(hook):
        raise TypeError(
            f"a hook is a function of the gradient, got {hook!r}; write v.register_hook(print)"
        )
    hooks = getattr(self, "_hooks", None)
    if hooks is None:
        self._hooks = hooks = []
    hooks.append(hook)
    if not used:
        used.append(True)
    return Hooked(hooks, hook)


def run(node: Any, grad: Any) -> Any:
    """The gradient, after the node's hooks have seen it."""
    for hook in tuple(getattr(node, "_hooks", None) or ()):
        changed = hook(grad)
        if changed is not None:
            grad = changed if hasattr(changed, "local_grads") else as_float(changed)
    return grad

"""Code written for other scalar engines: what works here with only the import changed.

- micrograd: `Value(data)`, operators, `**` with numbers, `relu()`, `backward()`, `p.data -= …`,
  `p.grad = 0`, `sum` over generators, `nn.Neuron`, `nn.Layer`, `nn.MLP`, `parameters()`,
  `zero_grad()`; `_prev`, `_op` and `label` can be read, so that drawing recipes run.
- microgpt: `Value(data, children, local_grads)`, also as an operation of your own.
- The lectures on micrograd: `Value(2.0, label="a")` and `v.label = "a"`; `tanh()`, `exp()`.

What differs: a node has no `_backward` function to assign (give its `local_grads` instead);
`_prev` is a tuple, with `a * a` naming `a` twice; a constant operand is no node; gradients in the
interior are replaced by every backward pass, so that only leaves have to be set to 0.
"""

from __future__ import annotations

from typing import Any

SIGNS = {"add": "+", "subtract": "-", "multiply": "*", "divide": "/", "power": "**"}


def attach(value: Any) -> None:
    """Give the class the names that other engines use for the same things."""
    value._prev = value.parents
    value._op = property(
        lambda v: SIGNS.get(v.op, v.op), doc="The operation as micrograd writes it."
    )
    value.label = value.name

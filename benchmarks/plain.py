"""A plain Value: reverse mode as tutorials write it, in Python and nothing else.

A node keeps its children and the derivative by each, as in microgpt; the backward pass sorts the
graph without recursion.
"""

from __future__ import annotations

import math
from typing import Any


class Value:
    """A number that remembers what it was computed from."""

    __slots__ = ("_children", "_local_grads", "data", "grad")

    def __init__(self, data: float, children: tuple = (), local_grads: tuple = ()) -> None:
        self.data, self.grad = data, 0.0
        self._children, self._local_grads = children, local_grads

    def __add__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, (self, other), (1.0, 1.0))

    def __mul__(self, other: Any) -> Value:
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, (self, other), (other.data, self.data))

    def __pow__(self, n: float) -> Value:
        return Value(self.data**n, (self,), (n * self.data ** (n - 1),))

    def exp(self) -> Value:
        out = math.exp(self.data)
        return Value(out, (self,), (out,))

    def log(self) -> Value:
        return Value(math.log(self.data), (self,), (1 / self.data,))

    def erf(self) -> Value:
        slope = 2 / math.sqrt(math.pi) * math.exp(-self.data * self.data)
        return Value(math.erf(self.data), (self,), (slope,))

    def relu(self) -> Value:
        return Value(max(0.0, self.data), (self,), (float(self.data > 0),))

    def sqrt(self) -> Value:
        return self**0.5

    def __neg__(self) -> Value:
        return self * -1.0

    def __sub__(self, other: Any) -> Value:
        return self + -other

    def __rsub__(self, other: float) -> Value:
        return -self + other

    def __truediv__(self, other: Any) -> Value:
        return self * other**-1

    __radd__, __rmul__ = __add__, __mul__

    def backward(self) -> None:
        """Children come before those computed from them; in reverse, each grad is complete."""
        order: list[Value] = []
        seen, stack = set(), [(self, False)]
        while stack:
            node, complete = stack.pop()
            if complete:
                order.append(node)
            elif node not in seen:
                seen.add(node)
                stack.append((node, True))
                stack.extend((child, False) for child in node._children)
        self.grad = 1.0
        for node in reversed(order):
            for child, local_grad in zip(node._children, node._local_grads):
                child.grad += local_grad * node.grad


exp, log, erf, sqrt = Value.exp, Value.log, Value.erf, Value.sqrt

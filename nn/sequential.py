"""Sequential: modules one after another; and the small parts that stand between them."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

from autograd import Value

from .activations import Activation, activation_function, activation_name
from .initializers import Initializer
from .layers import Layer
from .module import Module


class Linear(Layer):
    """Weighted sums of the inputs and nothing else: a `Layer` without an activation.

    >>> Linear(3, 2, seed=0)
    Linear(3, 2) (8 parameters)
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        *,
        bias: bool = True,
        init: str | Initializer = "auto",
        seed: int | Random | None = None,
    ) -> None:
        super().__init__(n_inputs, n_outputs, None, bias=bias, init=init, seed=seed)

    def extra_repr(self) -> str:
        return f"{self.n_inputs}, {len(self.neurons)}"


class Elementwise(Module):
    """An activation as a module: the same function of each number of a row.

    >>> [v.data for v in Elementwise("relu")([Value(-1.0), Value(2.0)])]
    [0.0, 2.0]
    """

    def __init__(self, activation: Activation) -> None:
        self.activation = activation_function(activation)

    def forward(self, inputs: Any) -> Any:
        """The function of one number, or of each of a row."""
        if self.activation is None:
            return inputs
        if isinstance(inputs, list):
            return [self.activation(x) for x in inputs]
        return self.activation(inputs)

    def extra_repr(self) -> str:
        return repr(activation_name(self.activation))


class Sequential(Module):
    """Modules one after another, each reading what the one before it gives.

    Beside modules there may be names of activations, such as "relu", and functions of one Value,
    which work on each number of a row by itself. Called with a row it gives a row, or a Value if
    there is one number in it; called with a list of rows it gives a list of answers, and only then
    a `BatchNorm` in it can be trained.

    >>> model = Sequential(Linear(2, 8, seed=0), "tanh", Linear(8, 1, seed=1))
    >>> model
    Sequential(
      (steps.0): Linear(2, 8) (24 parameters)
      (steps.1): Elementwise('tanh') (0 parameters)
      (steps.2): Linear(8, 1) (9 parameters)
    ) (33 parameters)
    >>> len(model), isinstance(model([1.0, -1.0]), Value)
    (3, True)
    """

    def __init__(self, *steps: Module | Activation) -> None:
        if not steps:
            raise ValueError("Sequential needs at least one module, as in Sequential(Linear(2, 1))")
        self.steps = [step if isinstance(step, Module) else Elementwise(step) for step in steps]

    def forward(self, inputs: Any) -> Any:
        """The last module's answer to a row, or to each of a list of rows."""
        if hasattr(inputs, "tolist"):
            inputs = inputs.tolist()
        if isinstance(inputs, (list, tuple)) and inputs and isinstance(inputs[0], (list, tuple)):
            return self.of_rows([list(row) for row in inputs])
        x = inputs
        for step in self.steps:
            x = step([x] if isinstance(x, Value) else x)
        return alone(x)

    def of_rows(self, rows: list[Any]) -> list[Any]:
        """The answers to many rows, which a step may look at together."""
        for step in self.steps:
            together = getattr(step, "of_rows", None)
            rows = together(rows) if together else [step(row) for row in rows]
        return [alone(row) for row in rows]

    def __getitem__(self, place: int) -> Module:
        return self.steps[place]

    def __iter__(self) -> Iterator[Module]:
        return iter(self.steps)

    def __len__(self) -> int:
        return len(self.steps)


def alone(row: Any) -> Any:
    """The only number of a row, or the row."""
    return row[0] if isinstance(row, list) and len(row) == 1 else row


class Residual(Module):
    """x + module(x): what the module adds to its input (He et al., 2015).

    >>> part = Residual(Linear(2, 2, init="zeros", seed=0))
    >>> [v.data for v in part([1.0, 2.0])]
    [1.0, 2.0]
    """

    def __init__(self, module: Module) -> None:
        if not isinstance(module, Module):
            raise TypeError(f"Residual wraps a Module, got {module!r}")
        self.module = module

    def forward(self, inputs: Any) -> list[Any]:
        """The row plus what the module makes of it."""
        answer = self.module(inputs)
        answer = [answer] if isinstance(answer, Value) else answer
        row = list(inputs)
        if len(answer) != len(row):
            raise ValueError(
                f"Residual adds what comes out to what went in, but {len(row)} numbers went in "
                f"and {len(answer)} came out: give the module as many outputs as inputs"
            )
        return [x + y for x, y in zip(row, answer, strict=True)]

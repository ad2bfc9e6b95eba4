"""Neuron, Layer, MLP: the network that is made of weighted sums and activations."""

from __future__ import annotations

import operator
from collections.abc import Iterable
from random import Random
from typing import Any

from autograd import Value, dot
from autograd.loops import layer

from .activations import Activation, activation_function, activation_name
from .initializers import Initializer, generator, initializer
from .module import Module
from .row import refuse_nan, row


class Neuron(Module):
    """A weighted sum of the inputs plus a bias, passed through an activation.

    activation(w0·x0 + w1·x1 + … + b): the sum is one `dot` node, the activation one more.

    Args:
        n_inputs: how many numbers the neuron reads.
        activation: the name of an operation of one input ("relu", "tanh", …), a function of one
            Value, or None (or "linear") for the plain sum.
        n_outputs: how many neurons stand side by side in its layer; some initializers ask.
        bias: False leaves the bias out. A bias starts at 0.
        init: an initializer's name or function; see `nn.initializers`.
        seed: an int, a `random.Random`, or None for a different neuron every time.

    >>> neuron = Neuron(2, activation=None)
    >>> neuron.w[0].data, neuron.w[1].data, neuron.b.data = 0.5, -1.0, 0.25
    >>> neuron([4.0, 1.0]).data
    1.25
    """

    def __init__(
        self,
        n_inputs: int,
        activation: Activation = "relu",
        *,
        n_outputs: int = 1,
        bias: bool = True,
        init: str | Initializer = "auto",
        seed: int | Random | None = None,
    ) -> None:
        size(n_inputs, "n_inputs")
        size(n_outputs, "n_outputs")
        self.activation = activation_function(activation)
        draw, rng = initializer(init, activation_name(self.activation)), generator(seed)
        self.weights = [
            Value(draw(rng, n_inputs, n_outputs), name=f"w{i}") for i in range(n_inputs)
        ]
        self.bias = Value(0.0, name="b") if bias else None

    @property
    def w(self) -> list[Value]:
        """The weights, by micrograd's name."""
        return self.weights

    @property
    def b(self) -> Value | None:
        """The bias, by micrograd's name."""
        return self.bias

    def forward(self, inputs: Iterable[float | Value]) -> Value:
        """The neuron's answer to one row of `len(weights)` numbers or Values."""
        inputs = row(inputs, len(self.weights), type(self).__name__)
        total: Value = dot(self.weights, inputs, self.bias)
        answer: Value = total if self.activation is None else self.activation(total)
        return answer

    def extra_repr(self) -> str:
        return f"{len(self.weights)}, activation={activation_name(self.activation)!r}"


class Layer(Module):
    """Neurons side by side: each reads the same inputs and gives one of the outputs.

    Arguments as for `Neuron`; `n_outputs` is the number of neurons. Called with a row of
    `n_inputs` numbers or Values it returns a list of `n_outputs` Values.

    >>> layer = Layer(3, 2, activation="tanh", seed=0)
    >>> layer
    Layer(3, 2, activation='tanh') (8 parameters)
    >>> len(layer([1.0, 2.0, 3.0]))
    2
    """

    def __init__(
        self,
        n_inputs: int,
        n_outputs: int,
        activation: Activation = "relu",
        *,
        bias: bool = True,
        init: str | Initializer = "auto",
        seed: int | Random | None = None,
    ) -> None:
        self.n_inputs = size(n_inputs, "n_inputs")
        rng = generator(seed)
        self.neurons = [
            Neuron(n_inputs, activation, n_outputs=n_outputs, bias=bias, init=init, seed=rng)
            for _ in range(size(n_outputs, "n_outputs"))
        ]

    def forward(self, inputs: Iterable[float | Value]) -> list[Value]:
        """The answers of all neurons to one row of `n_inputs` numbers or Values."""
        if type(inputs) is not list or len(inputs) != self.n_inputs:
            inputs = row(inputs, self.n_inputs, type(self).__name__)
        answers: list[Value] | None = layer(self.neurons, Neuron, inputs)
        if answers is None:  # not all alike: let each do it its own way
            return [neuron(inputs) for neuron in self.neurons]
        return answers

    def extra_repr(self) -> str:
        activation = activation_name(self.neurons[0].activation)
        return f"{self.n_inputs}, {len(self.neurons)}, activation={activation!r}"


class MLP(Module):
    """A multilayer perceptron: layers in a row, each reading the outputs of the one before.

    Args:
        n_inputs: how many numbers one row of the data has.
        sizes: how many neurons each layer has, the last being the number of outputs.
        activation: for every layer but the last, which is linear; as for `Neuron`.
        bias, init, seed: as for `Neuron`.

    Called with a row of `n_inputs` numbers or Values it returns a Value if there is one output,
    otherwise a list of them. A number of the row that is nan is a ValueError: one such row would
    turn every parameter into nan.

    >>> model = MLP(2, [16, 16, 1], seed=0)
    >>> model
    MLP(
      (layers.0): Layer(2, 16, activation='relu') (48 parameters)
      (layers.1): Layer(16, 16, activation='relu') (272 parameters)
      (layers.2): Layer(16, 1, activation='linear') (17 parameters)
    ) (337 parameters)
    >>> isinstance(model([1.0, -1.0]), Value)
    True
    """

    def __init__(
        self,
        n_inputs: int,
        sizes: Iterable[int],
        activation: Activation = "relu",
        *,
        bias: bool = True,
        init: str | Initializer = "auto",
        seed: int | Random | None = None,
    ) -> None:
        example = "sizes must list the neurons of each layer, as in MLP(2, [16, 16, 1])"
        if isinstance(sizes, str) or not isinstance(sizes, Iterable):
            raise TypeError(f"{example}, got {sizes!r}")
        rng, widths = generator(seed), [n_inputs, *sizes]
        if len(widths) == 1:
            raise ValueError(f"{example}, got {sizes!r}")
        last = len(widths) - 2
        self.layers = [
            Layer(
                widths[i],
                widths[i + 1],
                activation if i < last else None,
                bias=bias,
                init=init,
                seed=rng,
            )
            for i in range(last + 1)
        ]

    def forward(self, inputs: Iterable[float | Value]) -> Value | list[Value]:
        """The network's answer to one row of `n_inputs` numbers or Values."""
        layers = self.layers
        if type(inputs) is not list or len(inputs) != layers[0].n_inputs:
            inputs = row(inputs, layers[0].n_inputs, type(self).__name__)
        values: Any = inputs
        for part in layers:
            values = part(values)
        for value in values:
            if value != value:  # nan, of which the inputs may be the reason
                refuse_nan(inputs, type(self).__name__)
                break
        answer: Value | list[Value] = values[0] if len(values) == 1 else values
        return answer


def size(number: int, name: str) -> int:
    """`number` if it is a whole number of at least 1, as the size of a layer must be."""
    if isinstance(number, bool) or not hasattr(number, "__index__"):
        raise TypeError(f"{name} must be an int, got {number!r}")
    if number < 1:
        raise ValueError(f"{name} must be at least 1, got {number}")
    return operator.index(number)

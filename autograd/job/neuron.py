"""One neuron of the trained network looking at one digit, as a graph that fits on a slide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import nn
from autograd import Value, dot, draw, no_grad
from autograd.drawing import Drawing

from .results import Answer

SHOWN = 3  # products of a weight and an input that get cards of their own


def picture(model: nn.MLP, answers: Sequence[Answer]) -> Drawing:
    """The output neuron of the true digit, on the digit the network is least decided about."""
    answer = min(answers, key=lambda answer: abs(answer.probabilities[answer.label] - 0.5))
    loss = graph(model, answer)
    loss.backward()
    chance = answer.probabilities[answer.label]
    return draw(
        loss,
        title=f"The neuron that scores {answer.label}, for a digit {answer.label} "
        f"that the network is {chance:.0%} sure of",
    )


def graph(model: nn.MLP, answer: Answer) -> Value:
    """The loss of one image as a function of the neuron's largest products and of all the others.

    What is outside the picture is a number that the network computed, so the data, the loss and
    every gradient shown are those of the whole network.
    """
    digit = answer.label
    neuron = model.layers[-1].neurons[digit]
    weights = [w.data for w in neuron.weights]
    inputs = inputs_of_last_layer(model, answer.image)
    products = [w * x for w, x in zip(weights, inputs, strict=True)]
    order = sorted(range(len(products)), key=lambda i: -abs(products[i]))
    shown, others = sorted(order[:SHOWN]), order[SHOWN:]
    rest = sum(products[i] for i in others) + (neuron.bias.data if neuron.bias is not None else 0.0)
    z = dot(
        [Value(weights[i], name=f"w[{digit},{i}]") for i in shown],
        [Value(inputs[i], name=f"h[{i}]") for i in shown],
        Value(rest, name=f"{len(others)} others + b" if others else "b"),
    )
    z.name = f"z[{digit}]"
    logits = [*answer.logits[:digit], z, *answer.logits[digit + 1 :]]
    loss: Any = nn.cross_entropy(logits, digit)
    loss.name = "loss"
    loss.parents[0].name = "all z"
    return loss  # type: ignore[no-any-return]


def inputs_of_last_layer(model: nn.MLP, image: list[float]) -> list[float]:
    """What the hidden layers hand on."""
    values: list[Any] = image
    with no_grad():
        for layer in model.layers[:-1]:
            values = layer(values)
    return [value.data for value in values]

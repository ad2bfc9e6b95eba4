"""Initializers: how the weights of a new layer are drawn.

An initializer is one function of (rng, n_inputs, n_outputs) that returns one weight. It is called
once for every weight and draws from the generator it is handed, so that a seed fixes a model and
neither `random` nor NumPy's global generators are read or disturbed.

Weights too large make activations saturate or explode with depth, weights too small make them fade
away; the formulas below keep their variance about the same from layer to layer.
"""

from __future__ import annotations

import operator
from collections.abc import Callable
from math import sqrt
from random import Random
from typing import TypeAlias

from .suggestion import did_you_mean

Initializer: TypeAlias = Callable[[Random, int, int], float]


def uniform(rng: Random, n_inputs: int, n_outputs: int) -> float:
    """A weight between -1 and 1, each equally likely, whatever the size of the layer.

    What micrograd does; fine for layers of a few inputs, too large for wide ones.
    """
    return rng.uniform(-1.0, 1.0)


def xavier_uniform(rng: Random, n_inputs: int, n_outputs: int) -> float:
    """A weight from U(-a, a), a = sqrt(6 / (n_inputs + n_outputs)), for tanh and linear layers.

    Source: Glorot and Bengio, "Understanding the difficulty of training deep feedforward neural
    networks" (2010), equation 16.
    """
    bound = sqrt(6.0 / (n_inputs + n_outputs))
    return rng.uniform(-bound, bound)


def xavier_normal(rng: Random, n_inputs: int, n_outputs: int) -> float:
    """A weight from a normal distribution of variance 2 / (n_inputs + n_outputs).

    Source: Glorot and Bengio (2010), equation 12.
    """
    return rng.gauss(0.0, sqrt(2.0 / (n_inputs + n_outputs)))


def he_uniform(rng: Random, n_inputs: int, n_outputs: int) -> float:
    """A weight from U(-a, a), a = sqrt(6 / n_inputs): the variance of `he_normal`, for relu layers.

    Source: He et al., "Delving deep into rectifiers" (2015), equation 10.
    """
    bound = sqrt(6.0 / n_inputs)
    return rng.uniform(-bound, bound)


def he_normal(rng: Random, n_inputs: int, n_outputs: int) -> float:
    """A weight from a normal distribution of variance 2 / n_inputs, for relu layers.

    The 2 makes up for the half of the inputs that relu sets to zero.
    Source: He et al. (2015), equation 10.
    """
    return rng.gauss(0.0, sqrt(2.0 / n_inputs))


def lecun_uniform(rng: Random, n_inputs: int, n_outputs: int) -> float:
    """A weight from U(-a, a), a = sqrt(3 / n_inputs): the variance of `lecun_normal`.

    Source: LeCun et al., "Efficient BackProp" (1998), section 4.6.
    """
    bound = sqrt(3.0 / n_inputs)
    return rng.uniform(-bound, bound)


def lecun_normal(rng: Random, n_inputs: int, n_outputs: int) -> float:
    """A weight from a normal distribution of variance 1 / n_inputs.

    Source: LeCun et al., "Efficient BackProp" (1998), equation 16.
    """
    return rng.gauss(0.0, sqrt(1.0 / n_inputs))


def zeros(rng: Random, n_inputs: int, n_outputs: int) -> float:
    """0: for models without a hidden layer, whose loss has one valley only."""
    return 0.0


INITIALIZERS: dict[str, Initializer] = {
    "zeros": zeros,
    "uniform": uniform,
    "xavier_uniform": xavier_uniform,
    "xavier_normal": xavier_normal,
    "he_uniform": he_uniform,
    "he_normal": he_normal,
    "lecun_uniform": lecun_uniform,
    "lecun_normal": lecun_normal,
}

# activations that let the positive half through and damp the rest, which he_normal is made for
RELU_LIKE = {"relu", "leaky_relu", "elu", "gelu", "silu", "softplus"}


def initializer(init: str | Initializer, activation: str = "linear") -> Initializer:
    """The initializer of that name, or `init` itself if it is a function already.

    "auto" fits the weights to the activation that follows: `he_normal` before relu and its kin,
    `xavier_normal` before everything else, the linear last layer included.

    Raises ValueError for an unknown name, TypeError for what is neither a name nor a function.

    >>> initializer("auto", "relu").__name__
    'he_normal'
    """
    if callable(init):
        return init
    if not isinstance(init, str):
        raise TypeError(
            f"init must be a name or a function of (rng, n_inputs, n_outputs), got {init!r}"
        )
    if init == "auto":
        return he_normal if activation in RELU_LIKE else xavier_normal
    if init not in INITIALIZERS:
        raise ValueError(
            f"unknown initializer {init!r}: {did_you_mean(init, ['auto', *INITIALIZERS])}"
            f"Allowed are 'auto', {', '.join(map(repr, INITIALIZERS))}, "
            "or a function of (rng, n_inputs, n_outputs)"
        )
    return INITIALIZERS[init]


def generator(seed: int | Random | None) -> Random:
    """A generator of its own: the same numbers for the same seed, fresh ones for None.

    A `random.Random` is used as it is, so that several layers can draw from one stream.

    Raises TypeError for any other kind of seed.
    """
    if isinstance(seed, Random):
        return seed
    if seed is None:
        return Random()
    try:
        return Random(operator.index(seed))
    except TypeError:
        raise TypeError(f"seed must be an int, a random.Random or None, got {seed!r}") from None

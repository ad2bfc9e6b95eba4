"""nn: neural networks made of Values, on top of `autograd` and of its public names alone.

What flows in: rows of numbers. What flows out: Values, whose `backward()` fills in the gradients of
the parameters that an optimizer then moves.

    module        Module: a model that finds its own parameters
    layers        Neuron, Layer, MLP; row: the inputs of one call
    sequential    Sequential, Linear, Residual;  dropout, normalisation, attention  other parts
    perceptron    a hard threshold with a rule of its own;  regression  models of one layer
    activations   the function after the weighted sum, by name
    initializers  how weights are drawn
    losses        one number that says how wrong the predictions are; targets: what they should be
    class_losses  the same for classes;  penalties  what keeps weights small
    optimizer     Optimizer: what all optimizers share
    optimizers    SGD, Adagrad, RMSprop, Adam, AdamW: how the parameters move
    clipping      gradients that are too long;  schedules  how the learning rate changes
    fit           training in one call, and history: what became of the loss
    trainer       steps of training in a loop of your own
    callbacks     what is done after every epoch; checkpoint: training on the disk
    state         the numbers that training changes, checked; saving: as a file
    gradient_flow, decision_boundary, loss_surface: a look at what was learned, and how
    ntk           the neural tangent kernel;  sklearn  networks as estimators of scikit-learn

`fit` stands on columns and rows, the data; objectives, what a loss asks of them; epochs, the loop,
and run, what it changes; eager, the engine of last resort, and batchwise,
for rows that depend on one another; progress and plotting, what is shown; derivatives, what
`gradient_flow` and `ntk` read.
"""

import autograd as _autograd

if not (hasattr(_autograd, "Value") and hasattr(_autograd, "ENGINE")):
    _found = getattr(_autograd, "__file__", None) or list(getattr(_autograd, "__path__", []))
    raise ImportError(
        f"nn needs the autograd package that comes with glassgrad, but found another at {_found}. "
        "HIPS autograd (pip's 'autograd') installs the same import name, and the two cannot share "
        "an environment: pip uninstall autograd, then pip install --force-reinstall glassgrad"
    )

from autograd.shuffling import shuffled

from . import initializers, schedules
from .attention import Embedding, MultiheadAttention
from .callbacks import Callback, EarlyStopping
from .checkpoint import Checkpoint
from .class_losses import cross_entropy, multi_margin_loss
from .clipping import clip_grad_norm_, clip_grad_value_
from .decision_boundary import decision_boundary
from .dropout import Dropout
from .epochs import Diverged
from .fit import fit
from .gradient_flow import gradient_flow
from .history import History
from .layers import MLP, Layer, Neuron
from .loss_surface import loss_surface
from .losses import (
    binary_cross_entropy,
    binary_cross_entropy_with_logits,
    half_squared_error,
    hinge_loss,
    huber_loss,
    kl_div,
    l1_loss,
    mse_loss,
    perceptron_loss,
)
from .module import Module
from .normalisation import BatchNorm, LayerNorm, RMSNorm
from .ntk import ntk
from .optimizer import Optimizer
from .optimizers import SGD, Adagrad, Adam, AdamW, RMSprop
from .penalties import L1, L2, ElasticNet
from .perceptron import Perceptron
from .regression import LinearRegression, LogisticRegression, SoftmaxRegression
from .run import Run
from .sequential import Linear, Residual, Sequential
from .trainer import Trainer

__all__ = [
    "L1",
    "L2",
    "MLP",
    "SGD",
    "Adagrad",
    "Adam",
    "AdamW",
    "BatchNorm",
    "Callback",
    "Checkpoint",
    "Diverged",
    "Dropout",
    "EarlyStopping",
    "ElasticNet",
    "Embedding",
    "History",
    "Layer",
    "LayerNorm",
    "Linear",
    "LinearRegression",
    "LogisticRegression",
    "Module",
    "MultiheadAttention",
    "Neuron",
    "Optimizer",
    "Perceptron",
    "RMSNorm",
    "RMSprop",
    "Residual",
    "Run",
    "Sequential",
    "SoftmaxRegression",
    "Trainer",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "clip_grad_norm_",
    "clip_grad_value_",
    "cross_entropy",
    "decision_boundary",
    "fit",
    "gradient_flow",
    "half_squared_error",
    "hinge_loss",
    "huber_loss",
    "initializers",
    "kl_div",
    "l1_loss",
    "loss_surface",
    "mse_loss",
    "multi_margin_loss",
    "ntk",
    "perceptron_loss",
    "schedules",
    "shuffled",
]

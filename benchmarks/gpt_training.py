"""The small GPT, trained on a name with Adam, a step at a time.

By plain Values, with everything written out; by glassgrad, recorded anew at each step or replayed;
by PyTorch and by JAX on arrays, all positions and heads at once. A step returns the loss before it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from benchmarks import gpt
from benchmarks.engines import Engine
from benchmarks.gpt import ADAM_EPS, BETAS, EPS, HEAD, HEADS, LR, WIDTH
from benchmarks.training import Phases, once, training

STEPS = 5  # timed in a row


def written_out(engine: Engine, letters: int) -> Phases:
    """As in a tutorial: sums of products, and Adam as a loop over the parameters."""
    how, tokens = gpt.sums(engine), gpt.spelled(letters)
    weights = gpt.made_of(engine)
    parameters = gpt.flat(weights)
    (beta1, beta2), t = BETAS, 0
    m, v = [0.0] * len(parameters), [0.0] * len(parameters)

    def step() -> float:
        nonlocal t
        t += 1
        out = gpt.loss(weights, tokens, how)
        out.backward()
        for i, p in enumerate(parameters):
            m[i] = beta1 * m[i] + (1 - beta1) * p.grad
            v[i] = beta2 * v[i] + (1 - beta2) * p.grad**2
            step_size = LR * (m[i] / (1 - beta1**t))
            p.data -= step_size / ((v[i] / (1 - beta2**t)) ** 0.5 + ADAM_EPS)
            p.grad = 0.0
        return out.data

    return training(STEPS, step)


def replayed(engine: Engine, letters: int) -> Phases:
    """glassgrad: a trainer, whose step is one replay and one update."""
    import numpy

    import nn

    how, tokens = gpt.with_take(engine), numpy.array([gpt.spelled(letters)], dtype=float)
    weights = gpt.made_of(engine)
    optimizer = nn.Adam(gpt.flat(weights), lr=LR, betas=BETAS, eps=ADAM_EPS)
    trainer = nn.Trainer(lambda tokens: gpt.loss(weights, tokens, how), optimizer)
    return training(STEPS, lambda: trainer.step(tokens))


def with_jit(engine: Engine, letters: int) -> Phases:
    """glassgrad: the loss recorded by the first step, replayed by the others as one node."""
    import numpy

    how, tokens = gpt.with_take(engine), numpy.array(gpt.spelled(letters))
    weights = gpt.made_of(engine)
    loss = engine.library.jit(lambda tokens: gpt.loss(weights, tokens, how))
    return training(STEPS, stepping(weights, lambda: loss(tokens)))


def eager(engine: Engine, letters: int) -> Phases:
    """glassgrad, recorded anew at every step."""
    return training(STEPS, eager_step(engine, letters))


def eager_once(engine: Engine, letters: int) -> Phases:
    """The same, one step."""
    return once(eager_step(engine, letters))


def eager_step(engine: Engine, letters: int) -> Callable[[], float]:
    """With `dot`, `softmax` and `logsumexp`, and `nn.Adam`."""
    how, tokens = gpt.reductions(engine), gpt.spelled(letters)
    weights = gpt.made_of(engine)
    return stepping(weights, lambda: gpt.loss(weights, tokens, how))


def stepping(weights: gpt.Weights, loss: Callable[[], Any]) -> Callable[[], float]:
    """A step of training, as glassgrad's users write it."""
    import nn

    optimizer = nn.Adam(gpt.flat(weights), lr=LR, betas=BETAS, eps=ADAM_EPS)

    def step() -> float:
        optimizer.zero_grad()
        out = loss()
        out.backward()
        optimizer.step()
        return out.data

    return step


def tensors(engine: Engine, letters: int) -> Phases:
    """PyTorch, operation by operation."""
    step = gpt.tensor_step(letters)
    return training(STEPS, lambda: step()[0])


def jitted(engine: Engine, letters: int) -> Phases:
    """JAX, compiled, all parameters in one array: a call with many costs more, Adam, too."""
    import jax
    from jax import numpy as jnp
    from jax.flatten_util import ravel_pytree

    tokens = jnp.array(gpt.spelled(letters))
    start, unravel = ravel_pytree({m: jnp.array(rows) for m, rows in gpt.initial().items()})
    beta1, beta2 = BETAS

    def norm(x: Any) -> Any:
        return x * (jnp.mean(x * x, axis=-1, keepdims=True) + EPS) ** -0.5

    def loss(parameters: Any, tokens: Any) -> Any:
        w, places = unravel(parameters), len(tokens) - 1
        x = norm(w["token"][tokens[:-1]] + w["position"][:places])
        within = norm(x)
        query, key, value = (
            (within @ w[m].T).reshape(places, HEADS, HEAD) for m in ("query", "key", "value")
        )
        scores = jnp.einsum("ihd,jhd->hij", query, key) / HEAD**0.5
        scores = jnp.where(jnp.tril(jnp.ones((places, places), bool)), scores, -jnp.inf)
        heard = jnp.einsum("hij,jhd->ihd", jax.nn.softmax(scores), value)
        x = x + heard.reshape(places, WIDTH) @ w["output"].T
        x = x + jax.nn.relu(norm(x) @ w["hidden"].T) @ w["back"].T
        surprise = -jax.nn.log_softmax(x @ w["logits"].T)
        return jnp.take_along_axis(surprise, tokens[1:, None], axis=1).mean()

    @jax.jit
    def adam(p: Any, m: Any, v: Any, t: Any, tokens: Any) -> Any:
        out, grad = jax.value_and_grad(loss)(p, tokens)
        t = t + 1
        m = beta1 * m + (1 - beta1) * grad
        v = beta2 * v + (1 - beta2) * grad**2
        p = p - LR * (m / (1 - beta1**t)) / (jnp.sqrt(v / (1 - beta2**t)) + ADAM_EPS)
        return p, m, v, t, out

    state = (start, jnp.zeros_like(start), jnp.zeros_like(start), 0.0)

    def step() -> Any:
        nonlocal state
        *state, out = adam(*state, tokens)
        return out

    return training(STEPS, step)

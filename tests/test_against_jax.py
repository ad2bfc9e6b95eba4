"""The transforms against JAX, in doubles: the same function written once, with either's names.

Skipped where JAX is not installed; it is no dependency of the tests.
"""

import math

import numpy as np
import pytest

import autograd

jax = pytest.importorskip("jax")
jax.config.update("jax_enable_x64", True)
jnp = jax.numpy


class Ours:
    """The names a function needs, of this library."""

    exp, log, sin, tanh, sqrt = (
        autograd.exp,
        autograd.log,
        autograd.sin,
        autograd.tanh,
        autograd.sqrt,
    )
    maximum, where, logsumexp = autograd.maximum, autograd.where, autograd.logsumexp
    softplus = autograd.softplus
    grad, jvp, vjp, hessian = autograd.grad, autograd.jvp, autograd.vjp, autograd.hessian
    array = np.array


class Theirs:
    """The same of JAX."""

    exp, log, sin, tanh, sqrt = jnp.exp, jnp.log, jnp.sin, jnp.tanh, jnp.sqrt
    maximum, where, array = jnp.maximum, jnp.where, jnp.array
    grad, jvp, vjp, hessian = jax.grad, jax.jvp, jax.vjp, jax.hessian
    softplus = jax.nn.softplus

    @staticmethod
    def logsumexp(xs):
        return jax.scipy.special.logsumexp(jnp.stack(xs))


def rosenbrock(m, x):
    return sum((100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(2)), 0.0)


def lagrangian(m, x):
    return 0.5 * x[0] ** 2 * m.exp(x[1]) - m.sin(x[2]) / (1 + x[0] ** 2)


def network(m, x):
    hidden = [m.tanh(x[0] * w + x[1] * (1 - w) + x[2]) for w in (0.3, -1.2, 2.0)]
    return m.softplus(hidden[0] * hidden[1] - hidden[2])


def kinked(m, x):
    return m.maximum(x[0], x[1] ** 2) * m.where(x[2] > 0, m.log(abs(x[2])), x[0]) + abs(x[1])


def mixture(m, x):
    return m.logsumexp([x[0], x[1] * x[2], 2 * x[2]]) ** 1.5


def looped(m, x):
    total = x[0]
    for k in range(5):
        total = m.sqrt(1 + total**2) * m.sin(x[k % 3])
    return total


def nested_slope(m, x):
    """A function with a derivative in it."""
    return m.grad(lambda y: x[0] * m.sin(y * x[1]) * y)(x[2]) ** 2


def nested_curvature(m, x):
    inner = m.grad(m.grad(lambda y: m.exp(-x[0] * y * y)))
    return inner(x[1]) * x[2]


def nested_forward(m, x):
    return m.jvp(lambda y: m.tanh(x[0] * y) * x[1], (x[2],), (x[0] * 1.0,))[1]


def nested_pullback(m, x):
    _, pullback = m.vjp(lambda y: m.exp(y * x[0]), x[1])
    return pullback(x[2])[0]


def with_hessian(m, x):
    h = m.hessian(lambda y: y[0] ** 3 * y[1] * x[0])(m.array([x[1], x[2]]))
    return h[0][1] * h[0][0]


def curried(m, x):
    return m.grad(lambda a: a * m.grad(lambda b: a * b * b * x[0])(x[1]))(x[2])


FUNCTIONS = [rosenbrock, lagrangian, network, kinked, mixture, looped, nested_slope]
FUNCTIONS += [nested_curvature, nested_forward, nested_pullback, with_hessian, curried]
X = np.array([0.7, -1.3, 0.4])
V = np.array([0.5, 2.0, -1.0])
each_function = pytest.mark.parametrize("f", FUNCTIONS, ids=lambda f: f.__name__)


def both(f):
    return lambda x: f(Ours, x), lambda x: f(Theirs, x)


def agree(ours, theirs):
    """Equal to all but the last digits, in the same structure."""
    if isinstance(ours, dict):
        assert ours.keys() == theirs.keys()
        return [agree(ours[k], theirs[k]) for k in ours]
    if isinstance(ours, (list, tuple)):
        assert type(ours) is type(theirs) and len(ours) == len(theirs)
        return [*map(agree, ours, theirs)]
    assert type(ours) is float or ours.dtype == float
    assert np.shape(ours) == theirs.shape
    return np.testing.assert_allclose(ours, theirs, rtol=1e-11, atol=1e-12)


@each_function
def test_gradient(f):
    ours, theirs = both(f)
    agree(autograd.grad(ours)(X), jax.grad(theirs)(X))
    value, gradient = autograd.value_and_grad(ours)(X)
    assert type(value) is float
    agree((value, gradient), jax.value_and_grad(theirs)(X))


@each_function
def test_directions(f):
    ours, theirs = both(f)
    agree(autograd.jvp(ours, (X,), (V,)), jax.jvp(theirs, (X,), (V,)))
    agree(autograd.vjp(ours, X)[1](1.5), jax.vjp(theirs, X)[1](1.5))


@each_function
def test_second_derivatives(f):
    ours, theirs = both(f)
    agree(autograd.hessian(ours)(X), jax.hessian(theirs)(X))
    agree(autograd.hvp(ours, X, V), jax.jvp(jax.grad(theirs), (X,), (V,))[1])
    agree(
        autograd.grad(lambda x: autograd.jvp(ours, (x,), (V,))[1])(X),
        jax.grad(lambda x: jax.jvp(theirs, (x,), (V,))[1])(X),
    )


@each_function
def test_third_derivatives(f):
    ours, theirs = both(f)

    def third(m, g):
        return lambda x: m.jvp(lambda x: m.jvp(m.grad(g), (x,), (V,))[1], (x,), (X,))[1]

    agree(third(Ours, ours)(X), third(Theirs, theirs)(X))


@each_function
@pytest.mark.parametrize(
    ("mode", "theirs_is"), [("fwd", "jacfwd"), ("rev", "jacrev"), (None, "jacfwd")]
)
def test_jacobians(f, mode, theirs_is):
    def several(m, x):
        y = f(m, x)
        return {"y": y * x[0], "more": [m.sin(y), x[2] * 1.0], "shift": x + y}

    ours, theirs = both(several)
    agree(autograd.jacobian(ours, mode=mode)(X), getattr(jax, theirs_is)(theirs)(X))


def structured(m, p, q, scale):
    return (
        m.exp(p["a"] * p["b"][0]) * q[1][0] * scale
        + (q[0] * q[1][1]).sum()
        + p["b"][1] ** 2 * p["c"][1, 0]
    )


ARGUMENTS = (
    {"a": 0.3, "b": [1.2, -0.4], "c": np.arange(4.0).reshape(2, 2)},
    (np.array([1.0, 2.0]), [0.7, np.array([0.2, -3.0])]),
    2.0,
)


@pytest.mark.parametrize("argnums", [0, 1, 2, (0, 1), (2, 0)])
def test_structures(argnums):
    ours = autograd.grad(lambda *xs: structured(Ours, *xs), argnums)(*ARGUMENTS)
    theirs = jax.grad(lambda *xs: structured(Theirs, *xs), argnums)(*ARGUMENTS)
    agree(ours, theirs)


def test_structures_of_second_derivatives():
    ours = autograd.hessian(lambda *xs: structured(Ours, *xs), (0, 1))(*ARGUMENTS)
    theirs = jax.hessian(lambda *xs: structured(Theirs, *xs), (0, 1))(*ARGUMENTS)
    agree(ours, theirs)


def test_structures_of_tangents():
    tangents = ({"a": 1.0, "b": [0.5, -1.0], "c": np.ones((2, 2))}, (V[:2], [0.1, V[1:]]), 0.25)
    ours = autograd.jvp(lambda *xs: structured(Ours, *xs), ARGUMENTS, tangents)
    theirs = jax.jvp(lambda *xs: structured(Theirs, *xs), ARGUMENTS, tangents)
    agree(ours, theirs)


def test_aux():
    def f(m, x):
        y = m.sin(x[0]) * x[1]
        return y * y, {"y": y}

    for ours, theirs in [
        (autograd.grad(lambda x: f(Ours, x), has_aux=True), jax.grad(lambda x: f(Theirs, x), has_aux=True)),
        (autograd.value_and_grad(lambda x: f(Ours, x), has_aux=True),
         jax.value_and_grad(lambda x: f(Theirs, x), has_aux=True)),
    ]:  # fmt: skip
        agree(ours(X), theirs(X))


@pytest.mark.parametrize("order", range(1, 7))
@pytest.mark.parametrize("name", ["tanh", "exp", "sin", "log", "sqrt", "softplus"])
def test_derivatives_of_any_order(name, order):
    ours, theirs = getattr(Ours, name), getattr(Theirs, name)
    for _ in range(order):
        ours, theirs = autograd.grad(ours), jax.grad(theirs)
    assert ours(0.6) == pytest.approx(float(theirs(0.6)), rel=1e-9)


def test_a_checkpoint_and_a_stopped_gradient():
    def f(m, rest, x):
        block = rest(lambda y: m.sin(y * x[0]) * y)
        return block(block(x[1])) * x[2]

    ours = autograd.hessian(lambda x: f(Ours, autograd.checkpoint, x))(X)
    agree(ours, jax.hessian(lambda x: f(Theirs, jax.checkpoint, x))(X))
    assert autograd.grad(lambda x: x * autograd.stop_gradient(autograd.exp(x)))(
        0.5
    ) == pytest.approx(
        float(jax.grad(lambda x: x * jax.lax.stop_gradient(jnp.exp(x)))(0.5)), rel=1e-15
    )


def test_euler_lagrange():
    """q̈ of a double pendulum, from its Lagrangian alone."""

    def lagrangian(m, q, v):
        kinetic = v[0] ** 2 + 0.5 * v[1] ** 2 + v[0] * v[1] * m.sin(q[0] - q[1] + math.pi / 2)
        return kinetic + 9.8 * (2 * m.sin(q[0] + math.pi / 2) + m.sin(q[1] + math.pi / 2))

    def acceleration(of, m, solve, q, v):
        force = of.grad(lambda q: lagrangian(m, q, v))(q)
        mass = of.hessian(lambda v: lagrangian(m, q, v))(v)
        _, moved = of.jvp(lambda q: of.grad(lambda v: lagrangian(m, q, v))(v), (q,), (v,))
        return solve(mass, force - moved)

    q, v = np.array([0.4, -0.9]), np.array([1.1, 0.3])
    agree(
        acceleration(autograd, Ours, np.linalg.solve, q, v),
        acceleration(jax, Theirs, jnp.linalg.solve, q, v),
    )

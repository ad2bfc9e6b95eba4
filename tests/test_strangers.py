"""Programs as people bring them from JAX and HIPS autograd, and what happens around the edges."""

import copy
import gc
import math
import pickle
import threading
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import scipy.optimize
import scipy.sparse.linalg

import autograd
import nn
from autograd import (
    Value,
    checkpoint,
    detect_anomaly,
    exp,
    grad,
    hessian,
    hvp,
    jacobian,
    jvp,
    no_grad,
    sin,
    softplus,
    tanh,
    value_and_grad,
    vjp,
)
from autograd.modes import modes
from autograd.sweeps import running

MODES = {
    "rev": grad,
    "fwd": lambda f: lambda x: jvp(f, (x,), (1.0,))[1],
    "vjp": lambda f: lambda x: vjp(f, x)[1](1.0)[0],
    "jac": jacobian,
}
outer_mode = pytest.mark.parametrize("d", MODES.values(), ids=MODES)
inner_mode = pytest.mark.parametrize("e", MODES.values(), ids=MODES)
native_only = pytest.mark.skipif(autograd.ENGINE != "native", reason="the collector has cycles")


# -- what people write


def test_newton_finds_a_root_of_a_system():
    def f(x):
        return np.array([x[0] ** 2 + x[1] ** 2 - 4, x[0] * x[1] - 1])

    x = np.array([2.0, 0.3])
    for _ in range(8):
        x = x - np.linalg.solve(jacobian(f)(x), f(x))
    np.testing.assert_allclose(f(x), 0, atol=1e-14)


def test_halleys_method():
    f = lambda x: x**3 - 2 * x - 5  # noqa: E731
    x = 2.0
    for _ in range(4):
        f1, f2 = grad(f)(x), grad(grad(f))(x)
        x = x - 2 * f(x) * f1 / (2 * f1 * f1 - f(x) * f2)
    assert f(x) == pytest.approx(0, abs=1e-14)


def test_logistic_regression_with_newton_cg():
    random = np.random.default_rng(0)
    x = random.normal(size=(40, 3))
    y = (x @ [1.0, -2.0, 0.5] + random.normal(size=40) > 0).astype(float)

    def loss(w):
        return sum(softplus(z) - t * z for z, t in zip(x @ w, y)) + 0.05 * (w @ w)

    found = scipy.optimize.minimize(
        value_and_grad(loss),
        np.zeros(3),
        jac=True,
        method="Newton-CG",
        hessp=lambda w, v: hvp(loss, w, v),
    )
    w = found.x
    p = 1 / (1 + np.exp(-x @ w))
    np.testing.assert_allclose(x.T @ (p - y) + 0.1 * w, 0, atol=1e-4)
    by_hand = x.T @ (x * (p * (1 - p))[:, None]) + 0.1 * np.eye(3)
    np.testing.assert_allclose(hessian(loss)(w), by_hand, rtol=1e-10)


def test_conjugate_gradients_with_a_linear_operator():
    f = lambda x: (exp(x[0]) + x[0] * x[1]) + (x @ x) ** 2  # noqa: E731
    x = np.array([0.2, 0.5, -0.1])
    operator = scipy.sparse.linalg.LinearOperator((3, 3), matvec=lambda v: hvp(f, x, v.ravel()))
    solved, failed = scipy.sparse.linalg.gmres(operator, grad(f)(x), rtol=1e-12)
    assert not failed
    np.testing.assert_allclose(solved, np.linalg.solve(hessian(f)(x), grad(f)(x)), rtol=1e-9)


@outer_mode
@inner_mode
def test_maml(d, e):
    """The derivative through steps of gradient descent on each task."""

    def loss(w, task):
        return (tanh(w * task[0]) - task[1]) ** 2

    tasks = [(0.5, 0.2), (1.5, -0.4)]

    def after_adapting(w):
        total = 0.0
        for task in tasks:
            inner = w
            for _ in range(3):
                inner = inner - 0.3 * e(lambda w: loss(w, task))(inner)  # noqa: B023
            total = total + loss(inner, task)
        return total

    h = 1e-5
    numeric = (after_adapting(0.4 + h) - after_adapting(0.4 - h)) / (2 * h)
    assert d(after_adapting)(0.4) == pytest.approx(numeric, rel=1e-8)


@outer_mode
@inner_mode
def test_hamiltonian_and_euler_lagrange_agree(d, e):
    """A pendulum: q̈ from its Lagrangian, and from Hamilton's equations."""
    lagrangian = lambda q, v: 0.5 * v * v + 9.8 * autograd.cos(q)  # noqa: E731

    def acceleration(q, v):
        momentum = lambda q, v: e(lambda u: lagrangian(q, u))(v)  # noqa: E731
        force = d(lambda q: lagrangian(q, v))(q)
        return (force - d(lambda q: momentum(q, v))(q) * v) / d(lambda v: momentum(q, v))(v)

    hamiltonian = lambda q, p: 0.5 * p * p - 9.8 * autograd.cos(q)  # noqa: E731
    assert acceleration(0.7, 0.2) == pytest.approx(
        -d(lambda q: hamiltonian(q, 0.2))(0.7), rel=1e-14
    )
    assert acceleration(0.7, 0.2) == pytest.approx(-9.8 * math.sin(0.7), rel=1e-14)


@outer_mode
@inner_mode
def test_implicit_differentiation(d, e):
    """x(a) with x³ + a·x = 1: dx/da = −(∂F/∂a) / (∂F/∂x), and that of it again."""
    equation = lambda x, a: x**3 + a * x - 1  # noqa: E731

    def solve(a):
        x = 0.5
        for _ in range(30):
            x = x - equation(x, a) / e(lambda x: equation(x, a))(x)
        return x

    x = solve(2.0)
    implicit = -x / (3 * x * x + 2.0)
    assert d(solve)(2.0) == pytest.approx(implicit, rel=1e-12)
    h = 1e-5
    assert d(d(solve))(2.0) == pytest.approx(
        (d(solve)(2 + h) - d(solve)(2 - h)) / (2 * h), rel=1e-7
    )


@outer_mode
@inner_mode
def test_argmin_of_argmin(d, e):
    """The inner problem's answer, y = x/2 + 1, is itself found by descent, twice over."""

    def argmin(f, y):
        for _ in range(40):
            y = y - 0.45 * e(f)(y)
        return y

    def middle(x):
        return argmin(lambda y: (y - argmin(lambda z: (z - x / 2) ** 2, 0.0) - 1) ** 2, 0.0)

    assert middle(3.0) == pytest.approx(2.5, rel=1e-12)
    assert d(middle)(3.0) == pytest.approx(0.5, rel=1e-12)
    assert d(lambda x: middle(x) ** 2)(3.0) == pytest.approx(2.5, rel=1e-12)


def test_a_gradient_penalty_trains():
    """Lipschitz: the slope by the input is part of the loss; it goes to 1."""
    model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
    optimizer = nn.Adam(model.parameters(), lr=0.05)

    def slope(at):
        gx, gy = grad(lambda x: model(x))([Value(a) for a in at])
        return (gx * gx + gy * gy + 1e-12) ** 0.5

    points = [(0.1, 0.5), (-0.7, 0.3), (0.9, -0.8)]
    for _ in range(60):
        optimizer.zero_grad()
        loss = sum((slope(p) - 1) ** 2 for p in points)
        loss.backward()
        optimizer.step()
    assert loss.data < 1e-2


@native_only
def test_training_through_derivatives_leaves_nothing_behind():
    model = nn.MLP(1, [3, 1], activation="tanh", seed=0)
    curvature = grad(grad(lambda x: model([x])))
    sizes = []
    for k in range(6):
        x = Value(0.1 * k)
        loss = (curvature(x) - model([x])) ** 2
        loss.backward(create_graph=k % 2 == 0)
        model.zero_grad()
        x.grad = 0.0
        del x, loss
        gc.collect()
        sizes.append(autograd.memory()["nodes"])
    assert len(set(sizes)) == 1, sizes


# -- state after errors


class Stop(BaseException):
    """As KeyboardInterrupt is."""


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt, Stop, GeneratorExit])
@pytest.mark.parametrize("transform", [
    lambda f: grad(f)(1.0), lambda f: jvp(f, (1.0,), (1.0,)), lambda f: vjp(f, 1.0),
    lambda f: hessian(f)(1.0), lambda f: jacobian(f)(1.0), lambda f: hvp(f, 1.0, 1.0),
    lambda f: grad(lambda x: grad(f)(x) * x)(1.0), lambda f: checkpoint(f)(Value(1.0)),
    lambda f: grad(checkpoint(f))(1.0), lambda f: no_grad()(lambda: grad(f)(1.0))(),
    lambda f: detect_anomaly()(lambda: grad(f)(1.0))(),
])  # fmt: skip
def test_an_error_restores_the_state(error, transform):
    def f(x):
        y = x * x
        with no_grad():
            raise error("stop")
        return y

    with pytest.raises(error):
        transform(f)
    assert running == [] and modes == []
    assert (Value(1.0) * 2).parents
    assert type(grad(lambda x: x * Value(3.0))(1.0)) is float


@pytest.mark.parametrize("error", [ZeroDivisionError, KeyboardInterrupt])
@pytest.mark.parametrize("create_graph", [False, True])
def test_an_error_in_a_hook_restores_the_state(error, create_graph):
    x, w = Value(3.0), Value(2.0)

    def hook(g):
        raise error("stop")

    y = x * w
    z = y * 2
    with y.register_hook(hook), no_grad(), pytest.raises(error):
        z.backward(create_graph=create_graph)
    assert modes == [] and x.grad == w.grad == 0.0
    z.backward()
    assert (x.grad, w.grad) == (4.0, 6.0)


def test_a_function_with_side_effects_runs_once():
    seen = []

    def f(x):
        seen.append(x.data)
        return x * len(seen)

    assert value_and_grad(f)(2.0) == (2.0, 1.0)
    assert grad(grad(f))(2.0) == 0.0
    assert seen == [2.0, 2.0]


def test_generators_and_recursion():
    def powers(x):
        y = x
        while True:
            yield y
            y = y * x

    def series(x):
        return sum(y / math.factorial(k) for k, y in zip(range(1, 25), powers(x)))

    assert grad(series)(0.5) == pytest.approx(math.exp(0.5), rel=1e-14)
    assert grad(grad(series))(0.5) == pytest.approx(math.exp(0.5), rel=1e-14)

    def deep(x, n):
        return x if n == 0 else sin(deep(x, n - 1))

    assert grad(lambda x: deep(x, 200))(1.0) == pytest.approx(
        math.prod(math.cos(deep(1.0, k)) for k in range(200)), rel=1e-12
    )


def test_a_generator_that_is_left_half_way_inside():
    """What it holds open is closed when it goes; the function around goes on."""

    def numbers(x):
        with detect_anomaly():
            yield x
            yield x * 2

    def f(x):
        first = next(iter(numbers(x)))
        gc.collect()
        return first * 3

    assert grad(f)(1.0) == 3.0
    assert modes == [] and running == []


# -- threads


def test_threads_differentiate_at_once():
    def work(k):
        f = lambda x: exp(-x * x * k) * tanh(x * grad(lambda y: x * y * y)(k))  # noqa: E731
        return [grad(grad(f))(0.1 * i) for i in range(30)]

    alone = [work(float(k)) for k in range(6)]
    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(work, map(float, range(6)))) == alone
    assert running == []


def test_no_grad_of_one_thread_is_none_of_anothers():
    inside, done = threading.Event(), threading.Event()

    def pauses():
        with no_grad():
            inside.set()
            done.wait(10)

    thread = threading.Thread(target=pauses)
    thread.start()
    inside.wait(10)
    assert grad(grad(lambda x: x**3))(2.0) == 12.0
    done.set()
    thread.join()
    assert modes == []


# -- size


def test_deep_chains():
    def chain(x):
        for _ in range(100_000):
            x = x * 1.00001 + 1e-9
        return x

    def short(x):
        for _ in range(10_000):
            x = sin(x) + x * 0.5
        return x

    slope = 1.00001**100_000
    assert grad(chain)(1.0) == pytest.approx(slope, rel=1e-10)
    assert jvp(chain, (1.0,), (1.0,))[1] == pytest.approx(slope, rel=1e-10)
    assert grad(grad(short))(0.5) == pytest.approx(jvp(grad(short), (0.5,), (1.0,))[1], rel=1e-9)
    x = Value(1.0)
    y = grad(chain)(x)
    y.backward(create_graph=True)
    x.grad = 0.0
    del y


def test_wide_functions():
    xs = [1.0 + k / 1e5 for k in range(100_000)]
    gradient = grad(lambda xs: autograd.sum([x * x for x in xs]))(xs)
    assert gradient[::9999] == [2 * x for x in xs[::9999]]
    array = np.array(xs)
    np.testing.assert_allclose(hvp(lambda x: (x * x * x).sum(), array, np.ones(100_000)), 6 * array)


# -- gradients that are Values, wherever a number was expected; threads


def leaf_with_a_graph():
    x = Value(2.0, name="x")
    y = x**3
    y.backward(create_graph=True)
    return x, y


def test_a_copy_of_a_node_whose_gradient_is_a_value():
    x, y = leaf_with_a_graph()
    for twin in (
        copy.copy(x),
        copy.deepcopy(y).history()[0],
        pickle.loads(pickle.dumps(y)).history()[0],
    ):
        assert getattr(twin.grad, "data", twin.grad) == 12.0


def test_a_picture_of_a_node_whose_gradient_is_a_value():
    assert "12" in autograd.draw(leaf_with_a_graph()[1]).svg()


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam], ids=lambda o: o.__name__)
def test_a_step_along_gradients_that_are_values(optimizer):
    x, _ = leaf_with_a_graph()
    optimizer([x], lr=0.5).step()
    assert x.data < 2.0


def test_a_backward_pass_inside_a_function_of_a_value():
    def slope(x):
        y = x**3
        y.backward(create_graph=True)
        return x.grad

    assert grad(slope)(2.0) == 12.0  # this works, the second derivative of x³
    assert grad(slope)(Value(2.0)).data == 12.0


def test_a_thread_inside_a_function():
    """The worker works for an outer derivative, though it is another thread's."""

    def f(x):
        with ThreadPoolExecutor(1) as pool:
            return pool.submit(grad(lambda y: x * y * y), 2.0).result()

    assert grad(f)(3.0) == 4.0

"""jacobian, hessian and hvp: against SymPy, closed forms and finite differences."""

import math

import numpy as np
import pytest
import scipy.optimize
import sympy

import autograd
from autograd import Value, exp, grad, hessian, hvp, jacobian, jvp, log, sin


def rosenbrock(x):
    return sum(100 * (x[i + 1] - x[i] ** 2) ** 2 + (1 - x[i]) ** 2 for i in range(len(x) - 1))


def polar(p):
    r, phi = p
    return [r * autograd.cos(phi), r * sin(phi)]


@pytest.mark.parametrize("mode", [None, "fwd", "rev"])
def test_the_jacobian_of_polar_coordinates(mode):
    r, phi = 2.0, 0.5
    want = [[math.cos(phi), -r * math.sin(phi)], [math.sin(phi), r * math.cos(phi)]]
    np.testing.assert_allclose(jacobian(polar, mode=mode)([r, phi]), want, rtol=1e-15)


@pytest.mark.parametrize("mode", [None, "fwd", "rev"])
@pytest.mark.parametrize(("rows", "columns"), [(2, 5), (5, 2), (3, 3), (1, 4), (4, 1)])
def test_both_ways_agree_with_the_matrix(mode, rows, columns):
    a = np.random.default_rng(0).normal(size=(rows, columns))
    x = np.linspace(0.1, 1.0, columns)
    found = jacobian(lambda x: np.tanh(a @ x), mode=mode)(x)
    want = (1 - np.tanh(a @ x) ** 2)[:, None] * a
    np.testing.assert_allclose(found, want, rtol=1e-13)


def test_the_fewer_sweeps_are_chosen(monkeypatch):
    from autograd.transforms import recorded

    calls = []
    for way in ("pull", "push"):
        before = getattr(recorded.Recorded, way)
        monkeypatch.setattr(
            recorded.Recorded,
            way,
            lambda *a, way=way, before=before: calls.append(way) or before(*a),
        )
    jacobian(lambda x: [x[0] * x[1] * x[2]])([1.0, 2.0, 3.0])
    assert calls == ["pull"]
    calls.clear()
    jacobian(lambda x: [x[0], x[0] * 2, x[0] * 3])([1.0])
    assert calls == ["push"]


def test_structures():
    def f(p, t):
        return {"a": p["x"] * p["y"] * t, "b": [p["x"] ** 2, p["y"].sum()]}

    p = {"x": 3.0, "y": np.array([1.0, 2.0])}
    found = jacobian(lambda p, t: f(p, t)["b"], argnums=(0, 1))(p, 2.0)
    (square, total) = found
    assert square[0]["x"] == 6.0 and square[0]["y"].tolist() == [0.0, 0.0] and square[1] == 0.0
    assert total[0]["y"].tolist() == [1.0, 1.0]
    found = jacobian(f)(p, 2.0)
    assert found["a"]["x"].tolist() == [2.0, 4.0]
    assert found["a"]["y"].tolist() == [[6.0, 0.0], [0.0, 6.0]]
    assert jacobian(lambda x: x * 3)(2.0) == 3.0
    assert jacobian(lambda x: [x, 5.0, x * x], has_aux=False)(2.0) == [1.0, 0.0, 4.0]
    assert jacobian(lambda x: ([x], x * 2), has_aux=True)(2.0) == ([1.0], 4.0)


def test_an_array_of_any_shape():
    x = np.arange(1.0, 5.0).reshape(2, 2)
    found = jacobian(lambda x: x @ x)(x)
    assert found.shape == (2, 2, 2, 2)
    eye = np.eye(2)
    want = np.einsum("ia,bj->ijab", eye, x) + np.einsum("ia,jb->ijab", x, eye)
    np.testing.assert_allclose(found, want)


def test_the_hessian_as_sympy():
    symbols = sympy.symbols("x:4")
    x = [0.3, -1.2, 0.8, 1.5]
    want = sympy.hessian(rosenbrock(symbols), symbols).subs(dict(zip(symbols, x, strict=True)))
    np.testing.assert_allclose(hessian(rosenbrock)(x), np.array(want, float), rtol=1e-13)
    np.testing.assert_allclose(hessian(rosenbrock)(np.array(x)), np.array(want, float), rtol=1e-13)


def test_the_hessian_of_several_arguments():
    ((xx, xy), (yx, yy)) = hessian(lambda x, y: x**2 * y**3, argnums=(0, 1))(2.0, 3.0)
    assert (xx, xy, yx, yy) == (54.0, 108.0, 108.0, 72.0)
    assert hessian(lambda x: (x**3, "aux"), has_aux=True)(2.0) == (12.0, "aux")
    assert hessian(lambda p: p["a"] * p["b"])({"a": 1.0, "b": 2.0}) == {
        "a": {"a": 0.0, "b": 1.0},
        "b": {"a": 1.0, "b": 0.0},
    }


def test_hvp_is_the_hessian_times_the_vector():
    rng = np.random.default_rng(1)
    x, v = rng.normal(size=6), rng.normal(size=6)
    np.testing.assert_allclose(hvp(rosenbrock, x, v), hessian(rosenbrock)(x) @ v, rtol=1e-12)
    assert hvp(lambda p: p["a"] ** 2 * p["b"], {"a": 1.0, "b": 2.0}, {"a": 1.0, "b": 0.0}) == {
        "a": 4.0,
        "b": 2.0,
    }


def test_inside_other_derivatives():
    """d/dt of the determinant and trace of a Jacobian or Hessian that depends on t."""
    area = lambda t: (lambda m: m[0][0] * m[1][1] - m[0][1] * m[1][0])(  # noqa: E731
        jacobian(lambda p: polar([p[0] * t, p[1]]))([2.0, 0.5])
    )
    assert area(3.0) == pytest.approx(18.0)  # 2 t²
    assert grad(area)(3.0) == pytest.approx(12.0)
    curvature = lambda t: hessian(lambda x: exp(t * x) + x**2 * t)(0.5)  # noqa: E731
    want = 2 * 3 * math.exp(1.5) + 9 * 0.5 * math.exp(1.5) + 2
    assert grad(curvature)(3.0) == pytest.approx(want)
    assert jvp(curvature, (3.0,), (1.0,))[1] == pytest.approx(want)
    third = jacobian(hessian(lambda x: x[0] ** 3 * x[1]))([2.0, 5.0])
    assert third[0][0] == [30.0, 12.0] and third[1][1] == [0.0, 0.0]


def test_of_values():
    x = Value(2.0)
    (row,) = jacobian(lambda x: [x**3])(x)
    assert isinstance(row, Value) and row.data == 12.0
    row.backward()
    assert x.grad == 12.0


def test_least_squares():
    t = np.linspace(0, 1, 20)
    y = 2.5 * np.exp(-1.3 * t)

    def residuals(p):
        return p[0] * np.exp(p[1] * t) - y

    found = scipy.optimize.least_squares(residuals, np.array([1.0, -0.5]), jac=jacobian(residuals))
    np.testing.assert_allclose(found.x, [2.5, -1.3], rtol=1e-6)

    def as_list(p):
        return [p[0] * exp(p[1] * s) - r for s, r in zip(t.tolist(), y.tolist(), strict=True)]

    found = scipy.optimize.least_squares(as_list, np.array([1.0, -0.5]), jac=jacobian(as_list))
    np.testing.assert_allclose(found.x, [2.5, -1.3], rtol=1e-6)


def test_newton_with_grad_and_hessian():
    found = scipy.optimize.minimize(
        rosenbrock,
        np.zeros(4),
        jac=grad(rosenbrock),
        hess=hessian(rosenbrock),
        method="trust-exact",
    )
    np.testing.assert_allclose(found.x, np.ones(4), atol=1e-3)


def test_misuse():
    with pytest.raises(ValueError, match='mode of jacobian must be "fwd", "rev" or None, got .up.'):
        jacobian(polar, mode="up")
    with pytest.raises(TypeError, match=r"jacobian takes a function, got \[1.0\]"):
        jacobian([1.0])
    with pytest.raises(TypeError, match=r"the result of <lambda>\[1\] is 'a', of type str"):
        jacobian(lambda x: [x, "a"])(1.0)
    with pytest.raises(TypeError, match="argument 0 of log is 3, of type int"):
        jacobian(log)(3)
    with pytest.raises(ValueError, match="tangent 0 of jvp must have the structure of primal 0"):
        hvp(rosenbrock, [1.0, 2.0], [1.0])

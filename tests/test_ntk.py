"""The neural tangent kernel: against gradients by backward(), closed forms, and lazy training."""

import pytest

import nn
from autograd.tape.recorder import FrozenRecording

np = pytest.importorskip("numpy")
X = np.array([[0.5, -1.0], [1.0, 2.0], [-0.3, 0.7]])


def by_backward(model, x, k=None):
    model.zero_grad()
    out = model(list(x))
    (out if k is None else out[k]).backward()
    found = np.array([p.grad for p in model.parameters()])
    model.zero_grad()
    return found


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_it_is_the_product_of_gradients(activation):
    model = nn.MLP(2, [5, 4, 1], activation=activation, seed=0)
    J = np.array([by_backward(model, x) for x in X])
    K = nn.ntk(model, X)
    assert pytest.approx(J @ J.T, rel=1e-12) == K
    assert nn.ntk(model, X[:2], X[1:]) == pytest.approx(J[:2] @ J[1:].T, rel=1e-12)
    assert (K == K.T).all() and np.linalg.eigvalsh(K).min() > -1e-12


def test_of_a_linear_model_it_is_the_linear_kernel():
    assert nn.ntk(nn.LinearRegression(2), X) == pytest.approx(X @ X.T + 1.0)


def test_several_outputs():
    model = nn.MLP(2, [4, 3], activation="tanh", seed=0)
    J = np.array([[by_backward(model, x, k) for k in range(3)] for x in X])
    K = nn.ntk(model, X, X[:2])
    assert K.shape == (3, 2, 3, 3)
    assert pytest.approx(np.einsum("aip,bjp->abij", J, J[:2]), rel=1e-12) == K


def test_kernel_regression_with_it_fits_the_data():
    kernel_ridge = pytest.importorskip("sklearn.kernel_ridge")
    model = nn.MLP(2, [30, 1], activation="tanh", seed=0)
    y = np.array([1.0, -1.0, 0.5])
    K = nn.ntk(model, X)
    assert K @ np.linalg.solve(K, y) == pytest.approx(y)
    ridge = kernel_ridge.KernelRidge(alpha=1e-8, kernel="precomputed").fit(K, y)
    assert ridge.predict(nn.ntk(model, X, X)) == pytest.approx(y, abs=1e-4)


def test_the_wider_the_lazier():
    """Parameters move less and less while the error goes to 0."""
    x = np.linspace(-1.0, 1.0, 6)[:, None]
    y, moved = np.sin(3.0 * x[:, 0]), []
    for width in (10, 60):
        model = nn.MLP(1, [width, 1], activation="tanh", init="lecun_normal", seed=0)
        start = np.array([p.data for p in model.parameters()])
        nn.fit(model, x, y, "mse_loss", nn.Adam(model.parameters(), lr=0.3 / width), 300, None)
        end = np.array([p.data for p in model.parameters()])
        assert np.mean((model.predict(x) - y) ** 2) < 5e-3
        moved.append(np.linalg.norm(end - start) / np.linalg.norm(start))
    assert moved[1] < 0.6 * moved[0]


def test_a_model_is_asked_for():
    with pytest.raises(TypeError, match="ntk is of a Module, got 3"):
        nn.ntk(3, X)


def test_a_model_that_cannot_be_replayed():
    class Frozen(nn.MLP):
        def forward(self, x):
            return super().forward(x) * (1.0 + 0.0 * self.layers[0](x)[0].data)  # reads .data

    model, plain = (kind(2, [3, 1], activation="tanh", seed=0) for kind in (Frozen, nn.MLP))
    for p in model.parameters():
        p.grad = 7.0
    with pytest.warns(FrozenRecording):
        found = nn.ntk(model, X)
    assert found == pytest.approx(nn.ntk(plain, X))
    assert {p.grad for p in model.parameters()} == {7.0}
    with pytest.warns(FrozenRecording):
        flow = nn.gradient_flow(model, X, [1.0, 0.0, 0.5], "mse_loss")
    expected = nn.gradient_flow(plain, X, [1.0, 0.0, 0.5], "mse_loss")
    assert [layer.gradient for layer in flow] == pytest.approx(
        [layer.gradient for layer in expected]
    )

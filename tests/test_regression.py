"""Models of one layer: at the optimum that closed forms and scikit-learn find."""

import pytest

import nn

np = pytest.importorskip("numpy")
rng = np.random.default_rng(0)
X = rng.normal(size=(60, 2))


def test_linear_regression_finds_the_normal_equations():
    y = X @ [1.5, -2.0] + 0.7 + 0.1 * rng.normal(size=60)
    model = nn.LinearRegression(2)
    nn.fit(model, X, y, "half_squared_error", nn.SGD(model.parameters(), lr=0.5), 200, None)
    A = np.c_[X, np.ones(60)]
    expected = np.linalg.solve(A.T @ A, A.T @ y)
    assert [p.data for p in model.parameters()] == pytest.approx(expected, rel=1e-8)


def test_logistic_regression_finds_what_scikit_learn_finds():
    linear_model = pytest.importorskip("sklearn.linear_model")
    y = (X @ [2.0, -1.0] + 0.3 + rng.logistic(size=60) > 0).astype(int)
    model = nn.LogisticRegression(2)
    nn.fit(
        model,
        X,
        y,
        "binary_cross_entropy_with_logits",
        nn.SGD(model.parameters(), lr=2.0),
        800,
        None,
        penalty=nn.L2(1 / 60),
    )
    expected = linear_model.LogisticRegression(C=1.0, tol=1e-10, max_iter=1000).fit(X, y)
    found = [p.data for p in model.parameters()]
    assert found == pytest.approx([*expected.coef_[0], expected.intercept_[0]], rel=1e-5)
    assert model.probability(X[0].tolist()).data == pytest.approx(
        expected.predict_proba(X[:1])[0, 1], rel=1e-5
    )


@pytest.mark.parametrize("full", [True, False])
def test_softmax_regression_in_both_forms(full):
    y = (X[:, 0] > 0.3).astype(int) + (X[:, 1] > 0)
    model = nn.SoftmaxRegression(2, 3, full=full)
    history = nn.fit(model, X, y, "cross_entropy", nn.SGD(model.parameters(), lr=0.5), 60, None)
    assert history["loss"][-1] < history["loss"][0] == pytest.approx(np.log(3.0))
    assert sum(p.data for p in model.probabilities(X[0].tolist())) == pytest.approx(1.0)
    assert len(model.parameters()) == (9 if full else 6)


def test_one_set_of_parameters_is_too_many():
    """Adding the same to all classes changes nothing; taking class 0 off leaves the K - 1 form."""
    full, less = (
        nn.SoftmaxRegression(2, 3, seed=0, init="xavier_normal"),
        nn.SoftmaxRegression(2, 3, full=False),
    )
    first = [p.data for p in full.scores.neurons[0].parameters()]
    for neuron, other in zip(less.scores.neurons, full.scores.neurons[1:], strict=True):
        for p, q, shift in zip(neuron.parameters(), other.parameters(), first, strict=True):
            p.data = q.data - shift
    x = [0.4, -1.3]
    one, two = ([p.data for p in m.probabilities(x)] for m in (full, less))
    assert one == pytest.approx(two, rel=1e-12)


def test_two_classes_are_logistic_regression():
    softmax, logistic = nn.SoftmaxRegression(2, 2, full=False), nn.LogisticRegression(2)
    for p, q, x in zip(softmax.parameters(), logistic.parameters(), (0.5, -1.0, 0.2), strict=True):
        p.data = q.data = x
    row = [1.0, 2.0]
    assert softmax.probabilities(row)[1].data == pytest.approx(logistic.probability(row).data)


def test_too_few_classes_are_refused():
    with pytest.raises(ValueError, match="there must be at least 2 classes, got 1"):
        nn.SoftmaxRegression(2, 1)

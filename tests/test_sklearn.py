"""nn.sklearn: scikit-learn's own checks, its reductions and searches, and the tree that is ours."""

import numpy as np
import pytest

pytest.importorskip("sklearn")
from sklearn.datasets import make_blobs, make_moons
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import GridSearchCV, KFold, cross_val_score
from sklearn.multiclass import OneVsOneClassifier, OneVsRestClassifier, OutputCodeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures, StandardScaler
from sklearn.utils.estimator_checks import parametrize_with_checks

import nn
from nn.sklearn import MLPClassifier, MLPRegressor, TreeClassifier

QUICK = {"max_iter": 40, "learning_rate_init": 0.05, "random_state": 0}
X, y = make_blobs(80, centers=5, cluster_std=1.2, random_state=1)
small = MLPClassifier((8,), **QUICK)


@parametrize_with_checks(
    [MLPClassifier((6,), **QUICK), MLPRegressor((6,), **QUICK), TreeClassifier()]
)
def test_scikit_learns_checks(estimator, check):
    check(estimator)


@pytest.mark.parametrize(
    "reduction", [OneVsRestClassifier, OneVsOneClassifier, OutputCodeClassifier, TreeClassifier]
)
def test_reductions_work_on_it(reduction):
    more = {"random_state": 0} if reduction is OutputCodeClassifier else {}
    found = make_pipeline(StandardScaler(), reduction(small, **more)).fit(X, y)
    assert found.score(X, y) > 0.85


def test_pipelines_searches_and_cross_validation():
    moons, t = make_moons(100, noise=0.2, random_state=0)
    model = make_pipeline(StandardScaler(), MLPClassifier((8,), "tanh", **QUICK))
    search = GridSearchCV(model, {"mlpclassifier__alpha": [0.0, 10.0]}, cv=2).fit(moons, t)
    assert search.best_score_ > 0.8
    scores = cross_val_score(model, moons, t, cv=KFold(4, shuffle=True, random_state=0))
    assert len(scores) == 4 and scores.mean() > 0.8


def test_the_network_inside_is_one_of_nn():
    found = MLPClassifier((4,), **QUICK).fit(X, y)
    assert isinstance(found.model_, nn.MLP)
    assert found.predict_proba(X).sum(axis=1) == pytest.approx(1.0)
    logits = np.array([[v.data for v in found.model_(row)] for row in X.tolist()])
    assert found.decision_function(X) == pytest.approx(logits)
    assert len(found.loss_curve_) == found.n_iter_ == 40


def test_alpha_pulls_weights_together():
    sizes = []
    for alpha in (0.0, 50.0):
        model = MLPClassifier((8,), alpha=alpha, **QUICK).fit(X, y).model_
        sizes.append(nn.L2(1.0)(model).data)
    assert sizes[1] < 0.5 * sizes[0]


def test_early_stopping_and_warm_start():
    model = MLPClassifier(
        (8,),
        early_stopping=True,
        n_iter_no_change=3,
        max_iter=500,
        learning_rate_init=0.1,
        random_state=0,
    )
    assert model.fit(X, y).n_iter_ < 500
    again = MLPClassifier((8,), warm_start=True, **QUICK).fit(X, y)
    before = again.loss_
    assert again.fit(X, y).loss_ < before


def test_linear_regression_on_polynomial_features():
    x = np.linspace(-1, 1, 40)[:, None]
    t = 1.0 - 2.0 * x[:, 0] ** 2
    model = make_pipeline(
        PolynomialFeatures(2, include_bias=False),
        MLPRegressor(
            (),
            solver="sgd",
            learning_rate_init=0.3,
            max_iter=600,
            batch_size=40,
            alpha=0.0,
            random_state=0,
        ),
    )
    assert model.fit(x, t).score(x, t) > 0.999


def test_a_tree_asks_a_few_of_its_classifiers():
    tree = TreeClassifier(LogisticRegression()).fit(X, y)
    assert sorted(tree.estimators_) == [0, 1, 2, 3]  # 5 classes: 3 and 2, then 2 and 1, …
    for row in X[:20]:
        node, classes = 0, [0, 1, 2, 3, 4]
        while len(classes) > 1:
            middle = (len(classes) + 1) // 2
            right = int(tree.estimators_[node].predict([row])[0])
            node, classes = 2 * node + 1 + right, classes[middle:] if right else classes[:middle]
        assert tree.predict([row])[0] == classes[0]


def test_what_is_unknown_is_refused():
    with pytest.raises(ValueError, match="unknown activation 'rellu'"):
        MLPClassifier(activation="rellu").fit(X, y)
    with pytest.raises(ValueError, match="unknown optimizer 'adamm'"):
        MLPClassifier(solver="adamm").fit(X, y)

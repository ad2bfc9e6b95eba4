"""Tree reduction: many classes by a tree of classifiers that each tell two groups apart."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, MetaEstimatorMixin, clone
from sklearn.linear_model import LogisticRegression
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data


class TreeClassifier(MetaEstimatorMixin, ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Classes as the leaves of a binary tree, with a classifier of two at each inner node.

    The classes are halved, and halved again: K classes take K - 1 classifiers, and a row is asked
    about log₂ K of them, where one-versus-rest asks all K and one-versus-one K(K - 1)/2. An error
    at the top cannot be made good further down. See A. Beygelzimer, J. Langford and P. Ravikumar,
    Error-Correcting Tournaments, 2009, for what it costs.

    estimator   a classifier of two classes, copied for each inner node; None for logistic
                regression

    After `fit` it has `classes_` and `estimators_`, the inner nodes from the root on: node k asks
    nodes 2k + 1 and 2k + 2.

    >>> X = [[float(i)] for i in range(8)]
    >>> TreeClassifier().fit(X, [0, 0, 1, 1, 2, 2, 3, 3]).predict([[0.0], [7.0]]).tolist()
    [0, 3]
    """

    def __init__(self, estimator: Any = None) -> None:
        self.estimator = estimator

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the classes y of the rows X; returns the estimator."""
        X, y = validate_data(self, X, y)
        check_classification_targets(y)
        self.classes_, place = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes, got one class: "
                f"{self.classes_[0]!r}"
            )
        self.estimators_: dict[int, Any] = {}
        self._split(X, place, 0, 0, len(self.classes_))
        return self

    def _split(self, X: Any, place: Any, node: int, first: int, end: int) -> None:
        """Train the node that tells the first half of classes from the second, and those below."""
        if end - first < 2:
            return
        middle = (first + end + 1) // 2
        here = (place >= first) & (place < end)
        asked = LogisticRegression() if self.estimator is None else clone(self.estimator)
        self.estimators_[node] = asked.fit(X[here], (place[here] >= middle).astype(int))
        self._split(X, place, 2 * node + 1, first, middle)
        self._split(X, place, 2 * node + 2, middle, end)

    def predict(self, X: Any) -> Any:
        """The class at the leaf that each row comes to."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False)
        found = np.zeros(len(X), dtype=int)
        self._walk(X, np.arange(len(X)), 0, 0, len(self.classes_), found)
        return self.classes_[found]

    def _walk(self, X: Any, rows: Any, node: int, first: int, end: int, found: Any) -> None:
        """Send rows down."""
        if not len(rows):
            return
        if end - first < 2:
            found[rows] = first
            return
        middle = (first + end + 1) // 2
        right = self.estimators_[node].predict(X[rows]).astype(bool)
        self._walk(X, rows[~right], 2 * node + 1, first, middle, found)
        self._walk(X, rows[right], 2 * node + 2, middle, end, found)

"""nn.sklearn: networks as estimators of scikit-learn, and what its reductions lack.

    mlp    MLPClassifier and MLPRegressor, trained by `nn.fit`
    tree   TreeClassifier: many classes by a tree of classifiers of two

They pass scikit-learn's own checks of estimators, so that pipelines, grid search, cross-validation
and its reductions (one-versus-rest, one-versus-one, output codes) work on them.
"""

try:
    import sklearn as _sklearn  # noqa: F401
except ImportError as error:
    raise ImportError(
        'nn.sklearn needs scikit-learn, which is not installed here: pip install "glassgrad[job]"'
    ) from error

from .mlp import MLPClassifier, MLPRegressor
from .tree import TreeClassifier

__all__ = ["MLPClassifier", "MLPRegressor", "TreeClassifier"]

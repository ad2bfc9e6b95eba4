"""Networks as estimators: scikit-learn's face on `nn.MLP` and `nn.fit`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin, RegressorMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, validate_data

from nn.activations import activation_function
from nn.callbacks import EarlyStopping
from nn.fit import fit
from nn.layers import MLP
from nn.optimizers import optimizer_named
from nn.penalties import L2

NAMES = {"identity": "linear", "logistic": "sigmoid"}  # scikit-learn's names of activations


class Network(BaseEstimator):  # type: ignore[misc]
    """What both estimators share: their parameters, and training.

    Parameters are called as those of scikit-learn's MLPClassifier:

    hidden_layer_sizes   how many neurons each hidden layer has
    activation           "relu", "tanh", "logistic", "identity", or any of `nn`
    solver               "adam", "adamw", "sgd", "rmsprop" or "adagrad"
    alpha                strength of the L2 penalty on weights, over the number of rows
    batch_size           rows of a step; "auto" for min(200, rows)
    learning_rate_init   the learning rate
    max_iter             epochs
    random_state         draws the weights and the order of rows
    early_stopping       whether to hold out `validation_fraction` and stop when it does not improve
    n_iter_no_change     for so many epochs
    verbose              whether to show a bar
    """

    def __init__(
        self,
        hidden_layer_sizes: Sequence[int] | int = (100,),
        activation: str = "relu",
        *,
        solver: str = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        random_state: Any = None,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        n_iter_no_change: int = 10,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.warm_start = warm_start
        self.verbose = verbose

    def _train(self, X: Any, y: Any, outputs: int, loss: str) -> None:
        """Train a network on rows that are checked."""
        random = check_random_state(self.random_state)
        seed = int(random.randint(2**31 - 1))
        hidden = self.hidden_layer_sizes
        sizes = [hidden] if isinstance(hidden, (int, np.integer)) else list(hidden)
        activation = NAMES.get(self.activation, self.activation)
        activation_function(activation)
        if not (self.warm_start and hasattr(self, "model_")):
            self.model_ = MLP(X.shape[1], [*sizes, outputs], activation=activation, seed=seed)
        optimizer = optimizer_named(self.solver, self.model_.parameters())
        optimizer.lr = float(self.learning_rate_init)
        tests, callbacks = None, []
        if self.early_stopping:
            order = random.permutation(len(X))
            held = max(1, int(self.validation_fraction * len(X)))
            tests, kept = (X[order[:held]], y[order[:held]]), order[held:]
            X, y = X[kept], y[kept]
            callbacks = [EarlyStopping(self.n_iter_no_change)]
        auto = self.batch_size == "auto"
        history = fit(
            self.model_,
            X,
            y,
            loss,
            optimizer,
            self.max_iter,
            min(200, len(X)) if auto else min(int(self.batch_size), len(X)),
            validation_data=tests,
            callbacks=callbacks,
            seed=seed,
            progress=bool(self.verbose),
            penalty=L2(float(self.alpha) / len(X)) if self.alpha else None,
        )
        self.loss_curve_, self.n_iter_ = list(history["loss"]), history.epochs
        self.loss_, self.n_layers_, self.n_outputs_ = self.loss_curve_[-1], len(sizes) + 2, outputs
        self.history_ = history

    def _answers(self, X: Any) -> Any:
        """What the network says to rows, which are checked."""
        check_is_fitted(self)
        return self.model_.predict(validate_data(self, X, reset=False, dtype=np.float64))


class MLPClassifier(ClassifierMixin, Network):  # type: ignore[misc]
    """A network that tells classes apart, by cross-entropy.

    Its parameters are those of `Network`. After `fit` it has `classes_`, `model_`, the `nn.MLP`
    itself, whose parameters are Values, `loss_curve_`, `n_iter_` and `history_`.

    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], ["no", "yes", "yes", "no"]
    >>> network = MLPClassifier((8,), "tanh", learning_rate_init=0.1, random_state=0)
    >>> network.fit(X, y).predict(X).tolist()
    ['no', 'yes', 'yes', 'no']
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the classes y of the rows X; returns the estimator."""
        X, y = validate_data(self, X, y, dtype=np.float64)
        check_classification_targets(y)
        self.classes_, place = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(
                f"{type(self).__name__} needs samples of at least 2 classes, got one class: "
                f"{self.classes_[0]!r}"
            )
        two = len(self.classes_) == 2
        loss = "binary_cross_entropy_with_logits" if two else "cross_entropy"
        self._train(X, place, 1 if two else len(self.classes_), loss)
        return self

    def decision_function(self, X: Any) -> Any:
        """The logits: of two classes that of the second, of shape (n,); else (n, classes)."""
        return self._answers(X)

    def predict_proba(self, X: Any) -> Any:
        """The probability of each class, of shape (n, classes)."""
        logits = self.decision_function(X)
        if logits.ndim == 1:
            logits = np.stack([np.zeros_like(logits), logits], axis=1)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True))
        return powers / powers.sum(axis=1, keepdims=True)

    def predict(self, X: Any) -> Any:
        """The most probable class of each row."""
        logits = self.decision_function(X)
        return self.classes_[
            (logits > 0).astype(int) if logits.ndim == 1 else logits.argmax(axis=1)
        ]


class MLPRegressor(RegressorMixin, Network):  # type: ignore[misc]
    """A network that predicts numbers, by ½ squared error.

    Its parameters are those of `Network`; y may have several columns.

    >>> X = [[float(i)] for i in range(-5, 6)]
    >>> model = MLPRegressor((), solver="sgd", learning_rate_init=0.05, random_state=0, alpha=0.0)
    >>> model.fit(X, [2.0 * x + 1.0 for x, in X]).predict([[10.0]]).round(3).tolist()
    [21.0]
    """

    def fit(self, X: Any, y: Any) -> Self:
        """Learn the targets y of the rows X; returns the estimator."""
        X, y = validate_data(self, X, y, dtype=np.float64, multi_output=True, y_numeric=True)
        y = np.asarray(y, dtype=np.float64)
        self._flat = y.ndim == 1
        self._train(X, y, 1 if self._flat else y.shape[1], "half_squared_error")
        return self

    def predict(self, X: Any) -> Any:
        """The target of each row."""
        answers = self._answers(X)
        return answers if self._flat or answers.ndim == 2 else answers[:, None]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.regressor_tags.poor_score = True  # few epochs do not learn large targets
        return tags

"""`MLPClassifier`: a network that tells classes apart, with scikit-learn's contract."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.class_weight import compute_sample_weight
from sklearn.utils.multiclass import (
    _check_partial_fit_first_call,
    check_classification_targets,
    type_of_target,
)
from sklearn.utils.validation import (
    _check_sample_weight,
    assert_all_finite,
    check_array,
    check_is_fitted,
    column_or_1d,
)

from ..checks import check_whole
from ..errors import InputError
from ..loss import Loss
from ..mlp import MLP
from . import common
from .fitted import FittedNetwork
from .inputs import learn_inputs, transform_inputs

LOSSES = ("cross_entropy", "binary_cross_entropy", "squared_error")


class MLPClassifier(ClassifierMixin, FittedNetwork, BaseEstimator):  # type: ignore[misc]
    """A multi-layer perceptron that predicts classes, or several yes-or-no labels at once.

    X may be an array, or a raw table (pandas, Polars, pyarrow): numbers are scaled robustly, texts
    one-hot encoded, missing values handled; all of it is kept in the model file.

    Parameters:
        hidden_layer_sizes: the units of each hidden layer.
        activation: one for all hidden layers, or one a layer; "logistic" is "sigmoid".
        loss: "auto", "cross_entropy" (softmax), "binary_cross_entropy" (a sigmoid for each class),
            "squared_error" (of the probabilities), or a `Loss` with options. "auto" is
            binary_cross_entropy for two classes and for labels, else cross_entropy.
        solver: the name of an optimiser ("sgd" has Nesterov momentum 0.9), or an object: Adam(0.01).
        alpha: the penalty on weights, alpha/(2n)·ΣW² with n the samples of a batch.
        batch_size: samples a step; "auto" is min(32, n).
        learning_rate: "cosine" (from learning_rate_init down to 0), "constant", "one_cycle", or
            "adaptive" (a fifth when the loss stalls).
        learning_rate_init: the first learning rate; the highest one of a cycle.
        max_iter: the most epochs.
        shuffle: whether each epoch has an order of its own.
        random_state: fixes every draw.
        tol: how much the loss must fall within `n_iter_no_change` epochs for training to go on.
        n_iter_no_change: see `tol`.
        early_stopping: whether to hold out `validation_fraction`, watch the loss there, and keep the
            best epoch's weights.
        validation_fraction: see `early_stopping`.
        class_weight: None, "balanced", or weights by class.
        dropout: the probability for a hidden unit to be silenced in training: one, or one a layer;
            "auto" is 0.3 in hidden layers of 50 units or more (not under L-BFGS), else 0.
        warm_start: whether `fit` goes on from the last weights.
        verbose: whether to show a progress bar with loss and score; "auto" shows it at a terminal.
        callbacks: called with (network, history) after each epoch.
        dtype: "float64" or "float32".
        scale_inputs: whether to scale the inputs, median to 0, and encode tables.

    Attributes:
        network_: the fitted `MLP`, on scaled inputs (`transform(X)`).
        history_: the record of the last fit.
        classes_, coefs_, intercepts_, loss_, best_loss_, loss_curve_, validation_loss_curve_,
        validation_scores_, best_validation_score_, n_iter_, t_, n_layers_, n_outputs_,
        out_activation_, n_features_in_, feature_names_in_: as in scikit-learn.
    """

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Sequence[str] = "relu",
        *,
        loss: str | Loss = "auto",
        solver: Any = "adam",
        alpha: float = 0.03,
        batch_size: int | str = "auto",
        learning_rate: str = "cosine",
        learning_rate_init: float = 0.002,
        max_iter: int = 200,
        shuffle: bool = True,
        random_state: Any = None,
        tol: float = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        class_weight: str | Mapping[Any, float] | None = None,
        dropout: str | float | Sequence[float] = "auto",
        warm_start: bool = False,
        verbose: bool | str = False,
        callbacks: Sequence[Callable[[Any, Any], Any]] | None = None,
        dtype: str = "float64",
        scale_inputs: bool = True,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.loss = loss
        self.solver = solver
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate = learning_rate
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.shuffle = shuffle
        self.random_state = random_state
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.class_weight = class_weight
        self.dropout = dropout
        self.warm_start = warm_start
        self.verbose = verbose
        self.callbacks = callbacks
        self.dtype = dtype
        self.scale_inputs = scale_inputs

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Train on X (n, features), an array or a table, and y: (n,) classes or (n, labels) of 0 and 1.

        `X_val`, `y_val` are watched in place of a held-out part: training ends when their loss no
        longer falls, and the best epoch's weights are kept.
        """
        go_on = self.warm_start and hasattr(self, "network_")
        X, y, sample_weight = common.without_weightless(X, y, sample_weight)
        matrix = transform_inputs(self, X) if go_on else learn_inputs(self, X)
        codes = self._encode(y, len(matrix), learn=not go_on)
        weights = self._weights(matrix, y, sample_weight)
        net = self._build(matrix, weights)
        self.network_ = common.go_on_with(self, net) if go_on else net
        targets = self._targets(codes)
        held_out, epochs = self._validation(X_val, y_val), check_whole("max_iter", self.max_iter, at_least=1)
        common.train(self, matrix, targets, weights, held_out, epochs=epochs, stratify=codes)
        return self

    def partial_fit(
        self,
        X: Any,
        y: ArrayLike,
        classes: ArrayLike | None = None,
        sample_weight: ArrayLike | None = None,
        *,
        epochs: int = 1,
    ) -> Self:
        """Train for some epochs on one part of the data; the first call names all classes.

        The first part also decides how inputs are scaled and encoded.
        """
        if not hasattr(self, "network_"):
            self.__dict__.pop("classes_", None)  # of a first call that failed
        first = _check_partial_fit_first_call(self, classes)
        X, y, sample_weight = common.without_weightless(X, y, sample_weight)
        matrix = learn_inputs(self, X) if first else transform_inputs(self, X)
        codes = self._encode(y, len(matrix), learn=False)
        weights = self._weights(matrix, y, sample_weight)
        if first:
            self.network_ = self._build(matrix, weights)
        common.train(self, matrix, self._targets(codes), weights, None, epochs=epochs, partial=True)
        return self

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the most probable class of each row, (n,), or its labels, (n, labels)."""
        probabilities = self.predict_proba(X)
        if self._is_multilabel:
            return (probabilities > 0.5).astype(np.int64)
        return np.asarray(self.classes_[probabilities.argmax(axis=1)])

    def predict_proba(self, X: Any) -> NDArray[Any]:
        """Return the probability of each class, (n, classes), or of each label."""
        check_is_fitted(self)
        outputs = self.network_.forward(transform_inputs(self, X))
        if self._is_multilabel:
            return outputs
        if outputs.shape[1] == 1:
            return np.hstack([1 - outputs, outputs])
        if self.network_.layers[-1].activation == "softmax":
            return outputs
        return np.asarray(outputs / outputs.sum(axis=1, keepdims=True))  # sigmoids need not sum to 1

    def predict_log_proba(self, X: Any) -> NDArray[Any]:
        """Return the logarithm of `predict_proba`."""
        with np.errstate(divide="ignore"):
            return np.asarray(np.log(self.predict_proba(X)))

    def decision_function(self, X: Any) -> NDArray[Any]:
        """Return Z of the last layer, before its activation: (n,) for two classes, else (n, classes)."""
        check_is_fitted(self)
        Z = self.network_.scores(transform_inputs(self, X))
        if len(self.classes_) == 2 and Z.shape[1] == 2 and not self._is_multilabel:
            return np.asarray(Z[:, 1] - Z[:, 0])
        return Z[:, 0] if Z.shape[1] == 1 else Z

    def _encode(self, y: ArrayLike, samples: int, *, learn: bool) -> NDArray[np.int64]:
        """Return class numbers (n,) or labels (n, labels); learn the classes where asked to."""
        if y is not None and np.asarray(y).dtype.kind == "f":
            assert_all_finite(y, input_name="y")  # type_of_target would warn before it refuses
        multilabel = type_of_target(y, input_name="y") == "multilabel-indicator"
        if learn or not hasattr(self, "network_"):
            self._is_multilabel = multilabel
        elif multilabel != self._is_multilabel:
            kinds = ("one class a row", "a row of labels, 0 or 1")
            expected, got = kinds[self._is_multilabel], kinds[multilabel]
            raise InputError("y is not what the model was fitted on", expected=expected, got=got)
        if multilabel:
            labels = check_array(y, input_name="y", dtype=np.int64)
            if learn:
                self.classes_ = np.arange(labels.shape[1])
            common.check_rows(samples, len(labels))
            return np.asarray(labels)
        column = column_or_1d(y, warn=True)
        check_classification_targets(column)
        common.check_rows(samples, len(column))
        if learn:
            self.classes_ = np.unique(column)
        if len(self.classes_) < 2:
            raise InputError(
                "y has one class", expected="two or more", got=f"{str(self.classes_[0])!r} in every row"
            )
        codes = np.minimum(np.searchsorted(self.classes_, column), len(self.classes_) - 1)
        unknown = self.classes_[codes] != column
        if unknown.any():
            raise InputError(
                "y holds a class that is not known",
                expected=f"one of {', '.join(map(str, self.classes_[:20]))}",
                got=f"{str(column[unknown][0])!r} in row {unknown.argmax()}",
            )
        return np.asarray(codes, dtype=np.int64)

    def _build(self, matrix: NDArray[np.float64], weights: NDArray[np.float64] | None) -> MLP:
        count = len(self.classes_)
        two = count == 2 and not self._is_multilabel
        loss = self.loss
        if loss == "auto":
            loss = "binary_cross_entropy" if two or self._is_multilabel else "cross_entropy"
        loss = loss if isinstance(loss, Loss) else Loss(loss)
        if loss.name not in LOSSES or (self._is_multilabel and loss.name == "cross_entropy"):
            raise InputError(
                "loss does not fit a classifier", expected=f"auto, {', '.join(LOSSES)}", got=repr(self.loss)
            )
        output = "auto" if loss.name != "squared_error" else "sigmoid" if self._is_multilabel else "softmax"
        outputs = 1 if two and loss.name == "binary_cross_entropy" else count
        return common.build_network(self, matrix, weights, outputs, loss, output)

    def _targets(self, codes: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return what the network is trained towards: the codes, or a column for each class."""
        if (
            codes.ndim == 2
            or self.network_.loss_function.name == "cross_entropy"
            or self.network_.sizes[-1] == 1
        ):
            return codes
        return np.asarray(codes[:, None] == np.arange(len(self.classes_)), dtype=np.int64)

    def _weights(
        self, matrix: NDArray[np.float64], y: ArrayLike, sample_weight: ArrayLike | None
    ) -> NDArray[np.float64] | None:
        """Return sample weights times class weights, or None for neither."""
        if sample_weight is None and self.class_weight is None:
            return None
        weights = _check_sample_weight(sample_weight, matrix, ensure_non_negative=True)
        if self.class_weight is not None:
            weights = weights * compute_sample_weight(self.class_weight, y)
        return np.asarray(weights)

    def _validation(
        self, X_val: Any, y_val: ArrayLike | None
    ) -> tuple[NDArray[np.float64], NDArray[np.int64]] | None:
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            raise InputError("validation data are incomplete", expected="both X_val and y_val")
        matrix = transform_inputs(self, X_val)
        return matrix, self._network_targets(y_val, len(matrix))

    def _network_targets(self, y: ArrayLike, samples: int) -> NDArray[np.int64]:
        return self._targets(self._encode(y, samples, learn=False))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.input_tags.allow_nan = self.scale_inputs
        return tags

"""`MLPRegressor`: a network that predicts numbers, with scikit-learn's contract."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.utils.validation import _check_sample_weight, check_array, check_is_fitted

from ..checks import check_whole
from ..errors import InputError
from ..loss import LOSSES, Loss
from . import common
from .fitted import FittedNetwork
from .inputs import learn_inputs, transform_inputs


class MLPRegressor(RegressorMixin, FittedNetwork, BaseEstimator):  # type: ignore[misc]
    """A multi-layer perceptron that predicts one number or several.

    X may be an array, or a raw table (pandas, Polars, pyarrow), as for `MLPClassifier`; the
    parameters that both have mean the same.

    Parameters:
        loss: squared_error, mean_squared_error, absolute_error, huber, quantile, poisson, or a
            `Loss` with options, such as Loss("quantile", q=0.9).
        dropout: as there, but that "auto" is 0.1 in wide layers, as its noise stays in the numbers.
        scale_target: whether to train on targets of mean 0 and deviation 1 (not under poisson, whose
            targets are counts); predictions are in the units of y, `loss_curve_` in those of training.

    Attributes:
        network_: the fitted `MLP`, from scaled inputs to scaled targets.
        target_mean_, target_scale_: y = network output · target_scale_ + target_mean_.
    """

    def __init__(
        self,
        hidden_layer_sizes: int | Sequence[int] = (100,),
        activation: str | Sequence[str] = "relu",
        *,
        loss: str | Loss = "squared_error",
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
        dropout: str | float | Sequence[float] = "auto",
        warm_start: bool = False,
        verbose: bool | str = False,
        callbacks: Sequence[Callable[[Any, Any], Any]] | None = None,
        dtype: str = "float64",
        scale_inputs: bool = True,
        scale_target: bool = True,
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
        self.dropout = dropout
        self.warm_start = warm_start
        self.verbose = verbose
        self.callbacks = callbacks
        self.dtype = dtype
        self.scale_inputs = scale_inputs
        self.scale_target = scale_target

    def fit(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        *,
        X_val: Any = None,
        y_val: ArrayLike | None = None,
    ) -> Self:
        """Train on X (n, features), an array or a table, and y (n,) or (n, outputs).

        `X_val`, `y_val` are watched in place of a held-out part: training ends when their loss no
        longer falls, and the best epoch's weights are kept.
        """
        go_on = self.warm_start and hasattr(self, "network_")
        return self._train(
            X, y, sample_weight, X_val, y_val, go_on, check_whole("max_iter", self.max_iter, at_least=1)
        )

    def partial_fit(
        self, X: Any, y: ArrayLike, sample_weight: ArrayLike | None = None, *, epochs: int = 1
    ) -> Self:
        """Train for some epochs on one part of the data; the first part decides how all is scaled."""
        return self._train(X, y, sample_weight, None, None, hasattr(self, "network_"), epochs, partial=True)

    def predict(self, X: Any) -> NDArray[Any]:
        """Return the prediction for each row, (n,) or (n, outputs), in the units of y."""
        check_is_fitted(self)
        outputs = self.network_.forward(transform_inputs(self, X)) * self.target_scale_ + self.target_mean_
        return outputs[:, 0] if self._one_column else outputs

    def _train(
        self,
        X: Any,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        X_val: Any,
        y_val: ArrayLike | None,
        go_on: bool,
        epochs: int,
        partial: bool = False,
    ) -> Self:
        X, y, sample_weight = common.without_weightless(X, y, sample_weight)
        matrix = transform_inputs(self, X) if go_on else learn_inputs(self, X)
        targets = self._check_targets(y, len(matrix))
        weights = self._weights(matrix, y, sample_weight)
        loss = self._check_loss()
        if not go_on:
            self._one_column = targets.ndim == 1
            self._learn_target(targets.reshape(len(targets), -1), weights, loss)
        if not (go_on and partial):
            net = common.build_network(self, matrix, weights, len(self.target_mean_), loss, "auto")
            if loss.targets == "count":  # outputs start at the mean count, however large
                mean = np.average(targets.reshape(len(targets), -1), axis=0, weights=weights)
                net.parameters[net.layers[-1].b] = np.log(np.maximum(mean, 1e-6))
            self.network_ = common.go_on_with(self, net) if go_on else net
        held_out = self._validation(X_val, y_val)
        common.train(self, matrix, self._scaled(targets), weights, held_out, epochs=epochs, partial=partial)
        return self

    def _check_loss(self) -> Loss:
        loss = self.loss if isinstance(self.loss, Loss) else Loss(self.loss)
        if loss.targets not in ("real", "count"):
            known = [name for name, kind in LOSSES.items() if kind.targets in ("real", "count")]
            raise InputError("loss does not fit a regressor", expected=", ".join(known), got=repr(self.loss))
        return loss

    def _check_targets(self, y: ArrayLike, samples: int) -> NDArray[np.float64]:
        if y is None:
            raise InputError("MLPRegressor requires y to be passed, but the target y is None")
        targets = check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")
        common.check_rows(samples, len(targets))
        return np.asarray(targets)

    def _learn_target(
        self, targets: NDArray[np.float64], weights: NDArray[np.float64] | None, loss: Loss
    ) -> None:
        mean = np.average(targets, axis=0, weights=weights)
        deviation = np.sqrt(np.average((targets - mean) ** 2, axis=0, weights=weights))
        scaled = self.scale_target and loss.targets == "real"
        self.target_mean_ = mean if scaled else np.zeros_like(mean)
        self.target_scale_ = np.where(deviation > 0, deviation, 1.0) if scaled else np.ones_like(mean)

    def _scaled(self, targets: NDArray[np.float64]) -> NDArray[np.float64]:
        scaled = (targets.reshape(len(targets), -1) - self.target_mean_) / self.target_scale_
        return np.asarray(scaled)

    def _validation(
        self, X_val: Any, y_val: ArrayLike | None
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        if X_val is None and y_val is None:
            return None
        if X_val is None or y_val is None:
            raise InputError("validation data are incomplete", expected="both X_val and y_val")
        matrix = transform_inputs(self, X_val)
        return matrix, self._network_targets(y_val, len(matrix))

    def _network_targets(self, y: ArrayLike, samples: int) -> NDArray[np.float64]:
        return self._scaled(self._check_targets(y, samples))

    def _weights(
        self, matrix: NDArray[np.float64], y: ArrayLike, sample_weight: ArrayLike | None
    ) -> NDArray[np.float64] | None:
        if sample_weight is None:
            return None
        return np.asarray(_check_sample_weight(sample_weight, matrix, ensure_non_negative=True))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        tags.input_tags.allow_nan = self.scale_inputs
        return tags

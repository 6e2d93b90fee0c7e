"""What both estimators do alike: from scikit-learn's parameters to a network and its training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import _safe_indexing, check_random_state
from sklearn.utils.validation import _check_sample_weight

from ..callbacks import EarlyStopping
from ..checks import check_name, check_number, check_whole
from ..errors import InputError
from ..loss import Loss
from ..mlp import MLP
from ..optimizers import LBFGS, OPTIMIZERS, SGD, Nesterov
from ..schedules import Constant, Cosine, OneCycle, ReduceOnPlateau

ALIASES = {"logistic": "sigmoid"}  # scikit-learn's name → ours
SCHEDULES = {"constant": Constant, "cosine": Cosine, "one_cycle": OneCycle, "adaptive": ReduceOnPlateau}


def build_network(
    estimator: Any,
    X: NDArray[np.float64],
    weights: NDArray[np.float64] | None,
    outputs: int,
    loss: Loss,
    output: str,
) -> MLP:
    """Return the network that the estimator's parameters describe, for inputs X (n, in).

    As in scikit-learn, the penalty of a step is alpha/(2n)·ΣW², with n the weight of a batch.
    """
    hidden = estimator.hidden_layer_sizes
    sizes = list(hidden) if np.iterable(hidden) else [hidden]
    activation = estimator.activation
    names = [activation] if isinstance(activation, str) else list(activation)
    named = [ALIASES.get(name, name) for name in names]
    alpha = check_number("alpha", estimator.alpha, at_least=0)
    return MLP(
        [X.shape[1], *sizes, outputs],
        named[0] if isinstance(activation, str) else named,
        output,
        loss,
        l2=alpha / _batch_weight(estimator, len(X), weights),
        dropout=_dropout(estimator, sizes),
        seed=draw_seed(estimator),
        dtype=estimator.dtype,
    )


def _dropout(estimator: Any, sizes: Sequence[Any]) -> Any:
    """Return the dropout; "auto" is less for numbers, where its noise stays in what is predicted."""
    if estimator.dropout != "auto":
        return estimator.dropout
    usual = 0.0 if isinstance(optimizer_of(estimator), LBFGS) else 0.3 if is_classifier(estimator) else 0.1
    return [usual if size >= 50 else 0.0 for size in sizes]


def _batch_weight(estimator: Any, samples: int, weights: NDArray[np.float64] | None) -> float:
    if weights is None:
        return batch_size(estimator, samples)
    kept = weights[weights > 0]  # training leaves the others out
    return batch_size(estimator, max(1, len(kept))) * float(kept.mean() if len(kept) else 1.0)


def batch_size(estimator: Any, samples: int) -> int:
    """Return the samples of a step; "auto" is 32 at most, L-BFGS takes all."""
    if isinstance(optimizer_of(estimator), LBFGS):
        return samples
    if estimator.batch_size == "auto":
        return min(32, samples)
    return min(check_whole("batch_size", estimator.batch_size, at_least=1), samples)


def optimizer_of(estimator: Any, *, partial: bool = False) -> Any:
    """Return the optimiser: the given object, or the named one with the estimator's learning rate.

    The rate is constant in `partial_fit`, which does not know how many calls will follow.
    """
    solver = estimator.solver
    if not isinstance(solver, str):
        return solver
    check_name("solver", solver, OPTIMIZERS, also=", or an optimiser")
    if solver == "lbfgs":
        return OPTIMIZERS[solver]()
    schedule = SCHEDULES[check_name("learning_rate", estimator.learning_rate, SCHEDULES)]
    schedule = Constant if partial else schedule
    rate = schedule(estimator.learning_rate_init)
    kind = OPTIMIZERS[solver]
    return Nesterov(rate, 0.9) if kind is SGD else kind(rate)  # "sgd" has momentum, as in scikit-learn


def draw_seed(estimator: Any) -> int:
    """Return a seed for the network from `random_state`."""
    return int(check_random_state(estimator.random_state).randint(np.iinfo(np.int32).max))


def train(
    estimator: Any,
    X: NDArray[np.float64],
    Y: NDArray[Any],
    sample_weight: NDArray[np.float64] | None,
    validation: tuple[NDArray[Any], ...] | None,
    *,
    epochs: int,
    partial: bool = False,
    stratify: NDArray[np.int64] | None = None,
) -> None:
    """Train `network_` and keep the record under scikit-learn's names."""
    weights, held_out = sample_weight, validation
    if estimator.early_stopping and held_out is None and not partial:
        rows, held_out_rows = _split(estimator, stratify, len(X))
        weights = None if sample_weight is None else sample_weight[rows]
        held_out = (X[held_out_rows], Y[held_out_rows])
        held_out += () if sample_weight is None else (sample_weight[held_out_rows],)
        X, Y = X[rows], Y[rows]
    patience = check_whole("n_iter_no_change", estimator.n_iter_no_change, at_least=1)
    stop = EarlyStopping(patience, estimator.tol, restore=held_out is not None)
    history = estimator.network_.fit(
        X,
        Y,
        optimizer=optimizer_of(estimator, partial=partial),
        epochs=epochs,
        batch_size=batch_size(estimator, len(X)),
        shuffle=estimator.shuffle,
        validation=held_out,
        sample_weight=weights,
        callbacks=[*(estimator.callbacks or ()), *([] if partial else [stop])],
        metric=None if held_out is None and not estimator.verbose else "auto",
        progress="auto" if estimator.verbose == "auto" else bool(estimator.verbose),
    )
    record(estimator, history, continued=partial or estimator.warm_start)


def check_rows(samples: int, targets: int) -> None:
    """Refuse targets for another number of samples."""
    if samples != targets:
        raise InputError("X and y do not fit together", expected=f"{samples} targets", got=f"{targets}")


def _split(
    estimator: Any, classes: NDArray[np.int64] | None, samples: int
) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Return the rows to train on and those held out, each class in both where it can be."""
    if classes is not None:
        counts = np.bincount(classes) if classes.ndim == 1 else np.zeros(1)
        if counts.min() < 2 or estimator.validation_fraction * samples < len(counts):
            classes = None
    rows, held_out = train_test_split(
        np.arange(samples),
        test_size=check_number("validation_fraction", estimator.validation_fraction, above=0, below=1),
        random_state=estimator.network_.seed,
        stratify=classes,
    )
    return np.sort(rows), np.sort(held_out)


def record(estimator: Any, history: Any, *, continued: bool = False) -> None:
    """Keep the record of a fit under scikit-learn's names."""
    net, curves = estimator.network_, ("loss_curve_", "validation_loss_curve_", "validation_scores_")
    before = [list(getattr(estimator, name, None) or []) if continued else [] for name in curves]
    held_out = bool(history.validation_loss) and history.validation_loss[0] is not None
    losses = [a + b for a, b in zip(history.train_loss, history.penalty, strict=True)]
    estimator.history_ = history
    estimator.loss_curve_ = before[0] + losses
    estimator.loss_ = estimator.loss_curve_[-1] if estimator.loss_curve_ else math.nan
    estimator.best_loss_ = None if held_out else min(estimator.loss_curve_, default=math.nan)
    estimator.validation_loss_curve_ = before[1] + history.validation_loss if held_out else None
    estimator.validation_scores_ = before[2] + history.metric if held_out else None
    estimator.best_validation_score_ = max(estimator.validation_scores_) if held_out else None
    estimator.n_iter_ = net.epochs
    batches = -(-history.settings["samples"] // history.settings["batch_size"])
    estimator.t_ = net.memory.steps if net.memory is not None else net.epochs * batches


def without_weightless(X: Any, y: Any, sample_weight: Any) -> tuple[Any, Any, Any]:
    """Return the samples of positive weight: the others shall decide nothing, not even a median."""
    if sample_weight is None or y is None:
        return X, y, sample_weight
    weights = _check_sample_weight(sample_weight, X, ensure_non_negative=True)
    if weights.all() or not weights.any():
        return X, y, sample_weight
    rows = np.flatnonzero(weights)
    return _safe_indexing(X, rows), _safe_indexing(np.asarray(y), rows), weights[rows]


def go_on_with(estimator: Any, net: MLP) -> MLP:
    """Return a network of the present parameters with the weights and the memory of the fitted one.

    Raises:
        InputError: the parameters describe a network of another shape.
    """
    fitted = estimator.network_
    for name in ("sizes", "activation", "output", "loss", "dtype"):
        if net.config[name] != fitted.config[name]:
            raise InputError(
                f"warm_start cannot go on with another {name}",
                expected=fitted.config[name],
                got=net.config[name],
                hint="warm_start=False",
            )
    net.parameters.vector[:] = fitted.parameters.vector
    net.seed, net.epochs, net.memory, net.history = fitted.seed, fitted.epochs, fitted.memory, fitted.history
    return net

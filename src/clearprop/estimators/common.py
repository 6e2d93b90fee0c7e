"""What both estimators do alike: from scikit-learn's parameters to a network and its training."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state

from ..callbacks import EarlyStopping
from ..checks import check_number, check_whole
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
    if estimator.dropout != "auto":
        return estimator.dropout
    wide = not isinstance(optimizer_of(estimator), LBFGS)
    return [0.3 if wide and size >= 50 else 0.0 for size in sizes]


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
    if solver not in OPTIMIZERS:
        raise InputError(
            "unknown solver", expected=f"one of {', '.join(OPTIMIZERS)}, or an optimiser", got=repr(solver)
        )
    if solver == "lbfgs":
        return OPTIMIZERS[solver]()
    if not isinstance(estimator.learning_rate, str) or estimator.learning_rate not in SCHEDULES:
        raise InputError(
            "unknown learning_rate",
            expected=f"one of {', '.join(SCHEDULES)}",
            got=repr(estimator.learning_rate),
        )
    schedule = Constant if partial else SCHEDULES[estimator.learning_rate]
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
    validation: tuple[NDArray[np.float64], NDArray[Any]] | None,
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
        held_out, X, Y = (X[held_out_rows], Y[held_out_rows]), X[rows], Y[rows]
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
        clip_norm=None,
        metric=None if held_out is None and not estimator.verbose else "auto",
        progress=estimator.verbose,
    )
    _record(estimator, history, continued=partial or estimator.warm_start)


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
        test_size=estimator.validation_fraction,
        random_state=estimator.network_.seed,
        stratify=classes,
    )
    return np.sort(rows), np.sort(held_out)


def _record(estimator: Any, history: Any, *, continued: bool) -> None:
    net, losses = (
        estimator.network_,
        [a + b for a, b in zip(history.train_loss, history.penalty, strict=True)],
    )
    held_out = bool(history.validation_loss) and history.validation_loss[0] is not None
    before = list(getattr(estimator, "loss_curve_", [])) if continued else []
    estimator.history_ = history
    estimator.loss_curve_ = before + losses
    estimator.loss_ = estimator.loss_curve_[-1] if estimator.loss_curve_ else math.nan
    estimator.n_iter_ = net.epochs
    estimator.t_ = net.memory.steps if net.memory is not None else net.epochs
    estimator.n_layers_ = len(net.sizes)
    estimator.n_outputs_ = net.sizes[-1]
    estimator.out_activation_ = {v: k for k, v in ALIASES.items()}.get(
        net.layers[-1].activation, net.layers[-1].activation
    )
    estimator.best_loss_ = None if held_out else min(estimator.loss_curve_, default=math.nan)
    estimator.validation_loss_curve_ = history.validation_loss if held_out else None
    estimator.validation_scores_ = history.metric if held_out else None
    estimator.best_validation_score_ = max(history.metric) if held_out else None

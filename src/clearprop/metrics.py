"""One number that a person understands: the share of right answers, or the variance explained."""

from __future__ import annotations

import numpy as np

from .loss import Loss
from .rules.array import Array


def metric_name(loss: Loss) -> str:
    """Return "accuracy" for losses on classes, "R²" for losses on numbers."""
    return "accuracy" if loss.targets in ("class", "probability") else "R²"


def metric(loss: Loss, outputs: Array, T: Array, weights: Array | None = None) -> float:
    """Return the metric of outputs (n, out) for targets (n, out), with sample weights (n,)."""
    if loss.targets == "class":
        return float(np.average(outputs.argmax(axis=1) == T.argmax(axis=1), weights=weights))
    if loss.targets == "probability":
        return float(np.average(((outputs > 0.5) == (T > 0.5)).mean(axis=1), weights=weights))
    return r2(outputs, T, weights)


def r2(outputs: Array, T: Array, weights: Array | None = None) -> float:
    """Return 1 − (squared error) / (variance of the targets), averaged over the outputs.

    A constant target counts 1 where it is met exactly and 0 otherwise, as in scikit-learn.
    """
    error = np.average((T.astype(np.float64) - outputs) ** 2, axis=0, weights=weights)
    return explained(error, spread(T, weights))


def spread(T: Array, weights: Array | None = None) -> Array:
    """Return the variance (out,) of each target."""
    T = T.astype(np.float64)
    return np.asarray(np.average((T - np.average(T, axis=0, weights=weights)) ** 2, axis=0, weights=weights))


def explained(error: Array, spread: Array) -> float:
    """Return R² from the mean squared error and the variance (out,) of each target."""
    share = 1 - error / np.where(spread > 0, spread, 1.0)
    return float(np.where(spread > 0, share, (error == 0) * 1.0).mean())

"""Losses: how wrong the outputs are, as one number, and its gradient.

A (n, out) are the outputs, Y (n, out) the targets, w the *share* of each sample in the mean: 1/n,
or with sample weights (n, 1) the sample's weight over their total. So the `1/n` of a mean stands
here and nowhere else. Every loss sums over the outputs and averages over the samples, but for
`mean_squared_error`, which averages over the outputs too.

Three losses have a natural output: poisson exp, binary_cross_entropy sigmoid, cross_entropy softmax.
They are computed from Z, where they are stable, and their gradient with respect to Z is simply
output minus target (`natural_back`).
"""

import numpy as np

from .array import Array


def squared_error(A: Array, Y: Array, w: Array) -> Array:
    """Half the squared distance to the target."""
    L = 0.5 * np.sum(w * (A - Y) ** 2)  # ()
    return L


def squared_error_back(A: Array, Y: Array, w: Array) -> Array:
    """The error is the distance itself: output minus target."""
    dA = w * (A - Y)  # (n, out)
    return dA


def mean_squared_error(A: Array, Y: Array, w: Array) -> Array:
    """The squared distance to the target, averaged over the outputs too."""
    L = np.sum(w * (A - Y) ** 2) / A.shape[1]  # ()
    return L


def mean_squared_error_back(A: Array, Y: Array, w: Array) -> Array:
    """Twice the distance, shared among the outputs."""
    dA = 2 * w * (A - Y) / A.shape[1]  # (n, out)
    return dA


def absolute_error(A: Array, Y: Array, w: Array) -> Array:
    """The distance to the target, whose best constant answer is the median."""
    L = np.sum(w * np.abs(A - Y))  # ()
    return L


def absolute_error_back(A: Array, Y: Array, w: Array) -> Array:
    """Only the side counts: +1 above the target, −1 below."""
    dA = w * np.sign(A - Y)  # (n, out)
    return dA


def huber(A: Array, Y: Array, w: Array, delta: float) -> Array:
    """Squared within delta of the target, straight beyond: outliers pull, but not harder (Huber 1964)."""
    R = np.abs(A - Y)  # (n, out)
    Q = np.minimum(R, delta)  # (n, out)
    L = np.sum(w * Q * (R - 0.5 * Q))  # ()
    return L


def huber_back(A: Array, Y: Array, w: Array, delta: float) -> Array:
    """The distance, limited to ±delta."""
    dA = w * np.clip(A - Y, -delta, delta)  # (n, out)
    return dA


def quantile(A: Array, Y: Array, w: Array, q: float) -> Array:
    """Below the target costs q, above it 1 − q: the best answer is the q-quantile (Koenker, Bassett 1978)."""
    L = np.sum(w * np.maximum(q * (Y - A), (q - 1) * (Y - A)))  # ()
    return L


def quantile_back(A: Array, Y: Array, w: Array, q: float) -> Array:
    """−q below the target, 1 − q above, and the middle of both on it."""
    dA = w * (0.5 * np.sign(A - Y) + (0.5 - q))  # (n, out)
    return dA


def poisson(Z: Array, Y: Array, w: Array) -> Array:
    """Minus the log-likelihood of a count with mean exp(Z), but for the constant ln Y!."""
    L = np.sum(w * (np.exp(Z) - Y * Z))  # ()
    return L


def binary_cross_entropy(Z: Array, Y: Array, w: Array) -> Array:
    """Minus the log-likelihood of yes or no with probability sigmoid(Z)."""
    L = np.sum(w * (np.logaddexp(0, Z) - Y * Z))  # ()
    return L


def cross_entropy(Z: Array, Y: Array, w: Array) -> Array:
    """Minus the log-likelihood of the target class under softmax(Z)."""
    S = Z - Z.max(axis=1, keepdims=True)  # (n, out)
    logP = S - np.log(np.exp(S).sum(axis=1, keepdims=True))  # (n, out)
    L = -np.sum(w * Y * logP)  # ()
    return L


def natural_back(A: Array, Y: Array, w: Array) -> Array:
    """With its natural output, a loss's error is output minus target."""
    dZ = w * (A - Y)  # (n, out)
    return dZ


def label_smoothing(Y: Array, smoothing: float) -> Array:
    """A little of each target is spread evenly over the classes (Szegedy et al. 2016)."""
    T = (1 - smoothing) * Y + smoothing / Y.shape[1]  # (n, out)
    return T

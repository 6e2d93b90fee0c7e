"""Activations: what a unit makes of its weighted sum, and how the error passes back through it.

Every activation is a pair: `f(Z)` gives A, `f_back(dA, Z, A)` gives dZ. All work elementwise but
softmax, which works on rows. An exponential may overflow to ∞ on its way to a right limit, as in
1/(1 + ∞) = 0; the rules where that happens are marked with `@to_its_limit`, so NumPy does not warn.
"""

import numpy as np

from .array import Array
from .special import erf

to_its_limit = np.errstate(over="ignore")

LEAK = 0.01  # slope of leaky_relu on the left: Maas, Hannun, Ng 2013
SELU_SCALE = 1.0507009873554805  # Klambauer, Unterthiner, Mayr, Hochreiter 2017
SELU_ALPHA = 1.6732632423543772
ROOT_2 = 1.4142135623730951
ROOT_2_PI = 2.5066282746310002


def identity(Z: Array) -> Array:
    """The signal passes unchanged."""
    A = Z  # (n, out)
    return A


def identity_back(dA: Array, Z: Array, A: Array) -> Array:
    """The gradient passes unchanged."""
    dZ = dA  # (n, out)
    return dZ


@to_its_limit
def sigmoid(Z: Array) -> Array:
    """Any number becomes one between 0 and 1."""
    A = 1 / (1 + np.exp(-Z))  # (n, out)
    return A


def sigmoid_back(dA: Array, Z: Array, A: Array) -> Array:
    """The gradient shrinks to a quarter at best, and to nothing where the unit is saturated."""
    dZ = dA * A * (1 - A)  # (n, out)
    return dZ


def tanh(Z: Array) -> Array:
    """Any number becomes one between −1 and 1."""
    A = np.tanh(Z)  # (n, out)
    return A


def tanh_back(dA: Array, Z: Array, A: Array) -> Array:
    """The gradient passes whole at zero, and shrinks where the unit is saturated."""
    dZ = dA * (1 - A * A)  # (n, out)
    return dZ


def relu(Z: Array) -> Array:
    """The positive part passes, the negative part is silenced."""
    A = np.maximum(Z, 0)  # (n, out)
    return A


def relu_back(dA: Array, Z: Array, A: Array) -> Array:
    """The gradient passes exactly where the signal passed."""
    dZ = dA * (Z > 0)  # (n, out)
    return dZ


def leaky_relu(Z: Array) -> Array:
    """The positive part passes, a hundredth of the negative part leaks through."""
    A = np.where(Z > 0, Z, LEAK * Z)  # (n, out)
    return A


def leaky_relu_back(dA: Array, Z: Array, A: Array) -> Array:
    """The gradient passes where the signal passed, and leaks where it leaked."""
    dZ = np.where(Z > 0, dA, LEAK * dA)  # (n, out)
    return dZ


def elu(Z: Array) -> Array:
    """The positive part passes, the negative part bends smoothly towards −1 (Clevert et al. 2015)."""
    A = np.where(Z > 0, Z, np.expm1(np.minimum(Z, 0)))  # (n, out)
    return A


def elu_back(dA: Array, Z: Array, A: Array) -> Array:
    """The gradient passes whole on the right, and fades exponentially on the left."""
    dZ = dA * np.exp(np.minimum(Z, 0))  # (n, out)
    return dZ


def selu(Z: Array) -> Array:
    """An elu scaled so that zero mean and unit variance keep themselves (Klambauer et al. 2017)."""
    A = SELU_SCALE * np.where(Z > 0, Z, SELU_ALPHA * np.expm1(np.minimum(Z, 0)))  # (n, out)
    return A


def selu_back(dA: Array, Z: Array, A: Array) -> Array:
    """The gradient of an elu, scaled alike."""
    dZ = SELU_SCALE * np.where(Z > 0, dA, dA * SELU_ALPHA * np.exp(np.minimum(Z, 0)))  # (n, out)
    return dZ


def gelu(Z: Array) -> Array:
    """A number times the probability that a standard normal one lies below it (Hendrycks, Gimpel 2016)."""
    Phi = 0.5 * (1 + erf(Z / ROOT_2))  # (n, out)
    A = Z * Phi  # (n, out)
    return A


@to_its_limit
def gelu_back(dA: Array, Z: Array, A: Array) -> Array:
    """The product rule: the probability, plus the number times the normal density."""
    Phi = 0.5 * (1 + erf(Z / ROOT_2))  # (n, out)
    phi = np.exp(-0.5 * Z * Z) / ROOT_2_PI  # (n, out)
    dZ = dA * (Phi + Z * phi)  # (n, out)
    return dZ


@to_its_limit
def silu(Z: Array) -> Array:
    """A number times its own sigmoid, also called swish (Elfwing et al. 2017)."""
    S = 1 / (1 + np.exp(-Z))  # (n, out)
    A = Z * S  # (n, out)
    return A


@to_its_limit
def silu_back(dA: Array, Z: Array, A: Array) -> Array:
    """The product rule: the sigmoid, plus the number times the sigmoid's slope."""
    S = 1 / (1 + np.exp(-Z))  # (n, out)
    dZ = dA * S * (1 + Z * (1 - S))  # (n, out)
    return dZ


def mish(Z: Array) -> Array:
    """A number times the tanh of its softplus (Misra 2019)."""
    T = np.tanh(np.logaddexp(0, Z))  # (n, out)
    A = Z * T  # (n, out)
    return A


@to_its_limit
def mish_back(dA: Array, Z: Array, A: Array) -> Array:
    """The product rule: the tanh, plus the number times the slope of tanh(softplus)."""
    T = np.tanh(np.logaddexp(0, Z))  # (n, out)
    S = 1 / (1 + np.exp(-Z))  # (n, out)
    dZ = dA * (T + Z * S * (1 - T * T))  # (n, out)
    return dZ


def softplus(Z: Array) -> Array:
    """A relu with its corner rounded: ln(1 + exp Z)."""
    A = np.logaddexp(0, Z)  # (n, out)
    return A


@to_its_limit
def softplus_back(dA: Array, Z: Array, A: Array) -> Array:
    """The slope of softplus is the sigmoid."""
    dZ = dA / (1 + np.exp(-Z))  # (n, out)
    return dZ


def exp(Z: Array) -> Array:
    """Any number becomes a positive one: the mean of a count."""
    A = np.exp(Z)  # (n, out)
    return A


def exp_back(dA: Array, Z: Array, A: Array) -> Array:
    """The exponential is its own slope."""
    dZ = dA * A  # (n, out)
    return dZ


def softmax(Z: Array) -> Array:
    """Each row becomes probabilities that sum to 1; taking the row's maximum off keeps exp in range."""
    E = np.exp(Z - Z.max(axis=1, keepdims=True))  # (n, out)
    A = E / E.sum(axis=1, keepdims=True)  # (n, out)
    return A


def softmax_back(dA: Array, Z: Array, A: Array) -> Array:
    """A class gains by what its gradient has over the row's average gradient."""
    dZ = A * (dA - (dA * A).sum(axis=1, keepdims=True))  # (n, out)
    return dZ

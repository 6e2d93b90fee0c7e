"""A dense layer and its dropout, forwards and backwards.

X (n, in) holds one sample a row, W (in, out) one unit a column. dQ always means ∂L/∂Q.
"""

from .array import Array


def dense(X: Array, W: Array, b: Array) -> Array:
    """Each output is a weighted sum of the inputs, plus a bias."""
    Z = X @ W + b  # (n, out)
    return Z


def dense_back(dZ: Array, X: Array) -> tuple[Array, Array]:
    """A weight answers for its input times the error at its output, summed over the samples."""
    dW = X.T @ dZ  # (in, out)
    db = dZ.sum(axis=0)  # (out,)
    return dW, db


def dense_back_input(dZ: Array, W: Array) -> Array:
    """An input answers for the errors of all units that it feeds, each through its weight."""
    dX = dZ @ W.T  # (n, in)
    return dX


def dropout(A: Array, M: Array) -> Array:
    """A unit is silenced where its mask is 0, and scaled up by 1/(1 − p) where it stays."""
    D = A * M  # (n, out)
    return D


def dropout_back(dD: Array, M: Array) -> Array:
    """The gradient passes where the signal passed, scaled alike."""
    dA = dD * M  # (n, out)
    return dA

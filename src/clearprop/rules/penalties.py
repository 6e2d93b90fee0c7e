"""Penalties: what large weights cost. Biases are never penalised."""

import numpy as np

from .array import Array


def penalty(W: Array, l1: float, l2: float) -> Array:
    """Weights cost their size (l1), and half their square (l2)."""
    P = l1 * np.abs(W).sum() + 0.5 * l2 * np.sum(W * W)  # ()
    return P


def penalty_back(dW: Array, W: Array, l1: float, l2: float) -> Array:
    """The penalty pulls every weight towards zero: l1 with constant force, l2 in proportion."""
    dW_penalised = dW + l1 * np.sign(W) + l2 * W  # (in, out)
    return dW_penalised

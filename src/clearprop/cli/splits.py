"""Rows to train on and rows held out, drawn from a seed, each class in both parts in proportion."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["Rows", "hold_out"]

Rows = NDArray[np.intp]


def hold_out(groups: NDArray[np.intp], fraction: float, seed: int, stream: int = 0) -> tuple[Rows, Rows]:
    """Return the rows to train on and the rows held out, both in the order of the table.

    Args:
        groups: (n,) the class number of each row; all zero where there are no classes.
        fraction: the share to hold out; 0 holds out none, and more than 0 at least one.
        seed: fixes the draw (PCG64).
        stream: tells several draws from one seed apart.

    The rows, shuffled and then sorted by class, are held out at even steps. That gives each class
    its share to within one row. No class loses its only row for training.
    """
    n = len(groups)
    count = min(max(round(fraction * n), 1), n - 1) if fraction else 0
    rng = np.random.Generator(np.random.PCG64([seed, stream]))
    shuffled = rng.permutation(n)
    by_class = shuffled[np.argsort(groups[shuffled], kind="stable")]
    start = rng.random()
    held_out = np.zeros(n, dtype=np.bool_)
    held_out[by_class[((np.arange(count) + start) * n / max(count, 1)).astype(np.intp)]] = True
    lost = ~np.isin(groups, groups[~held_out])
    held_out[lost] = False
    return np.flatnonzero(~held_out), np.flatnonzero(held_out)

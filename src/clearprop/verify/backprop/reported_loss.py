"""The loss that a user reports: ours, or ours in another scale, which no gradient suffers from."""

from __future__ import annotations

import itertools
from typing import NamedTuple

import numpy as np

from ...rules.array import Array
from .tracing import Problem, Values

__all__ = ["Reported", "reported_loss"]


class Reported(NamedTuple):
    """The loss that is meant, and in words how it is another than ours; "" where it is the same."""

    value: float
    convention: str = ""


def reported_loss(mine: Array, right: Values, problem: Problem, tolerance: float) -> Reported | None:
    """Return how a reported loss is ours; None where it is not.

    Many report the mean of (Y − A)² while they descend on its half, summed over the outputs, as the
    article does; so a loss that is ours times 2, n, the outputs, or a quotient of these, is no mistake.
    """
    if mine.size != 1:
        return None
    n, outputs = problem.total, float(problem.net.sizes[-1])
    powers = sorted(itertools.product((0, 1, -1), repeat=3), key=lambda each: sum(map(abs, each)))
    for two, samples, units in powers:
        factor = 2.0**two * n**samples * outputs**units
        scale = "" if factor == 1 else f"{factor:.4g} times "
        for name, which in (("L", "ours"), ("L_data", "ours without the penalty")):
            value = factor * float(right[name])
            if np.abs(mine - value).max() <= tolerance * max(abs(value), 1e-12):
                plain = factor == 1 and name == "L"
                return Reported(value, "" if plain else f"the loss is reported as {scale}{which}")
    return None

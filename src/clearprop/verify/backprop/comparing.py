"""When two arrays agree: a relative tolerance, and what roundoff explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...rules.array import Array
from .tracing import Problem, Trace, Values

__all__ = ["Measure", "roundoff"]

_SINGLE = float(np.finfo(np.float32).eps)
_MARGIN = 20.0  # how many times its measured size roundoff may be


@dataclass(frozen=True)
class Measure:
    """Compares arrays by name: a relative tolerance, and for each name what roundoff explains."""

    tolerance: float
    noise: Mapping[str, float]

    def agree(self, name: str, mine: Array, right: Any) -> bool:
        """Return whether mine is right, up to the tolerance of the largest entry and to roundoff."""
        if mine.shape != np.shape(right):
            return False
        allowed = self.tolerance * np.abs(right).max() + self.noise[name]
        return bool(np.abs(mine - right).max() <= allowed)  # false for nan


def roundoff(problem: Problem, right: Values) -> dict[str, float]:
    """Return by how many times the eps of its precision roundoff may change each quantity.

    It is measured: by how much the same pass in single precision differs, and by the largest gradient.
    """
    with np.errstate(all="ignore"):  # single precision may overflow
        rough = Trace(problem.single()).run()
    largest = max(float(np.max(np.abs(value))) for name, value in right.items() if name.startswith("d"))
    noise = {}
    for name, value in right.items():
        apart = float(np.max(np.abs(rough[name] - value)))
        own = largest if name.startswith("d") else float(np.max(np.abs(value)))
        if name.endswith("_new"):  # judged by the step, which is lost in the roundoff of the parameter
            own = largest + float(np.max(np.abs(problem.net.parameters.vector))) / (problem.rate or 1.0)
        noise[name] = _MARGIN * (apart if np.isfinite(apart) else 0.0) / _SINGLE + 4 * own
    return noise

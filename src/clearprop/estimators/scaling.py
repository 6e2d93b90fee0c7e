"""Robust scaling: every numeric column centred on its median, measured in its own spread, outliers bent in.

Source: Holzmüller, Grinsztajn, Steinwart (2024), "Better by default: Strong pre-tuned MLPs and boosted
trees on tabular data" (RealMLP: "robust scale and smooth clip").
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import ArrayLike, NDArray

from clearprop.errors import InputError

__all__ = ["Scaling"]

_SMALLEST = float(np.finfo(np.float64).tiny)  # 1 / _SMALLEST is still finite
_FAR = 1e150  # from here on u / √(1 + u²) is 1 to the last bit, and u² is still finite


@final
@dataclass(frozen=True, slots=True, eq=False)
class Scaling:
    """Where each column has its middle, and what one unit of it is worth.

    `center` (k,) holds the medians; `scale` (k,) is 1/(q75 − q25) where the quartiles differ, else
    2/(max − min) where these differ, else 0, so that a constant column becomes a column of zeros.
    Missing values (NaN) count for neither. All sums and quotients are safe from overflow.
    """

    center: NDArray[np.float64]
    scale: NDArray[np.float64]

    @classmethod
    def fit(cls, X: ArrayLike, names: Sequence[str] | None = None) -> Scaling:
        """Learn the middle and the unit of each column of X (n, k).

        X may hold NaN (a missing value) but no infinite value: an InputError names its row and its
        column, by `names` where given. A column without any value gets center 0 and scale 0.
        """
        X = _finite_matrix(X, names)
        if not len(X):
            raise InputError("a scaling cannot be learnt from no rows", got=f"shape {X.shape}")
        ordered = np.sort(X.T, axis=1)  # (k, n), NaN last
        count = len(X) - np.isnan(ordered).sum(axis=1)
        low, q25, center, q75, high = (_quantile(ordered, count, q) for q in (0, 0.25, 0.5, 0.75, 1))
        # Halves, since a difference of two finite numbers may overflow: half of it does not.
        half_box = q75 / 2 - q25 / 2
        half_range = high / 2 - low / 2
        top = np.where(half_box > 0, 0.5, 1.0)
        below = np.where(half_box > 0, half_box, half_range)
        scale = np.where(below > 0, top / np.maximum(below, _SMALLEST), 0.0)
        return cls(center=center + 0.0, scale=scale)  # + 0.0 turns −0.0, which depends on row order, into 0.0

    def transform(self, X: ArrayLike, names: Sequence[str] | None = None) -> NDArray[np.float64]:
        """Scale X (n, k), then bend it smoothly into [−3, 3]: z = (x − center)·scale, z / √(1 + (z/3)²).

        NaN becomes 0, which is the median. Raises InputError for another number of columns than
        was learnt and for infinite values.
        """
        X = _finite_matrix(X, names)
        if X.shape[1] != len(self.center):
            raise InputError(
                "X does not fit the scaling", expected=f"{len(self.center)} columns", got=f"shape {X.shape}"
            )
        with np.errstate(over="ignore"):  # a z beyond the largest float is as far out as _FAR
            z = (X / 2 - self.center / 2) * self.scale * 2  # (n, k)
        u = np.clip(z / 3, -_FAR, _FAR)  # (n, k)
        clipped = 3 * (u / np.sqrt(1 + u * u))  # (n, k), never beyond ±3: √(1 + u²) rounds to |u| or above
        clipped[np.isnan(X)] = 0.0
        return clipped


def _finite_matrix(X: ArrayLike, names: Sequence[str] | None) -> NDArray[np.float64]:
    """X as float64 (n, k), once it is known to hold no infinite value."""
    matrix = np.asarray(X, dtype=np.float64)
    if matrix.ndim != 2:
        raise InputError("X is not a matrix", expected="shape (rows, columns)", got=f"shape {matrix.shape}")
    infinite = np.isinf(matrix)
    if infinite.any():
        row, column = (int(i) for i in np.argwhere(infinite)[0])
        label = repr(names[column]) if names is not None else column
        raise InputError(
            f"column {label} holds a value that is not a finite number",
            got=f"{matrix[row, column]} in row {row}, counted from 0",
            hint="removing the row, or making the value a missing one",
        )
    return matrix


def _quantile(ordered: NDArray[np.float64], count: NDArray[np.intp], q: float) -> NDArray[np.float64]:
    """The q-quantile of the first `count` entries of each sorted row, linear in between; 0 where none."""
    last = np.maximum(count - 1, 0)
    position = q * last
    left = np.floor(position).astype(np.intp)
    right = np.minimum(left + 1, last)
    row = np.arange(len(ordered))
    a, b = ordered[row, left], ordered[row, right]
    t = position - left
    return np.where(count > 0, a * (1 - t) + b * t, 0.0)  # b − a could overflow

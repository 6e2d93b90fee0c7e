"""Shapes as people write them: a dimension of 1 more or less."""

from __future__ import annotations

from typing import Any

from numpy.typing import NDArray

__all__ = ["fitted"]


def fitted(array: NDArray[Any], shape: tuple[int, ...]) -> NDArray[Any] | None:
    """Return the array in a shape that differs at most by dimensions of 1; None where it does not fit.

    >>> import numpy as np
    >>> fitted(np.ones((1, 3)), (3,)).shape, fitted(np.ones((3, 1)), (3, 3))
    ((3,), None)
    """
    same = tuple(k for k in array.shape if k != 1) == tuple(k for k in shape if k != 1)
    return array.reshape(shape) if same else None

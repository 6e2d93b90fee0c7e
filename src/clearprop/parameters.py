"""One vector: all parameters are windows into θ, and all gradients windows into g."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .errors import InputError
from .rules.array import Array


class Windows(Mapping[str, Array]):
    """Named windows into one vector, in the order of the vector.

    A window is a view: writing into it writes into the vector. Assigning (`windows["W1"] = array`)
    copies into the window, after a check of the shape.

    >>> windows = Windows({"W1": (2, 3), "b1": (3,)}, np.zeros(9))
    >>> windows["b1"] = [1, 2, 3]
    >>> windows.vector.tolist()
    [0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 1.0, 2.0, 3.0]
    """

    def __init__(self, shapes: Mapping[str, tuple[int, ...]], vector: Array) -> None:
        self.vector = vector
        self.shapes = dict(shapes)
        self.slices: dict[str, slice] = {}
        self._windows: dict[str, Array] = {}
        start = 0
        for name, shape in self.shapes.items():
            stop = start + int(np.prod(shape))
            self.slices[name] = slice(start, stop)
            self._windows[name] = vector[start:stop].reshape(shape)
            start = stop

    def __getitem__(self, name: str) -> Array:
        return self._windows[name]

    def __setitem__(self, name: str, value: ArrayLike) -> None:
        self._windows[name][...] = self._checked(name, value)

    def assign(self, values: Mapping[str, ArrayLike]) -> None:
        """Copy into several windows: all, or none where one of the values does not fit."""
        checked = {name: self._checked(name, value) for name, value in values.items()}
        for name, array in checked.items():
            self._windows[name][...] = array

    def _checked(self, name: str, value: ArrayLike) -> Array:
        if name not in self._windows:
            raise InputError(f"no array is named {name!r}", expected=f"one of {', '.join(self)}")
        try:
            array = np.asarray(value)
        except ValueError as error:  # rows of different lengths
            raise InputError(
                f"{name} does not fit", expected="rows of equal length", got=f"{error}"
            ) from None
        if array.shape != self.shapes[name]:
            raise InputError(
                f"{name} does not fit", expected=f"shape {self.shapes[name]}", got=f"shape {array.shape}"
            )
        if array.dtype.kind not in "fiub" or not _fits(array, self.vector.dtype):
            raise InputError(
                f"{name} does not fit",
                expected=f"finite numbers in {self.vector.dtype}",
                got=f"{value!r:.60}",
            )
        return array

    def __iter__(self) -> Iterator[str]:
        return iter(self._windows)

    def __len__(self) -> int:
        return len(self._windows)

    def __reduce__(self) -> tuple[type[Windows], tuple[dict[str, tuple[int, ...]], Array]]:
        # Views would be pickled and copied apart from their vector.
        return Windows, (self.shapes, self.vector)

    def __repr__(self) -> str:
        arrays = ", ".join(f"{name} {shape}" for name, shape in self.shapes.items())
        return f"<{arrays}: {self.vector.size} numbers, {self.vector.dtype}>"


def _fits(array: Array, dtype: np.dtype[Any]) -> bool:
    with np.errstate(over="ignore"):
        return bool(np.isfinite(array.astype(dtype)).all())

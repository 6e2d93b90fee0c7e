"""Numbers as a source printed them: their digits say how exactly they are meant."""

from __future__ import annotations

import math
from decimal import Decimal, InvalidOperation
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError

__all__ = ["as_printed", "half_unit", "is_within"]

ROUNDING = 4  # how many units in the last place of a double two machines may differ by


def as_printed(value: Any, place: str) -> NDArray[np.object_]:
    """Return printed numbers as decimals, which keep trailing zeros, in an array of any shape.

    Args:
        value: a number or a text such as "0.750", or lists of them.
        place: where they stand, for the message.

    Raises:
        InputError: something that is no finite number, or rows of different lengths.
    """
    decimals: list[Decimal] = []
    try:
        shape = np.array(_collect(value, decimals)).shape
    except (ValueError, InvalidOperation):
        raise InputError(
            f"{place} does not fit",
            expected='numbers as printed, such as 0.750 or "0.750", in rows of equal length',
            got=f"{value!r:.60}",
        ) from None
    array = np.empty(len(decimals), dtype=object)
    array[:] = decimals
    return array.reshape(shape)


def half_unit(number: Decimal) -> float:
    """Return half a unit of the last printed digit: 0.005 for 0.75.

    >>> half_unit(Decimal("0.75")), half_unit(Decimal("0.750"))
    (0.005, 0.0005)
    """
    return float(Decimal(5).scaleb(int(number.as_tuple().exponent) - 1))


def is_within(value: float, number: Decimal, tolerance: float) -> bool:
    """Return whether a value lies that close to a printed number, both of which are binary or rounded."""
    slack = tolerance * 1e-9 + ROUNDING * float(np.spacing(abs(value)))
    return abs(value - float(number)) <= tolerance + slack


def _collect(value: Any, decimals: list[Decimal]) -> Any:
    """Append all numbers in order, and return the nest of lists with zeros in their place."""
    if isinstance(value, list):
        return [_collect(each, decimals) for each in value]
    if isinstance(value, bool) or not isinstance(value, (int, str, Decimal)):
        raise ValueError
    text = str(value).replace("−", "-")
    decimals.append(Decimal(text))
    if "_" in text or not decimals[-1].is_finite() or not 0 < half_unit(decimals[-1]) < math.inf:
        raise ValueError
    return 0

"""A quantity of an example by name: `A2[0]`, `W1_new[0,1]`, `-dZ2`, `8 * L`, `dZ2[0] / dA2[0]`.

Sources print parts and multiples of the quantities in a story, so a name may be a product or a
quotient of several, or of one and a number.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np

from ...checks import check_name
from ...errors import InputError
from ...rules.array import Array

__all__ = ["Quantity", "read_quantity"]

FACTOR = re.compile(
    r"\s*(?:(?P<number>\d+\.?\d*(?:[eE][-+]?\d+)?)|(?P<name>[^\W\d]\w*)(?:\[(?P<index>\d+(?:\s*,\s*\d+)*)\])?)\s*"
)
WEIGHTS = re.compile(r"W\d+")  # W1, dW1, W1_new, v_W1: all lie the way round that the source writes


@dataclass(frozen=True)
class _Factor:
    number: float
    name: str | None
    index: tuple[int, ...]
    divides: bool


@final
@dataclass(frozen=True)
class Quantity:
    """A product of named quantities and numbers."""

    text: str
    _sign: float
    _factors: tuple[_Factor, ...]

    @property
    def names(self) -> list[str]:
        """The names in it, without their indices."""
        return [factor.name for factor in self._factors if factor.name]

    def of(self, values: Mapping[str, Array], *, transposed: bool) -> Array:
        """Return the quantity, computed from named values.

        Args:
            values: the quantities of a story; weights (inputs, outputs).
            transposed: whether weights are meant as (outputs, inputs).

        Raises:
            InputError: a name that is not there, an index outside, or a quotient by zero.
        """
        product = np.asarray(self._sign)
        for factor in self._factors:
            value = _value(factor, values, transposed) if factor.name else np.asarray(factor.number)
            if factor.divides and not value.all():
                raise InputError(f"{self.text!r} divides by zero")
            try:
                with np.errstate(all="ignore"):  # what leaves the range is refused below
                    product = product / value if factor.divides else product * value
            except ValueError:
                raise InputError(f"the shapes in {self.text!r} do not fit one another") from None
        if not np.isfinite(product).all():
            raise InputError(f"{self.text!r} is not finite")
        return product

    def entry(self, index: tuple[int, ...]) -> str:
        """Return the name of one entry of an array: A2[0, 1]."""
        if not index:
            return self.text
        indices = f"[{', '.join(map(str, index))}]"
        return f"({self.text}){indices}" if len(self._factors) > 1 else f"{self.text}{indices}"


def read_quantity(text: str) -> Quantity:
    """Return the quantity that a text names.

    Raises:
        InputError: a text that is no product of names and numbers.
    """
    stripped = text.strip()
    negative = stripped.startswith(("-", "−"))
    factors, rest, divides = [], stripped[negative:], False
    while match := FACTOR.match(rest):
        index = tuple(int(k) for k in (match["index"] or "").split(",") if k)
        factors.append(_Factor(float(match["number"] or 1), match["name"], index, divides))
        rest = rest[match.end() :]
        if not rest:
            return Quantity(stripped, -1.0 if negative else 1.0, tuple(factors))
        divides = rest[0] == "/"
        if rest[0] not in "*/":
            break
        rest = rest[1:]
    raise InputError(
        "the name of a quantity does not fit",
        expected="a name such as 'A2[0]' or 'W1_new', or a product such as '-dZ2' or '0.5 * L'",
        got=repr(text),
    )


def _value(factor: _Factor, values: Mapping[str, Array], transposed: bool) -> Array:
    """Return one factor; θ stands for −b, and dimensions of 1 may be left out of an index."""
    assert factor.name
    name = factor.name.replace("theta", "b")
    value = np.asarray(values[check_name("quantity", name, values)], dtype=np.float64)
    if transposed and WEIGHTS.search(name):
        value = value.T
    if factor.index:
        spare = [axis for axis, length in enumerate(value.shape) if length == 1]
        left_out = max(0, value.ndim - len(factor.index))
        try:
            value = np.asarray(value.squeeze(tuple(spare[:left_out]))[factor.index])
        except IndexError:
            place = f"{factor.name}[{', '.join(map(str, factor.index))}]"
            raise InputError(f"{place} is not there: {factor.name} has shape {value.shape}") from None
    return -value if name != factor.name else value

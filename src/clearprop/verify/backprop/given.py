"""What a user hands in for a check: gradients and other quantities, in any of the usual forms."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from ...arrays import as_numbers
from ...errors import InputError
from ...rules.array import Array

__all__ = ["Given", "named"]

Given = dict[str, Array]  # quantities of a user, by our names
Shapes = Mapping[str, tuple[int, ...]]
_ALIASES = {"delta": "dZ", "loss": "L"}


def named(mine: Any, known: Shapes, depth: int) -> Given:
    """Return what is given as arrays by our names; `known` holds the shape of every quantity by name.

    Raises:
        InputError: nothing to compare, an unknown name, or something that is no array of numbers.
    """
    pairs = list(_pairs(mine, known, depth))
    given = {name: _array(name, value, known[name]) for name, value in pairs}
    if not given:
        raise InputError(
            "there is nothing to compare", expected="gradients by name, such as dW1", got=f"{mine!r:.60}"
        )
    return given


def _pairs(mine: Any, known: Shapes, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(mine, Mapping):
        for key, value in mine.items():
            yield from _of_one_name(str(key), value, known, depth)
    elif isinstance(mine, (tuple, list)):
        yield from _of_a_sequence(list(mine), known, depth)
    else:
        raise InputError(
            "this is nothing to compare",
            expected='a dict such as {"dW1": …, "db1": …}, or lists of gradients',
            got=f"{type(mine).__name__}",
        )


def _of_one_name(key: str, value: Any, known: Shapes, depth: int) -> Iterator[tuple[str, Any]]:
    stem, number = re.fullmatch(r"(.*?)(\d*)", key, re.DOTALL).groups()  # type: ignore[union-attr]
    name = _ALIASES.get(stem, stem) + number
    if name in known:
        yield name, value
    elif f"{name}1" in known and isinstance(value, (list, tuple)):
        yield from zip((f"{name}{k}" for k in range(1, depth + 1)), value, strict=False)
    elif f"{name}1" in known and depth == 1:
        yield f"{name}1", value
    elif name.endswith("_new"):
        raise InputError(
            f"{name} comes from a step of a known length", hint="learning_rate=0.1, the one you use"
        )
    elif (
        name != f"dA{depth}"
    ):  # a fused loss goes from the outputs to dZ at once: it has no dA to compare with
        raise InputError(f"no quantity is named {key!r}", expected=f"one of {', '.join(known)}")


def _of_a_sequence(items: list[Any], known: Shapes, depth: int) -> Iterator[tuple[str, Any]]:
    if items and items[0] is not None and np.ndim(_first_array(items[0])) == 0:
        yield "L", items.pop(0)
    if len(items) == 1 and isinstance(items[0], (Mapping, tuple, list)):
        yield from _pairs(items[0], known, depth)
        return
    if len(items) == 2 and all(_is_list_of_arrays(each, depth) for each in items):
        items = [*items[0], *items[1]]
        yield from zip(_orders(depth)[1], items, strict=True)
        return
    weights = [f"dW{k}" for k in range(1, depth + 1)]
    orders = _orders(depth) if len(items) == 2 * depth else [weights] if len(items) == depth else []
    if not orders:
        raise InputError(
            "the gradients do not fit",
            expected=f"{depth} dW and {depth} db, in order, or a dict by name",
            got=f"{len(items)} arrays",
        )
    fitting = [order for order in orders if all(map(_could_be, items, (known[name] for name in order)))]
    yield from zip((fitting or orders)[0], items, strict=True)


def _orders(depth: int) -> list[list[str]]:
    """Return the usual orders: dW1 db1 dW2 …, dW1 dW2 … db1 …, dW2 db2 dW1 …"""
    layers = range(1, depth + 1)
    return [
        [f"d{letter}{k}" for k in layers for letter in "Wb"],
        [f"d{letter}{k}" for letter in "Wb" for k in layers],
        [f"d{letter}{k}" for k in reversed(layers) for letter in "Wb"],
    ]


def _first_array(item: Any) -> Any:
    return [0] if isinstance(item, (Mapping, tuple, list)) else item


def _is_list_of_arrays(item: Any, depth: int) -> bool:
    arrays = isinstance(item, (tuple, list)) and len(item) == depth
    return arrays and all(each is None or np.ndim(each) > 0 for each in item)


def _could_be(item: Any, shape: tuple[int, ...]) -> bool:
    return item is None or sorted(_fitted(np.asarray(item), shape).shape) == sorted(shape)


def _array(name: str, value: Any, shape: tuple[int, ...]) -> Array:
    """Return the array of a quantity; None, which stands for no gradient, as zeros."""
    if value is None:
        return np.zeros(shape)
    array = _fitted(as_numbers(value, name), shape)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _fitted(array: Array, shape: tuple[int, ...]) -> Array:
    """Return the array without or with axes of length 1, where nothing but these differ from the shape."""
    lengths = [[length for length in each if length != 1] for each in (array.shape, shape)]
    return array.reshape(shape) if lengths[0] == lengths[1] and array.size == math.prod(shape) else array

"""What a user hands in for a check: gradients and other quantities, in any of the usual forms."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from ...arrays import as_numbers
from ...errors import InputError
from ...rules.array import Array
from ..shapes import fitted

__all__ = ["Given", "named"]

Pair = tuple[str, Any]  # our name of a quantity, and what is given as it
Option = tuple[list[Pair], str]  # one way to read what is given, and the order of a list in words
Shapes = Mapping[str, tuple[int, ...]]
_SPELLINGS = (  # how others spell our names, in small letters and digits → how we do
    (r"^(loss|cost|j)$", "l"),
    (r"^(gradients?|grads?|nabla)(?=[wbzax]\d*$)", "d"),
    (r"^([wbza]\d*)(gradient|grad)$", r"d\1"),
    (r"^d(loss|cost|error|[lcej])(?=d[wbza]\d*$)", ""),
    (r"^delta(?=\d*$)", "dz"),
)


@dataclass(frozen=True)
class Given:
    """Quantities of a user by our names, in the order in which they arise."""

    values: Mapping[str, Array]
    order: str = ""  # in words, where a list is read in another order than dW1, db1, dW2, …


def named(mine: Any, known: Shapes, depth: int) -> Iterator[Given]:
    """Yield what is given as arrays by our names, in every order in which a list may be meant.

    `known` holds the shape of every quantity by name, in the order in which they arise.

    Raises:
        InputError: nothing to compare, an unknown name, or something that is no array of numbers.
    """
    for pairs, order in _options(mine, known, depth):
        values = {name: _array(name, value, known[name]) for name, value in pairs}
        if not values:
            raise InputError(
                "there is nothing to compare", expected="gradients by name, such as dW1", got=f"{mine!r:.60}"
            )
        yield Given({name: values[name] for name in known if name in values}, order)


def _options(mine: Any, known: Shapes, depth: int) -> list[Option]:
    if isinstance(mine, Mapping):
        found = _of_a_mapping({str(key): value for key, value in mine.items()}, known, depth)
        return [(pairs, "") for pairs in found]
    if isinstance(mine, (tuple, list)):
        return _of_a_sequence(list(mine), known, depth)
    raise InputError(
        "this is nothing to compare",
        expected='a dict such as {"dW1": …, "db1": …}, or lists of gradients',
        got=f"{type(mine).__name__}",
    )


def _of_a_mapping(mine: Mapping[str, Any], known: Shapes, depth: int) -> list[list[Pair]]:
    """Return the names of what is given; `W1` stands for its gradient, as in many courses, or for W1_new."""
    spellings, parameters = {_plain(name): name for name in known}, r"[wb]\d*|l"
    meant = [spellings]
    if all(re.fullmatch(parameters, _plain(key)) for key in mine):
        meanings = (r"d(?P<of>[Wb]\d+)", r"(?P<of>[Wb]\d+)_new")
        also = [
            {_plain(match["of"]): name for name in known if (match := re.fullmatch(meaning, name))}
            for meaning in meanings
        ]
        meant = [spellings | names for names in also if names]
    return [
        [pair for key, value in mine.items() for pair in _of_one_name(key, value, names, known, depth)]
        for names in meant
    ]


def _of_one_name(
    key: str, value: Any, spellings: Mapping[str, str], known: Shapes, depth: int
) -> Iterator[Pair]:
    plain = _plain(key)
    first = spellings.get(f"{plain}1", "")
    if plain in spellings:
        yield spellings[plain], value
    elif first and isinstance(value, (list, tuple)):
        yield from zip((spellings[f"{plain}{k}"] for k in range(1, depth + 1)), value, strict=False)
    elif first and depth == 1:
        yield first, value
    elif re.fullmatch(r"[Wb]\d*_new", key):
        raise InputError(
            f"{key} comes from a step of a known length", hint="learning_rate=0.1, the one you use"
        )
    elif plain != f"da{depth}":  # a fused loss goes from the outputs to dZ at once: it has no dA
        raise InputError(f"no quantity is named {key!r}", expected=f"one of {', '.join(known)}")


def _plain(key: str) -> str:
    """Return a name in small letters and digits, spelt as we do: dL/dW_1 and grad_w1 are dw1."""
    plain = re.sub(r"[^0-9a-z]", "", key.replace("∇", "grad").replace("∂", "d").lower().replace("δ", "delta"))
    for theirs, ours in _SPELLINGS:
        plain = re.sub(theirs, ours, plain)
    return plain


def _of_a_sequence(items: list[Any], known: Shapes, depth: int) -> list[Option]:
    """Return the names of the items, in the order that their shapes tell, or in all that these allow."""
    if items and items[0] is not None and np.ndim(_first_array(items[0])) == 0:
        loss: list[Pair] = [("L", items.pop(0))]
    else:
        loss = []
    if len(items) == 1 and isinstance(items[0], (Mapping, tuple, list)):
        return [(loss + pairs, order) for pairs, order in _options(items[0], known, depth)]
    items, orders = _in_a_row(items, depth)
    fits = [_fits(items, [known[name] for name in order]) for order in orders]
    return [
        (loss + list(zip(order, items, strict=True)), says)
        for order, count in zip(orders, fits, strict=True)
        for says in ("" if order == orders[0] else f"the list is read as {', '.join(order)}",)
        if count == max(fits)
    ]


def _in_a_row(items: list[Any], depth: int) -> tuple[list[Any], list[list[str]]]:
    """Return the arrays in a row, and the orders in which they may be meant, the plain one first."""
    orders = _orders(depth)
    if len(items) == 2 and all(_is_list_of_arrays(each, depth) for each in items):
        return [*items[0], *items[1]], [orders[1]]
    if len(items) == 2 * depth:
        return items, orders
    if len(items) == depth:
        return items, [[f"dW{k}" for k in range(1, depth + 1)]]
    raise InputError(
        "the gradients do not fit",
        expected=f"{depth} dW and {depth} db, in order, or a dict by name",
        got=f"{len(items)} arrays",
    )


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


def _fits(items: list[Any], shapes: list[tuple[int, ...]]) -> tuple[int, int]:
    """Return how many items have as many axes as these shapes, and how many may be of them."""
    axes = sum(item is None or np.ndim(item) == len(shape) for item, shape in zip(items, shapes, strict=True))
    return axes, sum(map(_could_be, items, shapes))


def _could_be(item: Any, shape: tuple[int, ...]) -> bool:
    return item is None or sorted(_without_spare_axes(np.asarray(item), shape).shape) == sorted(shape)


def _array(name: str, value: Any, shape: tuple[int, ...]) -> Array:
    """Return the array of a quantity; None, which stands for no gradient, as zeros."""
    if value is None:
        return np.zeros(shape)
    array = _without_spare_axes(as_numbers(value, name), shape)
    return array if array.dtype.kind == "f" else array.astype(np.float64)


def _without_spare_axes(array: Array, shape: tuple[int, ...]) -> Array:
    """Return the array in the shape, where only axes of length 1 differ.

    A row or a column in the place of a vector is one in any case.
    """
    fits = fitted(array, shape)
    if fits is not None:
        return fits
    return array.reshape(-1) if len(shape) == 1 and 1 in array.shape and array.ndim == 2 else array

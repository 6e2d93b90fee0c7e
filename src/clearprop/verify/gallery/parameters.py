"""The parameters of an example: written in its file, either way round, or drawn as its source drew them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from ...errors import InputError
from ...rules.array import Array
from ..shapes import fitted
from .section import Section

__all__ = ["draw", "read_parameters", "shape_of"]


def shape_of(sizes: list[int], layer: int, layout: str) -> tuple[int, int]:
    """Return the shape of the weights of a layer, from 1, as the file writes them."""
    inputs, outputs = sizes[layer - 1], sizes[layer]
    return (inputs, outputs) if layout == "in x out" else (outputs, inputs)


def read_parameters(
    network: Section, sizes: list[int], layout: str, drawn: Mapping[str, Array]
) -> tuple[dict[str, Array], list[str], list[str]]:
    """Return all parameters (inputs, outputs), the names of biases that are not there, a word for each bias.

    Raises:
        InputError: an array that is missing or has another shape, or a bias beside a threshold.
    """
    parameters, held, words = {}, [], []
    for k in range(1, len(sizes)):
        W, b, theta = f"W{k}", f"b{k}", f"theta{k}"
        if W in drawn and W in network:
            raise InputError(f"{network.place(W)} is given and drawn", expected="one of them")
        weights = drawn[W] if W in drawn else _given(network, W, shape_of(sizes, k, layout), layout)
        parameters[W] = weights.T if layout == "out x in" else weights
        if b in network and theta in network:
            raise InputError(f"{network.place(b)} and {theta} are given", expected="one of them: theta = −b")
        words.append("a bias" if b in network else "a threshold" if theta in network else "none")
        if words[-1] == "none":
            parameters[b] = np.zeros(sizes[k])
            held.append(b)
        else:
            given = _given(network, b if b in network else theta, (sizes[k],))
            parameters[b] = -given if theta in network else given
    return parameters, held, words


def draw(tables: Any, shapes: Mapping[str, tuple[int, ...]], where: str) -> dict[str, Array]:
    """Return the arrays that a source draws instead of printing them.

    Courses draw with `np.random.seed` and `randn`; NumPy has frozen that generator, so it still
    gives the same bits.

    Raises:
        InputError: a table that does not fit.
    """
    drawn: dict[str, Array] = {}
    if not isinstance(tables, list):
        raise InputError(f"{where} does not fit", expected="a list of tables")
    for table in tables:
        section = Section(table, where, ("seed", "draw", "times"))
        seed = section.whole("seed")
        if seed >= 2**32:
            raise InputError(f"{section.place('seed')} does not fit", expected="below 2**32", got=str(seed))
        rng = np.random.RandomState(seed)
        for name in section.texts("draw"):
            if name not in shapes:
                raise InputError(
                    f"{section.place('draw')} does not fit", expected=f"of {', '.join(shapes)}", got=name
                )
            drawn[name] = section.number("times", 1.0) * rng.randn(*shapes[name])
    return drawn


def _given(network: Section, name: str, shape: tuple[int, ...], layout: str = "") -> Array:
    array = network.array(name)
    fits = fitted(array, shape)
    if fits is None:
        way = f" ({layout})" if layout else ""
        raise InputError(
            f"{network.place(name)} does not fit", expected=f"shape {shape}{way}", got=f"shape {array.shape}"
        )
    return fits

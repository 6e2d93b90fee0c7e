"""The layers of a network: numbered from 1, each knows its names and sizes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from .checks import check_name, check_number
from .errors import InputError
from .rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS


@dataclass(frozen=True)
class Layer:
    """One dense layer with its activation; `dropout` silences units of its output in training."""

    number: int
    inputs: int
    outputs: int
    activation: str
    dropout: float = 0.0

    @property
    def W(self) -> str:
        """The name of the weights."""
        return f"W{self.number}"

    @property
    def b(self) -> str:
        """The name of the biases."""
        return f"b{self.number}"


def build_layers(
    sizes: Sequence[int],
    activation: str | Sequence[str],
    output: str,
    dropout: float | Sequence[float],
) -> tuple[Layer, ...]:
    """Return the layers of `MLP(sizes, activation, output, dropout=…)`.

    Raises:
        InputError: a size, an activation or a dropout probability that cannot be.
    """
    _check_sizes(sizes)
    hidden = len(sizes) - 2
    activations = [*_one_each(activation, hidden, "activation"), output]
    dropouts = [*_one_each(dropout, hidden, "dropout"), 0.0]
    for name in activations[:-1]:
        check_name("activation", name, HIDDEN_ACTIVATIONS)
    check_name("output", output, OUTPUT_ACTIVATIONS)
    chances = [check_number("dropout", p, at_least=0, below=1) for p in dropouts]
    return tuple(
        Layer(k + 1, int(sizes[k]), int(sizes[k + 1]), activations[k], chances[k]) for k in range(hidden + 1)
    )


def shapes_of(layers: Sequence[Layer]) -> dict[str, tuple[int, ...]]:
    """Return the shape of every parameter, in the order of the vector: W1, b1, W2, b2, …"""
    shapes: dict[str, tuple[int, ...]] = {}
    for layer in layers:
        shapes[layer.W] = (layer.inputs, layer.outputs)
        shapes[layer.b] = (layer.outputs,)
    return shapes


def _check_sizes(sizes: Sequence[int]) -> None:
    expected = "two or more positive whole numbers, such as MLP([4, 16, 3])"
    if isinstance(sizes, (str, Mapping)) or not hasattr(sizes, "__len__") or len(sizes) < 2:
        raise InputError("sizes do not fit", expected=expected, got=repr(sizes))
    for size in sizes:
        if isinstance(size, bool) or not hasattr(size, "__index__") or size < 1:
            raise InputError("sizes do not fit", expected=expected, got=repr(sizes))


def _one_each(value: Any, count: int, name: str) -> list[Any]:
    if isinstance(value, str) or not isinstance(value, Iterable):
        return [value] * count
    values = list(value)
    if len(values) != count:
        raise InputError(
            f"{name} is one value, or one for each hidden layer",
            expected=f"{count} of them",
            got=f"{len(values)}: {values}",
        )
    return values

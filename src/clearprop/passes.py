"""One pass forwards and one backwards through all layers, in the network's own words: the rules.

Both work on what is handed in: the rules (`ops`), the layers, the windows of the parameters. A
forward pass keeps what each layer saw and made, since the backward pass needs just that.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from .layers import Layer
from .loss import Loss
from .ops import Ops
from .rules.array import Array

Masks = Mapping[int, Array]  # layer number → dropout mask of its output


class Seen(NamedTuple):
    """What one layer saw and made: X (n, in), Z (n, out), A (n, out)."""

    X: Array
    Z: Array
    A: Array


def forward(
    ops: Ops, layers: Sequence[Layer], parameters: Mapping[str, Array], X: Array, masks: Masks
) -> list[Seen]:
    """Run all layers on X (n, in); the last A is the output."""
    seen = []
    for layer in layers:
        Z = ops.dense(X, parameters[layer.W], parameters[layer.b])
        A = getattr(ops, layer.activation)(Z)
        seen.append(Seen(X, Z, A))
        X = ops.dropout(A, masks[layer.number]) if layer.number in masks else A
    return seen


def backward(
    ops: Ops,
    layers: Sequence[Layer],
    parameters: Mapping[str, Array],
    seen: Sequence[Seen],
    dZ: Array,
    masks: Masks,
    gradients: Mapping[str, Array],
    l1: float = 0.0,
    l2: float = 0.0,
) -> Iterator[tuple[Layer, Array]]:
    """Write the gradients of each layer, from the output's dZ (n, out) down to the input.

    Yields each layer with its dZ once its dW and db are written and before the error passes on
    through its W, so that a caller who updates layer by layer can do so at that point.
    """
    for k in reversed(range(len(layers))):
        layer, W = layers[k], parameters[layers[k].W]
        dW, db = ops.dense_back(dZ, seen[k].X)
        if l1 or l2:
            dW = ops.penalty_back(dW, W, l1, l2)
        gradients[f"d{layer.W}"][...] = dW
        gradients[f"d{layer.b}"][...] = db
        yield layer, dZ
        if k == 0:
            return
        below = layers[k - 1]
        dA = ops.dense_back_input(dZ, W)
        if below.number in masks:
            dA = ops.dropout_back(dA, masks[below.number])
        dZ = getattr(ops, f"{below.activation}_back")(dA, seen[k - 1].Z, seen[k - 1].A)


def loss_of(ops: Ops, loss: Loss, seen: Sequence[Seen], T: Array, w: Array | float) -> Array:
    """Return the data loss L () of a forward pass for targets T (n, out) and shares w."""
    return loss.value(ops, seen[-1].Z, seen[-1].A, T, w)


def penalty_of(
    ops: Ops, layers: Sequence[Layer], parameters: Mapping[str, Array], l1: float, l2: float
) -> float:
    """Return the penalty P () on all weights."""
    if not (l1 or l2):
        return 0.0
    P: float = sum(ops.penalty(parameters[layer.W], l1, l2).item() for layer in layers)
    return P

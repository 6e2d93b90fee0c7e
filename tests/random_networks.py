"""Random networks with data that fit them, for tests that look at many."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from clearprop import MLP, Loss
from clearprop.loss import LOSSES
from clearprop.rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS

SMOOTH = ("identity", "sigmoid", "tanh", "gelu", "silu", "mish", "softplus")


class Case(NamedTuple):
    net: MLP
    X: np.ndarray
    Y: np.ndarray
    sample_weight: np.ndarray | None


def random_case(seed: int, *, dtype: str = "float64", smooth: bool = False, penalty: bool = True) -> Case:
    """A network of 1 to 4 layers with any activations, loss and penalties, and a batch of 1 to 8 samples."""
    rng = np.random.default_rng(seed)
    depth = int(rng.integers(1, 5))
    sizes = [int(size) for size in rng.integers(1, 5, size=depth + 1)]
    name = str(rng.choice(list(LOSSES)))
    if name == "cross_entropy":
        sizes[-1] = max(2, sizes[-1])
    loss = Loss(name, label_smoothing=0.1) if name == "cross_entropy" and rng.random() < 0.5 else Loss(name)
    hidden = SMOOTH if smooth else HIDDEN_ACTIVATIONS
    output = "auto" if loss.is_fused else str(rng.choice(SMOOTH if smooth else OUTPUT_ACTIVATIONS))
    net = MLP(
        sizes,
        [str(rng.choice(hidden)) for _ in range(depth - 1)],
        output,
        loss,
        l1=float(rng.choice([0.0, 0.01])) * penalty,
        l2=float(rng.choice([0.0, 0.1])) * penalty,
        seed=seed,
        dtype=dtype,
    )
    for layer in net.layers:
        net.parameters[layer.b] = rng.normal(size=layer.outputs)
    n = int(rng.integers(1, 9))
    X, Y = rng.normal(size=(n, sizes[0])), targets(rng, loss, n, sizes[-1])
    return Case(net, X, Y, rng.random(n) + 0.1 if rng.random() < 0.5 else None)


def targets(rng: Any, loss: Loss, n: int, outputs: int) -> np.ndarray:
    if loss.targets == "class":
        return np.asarray(rng.integers(0, outputs, n))
    if loss.targets == "count":
        return np.asarray(rng.poisson(2.0, (n, outputs)))
    return np.asarray(rng.random((n, outputs)))

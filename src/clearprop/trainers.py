"""The compiled module's trainer of a network: whom it serves, and how it is told what to do."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from . import compiled
from .data import Data
from .loss import LOSSES
from .network import Network
from .optimizers import LBFGS, OPTIMIZERS
from .parameters import Windows

__all__ = ["make_trainer", "serves", "whole_gradient"]


def serves(optimizer: object) -> bool:
    """Return whether the native engine can train with this optimiser: it knows those of clearprop."""
    return type(optimizer) in OPTIMIZERS.values()


def whole_gradient(
    net: Network, data: Data, n_threads: int | None
) -> Callable[[Windows], tuple[float, float]]:
    """Return what writes the gradients on all data and returns (data loss, penalty)."""
    trainer = make_trainer(net, LBFGS(), len(data), n_threads)

    def differentiate(gradients: Windows) -> tuple[float, float]:
        theta = net.parameters.vector
        return trainer.differentiate(data.X, data.T, data.weights, theta, gradients.vector)  # type: ignore[no-any-return]

    return differentiate


def make_trainer(
    net: Network, optimizer: object, size: int, n_threads: int | None = None, **options: Any
) -> Any:
    """Return the compiled module's trainer of a network, for steps of at most `size` samples."""
    loss = net.loss_function
    others = {
        "batch_size": size,
        "dropout": [layer.dropout for layer in net.layers],
        "loss": list(LOSSES).index(loss.name),
        "option": next(iter(loss.options.values()), 0.0),
        "l1": net.l1,
        "l2": net.l2,
        "optimizer": list(OPTIMIZERS.values()).index(type(optimizer)),
        "beta1": _first_of(optimizer, "beta1", "mu", "rho"),
        "beta2": _first_of(optimizer, "beta2"),
        "epsilon": _first_of(optimizer, "epsilon"),
        "decay": _first_of(optimizer, "decay"),
        **options,
    }
    multiply_adds = 3 * size * sum(layer.inputs * layer.outputs for layer in net.layers)
    threads = compiled.choose_threads(n_threads, multiply_adds)
    kind = compiled.module.Trainer32 if net.dtype == np.float32 else compiled.module.Trainer64
    return kind(compiled.settings(net.sizes, [layer.activation for layer in net.layers], threads, **others))


def _first_of(optimizer: object, *names: str) -> float:
    return next((float(getattr(optimizer, name)) for name in names if hasattr(optimizer, name)), 0.0)

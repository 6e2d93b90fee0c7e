"""The curves of a training: a point for each moment that was looked at, thinned where they get many."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..data import Data
from ..metrics import metric, metric_name
from ..network import Network
from . import limits

Figures = dict[str, Any]


def figures(net: Network, train: Data, test: Data) -> Figures:
    """Return where a network stands: data loss, metric and gradient norms, none of them with dropout.

    `norms` are those of each layer's gradient (weights and biases, penalty included) over the whole
    training part; what there is no test part for is None.
    """
    with np.errstate(all="ignore"):  # a loss that is not finite is said, not hidden
        gradients = net.new_gradients()
        loss, penalty = net.differentiate(train.X, train.T, 1.0 / len(train), gradients)
        scores = {"train": _score(net, train), "test": _score(net, test) if len(test) else None}
        norms = [
            float(np.sqrt(np.sum(gradients.vector[_window(gradients, layer.number)] ** 2)))
            for layer in net.layers
        ]
        test_loss = net.loss_parts(test.X, test.T)[0] if len(test) else None
    return {
        "loss": loss,
        "test_loss": test_loss,
        "metric": {"name": metric_name(net.loss_function), **scores},
        "norms": norms,
        "penalty": penalty,
    }


def _score(net: Network, data: Data) -> float | None:
    if len(data) == 1 and metric_name(net.loss_function) == "R²":
        return None  # a single number has no variance to explain
    return metric(net.loss_function, net.last_layer(data.X, "numpy")[1], data.T)


def _window(gradients: Any, number: int) -> slice:
    return slice(gradients.slices[f"dW{number}"].start, gradients.slices[f"db{number}"].stop)


class Curves:
    """Points [epoch, loss, test loss, metric, its value on the test part, norms], by epoch.

    `is_new` says that the points before the last ones were changed, so that they must be sent again.
    """

    def __init__(self) -> None:
        self.points: list[list[Any]] = []
        self.is_new = True

    def add(self, epoch: float, now: Figures) -> None:
        """Add a point; one at the same place, or beyond it, goes."""
        self.cut(epoch)
        score = now["metric"]
        self.points.append(
            [epoch, now["loss"], now["test_loss"], score["train"], score["test"], now["norms"]]
        )
        if len(self.points) > limits.POINTS:
            del self.points[1:-1:2]
            self.is_new = True

    def cut(self, epoch: float) -> None:
        """Drop the points from an epoch on."""
        while self.points and self.points[-1][0] >= epoch:
            self.points.pop()
            self.is_new = True

    def since(self, known: int) -> dict[str, Any]:
        """Return what somebody does not know yet who knows so many points."""
        start = 0 if self.is_new or known > len(self.points) else known
        self.is_new = False
        return {"from": start, "points": self.points[start:]}

"""scikit-learn's MLPClassifier and MLPRegressor, an epoch a `partial_fit`, without penalty."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.neural_network import MLPClassifier, MLPRegressor

from ...errors import InputError
from ...rules.array import Array
from ..workloads import Task, flat


class ScikitLearn:
    """Rows are shuffled before each epoch, in the given order, since its own shuffling cannot be told."""

    def __init__(self, task: Task) -> None:
        self.task, work = task, task.workload
        kind = MLPClassifier if work.loss == "cross_entropy" else MLPRegressor
        self.targets = task.T.ravel() if task.classes is None else task.classes
        self.model: Any = kind(
            hidden_layer_sizes=work.sizes[1:-1],
            activation={"sigmoid": "logistic"}.get(work.activation, work.activation),
            solver=work.optimizer,
            alpha=0,
            batch_size=work.batch,
            learning_rate_init=work.learning_rate,
            momentum=0,
            epsilon=work.epsilon,
            shuffle=False,
        )
        self.start()

    def start(self) -> None:
        """Go back to the first weights; not timed."""
        if not hasattr(self.model, "coefs_"):
            self.epoch(np.arange(self.task.workload.rows))  # makes the arrays
        for (W, b), coef, intercept in zip(
            self.task.layers, self.model.coefs_, self.model.intercepts_, strict=True
        ):
            coef[...], intercept[...] = W, b
        vars(self.model).pop("_optimizer", None)  # the next epoch makes a fresh one

    def run(self, count: int) -> None:
        """Train for some epochs."""
        for order in self.task.orders(count):
            self.epoch(order)

    def epoch(self, order: Array) -> None:
        """Train once through the data."""
        X, y = self.task.X[order], self.targets[order]
        if self.task.classes is None:
            self.model.partial_fit(X, y)
        else:
            self.model.partial_fit(X, y, classes=np.arange(self.task.workload.sizes[-1]))

    def result(self) -> Array:
        """Return all weights as one vector."""
        return flat(list(zip(self.model.coefs_, self.model.intercepts_, strict=True)))


def train(task: Task) -> ScikitLearn:
    """Return the estimator for a task, where it has the loss.

    Raises:
        InputError: it has no such loss.
    """
    if task.workload.loss == "squared_error" and task.workload.output != "identity":
        raise InputError("it has no squared error behind a sigmoid")
    return ScikitLearn(task)

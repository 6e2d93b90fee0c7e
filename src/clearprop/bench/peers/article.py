"""NumPy as in the article: straight lines, for any depth, with Adam where the workload says so."""

from __future__ import annotations

import numpy as np

from ...rules.array import Array
from ..workloads import Task, flat

BETA1, BETA2 = 0.9, 0.999


class Article:
    """Forward, backward, update, each as lines of NumPy."""

    def __init__(self, task: Task) -> None:
        self.task = task
        self.start()

    def start(self) -> None:
        """Go back to the first weights; not timed."""
        self.layers = self.task.layers
        self.moments = [[(np.zeros_like(p), np.zeros_like(p)) for p in layer] for layer in self.layers]
        self.t = 0

    def run(self, count: int) -> None:
        """Train for some epochs."""
        for rows in self.task.batches(count):
            self.step(self.task.X[rows], self.task.T[rows])

    def step(self, X: Array, T: Array) -> None:
        """Make one step on the batch X (n, in), T (n, out)."""
        work = self.task.workload
        A = [X]
        for W, b in self.layers[:-1]:
            A.append(activated(work.activation, np.dot(A[-1], W) + b))  # (n, out)
        W, b = self.layers[-1]
        outputs = activated(work.output, np.dot(A[-1], W) + b)  # (n, out)

        dZ = (outputs - T) / len(X)  # (n, out)
        if work.output == "sigmoid":  # of the squared error; with softmax it is that of the cross-entropy
            dZ = dZ * outputs * (1 - outputs)  # (n, out)
        gradients = []
        for k in reversed(range(len(self.layers))):
            gradients.append((np.dot(A[k].T, dZ), np.sum(dZ, axis=0)))
            if k:
                dZ = np.dot(dZ, self.layers[k][0].T) * slope(work.activation, A[k])  # (n, in)
        self.update(gradients[::-1])

    def update(self, gradients: list[tuple[Array, Array]]) -> None:
        """Go downhill."""
        work, new = self.task.workload, []
        self.t += 1
        for k, (layer, slopes) in enumerate(zip(self.layers, gradients, strict=True)):
            parts = []
            for i, (theta, g) in enumerate(zip(layer, slopes, strict=True)):
                if work.optimizer == "adam":
                    m, v = self.moments[k][i]
                    m = BETA1 * m + (1 - BETA1) * g
                    v = BETA2 * v + (1 - BETA2) * g**2
                    self.moments[k][i] = m, v
                    m_hat, v_hat = m / (1 - BETA1**self.t), v / (1 - BETA2**self.t)
                    parts.append(theta - work.learning_rate * m_hat / (np.sqrt(v_hat) + work.epsilon))
                else:
                    parts.append(theta - work.learning_rate * g)
            new.append((parts[0], parts[1]))
        self.layers = new

    def result(self) -> Array:
        """Return all weights as one vector."""
        return flat(self.layers)


def activated(name: str, Z: Array) -> Array:
    """Return the activations (n, out)."""
    if name == "sigmoid":
        return np.asarray(1 / (1 + np.exp(-Z)))
    if name == "tanh":
        return np.tanh(Z)
    if name == "relu":
        return np.maximum(0, Z)
    if name == "softmax":
        E = np.exp(Z - np.max(Z, axis=1, keepdims=True))
        return np.asarray(E / np.sum(E, axis=1, keepdims=True))
    return Z


def slope(name: str, A: Array) -> Array:
    """Return the slope of a hidden activation, from its value."""
    if name == "sigmoid":
        return np.asarray(A * (1 - A))
    return 1 - A**2 if name == "tanh" else A > 0

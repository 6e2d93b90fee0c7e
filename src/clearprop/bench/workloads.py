"""What is trained: six networks from tiny to large, with seeded synthetic data."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from ..data import generator
from ..mlp import MLP
from ..optimizers import SGD, Adam
from ..rules.array import Array

__all__ = ["WORKLOADS", "Task", "Workload"]

SEED = 0
OPTIMIZERS = {"sgd": "SGD", "adam": "Adam"}
DATA_STREAM = 2**32 - 2  # of the seed; the epochs have the streams from 1 upwards


@dataclass(frozen=True)
class Workload:
    """A network with its training: batches of `batch` rows, all of them full."""

    name: str
    sizes: tuple[int, ...]
    activation: str
    output: str
    loss: str
    batch: int
    optimizer: str  # "sgd", or "adam" with β1 = 0.9, β2 = 0.999
    learning_rate: float
    dtype: str
    rows: int
    epsilon: float = 1e-8  # of Adam

    @property
    def steps(self) -> int:
        """Training steps of an epoch."""
        return self.rows // self.batch

    @property
    def flop(self) -> int:
        """Floating-point operations of a step's matrix products: two forwards, four backwards.

        The first layer needs no gradient of its inputs; activations and updates are not counted.
        """
        products = [a * b for a, b in zip(self.sizes[:-1], self.sizes[1:], strict=True)]
        return 6 * self.batch * sum(products) - 2 * self.batch * products[0]

    @property
    def about(self) -> str:
        """The workload in a few words."""
        network = "-".join(map(str, self.sizes))
        heads = (
            self.activation
            if self.output in (self.activation, "identity")
            else f"{self.activation} {self.output}"
        )
        return f"{network} {heads}, batch {self.batch}, {OPTIMIZERS[self.optimizer]}, {self.dtype}"


@dataclass(frozen=True)
class Task:
    """A workload with its data and first weights, as every contender gets them."""

    workload: Workload
    threads: int
    X: Array  # (rows, in)
    T: Array  # (rows, out): numbers, or the classes as rows of 0 and 1
    classes: Array | None  # (rows,)
    weights: dict[str, Array]  # W1 (in, out), b1 (out,), …

    @classmethod
    def of(cls, workload: Workload, threads: int = 1) -> Task:
        """Draw data and weights; the same in every process."""
        rng = generator(SEED, DATA_STREAM)
        X, T, classes = _data(workload, rng)
        net = MLP(
            workload.sizes,
            workload.activation,
            workload.output,
            workload.loss,
            seed=SEED,
            dtype=workload.dtype,
        )
        return cls(workload, threads, X.astype(net.dtype), T.astype(net.dtype), classes, dict(net.parameters))

    @property
    def layers(self) -> list[tuple[Array, Array]]:
        """The first weights as copies, [(W, b), …]."""
        depth = len(self.workload.sizes) - 1
        return [(self.weights[f"W{k}"].copy(), self.weights[f"b{k}"].copy()) for k in range(1, depth + 1)]

    @property
    def Y(self) -> Array:
        """The targets as `MLP.fit` takes them."""
        return self.T if self.classes is None else self.classes

    def orders(self, epochs: int) -> Iterator[Array]:
        """Yield the order of the rows in each epoch, drawn when asked for, as `MLP.fit` draws it."""
        for epoch in range(1, epochs + 1):
            yield generator(SEED, epoch).permutation(self.workload.rows)

    def batches(self, epochs: int) -> Iterator[Array]:
        """Yield the row numbers of every batch of some epochs."""
        for order in self.orders(epochs):
            yield from order.reshape(-1, self.workload.batch)

    def network(self, dtype: str | None = None) -> MLP:
        """Return the network at its first weights."""
        w = self.workload
        return MLP(w.sizes, w.activation, w.output, w.loss, dtype=dtype or w.dtype, init=self.weights)

    def optimizer(self) -> SGD | Adam:
        """Return the workload's optimiser as clearprop's."""
        work = self.workload
        if work.optimizer == "adam":
            return Adam(work.learning_rate, epsilon=work.epsilon)
        return SGD(work.learning_rate)


def flat(layers: list[tuple[Array, Array]]) -> Array:
    """Return [(W, b), …] as one vector, in the order of `MLP.parameters.vector`."""
    return np.concatenate([np.ravel(part) for layer in layers for part in layer])


def _data(workload: Workload, rng: np.random.Generator) -> tuple[Array, Array, Array | None]:
    n, inputs, outputs = workload.rows, workload.sizes[0], workload.sizes[-1]
    if workload.name == "xor":
        X = np.array([[0, 0], [0, 1], [1, 0], [1, 1]])[np.arange(n) % 4]
        return X, X.sum(axis=1, keepdims=True) % 2, None
    if workload.output == "identity":
        X = rng.normal(size=(n, inputs))
        return X, np.sin(X[:, :outputs]) + rng.normal(0, 0.1, (n, outputs)), None
    classes = rng.integers(0, outputs, n)
    X, T = rng.normal(size=(n, inputs)), np.eye(outputs)[classes]
    return X, T, classes if workload.loss == "cross_entropy" else None


WORKLOADS = {
    w.name: w
    for w in (
        Workload("xor", (2, 3, 1), "sigmoid", "sigmoid", "squared_error", 4, "sgd", 0.5, "float64", 4096),
        Workload(
            "small", (10, 32, 1), "tanh", "identity", "squared_error", 32, "adam", 1e-3, "float32", 6400
        ),
        Workload(
            "digits", (64, 64, 10), "relu", "softmax", "cross_entropy", 32, "adam", 1e-3, "float32", 7168
        ),
        Workload(
            "nielsen", (784, 30, 10), "sigmoid", "sigmoid", "squared_error", 10, "sgd", 0.5, "float32", 5000
        ),
        Workload(
            "mnist",
            (784, 256, 128, 10),
            "relu",
            "softmax",
            "cross_entropy",
            128,
            "adam",
            1e-3,
            "float32",
            12_800,
        ),
        Workload(
            "wide",
            (784, 1024, 1024, 10),
            "relu",
            "softmax",
            "cross_entropy",
            512,
            "adam",
            1e-3,
            "float32",
            20_480,
        ),
    )
}

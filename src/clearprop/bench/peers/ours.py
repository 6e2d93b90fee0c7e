"""clearprop's two engines, through `MLP.fit` as a user calls it."""

from __future__ import annotations

from ...rules.array import Array
from ..workloads import SEED, Task


class Ours:
    """`MLP.fit` with one engine; the order of the rows comes from the seed, as `Task.orders` has it."""

    def __init__(self, task: Task, engine: str) -> None:
        self.task, self.engine = task, engine
        self.net = task.network()

    def start(self) -> None:
        """Go back to the first weights; not timed."""
        self.net.initialize(self.task.weights)

    def run(self, count: int) -> None:
        """Train for some epochs."""
        task = self.task
        self.net.fit(
            task.X,
            task.Y,
            optimizer=task.optimizer(),
            epochs=count,
            batch_size=task.workload.batch,
            seed=SEED,
            metric=None,
            progress=False,
            engine=self.engine,
        )

    def result(self) -> Array:
        """Return all weights as one vector."""
        return self.net.parameters.vector


def native(task: Task) -> Ours:
    """The compiled engine; it chooses its threads by itself."""
    return Ours(task, "native")


def numpy(task: Task) -> Ours:
    """The rules as they stand."""
    return Ours(task, "numpy")

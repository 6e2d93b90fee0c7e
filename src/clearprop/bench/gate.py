"""The gate: only who computes the right thing is timed.

A contender trains for 20 steps, and its weights are compared with those of the rules in float64. Plain
gradient descent comes first, for the sake of the loss's scale, to which Adam is blind; then Adam, where
the workload has it. Adam's ε is tiny here, since libraries add it in different places.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np

from ..rules.array import Array
from .pool import Failed, Worker
from .workloads import SEED, Task, Workload

__all__ = ["STEPS", "TOLERANCE", "check", "deviation", "reference", "trials"]

STEPS = 20
TOLERANCE = {"float64": 1e-9, "float32": 1e-2}  # of the way from the first weights
# float32 leaves about 1e-5, and 2e-3 on wide, where a unit of relu may fall on the other side of 0


def check(worker: Worker, contender: str, workload: Workload, folder: Path) -> dict[str, float]:
    """Return a contender's deviations by optimiser.

    Raises:
        Failed: one is too large, or the contender cannot do the workload.
    """
    found = {}
    for trial in trials(workload):
        worker.load("training", contender, trial)
        worker.run(1)
        error = deviation(worker.result(folder), *reference(trial))
        if not error <= TOLERANCE[workload.dtype]:
            raise Failed(
                f"wrong: after {STEPS} steps of {trial.optimizer}, its weights are {error:.1e} of the way off"
            )
        found[trial.optimizer] = error
    return found


def trials(workload: Workload) -> list[Workload]:
    """Return the 20 steps to check, as an epoch each."""
    short = replace(workload, rows=STEPS * workload.batch, epsilon=1e-11)
    rates = {"sgd": 0.01, "adam": 1e-4}
    names = dict.fromkeys(["sgd", workload.optimizer])
    return [replace(short, optimizer=name, learning_rate=rates[name]) for name in names]


def deviation(found: Array, expected: Array, start: Array) -> float:
    """Return how far weights are from the expected ones, as a share of the way from the first ones."""
    if found.shape != expected.shape:
        return float("inf")
    return float(np.linalg.norm(found - expected) / np.linalg.norm(expected - start))


@cache
def reference(trial: Workload) -> tuple[Array, Array]:
    """Return the weights after an epoch by the rules in float64, and the first ones."""
    task = Task.of(trial)
    net = task.network("float64")
    start = net.parameters.vector.copy()
    net.fit(
        task.X,
        task.Y,
        optimizer=task.optimizer(),
        epochs=1,
        batch_size=trial.batch,
        seed=SEED,
        metric=None,
        progress=False,
        engine="numpy",
    )
    return net.parameters.vector, start

"""What is measured on the digits' network alone: predictions of single rows, and the estimator's own cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from .. import passes
from ..compiled import cores
from ..ops import reference
from ..rules.array import Array
from .contenders import absent
from .estimator import KINDS
from .figures import add_ratios, summary
from .pool import Failed, Pool
from .prediction import CHECKED_ROWS, PREDICTORS
from .steady import Plan, Turn, calls_for, take_turns
from .workloads import WORKLOADS, Task

__all__ = ["estimator", "predictions"]

DIGITS = WORKLOADS["digits"]


def predictions(names: Sequence[str], pool: Pool, plan: Plan, folder: Path) -> list[dict[str, Any]]:
    """Return the seconds of a prediction of one row, on one thread; all must answer as the rules do."""
    turns: dict[str, Turn] = {}
    results: dict[str, dict[str, Any]] = {}
    expected = answers()
    for name in names:
        try:
            turns[name] = _ready(name, pool, plan, folder, expected)
        except Failed as reason:
            results[name] = {"contender": name, "reason": str(reason)}
    samples, failed = take_turns(turns, plan.rounds)
    results |= {name: {"contender": name, "reason": reason} for name, reason in failed.items()}
    results |= {name: {"contender": name, **summary(values)} for name, values in samples.items()}
    add_ratios(results, ["native"])
    return [{**results[name], "label": PREDICTORS[name].label} for name in names]


def estimator(pool: Pool, plan: Plan) -> dict[str, Any]:
    """Return the seconds of `MLPClassifier.fit`, those of the network's own fit, and their ratio."""
    turns = {}
    try:
        for kind in KINDS:
            worker = pool.worker(kind, cores())
            worker.load("estimator", kind, DIGITS)
            worker.run(1)
            turns[kind] = Turn(worker, 1, 1)
        samples, failed = take_turns(turns, max(4, plan.rounds))
    except Failed as reason:
        return {"reason": str(reason)}
    if failed:
        return {"reason": "; ".join(failed.values())}
    found = {kind: summary(values) for kind, values in samples.items()}
    return {**found, "ratio": found["estimator"]["median"] / found["engine"]["median"]}


def answers() -> Array:
    """Return the classes of the checked rows by the rules in float64."""
    task = Task.of(DIGITS)
    net = task.network("float64")
    X = task.X[:CHECKED_ROWS].astype(np.float64)
    return np.asarray(passes.forward(reference, net.layers, net.parameters, X, {})[-1].A.argmax(axis=1))


def _ready(name: str, pool: Pool, plan: Plan, folder: Path, expected: Array) -> Turn:
    """Return a predictor that has shown that it answers right.

    Raises:
        Failed: it is not installed, or answers otherwise.
    """
    reason = absent(PREDICTORS[name].packages)
    if reason:
        raise Failed(reason)
    worker = pool.worker(f"predict {name}", 1)
    worker.load("prediction", name, DIGITS)
    found = worker.result(folder)
    if not np.array_equal(found, expected):
        raise Failed(f"wrong: {np.count_nonzero(found != expected)} of {CHECKED_ROWS} classes differ")
    count, _ = calls_for(worker, plan.seconds)
    return Turn(worker, count, count)

"""The whole benchmark: workload by workload, then what belongs to the digits, as one JSON-ready record."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from ..compiled import cores
from .contenders import CONTENDERS
from .digits import estimator, predictions
from .machine import fingerprint, peaks
from .pool import Pool
from .prediction import PREDICTORS
from .processes import MODULES, cold, imports
from .steady import Plan, measure
from .workloads import WORKLOADS

__all__ = ["FORMAT", "bench"]

FORMAT = 1  # of the record


def bench(names: Sequence[str], *, peers: bool, plan: Plan, tell: Callable[[str], None]) -> dict[str, Any]:
    """Run the benchmark and return its record.

    Args:
        names: of the workloads.
        peers: whether other libraries take part.
        plan: how long is measured.
        tell: is called with what is being done.
    """
    began, contenders = time.perf_counter(), [each for each in CONTENDERS if peers or each.is_ours]
    peak = peaks()
    record: dict[str, Any] = {
        "format": FORMAT,
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "plan": vars(plan),
        "machine": fingerprint(),
        "peak_gflops": peak,
        "labels": {each.key: each.label for each in contenders},
        "ours": [each.key for each in contenders if each.is_ours],
        "workloads": [],
    }
    with tempfile.TemporaryDirectory() as name, Pool() as pool:
        folder = Path(name)
        for workload in (WORKLOADS[name] for name in names):
            found = measure(workload, contenders, pool, plan, folder, tell)
            add_speeds(found, peak)
            record["workloads"].append(found)
        if "digits" in names:
            tell("digits: predictions, the estimator")
            record["prediction"] = predictions(list(PREDICTORS) if peers else ["native"], pool, plan, folder)
            record["estimator"] = estimator(pool, plan)
            tell("digits: whole processes, from start to saved model")
            record["cold"] = cold(contenders, _threads(record), plan.runs, folder)
            record["imports"] = imports(list(MODULES) if peers else ["native"], plan.runs)
    record["seconds"] = time.perf_counter() - began
    return record


def add_speeds(workload: dict[str, Any], peak: dict[str, dict[str, float]] | None) -> None:
    """Add to each result GFLOP/s, and their share of what all of this process's cores could do."""
    limit = peak[workload["dtype"]][str(cores())] if peak else None
    for each in workload["results"]:
        if "median" in each:
            each["gflops"] = workload["flop"] / each["median"] / 1e9
            each["share"] = each["gflops"] / limit if limit else None


def _threads(record: dict[str, Any]) -> dict[str, int]:
    """Return the best number of threads on the digits, by contender."""
    (digits,) = (each for each in record["workloads"] if each["name"] == "digits")
    return {each["contender"]: each["threads"] or cores() for each in digits["results"] if "threads" in each}

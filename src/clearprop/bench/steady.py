"""A workload's training: the gate, the best number of threads, then rounds in which all take turns."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, NamedTuple

from ..compiled import cores
from .contenders import Contender
from .figures import add_ratios, interleaved, summary
from .gate import check
from .pool import Failed, Pool, Worker
from .workloads import Workload

__all__ = ["Plan", "Turn", "calls_for", "measure", "take_turns"]

FEWEST_EPOCHS = 3  # of a timed call: what a fit costs once is shown by the first epoch
WORTH_SHARING = 1e7  # operations a step, from which most libraries gain by a second thread


@dataclass(frozen=True)
class Plan:
    """How long is measured: rounds of calls of at least so many seconds, and runs of whole processes."""

    rounds: int = 8
    seconds: float = 0.2
    runs: int = 5
    quick: bool = False

    @classmethod
    def short(cls) -> Plan:
        """Return a plan for a first look."""
        return cls(rounds=4, seconds=0.06, runs=1, quick=True)


class Turn(NamedTuple):
    """What one call does: `calls` of something, which is so many units."""

    worker: Worker
    calls: int
    units: int


@dataclass
class Entrant:
    """A contender in its best process."""

    worker: Worker
    threads: int | None  # None where it chooses by itself
    deviation: dict[str, float]
    first: float  # seconds of the first epoch
    epochs: int  # of a call of the plan's length
    tried: dict[int, float]  # seconds a step, by threads

    def to_dict(self, samples: Sequence[float]) -> dict[str, Any]:
        """Return what is kept of it, with the seconds a step in each round."""
        kept = {name: value for name, value in vars(self).items() if name != "worker"}
        return {
            **kept,
            "tried": {str(threads): value for threads, value in self.tried.items()},
            **summary(samples),
        }


def measure(
    workload: Workload,
    contenders: Sequence[Contender],
    pool: Pool,
    plan: Plan,
    folder: Path,
    tell: Callable[[str], None],
) -> dict[str, Any]:
    """Return the results of all contenders on a workload; who is left out says why."""
    entrants: dict[str, Entrant] = {}
    reasons: dict[str, str] = {}
    for contender in contenders:
        tell(f"{workload.name}: {contender.label} is checked and tried")
        try:
            entrants[contender.key] = enter(contender, workload, pool, plan, folder)
        except Failed as reason:
            reasons[contender.key] = str(reason)
    tell(f"{workload.name}: {plan.rounds} rounds")
    steps = workload.steps
    turns = {key: Turn(each.worker, each.epochs, each.epochs * steps) for key, each in entrants.items()}
    samples, failed = take_turns(turns, plan.rounds)
    results: dict[str, dict[str, Any]] = {key: {"reason": why} for key, why in (reasons | failed).items()}
    results |= {key: entrants[key].to_dict(values) for key, values in samples.items()}
    add_ratios(results, [contender.key for contender in contenders if contender.is_ours])
    return {
        **asdict(workload),
        "about": workload.about,
        "steps": steps,
        "flop": workload.flop,
        "results": [{"contender": each.key, **results[each.key]} for each in contenders],
    }


def enter(contender: Contender, workload: Workload, pool: Pool, plan: Plan, folder: Path) -> Entrant:
    """Check a contender, and find its best number of threads.

    Raises:
        Failed: it cannot take part.
    """
    reason = contender.missing()
    if reason or (plan.quick and contender.is_slow_to_start):
        raise Failed(reason or "left out of a quick run: it compiles too long")
    times: dict[int, float] = {}
    tried: dict[int, Entrant] = {}
    counts = thread_counts(contender, workload, plan)
    for threads in counts:
        worker = pool.worker(contender.key, threads)
        deviation = check(worker, contender.key, workload, folder)
        worker.load("training", contender.key, workload)
        first = worker.run(1)
        epochs, seconds = calls_for(worker, plan.seconds)
        epochs = epochs if plan.quick else max(epochs, FEWEST_EPOCHS)
        again = worker.run(epochs) / epochs if len(counts) > 1 else seconds
        times[threads] = min(seconds, again) / workload.steps
        told = None if contender.chooses_threads else threads
        tried[threads] = Entrant(worker, told, deviation, first, epochs, times)
    return tried[min(times, key=lambda threads: times[threads])]


def thread_counts(contender: Contender, workload: Workload, plan: Plan) -> list[int]:
    """Return the numbers of threads to try; a quick run tries the likely one only."""
    most = cores()
    if contender.chooses_threads:
        return [most]
    if plan.quick:
        return [most if workload.flop > WORTH_SHARING else 1]
    return [threads for threads in (1, 2, 4, 8, 16, 32, 64) if threads < most] + [most]


def calls_for(worker: Worker, seconds: float) -> tuple[int, float]:
    """Return how often something has to be done to take about so many seconds, and how long once takes."""
    count = 1
    while (taken := worker.run(count)) < seconds / 4:
        count *= 2
    return max(1, round(count * seconds / taken)), taken / count


def take_turns(turns: Mapping[str, Turn], rounds: int) -> tuple[dict[str, list[float]], dict[str, str]]:
    """Return the seconds a unit of every call, by name; and of those who failed on the way, why."""
    samples: dict[str, list[float]] = {name: [] for name in turns}
    failed: dict[str, str] = {}
    for name in interleaved(list(turns), rounds):
        if name in failed:
            continue
        turn = turns[name]
        try:
            samples[name].append(turn.worker.run(turn.calls) / turn.units)
        except Failed as reason:
            failed[name] = str(reason)
            del samples[name]
    return samples, failed

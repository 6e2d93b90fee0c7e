"""The workers as the parent sees them: one process for each contender and number of threads."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np

from ..errors import ClearpropError
from ..rules.array import Array
from .workloads import Workload

__all__ = ["Failed", "Pool", "Worker", "environment"]

REST = 0.05  # seconds before a run, in which the threads of the one before stop spinning


class Failed(ClearpropError):
    """A contender could not do it; the message says why."""


def environment(threads: int) -> dict[str, str]:
    """Return the environment in which NumPy, PyTorch and JAX use this many threads.

    Python may keep what it has compiled, as it does for users: a library in a checkout would otherwise be
    compiled at each start, and one that pip has installed would not.
    """
    names = ("OMP", "OPENBLAS", "MKL", "VECLIB_MAXIMUM")
    limits = {
        f"{name}_NUM_THREADS" if name != "VECLIB_MAXIMUM" else f"{name}_THREADS": str(threads)
        for name in names
    }
    if threads == 1:
        limits["XLA_FLAGS"] = "--xla_cpu_multi_thread_eigen=false"
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    return {**kept, **limits}


class Worker:
    """One process that does what it is told, while all others wait."""

    def __init__(self, threads: int) -> None:
        words = [sys.executable, "-P", "-m", "clearprop.bench.worker", str(threads)]
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            words, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=environment(threads), text=True
        )

    def load(self, kind: str, contender: str, workload: Workload) -> None:
        """Make something ready: training, prediction or estimator.

        Raises:
            Failed: it cannot be done, or went wrong.
        """
        self._ask(load=kind, contender=contender, workload=asdict(workload))

    def run(self, count: int) -> float:
        """Run it so many times from the start, and return the seconds that it took."""
        time.sleep(REST)
        return float(self._ask(run=count)["seconds"])

    def result(self, folder: Path) -> Array:
        """Return the outcome of the last run."""
        path = folder / f"{self.process.pid}.npy"
        self._ask(save=str(path))
        return np.asarray(np.load(path, allow_pickle=False))

    def end(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()

    def _ask(self, **command: Any) -> dict[str, Any]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        try:
            self.process.stdin.write(json.dumps(command) + "\n")
            self.process.stdin.flush()
            line = self.process.stdout.readline()
        except BrokenPipeError:
            line = ""
        if not line:
            raise Failed(f"its process ended with {self.process.wait()}")
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise Failed(answer["error"])
        return answer


class Pool:
    """All workers, each started when it is first asked for, and ended together."""

    def __init__(self) -> None:
        self.workers: dict[tuple[str, int], Worker] = {}

    def worker(self, contender: str, threads: int) -> Worker:
        """Return the process of a contender with that many threads; a new one if it has ended."""
        worker = self.workers.get((contender, threads))
        if worker is None or worker.process.poll() is not None:
            worker = self.workers[contender, threads] = Worker(threads)
        return worker

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for worker in self.workers.values():
            worker.end()

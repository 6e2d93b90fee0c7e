"""The process in which a contender runs: commands come in as JSON lines, answers go out the same way.

    {"load": "training", "contender": "torch", "workload": {…}}   →  {}
    {"run": 3}                                                    →  {"seconds": 0.8}
    {"save": "result.npy"}                                        →  {}

What goes wrong is answered as {"error": "why"}.
"""

from __future__ import annotations

import json
import os
import sys
import time
import warnings
from typing import Any, TextIO

import numpy as np

from ..errors import ClearpropError
from .contenders import CONTENDERS, Subject
from .estimator import estimator_subject
from .prediction import predictor
from .workloads import Task, Workload


def main() -> None:
    """Serve until the commands end; what libraries print goes to standard error."""
    threads = int(sys.argv[1])
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    warnings.simplefilter("ignore")
    serve(sys.stdin, answers, threads)


def serve(commands: TextIO, answers: TextIO, threads: int) -> None:
    """Answer each command with one line."""
    subject: Subject | None = None
    for line in commands:
        command, answer = json.loads(line), {}
        try:
            if "load" in command:
                subject = None  # its memory first
                subject = load(command, threads)
            elif subject is not None:
                answer = obey(subject, command)
        except Exception as error:
            answer = {"error": words(error)}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def load(command: dict[str, Any], threads: int) -> Subject:
    """Return the subject that a command names."""
    workload = command["workload"]
    task = Task.of(Workload(**{**workload, "sizes": tuple(workload["sizes"])}), threads)
    if command["load"] == "prediction":
        return predictor(command["contender"], task)
    if command["load"] == "estimator":
        return estimator_subject(command["contender"])
    (contender,) = (each for each in CONTENDERS if each.key == command["contender"])
    return contender.subject(task)


def obey(subject: Subject, command: dict[str, Any]) -> dict[str, Any]:
    """Time a run from the start, or save the result of the last one."""
    if "save" in command:
        np.save(command["save"], subject.result())
        return {}
    subject.start()
    began = time.perf_counter()
    subject.run(command["run"])
    return {"seconds": time.perf_counter() - began}


def words(error: Exception) -> str:
    """Return what went wrong in one line."""
    if isinstance(error, ClearpropError):
        return str(error)
    lines = str(error).strip().splitlines() or [""]
    return f"{type(error).__name__}: {lines[0]}"[:200]


if __name__ == "__main__":
    main()

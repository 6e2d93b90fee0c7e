"""Classes or numbers: what a target is, why it is taken for that, and its values in the right form."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..errors import InputError
from .messages import shown

__all__ = ["Task", "decide"]

MOST_CLASSES = 20
"""So many different whole numbers are taken for classes; more are taken for quantities."""

Target = NDArray[Any]


@dataclass(frozen=True)
class Task:
    """What is to be learnt, and the sentence that says why."""

    kind: Literal["classification", "regression"]
    reason: str

    @property
    def is_classification(self) -> bool:
        """Whether classes are to be told apart, rather than numbers predicted."""
        return self.kind == "classification"


def decide(target: Target, column: str, asked: str) -> tuple[Task, Target]:
    """Return the task, and the target as classes (texts, booleans, whole numbers) or as numbers.

    Raises:
        InputError: the target cannot be what was asked for, or holds nothing to learn.
    """
    task = _guess(target, column) if asked == "auto" else Task(asked, "as you asked")  # type: ignore[arg-type]
    values = _classes(target, column) if task.is_classification else _numbers(target, column)
    _check_varied(values, column, task, asked)
    return task, values


def _guess(target: Target, column: str) -> Task:
    if target.dtype.kind == "O":
        return Task("classification", f"column {shown(column)} holds texts")
    if target.dtype.kind == "b":
        return Task("classification", f"column {shown(column)} holds true and false")
    distinct = len(np.unique(target))
    numbers = "whole numbers" if _is_whole(target) else "numbers with fractions"
    holds = f"column {shown(column)} holds {distinct:,} different {numbers}"
    if _is_whole(target) and distinct <= MOST_CLASSES and 2 * distinct <= len(target):
        return Task("classification", f"{holds}; --task regression takes them for quantities")
    other = "; --task classification takes them for classes" if _is_whole(target) else ""
    return Task("regression", holds + other)


def _is_whole(target: Target) -> bool:
    if target.dtype.kind != "f":
        return True
    return bool((np.abs(target) < 2.0**53).all() and (target == np.round(target)).all())


def _classes(target: Target, column: str) -> Target:
    if target.dtype.kind == "O":
        return target.astype(str)
    if target.dtype.kind != "f":
        return target
    if _is_whole(target):
        return target.astype(np.int64)
    raise InputError(
        f"column {shown(column)} holds no classes",
        expected="texts, booleans or whole numbers",
        got=f"{target[target != np.round(target)][0]}",
        hint="--task regression",
    )


def _numbers(target: Target, column: str) -> Target:
    if target.dtype.kind in "Ob":
        raise InputError(
            f"column {shown(column)} holds no numbers",
            expected="numbers to predict",
            got=shown(str(target[0])),
            hint="--task classification",
        )
    return target.astype(np.float64)


def _check_varied(values: Target, column: str, task: Task, asked: str) -> None:
    distinct = len(np.unique(values))
    if distinct == 1:
        raise InputError(
            f"column {shown(column)} has one value in every row, so there is nothing to learn",
            expected="two or more",
            got=shown(str(values[0])),
        )
    if task.is_classification and asked == "auto" and distinct > max(2, len(values) // 2):
        raise InputError(
            f"column {shown(column)} has nearly as many different texts as rows",
            expected="classes that come back",
            got=f"{distinct} different ones in {len(values)} rows",
            hint="another --target, or --task classification if it is meant so",
        )

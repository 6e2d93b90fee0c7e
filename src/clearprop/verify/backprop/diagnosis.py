"""From numbers to the mistake: the planted twin that gives all of them, or at least the first wrong one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...rules.array import Array
from ...story.recording import layer_in
from .comparing import Measure
from .readings import Reading
from .tracing import Problem, Values
from .twins import Twin, guess_rates, twins

__all__ = ["Diagnosis", "Finding"]


@dataclass(frozen=True)
class Finding:
    """The first quantity that differs, in the reading that was taken, and what explains it."""

    reading: Reading
    first: str | None = None
    mistake: str | None = None
    where: str = ""
    also: tuple[str, ...] = ()
    explains_all: bool = True
    rank: int = 0  # 3: all agrees; 2: a twin gives all of it; 1: one gives the first that differs; 0: none


@dataclass(frozen=True)
class Diagnosis:
    """What is given, in every reading, beside what is right."""

    problem: Problem
    right: Values
    readings: Sequence[Reading]
    measure: Measure

    def find(self) -> Finding:
        """Return what is found: nothing that differs, or the first that does and the likeliest mistake."""
        reading, agreeing = self._furthest
        if agreeing == len(reading.values):
            return Finding(reading, rank=3)
        with np.errstate(all="ignore"):  # a fault may leave the range of a number
            return self._full_match() or self._first_match(reading, agreeing)

    @property
    def is_right(self) -> bool:
        """Whether all that is given agrees in some reading."""
        reading, agreeing = self._furthest
        return agreeing == len(reading.values)

    @cached_property
    def _furthest(self) -> tuple[Reading, int]:
        """The plainest reading of those in which most quantities agree before the first that does not."""
        counts = [self._agreeing(reading, self.right.__getitem__) for reading in self.readings]
        best = int(np.argmax(counts))
        return self.readings[best], counts[best]

    def _full_match(self) -> Finding | None:
        """Return the twins that give all of it, in the plainest reading in which there are any."""
        for reading in self.readings:
            first = self._first(reading)
            found = [twin for twin in self._twins if self._gives_all(reading, twin, first)]
            if found:
                also = dict.fromkeys(twin.key for twin in found if twin.key != found[0].key)
                return Finding(reading, first, found[0].key, found[0].where, tuple(also), rank=2)
        return None

    def _gives_all(self, reading: Reading, twin: Twin, first: str) -> bool:
        if not self.measure.agree(first, reading.values[first], twin.value(first)):
            return False  # as nearly all do, and quickly
        return self._agreeing(reading, twin.value) == len(reading.values)

    def _first_match(self, reading: Reading, agreeing: int) -> Finding:
        """Return the twin that explains the first difference and most of the rest, or what can be seen."""
        first = self._first(reading)
        reached = [self._agreeing(reading, twin.value) for twin in self._twins]
        furthest = max(reached)
        if furthest > agreeing:
            twin = self._twins[reached.index(furthest)]
            return Finding(reading, first, twin.key, twin.where, explains_all=False, rank=1)
        return Finding(reading, first, _seen_in(reading.values[first], self.right[first]))

    @cached_property
    def _twins(self) -> list[Twin]:
        firsts = {self._first(reading): reading for reading in reversed(self.readings)}
        rates = [] if self.problem.rate is None else [self.problem.rate]
        for name, reading in firsts.items():
            rates += guess_rates(self.problem, self.right, name, reading.values[name])
        lowest = min(layer_in(name) or 0 for name in firsts)
        return list(
            twins(self.problem, self.right, self.readings[0].values, list(dict.fromkeys(rates)), lowest)
        )

    def _first(self, reading: Reading) -> str:
        """Return the first quantity that differs."""
        return list(reading.values)[self._agreeing(reading, self.right.__getitem__)]

    def _agreeing(self, reading: Reading, expected: Callable[[str], Any]) -> int:
        """Return how many quantities agree before the first that does not."""
        for count, (name, mine) in enumerate(reading.values.items()):
            if not self.measure.agree(name, mine, expected(name)):
                return count
        return len(reading.values)


def _seen_in(mine: Array, right: Any) -> str | None:
    """Return what is plain to see in a quantity that no twin explains."""
    if mine.shape != np.shape(right):
        return "shape"
    if not np.isfinite(mine).all():
        return "not_finite"
    if not mine.any():
        return "zero"
    factor = float(np.sum(mine * right) / np.sum(right * right)) if np.any(right) else 0.0
    close = np.allclose(mine, factor * right, rtol=0.0, atol=1e-5 * float(np.abs(mine).max()))
    return "constant_factor" if close and mine.size > 1 else None

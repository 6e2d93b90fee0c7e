"""The judge: all that is right about a problem, and the report on what is given beside it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import DivergedError
from ...rules.array import Array
from ...story import explain
from ...story.recording import layer_in
from .comparing import Measure, roundoff
from .diagnosis import Diagnosis, Finding
from .given import Given, named
from .mistakes import MISTAKES
from .readings import readings
from .report import BackpropReport, Compared
from .reported_loss import reported_loss
from .tracing import Problem, Values

__all__ = ["Judge"]

_LOSSES = ("L", "L_data")
_TOLERANCE, _TOLERANCE_SINGLE = 1e-5, 1e-4  # one-sided differences, a usual way to gradients, err by 1e-6


@dataclass(frozen=True)
class Judge:
    """A problem with all that is right, and how what is given is to be read."""

    problem: Problem
    right: Values
    dtype: np.dtype[Any]
    descent: bool
    tolerance: float | None

    def given(self, mine: Any) -> Given:
        """Return what the user gives by our names, in the order in which the quantities arise."""
        shapes = {name: np.shape(value) for name, value in self.right.items()}
        options = list(named(mine, shapes, self.problem.depth))
        return options[0] if len(options) == 1 else max(options, key=self.rank)  # of equals, the first

    def is_right(self, given: Given) -> bool:
        """Return whether all agrees, but for the loss."""
        return self._diagnosis(given).is_right

    def rank(self, given: Given) -> int:
        """Return how much of what is given can be explained, from 0 to 3, where all agrees."""
        return self._diagnosis(given).find().rank

    def report(self, given: Given, layout: str = "") -> BackpropReport:
        """Return the report on what is given, computed in the layout that is said."""
        diagnosis = self._diagnosis(given)
        found = diagnosis.find()
        conventions = [layout, given.order, *found.reading.conventions]
        compared = []
        for name, mine in given.values.items():
            if name in _LOSSES:
                loss = reported_loss(mine, self.right, self.problem, diagnosis.measure.tolerance)
                conventions.append(loss.convention if loss else "")
                right = np.array(loss.value if loss else self.right[name])
                compared.append(Compared.of(name, mine, right, agrees=loss is not None))
            else:
                compared.append(self._compared(name, found.reading.values[name], diagnosis.measure))
        return self._written(given, found, tuple(compared), conventions)

    def measure(self, given: Given) -> Measure:
        """Return when numbers of the precision of what is given agree."""
        dtypes = (self.dtype, *(array.dtype for array in given.values.values()))
        eps = max(float(np.finfo(dtype).eps) for dtype in dtypes)
        usual = _TOLERANCE if eps < 1e-10 else _TOLERANCE_SINGLE
        rough = self._single_precision
        return Measure(self.tolerance or usual, {name: eps * size for name, size in rough.items()})

    def formula(self, name: str) -> str:
        """Return the line of code by which training computes a quantity; empty where it cannot."""
        problem = self.problem
        weights = None if isinstance(problem.w, float) else problem.w[:, 0]
        update = "sequential" if problem.sequential else "simultaneous"
        with contextlib.suppress(DivergedError, KeyError):
            story = explain(
                problem.net,
                problem.X,
                problem.T,
                learning_rate=problem.rate,
                sample_weight=weights,
                update=update,
            )
            return story[name].code
        return ""

    def _written(
        self, given: Given, found: Finding, compared: tuple[Compared, ...], conventions: Sequence[str]
    ) -> BackpropReport:
        first = found.first or next((each.name for each in compared if not each.agrees), None)
        return BackpropReport(
            ok=first is None,
            first=first,
            mistake=found.mistake,
            where=found.where,
            also=found.also,
            explains_all=found.explains_all,
            formula=self.formula(self._to_mend(first, found.mistake)) if first else "",
            conventions=tuple(dict.fromkeys(says for says in conventions if says)),
            notes=tuple(self._notes(given, found)),
            compared=compared,
        )

    def _diagnosis(self, given: Given, *, descent: bool = False) -> Diagnosis:
        plain = {
            name: array.astype(np.float64) for name, array in given.values.items() if name not in _LOSSES
        }
        found = readings(plain, self.right, self.problem, descent=self.descent or descent)
        return Diagnosis(self.problem, self.right, tuple(found), self.measure(given))

    @cached_property
    def _single_precision(self) -> dict[str, float]:
        return roundoff(self.problem, self.right)

    def _compared(self, name: str, value: Array, measure: Measure) -> Compared:
        """Return a quantity beside ours; new parameters, which are judged by their step, as such."""
        right, agrees = self.right[name], measure.agree(name, value, self.right[name])
        if name.endswith("_new"):
            old, rate = self.problem.net.parameters[name.removesuffix("_new")], self.problem.rate or 0.0
            if value.shape == np.shape(right):
                value, right = old - rate * value, old - rate * right
        return Compared.of(name, value, right, agrees=agrees)

    def _notes(self, given: Given, found: Finding) -> Iterator[str]:
        gradients = [f"d{name}" for name in self.problem.net.parameters]
        absent = [name for name in gradients if name not in given.values]
        if 0 < len(absent) < len(gradients):
            yield f"not given, so not checked: {', '.join(absent)}"
        if found.mistake == "sign" and self._diagnosis(given, descent=True).is_right:
            yield (
                "yours are descent directions throughout: right if your update adds them, "
                "which descent=True tells the check"
            )

    def _to_mend(self, first: str, mistake: str | None) -> str:
        """Return the quantity whose line is to be mended, in the first layer that differs."""
        quantity = MISTAKES[mistake].quantity if mistake else ""
        mended = f"{quantity}{layer_in(first)}"
        return mended if quantity and mended in self.right else first

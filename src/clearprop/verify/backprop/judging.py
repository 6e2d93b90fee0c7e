"""The judge: all that is right about a problem, and the report on what is given beside it."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from ...errors import DivergedError
from ...rules.array import Array
from ...story import explain
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
_TOLERANCE, _TOLERANCE_SINGLE = (
    1e-5,
    1e-4,
)  # one-sided differences, a usual way to gradients, err by some 1e-6


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
        given = named(mine, shapes, self.problem.depth)
        return {name: given[name] for name in self.right if name in given}

    def is_right(self, given: Given) -> bool:
        """Return whether all agrees, but for the loss."""
        return self._diagnosis(given).is_right

    def report(self, given: Given, layout: str = "") -> BackpropReport:
        """Return the report on what is given, computed in the layout that is said."""
        diagnosis = self._diagnosis(given)
        found = diagnosis.find()
        conventions = [layout, *found.reading.conventions]
        compared = []
        for name, mine in given.items():
            if name in _LOSSES:
                loss = reported_loss(mine, self.right, self.problem, diagnosis.measure.tolerance)
                conventions.append(loss.convention if loss else "")
                right = np.array(loss.value if loss else self.right[name])
                compared.append(Compared.of(name, mine, right, agrees=loss is not None))
            else:
                compared.append(self._compared(name, found.reading.values[name], diagnosis.measure))
        return self._written(given, found, tuple(compared), conventions)

    def compare_calls(self, report: BackpropReport, once: Given, again: Given) -> BackpropReport:
        """Return the report with what a second call with the same arguments tells."""
        measure = self._measure(once)
        changed = [name for name in once if not measure.agree(name, again[name], once[name])]
        if not changed:
            return report
        if not all(measure.agree(name, again[name], 2 * once[name]) for name in changed):
            note = f"called again with the same arguments, the function gives another {changed[0]}"
            return replace(report, notes=(*report.notes, note))
        return replace(
            report,
            ok=False,
            first=changed[0],
            mistake="accumulated_gradients",
            where="from one call to the next",
            also=(),
            formula=self._formula(changed[0]),
        )

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
            formula=self._formula(self._to_mend(first, found.mistake)) if first else "",
            conventions=tuple(dict.fromkeys(says for says in conventions if says)),
            notes=tuple(self._notes(given, found)),
            compared=compared,
        )

    def _diagnosis(self, given: Given, *, descent: bool = False) -> Diagnosis:
        plain = {name: array.astype(np.float64) for name, array in given.items() if name not in _LOSSES}
        found = readings(plain, self.right, self.problem, descent=self.descent or descent)
        return Diagnosis(self.problem, self.right, tuple(found), self._measure(given))

    def _measure(self, given: Given) -> Measure:
        eps = max(float(np.finfo(each).eps) for each in (self.dtype, *(a.dtype for a in given.values())))
        usual = _TOLERANCE if eps < 1e-10 else _TOLERANCE_SINGLE
        rough = self._single_precision
        return Measure(self.tolerance or usual, {name: eps * size for name, size in rough.items()})

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
        absent = [name for name in gradients if name not in given]
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
        layer = re.search(r"\d+", first)
        mended = f"{quantity}{layer[0]}" if layer else first
        return mended if quantity and mended in self.right else first

    def _formula(self, name: str) -> str:
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

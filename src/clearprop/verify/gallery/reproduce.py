"""Run a worked example by the rules that training runs, and compare number by number."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import final

import numpy as np

from ...data import check_data
from ...errors import InputError
from ...rules.array import Array
from ...stepping import Rates, Stepper
from ...story import Story, explain
from ...training import recall
from ..shapes import fitted
from .example import Example
from .expected import Expected, Moment, Printed
from .printed import half_unit, is_within
from .quantity import read_quantity
from .runs import Run
from .section import named

__all__ = ["Comparison", "Report", "reproduce"]


@final
@dataclass(frozen=True)
class Comparison:
    """One number of a source beside the one that the rules compute.

    Attributes:
        moment: where in a run.
        name: the number in the words of a story, such as "A2[0]".
        label: what the source calls it; "" where it has no name.
        value: what the rules compute.
        published, exact: as in `Expected`.
        tolerance: how far off the published number may be.
        erratum: why the published number is wrong; "" where it is right.
        hint: what was probably meant by a name whose number differs; "" where nothing is known.
    """

    moment: Moment
    name: str
    label: str
    value: float
    published: Decimal | None
    exact: Decimal | None
    tolerance: float
    erratum: str
    hint: str = ""

    @property
    def error(self) -> float:
        """How far the value is from the published number; from the exact one where that counts.

        It counts where the published number is missing or called wrong, and where it is wrong itself.
        """
        return abs(self.value - float(self._reference[0]))

    @property
    def allowed(self) -> float:
        """How far it may be: the tolerance, or half a unit of the exact number's last digit."""
        return self._reference[1]

    @property
    def fits(self) -> bool:
        """Whether all is as the file says; an erratum must be one, and its exact number right."""
        return self._exact_fits and not self.is_no_erratum and (bool(self.erratum) or self._published_fits)

    @property
    def is_no_erratum(self) -> bool:
        """Whether a published number is called wrong and is right."""
        return bool(self.erratum) and self._published_fits

    @property
    def _exact_fits(self) -> bool:
        return self.exact is None or is_within(self.value, self.exact, half_unit(self.exact))

    @property
    def _published_fits(self) -> bool:
        return self.published is None or is_within(self.value, self.published, self.tolerance)

    @property
    def _reference(self) -> tuple[Decimal, float]:
        if self.exact is not None and (self.erratum or self.published is None or not self._exact_fits):
            return self.exact, half_unit(self.exact)
        assert self.published is not None
        return self.published, self.tolerance


@final
@dataclass(frozen=True)
class Report:
    """What came of an example.

    Attributes:
        example: the example.
        comparisons: number by number, in the order of the file.
        stories: the step at each moment that the file looks at.
    """

    example: Example
    comparisons: tuple[Comparison, ...]
    stories: Mapping[Moment, Story]

    @property
    def errata(self) -> int:
        """How many published numbers are wrong."""
        return sum(bool(comparison.erratum) for comparison in self.comparisons)

    @property
    def differing(self) -> tuple[Comparison, ...]:
        """The numbers that are not as the file says."""
        return tuple(comparison for comparison in self.comparisons if not comparison.fits)

    @property
    def worst(self) -> Comparison:
        """The number with the largest error, as a part of what it may be."""
        return max(self.comparisons, key=lambda comparison: comparison.error / comparison.allowed)

    @property
    def status(self) -> str:
        """In words: "reproduced", "reproduced, 2 errata" or "differs"."""
        if self.differing:
            return "differs"
        if not self.errata:
            return "reproduced"
        return f"reproduced, {self.errata} {'erratum' if self.errata == 1 else 'errata'}"


def reproduce(example: Example) -> Report:
    """Run an example and compare all of its numbers.

    Raises:
        InputError: the file names a quantity that its run does not have, or of another shape.
        DivergedError: a step meets a number that is not finite.
    """
    moments = {expected.moment for expected in example.expected}
    stories, values = {}, {}
    for name, run in example.runs.items():
        walk = _Walk(run)
        for moment in sorted((m for m in moments if m.run == name), key=lambda m: m.steps):
            walk.go_to(moment.steps)
            stories[moment], values[moment] = walk.look(moment.samples)
    comparisons = tuple(
        comparison
        for expected in example.expected
        for comparison in _compare(
            expected, values[expected.moment], example.runs[expected.moment.run].weights == "out x in"
        )
    )
    return Report(example, comparisons, stories)


@final
class _Walk:
    """A run under way: a network that steps along, and can be looked at wherever it stands."""

    def __init__(self, run: Run) -> None:
        self._run, self._steps, self._net = run, 0, run.network()
        self._data = check_data(self._net, run.X, run.Y)
        training = run.training
        memory, rates = recall(self._net, training.optimizer), Rates.of(self._net, training.freeze, None)
        self._stepper = Stepper(self._net, memory, rates, update=training.update)

    def go_to(self, steps: int) -> None:
        """Make steps until there were so many."""
        eta = float(self._run.training.optimizer.learning_rate)  # type: ignore[arg-type]
        with np.errstate(all="ignore"):  # the steps look for themselves
            while self._steps < steps:
                self._stepper.step(self._data, self._rows(self._steps), eta)
                self._steps += 1

    def look(self, samples: tuple[int, ...] | None) -> tuple[Story, dict[str, Array]]:
        """Return the story of a step from here, and all of its quantities; the network does not move."""
        run, how = self._run, self._run.training
        rows = self._rows(self._steps) if samples is None else np.array(samples)
        X, Y = run.X[rows], run.Y[rows]
        story = explain(self._net, X, Y, optimizer=how.optimizer, update=how.update, freeze=how.freeze)
        return story, {**story.values, "dX": self._net.input_gradient(X, Y)}

    def _rows(self, step: int) -> Array:
        size, count = self._run.training.batch_size, len(self._data)
        start = step % self._run.steps_per_epoch * size
        return np.arange(start, min(start + size, count))


def _compare(expected: Expected, values: Mapping[str, Array], transposed: bool) -> list[Comparison]:
    with named(expected.place):
        value = expected.quantity.of(values, transposed=transposed)
        published, exact = (_matched(each, value.shape) for each in (expected.published, expected.exact))
        labels = _labels(expected.labels, value.size)
    found = []
    for k, index in enumerate(np.ndindex(value.shape)):
        printed = None if published is None else published.item(k)
        found.append(
            Comparison(
                moment=expected.moment,
                name=expected.quantity.entry(index),
                label=labels[k],
                value=float(value[index]),
                published=printed,
                exact=None if exact is None else exact.item(k),
                tolerance=expected.tolerance or (0.0 if printed is None else half_unit(printed)),
                erratum=expected.erratum,
            )
        )
    if all(each.fits for each in found) or "_new" not in expected.quantity.text:
        return found
    old = read_quantity(expected.quantity.text.replace("_new", "")).of(values, transposed=transposed)
    return [_with_hint(each, float(number)) for each, number in zip(found, old.flat, strict=True)]


def _with_hint(comparison: Comparison, old: float) -> Comparison:
    """Return a comparison that says so where it is the parameter before the step that fits."""
    if comparison.fits or not replace(comparison, value=old).fits:
        return comparison
    name = comparison.name.replace("_new", "")
    return replace(comparison, hint=f"{name} fits; {comparison.name} is that of one step more")


def _matched(numbers: Printed | None, shape: tuple[int, ...]) -> Printed | None:
    if numbers is None:
        return None
    matched = fitted(numbers, shape)
    if matched is None:
        raise InputError("the numbers do not fit", expected=f"shape {shape}", got=f"shape {numbers.shape}")
    return matched


def _labels(labels: tuple[str, ...], count: int) -> tuple[str, ...]:
    if len(labels) not in (0, 1, count):
        raise InputError(
            "the labels do not fit", expected=f"one, or one for each of {count}", got=str(len(labels))
        )
    return labels if len(labels) == count else (labels or ("",)) * count

"""What a source printed: a quantity at a moment, its digits, and where it is wrong the right value."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

import numpy as np
from numpy.typing import NDArray

from ...errors import InputError
from .printed import as_printed
from .quantity import Quantity, read_quantity
from .runs import Run
from .section import Section, named

__all__ = ["Expected", "Moment", "read_expected"]

AFTER = re.compile(r"(\d{1,9}) (step|epoch)s?")
MOST_STEPS = 1_000_000  # some minutes
Printed = NDArray[np.object_]  # of decimals


@final
@dataclass(frozen=True)
class Moment:
    """Where in a run the quantities are looked at.

    Attributes:
        run: the name of the run.
        steps: how many updates came before.
        samples: the rows that are looked at; None for those of the next step.
    """

    run: str
    steps: int
    samples: tuple[int, ...] | None

    def __str__(self) -> str:
        run = f"{self.run}, " if self.run else ""
        when = f"after {self.steps:,} step{'s' * (self.steps != 1)}" if self.steps else "the first step"
        which = "" if self.samples is None else f", samples {', '.join(map(str, self.samples))}"
        return f"{run}{when}{which}"


@final
@dataclass(frozen=True)
class Expected:
    """A quantity at a moment, as its source printed it.

    Attributes:
        moment: where in a run.
        quantity: its name, in the words of a story.
        labels: what the source calls it: none, one, or one for each number.
        published: the numbers as printed, or None where only the exact ones are given.
        exact: the exact numbers with their own digits, or None.
        tolerance: how far off the published numbers may be; None for half a unit of their last digit.
        erratum: why the published numbers are wrong; "" where they are right.
        place: where it stands in the file, for messages.
    """

    moment: Moment
    quantity: Quantity
    labels: tuple[str, ...]
    published: Printed | None
    exact: Printed | None
    tolerance: float | None
    erratum: str
    place: str


def read_expected(group: Any, runs: Mapping[str, Run], where: str) -> list[Expected]:
    """Return what one table [[expect]] lists.

    Raises:
        InputError: what does not fit, with its place.
    """
    section = Section(group, where, ("run", "after", "samples", "tolerance", "values"))
    name = section.text("run", "")
    if name not in runs:
        known = ", ".join(repr(run) for run in runs if run) or f"a table [runs.{name}.training] in the file"
        raise InputError(f"{section.place('run')} does not fit", expected=known, got=repr(name))
    moment = Moment(name, _steps(section, runs[name]), _samples(section, runs[name]))
    tolerance = _tolerance(section)
    values = section.tables("values")
    if not values:
        raise InputError(f"{where} lists no values", expected='values = [{ name = "A2", published = 0.75 }]')
    return [_read_value(value, moment, runs[name], tolerance, where) for value in values]


def _read_value(value: Any, moment: Moment, run: Run, tolerance: float | None, where: str) -> Expected:
    known = ("name", "label", "published", "exact", "tolerance", "erratum")
    name = value.get("name", "a value") if isinstance(value, dict) else "a value"
    place = f"{name} in {where}"
    section = Section(value, place, known)
    text = section.text("name")
    with named(place):
        quantity = read_quantity(text)
    if not run.training.has_rate and (moment.steps or "_new" in quantity.text):
        raise InputError(f"{place} needs a step of training", expected="learning_rate in [training]")
    published, exact = (
        as_printed(section.value(key), section.place(key)) if key in section else None
        for key in ("published", "exact")
    )
    if published is None and exact is None:
        raise InputError(f"{place} lacks its numbers", expected="published, exact or both")
    if "erratum" in section and (published is None or exact is None):
        raise InputError(f"{place} is called an erratum", expected="published and exact")
    own = _tolerance(section)
    return Expected(
        moment=moment,
        quantity=quantity,
        labels=tuple(section.texts("label", [])),
        published=published,
        exact=exact,
        tolerance=tolerance if own is None else own,
        erratum=section.text("erratum", ""),
        place=place,
    )


def _steps(section: Section, run: Run) -> int:
    text = section.text("after", "0 steps")
    match = AFTER.fullmatch(text)
    steps = int(match[1]) * (run.steps_per_epoch if match[2] == "epoch" else 1) if match else None
    if steps is None or steps > MOST_STEPS:
        raise InputError(
            f"{section.place('after')} does not fit",
            expected=f'"1 step" or "3 epochs", and at most {MOST_STEPS:,} steps',
            got=f"{text!r:.40}",
        )
    return steps


def _samples(section: Section, run: Run) -> tuple[int, ...] | None:
    if "samples" not in section:
        return None
    value, count = section.value("samples"), len(run.X)
    if value == "all":
        return tuple(range(count))
    if isinstance(value, list) and value and all(type(k) is int and 0 <= k < count for k in value):
        return tuple(value)
    raise InputError(
        f"{section.place('samples')} does not fit",
        expected=f'"all", or a list of numbers from 0 to {count - 1}',
        got=repr(value),
    )


def _tolerance(section: Section) -> float | None:
    return section.number("tolerance", above=0) if "tolerance" in section else None

"""Learning-rate schedules: the rate at each moment of training, a pure function of that moment.

A schedule stands where a number would: `Adam(Cosine(1e-3, warmup=0.1))`.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Protocol

import numpy as np

from .checks import check_number
from .rules.array import Array


class Moment(NamedTuple):
    """Where training is: the epoch counts from 0 over all fits, the step from 0 in this fit."""

    epoch: int
    step: int
    steps: int  # of this fit in all
    losses: Sequence[float]  # of this fit's finished epochs: on validation data where there is some


class Schedule(Protocol):
    """What stands for a learning rate that changes."""

    def rate(self, moment: Moment) -> float:
        """Return the learning rate of the step at this moment."""
        ...


def as_schedule(rate: float | Schedule) -> Schedule:
    """Return a schedule: the given one, or a constant rate."""
    return rate if hasattr(rate, "rate") else Constant(rate)


def rates(schedule: Schedule, moment: Moment, steps: int) -> Array:
    """Return the learning rates (steps,) of an epoch that starts at this moment."""
    if type(schedule) in (Constant, StepDecay, Exponential, ReduceOnPlateau):  # they look at the epoch only
        return np.full(steps, schedule.rate(moment))
    later = range(moment.step, moment.step + steps)
    return np.array([float(schedule.rate(moment._replace(step=step))) for step in later])


def looks_back(schedule: Schedule) -> bool:
    """Return whether a rate may depend on the losses of earlier epochs, so that it is known only then."""
    return type(schedule) not in (Constant, StepDecay, Exponential, Cosine, OneCycle)


@dataclass(frozen=True)
class Constant:
    """One rate for all steps."""

    learning_rate: float

    def __post_init__(self) -> None:
        _positive(self, "learning_rate")

    def rate(self, moment: Moment) -> float:
        """Return the one rate."""
        return self.learning_rate


@dataclass(frozen=True)
class StepDecay:
    """The rate is multiplied by `factor` after every `every` epochs."""

    learning_rate: float
    every: int = 10
    factor: float = 0.5

    def __post_init__(self) -> None:
        _positive(self, "learning_rate", "every", "factor")

    def rate(self, moment: Moment) -> float:
        """Return learning_rate · factor^⌊epoch / every⌋."""
        return self.learning_rate * self.factor ** (moment.epoch // self.every)


@dataclass(frozen=True)
class Exponential:
    """The rate is multiplied by `factor` after every epoch."""

    learning_rate: float
    factor: float = 0.95

    def __post_init__(self) -> None:
        _positive(self, "learning_rate", "factor")

    def rate(self, moment: Moment) -> float:
        """Return learning_rate · factor^epoch."""
        return self.learning_rate * self.factor**moment.epoch


@dataclass(frozen=True)
class Cosine:
    """A linear warm-up over a fraction of the fit, then half a cosine down to `final`.

    Source: Loshchilov, Hutter 2017, "SGDR: Stochastic gradient descent with warm restarts".
    """

    learning_rate: float
    warmup: float = 0.0
    final: float = 0.0

    def __post_init__(self) -> None:
        _positive(self, "learning_rate")
        _fraction(self, "warmup")
        check_number("Cosine: final", self.final, at_least=0, at_most=self.learning_rate)

    def rate(self, moment: Moment) -> float:
        """Return the rate at this fraction of the fit; the first step of a warm-up is above zero."""
        warm = self.warmup * moment.steps
        if moment.step < warm:
            return self.learning_rate * min(1.0, (moment.step + 1) / warm)
        fraction = (moment.step - warm) / max(1.0, moment.steps - warm)
        return self.final + (self.learning_rate - self.final) * 0.5 * (1 + math.cos(math.pi * fraction))


@dataclass(frozen=True)
class OneCycle:
    """The rate rises along a cosine from peak/`start` to the peak, then falls to peak/`end`.

    Source: Smith, Topin 2018, "Super-convergence".
    """

    peak: float
    rise: float = 0.3
    start: float = 25.0
    end: float = 1e4

    def __post_init__(self) -> None:
        _positive(self, "peak", "start", "end")
        _fraction(self, "rise")

    def rate(self, moment: Moment) -> float:
        """Return the rate at this fraction of the fit."""
        top = self.rise * moment.steps
        if moment.step < top:
            low, fraction = self.peak / self.start, 1 - moment.step / top
        else:
            low, fraction = self.peak / self.end, (moment.step - top) / max(1.0, moment.steps - top)
        return low + (self.peak - low) * 0.5 * (1 + math.cos(math.pi * fraction))


@dataclass(frozen=True)
class ReduceOnPlateau:
    """The rate is multiplied by `factor` whenever the loss has not improved for `patience` epochs.

    An improvement is a fall below the last improvement by more than `tolerance`; the loss is that on the
    validation data where there is some, the training loss otherwise.
    """

    learning_rate: float
    factor: float = 0.2
    patience: int = 10
    tolerance: float = 1e-4
    minimum: float = 1e-6

    def __post_init__(self) -> None:
        _positive(self, "learning_rate", "factor", "patience")
        check_number("ReduceOnPlateau: tolerance", self.tolerance, at_least=0)
        check_number("ReduceOnPlateau: minimum", self.minimum, at_least=0)

    def rate(self, moment: Moment) -> float:
        """Return learning_rate · factor^(number of plateaus met), not below the minimum."""
        best, waited, plateaus = math.inf, 0, 0
        for loss in moment.losses:
            improved = loss < best - self.tolerance
            best, waited = (loss, 0) if improved else (best, waited + 1)
            if waited >= self.patience:
                waited, plateaus = 0, plateaus + 1
        return max(self.learning_rate * self.factor**plateaus, min(self.minimum, self.learning_rate))


SCHEDULES: dict[str, type[Any]] = {
    kind.__name__: kind for kind in (Constant, StepDecay, Exponential, Cosine, OneCycle, ReduceOnPlateau)
}


def _positive(schedule: object, *names: str) -> None:
    for name in names:
        check_number(f"{type(schedule).__name__}: {name}", getattr(schedule, name), above=0)


def _fraction(schedule: object, name: str) -> None:
    check_number(f"{type(schedule).__name__}: {name}", getattr(schedule, name), at_least=0, below=1)

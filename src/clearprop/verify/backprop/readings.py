"""Conventions: the ways in which right gradients may be written down, read as ours.

None of these is a mistake: W stored transposed, samples in columns, deltas without the 1/n of the mean,
deltas of the other sign, gradients of the other sign where the update adds them.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from ...rules.array import Array
from .tracing import Problem, Values

__all__ = ["Reading", "readings"]

_WEIGHTS = r"dW\d+|dW\d+_data|W\d+_new"
_UNITS = r"d?[ZA]\d+"
_DELTAS = r"d[ZA]\d+"
_GRADIENTS = r"d[Wb]\d+|dW\d+_data"
_STEPS = rf"{_GRADIENTS}|[Wb]\d+_new"


@dataclass(frozen=True)
class Reading:
    """What is given, read in certain conventions: as ours would be written, and the conventions in words."""

    values: Mapping[str, Array]
    conventions: tuple[str, ...] = ()


Change = tuple[str, str, Callable[[str, Array], Array]]  # in words, which names, what happens to them


def readings(
    given: Mapping[str, Array], right: Values, problem: Problem, *, descent: bool
) -> Iterator[Reading]:
    """Yield what is given in every convention that it can be written in, the plainest first."""
    choices = [
        _turned(given, right, _WEIGHTS, "W is stored transposed, (outputs, inputs)"),
        _turned(given, right, _UNITS, "samples are columns"),
        [None, *_delta_sizes(problem)] if _some(given, _DELTAS) else [None],
        [None, _delta_sign()] if _some(given, _DELTAS) and _some(given, _STEPS) else [None],
        [_descent()] if descent else [None, _descent()] if _some(given, r"[Wb]\d+_new") else [None],
    ]
    ranked = itertools.product(*(enumerate(choice) for choice in choices))
    for changes in sorted(ranked, key=lambda each: sum(rank > 0 for rank, _ in each)):
        made = [change for _, change in changes if change is not None]
        yield Reading(
            {name: _as_step(name, _changed(name, array, made), problem) for name, array in given.items()},
            tuple(says for says, _, _ in made),
        )


def _as_step(name: str, array: Array, problem: Problem) -> Array:
    """Return new parameters as the gradient of the step that led to them, all else as it is."""
    if not name.endswith("_new") or problem.rate is None:
        return array
    old = problem.net.parameters[name.removesuffix("_new")]
    return (old - array) / problem.rate if array.shape == old.shape else array


def _some(given: Mapping[str, Array], names: str) -> bool:
    return any(re.fullmatch(names, name) for name in given)


def _changed(name: str, array: Array, changes: list[Change]) -> Array:
    for _, names, change in changes:
        if re.fullmatch(names, name):
            array = change(name, array)
    return array


def _turned(given: Mapping[str, Array], right: Values, names: str, says: str) -> list[Change | None]:
    """Return whether arrays may be transposed, the likelier first, as their shapes tell.

    Square ones tell nothing, nor does a row or a column: it has been given the shape of ours. Where some
    shapes fit and others do not, it may be either.
    """
    shapes = [
        (array.shape, np.shape(right[name])) for name, array in given.items() if re.fullmatch(names, name)
    ]
    shapes = [(mine, ours) for mine, ours in shapes if 1 not in ours]
    telling = [(mine, ours) for mine, ours in shapes if ours != ours[::-1]]

    def turned(name: str, array: Array) -> Array:
        fits = array.shape == np.shape(right[name])  # as a row or a column always does
        return array if fits and 1 in array.shape else array.T

    turn: Change = (says, names, turned)
    is_mirrored = sorted(mine[::-1] for mine, _ in telling) == sorted(ours for _, ours in telling)
    if telling and not is_mirrored and all(mine == ours for mine, ours in telling):
        return [None]
    if telling and all(mine == ours[::-1] for mine, ours in telling):
        return [turn, None]
    return [None, turn] if shapes else [None]  # or layers are swapped, as 3 x 7 and 7 x 3


def _delta_sizes(problem: Problem) -> list[Change]:
    if problem.total == 1:
        return []
    w = problem.w

    def per_sample(_: str, array: Array) -> Array:
        return array * w if np.ndim(w) == 0 or len(array) == np.shape(w)[0] else array

    return [("deltas are those of each sample, without the 1/n of the mean", _DELTAS, per_sample)]


def _delta_sign() -> Change:
    return ("deltas have the other sign: target minus output", _DELTAS, _negative)


def _descent() -> Change:
    return ("gradients are descent directions, which the update adds", f"{_GRADIENTS}|{_DELTAS}", _negative)


def _negative(_: str, array: Array) -> Array:
    return -array

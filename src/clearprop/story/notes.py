"""What is remarkable in a step: each note with its number and a remedy.

A note names a cause; what only follows from a cause that is named already is not noted again: the
gradient vanishes below saturated, dead or symmetric units, and an exploding one raises the loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from ..rules.array import Array
from .numbers import number
from .paths import Link, slopes

if TYPE_CHECKING:
    from .story import Story

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0}  # the largest slope of what can saturate
SATURATED = 0.02  # below this part of the largest slope, for every sample, a unit is saturated
ERROR = 0.01  # and there is an error to learn from, by more than this for some sample
FEW = 2  # a layer that is silent for so many samples is dead
MANY = 8  # so is a unit that stays well below zero for so many
VANISHED, EXPLODED = 1e-3, 1e3  # the error at the first layer over that at the last one
RAISED = {8: 1e-9, 4: 1e-5}  # by more than this part, beyond rounding, in float64 and float32


class Note(NamedTuple):
    """Something to mind in a training step.

    Attributes:
        kind: such as "dead relu"; one word or two.
        where: the name of the quantity that it is about.
        text: what is the matter, in a sentence, with its number.
        number: the figure that gave rise to it.
        remedy: what may help.
    """

    kind: str
    where: str
    text: str
    number: float
    remedy: str


def find_notes(story: Story) -> tuple[Note, ...]:
    """Return the notes of a story that has none yet."""
    notes = [*_symmetric(story), *_dead(story), *_saturated(story)]
    notes += _flow(story, explained=bool(notes))
    if not any(note.kind == "exploding gradient" for note in notes):
        notes += _raised(story)
    return tuple(notes)


def _hidden(story: Story) -> Iterator[tuple[Link, Link]]:
    """Yield each hidden layer with the one above it."""
    yield from pairwise(story.chain)


def _symmetric(story: Story) -> Iterator[Note]:
    for link, above in _hidden(story):
        W, b, V = (np.asarray(story.values[name]) for name in (link.W, link.b, above.W))
        units = np.concatenate([W, b.reshape(1, -1), V.T])  # (in + 1 + out, units): all that a unit is
        alike = units.shape[1] - np.unique(units, axis=1).shape[1] + 1
        if alike > 1:
            text = f"{alike} units of layer {link.number} have the same weights and will stay alike"
            yield Note("symmetric units", link.W, text, float(alike), 'random first weights: init="auto"')


def _dead(story: Story) -> Iterator[Note]:
    for link in story.chain:
        if link.activation != "relu":
            continue
        X, W, b, Z = (np.asarray(story.values[name]) for name in (link.X, link.W, link.b, link.Z))
        silent = (Z <= 0).all(axis=0)
        out_of_reach = b.ravel() + np.abs(X).max(axis=0) @ np.abs(W) <= 0  # for all inputs of this size
        far_below = (Z.max(axis=0) < -Z.std(axis=0)) & (len(Z) >= MANY)
        dead = silent & (out_of_reach | far_below | (silent.all() & (len(Z) >= FEW)))
        if dead.any():
            worst = int(np.where(dead, Z.max(axis=0), np.inf).argmin())
            text = (
                f"{_units(dead, link)} 0 for every sample: the largest weighted sum is "
                f"{number(Z[:, dead].max(), 4)}, and no gradient passes"
            )
            remedy = "a larger bias, a smaller learning rate, or leaky_relu"
            yield Note("dead relu", f"{link.Z}[:, {worst}]", text, float(dead.sum()), remedy)


def _saturated(story: Story) -> Iterator[Note]:
    for link in story.chain:
        if link.activation not in STEEPEST or link.dA is None:
            continue
        slope = slopes(story, link)
        flat = (slope < SATURATED * STEEPEST[link.activation]).all(axis=0)
        error = _by_sample(story, story.values[link.dA])
        stuck = np.logical_and(flat, (np.abs(error) > ERROR).any(axis=0))
        if stuck.any():
            text = (
                f"{_units(stuck, link)} saturated for every sample: the slope is at most "
                f"{number(slope[:, stuck].max(), 4)}, so almost no gradient passes"
            )
            remedy = "scaled inputs, smaller first weights, or a loss with its natural output"
            worst = int(np.where(stuck, slope.max(axis=0), np.inf).argmin())
            kind = f"saturated {link.activation}"
            yield Note(kind, f"{link.Z}[:, {worst}]", text, float(slope[:, stuck].max()), remedy)


def _flow(story: Story, *, explained: bool) -> Iterator[Note]:
    """Compare the error at the first layer with that at the last: per unit, root mean square."""
    if len(story.chain) < 2:
        return
    errors = [_size(story.values[link.dZ]) for link in story.chain]
    if not errors[-1] or not errors[0]:  # learnt to the last bit, or silent for a sample or two
        return
    ratio = errors[0] / errors[-1]
    steps = [below / above if above else 1.0 for below, above in pairwise(errors)]
    if ratio < VANISHED and not explained:
        k = int(np.argmin(steps))
        text = (
            f"the error at layer 1 is {number(ratio, 4)} of that at layer {len(errors)}; it shrinks most "
            f"from layer {k + 2} to {k + 1}, to {number(steps[k], 4)} of its size"
        )
        remedy = "relu or tanh, larger first weights, or fewer layers"
        yield Note("vanishing gradient", story.chain[k].dZ, text, ratio, remedy)
    if ratio > EXPLODED:
        k = int(np.argmax(steps))
        text = (
            f"the error at layer 1 is {number(ratio, 4)} times that at layer {len(errors)}; it grows most "
            f"from layer {k + 2} to {k + 1}, by a factor of {number(steps[k], 4)}"
        )
        remedy = "smaller first weights, or clip_norm"
        yield Note("exploding gradient", story.chain[k].dZ, text, ratio, remedy)


def _raised(story: Story) -> Iterator[Note]:
    before, after = story.loss, story.loss_after
    if after is None:
        return
    rise = RAISED[np.asarray(story.values["X"]).dtype.itemsize]
    if not after <= before + rise * max(abs(before), rise):  # or it is no number any more
        text = f"the step raised the loss of its own batch from {number(before)} to {number(after)}"
        yield Note("raised loss", "L", text, after - before, "a smaller learning rate")


def _units(which: Array, link: Link) -> str:
    count, of = int(which.sum()), len(which)
    place = f"layer {link.number} ({link.activation})"
    verb = "give" if link.activation == "relu" else "are"
    if count > 1:
        return f"{count} of {of} units of {place} {verb}"
    return f"unit {int(which.argmax())} of {place} {'gives' if verb == 'give' else 'is'}"


def _by_sample(story: Story, dA: Any) -> Array:
    """Return an error per sample: that of an MLP holds the sample's share of the mean."""
    return np.asarray(dA) * (1 if "learning_rate" in story.values else len(story.values["X"]))


def _size(array: Any) -> float:
    return float(np.sqrt(np.mean(np.square(array))))

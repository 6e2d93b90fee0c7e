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
CERTAINLY = 2e-4  # with a few samples, which may all be far out, below this one
A_FEW = 8
NEGLIGIBLE = 0.01  # a unit that gets less than this part of its layer's error has nothing to learn
LEARNT = 1e-3  # nor has a network whose outputs are as near as this to targets of size 1
VANISHED, EXPLODED = 1e-3, 1e3  # the error at the first layer over that at the last one
RAISED = {8: 1e-9, 4: 1e-5}  # by more than this part, beyond rounding, in float64 and float32
NEAR_ZERO = 0.05  # of the largest input
TINY = 1e-300  # a reach of nothing but what cannot be negative
UNSCALED = 100.0  # inputs this large are better scaled


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
    """Look for units that no input of the batch's size can wake, and for layers that are all silent."""
    for link in story.chain:
        if link.activation != "relu":
            continue
        X, W, b, Z = (np.asarray(story.values[name]) for name in (link.X, link.W, link.b, link.Z))
        silent = (Z <= 0).all(axis=0) & (Z < 0).any(axis=0)
        reach = np.linalg.norm(X, axis=1).max() * np.linalg.norm(W, axis=0)  # no weighted sum is larger
        if _is_positive(X) and len(X) >= A_FEW:  # only positive weights can raise the sum
            reach = np.minimum(reach, X.max() * np.maximum(W, 0).sum(axis=0) + TINY)
        dead = silent & (reach > 0) & (b.ravel() + reach < 0)
        if silent.all() and len(Z) > 1:
            dead = silent
        if dead.any():
            worst = int(np.where(dead, Z.max(axis=0), np.inf).argmin())
            text = (
                f"{_units(dead, link)} 0 for every sample: the largest weighted sum is "
                f"{number(Z[:, dead].max(), 4)}, and no gradient passes"
            )
            remedy = "a larger bias, a smaller learning rate, or leaky_relu"
            yield Note("dead relu", f"{link.Z}[:, {worst}]", text, float(dead.sum()), remedy)


def _is_positive(X: Array) -> bool:
    """Whether inputs go from about 0 upwards, as those scaled to [0, 1] and the outputs of a relu do."""
    return bool(0 <= X.min() < NEAR_ZERO * X.max())


def _saturated(story: Story) -> Iterator[Note]:
    if _has_learnt(story):
        return
    for link in story.chain:
        if link.activation not in STEEPEST or link.dA is None:
            continue
        slope, error = slopes(story, link), np.abs(story.values[link.dA])
        limit = SATURATED if len(slope) >= A_FEW else CERTAINLY
        flat = (slope < limit * STEEPEST[link.activation]).all(axis=0)
        stuck = np.logical_and(flat, error.max(axis=0) > NEGLIGIBLE * error.max())
        if stuck.any():
            text = (
                f"{_units(stuck, link)} saturated for every sample: the slope is at most "
                f"{number(slope[:, stuck].max(), 4)}, so almost no gradient passes"
            )
            remedy = "scaled inputs, smaller first weights, or a loss with its natural output"
            worst = int(np.where(stuck, slope.max(axis=0), np.inf).argmin())
            kind = f"saturated {link.activation}"
            yield Note(kind, f"{link.Z}[:, {worst}]", text, float(slope[:, stuck].max()), remedy)


def _has_learnt(story: Story) -> bool:
    """Whether the outputs are so near to the targets that there is nothing left to learn."""
    A, Y = np.asarray(story.values[story.chain[-1].A]), np.asarray(story.values["Y"])
    return bool(np.abs(A - Y).max() <= LEARNT * max(np.abs(Y).max(), np.abs(A).max()))


def _flow(story: Story, *, explained: bool) -> Iterator[Note]:
    """Compare the error at the first layer with that at the last: per unit, root mean square."""
    if len(story.chain) < 2:
        return
    errors = [_size(story.values[link.dZ]) for link in story.chain]
    if not errors[-1] or not np.any(story.values["X"]):  # learnt to the last bit, or a batch of zeros
        return
    if not errors[0] and len(story.values["X"]) == 1:  # a single sample may well be silenced
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
        unscaled = np.abs(story.values["X"]).max() > UNSCALED
        remedy = "scaled inputs, or a smaller learning rate" if unscaled else "a smaller learning rate"
        yield Note("raised loss", "L", text, after - before, remedy)


def _units(which: Array, link: Link) -> str:
    count, of = int(which.sum()), len(which)
    place = f"layer {link.number} ({link.activation})"
    verb = "give" if link.activation == "relu" else "are"
    if count > 1:
        return f"{count} of {of} units of {place} {verb}"
    return f"unit {int(which.argmax())} of {place} {'gives' if verb == 'give' else 'is'}"


def _size(array: Any) -> float:
    """Return the root mean square, of numbers too small to be squared too."""
    largest = np.abs(array).max()
    return float(largest * np.sqrt(np.mean(np.square(array / largest)))) if largest else 0.0

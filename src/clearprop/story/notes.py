"""What is remarkable in a step: each note with its number and a remedy.

A note names a cause; what only follows from a cause that is named already is not noted again: the
gradient vanishes below saturated, dead or symmetric units, and an exploding one raises the loss.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from ..rules.array import Array
from .numbers import number
from .paths import Link, slopes

if TYPE_CHECKING:
    from .story import Note, Story

STEEPEST = {"sigmoid": 0.25, "tanh": 1.0}  # the largest slope of what can saturate
SATURATED = 0.02  # below this part of the largest slope, for every sample, a unit is saturated
ERROR = 0.01  # and there is an error to learn from, by more than this for some sample
FEW = 4  # fewer samples do not show that a layer is dead
VANISHED, EXPLODED = 1e-3, 1e3  # the error at the first layer over that at the last one
RAISED = {8: 1e-9, 4: 1e-5}  # by more than this part, beyond rounding, in float64 and float32


def find_notes(story: Story) -> tuple[Note, ...]:
    """Return the notes of a story that has none yet."""
    notes = [*_symmetric(story), *_dead(story), *_saturated(story)]
    notes += _flow(story, explained=bool(notes))
    if not any(note.kind == "exploding gradient" for note in notes):
        notes += _raised(story)
    return tuple(notes)


def _note(kind: str, where: str, text: str, figure: float, remedy: str) -> Note:
    from .story import Note

    return Note(kind, where, text, float(figure), remedy)


def _hidden(story: Story) -> Iterator[tuple[Link, Link]]:
    """Yield each hidden layer with the one above it."""
    yield from zip(story.chain, story.chain[1:], strict=False)


def _symmetric(story: Story) -> Iterator[Note]:
    for link, above in _hidden(story):
        W, b, V = (np.asarray(story.values[name]) for name in (link.W, link.b, above.W))
        units = np.concatenate([W, b.reshape(1, -1), V.T])  # (in + 1 + out, units): all that a unit is
        alike = units.shape[1] - np.unique(units, axis=1).shape[1] + 1
        if alike > 1:
            text = f"{alike} units of layer {link.number} have the same weights, so they will stay alike for ever"
            yield _note("symmetric units", link.W, text, alike, 'random first weights: init="auto"')


def _dead(story: Story) -> Iterator[Note]:
    for link in story.chain:
        if link.activation != "relu":
            continue
        X, W, b, Z = (np.asarray(story.values[name]) for name in (link.X, link.W, link.b, link.Z))
        within_reach = b.ravel() + np.abs(X).max(axis=0) @ np.abs(W) > 0  # some input of this size wakes it
        silent = (Z <= 0).all(axis=0)
        dead = silent & ~within_reach
        if silent.all() and len(Z) >= FEW:
            dead = silent
        if dead.any():
            worst = int(np.where(dead, Z.max(axis=0), np.inf).argmin())
            text = (
                f"{_units(dead, link)} 0 for every sample: the largest weighted sum is "
                f"{number(Z[:, dead].max(), 4)}, and no gradient passes"
            )
            remedy = "a larger bias, a smaller learning rate, or leaky_relu"
            yield _note("dead relu", f"{link.Z}[:, {worst}]", text, int(dead.sum()), remedy)


def _saturated(story: Story) -> Iterator[Note]:
    for link in story.chain:
        if link.activation not in STEEPEST or link.dA is None:
            continue
        slope = slopes(story, link)
        flat = (slope < SATURATED * STEEPEST[link.activation]).all(axis=0)
        error = _by_sample(story, story.values[link.dA])
        stuck = flat & (np.abs(error) > ERROR).any(axis=0)
        if stuck.any():
            text = (
                f"{_units(stuck, link)} saturated for every sample: the slope is at most "
                f"{number(slope[:, stuck].max(), 4)}, so almost no gradient passes"
            )
            remedy = "scaled inputs, smaller first weights, or a loss with its natural output"
            worst = int(np.where(stuck, slope.max(axis=0), np.inf).argmin())
            kind = f"saturated {link.activation}"
            yield _note(kind, f"{link.Z}[:, {worst}]", text, slope[:, stuck].max(), remedy)


def _flow(story: Story, *, explained: bool) -> Iterator[Note]:
    """Compare the error at the first layer with that at the last: per unit, root mean square."""
    if len(story.chain) < 2:
        return
    errors = [_size(story.values[link.dZ]) for link in story.chain]
    if not errors[-1]:
        return
    ratio = errors[0] / errors[-1]
    steps = [below / above if above else 1.0 for below, above in zip(errors, errors[1:], strict=False)]
    if ratio < VANISHED and not explained:
        k = int(np.argmin(steps))
        text = (
            f"the error at layer 1 is {number(ratio, 4)} of that at layer {len(errors)}; it shrinks most from layer "
            f"{k + 2} to {k + 1}, to {number(steps[k], 4)} of its size"
        )
        remedy = "relu or tanh, larger first weights, or fewer layers"
        yield _note("vanishing gradient", story.chain[k].dZ, text, ratio, remedy)
    if ratio > EXPLODED:
        k = int(np.argmax(steps))
        text = (
            f"the error at layer 1 is {number(ratio, 4)} times that at layer {len(errors)}; it grows most from layer "
            f"{k + 2} to {k + 1}, by a factor of {number(steps[k], 4)}"
        )
        remedy = "smaller first weights, or clip_norm"
        yield _note("exploding gradient", story.chain[k].dZ, text, ratio, remedy)


def _raised(story: Story) -> Iterator[Note]:
    before, after = story.loss, story.loss_after
    if after is None or np.isnan(after):
        return
    rise = RAISED[np.asarray(story.values["X"]).dtype.itemsize]
    if after > before + rise * max(abs(before), rise):
        text = f"the step raised the loss of its own batch from {number(before)} to {number(after)}"
        yield _note("raised loss", "L", text, after - before, "a smaller learning rate")


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

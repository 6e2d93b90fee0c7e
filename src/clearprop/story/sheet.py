"""What a printed story holds, and in which order; a `Markup` says how it looks.

Markdown, LaTeX, the worksheet and its answer key are this one sheet: the conventions, what is given,
the steps by phase with formula, numbers and one worked entry, the outcome, the notes.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol, final

import numpy as np

from .formulas import to_latex
from .numbers import number, number_latex, summary
from .step import Step
from .story import Story
from .worked import worked

DIGITS = 4  # significant ones
ROWS, COLUMNS = 16, 8  # larger arrays are summarised
ABREAST = 4  # numbers that are given on one line
NAME_LENGTH = 24  # longer names of inputs and outputs are cut
HEADINGS = {"forward": "Forward", "loss": "Loss", "backward": "Backward", "update": "Update"}
AFTER = "the loss of the same samples after the update"


@final
@dataclass(frozen=True)
class Sheet:
    """What is particular to a sheet.

    Attributes:
        title: its first line.
        form: what is to be filled in at the top, such as a name.
        intro: paragraphs before the story.
        blanks: quantities whose values are left out.
        answers: quantities whose values are marked.
    """

    title: str = "One training step"
    form: tuple[str, ...] = ()
    intro: tuple[str, ...] = ()
    blanks: frozenset[str] = frozenset()
    answers: frozenset[str] = frozenset()


@final
@dataclass(frozen=True)
class Table:
    """A small array as cells that are already written; `is_named` where a row or column has a name."""

    name: str
    cells: list[list[str]]
    rows: Sequence[str]
    columns: Sequence[str]
    is_named: bool


class Markup(Protocol):
    """How each part of a sheet looks; words come as plain text, formulas as LaTeX."""

    def title(self, words: str) -> str:
        """The title of the sheet."""

    def form(self, labels: Sequence[str]) -> str:
        """Lines to write on, each after its label."""

    def heading(self, words: str) -> str:
        """The heading of a phase."""

    def quantity(self, names: Sequence[str], about: str) -> str:
        """The heading of a quantity, or of several."""

    def paragraph(self, words: str) -> str:
        """A paragraph."""

    def terms(self, pairs: Sequence[tuple[str, str]]) -> str:
        """A list of terms and what they mean."""

    def formula(self, latex: str) -> str:
        """A formula on a line of its own."""

    def value(self, name: str, cell: str) -> str:
        """A quantity that is one number."""

    def table(self, table: Table) -> str:
        """A small array."""

    def cell(self, value: float, *, is_answer: bool) -> str:
        """A number in a table, marked where it is an answer."""

    def blank(self) -> str:
        """A cell to fill in."""

    def room(self, lines: int) -> str:
        """Room to write so many lines."""


def write_sheet(story: Story, markup: Markup, sheet: Sheet) -> str:
    """Return a sheet as text, blocks apart by an empty line."""
    writer = _Writer(story, markup, sheet)
    return "\n\n".join([*writer.opening(), *writer.given(), *writer.steps(), *writer.closing()]) + "\n"


def fits(value: Any) -> bool:
    """Whether an array is small enough to be shown entry by entry."""
    shape = np.shape(value)
    rows, columns = (1, *shape)[-2:] if shape else (1, 1)
    return bool(rows <= ROWS and columns <= COLUMNS)


@final
class _Writer:
    def __init__(self, story: Story, markup: Markup, sheet: Sheet) -> None:
        self.story = story
        self.markup = markup
        self.sheet = sheet

    def opening(self) -> Iterator[str]:
        yield self.markup.title(self.sheet.title)
        if self.sheet.form:
            yield self.markup.form(self.sheet.form)
        yield from map(self.markup.paragraph, self.sheet.intro)
        yield self.markup.heading("Conventions")
        yield self.markup.terms(self.story.header)

    def given(self) -> Iterator[str]:
        values = self.story.given
        arrays = [name for name in dict.fromkeys(("X", "Y", *values)) if np.ndim(values[name])]
        zero = [name for name in arrays if name not in ("X", "Y") and not np.any(values[name])]
        numbers = [name for name in values if not np.ndim(values[name])]
        yield self.markup.heading("Given")
        for name in arrays:
            if name not in zero:
                yield self.markup.quantity([name], _shape(values[name]))
                yield self.array(name, values[name])
        if zero:
            yield self.markup.quantity(zero, "all entries 0")
        equations = [f"{to_latex(name)} = {number_latex(float(values[name]), DIGITS)}" for name in numbers]
        if equations:
            yield self.markup.quantity(numbers, "numbers")
        for k in range(0, len(equations), ABREAST):
            yield self.markup.formula(r" \qquad ".join(equations[k : k + ABREAST]))

    def steps(self) -> Iterator[str]:
        times = Counter(phase for phase, _ in self.story.sections)
        for phase, steps in self.story.sections:
            layer = f", layer {steps[0].layer}" if times[phase] > 1 else ""
            yield self.markup.heading(HEADINGS[phase] + layer)
            for step in steps:
                yield from self.step(step)

    def step(self, step: Step) -> Iterator[str]:
        layer = [f"layer {step.layer}"] if step.layer else []
        yield self.markup.quantity([step.name], ", ".join([*layer, _shape(step.value)]))
        yield self.markup.paragraph(step.meaning)
        yield self.markup.formula(step.latex)
        hidden = self.sheet.blanks.intersection((step.name, *step.inputs))
        lines = None if hidden else worked(self.story, step, DIGITS)
        if step.shape or not lines or step.name in self.sheet.answers:  # else the last line tells the number
            yield self.array(step.name, step.value)
        if lines:
            yield self.markup.formula(lines)
        if step.name in self.sheet.blanks:
            yield self.markup.room(max(3, len(np.atleast_2d(step.value))))

    def array(self, name: str, value: Any) -> str:
        """A quantity's numbers: a table, one number, or for a big array a summary."""
        if not fits(value):
            return self.markup.paragraph(summary(value, DIGITS))
        array = np.asarray(value)
        cells = [[self.cell(name, entry) for entry in row] for row in np.atleast_2d(array)]
        if not array.ndim:
            return self.markup.value(name, cells[0][0])
        names = [self.story.names_of(name, axis) for axis in range(array.ndim)]
        labels = [_labels(known, size) for known, size in zip(names, array.shape, strict=True)]
        rows = labels[0] if array.ndim > 1 else [""]
        return self.markup.table(Table(name, cells, rows, labels[-1], any(names)))

    def cell(self, name: str, entry: float) -> str:
        if name in self.sheet.blanks:
            return self.markup.blank()
        return self.markup.cell(float(entry), is_answer=name in self.sheet.answers)

    def closing(self) -> Iterator[str]:
        yield self.markup.heading("Outcome")
        known = [] if "L" in self.sheet.blanks else [("before", f"L = {number(self.story.loss)}")]
        after = self.story.loss_after
        known += [] if after is None else [("after", f"L = {number(after)}, {AFTER}")]
        yield self.markup.terms(known or [("before", "the loss L, to be found above")])
        notes = [] if self.sheet.blanks else self.story.notes
        if notes:
            yield self.markup.heading("Notes")
            yield self.markup.terms(
                [(note.kind, f"{note.text}. What may help: {note.remedy}.") for note in notes]
            )


def _shape(value: Any) -> str:
    """Say a shape in words: 2 × 3, or 3 numbers; a single number is one."""
    shape = np.shape(value)
    if len(shape) == 1:
        return f"{shape[0]} number{'s' if shape[0] != 1 else ''}"
    return " × ".join(map(str, shape)) or "a number"


def _labels(names: Sequence[str] | None, size: int) -> list[str]:
    """Name the places along an axis, or number them from 0."""
    if names is None:
        return list(map(str, range(size)))
    tidy = [" ".join(name.split()) for name in names]
    return [name if len(name) <= NAME_LENGTH else f"{name[: NAME_LENGTH - 1]}…" for name in tidy]

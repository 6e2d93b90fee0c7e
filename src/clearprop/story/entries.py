"""Zooming: how one entry of an array comes about, with its numbers filled in."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ..errors import InputError
from .formulas import to_latex, to_mathml, to_text
from .numbers import number, number_latex
from .scalar import Scalars, entries_in, filled, rest_name
from .wrapping import wrapped

if TYPE_CHECKING:
    from .story import Story


@dataclass(frozen=True)
class Operand:
    """An entry that a derivation uses, which can be zoomed in turn."""

    name: str
    index: tuple[int, ...]
    value: float

    def __str__(self) -> str:
        return reference(self.name, self.index)


@dataclass(frozen=True, eq=False)
class Derivation:
    """One entry: symbol = formula = numbers filled in = value.

    Attributes:
        name, index: which entry.
        code: its scalar formula as Python; None where it is given, not computed.
        spread: the same with each sum written out; of a long one the largest terms and `rest`.
        filled: `spread` with numbers in place of the entries.
        value: what it is.
        operands: the entries that stand in `spread`.
        rests: for each long sum, how many terms are not written out, and their sum.
        meaning: one sentence.
        label: the entry with the names of inputs and outputs.
    """

    name: str
    index: tuple[int, ...]
    code: str | None
    spread: str | None
    filled: str | None
    value: float
    operands: tuple[Operand, ...]
    rests: tuple[tuple[int, float], ...]
    meaning: str
    label: str
    story: Story

    @property
    def rest(self) -> tuple[int, float]:
        """The rest of its long sum: how many terms are not written out, and their sum; (0, 0) for none."""
        return self.rests[0] if self.rests else (0, 0.0)

    @property
    def formula(self) -> str:
        """The scalar formula as text."""
        return to_text(self.code) if self.code else f"{reference(self.name, self.index)} is given"

    @property
    def latex(self) -> str:
        """The scalar formula, the numbers filled in and the value, as lines of LaTeX's mathematics."""
        if not self.code or not self.filled:
            return f"{to_latex(reference(self.name, self.index))} = {number_latex(self.value)}"
        symbol, _, right = self.code.partition(" = ")
        sides = (to_latex(right), to_latex(self.filled), number_latex(self.value))
        return to_latex(symbol) + r" \\ ".join(f" &= {side}" for side in sides)

    @property
    def mathml(self) -> str:
        """The scalar formula as a `<math>` element."""
        return to_mathml(self.code or reference(self.name, self.index))

    def zoom(self, operand: int | str) -> Derivation:
        """Return the derivation of an operand, by its number or as it is written: "dZ1[0, 2]"."""
        wanted = str(operand).replace(" ", "")
        for k, one in enumerate(self.operands):
            if wanted in (str(k), str(one).replace(" ", "")):
                return self.story.zoom(one.name, *one.index)
        known = ", ".join(map(str, self.operands))
        raise InputError("no such operand", expected=known or "none, it is given", got=repr(operand))

    def __str__(self) -> str:
        symbol = reference(self.name, self.index)
        lines = [] if self.label == symbol else [f"{self.label}"]
        if self.code and self.filled:
            pad = " " * len(to_text(symbol))
            lines.append(self.formula)
            if to_text(self.filled) != number(self.value):
                lines.append(f"{pad} = {to_text(self.filled)}")
            lines.append(f"{pad} = {number(self.value)}")
            for k, (count, total) in enumerate(self.rests, 1):
                lines.append(f"{pad}   {rest_name(k)}: {count} more terms, together {number(total)}")
        else:
            lines.append(f"{symbol} = {number(self.value)}, given")
        return wrapped([*lines, self.meaning])

    def __repr__(self) -> str:
        return str(self)


def reference(name: str, index: Sequence[int]) -> str:
    """Return an entry as it is written: dW1[0, 2]; eta for a number."""
    return f"{name}[{', '.join(map(str, index))}]" if len(index) else name


def derive(story: Story, name: str, index: tuple[int, ...]) -> Derivation:
    """Return the derivation of one entry."""
    value = float(np.asarray(story.values[name])[index])
    label = story.label(name, index)
    if name not in story:
        return Derivation(name, index, None, None, None, value, (), (), "It is given.", label, story)
    step, symbol = story[name], reference(name, index)
    scalars, place = Scalars(story.values), tuple(ast.Constant(i) for i in index)
    formula = scalars.entry(step.expression, place)
    spread = scalars.entry(step.expression, place, spread=True)
    return Derivation(
        name=name,
        index=index,
        code=f"{symbol} = {ast.unparse(formula)}",
        spread=ast.unparse(spread),
        filled=ast.unparse(filled(spread, story.values)),
        value=value,
        operands=tuple(
            Operand(other, at, float(np.asarray(story.values[other])[at])) for other, at in entries_in(spread)
        ),
        rests=tuple(scalars.rests),
        meaning=step.meaning,
        label=label,
        story=story,
    )

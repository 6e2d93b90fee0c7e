"""A step of a story: one quantity, its formula and its value."""

from __future__ import annotations

import ast
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from .evaluating import names_in
from .formulas import to_latex, to_mathml, to_text
from .numbers import number

PHASES = ("forward", "loss", "backward", "update")


@dataclass(frozen=True, eq=False)
class Step:
    """One quantity of a training step.

    Attributes:
        phase: "forward", "loss", "backward" or "update".
        name: what it is called, such as "Z1", "dW2", "W1_new".
        code: the line of NumPy that computes it: that of the rule, with the story's names.
        value: the array, or number, that it computed.
        layer: the number of its layer; None for the loss.
        meaning: one sentence.
        formula, latex, mathml: the code as readable text, LaTeX and MathML.
        inputs: the names of its operands, in the order of the formula.
        shape: of the value.
        scalars: the operands that are plain numbers.
    """

    phase: str
    name: str
    code: str
    value: Any
    layer: int | None
    meaning: str
    scalars: frozenset[str] = frozenset()

    @cached_property
    def expression(self) -> ast.expr:
        """The right-hand side, as a syntax tree."""
        return ast.parse(self.code.partition(" = ")[2], mode="eval").body

    @cached_property
    def inputs(self) -> tuple[str, ...]:
        """The names of the operands."""
        return names_in(self.expression)

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the value; () for a number."""
        return np.shape(self.value)

    @cached_property
    def formula(self) -> str:
        """The formula as text."""
        return to_text(self.code, self.scalars)

    @cached_property
    def latex(self) -> str:
        """The formula in LaTeX's mathematics."""
        return to_latex(self.code, self.scalars)

    @cached_property
    def mathml(self) -> str:
        """The formula as a `<math>` element."""
        return to_mathml(self.code, self.scalars)

    def __str__(self) -> str:
        shape = f" {self.shape}" if self.shape else ""
        value = number(self.value) if not self.shape else np.array2string(np.asarray(self.value), precision=6)
        return f"{self.formula}{shape}\n{value}"

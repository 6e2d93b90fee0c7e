"""A story: one training step as an ordered list of its quantities, each with formula, operands and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, overload

import numpy as np

from ..checks import check_name
from ..errors import InputError
from .entries import Derivation, derive
from .notes import Note
from .numbers import number
from .paths import Link, Paths, find_paths, gradient_of
from .step import PHASES, Step


@dataclass(frozen=True, eq=False)
class Story:
    """One training step, every quantity of it, in the order in which they were computed.

    `story["dW1"]` is the step of that name, `story[0]` the first one; `story.phase("backward")` and
    `story.layer(2)` are parts of it, and so is a slice. `print(story)` shows it in a terminal.

    Attributes:
        steps: the quantities.
        values: all arrays and numbers by name, the operands that are given included: X, Y, W1, eta, …
        header: the conventions, as pairs of a term and its text.
        notes: what is remarkable: saturated, dead or symmetric units, gradients that vanish, …
        input_names, output_names: what the columns of X and of the outputs are called, or None.
        loss_after: the loss of the same batch after the update; None without one.
        chain: which quantities are those of each layer, for `paths`.
    """

    steps: tuple[Step, ...]
    values: Mapping[str, Any]
    header: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    input_names: tuple[str, ...] | None = None
    output_names: tuple[str, ...] | None = None
    loss_after: float | None = None
    chain: tuple[Link, ...] = ()
    _by_name: dict[str, Step] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self._by_name.update({step.name: step for step in self.steps})

    def __len__(self) -> int:
        return len(self.steps)

    def __iter__(self) -> Iterator[Step]:
        return iter(self.steps)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    @overload
    def __getitem__(self, key: str | int) -> Step: ...
    @overload
    def __getitem__(self, key: slice) -> tuple[Step, ...]: ...
    def __getitem__(self, key: str | int | slice) -> Step | tuple[Step, ...]:
        if isinstance(key, str):
            if key not in self._by_name:
                check_name("quantity", key, self._by_name)
            return self._by_name[key]
        return self.steps[key]

    def phase(self, phase: str) -> tuple[Step, ...]:
        """Return the steps of a phase: "forward", "loss", "backward" or "update"."""
        check_name("phase", phase, PHASES)
        return tuple(step for step in self.steps if step.phase == phase)

    def layer(self, number: int) -> tuple[Step, ...]:
        """Return the steps of a layer, from 1."""
        return tuple(step for step in self.steps if step.layer == number)

    @property
    def sections(self) -> list[tuple[str, tuple[Step, ...]]]:
        """The steps by phase, in order; a sequential update goes to and fro between backward and update."""
        return [(phase, tuple(steps)) for phase, steps in groupby(self.steps, key=lambda step: step.phase)]

    @property
    def loss(self) -> float:
        """The loss before the update."""
        return float(self["L"].value)

    @property
    def given(self) -> dict[str, Any]:
        """What the step begins with: the values that no step of it computes."""
        return {name: value for name, value in self.values.items() if name not in self._by_name}

    def zoom(self, name: str, *index: int | str) -> Derivation:
        """Return how one entry comes about: its formula, with the numbers filled in.

        Args:
            name: a quantity, such as "dW1".
            index: the place of the entry, such as 0, 2; a name of an input or output will do.

        Raises:
            InputError: an unknown quantity, or a place that it does not have.
        """
        if name not in self.values:
            check_name("quantity", name, self.values)
        return derive(self, name, self.place(name, index))

    def paths(self, name: str, *index: int | str, limit: int = 20) -> Paths:
        """Return the gradient of one weight as a sum over the paths from the loss back to it.

        Args:
            name: a weight or a bias, such as "W1", or its gradient, such as "dW1".
            index: its place.
            limit: how many paths to name, the largest first.

        Raises:
            InputError: no weight of the network.
        """
        known = {one: one for link in self.chain for one in (link.W, link.b)}
        known |= {gradient_of(one): one for one in known}
        parameter = known[check_name("weight", name, known)]
        return find_paths(self, parameter, self.place(parameter, index), limit)

    def to_markdown(self) -> str:
        """Return the story as Markdown, with formulas as GitHub shows them."""
        from .markdown import to_markdown

        return to_markdown(self)

    def to_latex(self, *, standalone: bool = False) -> str:
        """Return the story as LaTeX (needs amsmath): a part of a document, or one that stands alone."""
        from .tex import to_latex

        return to_latex(self, standalone=standalone)

    def to_json(self, *, indent: int | None = None) -> str:
        """Return the story as JSON, every number to the last bit; docs/story.md describes the form."""
        from .interchange import to_json

        return to_json(self, indent=indent)

    @staticmethod
    def from_json(text: str | bytes) -> Story:
        """Return the story that `to_json` wrote.

        Raises:
            InputError: it is no story, or a damaged one.
        """
        from .interchange import from_json

        return from_json(text)

    def to_html(self) -> str:
        """Return the story as one HTML page that needs no other file, in which every number can be asked."""
        from .page import to_html

        return to_html(self)

    def _repr_html_(self) -> str:
        from .page import to_notebook

        return to_notebook(self)

    def worksheet(
        self, blanks: str | Sequence[str] = "backward", format: str = "markdown"
    ) -> tuple[str, str]:
        """Return the step with blanks to fill in by hand, and the answer key.

        Args:
            blanks: what to leave blank: a phase, "all", or names of quantities.
            format: "markdown" or "latex".

        Raises:
            InputError: unknown blanks, or more of them than a person would fill in.
        """
        from .worksheet import worksheet

        return worksheet(self, blanks, format)

    def __str__(self) -> str:
        from .terminal import render

        return render(self)

    def __repr__(self) -> str:
        return f"<Story of {len(self)} steps, loss {number(self.loss)}>"

    def place(self, name: str, index: Sequence[int | str]) -> tuple[int, ...]:
        """Return an index as whole numbers from 0, checked; names of inputs and outputs are looked up."""
        shape = np.shape(self.values[name])
        if len(index) != len(shape):
            raise InputError(
                f"{name} needs another index",
                expected=f"{len(shape)} numbers, for shape {shape}",
                got=f"{len(index)}: {list(index)}",
            )
        names = [self.names_of(name, axis) for axis in range(len(shape))]
        return tuple(
            _position(name, k, i, size, known)
            for k, (i, size, known) in enumerate(zip(index, shape, names, strict=True))
        )

    def names_of(self, name: str, axis: int) -> tuple[str, ...] | None:
        """Return what the places along an axis are called, inputs or outputs; None where unnamed."""
        shape, first, last = np.shape(self.values[name]), self.chain[0], self.chain[-1]
        words = {name, *name.split("_")}  # m_W1_new is of W1
        if self.input_names and (name, axis) == ("X", 1):
            return self.input_names
        if self.input_names and axis == 0 and len(shape) == 2 and words & {first.W, gradient_of(first.W)}:
            return self.input_names
        named = {last.W, last.b, gradient_of(last.W), gradient_of(last.b), "Y", "T"}
        of_outputs = words & named or (name in self and self[name].layer == last.number)
        if self.output_names and of_outputs and axis == len(shape) - 1:
            return self.output_names
        return None

    def label(self, name: str, index: Sequence[int]) -> str:
        """Return an entry as it is called: x[age] for X[0, 3] of one sample, A3[0, class=malignant]."""
        parts = []
        for axis, i in enumerate(index):
            known = self.names_of(name, axis)
            parts.append(str(i) if known is None else known[i])
        return f"{name}[{', '.join(parts)}]" if parts else name


def _position(name: str, axis: int, i: int | str, size: int, known: tuple[str, ...] | None) -> int:
    if isinstance(i, str) and known and i in known:
        return known.index(i)
    if isinstance(i, str) and known:
        check_name(f"place of {name}", i, known)
    if isinstance(i, (int, np.integer)) and -size <= i < size:
        return int(i) % size
    raise InputError(
        f"{name} has no such place", expected=f"0 to {size - 1} as index {axis + 1}", got=repr(i)
    )

"""A story: one training step as an ordered list of its quantities, each with formula, operands and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from os import PathLike
from pathlib import PurePath
from typing import Any, overload

import numpy as np

from ..checks import check_name, check_whole
from ..errors import InputError
from ..formats.atomic import write_atomically
from .entries import Derivation, derive
from .notes import Note
from .numbers import number
from .paths import Link, Paths, find_paths, gradient_of
from .step import PHASES, Step

ORDINALS = ("first", "second")
SAVED = {".html": "to_html", ".md": "to_markdown", ".tex": "to_latex", ".json": "to_json"}


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
        share: what dZ must still be multiplied with to belong to the loss: 1/m for the article's
            networks, whose dA and dZ are of single samples; 1 for all others.
    """

    steps: tuple[Step, ...]
    values: Mapping[str, Any]
    header: tuple[tuple[str, str], ...] = ()
    notes: tuple[Note, ...] = ()
    input_names: tuple[str, ...] | None = None
    output_names: tuple[str, ...] | None = None
    loss_after: float | None = None
    chain: tuple[Link, ...] = ()
    share: float = 1.0
    known: dict[Any, Any] = field(init=False, repr=False, default_factory=dict)  # found once, for `paths`
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
            if key in self.values and key not in self:
                raise InputError(f"{key} is given, not computed in a step", hint=f'story.values["{key}"]')
            check_name("quantity", key, self._by_name)
            return self._by_name[key]
        return self.steps[key]

    def phase(self, phase: str) -> tuple[Step, ...]:
        """Return the steps of a phase: "forward", "loss", "backward" or "update"."""
        check_name("phase", phase, PHASES)
        return tuple(step for step in self.steps if step.phase == phase)

    def layer(self, number: int) -> tuple[Step, ...]:
        """Return the steps of a layer, from 1."""
        if number not in [link.number for link in self.chain]:
            raise InputError("there is no such layer", expected=f"1 to {len(self.chain)}", got=repr(number))
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
            name: a quantity, such as "dW1", or an entry as it is written, such as "dW1[0, 2]".
            index: the place of the entry, such as 0, 2; a name of an input or output will do.

        Raises:
            InputError: an unknown quantity, or a place that it does not have.
        """
        name, index = self._entry(name, index)
        check_name("quantity", name, self.values)
        return derive(self, name, self.place(name, index))

    def paths(self, name: str, *index: int | str, limit: int = 20) -> Paths:
        """Return the gradient of one weight as a sum over the paths from the loss back to it.

        Args:
            name: a weight or a bias, such as "W1", its gradient "dW1", or an entry, "W1[0, 2]".
            index: its place.
            limit: how many paths to name, the largest first.

        Raises:
            InputError: no weight of the network.
        """
        limit = check_whole("limit", limit, at_least=1)
        name, index = self._entry(name, index)
        known = {one: one for link in self.chain for one in (link.W, link.b)}
        known |= {gradient_of(one): one for one in known}
        parameter = known[check_name("weight", name, known)]
        return find_paths(self, parameter, self.place(parameter, index), limit)

    def _entry(self, name: str, index: tuple[int | str, ...]) -> tuple[str, tuple[int | str, ...]]:
        """Return name and index, read from a text such as "dW1[0, 2]" where no index is given."""
        if index or not name.endswith("]"):
            return name, index
        name, _, places = name[:-1].partition("[")
        parts = [part.strip() for part in places.split(",")]
        return name.strip(), tuple(int(part) if part.lstrip("-").isdigit() else part for part in parts)

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

    def save(self, path: str | PathLike[str]) -> None:
        """Write the story to a file, in the form of its ending: .html, .md, .tex (stands alone) or .json.

        Raises:
            InputError: another ending.
            OSError: the file cannot be written.
        """
        ending = PurePath(path).suffix.lower()
        check_name("ending of a story", ending, SAVED)
        options = {"standalone": True} if ending == ".tex" else {}
        text: str = getattr(self, SAVED[ending])(**options)
        write_atomically(path, [text.encode()])

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
                f"{name} has shape {shape}",
                expected=f"{len(shape)} index{'es' * (len(shape) != 1)}" if shape else "no index",
                got=", ".join(map(str, index)) or "none",
                hint=f'"{name}[{", ".join("0" * len(shape))}]"' if shape else None,
            )
        names = [self.names_of(name, axis) for axis in range(len(shape))]
        return tuple(
            _position(name, k, i, size, known)
            for k, (i, size, known) in enumerate(zip(index, shape, names, strict=True))
        )

    def names_of(self, name: str, axis: int) -> tuple[str, ...] | None:
        """Return what the places along an axis are called, inputs or outputs; None where unnamed."""
        if not self.chain:
            return None
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
        """Return an entry as it is called: X[0, age], A3[0, class=malignant]; of one sample, x[age]."""
        named = [self.names_of(name, axis) for axis in range(len(index))]
        parts = [str(i) if known is None else known[i] for i, known in zip(index, named, strict=True)]
        if len(parts) == 2 and len(self.values["X"]) == 1 and named[1] and not self._is_weight(name):
            return f"{'x' if name == 'X' else name}[{parts[1]}]"
        return f"{name}[{', '.join(parts)}]" if parts else name

    def _is_weight(self, name: str) -> bool:
        weights = {one for link in self.chain for one in (link.W, link.b)}
        return bool({name, *name.split("_")} & {*weights, *map(gradient_of, weights)})


def _position(name: str, axis: int, i: int | str, size: int, known: tuple[str, ...] | None) -> int:
    if isinstance(i, str) and known and known.count(i) == 1:
        return known.index(i)
    if isinstance(i, str) and known:
        check_name(f"place of {name}", i, known)
    if isinstance(i, (int, np.integer)) and not isinstance(i, bool) and -size <= i < size:
        return int(i) % size
    raise InputError(
        f"{name} has no such place", expected=f"0 to {size - 1} as its {ORDINALS[axis]} index", got=repr(i)
    )

"""A story: one training step as an ordered list of its quantities, each with formula, operands and value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any, NamedTuple, overload

import numpy as np

from ..checks import check_name
from ..errors import InputError
from .entries import Derivation, derive
from .paths import Link, Paths, find_paths, gradient_of
from .step import PHASES, Step


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

    def place(self, name: str, index: Sequence[int | str]) -> tuple[int, ...]:
        """Return an index as whole numbers from 0, after a check; names of inputs and outputs are looked up."""
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
        """Return what the places along an axis of a quantity are called: inputs or outputs; None where unnamed."""
        size = np.shape(self.values[name])[axis]
        last = self.chain[-1] if self.chain else None
        if self.input_names and (name, axis) in (("X", 1), (_first(self), 0), (f"d{_first(self)}", 0)):
            return self.input_names
        is_last = last is not None and (
            name in ("Y", "T") or last.number == _number(name) or last.Z == name or last.A == name
        )
        if self.output_names and is_last and axis == len(np.shape(self.values[name])) - 1:
            return self.output_names if len(self.output_names) == size else None
        return None

    def label(self, name: str, index: Sequence[int]) -> str:
        """Return an entry as it is called: x[age] for X[0, 3] of one sample, A3[0, class=malignant]."""
        parts = []
        for axis, i in enumerate(index):
            known = self.names_of(name, axis)
            parts.append(str(i) if known is None else known[i])
        return f"{name}[{', '.join(parts)}]" if parts else name


def _first(story: Story) -> str:
    return story.chain[0].W if story.chain else ""


def _number(name: str) -> int | None:
    digits = "".join(letter if letter.isdigit() else " " for letter in name).split()
    return int(digits[0]) if digits else None


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

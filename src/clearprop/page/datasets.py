"""The data of a session: drawn, from a table or a preset's own; a training part and a test part."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any

import numpy as np

from ..data import SPLIT, generator
from ..errors import InputError
from ..rules.array import Array
from ..samples import SAMPLES
from . import limits
from .settings import DataChoice
from .tables import read_columns


@dataclass(frozen=True, eq=False)
class Dataset:
    """Inputs and targets by name, in two parts.

    Attributes:
        X: all inputs (n, in).
        Y: all targets: class numbers (n,), or numbers (n, targets).
        inputs, targets: their names.
        classes: the names of the classes; none where the targets are numbers.
        train, test: which rows belong to each part.
        left: how many rows of a table are left out.
    """

    X: Array
    Y: Array
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...]
    train: Array
    test: Array
    left: int

    def rows(self, part: Array) -> list[list[float]]:
        """Return rows of inputs and targets, as plain numbers."""
        Y = self.Y.reshape(len(self.Y), -1)
        return [[*x, *y] for x, y in zip(self.X[part].tolist(), Y[part].tolist(), strict=True)]

    def as_json(self) -> dict[str, Any]:
        """Return all of it for the page; a sample is a row of its inputs, then its targets."""
        return {
            "inputs": list(self.inputs),
            "target": ", ".join(self.targets),
            "targets": list(self.targets),
            "classes": list(self.classes),
            "train": self.rows(self.train),
            "test": self.rows(self.test),
            "left": self.left,
        }


def build(choice: DataChoice, own: Own | None) -> Dataset:
    """Return the data that a choice describes; `own` are those of its preset.

    Raises:
        InputError: a table that cannot be used, or a split that leaves a part empty.
    """
    if choice.kind == "preset":
        if own is None:
            raise InputError("there are no data of a preset", hint="another kind of data")
        found = own
    elif choice.table is not None:
        found = Own(*read_columns(choice.table))
    else:
        samples = SAMPLES[choice.kind](choice.rows, choice.seed, choice.noise)
        found = Own(samples.X, samples.Y, samples.inputs, (samples.target,), samples.classes)
    train, test = _split(len(found.X), choice)
    return Dataset(found.X, found.Y, found.inputs, found.targets, found.classes, train, test, found.left)


@dataclass(frozen=True, eq=False)
class Own:
    """Data before they are split: inputs (n, in), targets, their names, and how many rows are left out."""

    X: Array
    Y: Array
    inputs: tuple[str, ...]
    targets: tuple[str, ...]
    classes: tuple[str, ...] = ()
    left: int = 0

    @property
    def fingerprint(self) -> str:
        """A few letters that other data do not have."""
        names = repr((self.inputs, self.targets, self.classes, self.X.shape, self.Y.shape)).encode()
        return sha256(names + self.X.tobytes() + self.Y.tobytes()).hexdigest()[:16]


def _split(n: int, choice: DataChoice) -> tuple[Array, Array]:
    """Return the rows of both parts, drawn as `fit` draws a validation fraction."""
    count = round(choice.test * n)
    if choice.test and not 0 < count < n:
        raise InputError(
            f"test={choice.test:g} of {n} rows leaves a part empty",
            expected="some rows in both parts",
            hint="0",
        )
    rows = generator(choice.seed, SPLIT).permutation(n)
    return np.sort(rows[count:]), np.sort(rows[:count])


def check_sizes(inputs: Sequence[object], outputs: int, rows: int) -> None:
    """Refuse data that are larger than the page can show.

    Raises:
        InputError: as said.
    """
    for what, got, most in (
        ("inputs", len(inputs), limits.INPUTS),
        ("outputs", outputs, limits.OUTPUTS),
        ("rows", rows, limits.ROWS),
    ):
        if got > most:
            raise InputError(f"the page has room for {most} {what}", got=got)

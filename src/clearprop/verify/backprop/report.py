"""The verdict on a user's backpropagation, in words and as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from ...rules.array import Array
from .mistakes import MISTAKES

__all__ = ["HEADS", "BackpropReport", "Compared"]

HEADS = ("quantity", "", "largest error", "")  # of the table


@dataclass(frozen=True)
class Compared:
    """One quantity beside ours: whether it agrees, its largest error, and where that is."""

    name: str
    agrees: bool
    error: float
    index: tuple[int, ...]
    mine: float
    right: float
    shape: tuple[int, ...]
    right_shape: tuple[int, ...]

    @classmethod
    def of(cls, name: str, mine: Array, right: Array, *, agrees: bool) -> Compared:
        """Return a quantity beside ours, at the place of the largest error."""
        shapes = mine.shape, np.shape(right)
        if shapes[0] != shapes[1]:
            return cls(name, agrees, np.inf, (), np.nan, np.nan, *shapes)
        error = np.abs(mine - right)
        index = tuple(int(i) for i in np.unravel_index(int(np.argmax(error)), error.shape))
        return cls(name, agrees, float(error[index]), index, float(mine[index]), float(right[index]), *shapes)

    @property
    def detail(self) -> str:
        """Where the largest error is, or how the shape differs; empty where the quantity agrees."""
        if self.agrees:
            return ""
        if self.shape != self.right_shape:
            return f"yours has shape {self.shape}, ours {self.right_shape}"
        place = f"at {self.name}{list(self.index)}: " if self.index else ""
        return f"{place}yours {self.mine:.6g}, ours {self.right:.6g}"


@dataclass(frozen=True)
class BackpropReport:
    """What a check of backpropagation found; true (`if report:`) where all agrees.

    `first` is the first quantity that differs, in the order of computation, and `mistake` the key of
    what explains it (see `clearprop.verify.mistakes`), both None where nothing differs; `mistake` is
    None as well where no known mistake explains it. `also` names mistakes that give the very same
    numbers here. `explains_all` tells whether the mistake accounts for every quantity given.
    `formula` is the right line of code for `first`. `conventions` are the ways of writing in which
    yours differ from ours without being wrong. `compared` holds every quantity; `text` says it all.
    """

    ok: bool
    first: str | None = None
    mistake: str | None = None
    where: str = ""
    also: tuple[str, ...] = ()
    explains_all: bool = True
    formula: str = ""
    conventions: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    compared: tuple[Compared, ...] = ()

    def __bool__(self) -> bool:
        return self.ok

    def __str__(self) -> str:
        return self.text

    @property
    def remedy(self) -> str:
        """What to do about the mistake; empty where none was named."""
        return MISTAKES[self.mistake].remedy if self.mistake else ""

    @property
    def text(self) -> str:
        """The verdict, a table of all quantities, and what is to be done."""
        verdict = "all agrees" if self.ok else f"{self.first} is the first quantity that differs"
        return "\n".join([f"backpropagation check: {verdict}", "", *self._table(), "", *self.explanation])

    @property
    def explanation(self) -> list[str]:
        """The sentences behind the table."""
        lines = []
        if self.mistake:
            lines.append(f"Likely mistake: {MISTAKES[self.mistake].says} ({self.mistake}){self._place}.")
        elif not self.ok:
            lines.append(
                f"No known mistake explains it; compare your line for {self.first} with the right one."
            )
        if self.formula:
            lines.append(f"Right: {self.formula}")
        if self.remedy:
            lines.append(f"Try: {self.remedy}.")
        if self.mistake and not self.explains_all:
            lines.append("It does not explain all that differs: mend it and check again.")
        lines += [f"The same numbers would come of: {MISTAKES[key].says} ({key})." for key in self.also]
        lines += [f"Convention: {says}. That is no mistake." for says in self.conventions]
        return [*lines, *(f"Note: {note}." for note in self.notes)]

    def to_dict(self) -> dict[str, Any]:
        """Return all of it, ready for JSON."""
        return {
            "ok": self.ok,
            "first": self.first,
            "mistake": self.mistake,
            "where": self.where,
            "also": list(self.also),
            "explains_all": self.explains_all,
            "formula": self.formula,
            "remedy": self.remedy,
            "conventions": list(self.conventions),
            "notes": list(self.notes),
            "compared": [vars(each) | {"index": list(each.index)} for each in self.compared],
        }

    @property
    def rows(self) -> list[tuple[str, str, str, str]]:
        """The table: quantity, whether it agrees, its largest error, and where."""
        return [
            (each.name, "agrees" if each.agrees else "differs", f"{each.error:.2g}", each.detail)
            for each in self.compared
        ]

    @property
    def _place(self) -> str:
        return f", {self.where}" if self.where else ""

    def _table(self) -> list[str]:
        rows = [HEADS, *self.rows]
        widths = [max(len(row[k]) for row in rows) for k in range(3)]
        return [
            f"{name:<{widths[0]}}  {agrees:<{widths[1]}}  {error:>{widths[2]}}  {detail}".rstrip()
            for name, agrees, error, detail in rows
        ]

"""What a table was understood as: its file, its columns, its target."""

from __future__ import annotations

import shlex
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from ..estimators.columns import TableEncoder
from .console import Screen
from .messages import listing, shown
from .reading import TableFile
from .tasks import Task
from .text import figure, rows, several, short, visible

__all__ = ["Understanding", "show_columns"]

MOST_COLUMNS = 12
MOST_CLASSES = 10
FEWEST_ROWS_TO_DOUBT = 10
MOST_IGNORED = 6
_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars", " ": "spaces", ":": "colons"}
Described = list[dict[str, Any]]


@dataclass(frozen=True)
class Understanding:
    """Everything that is shown before training starts."""

    file: TableFile
    target: str
    task: Task
    columns: Described
    classes: dict[str, int]
    values: dict[str, float]
    notes: tuple[str, ...]
    used_rows: int

    @classmethod
    def of(
        cls, file: TableFile, features: pa.Table, target: str, task: Task, values: Any, notes: tuple[str, ...]
    ) -> Understanding:
        """Return what was understood of features and target values, which have as many rows."""
        columns: Described = TableEncoder.fit(features).describe()
        classes, spread = {}, {}
        if task.is_classification:
            names, counts = np.unique(values, return_counts=True)
            classes = dict(zip(map(str, names.tolist()), counts.tolist(), strict=True))
        else:
            spread = {"min": float(values.min()), "mean": float(values.mean()), "max": float(values.max())}
        notes = (*file.notes, *notes, *_doubts(features, columns))
        return cls(file, target, task, columns, classes, spread, notes, len(values))

    def file_line(self) -> str:
        """Return the sentence on the file: format, rows, columns, delimiter."""
        table, kind = self.file.table, {"csv": "CSV", "csv.gz": "CSV, gzip"}.get(self.file.format)
        parts = [kind or self.file.format, rows(table.num_rows), several(table.num_columns, "column")]
        if self.file.delimiter:
            parts.append(f"separated by {_DELIMITERS.get(self.file.delimiter, repr(self.file.delimiter))}")
        if self.file.decimal == ",":
            parts.append("decimal commas")
        if self.file.encoding not in (None, "utf-8"):
            parts.append(str(self.file.encoding))
        return ", ".join(parts)

    def target_line(self) -> str:
        """Return the sentence on the target: its classes with counts, or its range."""
        if not self.classes:
            return "numbers from {} to {}, mean {}".format(
                *(figure(self.values[k]) for k in ("min", "max", "mean"))
            )
        ranked = list(self.classes.items())
        if len(ranked) > MOST_CLASSES:
            ranked.sort(key=lambda pair: -pair[1])
        most = ", ".join(f"{short(name, 24)} ({count:,})" for name, count in ranked[:MOST_CLASSES])
        more = len(ranked) - MOST_CLASSES
        return f"{len(ranked)} classes: {most}" + (f" and {more} more" if more > 0 else "")

    def show(self, screen: Screen) -> None:
        """Print it all."""
        screen.title(str(self.file.path))
        screen.line(self.file_line())
        show_columns(screen, self.columns)
        screen.title(f"to learn: {self.target}")
        screen.line(f"{self.target_line()}.")
        screen.line(f"{self.task.kind.capitalize()}: {self.task.reason}.")
        for note in self.notes:
            screen.note(note)

    def to_dict(self) -> dict[str, Any]:
        """Return it for JSON."""
        return {
            "file": str(self.file.path),
            "format": self.file.format,
            "rows": self.file.table.num_rows,
            "used_rows": self.used_rows,
            "target": self.target,
            "task": self.task.kind,
            "reason": self.task.reason,
            "classes": self.classes or None,
            "target_values": self.values or None,
            "columns": self.columns,
            "notes": list(self.notes),
        }


def show_columns(screen: Screen, columns: Described) -> None:
    """Print how columns were understood: the first ones of a wide table, and how many more of each kind."""
    with_missing = any(column["missing"] for column in columns)
    body = [
        [
            short(c["name"], max(12, screen.width // 3)),
            c["kind"],
            *([c["missing"] or ""] if with_missing else []),
            c["detail"],
        ]
        for c in columns[:MOST_COLUMNS]
    ]
    heads = ["column", "kind", *(["missing"] if with_missing else []), ""]
    screen.table(heads, body, left=4)
    rest = Counter(str(column["kind"]) for column in columns[MOST_COLUMNS:])
    if rest:
        kinds = ", ".join(f"{count:,} {kind}" for kind, count in rest.most_common())
        screen.line(f"… and {several(rest.total(), 'more column')} ({kinds})")


def _doubts(features: pa.Table, columns: Described) -> list[str]:
    """Return notes on columns that teach nothing, or that only name the rows."""
    constant = [column["name"] for column in columns if column["kind"] == "constant"]
    naming = [
        name for name in features.column_names if name not in constant and _is_identifier(features[name])
    ]
    notes = []
    if constant:
        notes.append(
            f"{_columns_named(constant)} no values or the same one throughout, which teaches nothing"
        )
    if naming:
        options = " ".join(f"--ignore {shlex.quote(visible(name))}" for name in naming[:MOST_IGNORED])
        notes.append(
            f"{_columns_named(naming)} a value for nearly each row alone: a name or number? try {options}"
        )
    return notes


def _columns_named(names: list[str]) -> str:
    return (
        f"column {shown(names[0])} has" if len(names) == 1 else f"columns {listing(names, MOST_IGNORED)} have"
    )


def _is_identifier(column: pa.ChunkedArray) -> bool:
    """Whether texts hardly ever come back, or whole numbers count the rows."""
    n = len(column)
    if n < FEWEST_ROWS_TO_DOUBT or not (pa.types.is_string(column.type) or pa.types.is_integer(column.type)):
        return False
    distinct = pc.count_distinct(column).as_py()
    if pa.types.is_string(column.type):
        return bool(2 * distinct > n)
    ends = pc.min_max(column).as_py()
    return bool(distinct == n and ends["max"] - ends["min"] == n - 1)

"""From a raw table to the matrix of numbers that a network trains on, and the same way again for new rows.

Numbers are scaled robustly and bent into [−3, 3]; false and true become −1 and +1; a category becomes a row
of zeros with a single one. That a value is missing is a column of its own where it was seen in training.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import final

import numpy as np
from numpy.typing import NDArray

from clearprop.errors import InputError
from clearprop.estimators.cells import Cells, as_labels, as_numbers, read_cells, refuse_mixture
from clearprop.estimators.column_specs import (
    MAX_CATEGORIES,
    NUMERIC,
    ColumnSpec,
    parse_scaling,
    parse_specs,
)
from clearprop.estimators.scaling import Scaling
from clearprop.estimators.tables import is_table, open_table, quoted, require_columns

__all__ = ["MAX_CATEGORIES", "TableEncoder", "is_table"]


@final
@dataclass(frozen=True, slots=True, eq=False)
class TableEncoder:
    """What was learnt about a table's columns, and how each becomes numbers.

    A table is a pandas or Polars DataFrame or a pyarrow Table; the same data gives the same numbers, to
    the last bit, in each of them. `columns` says how each column was understood, in the table's order;
    `scaling` has an entry for each numeric one of them (numbers, dates, durations, times of day).

    - numeric: scaled as `Scaling` says, and "age is missing" (0 or 1) where missing values were seen
    - boolean: −1 or +1, and 0 where missing
    - category: an output (0 or 1) for each of the `MAX_CATEGORIES` most frequent ones, and "city is
      missing" where missing values were seen; any other value gives zeros
    - constant (or without any value): no output, and the column need not be there later
    """

    columns: tuple[ColumnSpec, ...]
    scaling: Scaling

    @classmethod
    def fit(cls, table: object) -> TableEncoder:
        """Learn from a table; InputError where it is none, is empty, or has no column to learn from."""
        frame = open_table(table)
        cells = {name: read_cells(frame[name]) for name in frame.columns}
        for column in cells.values():
            refuse_mixture(column)
        numeric = {name: column.numbers for name, column in cells.items() if column.kind in NUMERIC}
        scaling = Scaling.fit(_side_by_side(numeric, len(frame)), list(numeric))
        varying = {name for name, scale in zip(numeric, scaling.scale, strict=True) if scale > 0}
        columns = tuple(_learn(name, column, name in varying) for name, column in cells.items())
        telling = {spec.name for spec in columns if spec.kind != "constant"}
        if not telling:
            raise InputError("every column of the table is constant or empty", got=quoted(frame.columns))
        kept = np.array([name in telling for name in numeric], dtype=np.bool_)
        return cls(columns, Scaling(scaling.center[kept], scaling.scale[kept]))

    def transform(self, table: object) -> NDArray[np.float64]:
        """The table as numbers (n, outputs), its columns found by name, others ignored.

        Raises InputError where a column is not there, where it holds another kind of values than was
        learnt (naming the first that does not fit), and for infinite values.
        """
        frame = open_table(table)
        telling = [spec for spec in self.columns if spec.kind != "constant"]
        require_columns(frame, [spec.name for spec in telling])
        cells = {spec.name: read_cells(frame[spec.name]) for spec in telling}
        numeric = {s.name: as_numbers(cells[s.name], s.kind) for s in telling if s.kind in NUMERIC}
        Z = self.scaling.transform(_side_by_side(numeric, len(frame)), list(numeric))
        varying = self._units()
        scaled = {name: z for name, z in zip(numeric, Z.T, strict=True) if name in varying}
        blocks = (_encode(spec, cells[spec.name], scaled.get(spec.name)) for spec in telling)
        return np.column_stack([block for of_column in blocks for block in of_column])

    @property
    def feature_names_in(self) -> tuple[str, ...]:
        """The names of the table's columns, constant ones too."""
        return tuple(spec.name for spec in self.columns)

    @property
    def feature_names_out(self) -> tuple[str, ...]:
        """What each column of the matrix says: "age", "age is missing", "city=Paris"."""
        varying = self._units()
        return tuple(name for spec in self.columns for name in spec.outputs(spec.name in varying))

    def describe(self) -> list[dict[str, str | int]]:
        """How each column was understood, for a reader: its name, kind, missing (how many), detail."""
        units = self._units()
        return [
            {"name": s.name, "kind": s.kind, "missing": s.missing, "detail": s.detail(units.get(s.name))}
            for s in self.columns
        ]

    def to_parts(self) -> tuple[dict[str, object], dict[str, NDArray[np.float64]]]:
        """What a model file holds: a configuration that JSON can carry, and arrays by name."""
        config: dict[str, object] = {"columns": [spec.to_config() for spec in self.columns]}
        return config, {"center": self.scaling.center.copy(), "scale": self.scaling.scale.copy()}

    @classmethod
    def from_parts(cls, config: object, arrays: object) -> TableEncoder:
        """The encoder that `to_parts` came from, to the last bit; ModelFileError for damaged ones."""
        columns = parse_specs(config)
        return cls(columns, parse_scaling(arrays, columns))

    def _units(self) -> dict[str, tuple[float, float]]:
        """Center and scale of each numeric column whose values differed."""
        names = [spec.name for spec in self.columns if spec.kind in NUMERIC]
        pairs = zip(self.scaling.center.tolist(), self.scaling.scale.tolist(), strict=True)
        return {name: pair for name, pair in zip(names, pairs, strict=True) if pair[1] > 0}


def _side_by_side(columns: Mapping[str, NDArray[np.float64]], rows: int) -> NDArray[np.float64]:
    """The columns, each (rows,), as one matrix (rows, columns); there may be none."""
    return np.column_stack(list(columns.values())) if columns else np.empty((rows, 0))


def _learn(name: str, cells: Cells, varying: bool) -> ColumnSpec:
    """What one column is understood as; `varying` says, of a numeric one, whether its values differ."""
    missing = int(cells.missing.sum())
    constant = ColumnSpec(name, "constant", missing)
    match cells.kind:
        case "text":
            counts = Counter(label for label in as_labels(cells) if label is not None)
            frequent = sorted(counts, key=lambda label: (-counts[label], label))[:MAX_CATEGORIES]
            spec = ColumnSpec(name, "category", missing, tuple(sorted(frequent)), len(counts))
            return spec if missing or len(counts) > 1 else constant
        case "boolean":
            differ = missing or len(np.unique(cells.numbers)) > 1
            return ColumnSpec(name, "boolean", missing) if differ else constant
        case "number" | "datetime" | "duration" | "time":
            return ColumnSpec(name, cells.kind, missing) if missing or varying else constant
        case _:
            return constant


def _encode(spec: ColumnSpec, cells: Cells, scaled: NDArray[np.float64] | None) -> list[NDArray[np.float64]]:
    """What `ColumnSpec.outputs` names, each (n,) or (n, several); `scaled` is a numeric one that varies."""
    absent = [cells.missing.astype(np.float64)] if spec.missing else []
    match spec.kind:
        case "boolean":
            numbers = as_numbers(cells, "boolean")
            return [np.where(cells.missing, 0.0, 2 * numbers - 1)]
        case "category":
            places: dict[str | None, int] = {label: i for i, label in enumerate(spec.categories)}
            place = np.array([places.get(label, -1) for label in as_labels(cells)])
            one_hot = place[:, None] == np.arange(len(places))
            return [one_hot.astype(np.float64), *absent]
        case _:
            return ([] if scaled is None else [scaled]) + absent

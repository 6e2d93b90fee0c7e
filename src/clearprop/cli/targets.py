"""The column that is to be learnt, apart from the columns that it is learnt from."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from clearprop.cli.columns import is_text
from clearprop.cli.messages import close_match, counted, listing, shown
from clearprop.errors import InputError

__all__ = ["Split", "split_target"]


class Split(NamedTuple):
    """A table's features (rows with a target), the targets, shape (rows,), and notes on rows left out."""

    features: pa.Table
    target: npt.NDArray[Any]
    notes: tuple[str, ...]


def split_target(table: pa.Table, column: str) -> Split:
    """The table without the column, and the column as a NumPy array: numbers, booleans, or Python's texts.

    Rows whose target is missing are dropped. Raises InputError where there is no such column, where it is the
    only one, where all its cells are missing, and where it holds neither numbers, booleans nor texts.
    """
    _check_present(table, column)
    target = table.column(column)
    if pa.types.is_dictionary(target.type):
        target = target.cast(target.type.value_type)
    missing = target.null_count
    if missing == table.num_rows:
        raise InputError(
            f"column {shown(column)} has nothing to learn from",
            expected="a target in at least one row",
            got=f"a missing value in {'its only row' if missing == 1 else f'all {missing} rows'}",
        )
    _check_type(target.type, column)
    notes: tuple[str, ...] = ()
    if missing:
        present = pc.is_valid(target)
        table, target = table.filter(present), target.filter(present)
        notes = (f"{counted(missing, 'row')} without a value in column {shown(column)} left out",)
    return Split(table.drop_columns([column]), _as_array(target), notes)


def _check_present(table: pa.Table, column: str) -> None:
    names = table.column_names
    if column not in names:
        near = close_match(column, names)
        raise InputError(
            f"there is no column {shown(column)}",
            expected=f"one of {listing(names)}",
            hint=shown(near) if near else None,
        )
    if len(names) == 1:
        raise InputError(
            f"column {shown(column)} is the only one",
            expected="columns to learn it from",
            hint="another delimiter, if the file has more columns",
        )


def _check_type(kind: pa.DataType, column: str) -> None:
    types = pa.types
    numeric = types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind)
    if not (numeric or is_text(kind)):
        raise InputError(
            f"column {shown(column)} cannot be a target",
            expected="numbers, booleans or texts",
            got=f"the type {kind}",
        )


def _as_array(column: pa.ChunkedArray) -> npt.NDArray[Any]:
    return np.asarray(column.to_numpy())

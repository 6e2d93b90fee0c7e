"""A trained model meets a table: its columns found by name, whatever else the table holds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ..errors import InputError
from ..estimators.cells import as_labels, read_cells
from ..estimators.columns import TableEncoder
from ..estimators.tables import open_table
from .messages import close_match, listing, shown
from .paths import open_model
from .text import several

__all__ = ["columns_for", "open_estimator", "target_of", "unseen"]


def open_estimator(path: Path, data: Path) -> Any:
    """Return the estimator that a model file holds.

    Raises:
        InputError: it holds a bare network, which knows no columns.
        ModelFileError: it is no intact model.
    """
    model = open_model(path, data)
    if not hasattr(model, "network_"):
        raise InputError(
            f"{shown(str(path))} holds a bare network, which knows nothing of columns",
            expected="what clearprop train writes, or an estimator's save()",
        )
    return model


def target_of(estimator: Any) -> str | None:
    """Return the name of the column that the model was trained to predict, where the file says."""
    name = getattr(estimator, "target_name_", None)
    return name if name is None else str(name)


def columns_for(estimator: Any, table: pa.Table) -> Any:
    """Return what the estimator takes of a table: its columns in its order, or a matrix if it knows no names.

    Raises:
        InputError: a column is missing, or holds texts where numbers were learnt.
    """
    names = getattr(estimator, "feature_names_in_", None)
    if names is None:
        return _matrix(estimator, table)
    columns = [_column(estimator, str(name), table) for name in names]
    _refuse_missing([str(n) for n, column in zip(names, columns, strict=True) if column is None], table)
    return pa.Table.from_arrays(columns, names=[str(name) for name in names])


def unseen(estimator: Any, table: Any) -> tuple[str, ...]:
    """Return a note for each column of categories that holds some that training did not see.

    A column with more categories than the model keeps says nothing: which rare ones it saw is not known.
    """
    if not isinstance(estimator.inputs_, TableEncoder):
        return ()
    frame, notes = open_table(table), []
    for spec in estimator.inputs_.columns:
        if spec.kind != "category" or len(spec.categories) < spec.distinct:
            continue
        known = {None, *spec.categories}
        new = [label for label in as_labels(read_cells(frame[spec.name])) if label not in known]
        if new:
            hold = f"{several(len(new), 'row')} {'holds' if len(new) == 1 else 'hold'}"
            notes.append(
                f"column {shown(spec.name)}: {hold} values not seen in training, such as {shown(str(new[0]))}"
            )
    return tuple(notes)


def _column(estimator: Any, name: str, table: pa.Table) -> Any:
    """Return the column, an empty one for one that taught nothing, or None where it is missing."""
    if name in table.column_names:
        column = table[name]
        return column if isinstance(estimator.inputs_, TableEncoder) else _as_numbers(column, name)
    return pa.nulls(table.num_rows, pa.float64()) if name in _constant(estimator) else None


def _constant(estimator: Any) -> set[str]:
    """Return the names of the columns that held one value in training, so that no prediction needs them."""
    inputs = estimator.inputs_
    if isinstance(inputs, TableEncoder):
        return {spec.name for spec in inputs.columns if spec.kind == "constant"}
    if inputs is None:
        return set()
    pairs = zip(estimator.feature_names_in_, inputs.scale.tolist(), strict=True)
    return {str(name) for name, scale in pairs if scale == 0}


def _as_numbers(column: pa.ChunkedArray, name: str) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_boolean(kind) or pa.types.is_null(kind):
        return column.cast(pa.float64())
    if pa.types.is_integer(kind) or pa.types.is_floating(kind):
        return column
    misfit = next(value for value in map(str, column.drop_null().to_pylist()) if not _is_number(value))
    raise InputError(f"column {shown(name)} does not fit the model", expected="numbers", got=shown(misfit))


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _refuse_missing(missing: list[str], table: pa.Table) -> None:
    if not missing:
        return
    near = close_match(missing[0], table.column_names)
    lost = "a column" if len(missing) == 1 else f"{len(missing)} columns"
    raise InputError(
        f"the table lacks {lost} that the model was trained on",
        expected=listing(missing),
        got=listing(table.column_names),
        hint=f"renaming {shown(near)} to {shown(missing[0])}" if near else None,
    )


def _matrix(estimator: Any, table: pa.Table) -> Any:
    """Return all columns but the target as they stand, for a model that was trained on an array."""
    target = target_of(estimator)
    names = [name for name in table.column_names if name != target]
    if len(names) != estimator.n_features_in_:
        raise InputError(
            "the table does not fit the model, which was trained on an array and knows no names",
            expected=f"{estimator.n_features_in_} columns of numbers",
            got=len(names),
        )
    return np.column_stack([_as_numbers(table[name], name).to_numpy().astype(np.float64) for name in names])

"""`clearprop predict`: a model and a table in, a CSV with one row of predictions for each row out."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from ..errors import InputError
from ..formats.atomic import write_atomically
from .console import Screen
from .endings import say
from .inference import columns_for, open_estimator, unseen
from .messages import check_columns, shown
from .paths import check_new
from .reading import read_table
from .streams import write_json, write_text
from .text import rows

__all__ = ["predict"]

_NO_TEXT = (".parquet", ".pq", ".feather", ".arrow", ".npz", ".npy", ".xlsx", ".json", ".gz", ".safetensors")
Columns = dict[str, list[Any]]


def predict(
    model: Path,
    data: Path,
    output: Path | None,
    *,
    keep: Sequence[str],
    proba: bool,
    as_json: bool,
    force: bool,
) -> None:
    """Run the command: the CSV goes to the file, or to standard output where none is named."""
    if output is not None:
        _check_output(output, (model, data), force=force)
    estimator = open_estimator(model, data)
    if proba and not hasattr(estimator, "predict_proba"):
        raise InputError(
            "--proba does not fit", expected="a model of classes", got="a model that predicts numbers"
        )
    file = read_table(data)
    kept, features = _kept(file.table, keep), columns_for(estimator, file.table)
    for note in (*file.notes, *unseen(estimator, features)):
        say("note", note)
    columns = _joined(kept, _columns(estimator, features, proba=proba))
    if output is not None:
        write_atomically(output, [_as_csv(columns).encode("utf-8")])
        Screen(silent=as_json).line(f"predictions for {rows(file.table.num_rows)} in {output}")
    if as_json:
        write_json(
            {"model": str(model), "data": str(data), "output": output and str(output), "columns": columns}
        )
    elif output is None:
        write_text(_as_csv(columns))


def _check_output(output: Path, inputs: tuple[Path, ...], *, force: bool) -> None:
    if output.suffix.lower() in _NO_TEXT:
        raise InputError(
            f"predictions are written as CSV, not as {output.suffix}",
            got=shown(str(output)),
            hint="a name ending in .csv",
        )
    check_new(output, force=force, inputs=inputs)


def _kept(table: pa.Table, names: Sequence[str]) -> Columns:
    """Return the columns to carry over, by name."""
    check_columns("--keep", names, table.column_names)
    return {name: [_plain(value) for value in table[name].to_pylist()] for name in names}


def _plain(value: Any) -> Any:
    """Return a value as JSON can carry it: dates, times and the like as texts."""
    return value if value is None or isinstance(value, (bool, int, float, str)) else str(value)


def _joined(kept: Columns, predicted: Columns) -> Columns:
    both = [name for name in kept if name in predicted]
    if both:
        raise InputError(
            f"--keep names a column that the predictions have, too: {shown(both[0])}",
            hint="renaming it in the table",
        )
    return kept | predicted


def _columns(estimator: Any, features: Any, *, proba: bool) -> Columns:
    """Return "prediction", or a column for each of several targets, and "proba_…" for each class."""
    predicted = np.asarray(estimator.predict(features))
    if predicted.ndim == 1:
        columns: Columns = {"prediction": predicted.tolist()}
    else:
        columns = {f"prediction_{k + 1}": each.tolist() for k, each in enumerate(predicted.T)}
    if proba:
        shares = estimator.predict_proba(features)
        names = map(_cell, estimator.classes_.tolist())
        columns |= {f"proba_{name}": each.tolist() for name, each in zip(names, shares.T, strict=True)}
    return columns


def _as_csv(columns: Columns) -> str:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([_cell(value) for value in row] for row in zip(*columns.values(), strict=True))
    return text.getvalue()


def _cell(value: Any) -> str:
    """Return a value as it would be read again; numbers to the last bit, nothing for a missing one."""
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)

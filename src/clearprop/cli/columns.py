"""What every table goes through once it is read, from whatever file: names, missing values, numbers."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from clearprop.cli.messages import listing, shown
from clearprop.errors import InputError

__all__ = ["is_text", "named", "refuse_infinity", "settle_texts", "tidy"]

_ALMOST = r"^[$€£¥]?\s*[+-]?\s*\d[\d.,'_\s]*([eE][+-]?\d+)?\s*[%$€£¥]?$|^[+-]?[.,]\d+$"
_ALMOST_SHARE = 0.8
_PROBE_ROWS = 1000


def named(names: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names with "column 3" in place of an empty one, and a note for each of these."""
    whole = tuple(name or f"column {i}" for i, name in enumerate(names, 1))
    notes = tuple(
        f"a column has no name; it is called 'column {i}'" for i, name in enumerate(names, 1) if not name
    )
    return whole, notes


def _check_names(names: Sequence[str], file: str) -> None:
    """Raises InputError where two columns have one name."""
    places: dict[str, list[str]] = {}
    for i, name in enumerate(names, 1):
        places.setdefault(name, []).append(str(i))
    repeated = {name: at for name, at in places.items() if len(at) > 1}
    if repeated:
        got = [f"{shown(name)} in columns {', '.join(at[:8])}" for name, at in list(repeated.items())[:8]]
        raise InputError(
            f"{file} gives two columns one name",
            expected="a name of its own for every column",
            got="; ".join(got),
            hint=f"renaming {listing(repeated, 3)}",
        )


def tidy(table: pa.Table, file: str, missing: Sequence[str] = ("",)) -> pa.Table:
    """The table with null for what is missing, floats for decimals, and plain texts for categories of them.

    Texts lose the white space around them, and are null where one of `missing` is left. Raises InputError
    for repeated names, no rows and no columns.
    """
    _check_names(table.column_names, file)
    if table.num_columns == 0 or table.num_rows == 0:
        raise InputError(
            f"{file} holds no rows",
            expected="at least one row and one column",
            got=f"{table.num_rows} rows and {table.num_columns} columns",
        )
    columns = [_tidy_column(column, missing) for column in table.columns]
    return pa.Table.from_arrays(columns, names=table.column_names)


def _tidy_column(column: pa.ChunkedArray, missing: Sequence[str]) -> pa.ChunkedArray:
    kind = column.type
    if pa.types.is_decimal(kind) or pa.types.is_float16(kind):
        column = column.cast(pa.float64())
    elif _is_view(kind):
        column = column.cast(pa.string())
    elif pa.types.is_dictionary(kind) and is_text(kind.value_type):
        column = pa.chunked_array([_decoded(chunk) for chunk in column.chunks], pa.string())
    if pa.types.is_floating(column.type):
        return _null_where(pc.is_nan(column), column)
    if is_text(column.type):
        column = pc.utf8_trim_whitespace(column)
        return _null_where(pc.is_in(column, pa.array(missing, column.type)), column)
    return column


def _decoded(chunk: pa.DictionaryArray) -> pa.Array:
    words = chunk.dictionary.cast(pa.string())  # first the words: pyarrow cannot decode a dictionary of views
    return pa.DictionaryArray.from_arrays(chunk.indices, words).cast(pa.string())


def is_text(kind: pa.DataType) -> bool:
    """Whether a column of this type holds texts, in any of Arrow's forms but categories."""
    return pa.types.is_string(kind) or pa.types.is_large_string(kind) or _is_view(kind)


def _is_view(kind: pa.DataType) -> bool:
    return str(kind) == "string_view"  # what Polars writes; pyarrow 15 reads it without a test for it


def _null_where(mask: pa.ChunkedArray, column: pa.ChunkedArray) -> pa.ChunkedArray:
    return pc.if_else(mask, pa.scalar(None, column.type), column) if pc.any(mask).as_py() else column


def refuse_infinity(table: pa.Table, file: str, place: Callable[[int], str]) -> None:
    """Raises InputError for an infinite number, which is also what 1e400 is read as.

    `place` names a row, counted from 0, to the user ("line 5").
    """
    for name, column in zip(table.column_names, table.columns, strict=True):
        if not pa.types.is_floating(column.type):
            continue
        infinite = pc.is_inf(column)
        if pc.any(infinite).as_py():
            row = pc.index(infinite, True).as_py()
            raise InputError(
                f"{place(row)} of {file} has an infinite number in column {shown(name)}",
                expected="a finite number (one beyond 1.8e308 is read as inf)",
                got=str(column[row].as_py()),
                hint="an empty cell where the value is not known",
            )


def settle_texts(table: pa.Table, decimal: str) -> tuple[pa.Table, tuple[str, ...]]:
    """Texts that are numbers after all, as numbers; and a note for each column with a few texts among them.

    A missing value in a wide margin, "   NA  ", makes texts of a column of numbers at first. A note is due
    where more than 80 % of the texts are numbers to a person's eye; it shows the first that is none.
    """
    point, notes = re.escape(decimal), []
    number = rf"^[+-]?(\d+{point}?\d*|{point}\d+)([eE][+-]?\d+)?$"
    for i, (name, column) in enumerate(zip(table.column_names, table.columns, strict=True)):
        if not pa.types.is_string(column.type) or _almost_share(column.slice(0, _PROBE_ROWS)) < 0.5:
            continue
        row = pc.index(pc.match_substring_regex(column, number), False).as_py()
        if row < 0:
            table = table.set_column(i, name, _numbers(column, decimal))
        elif _almost_share(column) > _ALMOST_SHARE:
            text = shown(column[row].as_py())
            notes.append(f"column {shown(name)} is read as text: row {row + 1} has {text}")
    return table, tuple(notes)


def _numbers(texts: pa.ChunkedArray, decimal: str) -> pa.ChunkedArray:
    texts = pc.replace_substring(texts, decimal, ".")
    try:
        return texts.cast(pa.int64())
    except pa.ArrowInvalid:
        return texts.cast(pa.float64())


def _almost_share(column: pa.ChunkedArray) -> float:
    """Which share of the texts a person would take for a number: also "1,234", "12 %" and "$5"."""
    share = pc.mean(pc.match_substring_regex(column, _ALMOST)).as_py()
    return 0.0 if share is None else float(share)

"""The one door for raw tables: pandas, Polars and pyarrow, without importing any of them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Any

import narwhals.stable.v2 as nw

from clearprop.errors import InputError

__all__ = ["is_table", "open_table", "quoted", "require_columns"]


def is_table(X: object) -> bool:
    """Whether X is a dataframe of pandas, Polars, pyarrow or another library of narwhals; imports none."""
    return bool(nw.dependencies.is_into_dataframe(X))


def open_table(table: object) -> nw.DataFrame[Any]:
    """The table behind one interface, checked: rows, columns, and names that are distinct texts.

    Raises InputError for anything else, a lazy frame included.
    """
    if not is_table(table):
        raise InputError(
            "this is not a table",
            expected="a pandas or Polars DataFrame or a pyarrow Table",
            got=f"{type(table).__module__}.{type(table).__qualname__}",
            hint="table.collect()" if hasattr(table, "collect") else None,
        )
    try:
        frame: nw.DataFrame[Any] = nw.from_native(table, eager_only=True)
    except nw.exceptions.DuplicateError as error:
        names = [str(name) for name in getattr(table, "column_names", getattr(table, "columns", ()))]
        twice = sorted({name for name in names if names.count(name) > 1})
        raise InputError(
            "several columns have the same name", got=quoted(twice), hint="renaming all but one"
        ) from error
    _check_names(frame.columns)
    if 0 in frame.shape:
        lacking = "rows" if frame.columns else "columns"
        raise InputError(f"the table has no {lacking}", got=f"shape {frame.shape}")
    return frame


def require_columns(frame: nw.DataFrame[Any], names: Iterable[str]) -> None:
    """Raise an InputError that lists the columns missing from the frame, each with its closest match."""
    lost = [name for name in names if name not in set(frame.columns)]
    if not lost:
        return
    folded = {name.casefold(): name for name in frame.columns}
    guesses = []
    for name in lost:
        close = get_close_matches(name.casefold(), folded, n=1)
        guesses.append(f"{name!r} (did you mean {folded[close[0]]!r}?)" if close else repr(name))
    what = "the table lacks a column that was learnt" if len(lost) == 1 else "the table lacks learnt columns"
    raise InputError(what, expected=_shortened(guesses), got=quoted(frame.columns))


def quoted(names: Sequence[str]) -> str:
    """The names in quotes for a message, the first few where they are many."""
    return _shortened([repr(name) for name in names])


def _shortened(items: Sequence[str], limit: int = 10) -> str:
    more = len(items) - limit
    return ", ".join(items[:limit]) + (f" and {more} more" if more > 0 else "")


def _check_names(names: Iterable[object]) -> None:
    """Column names must be text, since a model file finds columns by them."""
    for name in names:
        if not isinstance(name, str):
            raise InputError(
                "a column's name is not text",
                got=f"{name!r} ({type(name).__name__})",
                hint="table.columns = table.columns.map(str)",
            )

"""What stands in one column of a raw table: numbers, dates, truth values or labels.

A column is read by what its values are, so that the same data gives the same numbers, to the last bit,
whichever library holds it and whichever of that library's types it has there.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal
from numbers import Real
from typing import Any, Literal, final

import narwhals.stable.v2 as nw
import numpy as np
from numpy.typing import NDArray

from clearprop.errors import InputError

__all__ = ["Cells", "as_labels", "as_numbers", "read_cells", "refuse_mixture"]

CellKind = Literal["number", "boolean", "datetime", "duration", "time", "text", "empty", "mixed"]

_SPOKEN = {
    "number": "numbers",
    "boolean": "true and false",
    "datetime": "dates",
    "duration": "durations",
    "time": "times of day",
    "text": "text",
}
_PYTHON_TYPES: tuple[tuple[CellKind, tuple[type, ...]], ...] = (
    ("text", (str,)),
    ("boolean", (bool, np.bool_)),
    ("number", (Real, Decimal)),
    ("datetime", (dt.date,)),
    ("duration", (dt.timedelta,)),
    ("time", (dt.time,)),
)
_TICKS_PER_SECOND = {"s": 1, "ms": 10**3, "us": 10**6, "ns": 10**9}
_EPOCH = dt.datetime(1970, 1, 1)


@final
@dataclass(frozen=True, slots=True, eq=False)
class Cells:
    """One column as it was read.

    `missing` (n,) marks null and NaN alike. `numbers` (n,) is NaN where missing: booleans as 0 and 1,
    dates as seconds since 1970 (in UTC; a date without a time zone is taken as UTC), durations as
    seconds, times of day as seconds since midnight. A "text" or "mixed" column has NaN throughout, and
    a column without any value is "empty" whatever its type.
    """

    kind: CellKind
    series: nw.Series[Any]
    missing: NDArray[np.bool_]
    numbers: NDArray[np.float64]


def read_cells(series: nw.Series[Any]) -> Cells:
    """Read a column; InputError where it holds values that nothing can be learnt from, such as lists."""
    missing = np.asarray(series.is_null().to_numpy(), dtype=np.bool_)
    kind, values = ("empty", None) if missing.all() else _read(series, missing)
    if values is None:
        return Cells(kind, series, missing, np.full(len(missing), np.nan))
    values = np.where(missing, np.nan, values)
    missing = np.isnan(values)
    return Cells("empty" if missing.all() else kind, series, missing, values)


def as_numbers(cells: Cells, learnt: CellKind) -> NDArray[np.float64]:
    """The numbers of a column (NaN: missing) that must be of the kind that was learnt.

    Booleans pass as the numbers 0 and 1, and the numbers 0 and 1 as booleans. Raises InputError that
    names the first value that does not fit.
    """
    if cells.kind in (learnt, "empty") or (cells.kind, learnt) == ("boolean", "number"):
        return cells.numbers
    if learnt == "boolean" and cells.kind == "number":
        if np.isin(cells.numbers[~cells.missing], (0.0, 1.0)).all():
            return cells.numbers
        raise _misfit(cells, learnt, lambda value: value in (0, 1))
    if learnt == "number":
        raise _misfit(cells, learnt, _reads_as_number)
    raise _misfit(cells, learnt, lambda value: _kind_of(type(value)) == learnt)


def as_labels(cells: Cells) -> list[str | None]:
    """The labels of a column (None: missing), whole numbers without a point; InputError for other kinds.

    A category is known by its text, so 1, 1.0 and "1" are the same one: a missing value, or a file
    in between, turns the first into the others.
    """
    if cells.kind not in ("text", "number", "boolean", "empty"):
        raise _misfit(cells, "text", lambda value: isinstance(value, str))
    pairs = zip(_values(cells.series), cells.missing.tolist(), strict=True)
    return [None if absent else _label(value) for value, absent in pairs]


def refuse_mixture(cells: Cells) -> None:
    """Raise InputError where the values are of several kinds, so that nothing tells which one is meant."""
    if cells.kind != "mixed":
        return
    (_, first), *others = _present(cells)
    row, other = next((row, value) for row, value in others if _kind_of(type(value)) != _kind_of(type(first)))
    raise InputError(
        f"column {cells.series.name!r} holds values of several kinds",
        expected="one kind",
        got=f"{_shown(first)} and, in row {row}, counted from 0, {_shown(other)}",
        hint="turning all of them into text, or what does not belong there into a missing value",
    )


def _read(series: nw.Series[Any], missing: NDArray[np.bool_]) -> tuple[CellKind, NDArray[np.float64] | None]:
    """The kind of a column and its values as numbers, whatever where missing; None where it is text."""
    dtype = series.dtype
    if dtype in (nw.Categorical, nw.Enum):
        return "text", None
    if dtype == nw.Boolean:
        return "boolean", series.fill_null(False).to_numpy().astype(np.float64)
    if dtype.is_numeric() and dtype not in (nw.Decimal, nw.Int128, nw.UInt128):
        return "number", np.asarray(series.to_numpy(), dtype=np.float64)
    if dtype in (nw.Date, nw.Datetime, nw.Duration):
        moments = series.to_numpy()
        if moments.dtype.kind in "mM":
            return ("duration" if moments.dtype.kind == "m" else "datetime"), _seconds(moments)
    return _read_objects(series, missing)


def _seconds(moments: NDArray[Any]) -> NDArray[np.float64]:
    """NumPy's dates or durations (n,) as seconds, the same for every unit that they may be counted in."""
    if moments.dtype == np.dtype("datetime64[D]"):
        moments = moments.astype("datetime64[s]")
    per_second = _TICKS_PER_SECOND[np.datetime_data(moments.dtype)[0]]
    # Whole seconds and the rest apart: nanoseconds since 1970 have more digits than a float64 keeps.
    whole, rest = np.divmod(moments.view(np.int64), per_second)
    seconds = whole + rest / per_second
    seconds[np.isnat(moments)] = np.nan
    return seconds


def _read_objects(
    series: nw.Series[Any], missing: NDArray[np.bool_]
) -> tuple[CellKind, NDArray[np.float64] | None]:
    """As `_read`, for values that come as Python objects: text, decimals, pandas' object columns."""
    pairs = list(zip(_values(series), missing.tolist(), strict=True))
    types = {type(value) for value, absent in pairs if not absent}
    unreadable = sorted(type_.__name__ for type_ in types if _kind_of(type_) is None)
    if unreadable:
        raise InputError(
            f"column {series.name!r} holds values that nothing can be learnt from",
            expected="numbers, booleans, dates, durations, text or categories",
            got=f"{series.dtype} ({', '.join(unreadable)})",
            hint="dropping the column, or splitting it into simple ones",
        )
    kinds = {kind for type_ in types if (kind := _kind_of(type_)) is not None}
    if kinds == {"number", "boolean"}:
        kinds = {"number"}
    kind = kinds.pop() if len(kinds) == 1 else "mixed"
    if kind in ("text", "mixed"):
        return kind, None
    return kind, np.array([np.nan if absent else _to_float(value) for value, absent in pairs])


def _kind_of(type_: type) -> CellKind | None:
    """What a value of this Python type is, or None where it is nothing to learn from."""
    if issubclass(type_, np.timedelta64):
        return None  # which NumPy counts among the integers
    return next((kind for kind, types in _PYTHON_TYPES if issubclass(type_, types)), None)


def _to_float(value: Any) -> float:
    """A number as it is, a date as seconds since 1970, a duration or a time of day as seconds."""
    if isinstance(value, dt.datetime):
        value = value - (_EPOCH if value.tzinfo is None else _EPOCH.replace(tzinfo=dt.UTC))
    elif isinstance(value, dt.date):
        value = dt.timedelta(days=value.toordinal() - _EPOCH.toordinal())
    elif isinstance(value, dt.time):
        value = dt.timedelta(0, value.hour * 3600 + value.minute * 60 + value.second, value.microsecond)
    if isinstance(value, dt.timedelta):
        return value.days * 86400 + value.seconds + value.microseconds / 10**6
    try:
        return float(value)
    except OverflowError:  # an integer beyond float64, refused later as every infinite value is
        return np.inf if value > 0 else -np.inf


def _label(value: Any) -> str:
    """The text that a category is known by."""
    whole = isinstance(value, (float, np.floating)) and value.is_integer()
    return str(int(value)) if whole else str(value)


def _reads_as_number(value: Any) -> bool:
    """Whether the value is a number, or text that could be turned into one."""
    try:
        float(value)
    except (TypeError, ValueError, OverflowError):
        return False
    return True


def _values(series: nw.Series[Any]) -> list[Any]:
    """The values as Python objects, which have no dates outside the years 1 to 9999."""
    try:
        return series.to_list()
    except (OverflowError, ValueError) as error:
        raise InputError(
            f"column {series.name!r} holds values that Python has no form for",
            got=f"{series.dtype} ({error})",
            hint="making dates outside the years 1 to 9999 missing values",
        ) from error


def _present(cells: Cells) -> list[tuple[int, Any]]:
    """The row and the value of each entry that is not missing."""
    values = _values(cells.series)
    return [(row, values[row]) for row in np.flatnonzero(~cells.missing).tolist()]


def _shown(value: Any) -> str:
    """A value for a message, not longer than fits there."""
    text = repr(value)
    return text if len(text) <= 60 else f"{text[:57]}..."


def _misfit(cells: Cells, learnt: CellKind, fits: Callable[[Any], bool]) -> InputError:
    """The error that names the first value that does not fit, or the first one where each seems to."""
    present = _present(cells)
    row, value = next(((row, value) for row, value in present if not fits(value)), present[0])
    return InputError(
        f"column {cells.series.name!r} does not fit what was learnt",
        expected=_SPOKEN[learnt],
        got=f"{_shown(value)} in row {row}, counted from 0 (column type {cells.series.dtype})",
    )

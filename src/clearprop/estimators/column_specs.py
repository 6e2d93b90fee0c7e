"""What was learnt about each column of a table, as plain values that a model file can hold."""

from __future__ import annotations

import reprlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, final, get_args

import numpy as np
from numpy.typing import NDArray

from clearprop.errors import ModelFileError
from clearprop.estimators.scaling import Scaling

__all__ = ["MAX_CATEGORIES", "NUMERIC", "ColumnSpec", "parse_scaling", "parse_specs"]

MAX_CATEGORIES = 64
"""At most so many categories of a column get an output of their own, so that an id column cannot explode."""

NumericKind = Literal["number", "datetime", "duration", "time"]
ColumnKind = Literal[NumericKind, "boolean", "category", "constant"]
NUMERIC: tuple[NumericKind, ...] = get_args(NumericKind)


@final
@dataclass(frozen=True, slots=True)
class ColumnSpec:
    """One column: its name, what it was understood as, and how many of its values were missing.

    For a category, `categories` are the ones with an output of their own, sorted, and `distinct` is
    how many there were.
    """

    name: str
    kind: ColumnKind
    missing: int
    categories: tuple[str, ...] = ()
    distinct: int = 0

    def outputs(self, varying: bool) -> list[str]:
        """The names of what the column becomes; `varying` says of a numeric one whether its values differ."""
        if self.kind == "constant":
            return []
        if self.kind == "boolean":
            return [self.name]
        values = [f"{self.name}={category}" for category in self.categories] or [self.name] * varying
        return values + [f"{self.name} is missing"] * (self.missing > 0)

    def detail(self, unit: tuple[float, float] | None) -> str:
        """What else a reader wants to know; `unit` is (center, scale) of a numeric one that varies."""
        if self.kind == "constant":
            return "no values" if self.missing else "the same value throughout"
        if self.kind == "boolean":
            return "false or true"
        if self.kind == "category":
            few = len(self.categories)
            most = f"the {few} most frequent of " if few < self.distinct else ""
            return f"{most}{self.distinct} {'category' if self.distinct == 1 else 'categories'}"
        if unit is None:
            return "the same value wherever there is one"
        center, scale = unit
        if self.kind == "datetime":
            return f"median {_date(center)}, spread {_figure(1 / scale / 86400)} days"
        seconds = "" if self.kind == "number" else " s"
        return f"median {_figure(center)}{seconds}, spread {_figure(1 / scale)}{seconds}"

    def to_config(self) -> dict[str, object]:
        """The JSON-able form that `parse_specs` reads."""
        config: dict[str, object] = {"name": self.name, "kind": self.kind, "missing": self.missing}
        if self.kind == "category":
            config |= {"categories": list(self.categories), "distinct": self.distinct}
        return config


def parse_specs(config: object) -> tuple[ColumnSpec, ...]:
    """The columns in a model file's configuration; ModelFileError for anything that was not written by us."""
    match config:
        case {"columns": [_, *_] as entries, **others} if not others:
            specs = tuple(_parse_spec(entry) for entry in entries)
        case _:
            raise _damaged("a list of columns and nothing else", config)
    if len({spec.name for spec in specs}) != len(specs):
        raise _damaged("distinct column names", [spec.name for spec in specs])
    if all(spec.kind == "constant" for spec in specs):
        raise _damaged("a column that is not constant", [spec.name for spec in specs])
    return specs


def parse_scaling(arrays: object, specs: tuple[ColumnSpec, ...]) -> Scaling:
    """The scaling in a model file's arrays; ModelFileError where it does not fit the columns."""
    if not isinstance(arrays, Mapping) or set(arrays) != {"center", "scale"}:
        raise _damaged("the arrays center and scale", arrays)
    numeric = [spec for spec in specs if spec.kind in NUMERIC]
    center, scale = (_parse_array(arrays[name], len(numeric)) for name in ("center", "scale"))
    for spec, factor in zip(numeric, scale, strict=True):
        if factor < 0 or (factor == 0 and not spec.missing):  # a constant column is not among the numeric
            raise _damaged(f"a positive scale for column {spec.name!r}", factor)
    return Scaling(center, scale)


def _parse_spec(entry: object) -> ColumnSpec:
    """One column of the configuration, every value of it checked."""
    match entry:
        case {"name": str(name), "kind": "category", "missing": int(missing), **others}:
            categories, distinct = _parse_categories(others)
            spec = ColumnSpec(name, "category", missing, categories, distinct)
        case {"name": str(name), "kind": str(kind), "missing": int(missing), **others} if not others:
            spec = ColumnSpec(name, cast(ColumnKind, kind), missing)
        case _:
            raise _damaged("a column's name, kind and count of missing values", entry)
    if spec.kind not in get_args(ColumnKind) or not _is_count(missing):
        raise _damaged("a known kind of column and a count of missing values", entry)
    return spec


def _parse_categories(others: dict[object, object]) -> tuple[tuple[str, ...], int]:
    """What only a column of categories has: the ones with an output, and how many there were."""
    match others:
        case {"categories": list(labels), "distinct": int(distinct), **rest} if not rest:
            if not all(isinstance(label, str) for label in labels) or labels != sorted(set(labels)):
                raise _damaged("categories that are texts, sorted", labels)
            if not 1 <= len(labels) <= MAX_CATEGORIES or not _is_count(distinct) or distinct < len(labels):
                raise _damaged(f"1 to {MAX_CATEGORIES} categories, no more than there were", len(labels))
            return tuple(labels), distinct
    raise _damaged("categories and their number", others)


def _is_count(value: int) -> bool:
    """Whether a JSON number counts something: not negative, and not true or false in disguise."""
    return type(value) is int and value >= 0


def _parse_array(array: object, length: int) -> NDArray[np.float64]:
    """A copy of an array of that many finite float64 numbers."""
    if not isinstance(array, np.ndarray) or array.dtype != np.float64 or array.shape != (length,):
        raise _damaged(f"float64 numbers of shape ({length},)", getattr(array, "shape", array))
    if not np.isfinite(array).all():
        raise _damaged("finite numbers", array)
    return array.copy()


def _date(seconds: float) -> str:
    """Seconds since 1970 as a date, with the time unless it is midnight; or as they are, if too far."""
    if abs(seconds) >= 1e15:
        return f"{seconds:.6g} s after 1970"
    return str(np.datetime64(round(seconds), "s")).removesuffix("T00:00:00")


def _figure(number: float) -> str:
    """Four significant digits, in groups of three where they would otherwise be a power of ten: 77,780."""
    rounded = float(f"{number:.4g}")
    return f"{rounded:,.0f}" if 1e4 <= abs(rounded) < 1e9 else f"{rounded:g}"


def _damaged(expected: str, got: object) -> ModelFileError:
    what = "the model file's table columns are damaged"
    return ModelFileError(what, expected=expected, got=reprlib.repr(got))

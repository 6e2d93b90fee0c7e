"""Tables pasted or uploaded: a small reader of CSV, which says what is wrong and in which line."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..checks import check_name
from ..errors import InputError
from ..rules.array import Array
from . import limits
from .settings import Table

DELIMITERS = ",;\t|"
HEAD = 20_000  # letters that are looked through for the delimiter
FIRST = 8  # rows that are shown of a table


@dataclass(frozen=True)
class Columns:
    """A table as columns: texts, and numbers where all cells of a column are numbers."""

    names: tuple[str, ...]
    texts: dict[str, list[str]]
    numbers: dict[str, list[float]]
    rows: int


def look(text: object) -> dict[str, Any]:
    """Return what is in a table: its columns, which of them hold numbers, its first rows.

    Raises:
        InputError: it cannot be read; the message says where.
    """
    table = parse(text)
    return {
        "columns": [
            {"name": name, "numeric": name in table.numbers, "different": len(set(table.texts[name]))}
            for name in table.names
        ],
        "rows": table.rows,
        "first": [[table.texts[name][k] for name in table.names] for k in range(min(FIRST, table.rows))],
    }


def read_columns(table: Table) -> tuple[Array, Array, tuple[str, ...], tuple[str, ...], tuple[str, ...], int]:
    """Return inputs, targets, their names, and how many rows are left out, as `datasets.Own` takes them.

    Raises:
        InputError: the table, or a column of it, cannot be used.
    """
    found = parse(table.text)
    for name in (*table.inputs, table.target):
        check_name("column", name, found.names)
    _check_choice(table)
    for name in table.inputs:
        _check_numbers(found, name)
    X = np.column_stack([found.numbers[name] for name in table.inputs])[: limits.ROWS]
    Y, classes = _targets(found, table.target, table.classes)
    return X, Y[: limits.ROWS], table.inputs, (table.target,), classes, found.rows - len(X)


def _check_choice(table: Table) -> None:
    if not 1 <= len(table.inputs) <= limits.INPUTS or len(set(table.inputs)) < len(table.inputs):
        raise InputError(
            "inputs do not fit",
            expected=f"1 to {limits.INPUTS} columns, each once",
            got=", ".join(table.inputs) or "none",
        )
    if table.target in table.inputs:
        raise InputError(f"the target {table.target!r:.60} is an input too", hint="another column")


def _check_numbers(found: Columns, name: str) -> None:
    if name in found.numbers:
        return
    row = next(k for k, text in enumerate(found.texts[name]) if _number(text) is None)
    raise InputError(
        f"column {name!r:.60} does not fit",
        expected="a number in each row",
        got=f"{found.texts[name][row]!r:.40} in row {row + 1}",
        hint="another column",
    )


def _targets(found: Columns, name: str, are_classes: bool | None) -> tuple[Array, tuple[str, ...]]:
    """Return numbers (n, 1), or class numbers (n,) with the names of the classes.

    The classes of a column of numbers stand in the order of these.
    """
    texts, numbers = found.texts[name][: limits.ROWS], found.numbers.get(name)
    if numbers is not None and not are_classes:
        return np.array(numbers)[:, None], ()
    if are_classes is False:
        _check_numbers(found, name)
    if "" in texts:
        raise InputError(
            f"column {name!r:.60} lacks a value",
            expected="a target in each row",
            got=f"none in row {texts.index('') + 1}",
        )
    values, codes = np.unique(texts if numbers is None else numbers[: limits.ROWS], return_inverse=True)
    classes = tuple(str(one) if numbers is None else f"{one:.17g}" for one in values.tolist())
    if not 2 <= len(classes) <= limits.OUTPUTS:
        raise InputError(
            f"column {name!r:.60} is no target of the page",
            expected=f"numbers, or 2 to {limits.OUTPUTS} classes",
            got=f"{len(classes)} different texts",
        )
    return codes, classes


def parse(text: object) -> Columns:
    """Return the columns of a CSV text: with a header, of lines of equal length.

    Raises:
        InputError: anything else, with the line.
    """
    if not isinstance(text, str):
        raise InputError("a table is a text", got=f"{text!r:.40}")
    if len(text.encode("utf-8", "replace")) > limits.TABLE_BYTES:
        raise InputError("the table is too large", expected=f"at most {limits.TABLE_BYTES // 1000:,} kB")
    if "\0" in text:
        raise InputError("this is no table", expected="a text", got="a NUL character")
    lines = _lines(text.removeprefix("\ufeff"))
    if len(lines) < 2:
        raise InputError(
            "the table has no rows", expected="a header and rows below it", got=f"{len(lines)} lines"
        )
    names = tuple(_header(lines[0][1]))
    for number, cells in lines[1:]:
        if len(cells) != len(names):
            raise InputError(
                f"line {number} does not fit the header", expected=f"{len(names)} cells", got=len(cells)
            )
    rows = [[cell.strip() for cell in cells] for _, cells in lines[1:]]
    texts = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    numbers = {}
    for name, column in texts.items():
        values = [_number(cell) for cell in column]
        if None not in values:
            numbers[name] = [one for one in values if one is not None]
    return Columns(names, texts, numbers, len(rows))


def _lines(text: str) -> list[tuple[int, list[str]]]:
    """Return the lines that are not blank, as cells, each with its number."""
    head = re.sub(r'"[^"]*"', "", text[:HEAD]).lstrip().partition("\n")[0]
    delimiter = max(DELIMITERS, key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    found = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                found.append((reader.line_num, cells))
    except csv.Error as error:
        raise InputError(f"line {reader.line_num} cannot be read", got=str(error)) from None
    return found


def _header(cells: list[str]) -> list[str]:
    names = [cell.strip() or f"column {k}" for k, cell in enumerate(cells, 1)]
    if len(names) < 2 or len(names) > limits.COLUMNS:
        raise InputError("the table does not fit", expected=f"2 to {limits.COLUMNS} columns", got=len(names))
    twice = next((name for name in names if names.count(name) > 1), None)
    if twice is not None:
        raise InputError(f"two columns are called {twice!r:.60}", expected="a name of its own for each")
    if all(_number(name) is not None for name in names):
        raise InputError(
            "the first line holds numbers", expected="the names of the columns", got=f"{names[0]!r:.40}"
        )
    return names


def _number(text: str) -> float | None:
    """Return the finite number that a cell holds; a comma may stand for the point."""
    if not re.fullmatch(r"[+-]?(\d+[.,]?\d*|[.,]\d+)([eE][+-]?\d+)?", text, re.ASCII):
        return None
    value = float(text.replace(",", "."))
    return value if math.isfinite(value) else None

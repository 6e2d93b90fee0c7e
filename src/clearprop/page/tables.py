"""Tables pasted or uploaded: what is in them, and the columns of them that are used."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..checks import check_name
from ..errors import InputError
from ..rules.array import Array
from . import limits
from .reading import LONGEST, Columns, parse
from .settings import Table

FIRST = 8  # rows that are shown of a table


def look(text: object) -> dict[str, Any]:
    """Return what is in a table: its columns, which of them hold numbers, its first rows.

    `odd` is the first cell that is no number of a column that mostly holds these, and its line; `comma`
    the first cell whose comma is taken for the decimal point, and what is read. Each may be None.

    Raises:
        InputError: it cannot be read; the message says where.
    """
    table = parse(text)
    return {
        "columns": [
            {
                "name": name,
                "numeric": name in table.numbers,
                "different": len(set(table.texts[name])),
                "odd": table.odd[name] if name in table.mixed else None,
            }
            for name in table.names
        ],
        "rows": table.rows,
        "comma": comma_in(table),
        "first": [[table.texts[name][k] for name in table.names] for k in range(min(FIRST, table.rows))],
    }


def comma_in(table: Columns) -> tuple[str, str] | None:
    """Return the first cell of a number whose comma is taken for the decimal point, and how it is read."""
    cells = (cell[:LONGEST] for name in table.numbers for cell in table.texts[name] if "," in cell)
    return next(((cell, cell.replace(",", ".")) for cell in cells), None)


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
    cell, line = found.odd[name]
    raise InputError(
        f"column {name!r:.60} does not fit",
        expected="a number in each row",
        got=f"{cell!r} in line {line}",
        hint="mending it, or another column",
    )


def _targets(found: Columns, name: str, are_classes: bool | None) -> tuple[Array, tuple[str, ...]]:
    """Return numbers (n, 1), or class numbers (n,) with the names of the classes.

    The classes of a column of numbers stand in the order of these. Numbers with another cell among them are
    classes only where that is asked for: who writes nan seldom means a class.
    """
    texts, numbers = found.texts[name][: limits.ROWS], found.numbers.get(name)
    if numbers is not None and not are_classes:
        return np.array(numbers)[:, None], ()
    if are_classes is False or (are_classes is None and name in found.mixed):
        _check_numbers(found, name)
    if "" in texts:
        raise InputError(
            f"column {name!r:.60} lacks a value",
            expected="a target in each row",
            got=f"none in line {found.lines[texts.index('')]}",
        )
    values, codes = np.unique(texts if numbers is None else numbers[: limits.ROWS], return_inverse=True)
    classes = tuple(one if numbers is None else repr(one).removesuffix(".0") for one in values.tolist())
    if not 2 <= len(classes) <= limits.OUTPUTS:
        raise InputError(
            f"column {name!r:.60} is no target of the page",
            expected=f"numbers, or 2 to {limits.OUTPUTS} classes",
            got=f"{len(classes)} different texts",
        )
    return codes, classes

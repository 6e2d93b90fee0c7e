"""Text as columns: a small reader of CSV, which says what is wrong and in which line."""

from __future__ import annotations

import csv
import io
import math
import re
from dataclasses import dataclass

from ..errors import InputError
from . import limits

DELIMITERS = ",;\t|"
HEAD = 20_000  # letters that are looked through for the delimiter
LONGEST = 40  # letters that are said of a cell


@dataclass(frozen=True)
class Columns:
    """A table as columns: texts, and numbers where all cells of a column are numbers.

    Attributes:
        lines: where each row ends in the text.
        odd: of every other column, the first cell that is no number, and its line.
        mixed: those of them that hold numbers in more than half of their cells.
    """

    names: tuple[str, ...]
    texts: dict[str, list[str]]
    numbers: dict[str, list[float]]
    lines: tuple[int, ...]
    odd: dict[str, tuple[str, int]]
    mixed: frozenset[str]

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.lines)


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
    found = _lines(text.removeprefix("\ufeff"))
    if len(found) < 2:
        raise InputError(
            "the table has no rows", expected="a header and rows below it", got=f"{len(found)} lines"
        )
    names = tuple(_header(found[0][1]))
    for number, cells in found[1:]:
        if len(cells) != len(names):
            raise InputError(
                f"line {number} does not fit the header", expected=f"{len(names)} cells", got=len(cells)
            )
    lines = tuple(number for number, _ in found[1:])
    rows = [[cell.strip() for cell in cells] for _, cells in found[1:]]
    texts = {name: [row[k] for row in rows] for k, name in enumerate(names)}
    numbers, odd, mixed = {}, {}, set()
    for name, column in texts.items():
        values = [_number(cell) for cell in column]
        if None not in values:
            numbers[name] = [one for one in values if one is not None]
            continue
        first = values.index(None)
        odd[name] = (column[first][:LONGEST], lines[first])
        if values.count(None) < len(values) / 2:
            mixed.add(name)
    return Columns(names, texts, numbers, lines, odd, frozenset(mixed))


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

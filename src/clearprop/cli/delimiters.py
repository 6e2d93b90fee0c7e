"""How a text file separates its fields, writes its decimals and names its columns, told from its beginning.

Each delimiter is tried with Python's csv module on the first 64 KiB; the one that cuts the rows into equally
many fields, and leaves whole numbers rather than pieces of them, is taken.
"""

from __future__ import annotations

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from typing import final

from clearprop.cli.messages import counted, shown
from clearprop.errors import InputError

__all__ = ["LONGEST_FIELD", "MISSING", "Layout", "field_limit", "sniff"]

LONGEST_FIELD = 2**20  # characters in one cell

MISSING = (
    *("", "NA", "N/A", "n/a", "<NA>", "#N/A", "?", "None"),
    *("NaN", "nan", "NAN", "-NaN", "-nan", "null", "Null", "NULL"),
)

_DELIMITERS = (",", ";", "\t", "|")
_SAMPLE_BYTES = 64 * 1024
_SAMPLE_ROWS = 500
_EXPONENT = r"(?:[eE][+-]?\d+)?"
_NUMBER = re.compile(rf"[+-]?(?:\d+[.,]?\d*|[.,]\d+){_EXPONENT}")
_DECIMAL = re.compile(rf"[+-]?\d*([.,])(\d+){_EXPONENT}")
_DATE = re.compile(r"\d{4}-\d\d-\d\d(?:[T ].*)?")
_SPACED_NUMBERS = re.compile(r"\s*[+-]?\d[\d.]*(?:\s+[+-]?\d[\d.]*)+\s*")


@final
@dataclass(frozen=True, slots=True)
class Layout:
    """How a text file is laid out.

    `names` are the columns' names as the header has them (stripped, perhaps empty or repeated), or c1..ck
    where `header` is False; `body` is the position of the first byte below the header.
    """

    delimiter: str
    decimal: str
    header: bool
    names: tuple[str, ...]
    body: int
    notes: tuple[str, ...]


def sniff(data: bytes, file: str) -> Layout:
    """The layout of a text table given as UTF-8 without byte-order mark; only its beginning is looked at.

    Raises InputError where the fields are separated by blanks, which cannot be told from blanks in a text.
    """
    text, whole = _beginning(data)
    with field_limit():
        samples = {delimiter: _rows(text, delimiter, whole) for delimiter in _DELIMITERS}
    delimiter = max(_DELIMITERS, key=lambda each: _merit(samples[each], each))
    rows = samples[delimiter]
    if len(rows[0]) == 1:
        _refuse_blanks(text, file)
    header = _has_header(rows)
    if header:
        names, body = tuple(name.strip() for name in rows[0]), _bytes_of_first_row(text, delimiter)
    else:
        names, body = tuple(f"c{i}" for i in range(1, len(rows[0]) + 1)), 0
    decimal = _decimal(rows[header:], delimiter)
    return Layout(delimiter, decimal, header, names, body, _header_notes(rows[0], names, header))


@contextmanager
def field_limit() -> Iterator[None]:
    """Within it, Python's csv module takes fields of up to 1 MiB; its limit is one for the whole process."""
    before = csv.field_size_limit(LONGEST_FIELD)
    try:
        yield
    finally:
        csv.field_size_limit(before)


def _beginning(data: bytes) -> tuple[str, bool]:
    """The first lines of a text as far as the sample reaches, and whether they are all."""
    size = _SAMPLE_BYTES
    while size < len(data):
        end = max(data.rfind(b"\n", 0, size), data.rfind(b"\r", 0, size)) + 1
        # Three line ends: a header and a row are then whole even where a table is very wide.
        if len(re.findall(rb"\r\n?|\n", data[:end])) > 2:
            return data[:end].decode(), False
        size *= 4
    return data.decode(), True


def _rows(text: str, delimiter: str, whole: bool) -> list[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    rows: list[list[str]] = []
    try:
        rows.extend(islice((row for row in reader if row), _SAMPLE_ROWS))
    except csv.Error:
        whole = True  # a field beyond all bounds ended the sample; the rows before it are whole
    if not whole and 1 < len(rows) < _SAMPLE_ROWS:
        rows.pop()  # the sample may end within a quoted field
    return rows or [[""]]


def _merit(rows: list[list[str]], delimiter: str) -> tuple[float, int]:
    """How well a delimiter fits: equal rows, whole numbers, no leftovers; then the number of fields.

    "1,5;2,5" is cut evenly by a comma too, but into "1", "5;2", "5": the middle one is no number.
    """
    width, count = Counter(map(len, rows)).most_common(1)[0]
    if width == 1:
        return (0.1 if len(rows[0]) > 1 else 0.0), len(rows[0])
    evenness = count / len(rows) * (1.0 if len(rows[0]) == width else 0.5)
    cells = [cell for row in rows if len(row) == width for cell in row]
    numbers = sum(_is_datum(cell) for cell in cells)
    others = "".join(each for each in _DELIMITERS if each != delimiter)
    leftover = re.compile(rf"^ |[{re.escape(others)}]")
    leftovers = sum(leftover.search(cell) is not None and not _is_datum(cell) for cell in cells)
    return evenness * (1 + (numbers - 0.5 * leftovers) / len(cells)), width


def _is_datum(cell: str) -> bool:
    """Whether a cell is a number, a date or a missing value: something that is seldom a column's name."""
    cell = cell.strip()
    return cell in MISSING or _NUMBER.fullmatch(cell) is not None or _DATE.fullmatch(cell) is not None


def _has_header(rows: list[list[str]]) -> bool:
    """Whether the first row names the columns.

    A row of numbers alone is data. With texts among the numbers, a text above a column of numbers is a name,
    and a text that comes again further down its own column is data ("Iris-setosa").
    """
    first, rest = rows[0], rows[1:]
    if all(cell.strip() in MISSING for cell in first):
        return False
    if all(_is_datum(cell) for cell in first):
        return False
    for j, cell in enumerate(first):
        below = [row[j] for row in rest if j < len(row)]
        numeric = 2 * sum(map(_is_datum, below)) > len(below)
        if not _is_datum(cell) and (numeric or cell not in below):
            return True
    # Every text was met again below it; one number above numbers tells data from a file of texts only.
    return not any(_is_datum(cell) and cell.strip() not in MISSING for cell in first)


def _decimal(rows: list[list[str]], delimiter: str) -> str:
    """The decimal point: a comma where more numbers have a comma than a point.

    Where the comma also separates fields, numbers of the form "1,234" are taken for thousands.
    """
    marks: Counter[str] = Counter()
    for cell in (cell.strip() for row in rows for cell in row):
        match = _DECIMAL.fullmatch(cell)
        if match and not (match[1] == delimiter and len(match[2]) == 3):
            marks[match[1]] += 1
    return "," if marks[","] > marks["."] else "."


def _bytes_of_first_row(text: str, delimiter: str) -> int:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    with field_limit():
        next(row for row in reader if row)
    return len("".join(islice(io.StringIO(text, newline=""), reader.line_num)).encode())


def _header_notes(first: list[str], names: tuple[str, ...], header: bool) -> tuple[str, ...]:
    if not header:
        last = f" to {names[-1]}" if len(names) > 1 else ""
        are = "columns are" if len(names) > 1 else "column is"
        return (f"the first row is data, so there is no header; the {are} called {names[0]}{last}",)
    numbers = [name for name in names if _is_datum(name) and name not in MISSING]
    if numbers:
        return (f"the first row is taken as the header, though {shown(numbers[0])} could be data",)
    return ()


def _refuse_blanks(text: str, file: str) -> None:
    lines = [line for line in islice(io.StringIO(text), _SAMPLE_ROWS) if line.strip()]
    spaced = sum(_SPACED_NUMBERS.fullmatch(line) is not None for line in lines)
    if 2 * spaced > len(lines):
        raise InputError(
            f"{file} separates its fields by blanks",
            expected="a comma, a semicolon, a tab or | between two fields",
            got=f"{counted(len(lines[-1].split()), 'number')} with blanks between them in a line",
            hint="replacing the blanks by commas",
        )

"""Where a text table is damaged: the line, found with Python's csv module once the fast reader gave up."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import final

from clearprop.cli.delimiters import LONGEST_FIELD, Layout, field_limit
from clearprop.cli.messages import counted, shown
from clearprop.errors import InputError

__all__ = ["find_fault", "line_of_row"]

_LINE_END = re.compile(r"\r\n?|\n")
_END = "\0"  # follows the last line; NUL is refused in a table, so nothing else can be it


@final
@dataclass(frozen=True, slots=True)
class _Record:
    """The fields of one row, None where one of them is too long to be read, and the lines that hold them."""

    line: int
    fields: list[str] | None
    lines: tuple[str, ...]


def find_fault(data: bytes, layout: Layout, file: str) -> InputError | None:
    """The first row that breaks the table's form, as an error that names its line; None where all is well.

    It finds a field without end, a quote that is not closed or that closes too late, and a row with too few
    or too many fields. `data` is UTF-8.
    """
    with field_limit():
        for record in _records(data, layout.delimiter):
            fault = _fault(record, layout, file)
            if fault is not None:
                return fault
    return None


def line_of_row(data: bytes, layout: Layout, row: int) -> int:
    """The line in which a row of the table begins; the first row is 0."""
    with field_limit():
        rows = (record.line for record in _records(data, layout.delimiter) if record.fields)
        return next(islice(rows, row + layout.header, None))


def _records(data: bytes, delimiter: str) -> Iterator[_Record]:
    taken: list[str] = []

    def lines() -> Iterator[str]:
        for line in chain(io.TextIOWrapper(io.BytesIO(data), "utf-8", newline=""), [_END]):
            taken.append(line)
            yield line

    reader = csv.reader(lines(), delimiter=delimiter)
    line = 1
    while True:
        try:
            fields = next(reader, None)
        except csv.Error:
            yield _Record(line, None, tuple(taken))
            return
        if fields is None:
            return
        yield _Record(line, fields, tuple(taken))
        line = reader.line_num + 1
        taken.clear()


def _fault(record: _Record, layout: Layout, file: str) -> InputError | None:
    fields, width = record.fields, len(layout.names)
    if fields is None:
        return _too_long(record, file)
    if not fields or fields == [_END]:
        return None
    if fields[-1].endswith(_END):
        return _open_quote(record, fields, file)
    if len(record.lines) > 1 and _closes_too_late(record, layout.delimiter):
        return _late_quote(record, file)
    if len(fields) != width:
        return _ragged(record, fields, layout, file)
    return None


def _closes_too_late(record: _Record, delimiter: str) -> bool:
    """Whether text follows a closing quote: two stray quotes in two lines make one field of all between."""
    try:
        next(csv.reader(record.lines, delimiter=delimiter, strict=True))
    except csv.Error:
        return True
    return False


def _too_long(record: _Record, file: str) -> InputError:
    over = f"more than {counted(LONGEST_FIELD, 'character')} over {counted(len(record.lines), 'line')}"
    return InputError(
        f"line {record.line} of {file} has a field that is too long",
        expected="at most 1 MiB in a cell",
        got=over,
        hint=f"closing the quote in line {record.line}" if len(record.lines) > 1 else "a shorter field",
    )


def _open_quote(record: _Record, fields: list[str], file: str) -> InputError:
    before, opened = "".join(fields[:-1]), fields[-1].removesuffix(_END)
    line = record.line + len(_LINE_END.findall(before))
    return InputError(
        f"line {line} of {file} opens a quote that is never closed",
        expected='a closing " before the end of the file',
        got=shown('"' + _LINE_END.split(opened)[0]),
        hint='closing it, or doubling a " that belongs to the text',
    )


def _late_quote(record: _Record, file: str) -> InputError:
    last = record.line + len(record.lines) - 1
    return InputError(
        f"line {record.line} of {file} opens a quote that closes in the middle of a field in line {last}",
        expected='a delimiter or the end of the line after a closing "',
        got=shown(record.lines[-1].rstrip("\r\n")),
        hint=f'closing the quote in line {record.line}, or doubling a " that belongs to the text',
    )


def _ragged(record: _Record, fields: list[str], layout: Layout, file: str) -> InputError:
    where = "header" if layout.header else "first line"
    return InputError(
        f"line {record.line} of {file} does not fit the {where}",
        expected=counted(len(layout.names), "field"),
        got=f"{counted(len(fields), 'field')} in {shown(record.lines[0].rstrip())}",
        hint=f"quoting fields that contain {shown(layout.delimiter)}, or filling in what is missing",
    )

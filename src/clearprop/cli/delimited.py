"""Tables of text: CSV and its relatives, read by pyarrow once the layout is known."""

from __future__ import annotations

import re
from typing import NamedTuple

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pc_csv

from clearprop.cli.columns import named, refuse_infinity, settle_texts, tidy
from clearprop.cli.delimiters import LONGEST_FIELD, MISSING, Layout, sniff
from clearprop.cli.encodings import refuse_binary, to_utf8
from clearprop.cli.faults import find_fault, line_of_row
from clearprop.cli.messages import shown
from clearprop.errors import InputError

__all__ = ["TextTable", "read_text"]

# Rows longer than the first size are read in a second attempt; the second is the largest that pyarrow takes.
_BLOCK_BYTES = (4 * 2**20, 2**31 - 1)
_ANY_TEXT = re.compile(rb"\S")
_ANY_ROW = re.compile(rb"[^ \r\n]")  # a line of tabs is a row of missing values


class TextTable(NamedTuple):
    """A table read from a text, with what was found out about the text."""

    table: pa.Table
    layout: Layout
    encoding: str
    notes: tuple[str, ...]


def read_text(data: bytes, file: str) -> TextTable:
    """The table that a text holds: delimiter, decimal point, header and encoding are found out.

    White space around a cell is dropped; cells that are empty or one of `MISSING` are null. Raises
    InputError, with the line, for what cannot be read.
    """
    text, encoding, decoding_notes = to_utf8(data, file)
    refuse_binary(text, file)
    if not _ANY_TEXT.search(text):
        raise InputError(f"{file} holds only blank lines", expected="a header and rows below it")
    layout = sniff(text, file)
    if text.count(b'"') % 2:  # a file with an open quote is often read without complaint, with rows missing
        _raise_fault(text, layout, file)
    if layout.header and not _ANY_ROW.search(text, layout.body):
        raise InputError(
            f"{file} has a header but no rows",
            expected="rows below it",
            got=shown(layout.delimiter.join(layout.names)),
        )
    names, name_notes = named(layout.names)
    table = _read(text, layout, names, file)
    _recheck_suspects(table, text, layout, file)
    table, text_notes = settle_texts(tidy(table, file, MISSING), layout.decimal)
    refuse_infinity(table, file, lambda row: f"line {line_of_row(text, layout, row)}")
    return TextTable(table, layout, encoding, decoding_notes + layout.notes + name_notes + text_notes)


def _read(text: bytes, layout: Layout, names: tuple[str, ...], file: str) -> pa.Table:
    options = {
        "parse_options": pc_csv.ParseOptions(delimiter=layout.delimiter, newlines_in_values=True),
        "convert_options": pc_csv.ConvertOptions(
            null_values=[pad + missing for missing in MISSING for pad in ("", " ")],
            strings_can_be_null=True,
            decimal_point=layout.decimal,
        ),
    }
    body = pa.py_buffer(text).slice(layout.body)
    problem: Exception | None = None
    for block in _BLOCK_BYTES:
        reading = pc_csv.ReadOptions(block_size=block, column_names=list(names))
        try:
            return pc_csv.read_csv(pa.BufferReader(body), reading, **options)
        except (pa.ArrowException, UnicodeError) as raised:
            problem = raised
            _raise_fault(text, layout, file)
    raise InputError(f"{file} cannot be read as a table", got=str(problem).splitlines()[0])


def _raise_fault(text: bytes, layout: Layout, file: str) -> None:
    fault = find_fault(text, layout, file)
    if fault is not None:
        raise fault from None


def _recheck_suspects(table: pa.Table, text: bytes, layout: Layout, file: str) -> None:
    """Looks again, strictly, where a cell is very long or holds a line end: stray quotes may have made it."""
    for column in table.columns:
        if pa.types.is_string(column.type) and _is_suspect(column):
            return _raise_fault(text, layout, file)
    return None


def _is_suspect(column: pa.ChunkedArray) -> bool:
    longest = pc.max(pc.binary_length(column)).as_py() or 0
    return longest > LONGEST_FIELD or bool(pc.any(pc.match_substring_regex(column, r"[\r\n]")).as_py())

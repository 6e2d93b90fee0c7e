"""The characters of a text file: any usual encoding in, UTF-8 out, and nothing that is not text."""

from __future__ import annotations

import codecs
import re

from clearprop.cli.messages import shown
from clearprop.errors import InputError

__all__ = ["refuse_binary", "to_utf8"]

_CONTROLS = bytes(i for i in range(32) if i not in b"\t\n\v\f\r")
_SAMPLE_BYTES = 64 * 1024


def to_utf8(data: bytes, file: str) -> tuple[bytes, str, tuple[str, ...]]:
    """A text's bytes as UTF-8 without byte-order mark, the encoding it had, and a note where that is a guess.

    UTF-8 and UTF-16 (by its byte-order mark) are certain; a text that is neither is read as Windows-1252,
    which contains Latin-1. Raises InputError where that fails too.
    """
    if data.startswith(codecs.BOM_UTF8):
        data = data[len(codecs.BOM_UTF8) :]
        fault = _utf8_fault(data)
        if fault is None:
            return data, "utf-8-sig", ()
        raise _undecodable(data, fault, file, "utf-8")
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        try:
            return data.decode("utf-16").encode(), "utf-16", ()
        except UnicodeDecodeError as error:
            raise _undecodable(data, error.start, file, "utf-16") from None
    fault = _utf8_fault(data)
    if fault is None:
        return data, "utf-8", ()
    refuse_binary(data, file)
    try:
        text = data.decode("cp1252").encode()
    except UnicodeDecodeError:
        raise _undecodable(data, fault, file, "utf-8") from None
    note = f"line {_line_at(data, fault)} is not UTF-8; the file is read as Windows-1252 (Latin-1)"
    return text, "cp1252", (note,)


def refuse_binary(data: bytes, file: str) -> None:
    """Raises InputError where UTF-8 data holds a NUL, or so many control characters that it is no text."""
    sample = data[:_SAMPLE_BYTES]
    controls = len(sample) - len(sample.translate(None, _CONTROLS))
    if controls > 0.05 * len(sample):
        raise InputError(
            f"{file} is not a text",
            expected="a table of text with one row in a line",
            got=f"binary data that begins with {shown(data[:8])}",
            hint="saving the table as CSV in UTF-8",
        )
    position = data.find(b"\0")
    if position >= 0:
        raise InputError(
            f"line {_line_at(data, position)} of {file} holds a NUL byte",
            expected="text",
            got=shown(data[max(0, position - 8) : position + 8]),
            hint="removing it, or saving the table again as UTF-8",
        )


def _utf8_fault(data: bytes) -> int | None:
    """The position of the first byte that is not UTF-8; None where all are."""
    if data.isascii():
        return None
    try:
        data.decode()
    except UnicodeDecodeError as fault:
        return fault.start
    return None


def _undecodable(data: bytes, position: int, file: str, encoding: str) -> InputError:
    return InputError(
        f"line {_line_at(data, position)} of {file} is not {encoding.upper()}",
        expected="text in UTF-8, UTF-16 or Windows-1252",
        got=shown(data[position : position + 8]),
        hint="saving the table as CSV in UTF-8",
    )


def _line_at(data: bytes, position: int) -> int:
    return 1 + len(re.findall(rb"\r\n?|\n", data[:position]))

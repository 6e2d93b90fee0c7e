"""Any table on disk, as a pyarrow table: CSV and its relatives, Parquet, Feather and Arrow, .npz and .npy.

    read_table("wine.csv")       ->  TableFile: the table, and what was understood of the file
    split_target(table, "type")  ->  the features, the target, and notes on rows left out

Every column is then free of NaN (missing values are null) and of infinity, has a name of its own, and texts
have no white space around them. What cannot be read raises InputError and says where.
"""

from __future__ import annotations

import gzip
import io
import stat
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import final

import pyarrow as pa
import pyarrow.parquet as pq

from clearprop.cli.arrays import NamedColumns, read_npy, read_npz
from clearprop.cli.columns import refuse_infinity, tidy
from clearprop.cli.delimited import read_text
from clearprop.cli.filekinds import FileKind, kind_of
from clearprop.cli.messages import close_match, shown
from clearprop.cli.targets import Split, split_target
from clearprop.errors import InputError

__all__ = ["Split", "TableFile", "read_table", "split_target"]

_MOST_UNPACKED = 2 * 2**30  # bytes that a gzip-compressed file may hold


@final
@dataclass(frozen=True, slots=True)
class TableFile:
    """A table with what was understood of its file.

    `delimiter`, `encoding` and `decimal` are None for files that are not text. `notes` are sentences for the
    user: guesses that were made, and columns that are not what they seem.
    """

    table: pa.Table
    path: Path
    format: FileKind
    delimiter: str | None = None
    encoding: str | None = None
    decimal: str | None = None
    notes: tuple[str, ...] = ()


def read_table(path: str | Path) -> TableFile:
    """The table in a file, told by its ending and its first bytes.

    Raises InputError where there is no such file, where it is none of the kinds that are read, and where it
    is damaged: for texts with the line, for numbers that are not finite also with the column.
    """
    path = Path(path)
    data = _bytes_of(path)
    kind = kind_of(path, data)
    if kind in ("csv", "csv.gz"):
        text = _gunzip(data, path.name) if kind == "csv.gz" else data
        table, layout, encoding, notes = read_text(text, path.name)
        return TableFile(table, path, kind, layout.delimiter, encoding, layout.decimal, notes)
    table, notes = _READERS[kind](data, path.name)
    table = tidy(table, path.name)
    refuse_infinity(table, path.name, lambda row: f"row {row + 1}")
    return TableFile(table, path, kind, notes=notes)


def _bytes_of(path: Path) -> bytes:
    try:
        mode = path.stat().st_mode
        # Pipes are welcome, <(zcat table.csv.gz); a device such as /dev/zero has no end.
        data = path.read_bytes() if stat.S_ISREG(mode) or stat.S_ISFIFO(mode) else None
    except (FileNotFoundError, NotADirectoryError):
        raise _no_file(path) from None
    except PermissionError:
        raise InputError(
            f"{_quoted(path)} may not be read", expected="a file that you have permission to read"
        ) from None
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) else str(fault)
        raise InputError(f"{_quoted(path)} cannot be opened", got=reason) from None
    if data is None:
        got = "a folder" if stat.S_ISDIR(mode) else "a device"
        raise InputError(f"{_quoted(path)} is no file", expected="a file with a table", got=got)
    if not data:
        raise InputError(f"{path.name} is empty", expected="a header and rows below it", got="0 bytes")
    return data


def _no_file(path: Path) -> InputError:
    folder = path.parent
    if not folder.is_dir():
        return InputError(
            f"there is no folder {_quoted(folder)}", expected=f"one that holds {shown(path.name)}"
        )
    try:
        names = {each.stem: each.name for each in folder.iterdir() if each.is_file()}
    except OSError:
        names = {}
    near = close_match(path.stem, names)  # an ending in common tells nothing
    hint = _quoted(path.with_name(names[near])) if near else None
    return InputError(f"there is no file {_quoted(path)}", hint=hint)


def _quoted(path: Path) -> str:
    return shown(str(path), 400)  # its end tells more than its beginning, so it is seldom cut


def _gunzip(data: bytes, file: str) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as stream:
            text = stream.read(_MOST_UNPACKED + 1)
    except (OSError, EOFError, zlib.error) as fault:
        raise _damaged(file, "gzip", fault) from None
    if len(text) > _MOST_UNPACKED:
        raise InputError(
            f"{file} is too large unpacked", expected="at most 2 GiB", hint="writing it as Parquet"
        )
    if not text:
        raise InputError(f"{file} is empty", expected="a header and rows below it", got="0 bytes unpacked")
    return text


def _read_parquet(data: bytes, file: str) -> tuple[pa.Table, tuple[str, ...]]:
    # Not pq.read_table: that one also makes columns of folders called "year=2020".
    return _from_arrow(lambda: pq.ParquetFile(pa.BufferReader(data)).read(), "Parquet", file)


def _read_arrow(data: bytes, file: str) -> tuple[pa.Table, tuple[str, ...]]:
    opened = pa.ipc.open_file if data.startswith(b"ARROW1") else pa.ipc.open_stream
    return _from_arrow(lambda: opened(pa.BufferReader(data)).read_all(), "Arrow", file)


def _from_arrow(read: Callable[[], pa.Table], kind: str, file: str) -> tuple[pa.Table, tuple[str, ...]]:
    try:
        table = read()
        table.validate(full=True)  # a damaged file may hold offsets out of range, or names that are no UTF-8
        return _without_index(table)
    except (pa.ArrowException, OSError, UnicodeError) as fault:
        raise _damaged(file, kind, fault) from None


def _without_index(table: pa.Table) -> tuple[pa.Table, tuple[str, ...]]:
    """Leaves out the row numbers that pandas writes beside the columns; a network would learn from them."""
    index = [name for name in table.column_names if name.startswith("__index_level_")]
    notes = tuple(f"column {shown(name)} is the index of a pandas table and left out" for name in index)
    return table.drop_columns(index), notes


def _read_npz(data: bytes, file: str) -> tuple[pa.Table, tuple[str, ...]]:
    return _from_columns(read_npz(data, file))


def _read_npy(data: bytes, file: str) -> tuple[pa.Table, tuple[str, ...]]:
    return _from_columns(read_npy(data, file))


def _from_columns(found: NamedColumns) -> tuple[pa.Table, tuple[str, ...]]:
    return pa.table(found.columns, names=found.names), found.notes


_READERS: dict[FileKind, Callable[[bytes, str], tuple[pa.Table, tuple[str, ...]]]] = {
    "parquet": _read_parquet,
    "arrow": _read_arrow,
    "npz": _read_npz,
    "npy": _read_npy,
}


def _damaged(file: str, kind: str, fault: Exception) -> InputError:
    return InputError(
        f"{file} is damaged or cut short",
        expected=f"a whole {kind} file",
        got=(str(fault).splitlines() or [type(fault).__name__])[0][:200],
        hint="copying or making it again",
    )

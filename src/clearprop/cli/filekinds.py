"""What a file of data is, by its name and by its first bytes; where the two disagree the user is told."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal, NoReturn

from clearprop.cli.messages import shown
from clearprop.errors import InputError

__all__ = ["FileKind", "kind_of"]

FileKind = Literal["csv", "csv.gz", "parquet", "arrow", "npz", "npy"]

_TEXT_ENDINGS = (".csv", ".tsv", ".tab", ".psv", ".txt", ".dat", ".data")
_ENDINGS: dict[str, FileKind] = {
    **dict.fromkeys(_TEXT_ENDINGS, "csv"),
    ".parquet": "parquet",
    ".pq": "parquet",
    ".feather": "arrow",
    ".arrow": "arrow",
    ".arrows": "arrow",
    ".ipc": "arrow",
    ".npz": "npz",
    ".npy": "npy",
}
_WORDS: dict[FileKind, str] = {
    "csv": "text (CSV)",
    "csv.gz": "gzip-compressed",
    "parquet": "Parquet",
    "arrow": "Feather or Arrow",
    "npz": "NumPy .npz",
    "npy": "NumPy .npy",
}
_SIGNATURES: tuple[tuple[bytes, FileKind], ...] = (
    (b"PAR1", "parquet"),
    (b"ARROW1", "arrow"),
    (b"\xff\xff\xff\xff", "arrow"),  # Arrow's streaming form has no name, only a continuation mark
    (b"\x93NUMPY", "npy"),
    (b"\x1f\x8b", "csv.gz"),
    (b"PK\x05\x06", "npz"),  # an empty zip archive, which is what an .npz without arrays is
)
_FOREIGN_SIGNATURES: tuple[tuple[bytes, str, str], ...] = (
    (b"FEA1", "a Feather file of version 1", "writing it again as Feather version 2 or as Parquet"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file", "saving the sheet as CSV"),
    (b"\x89HDF", "an HDF5 file", "saving the table as CSV or Parquet"),
    (b"SQLite format 3", "an SQLite database", "saving the table as CSV"),
    (b"BZh", "a bzip2 archive", "unpacking it, or gzip"),
    (b"\xfd7zXZ", "an xz archive", "unpacking it, or gzip"),
    (b"(\xb5/\xfd", "a zstd archive", "unpacking it, or gzip"),
)
_FOREIGN_TEXTS = (
    (b"%pdf-", "a PDF document", "a table as CSV"),
    (b"<!doctype html", "a web page", "downloading the file itself rather than the page that shows it"),
    (b"<html", "a web page", "downloading the file itself rather than the page that shows it"),
)
_FOREIGN_ENDINGS: dict[str, tuple[str, str | None]] = {
    ".safetensors": ("a model", None),
    ".xlsx": ("an Excel workbook", "saving the sheet as CSV"),
    ".xls": ("an Excel workbook", "saving the sheet as CSV"),
    ".ods": ("a spreadsheet", "saving the sheet as CSV"),
    ".json": ("JSON", "saving the table as CSV"),
    ".jsonl": ("JSON", "saving the table as CSV"),
    ".pkl": ("a pickle, which could run code when opened", "saving the table as CSV or Parquet"),
    ".pickle": ("a pickle, which could run code when opened", "saving the table as CSV or Parquet"),
}
_LONGEST_HEADER = 100_000_000  # of a model file (safetensors): its length comes first, then JSON
_CONTROL = re.compile(rb"[\x00-\x08\x0e-\x1f]")
_READABLE = "CSV (also .tsv, .txt, .csv.gz), .parquet, .feather, .arrow, .npz or .npy"


def kind_of(path: Path, data: bytes) -> FileKind:
    """The kind of a file, on which its name and its first bytes agree; an unknown ending has no say.

    Raises InputError for a kind that is not read, and where the name says one thing and the bytes another.
    """
    named = _kind_by_name(path)
    held = _kind_by_content(path, data)
    if named is None or named == held:
        return held
    ending = "".join(path.suffixes[-2:]) if named == "csv.gz" else path.suffix
    raise InputError(
        f"{path.name} is not what its name says",
        expected=f"a {_WORDS[named]} file after the ending {ending}",
        got=f"a {_WORDS[held]} file that begins with {shown(data[:8])}",
        hint=f"renaming it to {_stem(path, named)}.{held}",
    )


def _kind_by_name(path: Path) -> FileKind | None:
    ending = path.suffix.lower()
    if ending in _FOREIGN_ENDINGS:
        _refuse(path, *_FOREIGN_ENDINGS[ending])
    if ending != ".gz":
        return _ENDINGS.get(ending)
    inner = Path(path.stem).suffix.lower()
    if inner and _ENDINGS.get(inner, "csv") != "csv":
        _refuse(path, f"a gzip-compressed {inner} file", "unpacking it")
    return "csv.gz"


def _kind_by_content(path: Path, data: bytes) -> FileKind:
    beginning = data[:64]
    # A header may well read "PAR1,PAR2": signatures count only where the beginning is not plain text.
    if not _CONTROL.search(beginning):
        for signature, what, hint in _FOREIGN_TEXTS:
            if beginning.lstrip().lower().startswith(signature):
                _refuse(path, what, hint)
        return "csv"
    for signature, kind in _SIGNATURES:
        if beginning.startswith(signature):
            return kind
    for signature, what, hint in _FOREIGN_SIGNATURES:
        if beginning.startswith(signature):
            _refuse(path, what, hint)
    if data[8:9] == b"{" and int.from_bytes(data[:8], "little") < _LONGEST_HEADER:
        _refuse(path, "a model", None)
    return _zip_kind(path, data) if beginning.startswith(b"PK\x03\x04") else "csv"


def _zip_kind(path: Path, data: bytes) -> FileKind:
    first_name = data[30 : 30 + int.from_bytes(data[26:28], "little")]
    if not first_name.endswith(b".npy"):
        _refuse(path, "a zip archive", "unpacking it, or saving the sheet as CSV where it is a workbook")
    return "npz"


def _refuse(path: Path, what: str, hint: str | None) -> NoReturn:
    raise InputError(f"{path.name} is {what}", expected=f"a table as {_READABLE}", hint=hint)


def _stem(path: Path, named: FileKind) -> str:
    return Path(path.stem).stem if named == "csv.gz" else path.stem

"""Tables from NumPy's files. Sizes are checked before anything is allocated, and no pickle is ever opened.

An .npz holds either `X` (2-D: columns x1..xk) with or without `y` (1-D: column y; 2-D: columns y1..ym), or
arrays of one dimension and one length, each a column with its own name. An .npy holds one array:
columns c1..ck.
"""

from __future__ import annotations

import io
import math
import warnings
import zipfile
import zlib
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from numpy.lib import format as npy

from clearprop.cli.messages import counted, listing, shown
from clearprop.errors import InputError

__all__ = ["NamedColumns", "read_npy", "read_npz"]

Array = npt.NDArray[Any]

_MOST_BYTES = 2 * 2**30  # of all arrays in a file together
_MOST_COLUMNS = 100_000
_STEEPEST = 1100  # deflate makes data at most 1032 times smaller; a larger claim is a forgery
_HEADER_BYTES = 16 * 1024
_KINDS = "biufUS"
_BAD_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, OSError, ValueError, RuntimeError)


class NamedColumns(NamedTuple):
    """Columns of one length with their names, which may yet repeat, and notes on what was left out."""

    names: list[str]
    columns: list[pa.Array]
    notes: tuple[str, ...] = ()


def read_npy(data: bytes, file: str) -> NamedColumns:
    """The columns c1..ck of the array in an .npy file, which is a matrix or one column."""
    _check_header(data[:_HEADER_BYTES], len(data), "the array", file)
    array = _load(data, "the array", file)
    return _columns(_split("c", array, "the array", file, alone="c1"), file)


def read_npz(data: bytes, file: str) -> NamedColumns:
    """The columns in an .npz file.

    Raises InputError for arrays that make no table, for arrays of Python objects, and for an archive that is
    damaged or claims sizes that cannot be.
    """
    arrays = _unpack(data, file)
    if "X" in arrays and arrays["X"].ndim != 1:
        return _from_matrix(arrays, file)
    lengths = {array.shape if array.ndim == 1 else None for array in arrays.values()}
    if len(lengths) != 1 or None in lengths:
        raise InputError(
            f"{file} holds no table",
            expected="X (2-D) and y, or arrays of one dimension and one length",
            got=_inventory(arrays),
            hint="np.savez(file, X=X, y=y)",
        )
    return _columns(list(arrays.items()), file)


def _from_matrix(arrays: dict[str, Array], file: str) -> NamedColumns:
    X = arrays.pop("X")
    pairs = _split("x", X, "X", file, alone="x1")
    notes = []
    for name, array in arrays.items():
        fits = array.ndim > 0 and len(array) == len(X)
        if name == "y" and not fits:
            raise InputError(
                f"{file} holds a y that does not belong to its X",
                expected=f"y with {counted(len(X), 'row')}, as X has",
                got=f"shape {array.shape}",
            )
        if name == "y":
            pairs += _split("y", array, "y", file, alone="y")
        elif fits and array.ndim == 1:
            pairs.append((name, array))
        else:
            notes.append(
                f"array {shown(name)} of shape {array.shape} is not a column of the table and is left out"
            )
    return _columns(pairs, file, tuple(notes))


def _split(letter: str, array: Array, what: str, file: str, *, alone: str) -> list[tuple[str, Array]]:
    """A matrix as columns: x1, x2, … or, where there is one, under the name for one alone."""
    if array.ndim not in (1, 2):
        raise InputError(
            f"{what} in {file} is no matrix",
            expected="1 or 2 dimensions",
            got=f"shape {array.shape}",
            hint="reshape(len(X), -1)" if array.ndim else None,
        )
    if array.ndim == 1 or array.shape[1] == 1:
        return [(alone, array.reshape(-1))]
    return [(f"{letter}{j + 1}", array[:, j]) for j in range(array.shape[1])]


def _columns(pairs: list[tuple[str, Array]], file: str, notes: tuple[str, ...] = ()) -> NamedColumns:
    return NamedColumns(
        [name for name, _ in pairs], [_column(array, name, file) for name, array in pairs], notes
    )


def _column(array: Array, name: str, file: str) -> pa.Array:
    if array.dtype.kind == "S":
        try:
            array = np.char.decode(array, "utf-8")
        except UnicodeDecodeError as fault:
            raise InputError(
                f"array {shown(name)} in {file} is not UTF-8", expected="text", got=shown(fault.object[:8])
            ) from None
    if array.dtype.kind == "f" and array.dtype.itemsize not in (4, 8):
        array = array.astype(np.float64)  # half and extended precision: not every reader of tables knows them
    return pa.array(array.astype(array.dtype.newbyteorder("="), copy=False))


def _unpack(data: bytes, file: str) -> dict[str, Array]:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            members = [member for member in archive.infolist() if not member.filename.endswith("/")]
            _check_sizes(members, file)
            return {_key(member): _unpack_member(archive, member, file) for member in members}
    except InputError:
        raise
    except _BAD_ZIP as fault:
        raise _damaged(file, fault) from None


def _check_sizes(members: list[zipfile.ZipInfo], file: str) -> None:
    if not members:
        raise InputError(f"{file} holds no arrays", expected="X and y, or a column in each array")
    total = sum(member.file_size for member in members)
    if total > _MOST_BYTES:
        raise InputError(
            f"{file} is too large unpacked", expected="at most 2 GiB", got=f"{total / 2**30:.1f} GiB"
        )
    for member in members:
        if not member.filename.endswith(".npy"):
            raise InputError(
                f"{file} is not an .npz file", expected="members that end in .npy", got=shown(member.filename)
            )
        if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            raise _damaged(file, f"{member.filename} is compressed by an unusual method")
        if member.file_size > _STEEPEST * max(member.compress_size, 1):
            claim = f"{member.filename} claims {member.file_size} bytes in {member.compress_size} packed ones"
            raise _damaged(file, claim)


def _unpack_member(archive: zipfile.ZipFile, member: zipfile.ZipInfo, file: str) -> Array:
    what = f"array {shown(_key(member))}"
    with archive.open(member) as stream:
        _check_header(stream.read(_HEADER_BYTES), member.file_size, what, file)
    return _load(archive.read(member), what, file)


def _check_header(head: bytes, size: int, what: str, file: str) -> None:
    """Raises InputError unless an .npy's header promises numbers or texts, as many as its size can hold."""
    stream = io.BytesIO(head)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of headers from Python 2, which are read all the same
            version = npy.read_magic(stream)
            read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
            shape, _, dtype = read(stream)
    except Exception as fault:  # NumPy tokenizes and parses here, and lets through whatever these raise
        raise _damaged(file, fault) from None
    if dtype.kind not in _KINDS:
        kind = "Python objects, which could run code when opened" if dtype.hasobject else f"the type {dtype}"
        raise InputError(f"{what} in {file} cannot be read", expected="numbers, booleans or texts", got=kind)
    promised = stream.tell() + math.prod(shape) * dtype.itemsize
    if min(shape, default=1) < 0 or promised != size:
        raise _damaged(file, f"{what} promises shape {shape}, which is {promised} bytes, in {size} bytes")
    if math.prod(shape[1:]) > _MOST_COLUMNS:
        raise InputError(
            f"{what} in {file} is too wide", expected=f"at most {_MOST_COLUMNS} columns", got=f"shape {shape}"
        )


def _load(data: bytes, what: str, file: str) -> Array:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        array: Array = npy.read_array(io.BytesIO(data), allow_pickle=False)
    if array.size == 0:
        raise InputError(
            f"{what} in {file} is empty", expected="at least one row", got=f"shape {array.shape}"
        )
    return array


def _key(member: zipfile.ZipInfo) -> str:
    return member.filename.removesuffix(".npy")


def _inventory(arrays: dict[str, Array]) -> str:
    return listing(f"{name} {array.shape}" for name, array in arrays.items())


def _damaged(file: str, fault: object) -> InputError:
    return InputError(
        f"{file} is damaged or cut short",
        expected="a file as np.save or np.savez writes it",
        got=str(fault).splitlines()[0][:200] if str(fault) else type(fault).__name__,
        hint="copying or making it again",
    )

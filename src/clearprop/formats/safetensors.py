"""The safetensors container: a JSON header, then the numbers, and nothing else.

    8 bytes: length of the header · header: name → dtype, shape, offsets; __metadata__ · the arrays

Format: https://huggingface.co/docs/safetensors. Files written here are read by that library and the
other way round. It is written out here because a model file is loaded with NumPy alone, and because
everything is checked before memory is taken: reading never needs more than the file's size plus 1 MB.
"""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, NoReturn

import numpy as np

from ..errors import ModelFileError
from ..rules.array import Array
from .atomic import write_atomically

DTYPES = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4")}
SLACK = 1_000_000  # bytes that reading may take beyond the file's size
BYTES_A_VALUE = 128  # what one parsed JSON value takes at most, its text apart


@dataclass(frozen=True)
class Entry:
    """Where one array stands: its dtype, its shape, and its bytes behind the header."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    stop: int


def write(path: str | os.PathLike[str], arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write arrays of float64 or float32 and a mapping of texts to one file, whole or not at all.

    Raises:
        OSError: the file cannot be written.
    """
    names = {dtype: name for name, dtype in DTYPES.items()}
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    start = 0
    for name, array in arrays.items():
        stop = start + array.nbytes
        header[name] = {"dtype": names[array.dtype], "shape": array.shape, "data_offsets": [start, stop]}
        start = stop
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)  # the arrays begin at a multiple of 8
    contents = (np.ascontiguousarray(array).reshape(-1).view(np.uint8).data for array in arrays.values())
    write_atomically(path, _chain(len(text).to_bytes(8, "little"), text, contents))


def _chain(length: bytes, text: bytes, contents: Iterator[memoryview]) -> Iterator[bytes | memoryview]:
    yield length
    yield text
    yield from contents


class Reader:
    """An open file whose header has been checked; arrays are read one by one into memory of the caller.

    Raises:
        ModelFileError: whatever is wrong with the file.
        OSError: it cannot be opened or read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = path
        self._file = open(path, "rb", buffering=0)  # noqa: SIM115 - closed by __exit__
        try:
            self._size = os.fstat(self._file.fileno()).st_size
            self.metadata, self.entries = self._read_header()
        except BaseException:
            self._file.close()
            raise

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def read_into(self, name: str, array: Array) -> None:
        """Read an array into one of the same shape and dtype; every number must be finite."""
        entry = self.entries[name]
        if (array.shape, array.dtype) != (entry.shape, entry.dtype):
            self.refuse(
                f"{name} is of another kind", f"{array.dtype} {array.shape}", f"{entry.dtype} {entry.shape}"
            )
        self._file.seek(self._begin + entry.start)
        rest = memoryview(array.reshape(-1).view(np.uint8))
        while len(rest):
            count = self._file.readinto(rest)
            if not count:
                self.refuse(f"{name} ends early")
            rest = rest[count:]
        if not (math.isfinite(array.min()) and math.isfinite(array.max())):
            self.refuse(f"{name} holds a number that is not finite")

    def read(self, name: str) -> Array:
        """Return an array of the file; every number must be finite."""
        array = np.empty(self.entries[name].shape, self.entries[name].dtype)
        self.read_into(name, array)
        return array

    def refuse(self, what: str, expected: object = None, got: object = None) -> NoReturn:
        """Raise the one error of a file that cannot be trusted."""
        raise ModelFileError(
            f"{os.fspath(self.path)} is no intact model file: {what}", expected=expected, got=got
        )

    def _read_header(self) -> tuple[dict[str, str], dict[str, Entry]]:
        length = int.from_bytes(self._file.read(8), "little")
        self._begin = 8 + length
        if self._size < 10 or not 2 <= length <= self._size - 8:
            self.refuse("its header does not fit into it")
        text = self._file.read(length)
        self._check_weight(text)
        try:
            header = json.loads(
                text.decode("utf-8"), object_pairs_hook=_distinct, parse_constant=_no_constant
            )
        except (ValueError, RecursionError):
            self.refuse("its header is not JSON with distinct names")
        if not isinstance(header, dict):
            self.refuse("its header is no object")
        metadata = header.pop("__metadata__", {})
        if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
            self.refuse("its metadata are not texts")
        return metadata, self._check_entries(header)

    def _check_weight(self, text: bytes) -> None:
        """Refuse a header that would take more memory, once parsed, than reading may take."""
        values = sum(text.count(mark) for mark in (b",", b":", b"[", b"{"))
        if values * BYTES_A_VALUE > self._size + SLACK - 2 * len(text):
            self.refuse("its header is larger than its numbers warrant")

    def _check_entries(self, header: dict[str, Any]) -> dict[str, Entry]:
        entries = {name: self._entry(name, fields) for name, fields in header.items()}
        position = 0
        for name, entry in sorted(entries.items(), key=lambda item: item[1].start):
            if entry.start != position:
                self.refuse(f"the offsets of {name} leave a gap or overlap", position, entry.start)
            position = entry.stop
        if position != self._size - self._begin:
            self.refuse("its arrays do not fill it", f"{self._size - self._begin} bytes", f"{position} bytes")
        return entries

    def _entry(self, name: str, fields: Any) -> Entry:
        if not isinstance(fields, dict) or set(fields) != {"dtype", "shape", "data_offsets"}:
            self.refuse(f"the entry of {name!r:.40} is incomplete")
        dtype, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
        if not isinstance(dtype, str) or dtype not in DTYPES:
            self.refuse(f"the dtype of {name!r:.40} is unknown", " or ".join(DTYPES), f"{dtype!r:.40}")
        for numbers in (shape, offsets):
            if not isinstance(numbers, list) or not all(type(k) is int and k >= 0 for k in numbers):
                self.refuse(f"shape or offsets of {name!r:.40} are no whole numbers")
        if len(shape) > 4 or 0 in shape or len(offsets) != 2:
            self.refuse(f"shape or offsets of {name!r:.40} do not fit")
        if math.prod(shape) * DTYPES[dtype].itemsize != offsets[1] - offsets[0]:
            self.refuse(f"shape and offsets of {name!r:.40} contradict each other")
        return Entry(DTYPES[dtype], tuple(shape), offsets[0], offsets[1])


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice")
    return names


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is no JSON")

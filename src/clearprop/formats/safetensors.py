"""The safetensors container: a JSON header, then the numbers, and nothing else.

    8 bytes: length of the header · header: name → dtype, shape, offsets; __metadata__ · the arrays

Format: https://huggingface.co/docs/safetensors. Files written here are read by that library and the
other way round. It is written out here because a model file is loaded with NumPy alone, and because
everything is checked before memory is taken: reading takes no more than the file's size plus 1 MB
(and at hundreds of layers a little more for each, which makes Python objects too).
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

from ..errors import InputError, ModelFileError
from ..rules.array import Array
from .atomic import write_atomically

DTYPES: dict[str, np.dtype[Any]] = {"F64": np.dtype("<f8"), "F32": np.dtype("<f4"), "U8": np.dtype("u1")}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
LONGEST_HEADER = 1_000_000  # bytes
ROOM = 900_000  # bytes that the header and the texts in it may take once they are parsed
BYTES_AN_ARRAY = 6_000  # and for each array
BYTES_A_VALUE = 128  # what a value of JSON takes at most once it is parsed, its text apart
COPIES = 16  # of a text, parsed and in messages; one wide character makes all others as wide: four bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """Where one array stands: its dtype, its shape, and its bytes behind the header."""

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    start: int
    stop: int


def write(path: str | os.PathLike[str], arrays: Mapping[str, Array], metadata: Mapping[str, str]) -> None:
    """Write arrays of float64, float32 or bytes and a mapping of texts to one file, whole or not at all.

    Raises:
        InputError: `Reader` would refuse the file; none is written.
        OSError: the file cannot be written.
    """
    header: dict[str, Any] = {"__metadata__": dict(metadata)}
    start = 0
    for name, array in arrays.items():
        if array.dtype not in NAMES:
            raise InputError(
                f"array {name} does not fit into a model file", expected=" or ".join(DTYPES), got=array.dtype
            )
        stop = start + array.nbytes
        header[name] = {"dtype": NAMES[array.dtype], "shape": array.shape, "data_offsets": [start, stop]}
        start = stop
    text = to_json(header).encode("ascii")
    text += b" " * (-len(text) % 8)  # the arrays begin at a multiple of 8
    costs = cost(text) + sum(cost(value.encode()) for value in metadata.values())
    if len(text) > LONGEST_HEADER or costs > allowance(text):
        raise InputError("a model file cannot hold so much text", expected="fewer layers or settings")
    write_atomically(path, _chunks(text, arrays))


def _chunks(header: bytes, arrays: Mapping[str, Array]) -> Iterator[bytes | memoryview]:
    yield len(header).to_bytes(8, "little")
    yield header
    for array in arrays.values():
        yield np.ascontiguousarray(array).reshape(-1).view(np.uint8).data


def to_json(value: Any) -> str:
    """Return a value as JSON in ASCII, the same text every time."""
    return json.dumps(value, allow_nan=False, separators=(",", ":"))


def cost(text: bytes) -> int:
    """Return how many bytes of memory a text of JSON takes at most while it is parsed."""
    return COPIES * len(text) + BYTES_A_VALUE * sum(map(text.count, (b",", b":", b"[", b"{")))


def allowance(header: bytes) -> int:
    """Return how many bytes of memory may be taken to parse a header and the texts in it."""
    return ROOM + BYTES_AN_ARRAY * header.count(b'"data_offsets":[')


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
        self.unread = dict.fromkeys(self.entries)

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._file.close()

    def expect(self, name: str, shape: tuple[int, ...], dtype: np.dtype[Any]) -> None:
        """Refuse the file unless it has such an array."""
        entry = self.entries.get(name)
        if entry is None or (entry.shape, entry.dtype) != (shape, dtype):
            got = "none" if entry is None else f"{entry.dtype} {entry.shape}"
            self.refuse(f"its array {name} does not fit", f"{dtype} {shape}", got)

    def read_into(self, name: str, array: Array) -> None:
        """Read an array into one of the same shape and dtype."""
        self.expect(name, array.shape, array.dtype)
        self._file.seek(self._begin + self.entries[name].start)
        rest = array.reshape(-1).view(np.uint8).data
        while len(rest):
            count = self._file.readinto(rest)
            if not count:
                self.refuse(f"its array {name} ends early")
            rest = rest[count:]
        self.unread.pop(name, None)

    def read(self, name: str) -> Array:
        """Return an array of the file."""
        array = np.empty(self.entries[name].shape, self.entries[name].dtype)
        self.read_into(name, array)
        return array

    def parse(self, text: bytes, what: str, warrant: int = 0) -> dict[str, Any]:
        """Return the object that a text of JSON holds; it may cost `warrant` and the room left."""
        self._room += warrant - cost(text)
        if self._room < 0:
            self.refuse(f"{what} would take more memory than a model warrants")
        try:
            value = json.loads(
                text.decode("ascii"),
                object_pairs_hook=_distinct,
                parse_constant=_finite,
                parse_float=_finite,
            )
        except (ValueError, RecursionError):
            self.refuse(f"{what} is no JSON of ours")
        if not isinstance(value, dict):
            self.refuse(f"{what} is no object")
        return value

    def refuse(self, what: str, expected: object = None, got: object = None) -> NoReturn:
        """Raise the one error of a file that cannot be trusted."""
        raise refusal(self.path, what, expected, got) from None

    def _read_header(self) -> tuple[dict[str, str], dict[str, Entry]]:
        length = int.from_bytes(self._file.read(8), "little")
        self._begin = 8 + length
        if not 2 <= length <= min(self._size - 8, LONGEST_HEADER):
            self.refuse("it is cut short, or no safetensors file at all")
        text = self._file.read(length)
        self._room = allowance(text)
        header = self.parse(text, "its header")
        metadata = header.pop("__metadata__", {})
        if not isinstance(metadata, dict) or not all(isinstance(value, str) for value in metadata.values()):
            self.refuse("its metadata are not texts")
        return metadata, self._check_entries(header)

    def _check_entries(self, header: dict[str, Any]) -> dict[str, Entry]:
        entries = {name: self._entry(name, fields) for name, fields in header.items()}
        position = 0
        for name, entry in sorted(entries.items(), key=lambda item: (item[1].start, item[1].stop)):
            if entry.start != position:
                self.refuse(f"a gap or an overlap before its array {name!r:.40}")
            position = entry.stop
        if position != self._size - self._begin:
            self.refuse("its arrays do not fill it", f"{self._size - self._begin} bytes", f"{position} bytes")
        return entries

    def _entry(self, name: str, fields: Any) -> Entry:
        what = f"the header of its array {name!r:.40} is malformed"
        if not isinstance(fields, dict) or set(fields) != {"dtype", "shape", "data_offsets"}:
            self.refuse(what, "dtype, shape and data_offsets")
        dtype, shape, offsets = fields["dtype"], fields["shape"], fields["data_offsets"]
        if not isinstance(dtype, str) or dtype not in DTYPES:
            self.refuse(what, " or ".join(DTYPES), repr(dtype))
        for numbers in (shape, offsets):
            if not isinstance(numbers, list) or not all(
                type(k) is int and 0 <= k <= self._size for k in numbers
            ):
                self.refuse(what, "whole numbers that fit into the file", repr(numbers))
        if len(shape) > 4 or len(offsets) != 2:
            self.refuse(what, "at most four dimensions and two offsets")
        if math.prod(shape) * DTYPES[dtype].itemsize != offsets[1] - offsets[0]:
            self.refuse(what, "offsets as far apart as the shape is large")
        return Entry(DTYPES[dtype], tuple(shape), offsets[0], offsets[1])


def refusal(
    path: str | os.PathLike[str], what: str, expected: object = None, got: object = None
) -> ModelFileError:
    """Return the one error of a file that cannot be trusted; no text of the file fills the screen."""
    return ModelFileError(
        f"{os.fspath(path)} is no intact model file: {what:.200}",
        expected=expected and f"{expected!s:.80}",
        got=got and f"{got!s:.80}",
    )


def _distinct(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    names = dict(pairs)
    if len(names) != len(pairs):
        raise ValueError("a name stands twice")
    return names


def _finite(number: str) -> float:
    if not math.isfinite(value := float(number)):
        raise ValueError(f"{number} is not finite")
    return value

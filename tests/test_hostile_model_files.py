"""Whatever a file holds, opening it gives a sound network or one typed error."""

import io
import json
import pickle
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearprop import MLP
from model_files import (
    DELETED,
    DIGITS,
    HEADERS,
    SOUND,
    WRAPPED,
    apart,
    change,
    container,
    is_sound_or_refused,
    refused,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


def test_the_sound_file_is_sound(folder: Path) -> None:
    assert is_sound_or_refused(folder / "model", SOUND)
    assert is_sound_or_refused(folder / "model", apart(SOUND).joined())


# ---- damage


def test_a_file_cut_short_anywhere(folder: Path) -> None:
    for length in range(len(SOUND)):
        refused(folder / "model", SOUND[:length])


@pytest.mark.parametrize("more", [b"\0", b"\n", b"PK\5\6" + b"\0" * 18, b"\0" * 5000])
def test_a_file_with_something_behind_it(folder: Path, more: bytes) -> None:
    assert "do not fill it" in refused(folder / "model", SOUND + more)


def test_a_file_with_something_before_it(folder: Path) -> None:
    refused(folder / "model", b"\0" + SOUND)


@pytest.mark.parametrize("pattern", [0xFF, 0x01, 0x20])
def test_any_byte_damaged(folder: Path, pattern: int) -> None:
    survived = 0
    for k in range(len(SOUND)):
        damaged = bytearray(SOUND)
        damaged[k] ^= pattern
        survived += is_sound_or_refused(folder / "model", bytes(damaged))
    assert survived < len(SOUND) / 2


# ---- files of other kinds


def _zip() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("model", "W1")
    return buffer.getvalue()


def _npz() -> bytes:
    buffer = io.BytesIO()
    np.savez(buffer, W1=np.ones(3))
    return buffer.getvalue()


FOREIGN = {
    "empty": b"",
    "one byte": b"\0",
    "eight zeros": bytes(8),
    "nine zeros": bytes(9),
    "many zeros": bytes(100_000),
    "many ones": b"\xff" * 100_000,
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" + bytes(100),
    "zip": _zip(),
    "npz": _npz(),
    "pickle": pickle.dumps({"W1": [1.0, 2.0]}),
    "csv": b"name,age\nAda,36\nGrace,45\n",
    "json": b'{"W1": [1, 2]}',
    "html": b"<!doctype html><title>404</title>" * 10,
    "text in UTF-16": "Ada Lovelace".encode("utf-16"),
    "empty safetensors": container(b"{}"),
    "other safetensors": container(b'{"W1":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}', bytes(4)),
    "other metadata": container(b'{"__metadata__":{"format":"pt"}}'),
}


@pytest.mark.parametrize("data", FOREIGN.values(), ids=FOREIGN)
def test_files_of_other_kinds(folder: Path, data: bytes) -> None:
    assert refused(folder / "model", data)


# ---- a header that lies


@pytest.mark.parametrize("length", [0, 1, 2, 10**6, 2**31, 2**32, 2**53, 2**63 - 1, 2**63, 2**64 - 1])
def test_a_length_that_lies(folder: Path, length: int) -> None:
    refused(folder / "model", struct.pack("<Q", length) + SOUND[8:])


def test_a_length_over_the_whole_file(folder: Path) -> None:
    refused(folder / "model", struct.pack("<Q", len(SOUND) - 8) + SOUND[8:])


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_headers_that_are_none(folder: Path, header: bytes) -> None:
    refused(folder / "model", container(header, bytes(4)))


BIG = 2**62
ENTRIES = {
    "no dtype": {"dtype": DELETED},
    "no shape": {"shape": DELETED},
    "no offsets": {"data_offsets": DELETED},
    "one more field": {"stride": 1},
    "unknown dtype": {"dtype": "F16"},
    "dtype in small letters": {"dtype": "f64"},
    "object dtype": {"dtype": "O"},
    "numeric dtype": {"dtype": 64},
    "dtype null": {"dtype": None},
    "dtype in a list": {"dtype": ["F64"]},
    "another dtype": {"dtype": "F32"},
    "shape null": {"shape": None},
    "shape a number": {"shape": 4},
    "shape a text": {"shape": "22"},
    "shape turned": {"shape": [4, 1]},
    "shape flat": {"shape": [4]},
    "shape too large": {"shape": [2, 3]},
    "shape huge": {"shape": [BIG, BIG]},
    "shape that wraps around": {"shape": [2**32, 2**32, 4]},
    "shape huge and empty": {"shape": [BIG, 0], "data_offsets": [0, 0]},
    "shape of 10,000 digits": {"shape": [int(DIGITS[:4_000]), 1]},
    "shape negative": {"shape": [-2, -2]},
    "shape of booleans": {"shape": [True, 4]},
    "shape of floats": {"shape": [2.0, 2.0]},
    "shape of texts": {"shape": ["2", "2"]},
    "shape nested": {"shape": [[2, 2]]},
    "shape of many dimensions": {"shape": [1] * 62 + [2, 2]},
    "offsets null": {"data_offsets": None},
    "offsets a number": {"data_offsets": 32},
    "offsets of three": {"data_offsets": [0, 16, 32]},
    "offsets of one": {"data_offsets": [32]},
    "offsets empty": {"data_offsets": []},
    "offsets negative": {"data_offsets": [-32, 0]},
    "offsets turned": {"data_offsets": [32, 0]},
    "offsets huge": {"data_offsets": [BIG, BIG + 32]},
    "offsets of floats": {"data_offsets": [0.0, 32.0]},
    "offsets of booleans": {"data_offsets": [False, 32]},
    "offsets of texts": {"data_offsets": ["0", "32"]},
    "offsets behind the file": {"data_offsets": [10**6, 10**6 + 32]},
    "offsets over the next array": {"data_offsets": [8, 40]},
    "offsets of the next array": {"data_offsets": [32, 64]},
}


@pytest.mark.parametrize("changes", ENTRIES.values(), ids=ENTRIES)
def test_entries_that_lie(folder: Path, changes: dict[str, Any]) -> None:
    parts = apart(SOUND)
    for key, value in changes.items():
        change(parts.header, ("W1", key), value)
    refused(folder / "model", parts.joined())


@pytest.mark.parametrize("name", [name for name in ENTRIES if name not in ("shape turned", "shape flat")])
def test_entries_that_lie_about_an_array_that_no_configuration_knows(folder: Path, name: str) -> None:
    parts = apart(WRAPPED)
    for key, value in ENTRIES[name].items():
        change(parts.header, ("around.it", key), value)
    said = refused(folder / "model", parts.joined())
    assert said.startswith(
        ("the header of its array 'around.it'", "a gap or an overlap", "its arrays do not")
    )


def test_gaps_overlaps_and_missing_or_foreign_arrays(folder: Path) -> None:
    def with_header(edit: Callable[[dict[str, Any]], object]) -> str:
        parts = apart(SOUND)
        edit(parts.header)
        return refused(folder / "model", parts.joined())

    assert "gap or an overlap" in with_header(lambda h: h["b1"].update(h["W1"]))
    assert "gap or an overlap" in with_header(lambda h: h.pop("b1"))
    assert "do not fill it" in with_header(lambda h: h.pop(list(h)[-1]))
    assert "W1 does not fit" in with_header(lambda h: h.update(W9=h.pop("W1")))
    assert "memory does not fit" in with_header(lambda h: h.update(anything=h.pop("memory")))
    with_header(lambda h: h.update(anything=h.pop("history")))


@pytest.mark.parametrize("name", ["W3", "b0", "thing", "", "a.b", "extra", "memory2", "\ud800", "x" * 1000])
def test_arrays_that_nobody_asked_for(folder: Path, name: str) -> None:
    parts = apart(SOUND)
    end = len(parts.body)
    parts.header[name] = {"dtype": "F32", "shape": [2], "data_offsets": [end, end + 8]}
    parts.body += bytes(8)
    refused(folder / "model", parts.joined())


@pytest.mark.parametrize("name", ["memory", "history"])
def test_arrays_whose_description_is_missing(folder: Path, name: str) -> None:
    parts = apart(SOUND)
    if name == "memory":
        parts.header["__metadata__"]["clearprop"]["memory"] = None
    else:
        del parts.header["__metadata__"]["history"]
    assert f"nobody asked for its array '{name}'" in refused(folder / "model", parts.joined())


def test_the_empty_memory_of_an_optimizer_that_makes_no_steps(folder: Path) -> None:
    net = MLP([1, 1])
    net.fit([[1]], [1], optimizer="sgd", epochs=1)
    net.save(folder / "model", training=True)
    parts = apart((folder / "model").read_bytes())
    assert is_sound_or_refused(folder / "model", parts.joined())
    parts.header["__metadata__"]["clearprop"]["memory"]["optimizer"] = {"name": "LBFGS"}
    assert "optimiser is malformed" in refused(folder / "model", parts.joined())


def test_metadata_of_others_are_texts_too(folder: Path) -> None:
    parts = apart(SOUND)
    parts.header["__metadata__"]["author"] = "somebody"
    assert is_sound_or_refused(folder / "model", parts.joined())
    header = json.dumps(parts.header | {"__metadata__": {"clearprop": "{}", "author": 1}}).encode()
    assert "metadata are not texts" in refused(folder / "model", container(header, parts.body))


def test_empty_arrays_anywhere_among_the_others(folder: Path) -> None:
    parts = apart(SOUND)
    for name, start in [("at.first", 0), ("before.b1", parts.header["b1"]["data_offsets"][0])]:
        parts.header[name] = {"dtype": "F32", "shape": [0, 3], "data_offsets": [start, start]}
    assert "nothing around it" in refused(folder / "model", parts.joined())
    parts.header["at.first"]["shape"] = [2**62, 0, 2**62]  # no numbers, and yet too large for an array
    assert "the header of its array 'at.first'" in refused(folder / "model", parts.joined())


def test_arrays_in_another_order_are_read_all_the_same(folder: Path) -> None:
    parts = apart(SOUND)
    parts.header = dict(reversed(parts.header.items()))
    assert is_sound_or_refused(folder / "model", parts.joined())


@pytest.mark.parametrize("name", ["W1", "b2", "memory"])
@pytest.mark.parametrize(
    "number", [0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0x7FF0000000000001]
)
def test_numbers_that_are_not_finite(folder: Path, name: str, number: int) -> None:
    parts = apart(SOUND)
    start = parts.header[name]["data_offsets"][0]
    parts.body = parts.body[:start] + struct.pack("<Q", number) + parts.body[start + 8 :]
    assert "not finite" in refused(folder / "model", parts.joined())


def test_numbers_around_a_network_that_are_not_finite(folder: Path) -> None:
    parts = apart(WRAPPED)
    parts.body = struct.pack("<d", np.inf) + parts.body[8:]
    assert "around.it holds a number that is not finite" in refused(folder / "model", parts.joined())


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 2.5])
def test_a_record_whose_epochs_are_none(folder: Path, number: float) -> None:
    parts = apart(SOUND)
    start = parts.header["history"]["data_offsets"][0]
    parts.body = parts.body[:start] + struct.pack("<d", number) + parts.body[start + 8 :]
    refused(folder / "model", parts.joined())

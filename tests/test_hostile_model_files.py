"""Whatever a file holds, opening it gives a sound network or one typed error, and takes little memory."""

import copy
import io
import json
import pickle
import struct
import tracemalloc
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearprop import MLP, Adam, load
from clearprop.errors import ModelFileError
from clearprop.schedules import Cosine

SLACK = 1_000_000
DELETED: Any = object()


@dataclass
class Parts:
    """A model file taken apart: the header with its two texts parsed, and the numbers behind it."""

    header: dict[str, Any]
    body: bytes

    def joined(self) -> bytes:
        header = copy.deepcopy(self.header)
        metadata = header.get("__metadata__")
        if isinstance(metadata, dict):
            for key, value in metadata.items():
                metadata[key] = value if isinstance(value, str) else json.dumps(value)
        return container(json.dumps(header).encode(), self.body)


def container(header: bytes, body: bytes = b"") -> bytes:
    return struct.pack("<Q", len(header)) + header + body


def apart(data: bytes) -> Parts:
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8 : 8 + length])
    metadata = header["__metadata__"]
    header["__metadata__"] = {key: json.loads(text) for key, text in metadata.items()}
    return Parts(header, data[8 + length :])


def change(tree: Any, keys: tuple[str, ...], value: Any) -> None:
    """Put a value into the tree, or take one out."""
    for key in keys[:-1]:
        tree = tree[key]
    if value is DELETED:
        del tree[keys[-1]]
    else:
        tree[keys[-1]] = value


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


@pytest.fixture(scope="module")
def sound(folder: Path) -> bytes:
    """A small file with all that a network's file can have."""
    net = MLP([2, 2, 1], "tanh", "auto", "huber", dropout=0.1, seed=1)
    net.fit([[0, 1], [1, 0]], [1, 0], optimizer=Adam(Cosine(0.1)), epochs=2, validation=([[1, 1]], [1]))
    net.save(folder / "sound", training=True)
    return (folder / "sound").read_bytes()


def refused(path: Path, data: bytes) -> str:
    """Load data that must be refused; return what the message says beside the path."""
    path.write_bytes(data)
    with pytest.raises(ModelFileError) as caught:
        load(path)
    return reason(path, caught.value)


def reason(path: Path, error: ModelFileError) -> str:
    start = f"{path} is no intact model file: "
    message = str(error)
    assert message.startswith(start)
    assert len(message) < len(start) + 500
    message.encode()  # can be printed
    return message.removeprefix(start)


def is_sound_or_refused(path: Path, data: bytes) -> bool:
    """Load any data: a network that works, or the one typed error; return whether it is a network."""
    path.write_bytes(data)
    try:
        net = load(path)
    except ModelFileError as error:
        reason(path, error)
        return False
    assert isinstance(net, MLP)
    assert np.isfinite(net.parameters.vector).all()
    assert sum(window.size for window in net.parameters.values()) == net.parameters.vector.size
    with np.errstate(all="ignore"):  # a flipped bit may make a weight huge
        assert net.forward(np.zeros((1, net.sizes[0]))).shape == (1, net.sizes[-1])
    if net.memory is not None:
        assert net.memory.vectors.shape == (net.memory.optimizer.memory, net.parameters.vector.size)
        assert np.isfinite(net.memory.vectors).all()
    repr(net.history)
    json.dumps(net.config)
    return True


def test_the_sound_file_is_sound(folder: Path, sound: bytes) -> None:
    assert is_sound_or_refused(folder / "model", sound)
    assert is_sound_or_refused(folder / "model", apart(sound).joined())


# ---- damage


def test_a_file_cut_short_anywhere(folder: Path, sound: bytes) -> None:
    for length in range(len(sound)):
        refused(folder / "model", sound[:length])


@pytest.mark.parametrize("more", [b"\0", b"\n", b"PK\5\6" + b"\0" * 18, b"\0" * 5000])
def test_a_file_with_something_behind_it(folder: Path, sound: bytes, more: bytes) -> None:
    assert "do not fill it" in refused(folder / "model", sound + more)


def test_a_file_with_something_before_it(folder: Path, sound: bytes) -> None:
    refused(folder / "model", b"\0" + sound)


@pytest.mark.parametrize("pattern", [0xFF, 0x01, 0x20])
def test_any_byte_damaged(folder: Path, sound: bytes, pattern: int) -> None:
    survived = 0
    for k in range(len(sound)):
        damaged = bytearray(sound)
        damaged[k] ^= pattern
        survived += is_sound_or_refused(folder / "model", bytes(damaged))
    assert survived < len(sound) / 2


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
def test_a_length_that_lies(folder: Path, sound: bytes, length: int) -> None:
    refused(folder / "model", struct.pack("<Q", length) + sound[8:])


def test_a_length_over_the_whole_file(folder: Path, sound: bytes) -> None:
    refused(folder / "model", struct.pack("<Q", len(sound) - 8) + sound[8:])


ENTRY = '"W1":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}'
DIGITS = "1" + "0" * 10_000
HEADERS = {
    "not UTF-8": b'{"\xff\xfe":1}',
    "byte-order mark": b"\xef\xbb\xbf{}",
    "not ASCII": '{"__metadata__":{"a":"ä"}}'.encode(),
    "UTF-16": "{}".encode("utf-16"),
    "no JSON": b"{]",
    "a list": b"[]",
    "a number": b"10",
    "null": b"null",
    "two values": b"{} {}",
    "spaces": b" " * 50,
    "deep lists": b"[" * 100_000,
    "deep lists that end": b"[" * 100_000 + b"]" * 100_000,
    "deep objects": b'{"a":' * 100_000,
    "deep in a name": b'{"W1":' + b"[" * 900 + b"]" * 900 + b"}",
    "many lists": b'{"a":[' + b"[]," * 100_000 + b"1]}",
    "many full lists": b'{"a":[' + b"[1]," * 100_000 + b"1]}",
    "many texts": b'{"a":[' + b'"abc",' * 100_000 + b"1]}",
    "many objects": b'{"a":[' + b"{}," * 100_000 + b"1]}",
    "many names": ("{" + ",".join(f'"{k}":1' for k in range(100_000)) + "}").encode(),
    "many small numbers": b'{"a":[' + b"1," * 300_000 + b"1]}",
    "many numbers": b'{"a":[' + b"1e9," * 100_000 + b"1]}",
    "some names": ("{" + ",".join(f'"{k}":1.5' for k in range(3_500)) + "}").encode(),
    "some lists": b'{"a":[' + b"[]," * 3_000 + b"1]}",
    "some depth": b'{"a":[' + (b"[" * 50 + b"]" * 50 + b",") * 70 + b"1]}",
    "some entries": ("{" + ",".join(f'"{k}":{{"dtype":"F32"}}' for k in range(1_500)) + "}").encode(),
    "a long text": b'{"__metadata__":{"a":"' + b"x" * 50_000 + b'"}}',
    "a very long text": b'{"__metadata__":{"a":"' + b"x" * 3_000_000 + b'"}}',
    "a text too long": b'{"__metadata__":{"a":"' + b"x" * 100_000 + b'"}}',
    "a wide text": b'{"__metadata__":{"a":"\\ud83d\\ude00' + b"x" * 50_000 + b'"}}',
    "a wide name": b'{"\\ud83d\\ude00' + b"x" * 50_000 + b'":1}',
    "a wide dtype": b'{"W1":{"dtype":"\\ud83d\\ude00'
    + b"x" * 50_000
    + b'","shape":[],"data_offsets":[0,4]}}',
    "a surrogate": b'{"\\ud800":1}',
    "NaN": b'{"W1":NaN}',
    "infinity": b'{"W1":[-Infinity]}',
    "a number beyond float64": b'{"W1":1e999}',
    "a number of 10,000 digits": f'{{"W1":{DIGITS}}}'.encode(),
    "metadata is a list": b'{"__metadata__":[]}',
    "metadata of numbers": b'{"__metadata__":{"clearprop":1}}',
    "a name twice": f"{{{ENTRY},{ENTRY}}}".encode(),
    "a field twice": ('{"W1":{"dtype":"F32",' + ENTRY.removeprefix('"W1":{') + "}").encode(),
    "metadata twice": b'{"__metadata__":{},"__metadata__":{}}',
    "an array of nothing": b'{"W1":{}}',
    "an array is a list": b'{"W1":[]}',
    "an array is null": b'{"W1":null}',
}


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
def test_entries_that_lie(folder: Path, sound: bytes, changes: dict[str, Any]) -> None:
    parts = apart(sound)
    for key, value in changes.items():
        change(parts.header, ("W1", key), value)
    refused(folder / "model", parts.joined())


def test_gaps_overlaps_and_missing_or_foreign_arrays(folder: Path, sound: bytes) -> None:
    def with_header(edit: Callable[[dict[str, Any]], object]) -> str:
        parts = apart(sound)
        edit(parts.header)
        return refused(folder / "model", parts.joined())

    assert "gap or an overlap" in with_header(lambda h: h["b1"].update(h["W1"]))
    assert "gap or an overlap" in with_header(lambda h: h.pop("b1"))
    assert "do not fill it" in with_header(lambda h: h.pop(list(h)[-1]))
    assert "W1 does not fit" in with_header(lambda h: h.update(W9=h.pop("W1")))
    assert "memory does not fit" in with_header(lambda h: h.update(anything=h.pop("memory")))
    with_header(lambda h: h.update(anything=h.pop("history")))


@pytest.mark.parametrize("name", ["W3", "b0", "thing", "", "a.b", "extra", "memory2", "\ud800", "x" * 1000])
def test_arrays_that_nobody_asked_for(folder: Path, sound: bytes, name: str) -> None:
    parts = apart(sound)
    end = len(parts.body)
    parts.header[name] = {"dtype": "F32", "shape": [2], "data_offsets": [end, end + 8]}
    parts.body += bytes(8)
    refused(folder / "model", parts.joined())


@pytest.mark.parametrize("name", ["memory", "history"])
def test_arrays_whose_description_is_missing(folder: Path, sound: bytes, name: str) -> None:
    parts = apart(sound)
    if name == "memory":
        parts.header["__metadata__"]["clearprop"]["memory"] = None
    else:
        del parts.header["__metadata__"]["history"]
    assert f"nobody asked for its array '{name}'" in refused(folder / "model", parts.joined())


def test_arrays_in_another_order_are_read_all_the_same(folder: Path, sound: bytes) -> None:
    parts = apart(sound)
    parts.header = dict(reversed(parts.header.items()))
    assert is_sound_or_refused(folder / "model", parts.joined())


@pytest.mark.parametrize("name", ["W1", "b2", "memory"])
@pytest.mark.parametrize(
    "number", [0x7FF0000000000000, 0xFFF0000000000000, 0x7FF8000000000000, 0x7FF0000000000001]
)
def test_numbers_that_are_not_finite(folder: Path, sound: bytes, name: str, number: int) -> None:
    parts = apart(sound)
    start = parts.header[name]["data_offsets"][0]
    parts.body = parts.body[:start] + struct.pack("<Q", number) + parts.body[start + 8 :]
    assert "not finite" in refused(folder / "model", parts.joined())


@pytest.mark.parametrize("number", [np.nan, np.inf, -np.inf, 2.5])
def test_a_record_whose_epochs_are_none(folder: Path, sound: bytes, number: float) -> None:
    parts = apart(sound)
    start = parts.header["history"]["data_offsets"][0]
    parts.body = parts.body[:start] + struct.pack("<d", number) + parts.body[start + 8 :]
    refused(folder / "model", parts.joined())


# ---- a configuration that cannot be

HUGE = 10**4000
DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP]
WIDE = "\U0001f600" + "x" * 50_000
TRASH: list[Any] = [None, True, -1, 1.5, "x", "", [], {}, [[]], {"a": 1}, HUGE, DEEP, "\ud800", WIDE]


def other_than(*kinds: type) -> list[Any]:
    return [value for value in TRASH if type(value) not in kinds]


# By the place in the metadata "clearprop": what must not stand there. A number, 1.5, does as a setting.
CONFIGURATIONS: dict[tuple[str, ...], list[Any]] = {
    ("format",): [*TRASH, DELETED, 0, 2, "1"],
    ("kind",): [*TRASH, DELETED, "Network", "estimator", "os.system"],
    ("version",): [*other_than(str), DELETED],
    ("epochs",): [*TRASH, DELETED, 2**53],
    ("unknown",): [1],
    ("config",): [*TRASH, DELETED],
    ("config", "sizes"): [
        *(*TRASH, DELETED, "221", {"2": 2}, [2], [2, 1], [2, 2, 2], [2, 2, 1, 1], [2, 3, 1], [1] * 500),
        *([2, size, 1] for size in (-2, 0, 2.0, True, "2", None, [2], BIG, HUGE)),
    ],
    ("config", "activation"): [*TRASH, DELETED, "softmax", ["tanh", "tanh"], [["tanh"]], [None], [HUGE]],
    ("config", "output"): [*TRASH, DELETED, "auto", ["identity"]],
    ("config", "loss"): [*TRASH, DELETED, "huber", {"name": "huber", "alpha": 1}, {"delta": 1}],
    ("config", "loss", "name"): [*TRASH, DELETED, "cross_entropy", "poisson", "squared_error", "__init__"],
    ("config", "loss", "delta"): [*other_than(float), 0],
    ("config", "l1"): [*other_than(float), DELETED, "0.1"],
    ("config", "l2"): [*other_than(float), DELETED, [0.1]],
    ("config", "dropout"): [*TRASH, DELETED, 1.0, [0.1, 0.1], ["0.1"], [[0.1]], [True], [1], [HUGE]],
    ("config", "seed"): [*other_than(int, type(None)), DELETED, -1],
    ("config", "dtype"): [*TRASH, DELETED, "float16", "float32", "O", ">f8", "f8,f8", ["float64"]],
    ("config", "init"): [*TRASH, DELETED, "given_", ["auto"], {"W1": 1}],
    ("config", "unknown"): TRASH,
    ("config", "self"): TRASH,
    ("memory",): [*other_than(type(None)), DELETED, {"optimizer": {"name": "SGD"}}],
    ("memory", "steps"): [*TRASH, DELETED, 2**53],
    ("memory", "unknown"): TRASH,
    ("memory", "optimizer"): [*TRASH, DELETED],
    ("memory", "optimizer", "name"): [*TRASH, DELETED, "LBFGS", "SGD", "Momentum", "Optimizer", "os.system"],
    ("memory", "optimizer", "beta1"): TRASH,
    ("memory", "optimizer", "epsilon"): other_than(float),
    ("memory", "optimizer", "memory"): TRASH,
    ("memory", "optimizer", "unknown"): TRASH,
    ("memory", "optimizer", "learning_rate"): other_than(float),
    ("memory", "optimizer", "learning_rate", "name"): [*TRASH, DELETED, "Schedule", "Adam"],
    ("memory", "optimizer", "learning_rate", "warmup"): TRASH,
    ("memory", "optimizer", "learning_rate", "final"): TRASH,
    ("memory", "optimizer", "learning_rate", "learning_rate"): other_than(float),
    ("memory", "optimizer", "learning_rate", "unknown"): TRASH,
}
# Likewise in the metadata "history".
RECORDS: dict[tuple[str, ...], list[Any]] = {
    (): [*other_than(str), '"x"', "", "NaN", "{", "[" * 100_000],
    ("unknown",): TRASH,
    ("metric_name",): [*other_than(str), DELETED],
    ("seed",): [*other_than(int), DELETED],
    ("settings",): [*other_than(dict), DELETED],
    ("best_epoch",): [*other_than(int, type(None)), DELETED],
    ("stopped_by",): [*other_than(str), DELETED],
    ("seconds",): [*(k for k in TRASH if k != []), [1.0], [1.0, "1"], [1.0, None]],
}


def cases(table: dict[tuple[str, ...], list[Any]]) -> list[Any]:
    def name(keys: tuple[str, ...], value: object) -> str:
        return f"{'.'.join(keys)}: {'left out' if value is DELETED else ascii(value)[:20]}"

    pairs = [(keys, value) for keys, values in table.items() for value in values]
    return [pytest.param(keys, value, id=name(keys, value)) for keys, value in pairs]


@pytest.mark.parametrize(("keys", "value"), cases(CONFIGURATIONS))
def test_configurations_that_cannot_be(
    folder: Path, sound: bytes, keys: tuple[str, ...], value: object
) -> None:
    parts = apart(sound)
    change(parts.header, ("__metadata__", "clearprop", *keys), value)
    refused(folder / "model", parts.joined())


@pytest.mark.parametrize(("keys", "value"), cases(RECORDS))
def test_records_that_cannot_be(folder: Path, sound: bytes, keys: tuple[str, ...], value: object) -> None:
    parts = apart(sound)
    change(parts.header, ("__metadata__", "history", *keys), value)
    refused(folder / "model", parts.joined())


@pytest.mark.parametrize(
    "text", ["", "{}", "[]", "x", "{" * 5000, "\ud800", "NaN", "1" * 5000, '{"format":1}']
)
def test_a_configuration_that_is_none(folder: Path, sound: bytes, text: str) -> None:
    parts = apart(sound)
    parts.header["__metadata__"]["clearprop"] = text
    refused(folder / "model", parts.joined())


def test_a_newer_file_says_so(folder: Path, sound: bytes) -> None:
    parts = apart(sound)
    parts.header["__metadata__"]["clearprop"]["format"] = 2
    assert "written by a newer clearprop" in refused(folder / "model", parts.joined())


# ---- any change at all

NUMBERS = st.integers() | st.sampled_from([2**31, 2**62, 2**63, 2**64, -(2**63)]) | st.floats()
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | st.text(st.characters(codec=None), max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


def places(tree: Any, keys: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every place in a tree of JSON."""
    items = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in items:
        yield (*keys, key)
        yield from places(value, (*keys, key))


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_any_change_of_the_header(folder: Path, sound: bytes, data: st.DataObject) -> None:
    parts = apart(sound)
    for _ in range(data.draw(st.integers(1, 3), "changes")):
        keys = data.draw(st.sampled_from(list(places(parts.header))), "place")
        renamed = st.tuples(st.just(keys[:-1]), st.text(max_size=8)).map(lambda pair: (*pair[0], pair[1]))
        value = data.draw(st.just(DELETED) | JSON, "value")
        is_key = isinstance(keys[-1], str)
        change(
            parts.header,
            data.draw(renamed) if is_key and value is not DELETED and data.draw(st.booleans()) else keys,
            value,
        )
    is_sound_or_refused(folder / "model", parts.joined())


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_any_change_of_the_bytes(folder: Path, sound: bytes, data: st.DataObject) -> None:
    start, stop = sorted(data.draw(st.tuples(*[st.integers(0, len(sound))] * 2)))
    is_sound_or_refused(folder / "model", sound[:start] + data.draw(st.binary(max_size=40)) + sound[stop:])


# ---- memory


def memory_beyond_its_size(path: Path) -> int:
    """How many bytes more than its size opening a file takes at the worst moment."""
    tracemalloc.start()
    try:
        load(path)
    except ModelFileError:
        pass
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    return peak - path.stat().st_size


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_a_hostile_header_takes_no_memory(folder: Path, sound: bytes, header: bytes) -> None:
    path = folder / "model"
    for data in (container(header, bytes(4)), container(header, bytes(2_000_000))):
        path.write_bytes(data)
        assert memory_beyond_its_size(path) < SLACK


BOMBS = [
    "[" + "[]," * 6_000 + "1]",
    "[" + "[]," * 3_000 + "1]",
    "[" * 50 + "]" * 50,
    "[" + ("[" * 50 + "]" * 50 + ",") * 60 + "1]",
    "{" + ",".join(f'"{k}":1.5' for k in range(3_000)) + "}",
    '{"format":"' + WIDE + '"}',
    '{"a":"' + "x" * 50_000 + '"}',
    "[" + "[]," * 30_000 + "1]",
]


@pytest.mark.parametrize("escaped", [False, True])
@pytest.mark.parametrize("bomb", BOMBS, ids=lambda bomb: ascii(bomb)[:20])
@pytest.mark.parametrize("key", ["clearprop", "history"])
def test_hostile_metadata_take_no_memory(
    folder: Path, sound: bytes, key: str, bomb: str, escaped: bool
) -> None:
    parts = apart(sound)
    parts.header["__metadata__"][key] = bomb
    data = parts.joined()
    if escaped:  # so that a look at the header does not see it
        hidden = "".join(f"\\u{ord(mark):04x}" for mark in ascii(bomb)[1:-1])
        length = int.from_bytes(data[:8], "little")
        header = data[8 : 8 + length].replace(json.dumps(bomb).encode(), f'"{hidden}"'.encode())
        data = container(header, data[8 + length :])
    (folder / "model").write_bytes(data)
    assert memory_beyond_its_size(folder / "model") < SLACK


@pytest.mark.parametrize("value", TRASH, ids=lambda value: ascii(value)[:20])
def test_messages_about_trash_take_no_memory(folder: Path, sound: bytes, value: object) -> None:
    for keys in (("config", "sizes"), ("config", "activation"), ("config", "loss", "name"), ("kind",)):
        parts = apart(sound)
        change(parts.header, ("__metadata__", "clearprop", *keys), value)
        (folder / "model").write_bytes(parts.joined())
        assert memory_beyond_its_size(folder / "model") < SLACK


def test_a_large_network_takes_its_size(folder: Path) -> None:
    MLP([1000, 5000, 10], dtype="float32").save(folder / "large")
    assert (folder / "large").stat().st_size > 20_000_000
    assert memory_beyond_its_size(folder / "large") < SLACK


def test_a_large_network_with_its_memory_takes_its_size(folder: Path) -> None:
    net = MLP([200, 1000, 2], dtype="float32")
    net.fit(np.zeros((1, 200)), np.zeros((1, 2)), epochs=1)
    net.save(folder / "large", training=True)
    assert memory_beyond_its_size(folder / "large") < SLACK


def test_a_large_file_of_another_kind_takes_nothing(folder: Path) -> None:
    (folder / "large").write_bytes(b"\0" * 20_000_000)
    assert memory_beyond_its_size(folder / "large") < SLACK - 20_000_000 + 100_000


def test_the_largest_network_that_a_small_file_promises_is_not_made(folder: Path, sound: bytes) -> None:
    parts = apart(sound)
    change(parts.header, ("__metadata__", "clearprop", "config", "sizes"), [2**20, 2**20, 1])
    (folder / "model").write_bytes(parts.joined())
    assert memory_beyond_its_size(folder / "model") < SLACK / 10


@pytest.mark.parametrize("layers", [100, 1000])
def test_a_deep_network_takes_little_more_for_each_array(folder: Path, layers: int) -> None:
    MLP([2] * layers, seed=0).save(folder / "deep")
    assert memory_beyond_its_size(folder / "deep") < SLACK + 2_000 * 2 * layers


def test_a_long_record_takes_little_more_for_each_number(folder: Path) -> None:
    net = MLP([2, 1], seed=1)
    net.fit([[0, 1]], [1], epochs=1, validation=([[0, 1]], [1]))
    for name, value in vars(net.history).items():
        if isinstance(value, list):
            setattr(net.history, name, [k + 1000 for k in value] * 20_000)
    net.save(folder / "long")
    assert memory_beyond_its_size(folder / "long") < SLACK + 33 * 7 * 20_000

"""Model files of all kinds for the tests: sound ones, how to take them apart, and hostile ones."""

import copy
import json
import struct
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clearprop import MLP, Adam, load
from clearprop.errors import ModelFileError
from clearprop.formats import model
from clearprop.schedules import Cosine

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


def _sound() -> bytes:
    """A small file with all that a network's file can have."""
    net = MLP([2, 2, 1], "tanh", "auto", "huber", dropout=0.1, seed=1)
    net.fit([[0, 1], [1, 0]], [1, 0], optimizer=Adam(Cosine(0.1)), epochs=2, validation=([[1, 1]], [1]))
    with tempfile.TemporaryDirectory() as folder:
        net.save(Path(folder) / "model", training=True)
        return (Path(folder) / "model").read_bytes()


def _wrapped() -> bytes:
    """A network with an array around it, which comes first and is as large as W1 in the sound file."""
    around = model.Wrapping("classifier", {"any": "thing"}, {"around.it": np.ones((2, 2))})
    with tempfile.TemporaryDirectory() as folder:
        model.save(MLP([1, 1]), Path(folder) / "model", wrapping=around)
        parts = apart((Path(folder) / "model").read_bytes())
    names = ["around.it", *(name for name in parts.header if name not in ("around.it", "__metadata__"))]
    body = b""
    for name in names:
        start, stop = parts.header[name]["data_offsets"]
        parts.header[name]["data_offsets"] = [len(body), len(body) + stop - start]
        body += parts.body[start:stop]
    return Parts(parts.header, body).joined()


SOUND, WRAPPED = _sound(), _wrapped()


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


# ---- what a header must not be

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
    "deep lists within the room": b"[" * 5_000,
    "deep objects within the room": b'{"a":' * 2_500,
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


# ---- what must not stand in a configuration

HUGE = 10**4000
DEEP: list[Any] = []
for _ in range(200):
    DEEP = [DEEP]
WIDE = "\U0001f600" + "x" * 50_000
TRASH: list[Any] = [None, True, -1, 1.5, "x", "", [], {}, [[]], {"a": 1}, HUGE, DEEP, "\ud800", WIDE]


def other_than(*kinds: type) -> list[Any]:
    return [value for value in TRASH if type(value) not in kinds]


# By the place in the metadata "clearprop": what must not stand there. A number, 1.5, does as a setting.

"""Opening a model file takes no more memory than its size and 1 MB, whatever the file promises."""

import json
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from clearprop import MLP, load
from clearprop.errors import ModelFileError
from model_files import HEADERS, SOUND, TRASH, WIDE, apart, change, container

SLACK = 1_000_000


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("models")


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
def test_a_hostile_header_takes_no_memory(folder: Path, header: bytes) -> None:
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
def test_hostile_metadata_take_no_memory(folder: Path, key: str, bomb: str, escaped: bool) -> None:
    parts = apart(SOUND)
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
def test_messages_about_trash_take_no_memory(folder: Path, value: object) -> None:
    for keys in (("config", "sizes"), ("config", "activation"), ("config", "loss", "name"), ("kind",)):
        parts = apart(SOUND)
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


def test_a_header_is_not_read_where_it_is_larger_than_any_of_ours(folder: Path) -> None:
    marks = b'"\\"data_offsets\\":[",' * 200_000  # each is taken for an array
    (folder / "large").write_bytes(container(b'{"a":[' + marks + b"1]}"))
    assert memory_beyond_its_size(folder / "large") < SLACK - 4_000_000 + 100_000


def test_a_large_file_of_another_kind_takes_nothing(folder: Path) -> None:
    (folder / "large").write_bytes(b"\0" * 20_000_000)
    assert memory_beyond_its_size(folder / "large") < SLACK - 20_000_000 + 100_000


def test_the_largest_network_that_a_small_file_promises_is_not_made(folder: Path) -> None:
    parts = apart(SOUND)
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

"""Files are written whole or not at all, whatever fails on the way, and whenever the process is killed."""

import errno
import os
import stat
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from clearprop.formats.atomic import write_atomically

posix = pytest.mark.skipif(os.name != "posix", reason="modes, links and signals of POSIX")


@pytest.fixture
def old(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.write_bytes(b"old")
    return path


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_chunks_are_written_one_after_another(tmp_path: Path) -> None:
    write_atomically(tmp_path / "model", [b"one ", memoryview(b"two "), b"", b"three"])
    assert (tmp_path / "model").read_bytes() == b"one two three"
    assert os.listdir(tmp_path) == ["model"]


def test_a_file_is_replaced_and_a_reader_of_the_old_one_keeps_it(old: Path) -> None:
    with open(old, "rb") as reader:
        write_atomically(str(old), [b"new"])
        assert reader.read() == b"old"
    assert old.read_bytes() == b"new"


def test_the_longest_name_that_a_folder_takes(tmp_path: Path) -> None:
    path = tmp_path / ("n" * 255)
    write_atomically(path, [b"new"])
    assert path.read_bytes() == b"new"


def test_a_path_in_the_current_folder(old: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(old.parent)
    write_atomically("model", [b"new"])
    assert old.read_bytes() == b"new"


@posix
@pytest.mark.parametrize(("umask", "expected"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_new_file_has_the_mode_that_the_user_asks_for(tmp_path: Path, umask: int, expected: int) -> None:
    before = os.umask(umask)
    try:
        write_atomically(tmp_path / "model", [b"new"])
    finally:
        os.umask(before)
    assert mode(tmp_path / "model") == expected


@posix
@pytest.mark.parametrize("kept", [0o600, 0o640, 0o666, 0o755])
def test_a_replaced_file_hands_on_its_mode_before_anything_is_written(old: Path, kept: int) -> None:
    old.chmod(kept)
    modes: list[int] = []

    def chunks() -> Iterator[bytes]:
        modes.extend(mode(path) for path in old.parent.iterdir())
        yield b"new"

    write_atomically(old, chunks())
    assert mode(old) == kept
    assert modes == [kept, kept]  # also the temporary file's, so that nobody else reads it meanwhile


@posix
def test_a_link_stays_a_link(tmp_path: Path, old: Path) -> None:
    (tmp_path / "links").mkdir()
    link = tmp_path / "links" / "latest"
    link.symlink_to("../model")
    write_atomically(link, [b"new"])
    assert link.is_symlink()
    assert old.read_bytes() == b"new"
    assert os.listdir(link.parent) == ["latest"]


@posix
def test_a_link_to_nothing_gets_its_file(tmp_path: Path) -> None:
    link = tmp_path / "latest"
    link.symlink_to("model")
    write_atomically(link, [b"new"])
    assert link.is_symlink()
    assert (tmp_path / "model").read_bytes() == b"new"


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="expected a file to write, got a folder") as caught:
        write_atomically(tmp_path, [b"new"])
    assert caught.value.filename == str(tmp_path)
    assert os.listdir(tmp_path) == []


@posix
def test_a_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")  # stands for /dev/null, which root could replace
    with pytest.raises(OSError, match="or a device"):
        write_atomically(tmp_path / "pipe", [b"new"])
    assert (tmp_path / "pipe").is_fifo()
    assert os.listdir(tmp_path) == ["pipe"]


def test_a_missing_folder_is_named_as_the_user_named_it(tmp_path: Path) -> None:
    path = tmp_path / "missing" / "model"
    with pytest.raises(FileNotFoundError) as caught:
        write_atomically(path, [b"new"])
    assert caught.value.filename == str(path)


@posix
@pytest.mark.skipif(os.name == "posix" and os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_that_must_not_be_written(old: Path) -> None:
    old.parent.chmod(0o500)
    try:
        with pytest.raises(PermissionError) as caught:
            write_atomically(old, [b"new"])
    finally:
        old.parent.chmod(0o700)
    assert caught.value.filename == str(old)
    assert old.read_bytes() == b"old"


def failing_on(call: int) -> Callable[..., Any]:
    """A system call that fails when it is made for the given time, and does nothing before."""
    calls = iter(range(1, 100))

    def fail(*arguments: object) -> None:
        if next(calls) == call:
            raise OSError(errno.ENOSPC, "No space left on device")

    return fail


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_failing_call_leaves_the_old_file_and_nothing_else(
    old: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(os, name, failing_on(1))
    with pytest.raises(OSError, match="No space left") as caught:
        write_atomically(old, [b"new"])
    assert caught.value.errno == errno.ENOSPC
    assert caught.value.filename == str(old)
    assert old.read_bytes() == b"old"
    assert os.listdir(old.parent) == ["model"]


@posix
@pytest.mark.parametrize("size", [100, 1_000_000])
def test_a_full_disk_leaves_the_old_file_and_nothing_else(old: Path, size: int) -> None:
    import resource

    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (50, limits[1]))  # writing stops after 50 bytes
    try:
        with pytest.raises(OSError, match="large") as caught:
            write_atomically(old, [b"n" * size] * 2)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert caught.value.filename == str(old)
    assert old.read_bytes() == b"old"
    assert os.listdir(old.parent) == ["model"]


@pytest.mark.parametrize("failure", [ValueError, KeyboardInterrupt])
def test_a_failure_of_the_chunks_comes_through(old: Path, failure: type[BaseException]) -> None:
    def chunks() -> Iterator[bytes]:
        yield b"new"
        raise failure

    with pytest.raises(failure):
        write_atomically(old, chunks())
    assert old.read_bytes() == b"old"
    assert os.listdir(old.parent) == ["model"]


@posix
@pytest.mark.parametrize(
    ("number", "raised"), [(errno.EIO, True), (errno.ENOSPC, True), (errno.EINVAL, False)]
)
def test_a_folder_that_cannot_be_synced(
    old: Path, monkeypatch: pytest.MonkeyPatch, number: int, raised: bool
) -> None:
    def sync(handle: int) -> None:
        if stat.S_ISDIR(os.fstat(handle).st_mode):
            raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fsync", sync)
    if raised:
        with pytest.raises(OSError, match=os.strerror(number)):
            write_atomically(old, [b"new"])
    else:  # the file system has no such thing
        write_atomically(old, [b"new"])
    assert old.read_bytes() == b"new"


@posix
def test_the_content_is_on_the_disk_before_its_name_and_the_name_before_the_end(
    old: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    calls: list[str] = []
    fsync, replace = os.fsync, os.replace

    def note_sync(handle: int) -> None:
        is_folder = stat.S_ISDIR(os.fstat(handle).st_mode)
        calls.append("sync folder" if is_folder else f"sync {os.fstat(handle).st_size} bytes")
        fsync(handle)

    def note_replace(source: Path, target: Path) -> None:
        calls.append("replace")
        assert Path(source).parent == Path(target).parent
        replace(source, target)

    monkeypatch.setattr(os, "fsync", note_sync)
    monkeypatch.setattr(os, "replace", note_replace)
    write_atomically(old, [b"n" * 9])
    assert calls == ["sync 9 bytes", "replace", "sync folder"]


@posix
def test_no_handle_is_left_open(old: Path) -> None:
    def next_handle() -> int:
        handle = os.open(old, os.O_RDONLY)
        os.close(handle)
        return handle

    before = next_handle()
    write_atomically(old, [b"new"])
    assert next_handle() == before


SAVE_AND_DIE = """
import os, pathlib, random, signal, sys, time
import numpy as np
from clearprop import MLP, load
from clearprop.errors import ModelFileError
from clearprop.formats import safetensors

path, kills, how = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]

def write_plainly(path, chunks):
    with open(path, "wb", buffering=0) as file:
        for chunk in chunks:
            file.write(chunk)

if how == "plainly":
    safetensors.write_atomically = write_plainly

net = MLP([100, 200, 10])
net.parameters.vector[:] = 0

def save_for_ever(generation):
    while True:
        generation += 1
        net.parameters.vector[:] = generation
        net.save(path)

generation, damaged, advanced, chance = 0.0, 0, 0, random.Random(0)
began = time.perf_counter()
net.save(path)
pace = time.perf_counter() - began
for _ in range(kills):
    child = os.fork()
    if not child:
        save_for_ever(generation)
    time.sleep(chance.uniform(0.5, 5) * pace)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    try:
        vector = load(path).parameters.vector
    except ModelFileError:
        damaged += 1
        continue
    assert (vector == vector[0]).all(), "two generations are mixed"
    assert vector[0] >= generation, "a generation was lost"
    advanced += vector[0] > generation
    generation = vector[0]
print(damaged, advanced, len(list(path.parent.iterdir())) - 1)
"""


def save_and_die(folder: Path, kills: int, how: str) -> tuple[int, int, int]:
    """Kill a process in its saves; return how often one was damaged, one was newer, a rest was left."""
    command = [sys.executable, "-c", SAVE_AND_DIE, str(folder / "model"), str(kills), how]
    environment = {**os.environ, "OPENBLAS_NUM_THREADS": "1"}  # threads and fork do not go together
    result = subprocess.run(command, capture_output=True, text=True, env=environment, timeout=120)
    assert result.returncode == 0, result.stderr
    damaged, advanced, left = map(int, result.stdout.split())
    return damaged, advanced, left


@posix
def test_a_killed_process_leaves_one_of_the_saved_generations(tmp_path: Path) -> None:
    damaged, advanced, left = save_and_die(tmp_path, 100, "atomically")
    assert damaged == 0
    assert advanced > 10  # saves were made
    assert left > 10  # and killed in their middle


@posix
def test_the_kills_do_find_a_file_that_is_written_plainly(tmp_path: Path) -> None:
    damaged, _, _ = save_and_die(tmp_path, 20, "plainly")
    assert damaged > 0

"""`clearprop play` and `net.play()`: what they begin with, how they end, what they refuse."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import signal
import subprocess
import sys
import urllib.request
import webbrowser
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clearprop
from clearprop import MLP
from clearprop.cli import play as command
from clearprop.errors import InputError, MissingExtraError
from clearprop.page.session import Session
from cli_command import Run, runner

needs_the_server = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("starlette", "uvicorn")),
    reason="the page needs starlette and uvicorn",
)


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.chdir(tmp_path)
    return runner(capsys)


def open_session(address: str) -> None:
    """Do what a browser does first: bring the token, then ask for a session."""
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    browser.open(address).read()
    where = address.partition("?")[0] + "api/open"
    question = urllib.request.Request(where, b"{}", {"Content-Type": "application/json"})
    assert json.load(browser.open(question))["story"]


class Served:
    """In the place of a server: Ctrl-C comes at once."""

    url = "http://127.0.0.1:1/?token=t"

    def wait(self) -> None:
        raise KeyboardInterrupt

    def __enter__(self) -> Served:
        return self

    def __exit__(self, *error: object) -> None:
        pass


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """What would have been served, with its options."""
    calls: list[Any] = []

    def serve(beginning: Any, **options: Any) -> Served:
        calls.append((Session(*beginning), options))
        return Served()

    monkeypatch.setattr(command, "serve", serve)
    return calls


TABLE = "size,colour,rooms,price\n1,red,2,3.5\n2,blue,3,4.5\n3,red,4,7\n4,red,1,2\n5,blue,1,9\n"


@pytest.mark.parametrize(
    ("words", "sizes", "kind"),
    [
        ("", (2, 3, 1), "xor"),
        ("--net 2-6-6-1", (2, 6, 6, 1), "xor"),
        ("--net 2-1", (2, 1), "xor"),
        ("--net 1-4-1", (1, 4, 1), "sine"),
        ("--net 2-4-3", (2, 4, 3), "blobs"),
        ("--data spiral", (2, 3, 1), "spiral"),
        ("--data blobs --net 2-5-3", (2, 5, 3), "blobs"),
        ("--data t.csv", (2, 3, 1), "table"),
        ("--data t.csv --target colour --net 3-2-1", (3, 2, 1), "table"),
        ("--model m", (2, 4, 1), "xor"),
        ("--model m --data t.csv", (2, 4, 1), "table"),
    ],
)
def test_what_the_command_begins_with(
    run: Run, begun: list[Any], words: str, sizes: tuple[int, ...], kind: str
) -> None:
    Path("t.csv").write_text(TABLE)
    net = MLP([2, 4, 1], "tanh", seed=5)
    net.save("m")
    ended = run("play", *words.split())
    is_with_texts = kind == "table" and "colour" not in words
    left_out = "note: columns left out, since not all cells are numbers: 'colour'\n"
    assert (ended.code, ended.err) == (0, left_out if is_with_texts else "")
    assert ended.out.splitlines()[0] == f"The page is at {Served.url}"
    assert ended.out.splitlines()[-1] == "The page is closed."
    ((session, options),) = begun
    assert (session.net.sizes, session.settings.data.kind) == (sizes, kind)
    assert options == {"port": None, "browser": True, "link": None}
    if "--model" in words:
        assert session.net.parameters.vector.tobytes() == net.parameters.vector.tobytes()


def test_what_of_a_table_is_not_taken_as_it_stands_is_noted(run: Run, begun: list[Any]) -> None:
    head = [*(f"c{k}" for k in range(10)), "colour", "b", "y"]
    rows = [[*"123456789", "1,234", "red", "" if k == 2 else "5", str(k)] for k in range(8)]
    Path("t.csv").write_text("\n".join(";".join(row) for row in [head, *rows]))
    ended = run("play", "--data", "t.csv")
    assert (ended.code, ended.err.splitlines()) == (
        0,
        [
            "note: columns left out, since not all cells are numbers: 'colour', 'b' ('' in line 4)",
            "note: columns left out, since the page has room for 8 inputs: 'c8', 'c9'",
            "note: '1,234' is read as 1.234: a comma is taken for the decimal point",
        ],
    )
    ((session, _),) = begun
    assert session.settings.data.table.inputs == tuple(f"c{k}" for k in range(8))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "latin-1"])
def test_a_table_is_read_in_any_usual_encoding(run: Run, begun: list[Any], encoding: str) -> None:
    Path("t.csv").write_text("größe,y\n1,2\n2,3\n", encoding)
    ended = run("play", "--data", "t.csv")
    assert (ended.code, "read as Windows-1252" in ended.err) == (0, encoding == "latin-1")
    ((session, _),) = begun
    assert (session.data.inputs, session.settings.data.test) == (("größe",), 0)


def test_a_link_may_be_the_whole_address(run: Run, begun: list[Any]) -> None:
    address = "http://127.0.0.1:8765/#link=abc_-1&step=Z1"
    ended = run("play", "--link", address, "--port", "9", "--no-browser")
    assert ended.code == 0
    assert begun[0][1] == {"port": 9, "browser": False, "link": address}


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("--net 2x3", "--net does not fit"),
        ("--net 2-13-1", "1 to 12 units a layer, got 13"),
        ("--net 2-3-3-3-3-3-3-3-1", "at most 6 layers"),
        ("--net 3-3-1", "no built-in data set fits --net 3-3-1"),
        ("--net 3-3-1 --data moons", "expected --net 2-3-1, got --net 3-3-1"),
        ("--data spirl", "there is no data set 'spirl'.*try --data spiral"),
        ("--data none.csv", "no such file"),
        ("--data .", "is a folder"),
        ("--data t.csv --target prize", "unknown column.*try 'price'"),
        ("--data texts.csv", "has no numbers to learn from"),
        ("--data odd.csv", "has no numbers to learn from: .*, got 'a' \\('x' in line 3\\), 'b'"),
        ("--data nan.csv", "'b' does not fit: expected a number in each row, got 'nan' in line 3"),
        ("--data bad.csv", "line 2 does not fit the header"),
        ("--data m", "is not a text|NUL|no table"),
        ("--data binary.csv", "is not a text"),
        ("--data large.csv", "is too large"),
        ("--target price", "--target is for a table"),
        ("--data xor --target a", "--target is for a table"),
        ("--model none", "there is no model file"),
        ("--model t.csv", "is a table"),
        ("--model bad.csv", "is a table"),
        ("--model broken", "is no|damaged|cut short"),
        ("--model wide", "1 to 12 units a layer, got 64"),
        ("--model dropout", "some dropout"),
        ("--model m --net 2-3-1", "two networks"),
        ("--model m --data moons3.csv", "the network does not fit the data"),
        ("--link abc", "this link cannot be opened"),
        ("--port 70000", "port does not fit"),
    ],
)
@needs_the_server
def test_what_cannot_be_begun_with_is_said(
    run: Run, words: str, message: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(webbrowser, "open", lambda url: pytest.fail("a browser was opened"))
    Path("t.csv").write_text(TABLE)
    Path("texts.csv").write_text("a,b\nx,y\n")
    Path("odd.csv").write_text("a,b,c\n1,x,1\nx,x,2\n3,x,3\n")
    Path("nan.csv").write_text("a,b\n1,1\n2,nan\n3,3\n")
    Path("moons3.csv").write_text("a,b,c,d\n1,2,3,4\n2,3,4,5\n")
    Path("bad.csv").write_text("a,b\n1\n")
    Path("binary.csv").write_bytes(b"\x89PNG\r\n\x1a\n\0\0")
    Path("large.csv").write_text("a,b\n" + "1,2\n" * 300_000)
    Path("broken").write_bytes(b"\x08" + bytes(40))
    MLP([2, 4, 1], seed=0).save("m")
    MLP([2, 64, 1], seed=0).save("wide")
    MLP([2, 4, 1], dropout=0.5, seed=0).save("dropout")
    ended = run("play", *words.split())
    assert (ended.code, ended.out) == (2, "")
    (line,) = ended.err.splitlines()
    assert re.search(message, line), line
    assert line.startswith("error: ")


def test_an_estimators_model_is_refused(run: Run) -> None:
    rng = np.random.default_rng(0)
    model = clearprop.MLPClassifier(hidden_layer_sizes=(4,), max_iter=2).fit(
        rng.normal(size=(30, 2)), [0, 1] * 15
    )
    model.save("m")
    ended = run("play", "--model", "m")
    assert (ended.code, "a model with columns around it" in ended.err) == (2, True)


def test_without_the_libraries_the_extra_is_named(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("starlette", "uvicorn", "clearprop.page.server"):
        monkeypatch.setitem(sys.modules, name, None)
    ended = run("play")
    assert ended.code == 1
    assert ended.err.splitlines()[-1].endswith('try pip install "clearprop[page]"')
    with pytest.raises(MissingExtraError, match="clearprop\\[page\\]"):
        MLP([2, 3, 1], seed=0).play()


# ---- the real server


@pytest.fixture
def opened(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that the browser was sent to."""
    calls: list[str] = []
    monkeypatch.setattr(webbrowser, "open", calls.append)
    return calls


@needs_the_server
def test_a_network_plays_in_a_thread_until_it_is_stopped(opened: list[str]) -> None:
    net = MLP([2, 3, 1], "tanh", loss="binary_cross_entropy", seed=0)
    jar = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    with net.play() as page:
        assert opened == [page.url]
        with jar.open(page.url, timeout=10) as answer:
            assert (answer.status, answer.url) == (200, f"http://127.0.0.1:{page.port}/")
    assert not page.is_running


@needs_the_server
def test_a_taken_port_is_an_error_where_it_was_asked_for(opened: list[str]) -> None:
    net = MLP([2, 3, 1], seed=0)
    with clearprop.play(net, browser=False) as first, clearprop.play(net, browser=False) as second:
        assert first.port != second.port
        with pytest.raises(InputError, match=f"port {first.port} is taken"):
            net.play(port=first.port)
    assert opened == []


@needs_the_server
@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C is no signal that can be sent there")
@pytest.mark.parametrize("is_used", [False, True], ids=["unseen", "used"])
def test_ctrl_c_ends_the_command_with_one_line(is_used: bool) -> None:
    words = [sys.executable, "-m", "clearprop", "play", "--no-browser", "--port", "0"]
    environment = os.environ | {"PYTHONUNBUFFERED": "1"}
    with subprocess.Popen(
        words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment
    ) as process:
        assert process.stdout is not None
        line = process.stdout.readline()
        assert line.startswith("The page is at http://127.0.0.1:")
        assert process.stdout.readline() == "Ctrl-C ends it.\n"
        if is_used:
            open_session(line.split()[-1])
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
    assert (process.returncode, out.strip(), err) == (0, "The page is closed.", "")

"""The page's server as a stranger meets it: who gets in, what is cut, what every answer carries."""

from __future__ import annotations

import http.client
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest

pytest.importorskip("starlette", reason="the page needs starlette")
pytest.importorskip("uvicorn", reason="the page needs uvicorn")

from clearprop.page import guard as guarding
from clearprop.page import limits
from clearprop.page.assets import asset
from clearprop.page.presets import begin
from clearprop.page.protocol import Protocol
from clearprop.page.server import Server

Headers = dict[str, str]


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with Server(begin("xor"), port=0) as server:
        server.guard.seconds = Protocol.seconds = 0.6
        yield server
    Protocol.seconds = 5.0


@pytest.fixture(scope="module")
def cookie(server: Server) -> str:
    """The cookie, for the token of the address."""
    status, headers, _ = ask(server, "GET", path_of(server))
    assert (status, headers["location"]) == (303, "/")
    name, _, rest = headers["set-cookie"].partition("=")
    assert name == f"clearprop-{server.port}"
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(rest.split("; "))
    return headers["set-cookie"].partition(";")[0]


def path_of(server: Server) -> str:
    return "/?" + urlsplit(server.url).query


def ask(
    server: Server, method: str, path: str, body: Any = None, **headers: str
) -> tuple[int, Headers, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    try:
        text = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection.request(method, path, text, {k.replace("_", "-"): v for k, v in headers.items()})
        response = connection.getresponse()
        return response.status, {k.lower(): v for k, v in response.getheaders()}, response.read()
    finally:
        connection.close()


def test_the_page_and_its_files_are_served(server: Server, cookie: str) -> None:
    status, headers, text = ask(server, "GET", "/", cookie=cookie)
    assert (status, headers["content-type"]) == (200, "text/html; charset=utf-8")
    assert b"<!doctype html" in text.lower()
    status, headers, _ = ask(server, "GET", "/viewer/story.js", cookie=cookie)
    assert (status, headers["content-type"]) == (200, "text/javascript; charset=utf-8")
    choices = json.loads(ask(server, "GET", "/api/choices", cookie=cookie)[2])
    assert "spiral" in choices["data"]


def test_a_whole_conversation(server: Server, cookie: str) -> None:
    status, _, text = ask(server, "POST", "/api/open", {"preset": "mazur"}, cookie=cookie)
    view = json.loads(text)
    assert (status, round(view["figures"]["loss"], 9)) == (200, 0.298371109)
    known = {"session": view["session"], "generation": view["generation"]}
    status, _, text = ask(server, "POST", "/api/step", {**known, "unit": "batch"}, cookie=cookie)
    assert (status, round(json.loads(text)["figures"]["loss"], 9)) == (200, 0.291027774)
    status, _, text = ask(server, "POST", "/api/step", {**known, "unit": "batch"}, cookie=cookie)
    assert (status, set(json.loads(text)["error"])) == (409, {"what", "got", "expected", "hint"})
    status, headers, text = ask(server, "POST", "/api/export", {**known, "kind": "model"}, cookie=cookie)
    assert (status, headers["content-disposition"]) == (200, 'attachment; filename="clearprop.safetensors"')
    status, _, text = ask(server, "POST", "/api/step", {"session": "gone"}, cookie=cookie)
    assert status == 410
    status, _, text = ask(server, "POST", "/api/open", {"preset": "mazr"}, cookie=cookie)
    assert (status, json.loads(text)["error"]["hint"]) == (400, "'mazur'")


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"3", b"\xff\xfe", b"[" * 100_000, b'{"session": "\\ud800"}', b'{"link": NaN}']
)
def test_what_is_no_request_is_answered_in_words(server: Server, cookie: str, body: bytes) -> None:
    status, _, text = ask(server, "POST", "/api/open", body, cookie=cookie)
    if b"session" not in body:
        assert (status, bool(json.loads(text)["error"]["what"])) == (400, True)
    assert status in (200, 400)


def test_every_answer_carries_the_policy(server: Server, cookie: str) -> None:
    for status, headers, _ in (
        ask(server, "GET", "/", cookie=cookie),
        ask(server, "GET", "/"),
        ask(server, "GET", "/none", cookie=cookie),
        ask(server, "POST", "/api/open", {}, cookie=cookie),
        ask(server, "POST", "/api/open", b"{", cookie=cookie),
    ):
        assert headers["content-security-policy"].startswith("default-src 'self'; ")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["x-frame-options"] == "DENY"
        assert headers["cache-control"] == "no-store"
        assert headers["referrer-policy"] == "no-referrer"
        assert "server" not in headers, status


# ---- who gets in


def test_without_the_cookie_nothing_is_served(server: Server, cookie: str) -> None:
    for method, path in (
        ("GET", "/"),
        ("GET", "/viewer/story.js"),
        ("GET", "/api/choices"),
        ("POST", "/api/open"),
    ):
        for wrong in (
            {},
            {"cookie": cookie[:-1]},
            {"cookie": "clearprop=1"},
            {"cookie": cookie.partition("=")[0]},
        ):
            status, headers, text = ask(server, method, path, {} if method == "POST" else None, **wrong)
            assert status == 403
            assert "set-cookie" not in headers
            assert b"clearprop play" in text


def test_the_token_works_once(server: Server, cookie: str) -> None:
    status, headers, _ = ask(server, "GET", path_of(server))
    assert (status, "set-cookie" in headers) == (403, False)
    assert ask(server, "GET", path_of(server), cookie=cookie)[0] == 303  # who is in may open it again


def test_only_the_right_token_works_and_only_at_the_door() -> None:
    with Server(begin("xor"), port=0) as server:
        token = path_of(server)
        for method, path in (
            ("GET", token[:-1]),
            ("GET", "/?token="),
            ("GET", "/?token=%C3%A9"),
            ("GET", "/viewer/story.js" + token[1:]),
            ("POST", token),
        ):
            assert ask(server, method, path, {} if method == "POST" else None)[0] == 403
        assert ask(server, "GET", token)[0] == 303


def test_a_link_on_another_sites_page_leads_in_without_a_redirect() -> None:
    with Server(begin("xor"), port=0) as server:
        status, headers, _ = ask(server, "GET", path_of(server), sec_fetch_site="cross-site")
        assert (status, headers["refresh"]) == (200, "0; url=/")
        assert "SameSite=Strict" in headers["set-cookie"]


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1", "localhost:1", "127.0.0.1.evil.example:{port}", ""]
)
def test_a_forged_host_is_refused(server: Server, cookie: str, host: str) -> None:
    assert ask(server, "GET", "/", cookie=cookie, host=host.format(port=server.port))[0] in (400, 403)
    assert ask(server, "GET", "/", cookie=cookie, host=f"localhost:{server.port}")[0] == 200


def test_two_hosts_are_refused(server: Server, cookie: str) -> None:
    head = (
        f"GET / HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nHost: evil.example\r\nCookie: {cookie}\r\n\r\n"
    )
    assert raw(server, head.encode()).split()[1] in (b"400", b"403")


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://127.0.0.1", "https://127.0.0.1:{port}"]
)
def test_a_forged_origin_is_refused(server: Server, cookie: str, origin: str) -> None:
    forged = origin.format(port=server.port)
    assert ask(server, "POST", "/api/open", {}, cookie=cookie, origin=forged)[0] == 403
    ours = f"http://localhost:{server.port}"
    assert ask(server, "POST", "/api/open", {}, cookie=cookie, origin=ours)[0] == 200


# ---- what is cut


def raw(server: Server, head: bytes, seconds: float = 5.0) -> bytes:
    """Send some bytes, and return what comes back until the connection is closed."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=seconds) as stranger:
        stranger.sendall(head)
        parts = []
        try:
            while part := stranger.recv(65536):
                parts.append(part)
        except ConnectionError:
            pass
        return b"".join(parts)


def post(server: Server, cookie: str, length: int | None) -> bytes:
    size = "Transfer-Encoding: chunked" if length is None else f"Content-Length: {length}"
    head = f"POST /api/open HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookie}\r\n{size}\r\n\r\n"
    return head.encode()


def test_a_body_too_large_is_refused(server: Server, cookie: str) -> None:
    assert ask(server, "POST", "/api/open", b" " * (limits.BODY_BYTES - 2) + b"{}", cookie=cookie)[0] == 200
    assert ask(server, "POST", "/api/open", b" " * (limits.BODY_BYTES + 1), cookie=cookie)[0] == 413
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"
    assert raw(server, post(server, cookie, None) + chunk * 32).split()[1] == b"413"


def test_a_body_that_does_not_arrive_is_cut(server: Server, cookie: str) -> None:
    assert raw(server, post(server, cookie, 100) + b"{").split()[1] == b"408"


@pytest.mark.parametrize("head", [b"", b"GET / HTTP/1.1\r\nHost:", b"G"])
def test_a_head_that_does_not_arrive_is_cut(server: Server, head: bytes) -> None:
    assert raw(server, head) == b""


def test_a_second_head_that_does_not_arrive_is_cut_too(server: Server, cookie: str) -> None:
    whole = f"GET /api/choices HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookie}\r\n\r\n".encode()
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as stranger:
        stranger.sendall(whole)
        assert stranger.recv(65536).startswith(b"HTTP/1.1 200")
        stranger.sendall(b"GET / HT")
        while stranger.recv(65536):
            pass


def test_bytes_that_trickle_do_not_keep_a_connection(server: Server) -> None:
    with socket.create_connection(("127.0.0.1", server.port), timeout=5) as stranger:
        for _ in range(100):
            try:
                stranger.sendall(b"a")
            except OSError:
                return
            time.sleep(0.05)
    pytest.fail("the connection was kept")


def test_a_head_too_large_is_refused(server: Server) -> None:
    answer = raw(server, b"GET / HTTP/1.1\r\nX: " + b"a" * 100_000 + b"\r\n\r\n")
    assert answer == b"" or answer.split()[1] in (b"400", b"431")


# ---- what is reached


def test_the_port_is_open_on_loopback_alone(server: Server) -> None:
    (listening,) = server.sockets
    assert listening.getsockname() == ("127.0.0.1", server.port)
    addresses = {info[4][0] for info in socket.getaddrinfo(socket.gethostname(), None, socket.AF_INET)}
    for address in addresses - {"127.0.0.1"}:
        with socket.socket() as stranger:
            stranger.settimeout(1)
            assert stranger.connect_ex((address, server.port)) != 0


@pytest.mark.parametrize(
    "path",
    [
        "/page/../api.py",
        "/page/%2e%2e/api.py",
        "/page/..%2fapi.py",
        "/viewer//etc/passwd",
        "/page/",
        "/page",
        "/viewer/story.js/",
        "/viewer/%00",
        "/page/play.html%00.js",
        "/../../etc/passwd",
        "/none/story.js",
    ],
)
def test_nothing_but_the_pages_files_can_be_read(server: Server, cookie: str, path: str) -> None:
    assert ask(server, "GET", path, cookie=cookie)[0] == 404


def test_every_file_of_the_page_has_a_type() -> None:
    for name, folder in (("page", "page/static"), ("viewer", "story/page/viewer")):
        for path in (Path(guarding.__file__).parents[1] / folder).iterdir():
            if path.is_file() and not path.name.startswith("."):
                found = asset(f"/{name}/{path.name}")
                assert found is not None, path
                assert found[0] == path.read_bytes()


def test_other_methods_are_refused(server: Server, cookie: str) -> None:
    for method, path in (
        ("GET", "/api/open"),
        ("PUT", "/api/open"),
        ("DELETE", "/"),
        ("POST", "/viewer/story.js"),
    ):
        assert ask(server, method, path, cookie=cookie)[0] in (404, 405)


def test_a_server_stops_and_its_port_is_free_again() -> None:
    server = Server(begin("xor"), port=0)
    assert server.is_running
    server.stop()
    server.stop()
    assert not server.is_running
    assert "stopped" in repr(server)
    with Server(begin("xor"), port=server.port) as again:
        assert again.is_running


# ---- what the page itself gets wrong


def test_what_else_the_address_asks_for_survives_the_token(server: Server, cookie: str) -> None:
    status, headers, _ = ask(server, "GET", f"{path_of(server)}&lang=de&hide=data,quiz", cookie=cookie)
    assert (status, headers["location"]) == (303, "/?lang=de&hide=data%2Cquiz")


def test_half_a_character_is_refused(server: Server, cookie: str) -> None:
    body = b'{"settings": {"data": {"kind": "table", "table": {"name": "\\ud800"}}}}'
    status, _, said = ask(server, "POST", "/api/open", body, cookie=cookie)
    assert status == 400
    assert b"half of a character" in said


def test_an_error_of_the_servers_own_is_an_answer(
    server: Server, cookie: str, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("clearprop.page.requests.Requests.answer", broken)
    status, _, said = ask(server, "POST", "/api/open", {}, cookie=cookie)
    assert status == 500
    assert json.loads(said)["error"]["what"] == "the server met an error of its own"
    assert "ZeroDivisionError" in caplog.text

"""Who may ask: the browser of the person who started the page, and no other page that it shows."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qs, urlencode

from . import limits

Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Message, Receive, Send], Awaitable[None]]

UNKNOWN = "Open the page by the address that `clearprop play` printed; it works once."
BODY_SECONDS = 5.0  # that a request may take to arrive
HEADERS = {
    "content-security-policy": "default-src 'self'; img-src 'self' data:; base-uri 'none'; "
    "form-action 'none'; frame-ancestors 'none'; object-src 'none'",
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cross-origin-opener-policy": "same-origin",
    "cache-control": "no-store",
}


class Guard:
    """Lets requests through to an application that come from the page itself.

    The address that the program prints holds a token. Whoever brings it first gets a cookie, which every
    later request must carry; the token is then worth nothing. A page of another host cannot ask: its
    Origin is not ours, the browser keeps the cookie back from it, and a name that somebody lets point
    to this machine is no Host of ours.

    Args:
        app: the application behind it.
        port: the server's.
    """

    def __init__(self, app: App, port: int, seconds: float = BODY_SECONDS) -> None:
        self.app, self.seconds = app, seconds
        self.hosts = {f"{name}:{port}".encode() for name in ("127.0.0.1", "localhost")}
        self.origins = {b"http://" + host for host in self.hosts}
        self.cookie, self.secret = f"clearprop-{port}", secrets.token_urlsafe(32)
        self.token: str | None = secrets.token_urlsafe(32)

    async def __call__(self, scope: Message, receive: Receive, send: Send) -> None:
        """Answer a request, or hand it on with its whole body."""
        if scope["type"] != "http":
            return  # the server has no websockets, and nothing to do at its start and end
        headers = scope["headers"]
        if [value for name, value in headers if name == b"host"] not in [[host] for host in self.hosts]:
            return await _say(send, 403, "This is not the address of the page.")
        if any(value not in self.origins for name, value in headers if name == b"origin"):
            return await _say(send, 403, "Another page asked for this.")
        asked = parse_qs(scope["query_string"].decode("latin-1"))
        token = asked.pop("token", None)
        is_known = self._is_known(headers)
        if (
            token
            and scope["path"] == "/"
            and scope["method"] == "GET"
            and (is_known or self._takes(token[0]))
        ):
            return await self._welcome(headers, f"/?{urlencode(asked, doseq=True)}" if asked else "/", send)
        if not is_known:
            return await _say(send, 403, UNKNOWN)
        try:
            body = await asyncio.wait_for(_read(receive), self.seconds)
        except TimeoutError:
            return await _say(send, 408, "The request took too long to arrive.")
        if body is None:
            return await _say(send, 413, "The request is too large.")
        await self.app(scope, _given(body, receive), _with_headers(send))

    def _is_known(self, headers: list[tuple[bytes, bytes]]) -> bool:
        for name, value in headers:
            if name == b"cookie":
                try:
                    found = SimpleCookie(value.decode("latin-1")).get(self.cookie)
                except CookieError:
                    continue
                if found is not None and secrets.compare_digest(found.value.encode(), self.secret.encode()):
                    return True
        return False

    def _takes(self, token: str) -> bool:
        """Return whether this is the token; it is used up then."""
        if self.token is None or not secrets.compare_digest(token.encode(), self.token.encode()):
            return False
        self.token = None
        return True

    async def _welcome(self, headers: list[tuple[bytes, bytes]], page: str, send: Send) -> None:
        """Hand out the cookie, and lead on to the page, with what else the address asks for.

        A browser that comes by a link of another site, a notebook's, keeps a strict cookie back when it
        is redirected; a page of ours that reloads itself is none of that site.
        """
        cookie = f"{self.cookie}={self.secret}; Path=/; HttpOnly; SameSite=Strict"
        if (b"sec-fetch-site", b"cross-site") in headers:
            return await _say(send, 200, "One moment …", {"set-cookie": cookie, "refresh": f"0; url={page}"})
        await _say(send, 303, f"The page is at {page}.", {"set-cookie": cookie, "location": page})


async def _read(receive: Receive) -> bytes | None:
    """Return the whole body; None where it is too large."""
    parts: list[bytes] = []
    size = 0
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            return b"".join(parts)
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > limits.BODY_BYTES:
            return None
        if not message.get("more_body", False):
            return b"".join(parts)


def _given(body: bytes, receive: Receive) -> Receive:
    """Return what an application receives whose request has arrived."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def give() -> Message:
        return waiting.pop() if waiting else await receive()

    return give


def _with_headers(send: Send) -> Send:
    async def add(message: Message) -> None:
        if message["type"] == "http.response.start":
            message["headers"] = [*message.get("headers", []), *_encoded(HEADERS)]
        await send(message)

    return add


async def _say(send: Send, status: int, text: str, headers: dict[str, str] | None = None) -> None:
    """Answer with a line of text, and be done with the connection where the request may not have ended."""
    body = f"{text}\n".encode()
    said = {"content-type": "text/plain; charset=utf-8", "content-length": str(len(body)), **(headers or {})}
    if status >= 400:
        said["connection"] = "close"
    start = {"type": "http.response.start", "status": status, "headers": _encoded({**HEADERS, **said})}
    await send(start)
    await send({"type": "http.response.body", "body": body})


def _encoded(headers: dict[str, str]) -> list[tuple[bytes, bytes]]:
    return [(name.encode(), value.encode()) for name, value in headers.items()]

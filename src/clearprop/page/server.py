"""The server: on this machine's own address alone, in a thread of its own."""

from __future__ import annotations

import errno
import socket
import threading
from types import TracebackType

import uvicorn

from ..checks import check_whole
from ..errors import InputError
from .api import make_app
from .guard import Guard
from .link import fragment_of
from .presets import Beginning
from .protocol import Protocol
from .requests import Requests
from .session import Session

HOST, PORT = "127.0.0.1", 8765


class Server:
    """A page that is being served, until `stop()`.

    Attributes:
        url: the address to open once; it holds a token that is then used up.
        port: the port at 127.0.0.1.
        sockets: what it listens at.
    """

    def __init__(self, beginning: Beginning, port: int | None = None, link: str | None = None) -> None:
        requests = Requests(beginning)
        fragment = ""
        if link is not None:
            found, behind = fragment_of(link)
            Session.from_link(found, beginning[1])  # what cannot be opened says so here
            fragment = f"#{behind}"
        bound = _bind(port)
        self.port: int = bound.getsockname()[1]
        self.guard = Guard(make_app(requests), self.port)
        self.url = f"http://{HOST}:{self.port}/?token={self.guard.token}{fragment}"
        config = uvicorn.Config(
            self.guard,
            http=Protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            server_header=False,
            limit_concurrency=64,
            timeout_graceful_shutdown=1,
        )
        self._server = uvicorn.Server(config)
        self.sockets = [bound]
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._server.run(self.sockets)
        finally:
            self._ended.set()

    @property
    def is_running(self) -> bool:
        """Whether the page is being served."""
        return not self._ended.is_set()

    def wait(self) -> None:
        """Wait until the server ends.

        Not for its thread: Python takes one for ended whose `join` Ctrl-C interrupts, and `stop` would
        then not wait for it.
        """
        while not self._ended.wait(0.5):  # in pieces, so that Ctrl-C gets through on every system
            pass

    def stop(self) -> None:
        """End the server; a second time does nothing."""
        self._server.should_exit = True
        self._thread.join(5)

    def __enter__(self) -> Server:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def __repr__(self) -> str:
        return f"<the page at {self.url}>" if self.is_running else "<the page, stopped>"


def _bind(port: int | None) -> socket.socket:
    """Return a socket at the given port, or at the usual one if it is free, else at any.

    Raises:
        InputError: the given port is taken, or none.
    """
    if port is None:
        try:
            return _bound(PORT)
        except OSError:
            return _bound(0)
    if check_whole("port", port, at_least=0) > 65535:
        raise InputError("port does not fit", expected="0 to 65535", got=port)
    try:
        return _bound(port)
    except OSError as error:
        taken = error.errno == errno.EADDRINUSE
        reason = "is taken" if taken else "cannot be used"
        raise InputError(
            f"port {port} {reason}", got=None if taken else error.strerror, hint="another one"
        ) from None


def _bound(port: int) -> socket.socket:
    found = socket.socket(socket.AF_INET, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # Windows, where others could listen at the same port
        found.setsockopt(socket.SOL_SOCKET, socket.SO_EXCLUSIVEADDRUSE, 1)
    else:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind((HOST, port))
        found.listen(64)  # at once: a browser may come before the server's thread has begun
    except OSError:
        found.close()
        raise
    return found

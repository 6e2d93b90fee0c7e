"""All sessions of a server: at most so many, and none for longer than it is used."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from threading import Lock

from . import limits
from .session import Session


class Gone(Exception):
    """The session that was asked for has been dropped."""


class Sessions:
    """Sessions by name; the one that was idle for longest goes where there would be too many."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._lock = clock, Lock()
        self._used: dict[str, tuple[Session, float]] = {}  # the longest idle first

    def add(self, session: Session) -> str:
        """Keep a session, and return its name."""
        name = secrets.token_urlsafe(12)
        with self._lock:
            self._forget()
            while len(self._used) >= limits.SESSIONS:
                del self._used[next(iter(self._used))]
            self._used[name] = session, self._clock()
        return name

    def get(self, name: object) -> Session:
        """Return a session, which is in use again from now on.

        Raises:
            Gone: it has been dropped, or never was.
        """
        with self._lock:
            self._forget()
            found = self._used.pop(name, None) if isinstance(name, str) else None
            if found is None:
                raise Gone
            self._used[str(name)] = found[0], self._clock()
            return found[0]

    def _forget(self) -> None:
        eldest = self._clock() - limits.IDLE
        for name in [name for name, (_, used) in self._used.items() if used < eldest]:
            del self._used[name]

    def __len__(self) -> int:
        return len(self._used)

"""The present story and network as files."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import NamedTuple

from ..checks import check_name
from ..formats import model
from .code import to_python
from .session import Session


class File(NamedTuple):
    """A file to hand over: its name, its media type, its bytes."""

    name: str
    kind: str
    content: bytes


ENDINGS = {
    "html": ("clearprop.html", "text/html"),
    "latex": ("clearprop.tex", "application/x-tex"),
    "markdown": ("clearprop.md", "text/markdown"),
    "json": ("clearprop.json", "application/json"),
    "model": ("clearprop.safetensors", "application/octet-stream"),
    "python": ("clearprop_step.py", "text/x-python"),
}


def export(session: Session, kind: object) -> File:
    """Return the story on screen, or the network, as a file.

    Raises:
        InputError: an unknown kind, or there is no story.
    """
    name, media = ENDINGS[check_name("kind of export", kind, ENDINGS)]
    return File(name, media, _content(session, str(kind)))


def _content(session: Session, kind: str) -> bytes:
    if kind == "model":
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "model.safetensors")
            model.save(session.net, path, training=True)
            return path.read_bytes()
    if kind == "python":
        return to_python(session).encode()
    options = {"standalone": True} if kind == "latex" else {}
    text: str = getattr(session.told, f"to_{kind}")(**options)
    return text.encode()

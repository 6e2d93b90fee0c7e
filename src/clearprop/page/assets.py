"""The files that the page is made of: its own, and those of the viewer, which exported pages hold too."""

from __future__ import annotations

from importlib.resources import files
from importlib.resources.abc import Traversable

from .. import story

TYPES = {
    "css": "text/css; charset=utf-8",
    "html": "text/html; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "json": "application/json",
    "svg": "image/svg+xml",
}


def asset(path: str) -> tuple[bytes, str] | None:
    """Return the content and the media type of a file that the page may load; None where there is none.

    A path is a name on a list, never a way through the file system.
    """
    folders = {"page": _static(), "viewer": files(story).joinpath("page", "viewer")}
    folder, _, name = ("page", "", "play.html") if path == "/" else path.removeprefix("/").partition("/")
    if folder not in folders:
        return None
    for each in folders[folder].iterdir():
        kind = TYPES.get(each.name.rpartition(".")[2])
        if each.name == name and kind is not None and each.is_file():
            return each.read_bytes(), kind
    return None


def _static() -> Traversable:
    return files(__package__).joinpath("static")

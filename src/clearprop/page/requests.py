"""The requests of the page, by name: plain JSON in, plain JSON out. Each is a few calls of a session."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ..checks import check_name, check_whole
from ..errors import InputError
from ..loss import LOSSES
from ..rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS
from ..story.page.payload import path_data, plain_number, zoom_data
from . import limits
from .exports import File, export
from .gallery import PRESETS
from .presets import Beginning, Origin, begin
from .session import Session
from .sessions import Sessions
from .settings import INITS, KINDS, STEPPING, UPDATES, Settings
from .tables import look
from .view import view

Body = Mapping[str, Any]


class Outdated(Exception):
    """A request believes in a generation that is past."""


def choices() -> dict[str, Any]:
    """Return the names of all that can be chosen, and the limits."""
    return {
        "activations": list(HIDDEN_ACTIVATIONS),
        "outputs": ["auto", *OUTPUT_ACTIVATIONS],
        "losses": [
            ["auto", None],
            *([name, next(iter(kind.options), None)] for name, kind in LOSSES.items()),
        ],
        "optimizers": list(STEPPING),
        "updates": list(UPDATES),
        "initializers": list(INITS),
        "data": [kind for kind in KINDS if kind != "preset"],
        "presets": list(PRESETS),
        "limits": limits.as_json(),
    }


class Requests:
    """What the page may ask.

    Args:
        beginning: what a tab begins with.
    """

    def __init__(self, beginning: Beginning) -> None:
        self.sessions, self._beginning = Sessions(), beginning
        Session(*beginning)  # what cannot be says so here, not in the browser

    def answer(self, name: str, body: Body) -> dict[str, Any] | File:
        """Answer one request.

        Raises:
            InputError: a request that does not fit; nothing is changed.
            Gone, Outdated: the session, or the generation, is past.
        """
        check_name("request", name, [*CHANGES, *QUESTIONS, "open", "look", "table"])
        if name == "table":
            return look(body.get("text"))
        if name == "open":
            return self._open(body)
        session = self.sessions.get(body.get("session"))
        with session.lock:
            if name == "look":
                session.is_other_data = True  # to whoever comes back to it
                return view(body["session"], session, 0)
            if name in QUESTIONS:
                return QUESTIONS[name](session, body)
            if body.get("generation") != session.generation:
                raise Outdated
            known = check_whole("curve_from", body.get("curve_from", 0), at_least=0)
            CHANGES[name](session, body)
            return view(body["session"], session, known)

    def _open(self, body: Body) -> dict[str, Any]:
        given = [name for name in ("link", "settings", "preset") if body.get(name) is not None]
        if len(given) > 1:
            raise InputError("one thing at a time can be opened", got=" and ".join(given))
        if not given:
            session = Session(*self._beginning)
        elif given == ["link"]:
            session = Session.from_link(body["link"], self._beginning[1])
        elif given == ["preset"]:
            session = Session(*begin(body["preset"]))
        else:
            settings = Settings().changed(body["settings"])
            session = Session(settings, begin(settings.preset)[1] if settings.preset else Origin())
        return view(self.sessions.add(session), session, 0)


def _zoom(session: Session, body: Body) -> dict[str, Any]:
    """Return how an entry comes about, as in the story's payload, with the numbers that stand in it."""
    story = session.told
    name, index = _place(body)
    one = story.zoom(name, *index)
    if one.spread is None:
        return {"generation": session.generation, "zoom": None, "values": []}
    zoom, _ = zoom_data(story, one.name, one.index)
    values = [[each.name, list(each.index), plain_number(each.value)] for each in one.operands]
    values.append([one.name, list(one.index), plain_number(one.value)])
    return {"generation": session.generation, "zoom": zoom, "values": values}


def _paths(session: Session, body: Body) -> dict[str, Any]:
    """Return a weight's gradient as a sum over paths; null for what is no weight, nor the gradient of one."""
    story = session.told
    name, index = _place(body)
    known = {one for link in story.chain for one in (link.W, link.b, f"d{link.W}", f"d{link.b}")}
    found = path_data(story.paths(name, *index, limit=6)) if name in known else None
    return {"generation": session.generation, "paths": found}


def _place(body: Body) -> tuple[str, list[int]]:
    name, index = body.get("name"), body.get("index", [])
    if not isinstance(name, str) or not isinstance(index, list):
        raise InputError("this names no entry", expected="a name and an index", got=f"{name!r:.40}")
    return name, [check_whole("index", place, at_least=0) for place in index]


def _export(session: Session, body: Body) -> File:
    return export(session, body.get("kind"))


CHANGES: dict[str, Callable[[Session, Body], None]] = {
    "set": lambda session, body: session.set(body.get("changes")),
    "edit": lambda session, body: session.edit(body.get("name"), body.get("index"), body.get("value")),
    "step": lambda session, body: session.step(body.get("unit")),
    "back": lambda session, body: session.back(body.get("unit")),
    "reset": lambda session, body: session.reset(),
    "train": lambda session, body: session.frame(body.get("budget")),
    "settle": lambda session, body: session.settle(),
}
QUESTIONS: dict[str, Callable[[Session, Body], dict[str, Any] | File]] = {
    "zoom": _zoom,
    "paths": _paths,
    "export": _export,
}

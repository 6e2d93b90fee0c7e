"""What a session answers: where it stands, in plain JSON. Every number is one of the network's own."""

from __future__ import annotations

import math
from typing import Any

from ..story.page.page import parts
from .link import encode
from .outline import outline
from .pictures import picture
from .presets import example
from .session import Session


def view(name: str, session: Session, known: int) -> dict[str, Any]:
    """Return the view of a session, to somebody who knows so many points of its curves.

    A part that is None is as it was: while it trains there is no story, and no link. A link is "" where
    the state is too large for one.
    """
    training, is_at_rest, story = session.training, session.is_at_rest, _story(session)
    answer = {
        "session": name,
        "generation": session.generation,
        "settings": _settings(session),
        "example": example(session.settings),
        "place": {
            "epoch": session.net.epochs,
            "batch": training.batch,
            "batches": training.batches,
            "steps": training.steps,
            "can_go_back": bool(training.trail),
            "rows": training.rows.tolist(),
        },
        "figures": plain(session.figures),
        "curve": plain(session.curves.since(known)),
        "data": session.data.as_json() if session.is_other_data else None,
        "picture": picture(session.net, session.data),
        "story": story,
        "is_told": session.story is not None,
        "notes": [] if story is None else story["data"]["notes"],
        "weights": {name: array.tolist() for name, array in session.net.parameters.items()},
        "link": encode(session) if is_at_rest else None,
        "diverged": session.diverged,
    }
    session.is_other_data = False
    return answer


def _story(session: Session) -> dict[str, Any] | None:
    if session.story is not None:
        return parts(session.story, zooms=False)
    return outline(session) if session.is_at_rest else None


def _settings(session: Session) -> dict[str, Any]:
    """Return the settings; the text of a table goes out with its data only, else it is None."""
    settings = session.settings.as_json()
    if settings["data"]["table"] is not None and not session.is_other_data:
        settings["data"]["table"]["text"] = None
    return settings


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: infinities and NaN in words that JavaScript reads as numbers."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value

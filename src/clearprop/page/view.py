"""What a session answers: where it stands, in plain JSON. Every number is one of the network's own."""

from __future__ import annotations

import math
from typing import Any

from ..story.page.page import parts
from .gallery import PRESETS
from .link import encode
from .pictures import picture
from .session import Session


def view(name: str, session: Session, known: int) -> dict[str, Any]:
    """Return the view of a session, to somebody who knows so many points of its curves."""
    training, is_at_rest = session.training, session.is_at_rest
    shown = None if session.story is None else parts(session.story, zooms=False)
    answer = {
        "session": name,
        "generation": session.generation,
        "settings": _settings(session),
        "preset": _preset(session.settings.preset),
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
        "story": shown,
        "weights": {name: array.tolist() for name, array in session.net.parameters.items()},
        "notes": [] if shown is None else shown["data"]["notes"],
        "link": encode(session) if is_at_rest else None,
        "diverged": session.diverged,
    }
    session.is_other_data = False
    return answer


def _settings(session: Session) -> dict[str, Any]:
    """Return the settings; the text of a table goes out with its data only, else it is None."""
    settings = session.settings.as_json()
    if settings["data"]["table"] is not None and not session.is_other_data:
        settings["data"]["table"]["text"] = None
    return settings


def _preset(name: str | None) -> dict[str, str] | None:
    preset = PRESETS.get(name) if name is not None else None
    return None if preset is None else {"name": str(name), "title": preset.title, "text": preset.text}


def plain(value: Any) -> Any:
    """Return a value as JSON can hold it: infinities and NaN in words that JavaScript reads as numbers."""
    if isinstance(value, dict):
        return {name: plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(one) for one in value]
    if isinstance(value, float) and not math.isfinite(value):
        return "NaN" if math.isnan(value) else "Infinity" if value > 0 else "-Infinity"
    return value

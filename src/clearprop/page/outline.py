"""What is shown of a network whose next step diverges: its layers and what is given, and nothing computed."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

import numpy as np

from ..rules.array import Array
from ..story.numbers import summary
from ..story.page.page import parts
from ..story.page.payload import plain_number
from .building import explain_options
from .session import Session


def outline(session: Session) -> dict[str, Any]:
    """Return the parts of a page as a story's, without steps and without computed numbers.

    Names and shapes are those of a story of the same network with zeros for its inputs and weights,
    which diverges for nobody; of its numbers none is kept.
    """
    data, rows, blank = session.training.data, session.training.rows, deepcopy(session.net)
    blank.memory = None
    blank.parameters.vector[:] = 0
    X, Y = data.X[rows], data.T[rows]
    targets = Y if session.data.classes else np.zeros_like(Y)
    options = explain_options(session.settings, session.data, blank)
    shown = parts(blank.explain(np.zeros_like(X), targets, **options), zooms=False)
    given = {"X": X, "Y": Y, **session.net.parameters}
    layers = shown["data"]["layers"]
    computed = {link[part] for link in layers for part in ("Z", "A")}
    arrays = {
        name: array | _numbers(given.get(name))
        for name, array in shown["data"]["arrays"].items()
        if name in given or name in computed
    }
    kept = {"arrays": arrays, "layers": layers, "loss": "NaN", "lossAfter": None}
    nothing: dict[str, Any] = {"steps": [], "notes": [], "templates": {}, "zooms": {}, "paths": {}}
    return {**shown, "data": kept | nothing, "articles": ""}


def _numbers(array: Array | None) -> dict[str, Any]:
    """Return what an array of the page says of its numbers; nothing where these are not known."""
    if array is None:
        return {"values": [], "summary": "", "size": 0}
    finite = np.abs(array[np.isfinite(array)])
    return {
        "values": [plain_number(one) for one in array.ravel().tolist()],
        "summary": summary(array),
        "size": plain_number(finite.max(initial=0)),
    }

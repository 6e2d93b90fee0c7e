"""Training in frames: as many epochs as fit into the time that a picture may take."""

from __future__ import annotations

import time

from ..compiled import choose_engine
from ..errors import DivergedError
from ..optimizers import Optimizer
from .state import Training


def train(training: Training, optimizer: Optimizer, until: float) -> DivergedError | None:
    """Train until a moment of `time.perf_counter`; return why a step cannot be made that diverges.

    The compiled engine makes whole epochs, as many at a time as the last ones leave room for; without
    it, and to the end of an epoch under way, steps are made one by one. All rows take their turn, also
    where some are in focus.
    """
    whole, epochs = choose_engine("auto") == "native", 1
    try:
        while time.perf_counter() < until:
            if not whole or training.batch:
                training.turn(optimizer)
                continue
            began = time.perf_counter()
            try:
                training.fit(optimizer, epochs)
            except DivergedError:  # nothing was changed: now step by step, up to the one that diverges
                whole = False
                continue
            now = time.perf_counter()
            room = (until - now) / max((now - began) / epochs, 1e-6)
            if room < 1:
                return None
            epochs = max(1, int(0.8 * room))
    except DivergedError as error:
        return error
    return None

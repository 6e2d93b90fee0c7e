"""What only the command knows of a story: which rows of the data it tells, and how the model was trained."""

from __future__ import annotations

import dataclasses
from typing import Any

from ..optimizers import LBFGS, OPTIMIZERS
from ..story import Story

__all__ = ["rows_of", "with_origin"]


def rows_of(step: range, source: str, count: int, total: int) -> str:
    """Return which rows make a step: "10 to 12 of customers.csv, counted from 0".

    Args:
        step: the rows.
        source: the name of the data.
        count: how many rows the step could have been of.
        total: how many rows the data have, those without a target included.
    """
    rows = f"{step[0]}" if len(step) == 1 else f"{step[0]} to {step[-1]}"
    among = source if count == total else f"the {count} rows of {source} that have a target"
    return f"{rows} of {among}, counted from 0"


def with_origin(story: Story, model: Any, rows: str | None, optimizer: str | None) -> Story:
    """Return the story with lines in its header: the rows, and the training where it stepped otherwise.

    Args:
        story: the story.
        model: what it is of.
        rows: which rows of the data; None leaves this out.
        optimizer: the one that the story steps with, by name; None is plain gradient descent.
    """
    lines = {"rows": rows, "trained with": _training(model, optimizer or "sgd")}
    added = tuple((term, text) for term, text in lines.items() if text is not None)
    return dataclasses.replace(story, header=(*story.header, *added))


def _training(model: Any, chosen: str) -> str | None:
    """Return what the model was trained with; None where it was not, or with what the story shows."""
    history = getattr(getattr(model, "network_", model), "history", None)
    settings = {} if history is None else history.settings
    written = settings.get("optimizer")
    name = str(written.get("name", "")) if isinstance(written, dict) else str(written or "")
    if name.lower() in ("", chosen):
        return None
    batch = f", batches of {settings['batch_size']}" if settings.get("batch_size") else ""
    shown = "plain gradient descent" if chosen == "sgd" else f"one of {OPTIMIZERS[chosen].__name__}"
    if name == LBFGS.__name__:
        return f"L-BFGS, which has no single step; this step is {shown}"
    takes = f": --optimizer {name.lower()} takes {name}'s" if name.lower() in OPTIMIZERS else ""
    return f"{name}{batch}; this step is {shown}{takes}"

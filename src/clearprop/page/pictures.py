"""What the network answers around the data: over the plane of two inputs, or as curves over one."""

from __future__ import annotations

from base64 import b64encode
from typing import Any

import numpy as np

from ..network import Network
from ..rules.array import Array
from .datasets import Dataset

CELLS = 48  # of the plane, along each axis
POINTS = 120  # of a curve
LARGEST = 1e300  # that is drawn
MARGIN = 0.1  # of the data's range, drawn around them


def picture(net: Network, data: Dataset) -> dict[str, Any]:
    """Return the answers as the page draws them.

    Over one input: `x`, and in `y` a list of numbers for each output. Over a plane: `values`, a byte a
    cell, row by row from the top (the largest second input). For two classes a byte is the second
    one's probability, 0 to 255; for more it is the number of the likeliest; for a number it stands
    between the ends of `range`, and of several numbers the first is drawn. With more than two inputs
    the first two are drawn, and the others stand at their means.
    """
    if len(data.inputs) == 1:
        x = np.linspace(*_range(data.X[:, 0]), POINTS)
        return {"kind": "curve", "x": x.tolist(), "y": _finite(net.forward(x[:, None])).T.tolist()}
    ranges = [_range(data.X[:, axis]) for axis in (0, 1)]
    x, y = (np.linspace(*ends, CELLS) for ends in ranges)
    places = np.tile(data.X.mean(axis=0), (CELLS * CELLS, 1))
    places[:, 0], places[:, 1] = np.tile(x, CELLS), np.repeat(y[::-1], CELLS)
    values, ends = _bytes(_finite(net.forward(places)), len(data.classes))
    return {
        "kind": "plane",
        "x": list(ranges[0]),
        "y": list(ranges[1]),
        "size": [CELLS, CELLS],
        "values": b64encode(values.astype(np.uint8).tobytes()).decode(),
        "range": ends,
        "classes": len(data.classes),
        "axes": [0, 1],
    }


def _bytes(A: Array, classes: int) -> tuple[Array, list[float]]:
    """Return outputs as bytes (cells,), and what 0 and 255 stand for."""
    if A.shape[1] > 1 and classes:
        if classes > 2:
            return A.argmax(axis=1), [0, classes - 1]
        A = A[:, 1:]
    low, high = (0.0, 1.0) if classes else (float(A[:, 0].min()), float(A[:, 0].max()))
    share = np.clip((A[:, 0] - low) / (high - low), 0, 1) if high > low else np.full(len(A), 0.5)
    return np.round(255 * share), [low, high]


def _range(values: Array) -> tuple[float, float]:
    low, high = np.clip([values.min(), values.max()], -LARGEST, LARGEST).tolist()
    margin = MARGIN * (high - low) or 1.0
    return low - margin, high + margin


def _finite(A: Array) -> Array:
    """Return outputs with the largest numbers in place of infinity: a picture only."""
    found: Array = np.clip(np.nan_to_num(A), -LARGEST, LARGEST)
    return found

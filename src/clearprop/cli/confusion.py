"""The confusion matrix in a terminal: whole where it fits, else the confusions that are most frequent."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .console import Screen
from .text import figures, short

__all__ = ["confusions", "show_confusion"]

MOST_CONFUSIONS = 10
NAME_WIDTH = 14


def show_confusion(screen: Screen, matrix: NDArray[np.int64], names: Sequence[str]) -> None:
    """Print how often each class (row) was taken for each class (column)."""
    labels = [short(name, NAME_WIDTH) for name in names]
    cells = [[figures(int(count)) if count else "·" for count in row] for row in matrix]
    widths = [max(len(label), *(len(row[k]) for row in cells)) for k, label in enumerate(labels)]
    screen.title("confusion matrix (row: true class, column: predicted)")
    if max(map(len, labels)) + sum(widths) + 2 * (len(widths) + 1) <= screen.width:
        screen.table(["", *labels], [[label, *row] for label, row in zip(labels, cells, strict=True)])
        return
    found = confusions(matrix, names)
    screen.line(f"too wide for this terminal; the most frequent confusions of {len(found)}:")
    body = [[short(a, NAME_WIDTH), short(b, NAME_WIDTH), figures(n)] for a, b, n in found[:MOST_CONFUSIONS]]
    screen.table(["true", "taken for", "rows"], body, left=2)


def confusions(matrix: NDArray[np.int64], names: Sequence[str]) -> list[tuple[str, str, int]]:
    """Return (true class, predicted class, rows) of all that went wrong, the most frequent first."""
    wrong = [(a, b) for a, b in zip(*np.nonzero(matrix), strict=True) if a != b]
    ranked = sorted(wrong, key=lambda place: (-matrix[place], *place))
    return [(names[a], names[b], int(matrix[a, b])) for a, b in ranked]

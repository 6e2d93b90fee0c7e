"""How all pictures look: sign as colour, magnitude as lightness, numbers of four digits."""

from __future__ import annotations

from os import PathLike
from typing import Any

import numpy as np

from ..plots import BLUE, ORANGE, new_figure
from ..rules.array import Array

StrPath = str | PathLike[str]

INK, PALE = "#1f2937", "#e5e7eb"
NAME_SIZE, LONGEST_NAME = 8, 24  # points, letters
NEGATIVE, POSITIVE = (0.76, 0.25, 0.05), (0.11, 0.31, 0.85)  # darker than orange and blue, for thin lines


def axes_for(ax: Any, width: float, height: float) -> tuple[Any, Any]:
    """Return the figure and the axes to draw into: the given ones, or new ones of that size in inches."""
    if ax is not None:
        return ax.get_figure(root=True), ax
    figure = new_figure(width, height)
    return figure, figure.subplots()


def letters_beside(ax: Any, inside: float = 0.0) -> tuple[int, int]:
    """Return how many letters of a name have room left and right of axes.

    A figure with a layout engine makes room by itself; in any other, a name too long would be cut off.

    Args:
        ax: the axes.
        inside: how far within the axes a name begins, as a share of their width.
    """
    figure = ax.get_figure(root=True)
    if figure.get_layout_engine() is not None:
        return LONGEST_NAME, LONGEST_NAME
    ax.apply_aspect()
    box, inches = ax.get_position(), figure.get_figwidth()
    rooms = [(side + inside * box.width) * inches - 0.15 for side in (box.x0, 1 - box.x1)]  # less the ticks
    left, right = (int(72 * room / (0.7 * NAME_SIZE)) for room in rooms)
    return min(max(left, 3), LONGEST_NAME), min(max(right, 3), LONGEST_NAME)


def shades(values: Array, largest: float) -> Array:
    """Return a colour (…, 3) for each value: orange below 0, blue above, paler the smaller."""
    strength = 0.2 + 0.8 * np.abs(values)[..., None] / (largest or 1.0)
    return np.asarray(1 - strength * (1 - np.where(values[..., None] < 0, NEGATIVE, POSITIVE)))


def sign_colors(*, pale: bool = False) -> Any:
    """Return the colour map from orange over white to blue; a pale one lies behind points."""
    from matplotlib.colors import LinearSegmentedColormap

    ends = ("#f9b384", "white", "#93b4f5") if pale else ("#7c2d12", ORANGE, "white", BLUE, "#172554")
    return LinearSegmentedColormap.from_list("sign", ends)


def mix(color: str, share: float) -> tuple[float, ...]:
    """Return a colour with white: that share of it is the colour."""
    from matplotlib.colors import to_rgb

    return tuple(1 - share * (1 - part) for part in to_rgb(color))

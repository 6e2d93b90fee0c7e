"""The weights of a layer as images."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from ..checks import check_whole
from ..errors import InputError
from ..plots import saved, short_name
from ..rules.array import Array
from ..story.numbers import number
from .style import LONGEST_NAME, NAME_SIZE, PALE, StrPath, axes_for, letters_beside, sign_colors
from .subject import input_names_of, network_of

MOST_TILES = 64
MOST_CELLS, MOST_NAMES = 12, 20  # more rows of a matrix leave no room for numbers, or for names


@dataclass(eq=False)
class WeightsDisplay:
    """The weights of one layer: what each unit looks for.

    With a shape, the weights into each unit are one tile in the shape of its inputs, such as 28 × 28
    pixels, the first 64 units at most; without, they are the columns of the matrix W. One scale of
    colours for all: white is 0, orange is negative, blue positive.

    Attributes:
        weights: W (inputs, units).
        layer: its number, from 1; its units are counted from 0, as in W[input, unit].
        shape: that of a tile, or None.
        input_names: the names of the matrix's rows; those of further layers are the numbers of units.
    """

    weights: Array
    layer: int
    shape: tuple[int, int] | None
    input_names: list[str]
    figure_: Any = field(default=None, init=False, repr=False)
    ax_: Any = field(default=None, init=False, repr=False)

    @classmethod
    def from_network(
        cls, net: Any, *, layer: int = 1, shape: tuple[int, int] | None = None, ax: Any = None
    ) -> Self:
        """Draw the weights of one layer of a network, or of a fitted estimator.

        Args:
            net: the network or estimator.
            layer: the layer's number, from 1.
            shape: (rows, columns) of a tile, whose product is the number of the layer's inputs.
            ax: matplotlib axes to draw into; None makes a figure.

        Raises:
            InputError: no network, no such layer, or a shape that does not fit its inputs.
            MissingExtraError: matplotlib is not installed.
        """
        network = network_of(net)
        if check_whole("layer", layer, at_least=1) > len(network.layers):
            raise InputError("there is no such layer", expected=f"1 to {len(network.layers)}", got=layer)
        W = network.parameters[network.layers[layer - 1].W].copy()
        if shape is not None and (len(shape) != 2 or math.prod(shape) != len(W)):
            raise InputError(
                "shape does not fit", expected=f"(rows, columns) of product {len(W)}", got=repr(shape)
            )
        names = input_names_of(net) if layer == 1 else [str(k) for k in range(len(W))]
        return cls(W, layer, shape, names).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw into these axes, or into a figure of its own."""
        units = self.weights.shape[1]
        image, height = self._montage(self.shape) if self.shape else (self.weights, 4.2)
        rows, columns = image.shape
        aspect = "equal" if self.shape or max(rows, columns) <= 4 * min(rows, columns) else "auto"
        width = min(max(height * columns / rows, 2.4), 8.0) if aspect == "equal" else 6.0
        if self._is_named:
            width += 0.08 * min(max(map(len, self.input_names)), LONGEST_NAME)
        self.figure_, self.ax_ = axes_for(ax, width + 1.2, height)
        largest = float(np.abs(self.weights).max()) or 1.0
        colors = sign_colors().with_extremes(bad=PALE)  # between the tiles
        drawn = self.ax_.imshow(
            image, cmap=colors, vmin=-largest, vmax=largest, aspect=aspect, interpolation="nearest",
            extent=(-0.5, columns - 0.5, rows - 0.5, -0.5),
        )  # fmt: skip
        bar = self.figure_.colorbar(drawn, ax=self.ax_, fraction=0.046, pad=0.03)
        bar.ax.set_title("weight", fontsize=NAME_SIZE)
        if self.shape:
            self.ax_.set_axis_off()
            shown = f"the first {MOST_TILES} of {units} units" if units > MOST_TILES else f"{units} units"
            self.ax_.set_title(f"W{self.layer}, {shown}", loc="left")
        else:
            self._label(largest)
        return self

    def save(self, path: StrPath) -> None:
        """Write the picture in the format of the path's ending: .png, .svg, .pdf, …"""
        saved(self.figure_ or self.plot().figure_, path)

    @property
    def _is_named(self) -> bool:
        return self.shape is None and len(self.weights) <= MOST_NAMES

    def _montage(self, shape: tuple[int, int]) -> tuple[Array, float]:
        """Return all tiles as one image, a line of nothing between them, and its height in inches."""
        tiles = self.weights.T[:MOST_TILES].reshape(-1, *shape)
        across = math.ceil(math.sqrt(len(tiles) * shape[0] / shape[1]))
        down = math.ceil(len(tiles) / across)
        h, w = shape[0] + 1, shape[1] + 1
        image = np.full((down * h - 1, across * w - 1), np.nan)
        for k, tile in enumerate(tiles):
            top, left = k // across * h, k % across * w
            image[top : top + h - 1, left : left + w - 1] = tile
        return image, min(1.0 + 0.8 * down, 6.5)

    def _label(self, largest: float) -> None:
        rows, columns = self.weights.shape
        self.ax_.set_title(f"W{self.layer}, {rows} × {columns}", loc="left")
        self.ax_.set_xlabel("unit")
        if self.layer > 1 or not self._is_named:
            self.ax_.set_ylabel("input" if self.layer == 1 else f"unit of layer {self.layer - 1}")
        if self._is_named:
            letters, _ = letters_beside(self.ax_)
            names = [short_name(name, letters) for name in self.input_names]
            self.ax_.set_yticks(range(rows), names, parse_math=False, fontsize=NAME_SIZE)
        self.ax_.xaxis.get_major_locator().set_params(integer=True, min_n_ticks=1)
        if max(rows, columns) > MOST_CELLS:
            return
        for (i, j), weight in np.ndenumerate(self.weights):
            color = "white" if abs(weight) > 0.4 * largest else "black"
            self.ax_.text(j, i, number(weight, 2), ha="center", va="center", fontsize=7, color=color)

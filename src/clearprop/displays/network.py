"""The network as units and edges, with its weights, its gradients and what its units say."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any, Self

import numpy as np

from .. import passes
from ..arrays import as_inputs
from ..checks import check_name
from ..errors import InputError
from ..ops import reference
from ..plots import saved, short_name
from ..rules.array import Array
from ..story.numbers import number
from .style import INK, NAME_SIZE, NEGATIVE, PALE, POSITIVE, StrPath, axes_for, letters_beside, shades
from .subject import gradients_of, input_names_of, inputs_of, network_of, output_names_of

MOST_UNITS, ENDS = 16, 6  # a layer with more units is drawn as its first and last six
MOST_NUMBERS, MOST_PAIRS = 12, 6  # more edges between two layers leave no room for one number each, or two
MOST_DASHES = 150  # and more in all, none for dashes
MOST_VALUES = 10  # more units in a layer leave no room for a number in each
EDGE, ASIDE = 0.3, 0.16  # columns from the outer units to the frame, and to their names


@dataclass(eq=False)
class NetworkDisplay:
    """A network as units and edges, from its inputs on the left to its outputs on the right.

    An edge is a weight, or its gradient: blue and solid above 0, orange and dashed below, the wider the
    larger. With inputs, each unit shows its activation, on average over the samples. Where there is
    room, each edge has its number, and with targets its gradient ∂ below it.

    Attributes:
        weights: W (inputs, units) of each layer.
        gradients: ∂L/∂W of each layer, or None without targets.
        activations: (units,) of the inputs, then of each layer: the mean over the samples, or None.
        titles: what stands above the inputs and above each layer.
        input_names, output_names: what stands beside them.
        samples: how many there were, or None.
    """

    weights: list[Array]
    gradients: list[Array] | None
    activations: list[Array] | None
    titles: list[str]
    input_names: list[str]
    output_names: list[str]
    samples: int | None = None
    figure_: Any = field(default=None, init=False, repr=False)
    ax_: Any = field(default=None, init=False, repr=False)

    @classmethod
    def from_network(
        cls, net: Any, X: Any = None, Y: Any = None, *, edges: str = "weights", ax: Any = None
    ) -> Self:
        """Draw a network, or that of a fitted estimator.

        Args:
            net: the network or estimator.
            X: inputs (n, in), for an estimator as in its `fit`; None draws the units empty.
            Y: targets, likewise; None leaves gradients out.
            edges: "weights" or "gradients".
            ax: matplotlib axes to draw into; None makes a figure.

        Raises:
            InputError: no network, arrays that do not fit it, or gradients without X and Y.
            MissingExtraError: matplotlib is not installed.
        """
        network, inputs, gradients, activations = network_of(net), None, None, None
        if X is not None:
            inputs = as_inputs(inputs_of(net, X), network.sizes[0], network.dtype)
            seen = passes.forward(reference, network.layers, network.parameters, inputs, {})
            activations = [array.mean(axis=0) for array in (inputs, *(layer.A for layer in seen))]
        if Y is not None:
            if inputs is None:
                raise InputError("gradients need data", expected="X and Y", got="Y alone")
            by_name = gradients_of(net, X, Y)
            gradients = [by_name[f"d{layer.W}"] for layer in network.layers]
        return cls(
            [network.parameters[layer.W].copy() for layer in network.layers],
            gradients,
            activations,
            ["inputs", *(f"layer {layer.number}\n{layer.activation}" for layer in network.layers)],
            input_names_of(net),
            output_names_of(net),
            None if inputs is None else len(inputs),
        ).plot(ax, edges=edges)

    def plot(self, ax: Any = None, *, edges: str = "weights") -> Self:
        """Draw into these axes, or into a figure of its own; edges: "weights" or "gradients".

        Raises:
            InputError: gradients that were not computed.
        """
        is_weights = check_name("edges", edges, ("weights", "gradients")) == "weights"
        shown = self.weights if is_weights else self.gradients
        if shown is None:
            raise InputError("there are no gradients to draw", expected="X and Y", got="none")
        columns = [_rows(size) for size in (len(shown[0]), *(matrix.shape[1] for matrix in shown))]
        top = max(max(rows.values()) for rows in columns)
        self.figure_, self.ax_ = axes_for(ax, 1.6 + 1.7 * len(columns), 1.5 + 1.24 * max(top, 0.9))
        largest = max(float(np.abs(matrix).max()) for matrix in shown) or 1.0
        dashes = sum(len(a) * len(b) for a, b in pairwise(columns)) <= MOST_DASHES
        for k, matrix in enumerate(shown):
            self._draw_edges(k, matrix, columns[k], columns[k + 1], largest, dashes)
        self.ax_.set_xlim(-EDGE, len(shown) + EDGE)
        letters = letters_beside(self.ax_, (EDGE - ASIDE) / (len(shown) + 2 * EDGE))
        for k, rows in enumerate(columns):
            self._draw_units(k, rows)
            self._draw_names(k, rows, letters)
            self.ax_.text(k, top + 0.45, self.titles[k], ha="center", va="bottom", fontsize=8, color=INK)
        self._explain("weight" if is_weights else "∂L/∂weight", largest, dashes)
        self.ax_.set_ylim(-top - 0.3, top + 0.5)
        self.ax_.set_axis_off()
        return self

    def save(self, path: StrPath) -> None:
        """Write the picture in the format of the path's ending: .png, .svg, .pdf, …"""
        saved(self.figure_ or self.plot().figure_, path)

    def _draw_edges(
        self,
        k: int,
        matrix: Array,
        left: dict[int, float],
        right: dict[int, float],
        largest: float,
        dashes: bool,
    ) -> None:
        """Draw what goes from column k to the next, the largest on top."""
        from matplotlib.collections import LineCollection

        pairs = [(i, j) for i in left for j in right]
        pairs.sort(key=lambda pair: abs(matrix[pair]))
        values = np.array([matrix[pair] for pair in pairs])
        self.ax_.add_collection(
            LineCollection(
                [[(k, left[i]), (k + 1, right[j])] for i, j in pairs],
                colors=shades(values, largest),
                linewidths=0.4 + 3.0 * np.abs(values) / largest,
                linestyles=[(0, (4, 2)) if dashes and value < 0 else "solid" for value in values],
                zorder=1,
            )
        )
        for i, j in pairs if len(pairs) <= MOST_NUMBERS else []:
            numbers = [number(matrix[i, j], 3)]
            if self.gradients and matrix is self.weights[k] and len(pairs) <= MOST_PAIRS:
                numbers.append(f"∂ {number(self.gradients[k][i, j], 3)}")
            self._write_edge(k + 0.3 + 0.14 * (i % 2), k, left[i], right[j], "\n".join(numbers))

    def _write_edge(self, x: float, k: int, start: float, end: float, text: str) -> None:
        """Write on an edge at x; the callers' places alternate, so that few texts meet."""
        self.ax_.text(
            x, start + (x - k) * (end - start), text, fontsize=6.5, color=INK, ha="center", va="center",
            linespacing=1.0, zorder=2,
            bbox={"facecolor": "white", "edgecolor": "none", "pad": 0.6},
        )  # fmt: skip

    def _draw_units(self, k: int, rows: dict[int, float]) -> None:
        """Draw the units of column k, with their activations where they are known."""
        colors: Any = "white"
        if self.activations is not None:
            values = self.activations[k]
            behind = shades(values[list(rows)], float(np.abs(values).max()))
            colors = 1 - 0.55 * (1 - behind)  # paler, as a number stands on it
            for unit, y in rows.items() if len(rows) <= MOST_VALUES else []:
                self._write(k, y, number(values[unit], 2), ha="center", fontsize=6)
        heights = list(rows.values())
        self.ax_.scatter([k] * len(rows), heights, s=600, c=colors, edgecolors=INK, linewidths=0.9, zorder=3)

    def _draw_names(self, k: int, rows: dict[int, float], letters: tuple[int, int]) -> None:
        """Name inputs and outputs, with so many letters at most, and say how many units are not drawn."""
        last = len(self.weights)
        size = len(self.weights[0]) if k == 0 else self.weights[k - 1].shape[1]
        if len(rows) < size:
            self._write(k, 0, "⋮", ha="center", fontsize=14)
            self._write(k + 0.1, 0, f"{size - len(rows)} more", backgroundcolor="white")
        if k == 0:
            place, names, room, side = -ASIDE, self.input_names, letters[0], "right"
        else:
            place, names, room, side = k + ASIDE, self.output_names, letters[1], "left"
        for unit, y in rows.items() if k in (0, last) else []:
            name = short_name(names[unit], room)
            self._write(place, y, name, ha=side, fontsize=NAME_SIZE, parse_math=False)

    def _write(self, x: float, y: float, text: str, **style: Any) -> None:
        self.ax_.text(x, y, text, **{"va": "center", "color": INK, "fontsize": 7, "zorder": 4, **style})

    def _explain(self, name: str, largest: float, dashes: bool) -> None:
        """Say what colour and width of an edge mean."""
        from matplotlib.lines import Line2D

        dash: Any = (0, (4, 2)) if dashes else "-"
        lines = [
            Line2D([], [], color=POSITIVE, linewidth=2, label=f"{name} > 0"),
            Line2D([], [], color=NEGATIVE, linewidth=2, label=f"{name} < 0", linestyle=dash),
            Line2D([], [], color=PALE, linewidth=3.4, label=f"widest: {number(largest, 3)}"),
        ]
        below = {"loc": "upper center", "bbox_to_anchor": (0.5, 0.0), "ncols": 3}
        many = self.samples is not None and self.samples > 1
        told = f"in the units: means of {self.samples} samples" if many else None
        self.ax_.legend(handles=lines, frameon=False, fontsize=7, title=told, title_fontsize=7, **below)


def _rows(size: int) -> dict[int, float]:
    """Return the units of a layer that are drawn, each with its height; a gap stands for the others."""
    units = list(range(size)) if size <= MOST_UNITS else [*range(ENDS), *range(size - ENDS, size)]
    places = len(units) + (len(units) < size)
    gap = [k + (k >= ENDS and len(units) < size) for k in range(len(units))]
    return {unit: (places - 1) / 2 - place for unit, place in zip(units, gap, strict=True)}

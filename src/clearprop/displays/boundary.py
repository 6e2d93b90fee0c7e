"""What a network of one or two inputs answers everywhere."""

from __future__ import annotations

import warnings
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np

from ..arrays import as_inputs, as_numbers, as_targets
from ..checks import check_whole
from ..errors import InputError
from ..plots import saved, short_name
from ..rules.array import Array
from .style import INK, NEGATIVE, POSITIVE, StrPath, axes_for, mix, sign_colors
from .subject import codes_of, network_of

COLORS = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#4b5563")  # Okabe, Ito 2008
MARKERS = "os^DvPX*"
LINES = ("-", "--", "-.", ":")
MARGIN = 0.1  # of the data's range, drawn around them


@dataclass(eq=False)
class DecisionBoundaryDisplay:
    """The answers of a network over the plane of its two inputs, or over its one input, and the data.

    Two classes are a probability, orange below ½ and blue above, with a line at ½; more classes are
    regions; a number is a landscape. Over one input all are curves.

    Attributes:
        grid: the values of each input, (points,): one array or two.
        response: (points, outputs) or (points, points, outputs), rows the second input: probabilities,
            of the second class alone where there are two, or numbers.
        classes: the names of the classes; None where the answers are numbers.
        X: (n, inputs) the data.
        Y: (n,) the number of each sample's class, or (n, outputs) numbers.
        names: those of the inputs.
    """

    grid: list[Array]
    response: Array
    classes: list[str] | None
    X: Array
    Y: Array
    names: list[str]
    figure_: Any = field(default=None, init=False, repr=False)
    ax_: Any = field(default=None, init=False, repr=False)

    @classmethod
    def from_network(cls, net: Any, X: Any, Y: Any, *, points: int = 200, ax: Any = None) -> Self:
        """Draw what a network, or a fitted estimator, answers around the data.

        Args:
            net: the network or estimator, of one input or two (columns, for an estimator).
            X: inputs (n, 1) or (n, 2).
            Y: targets, as in training.
            points: how fine the grid is, along each input.
            ax: matplotlib axes to draw into; None makes a figure.

        Raises:
            InputError: more inputs, several numbers or labels over a plane, or arrays that do not fit.
            MissingExtraError: matplotlib is not installed.
        """
        columns = getattr(net, "n_features_in_", network_of(net).sizes[0])
        if columns > 2:
            raise InputError("a plane has room for 2 inputs", expected="1 or 2", got=columns)
        inputs = as_inputs(X, columns, np.float64)
        low, high = inputs.min(axis=0), inputs.max(axis=0)
        margin = np.where(high > low, MARGIN * (high - low), 1.0)
        count = check_whole("points", points, at_least=2)
        grid = [np.linspace(a, b, count) for a, b in zip(low - margin, high + margin, strict=True)]
        places = np.stack(np.meshgrid(*grid), axis=-1).reshape(-1, columns)
        classes, codes = _classes_of(net, Y, len(inputs))
        response = _answers(net, places)
        if classes is not None and len(classes) == 2:
            response = response[:, -1:]
        elif classes is None and columns == 2 and response.shape[1] > 1:
            raise InputError("a plane has room for one answer", expected="1 output", got=response.shape[1])
        names = [str(name) for name in getattr(net, "feature_names_in_", ["x1", "x2"][:columns])]
        return cls(grid, response.reshape(*[count] * columns, -1), classes, inputs, codes, names).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw into these axes, or into a figure of its own."""
        is_plane, classes = len(self.grid) == 2, self.classes
        self.figure_, self.ax_ = axes_for(ax, 5.0, 4.0 if is_plane else 3.4)
        if classes is None:
            self._draw_landscape() if is_plane else self._draw_number_curves()
        elif not is_plane:
            self._draw_probability_curves(classes)
        elif len(classes) == 2:
            self._draw_probability(classes[1])
        else:
            self._draw_regions(len(classes))
        if classes is not None:
            self._draw_samples(classes)
        self.ax_.set_xlabel(short_name(self.names[0]), parse_math=False)
        if is_plane:
            self.ax_.set_ylabel(short_name(self.names[1]), parse_math=False)
        self.ax_.spines[["top", "right"]].set_visible(False)
        self._explain(is_plane)
        return self

    def save(self, path: StrPath) -> None:
        """Write the picture in the format of the path's ending: .png, .svg, .pdf, …"""
        saved(self.figure_ or self.plot().figure_, path)

    def _draw_probability(self, second: str) -> None:
        P = self.response[..., 0]
        filled = self.ax_.contourf(*self.grid, P, levels=np.linspace(0, 1, 11), cmap=sign_colors(pale=True))
        self._draw_line(P - 0.5)
        bar = self.figure_.colorbar(filled, ax=self.ax_, fraction=0.046, pad=0.03)
        bar.set_label(f"probability of {short_name(second)}", parse_math=False)

    def _draw_regions(self, count: int) -> None:
        for k in range(count):
            ahead = self.response[..., k] - np.delete(self.response, k, axis=-1).max(axis=-1)
            if ahead.max() > 0:
                self.ax_.contourf(
                    *self.grid, ahead, levels=[0, 2], colors=[mix(COLORS[k % len(COLORS)], 0.3)]
                )
            self._draw_line(ahead)

    def _draw_landscape(self) -> None:
        heights = self.response[..., 0]
        low, high, colors = float(heights.min()), float(heights.max()), "Blues"
        if low < 0 < high:
            low, high, colors = -max(high, -low), max(high, -low), sign_colors(pale=True)
        elif low < 0:
            colors = "Oranges_r"
        style = {"cmap": colors, "vmin": low, "vmax": high}
        drawn = self.ax_.pcolormesh(*self.grid, heights, shading="nearest", rasterized=True, **style)
        if heights.max() > heights.min():
            lines = self.ax_.contour(*self.grid, heights, levels=8, colors=INK, linewidths=0.6)
            self.ax_.clabel(lines, fontsize=7)
        self.ax_.scatter(*self.X.T, c=self.Y[:, 0], s=26, edgecolors=INK, linewidths=0.7, zorder=3, **style)
        self.figure_.colorbar(drawn, ax=self.ax_, fraction=0.046, pad=0.03, label="output (circles: target)")

    def _draw_line(self, height: Array) -> None:
        if height.min() < 0 < height.max():
            self.ax_.contour(*self.grid, height, levels=[0], colors=INK, linewidths=1.2)

    def _draw_number_curves(self) -> None:
        self.ax_.set_ylabel("output")
        for k, curve in enumerate(self.response.T):
            color = COLORS[k % len(COLORS)]
            self.ax_.plot(
                self.grid[0], curve, color=color, linestyle=LINES[k % len(LINES)], label=f"output {k}"
            )
            self.ax_.scatter(
                self.X[:, 0], self.Y[:, k], s=22, color=color, marker=MARKERS[k % len(MARKERS)],
                alpha=0.7, linewidths=0, label=f"target {k}",
            )  # fmt: skip

    def _draw_probability_curves(self, classes: list[str]) -> None:
        self.ax_.set_ylabel("probability")
        self.ax_.set_ylim(-0.06 * (len(classes) + 1), 1.04)
        curves = self.response.T
        for k, (name, curve) in enumerate(zip(classes[-len(curves) :], curves, strict=True)):
            color = COLORS[k % len(COLORS)] if len(curves) > 1 else INK
            label = f"probability of {short_name(name)}"
            self.ax_.plot(self.grid[0], curve, color=color, linestyle=LINES[k % len(LINES)], label=label)
        if len(curves) == 1:
            self.ax_.axhline(0.5, color=INK, linewidth=0.7, linestyle=":")

    def _draw_samples(self, classes: list[str]) -> None:
        """Draw the data in the plane, or below the curves."""
        colors = [NEGATIVE, POSITIVE] if len(classes) == 2 else COLORS
        for k, name in enumerate(classes):
            mine = self.X[np.equal(self.Y, k)]
            heights = mine[:, 1] if len(self.grid) == 2 else np.full(len(mine), -0.06 - 0.06 * k)
            self.ax_.scatter(
                mine[:, 0], heights, s=30, color=[colors[k % len(colors)]], marker=MARKERS[k % len(MARKERS)],
                edgecolors="white", linewidths=0.6, label=short_name(name), zorder=3,
            )  # fmt: skip

    def _explain(self, is_plane: bool) -> None:
        if not self.ax_.get_legend_handles_labels()[0]:
            return
        place = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 5}
        place = place if is_plane else {"loc": "upper left", "bbox_to_anchor": (1, 1)}
        legend = self.ax_.legend(fontsize=7, frameon=False, **place)
        for text in legend.get_texts():
            text.set_parse_math(False)


def _answers(model: Any, X: Array) -> Array:
    """Return probabilities, or numbers in the units of the targets, (n, outputs)."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "X does not have valid feature names")  # a grid has no table
        if hasattr(model, "predict_proba"):
            return np.asarray(model.predict_proba(X))
        answers = model.forward(X) if model is network_of(model) else model.predict(X)
    return np.asarray(answers).reshape(len(X), -1)


def _classes_of(model: Any, Y: Any, samples: int) -> tuple[list[str] | None, Array]:
    """Return the names of the classes, None for numbers and for labels, and Y as codes or numbers."""
    if model is not network_of(model):
        values = np.asarray(Y)
        if len(values) != samples:
            raise InputError("X and Y do not fit together", expected=f"{samples} targets", got=len(values))
        if hasattr(model, "classes_") and values.size == samples:
            return [str(name) for name in model.classes_], codes_of(values.ravel(), model.classes_)
        return None, as_numbers(values, "Y").reshape(samples, -1)
    loss, outputs = model.loss_function, model.sizes[-1]
    targets = as_targets(loss, Y, samples, outputs, np.float64)
    if loss.targets == "class":
        return [str(k) for k in range(outputs)], targets.argmax(axis=1)
    if loss.targets == "probability" and outputs == 1:
        return ["0", "1"], (targets[:, 0] > 0.5).astype(np.intp)
    return None, targets

"""How long the gradient of each layer is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from ..plots import saved
from ..rules.array import Array
from ..story.numbers import number
from .style import INK, StrPath, axes_for
from .subject import gradients_of, network_of

MOST_NUMBERS = 6  # more layers leave no room for a number above each bar
STEEP = 20.0  # lengths that differ by more than this factor are drawn on a logarithmic scale


@dataclass(eq=False)
class GradientNormsDisplay:
    """The length of each layer's gradient: where it vanishes or explodes on its way back.

    Attributes:
        weight_norms: (layers,) the length ‖∂L/∂W‖ of each layer's weight gradient.
        bias_norms: (layers,) the same of its biases.
    """

    weight_norms: Array
    bias_norms: Array
    figure_: Any = field(default=None, init=False, repr=False)
    ax_: Any = field(default=None, init=False, repr=False)

    @classmethod
    def from_network(
        cls, net: Any, X: Any, Y: Any, *, sample_weight: ArrayLike | None = None, ax: Any = None
    ) -> Self:
        """Draw the gradient norms of a network, or of a fitted estimator, on these samples.

        Args:
            net: the network or estimator.
            X: inputs (n, in), for an estimator as in its `fit`.
            Y: targets, likewise.
            sample_weight: (n,), as for `net.loss`.
            ax: matplotlib axes to draw into; None makes a figure.

        Raises:
            InputError: no network, or arrays that do not fit it.
            MissingExtraError: matplotlib is not installed.
        """
        network = network_of(net)
        gradients = gradients_of(net, X, Y, sample_weight)
        norms = np.array(
            [
                [np.linalg.norm(gradients[f"d{name}"]) for name in (layer.W, layer.b)]
                for layer in network.layers
            ]
        )
        return cls(norms[:, 0], norms[:, 1]).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw into these axes, or into a figure of its own."""
        count = len(self.weight_norms)
        self.figure_, self.ax_ = axes_for(ax, min(2.6 + 0.9 * count, 9.0), 3.4)
        layers, width = np.arange(1, count + 1), 0.38
        kinds = [
            ("‖∂L/∂W‖", self.weight_norms, "#475569", None),
            ("‖∂L/∂b‖", self.bias_norms, "#94a3b8", "///"),
        ]
        for k, (label, norms, color, hatch) in enumerate(kinds):
            places = layers + (k - 0.5) * width
            self.ax_.bar(
                places, norms, 0.92 * width, label=label, color=color, hatch=hatch, edgecolor="white"
            )
        self._scale(np.concatenate([self.weight_norms, self.bias_norms]))
        for k, (_, norms, *_) in enumerate(kinds if count <= MOST_NUMBERS else []):
            for layer, norm in zip(layers, norms, strict=True):
                self._write(layer + (k - 0.5) * width, norm)
        self.ax_.set_title("length of the gradient", loc="left")
        self.ax_.set_xlabel("layer")
        self.ax_.xaxis.get_major_locator().set_params(integer=True)
        self.ax_.spines[["top", "right"]].set_visible(False)
        self.ax_.legend(frameon=False, loc="upper left", bbox_to_anchor=(1, 1))
        return self

    def save(self, path: StrPath) -> None:
        """Write the picture in the format of the path's ending: .png, .svg, .pdf, …"""
        saved(self.figure_ or self.plot().figure_, path)

    def _scale(self, norms: Array) -> None:
        positive = norms[norms > 0]
        if positive.size and positive.max() / positive.min() > STEEP:
            self.ax_.set_yscale("log")
            self.ax_.set_ylim(positive.min() / 4, positive.max() * 3)
        else:
            self.ax_.set_ylim(0, 1.15 * (norms.max() or 1.0))

    def _write(self, place: float, norm: float) -> None:
        height = max(norm, self.ax_.get_ylim()[0])  # a zero has no place on a logarithmic scale
        self.ax_.annotate(
            number(norm, 3), (place, height), (0, 2), textcoords="offset points",
            ha="center", va="bottom", fontsize=7, color=INK,
        )  # fmt: skip

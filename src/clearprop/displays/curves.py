"""The course of a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from ..errors import InputError
from ..plots import draw_losses, saved
from .style import StrPath, axes_for


@dataclass(eq=False)
class LossCurveDisplay:
    """The training loss over the epochs of a fit, and the validation loss where there is one.

    `clearprop.plots.plot_history` draws the metric beside it.

    Attributes:
        epoch, train_loss, validation_loss: a number each for every epoch.
        best_epoch: the one whose weights were put back by early stopping, or None.
    """

    epoch: list[int]
    train_loss: list[float]
    validation_loss: list[float | None]
    best_epoch: int | None = None
    figure_: Any = field(default=None, init=False, repr=False)
    ax_: Any = field(default=None, init=False, repr=False)

    @classmethod
    def from_history(cls, history: Any, *, ax: Any = None) -> Self:
        """Draw the losses of a `History`, such as `fit` returns.

        Raises:
            InputError: a history without a finished epoch.
            MissingExtraError: matplotlib is not installed.
        """
        if not history.epoch:
            raise InputError(
                "there is nothing to draw", expected="a history with an epoch", got=repr(history)
            )
        curves = list(history.epoch), list(history.train_loss), list(history.validation_loss)
        return cls(*curves, history.best_epoch).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw into these axes, or into a figure of its own."""
        self.figure_, self.ax_ = axes_for(ax, 4.4, 3.4)
        draw_losses(self.ax_, self)
        return self

    def save(self, path: StrPath) -> None:
        """Write the picture in the format of the path's ending: .png, .svg, .pdf, …"""
        saved(self.figure_ or self.plot().figure_, path)

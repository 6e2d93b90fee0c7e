"""The course of a training."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Self

from ..errors import InputError
from ..history import History
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
        """Draw the losses of a training.

        Args:
            history: a `History`, as `fit` returns it; or a network or an estimator after its fit, of
                scikit-learn too, whose `loss_curve_` is data loss plus penalty.
            ax: matplotlib axes to draw into; None makes a figure.

        Raises:
            InputError: no history, or one without a finished epoch.
            MissingExtraError: matplotlib is not installed.
        """
        record = _record(history)
        if not record.epoch:
            raise InputError("there is nothing to draw", expected="a history with an epoch", got=repr(record))
        curves = list(record.epoch), list(record.train_loss), list(record.validation_loss)
        return cls(*curves, record.best_epoch).plot(ax)

    def plot(self, ax: Any = None) -> Self:
        """Draw into these axes, or into a figure of its own."""
        self.figure_, self.ax_ = axes_for(ax, 4.4, 3.4)
        draw_losses(self.ax_, self)
        return self

    def save(self, path: StrPath) -> None:
        """Write the picture in the format of the path's ending: .png, .svg, .pdf, …"""
        saved(self.figure_ or self.plot().figure_, path)


def _record(source: Any) -> History:
    """Return the history itself, or that of a network or an estimator."""
    net = getattr(source, "network_", source)
    for found in (source, getattr(net, "history", None)):
        if isinstance(found, History):
            return found
    curve = getattr(source, "loss_curve_", None)
    if curve is None:
        raise InputError(
            "there is nothing to draw",
            expected="a history, or a network or an estimator after its fit",
            got=type(source).__name__,
        )
    losses = [float(loss) for loss in curve]
    return History(epoch=list(range(1, len(losses) + 1)), train_loss=losses)

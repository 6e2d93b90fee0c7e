"""The watch over a fit: it writes the history and asks the callbacks, once an epoch."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import NamedTuple

from .arrays import shares
from .callbacks import Callback
from .data import Data
from .errors import InputError
from .history import History
from .metrics import metric, metric_name
from .network import Network
from .ops import reference


class EpochFigures(NamedTuple):
    """What an epoch's steps add up to, each averaged over the epoch."""

    loss: float
    penalty: float
    learning_rate: float  # that of the last step
    norm: float
    looked: tuple[float | None, float | None] | None = (
        None  # validation loss and metric, where they are known
    )


class Watch:
    """Keeps the history and asks the callbacks, at the end of each epoch."""

    def __init__(
        self,
        net: Network,
        history: History,
        callbacks: Sequence[Callback],
        held_out: Data | None,
        metric: str | None,
        engine: str = "numpy",
    ) -> None:
        if metric not in ("auto", None):
            raise InputError("unknown metric", expected="'auto' or None", got=repr(metric))
        self.net, self.history, self.callbacks = net, history, list(callbacks)
        self.started: list[Callback] = []
        self.held_out, self.with_metric, self.engine = held_out, metric == "auto", engine
        history.metric_name = metric_name(net.loss_function)

    @property
    def looks(self) -> bool:
        """Whether the network's outputs are looked at, at the end of an epoch."""
        return self.with_metric or self.held_out is not None

    def start(self) -> None:
        """Tell the callbacks that training starts."""
        for callback in self.callbacks:
            self._tell(callback, "start")
            self.started.append(callback)

    def finish(self) -> None:
        """Tell the callbacks that were started that training is over, however it ended."""
        for callback in self.started:
            self._tell(callback, "finish")

    def _tell(self, callback: Callback, what: str) -> None:
        getattr(callback, what, lambda net, history: None)(self.net, self.history)

    def epoch_ended(self, data: Data, figures: EpochFigures, began: float) -> bool:
        """Record the epoch; return whether a callback ends the training."""
        net, history = self.net, self.history
        net.epochs += 1
        history.epoch.append(net.epochs)
        history.train_loss.append(figures.loss)
        history.penalty.append(figures.penalty)
        history.learning_rate.append(figures.learning_rate)
        history.gradient_norm.append(figures.norm)
        loss, score = figures.looked or self._look_at(self.held_out or data)
        history.validation_loss.append(loss)
        history.metric.append(score)
        history.seconds.append(time.perf_counter() - began)
        ends = [bool(callback(net, history)) for callback in self.callbacks]  # every one is asked
        return any(ends)

    def _look_at(self, data: Data) -> tuple[float | None, float | None]:
        net, loss, score = self.net, None, None
        if self.looks:
            Z, A = net.last_layer(data.X, self.engine)
            if self.held_out:
                loss = float(
                    net.loss_function.value(reference, Z, A, data.T, shares(data.weights, len(data)))
                )
            if self.with_metric:
                score = metric(net.loss_function, A, data.T, data.weights)
        return loss, score

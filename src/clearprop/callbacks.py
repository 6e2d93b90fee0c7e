"""Callbacks: what looks on at the end of every epoch, and may end the training.

A callback is anything that can be called with (network, history); training ends where it returns
True. It may also have `start(network, history)` and `finish(network, history)`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from .checks import check_number, check_whole
from .errors import InputError
from .history import History
from .network import Network
from .rules.array import Array

Callback = Callable[[Network, History], Any]


def as_callbacks(callbacks: Any) -> list[Callback]:
    """Return the callbacks as a list of their own.

    Raises:
        InputError: it is no list of things that can be called.
    """
    if isinstance(callbacks, Iterable) and any(isinstance(each, type) for each in callbacks):
        raise InputError("a callback is a class", expected="an object", hint="EarlyStopping()")
    if not isinstance(callbacks, Iterable) or not all(map(callable, listed := list(callbacks))):
        raise InputError(
            "callbacks do not fit", expected="a list such as [EarlyStopping()]", got=repr(callbacks)
        )
    return listed


@dataclass
class EarlyStopping:
    """End training when the loss has not improved for `patience` epochs, and put the best epoch back.

    It looks at the validation loss where there is one, else at the training loss with its penalty.
    An improvement is a fall below the last improvement by more than `tolerance`; the epoch that is
    put back is the one of the lowest loss, be it by how little. `restore=False` keeps the last epoch:
    better without validation data, since a training loss is measured while the epoch's weights move.
    """

    patience: int = 10
    tolerance: float = 0.0
    restore: bool = True

    def __post_init__(self) -> None:
        check_whole("EarlyStopping: patience", self.patience, at_least=1)
        check_number("EarlyStopping: tolerance", self.tolerance, at_least=0)

    def start(self, net: Network, history: History) -> None:
        """Forget what an earlier fit left."""
        self._mark, self._waited = math.inf, 0
        self._best_loss = math.inf
        self._best: Array | None = None

    def __call__(self, net: Network, history: History) -> bool:
        """Keep the weights of the best epoch; return whether patience is at its end."""
        loss = history.monitored[-1]
        if self.restore and loss < self._best_loss:
            self._best_loss, self._best = loss, net.parameters.vector.copy()
            history.best_epoch = history.epoch[-1]
        improved = loss < self._mark - self.tolerance
        self._mark = loss if improved else self._mark
        self._waited = 0 if improved else self._waited + 1
        return self._waited >= self.patience

    def finish(self, net: Network, history: History) -> None:
        """Put the weights of the best epoch back."""
        if self._best is not None:
            net.parameters.vector[:] = self._best

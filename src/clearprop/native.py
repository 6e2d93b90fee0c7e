"""The native engine: whole epochs of training in one call of the compiled module.

It makes the steps that the rules describe, with the same seeds, orders and dropout masks. Wherever a
number is not finite, the weights are brought back to before that step, and the numpy engine makes it:
what a divergence is, and where, is said in one place.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from . import passes
from .ahead import ahead
from .data import Data, draw_order, generator, mask_key
from .interrupt import CtrlC
from .metrics import explained, spread
from .network import Network
from .ops import reference
from .rules.array import Array
from .schedules import Moment, Schedule, as_schedule, looks_back, rates
from .stepping import Stepper
from .trainers import make_trainer
from .watch import EpochFigures, Watch

__all__ = ["loop"]

TALLIES = ("none", "class", "probability", "numbers")  # as in native/trainer.hpp
# Of one call: what is drawn before and recorded after it takes milliseconds, in which nobody asks for Ctrl-C.
EPOCHS_AT_ONCE = 1_000
STEPS_AT_ONCE = 20_000  # unless one epoch has more
# Of the largest number: below it, sums that NumPy and the module make in other orders overflow in neither.
FAR = 1e-3
ROWS_AT_ONCE = 65_536  # unless one epoch has more: the next call's rows are drawn while this one trains


def loop(
    stepper: Stepper,
    data: Data,
    epochs: int,
    batch_size: int,
    shuffle: bool,
    watch: Watch,
    ctrl_c: CtrlC,
    n_threads: int | None = None,
) -> None:
    """Run the epochs, until they are over, a callback ends them or Ctrl-C is pressed."""
    run = _Run(stepper, data, min(batch_size, len(data)), watch, ctrl_c, n_threads)
    schedule = as_schedule(stepper.memory.optimizer.learning_rate)
    one_by_one = bool(watch.callbacks) or looks_back(schedule)
    limits = EPOCHS_AT_ONCE, STEPS_AT_ONCE // run.per_epoch, ROWS_AT_ONCE // len(data)
    at_once = 1 if one_by_one else max(1, min(limits))
    net, before = stepper.net, stepper.net.epochs
    draws = (  # a callback may have moved the network's epochs
        partial(
            run.draw,
            schedule,
            net.epochs if one_by_one else before + first,
            first,
            min(at_once, epochs - first),
            epochs,
            shuffle,
        )
        for first in range(0, epochs, at_once)
    )
    is_ahead = at_once < epochs and not one_by_one and n_threads != 1
    for drawn in ahead(draws) if is_ahead else (draw() for draw in draws):
        if ctrl_c.pressed:  # in a callback, or between two short calls
            watch.history.stopped_by = "interrupt"
            break
        if run.make(drawn):
            break
    run.look_back()


@dataclass
class _Drawn:
    """What the epochs of one call are made from, and the record of them."""

    first: int  # the number of the first epoch over all fits, from 0
    orders: Array | None  # (epochs, n), or None for the rows as they stand
    rates: Array  # (epochs, steps)
    keys: Array | None  # (epochs, 2), or None without dropout
    sums: Array  # (epochs, 4): loss, penalty and gradient norm, each times the weight; weight
    seconds: Array  # (epochs,)
    seen: Array | None  # (epochs, 1 + out): validation loss and counts, where the network is looked at


class _Look:
    """What is looked at when an epoch has ended, and how the compiled engine's counts are read."""

    def __init__(self, net: Network, watch: Watch, data: Data) -> None:
        self.data, self.held_out = data, watch.held_out is not None
        numbers = net.loss_function.targets not in ("class", "probability")
        kind = "numbers" if numbers else net.loss_function.targets
        self.tally = TALLIES.index(kind if watch.with_metric else "none")
        self.total = len(data) if data.weights is None else float(data.weights.sum(dtype=np.float64))
        self.spread = spread(data.T, data.weights) if kind == "numbers" else None

    def read(self, seen: Array) -> tuple[float | None, float | None]:
        """Return validation loss and metric."""
        loss = float(seen[0]) if self.held_out else None
        if not self.tally:
            return loss, None
        means = seen[1:] / self.total
        return loss, float(means[0]) if self.spread is None else explained(means, self.spread)


class _Run:
    """One fit on the compiled engine."""

    def __init__(
        self, stepper: Stepper, data: Data, size: int, watch: Watch, ctrl_c: CtrlC, n_threads: int | None
    ) -> None:
        self.stepper, self.net, self.data, self.size = stepper, stepper.net, data, size
        self.watch, self.history, self.ctrl_c = watch, watch.history, ctrl_c
        self.per_epoch = -(-len(data) // size)
        self.look = _Look(self.net, watch, watch.held_out or data) if watch.looks else None
        self.last_rows: Array | None = None  # of the last step, where the end of a call made it
        self.masked = any(layer.dropout for layer in self.net.layers)
        self.n_threads = n_threads
        self.trainer = self._make_trainer()

    def _make_trainer(self) -> Any:
        stepper, self.penalties = self.stepper, (self.net.l1, self.net.l2)
        return make_trainer(
            self.net,
            stepper.memory.optimizer,
            self.size,
            self.n_threads,
            sequential=stepper.sequential,
            clip_norm=stepper.clip_norm or 0.0,
            rate_factors=_factors_by_window(stepper),
        )

    def draw(
        self, schedule: Schedule, known: int, first: int, count: int, epochs: int, shuffle: bool
    ) -> _Drawn:
        """Draw what `count` epochs are made from; `known` were made in all fits, `first` in this one."""
        n = len(self.data)
        losses = self.history.monitored if looks_back(schedule) else ()
        ordered = shuffle and self.size < n
        orders = np.empty((count, n), np.int64) if ordered else None
        keys = np.empty((count, 2), np.uint64) if self.masked else None
        etas = np.empty((count, self.per_epoch))
        for k in range(count):
            if orders is not None or keys is not None:
                rng = generator(self.history.seed, known + k + 1)
                if orders is not None:
                    orders[k] = draw_order(rng, n, self.size, shuffle)
                if keys is not None:
                    keys[k] = mask_key(rng)
            step = (first + k) * self.per_epoch
            moment = Moment(known + k, step, epochs * self.per_epoch, losses)
            etas[k] = rates(schedule, moment, self.per_epoch)
        seen = None if self.look is None else np.zeros((count, 1 + self.net.sizes[-1]))
        return _Drawn(known, orders, etas, keys, np.zeros((count, 4)), np.zeros(count), seen)

    def make(self, drawn: _Drawn) -> bool:
        """Make the epochs and record them; return whether training is over before its time."""
        recorded, epoch, step = 0, 0, 0
        while True:
            end, stop, at = self._call(drawn, epoch, step)
            stop += epoch
            made = (stop - epoch) * self.per_epoch + at - step
            self.stepper.memory.steps += made
            for k in range(recorded, stop):
                if self._record(drawn, k):
                    self.last_rows = self._rows(drawn, k, self.per_epoch - 1)
                    return True
            recorded = stop
            if end == "interrupted":  # the compiled engine has looked back itself
                self.history.stopped_by, self.last_rows = "interrupt", None
                return True
            if end == "finished":
                self.last_rows = self._rows(drawn, len(drawn.rates) - 1, self.per_epoch - 1)
                return False
            self._step_by_rules(drawn, stop, at)
            epoch, step = stop, at + 1

    def look_back(self) -> None:
        """Look at what the last step left: the loss of its batch and the penalty must be finite still.

        Raises:
            DivergedError: it is not; the weights are back at those before the last step.
        """
        if self.last_rows is None:
            return
        net, terms = self.net, len(self.last_rows) * self.net.sizes[-1]
        loss = self._last_loss(self.last_rows)
        penalty = passes.penalty_of(reference, net.layers, net.parameters, net.l1, net.l2)
        if not (abs(loss) < FAR * np.finfo(net.dtype).max / terms and np.isfinite(penalty)):
            X, T, w, _ = self.data.batch(self.last_rows)
            self.stepper.last_batch = X, T, w
            self.stepper.check_last_update()

    def _last_loss(self, rows: Array) -> float:
        if self.watch.callbacks:  # which may have changed the weights
            X, T, w, _ = self.data.batch(rows)
            return float(self.net.loss_function.value(reference, *self.net.last_layer(X), T, w))
        batch = self.data if len(rows) == len(self.data) else self.data.take(rows)
        return float(self.trainer.loss(batch.X, batch.T, batch.weights))

    def _call(self, drawn: _Drawn, epoch: int, step: int) -> tuple[str, int, int]:
        if self.penalties != (self.net.l1, self.net.l2):  # a callback has changed them
            self.trainer = self._make_trainer()
        data, memory, look = self.data, self.stepper.memory, self.look
        looked = () if look is None else (look.data.X, look.data.T, look.data.weights, look.tally)
        return self.trainer.run(  # type: ignore[no-any-return]
            data.X,
            data.T,
            data.weights,
            self.net.parameters.vector,
            memory.vectors,
            self.stepper.last_good,
            memory.steps,
            None if drawn.orders is None else drawn.orders[epoch:],
            drawn.rates[epoch:],
            None if drawn.keys is None else drawn.keys[epoch:],
            step,
            drawn.sums[epoch:],
            drawn.seconds[epoch:],
            lambda: self.ctrl_c.pressed,
            *looked,
            *(() if drawn.seen is None else (drawn.seen[epoch:],)),
        )

    def _record(self, drawn: _Drawn, k: int) -> bool:
        loss, penalty, norm = (drawn.sums[k, :3] / drawn.sums[k, 3]).tolist()
        began = time.perf_counter() - float(drawn.seconds[k])
        looked = None if self.look is None or drawn.seen is None else self.look.read(drawn.seen[k])
        figures = EpochFigures(loss, penalty, float(drawn.rates[k, -1]), norm, looked)
        if self.watch.epoch_ended(self.data, figures, began):
            self.history.stopped_by = "callback"
            return True
        return False

    def _step_by_rules(self, drawn: _Drawn, epoch: int, step: int) -> None:
        """Make the step that the compiled engine gave back; the numpy engine says what is wrong with it."""
        rng = generator(self.history.seed, drawn.first + epoch + 1)
        self.stepper.start_epoch(rng, step)
        rows = self._rows(drawn, epoch, step)
        loss, penalty, norm, weight = self.stepper.step(self.data, rows, float(drawn.rates[epoch, step]))
        self.stepper.check_last_update()
        drawn.sums[epoch] += (loss * weight, penalty * weight, norm * weight, weight)

    def _rows(self, drawn: _Drawn, epoch: int, step: int) -> Array:
        order = np.arange(len(self.data)) if drawn.orders is None else drawn.orders[epoch]
        return order[step * self.size : (step + 1) * self.size]


def _factors_by_window(stepper: Stepper) -> list[float]:
    factors = stepper.rates.factors
    if factors is None:
        return []
    return [float(factors[window.start]) for window in stepper.net.parameters.slices.values()]

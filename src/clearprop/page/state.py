"""Where a training stands, and how it moves: steps by hand, epochs by `fit`, and back by snapshots."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from ..data import Data, draw_order, generator
from ..errors import DivergedError
from ..mlp import MLP
from ..optimizers import Optimizer
from ..rules.array import Array
from ..stepping import Memory, Rates, Stepper
from ..training import recall
from . import limits
from .settings import Settings


@dataclass(frozen=True)
class Snapshot:
    """All that training changes. `epochs` is how many `fit` made from here in one go."""

    theta: Array
    memory: Memory | None
    epoch: int
    batch: int
    steps: int
    epochs: int = 0


class Training:
    """A network in training on its data, between two steps.

    Attributes:
        batch: which batch of the epoch under way is next, from 0.
        steps: how many steps were made.
        trail: the snapshots to go back to, the newest last.
    """

    def __init__(self, net: MLP, data: Data, settings: Settings) -> None:
        self.net, self.data, self.settings = net, data, settings
        self.batch = self.steps = 0
        self.trail: deque[Snapshot] = deque(maxlen=limits.SNAPSHOTS)

    @property
    def size(self) -> int:
        """The rows of a batch."""
        batch = self.settings.training.batch
        return len(self.data) if batch is None else min(batch, len(self.data))

    @property
    def batches(self) -> int:
        """The batches of an epoch."""
        return -(-len(self.data) // self.size)

    @property
    def rows(self) -> Array:
        """The rows of the next step: those in focus, or the next batch."""
        focus = self.settings.focus
        return self.next_batch if focus is None else np.array(focus)

    @property
    def next_batch(self) -> Array:
        """The rows of the next batch, in the order in which `fit` takes them."""
        rng = generator(self.settings.net.seed, self.net.epochs + 1)
        order = draw_order(rng, len(self.data), self.size, shuffle=True)
        return order[self.batch * self.size : (self.batch + 1) * self.size]

    def snapshot(self) -> Snapshot:
        """Return where the training stands."""
        net, memory = self.net, self.net.memory
        kept = None if memory is None else replace(memory, vectors=memory.vectors.copy())
        return Snapshot(net.parameters.vector.copy(), kept, net.epochs, self.batch, self.steps)

    def restore(self, snapshot: Snapshot) -> None:
        """Put everything back to where a snapshot was taken."""
        net, memory = self.net, snapshot.memory
        net.parameters.vector[:] = snapshot.theta
        net.memory = None if memory is None else replace(memory, vectors=memory.vectors.copy())
        net.epochs, self.batch, self.steps = snapshot.epoch, snapshot.batch, snapshot.steps

    def step(self, optimizer: Optimizer) -> None:
        """Make the step that is explained; with rows in focus the place in the epoch stays.

        Raises:
            DivergedError: the step meets a number that is not finite; nothing is changed.
        """
        if self.settings.focus is None:
            self.turn(optimizer)
        else:
            self._step(optimizer, self.rows)

    def turn(self, optimizer: Optimizer) -> None:
        """Make the step of the next batch.

        Raises:
            DivergedError: the step meets a number that is not finite; nothing is changed.
        """
        self._step(optimizer, self.next_batch)
        self.batch = (self.batch + 1) % self.batches
        self.net.epochs += self.batch == 0

    def _step(self, optimizer: Optimizer, rows: Array) -> None:
        before, choice = self.snapshot(), self.settings.training
        rates = Rates.of(self.net, choice.freeze, None)
        stepper = Stepper(self.net, recall(self.net, optimizer), rates, update=choice.update)
        try:
            with np.errstate(all="ignore"):  # the step looks for itself
                stepper.step(self.data, rows, choice.learning_rate)
        except DivergedError:
            self.restore(before)
            raise
        self.trail.append(before)
        self.steps += 1

    def fit(self, optimizer: Optimizer, epochs: int) -> None:
        """Make whole epochs; at the beginning of one only.

        Raises:
            DivergedError: a step meets a number that is not finite; nothing is changed.
        """
        before, choice = self.snapshot(), self.settings.training
        try:
            self.net.fit(
                self.data.X,
                self.data.T,
                optimizer=optimizer,
                epochs=epochs,
                batch_size=self.size,
                seed=self.settings.net.seed,
                update=choice.update,
                freeze=choice.freeze,
                metric=None,
                progress=False,
            )
        except DivergedError:
            self.restore(before)
            raise
        self.trail.append(replace(before, epochs=epochs))
        self.net.history = None  # the page's curves are its own
        self.steps += epochs * self.batches

    def back(self, optimizer: Optimizer, unit: str) -> None:
        """Go back to the snapshot before, or on to the beginning of the epoch; `fit`'s epochs one by one."""
        while self.trail:
            snapshot = self.trail.pop()
            self.restore(snapshot)
            if snapshot.epochs > 1:  # its other epochs again: the same bits
                self.fit(optimizer, snapshot.epochs - 1)
            if unit == "batch" or self.batch == 0:
                return

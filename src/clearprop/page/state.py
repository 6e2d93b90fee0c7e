"""Where a training stands, and how it moves: steps and edits by hand, epochs by `fit`, back by snapshots."""

from __future__ import annotations

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
    """All that training changes, before something was done.

    Attributes:
        done: what: "turns" of the batches, "epochs" of `fit`, a step on rows in "focus", or an "edit".
        count: how often, all of it within one epoch or in one go.
    """

    theta: Array
    memory: Memory | None
    epoch: int
    batch: int
    steps: int
    done: str = ""
    count: int = 1


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
        self.trail: list[Snapshot] = []

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
            before = self.snapshot()
            self._step(optimizer, self.rows, before)
            self._remember(before, "focus")

    def turn(self, optimizer: Optimizer) -> None:
        """Make the step of the next batch.

        Raises:
            DivergedError: the step meets a number that is not finite; nothing is changed.
        """
        before = self.snapshot()
        self._step(optimizer, self.next_batch, before)
        self.batch = (self.batch + 1) % self.batches
        self.net.epochs += self.batch == 0
        last = self.trail[-1] if self.trail and before.batch else None
        if last is not None and last.done == "turns" and last.count < limits.TURNS:
            self.trail[-1] = replace(last, count=last.count + 1)
        else:
            self._remember(before, "turns")

    def _step(self, optimizer: Optimizer, rows: Array, before: Snapshot) -> None:
        choice = self.settings.training
        rates = Rates.of(self.net, choice.freeze, None)
        stepper = Stepper(self.net, recall(self.net, optimizer), rates, update=choice.update)
        try:
            with np.errstate(all="ignore"):  # the step looks for itself
                stepper.step(self.data, rows, choice.learning_rate)
        except DivergedError:
            self.restore(before)
            raise
        self.steps += 1

    def edit(self, name: str, index: tuple[int, ...], value: float) -> None:
        """Change one number by hand."""
        self._remember(self.snapshot(), "edit")
        self.net.parameters[name][index] = value

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
        self._remember(before, "epochs", epochs)
        self.net.history = None  # the page's curves are its own
        self.steps += epochs * self.batches

    def _remember(self, before: Snapshot, done: str, count: int = 1) -> None:
        """Leave a snapshot; of too many the first epoch's go, or of a sole epoch one behind its beginning."""
        self.trail.append(replace(before, done=done, count=count))
        if len(self.trail) > limits.SNAPSHOTS:
            later = next((k for k, one in enumerate(self.trail) if k and one.batch == 0), None)
            del self.trail[slice(later) if later else 1]

    def back(self, optimizer: Optimizer, unit: str) -> None:
        """Take back an edit alone, else a batch, or all since an epoch began; `fit`'s epochs one by one."""
        is_one = unit == "batch" or (bool(self.trail) and self.trail[-1].done == "edit")
        while self.trail:
            last = self.trail.pop()
            self.restore(last)
            if last.done == "epochs" and last.count > 1:  # the others again: the same bits
                self.fit(optimizer, last.count - 1)
            if is_one and last.done == "turns":
                for _ in range(last.count - 1):
                    self.turn(optimizer)
            if is_one or self.batch == 0:
                return

"""A session: one network of one tab, with its data, where it stands and what is asked of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from threading import Lock
from typing import Any

import numpy as np

from ..arrays import as_numbers
from ..checks import check_name, check_number, check_whole
from ..errors import DivergedError, InputError
from ..rules.array import Array
from ..stepping import Memory
from ..story import Story
from . import limits
from .building import (
    carry_on,
    check_training,
    explain_options,
    fitting,
    is_same,
    make_network,
    make_optimizer,
    part_of,
    sizes_of,
    targets_of,
)
from .curves import Curves, figures
from .datasets import Dataset, build
from .link import State, decode
from .presets import Origin, begin
from .settings import Settings
from .state import Training

UNITS = ("batch", "epoch")


class Session:
    """Data, network and training as settings say; each request that changes something makes a new generation.

    Attributes:
        lock: whoever asks something holds it.
        settings: the choice as it holds.
        origin: data and first weights that no settings describe: a preset's, or a program's.
        story: the next step, explained; None after a training frame, and where that step diverges.
        diverged: what is said where it does.
    """

    settings: Settings
    data: Dataset
    story: Story | None

    def __init__(self, settings: Settings, origin: Origin) -> None:
        self.lock, self.generation = Lock(), 0
        self._begin(settings, origin)

    def _begin(self, settings: Settings, origin: Origin, old: Training | None = None) -> None:
        """Make everything anew, or nothing where something does not fit; `old` hands its weights on."""
        is_other_data = old is None or settings.data != self.settings.data
        data = build(settings.data, origin.data) if is_other_data else self.data
        was_given = old is not None and self.settings.net.init == "given"
        if was_given and not origin.fits(sizes_of(settings.net, data)):
            settings = drawn_anew(settings)
        net = make_network(settings, data, origin.first)
        if old is not None:
            settings = fitting(settings, net, self.settings)
        check_training(settings, net, len(data.train))
        targets = targets_of(data, net)
        optimizer = make_optimizer(settings.training)
        train, test = (part_of(data, targets, rows) for rows in (data.train, data.test))
        training = Training(net, train, settings)
        if old is not None and is_same(old.net, net):
            carry_on(net, old.net, optimizer)
            training.steps = old.steps
            is_same_epoch = (training.size, len(train)) == (old.size, len(old.data))
            training.batch = old.batch if is_same_epoch else 0
        is_same_course = old is not None and (settings.data, settings.net) == (
            self.settings.data,
            self.settings.net,
        )
        if old is not None and is_same_course and settings.training == self.settings.training:
            training.trail = old.trail
        # nothing that is refused gets beyond this line
        self.settings, self.origin, self.data, self.test = settings, origin, data, test
        self.training, self.net, self.optimizer = training, net, optimizer
        self.is_other_data = is_other_data
        if not is_same_course:
            self.curves = Curves()
        self._moved()

    @classmethod
    def from_link(cls, link: object, own: Origin | None = None) -> Session:
        """Return a session that stands where the one stood whose link this is, to the bit.

        Args:
            link: as text.
            own: the program's data and weights, for a link that is of no preset.

        Raises:
            InputError: no such link.
        """
        state = decode(link)
        preset = state.settings.preset
        origin = begin(preset)[1] if preset is not None else own or Origin()
        if state.own is not None and (origin.data is None or origin.data.fingerprint != state.own):
            raise InputError("this link is of data that a program had at hand, and does not hold them")
        given = state.settings.net.init == "given"
        session = cls(drawn_anew(state.settings) if given else state.settings, origin)
        session._restore(state, given)
        return session

    def _restore(self, state: State, given: bool) -> None:
        """Put numbers and place as a link has them; a link that does not fit leaves no session behind."""
        net, size = self.net, self.net.parameters.vector.size
        memory = self.optimizer.memory if state.place["memory_steps"] >= 0 else 0
        vectors = state.numbers.reshape(-1, size) if len(state.numbers) % size == 0 else state.numbers[:0]
        if len(vectors) != 1 + memory + given or state.place["batch"] not in range(self.training.batches):
            raise InputError("this link cannot be opened: its numbers do not fit its settings")
        if given:
            net.parameters.vector[:] = vectors[-1]
            self.origin = replace(self.origin, first=first_of(net))
            self.settings = replace(self.settings, net=replace(self.settings.net, init="given"))
            net.init = "given"
        net.parameters.vector[:] = vectors[0]
        if state.place["memory_steps"] >= 0:
            net.memory = Memory(self.optimizer, vectors[1 : 1 + memory].copy(), state.place["memory_steps"])
        net.epochs, self.training.batch = state.place["epoch"], state.place["batch"]
        self.training.steps = state.place["steps"]
        self.training.settings = self.settings
        self.generation = 0
        self.curves = Curves()
        self._moved()

    @property
    def first(self) -> Array | None:
        """The first weights as one vector, where they are given."""
        if self.settings.net.init != "given" or self.origin.first is None:
            return None
        return np.concatenate([self.origin.first[name].ravel() for name in self.net.parameters])

    @property
    def own(self) -> str | None:
        """The fingerprint of the data that a program brought along, where these are in use."""
        is_own = self.settings.data.kind == "preset" and self.settings.preset is None
        return self.origin.data.fingerprint if is_own and self.origin.data is not None else None

    @property
    def is_at_rest(self) -> bool:
        """Whether no training frame was the last thing that happened."""
        return self.story is not None or self.diverged is not None

    def set(self, changes: object) -> None:
        """Change a part of the settings; the weights stay where the layers and first weights are the same.

        Raises:
            InputError: settings that cannot be; nothing is changed.
        """
        settings = self.settings.changed(changes)
        if settings.preset != self.settings.preset:
            raise InputError("a preset brings its own network and data", hint="open")
        self._begin(settings, self.origin, self.training)

    def edit(self, name: object, index: object, value: object) -> None:
        """Change one weight or bias by hand.

        Raises:
            InputError: no such entry, or no finite number; nothing is changed.
        """
        array = self.net.parameters[check_name("parameter", name, self.net.parameters)]
        places = as_numbers(index, "index").tolist() if isinstance(index, list) else [index]
        if len(places) != array.ndim:
            raise InputError(
                f"{name} has shape {array.shape}", expected=f"{array.ndim} places", got=len(places)
            )
        at = tuple(check_whole("index", place, at_least=0) for place in places)
        for place, size in zip(at, array.shape, strict=True):
            if place >= size:
                raise InputError(f"{name} has no such place", expected=f"0 to {size - 1}", got=place)
        self.training.edit(str(name), at, check_number(str(name), value))
        self._moved()

    def step(self, unit: object) -> None:
        """Make the step that is explained, or as many as end the epoch; with rows in focus that is one.

        A step that diverges is not made, and said in `diverged`.
        """
        check_name("unit", unit, UNITS)
        epoch = self.net.epochs
        try:
            self.training.step(self.optimizer)
            while unit == "epoch" and self.settings.focus is None and self.net.epochs == epoch:
                self.training.step(self.optimizer)
        except DivergedError as error:
            self._moved(error)
        else:
            self._moved()

    def back(self, unit: object) -> None:
        """Go back to before the last edit or step, or to the beginning of an epoch."""
        self.training.back(self.optimizer, check_name("unit", unit, UNITS))
        self.curves.cut(self._epoch)
        self._moved()

    def reset(self) -> None:
        """Begin again with the first weights."""
        self._begin(self.settings, self.origin)

    def frame(self, budget: object) -> None:
        """Train for so many milliseconds; see `frames.py`."""
        from .frames import train

        milliseconds = check_number("budget", budget, above=0, at_most=limits.FRAME)
        error = train(self.training, self.optimizer, time.perf_counter() + milliseconds / 1000)
        self._moved(error, explain=False)

    def settle(self) -> None:
        """Explain the next step, where training has paused."""
        self._moved()

    def _moved(self, error: DivergedError | None = None, explain: bool = True) -> None:
        self.generation += 1
        self.figures = figures(self.net, self.training.data, self.test)
        self.curves.add(self._epoch, self.figures)
        self.story, self.diverged = None, said_of(error)
        if explain:
            self._explain()

    def _explain(self) -> None:
        data, rows = self.training.data, self.training.rows
        options = explain_options(self.settings, self.data, self.net)
        try:
            self.story = self.net.explain(data.X[rows], data.T[rows], **options)
        except DivergedError as error:
            self.diverged = said_of(error)

    @property
    def _epoch(self) -> float:
        return self.net.epochs + self.training.batch / self.training.batches

    @property
    def told(self) -> Story:
        """The story on screen.

        Raises:
            InputError: there is none, as in training.
        """
        if self.story is None:
            raise InputError("there is no step to look into", hint="a pause, or a smaller learning rate")
        return self.story


def said_of(error: DivergedError | None) -> str | None:
    """Return what is said of a step that diverges: it is not made, and what to try is the page's to say."""
    return None if error is None else f"the next step diverges: {error.why}"


def drawn_anew(settings: Settings) -> Settings:
    """Return settings whose first weights are drawn: the given ones do not fit, or are not known yet."""
    return replace(settings, net=replace(settings.net, init="auto"))


def first_of(net: Any) -> Mapping[str, Any]:
    """Return a copy of a network's parameters by name."""
    return {name: np.array(array) for name, array in net.parameters.items()}

"""From settings and data to a network, its optimiser and its targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from ..arrays import as_targets
from ..data import Data
from ..errors import InputError
from ..loss import Loss
from ..mlp import MLP
from ..network import Network
from ..optimizers import OPTIMIZERS, Optimizer
from ..rules.array import Array
from ..stepping import Rates
from .datasets import Dataset, check_sizes
from .settings import NetChoice, Settings, TrainingChoice

First = Mapping[str, Array]  # first weights that are given, by name


def loss_of(choice: NetChoice, data: Dataset) -> Loss:
    """Return the loss: the chosen one, or the natural one of the target.

    Raises:
        InputError: a loss of classes where the targets are numbers.
    """
    loss = Loss(_natural(data) if choice.loss == "auto" else choice.loss)
    if choice.option is not None:
        loss = Loss(loss.name, **dict.fromkeys(loss.options, choice.option))
    if loss.targets in ("class", "probability") and not data.classes:
        raise InputError(
            f"{loss.name} is for classes",
            got=f"numbers in {', '.join(data.targets)!r:.60}",
            hint="squared_error",
        )
    return loss


def _natural(data: Dataset) -> str:
    if not data.classes:
        return "squared_error"
    return "cross_entropy" if len(data.classes) > 2 else "binary_cross_entropy"


def outputs_of(data: Dataset, loss: Loss) -> int:
    """Return how many outputs the data ask for: one a number, one for two classes, else one a class."""
    if not data.classes:
        return len(data.targets)
    return 1 if len(data.classes) == 2 and loss.targets != "class" else len(data.classes)


def sizes_of(choice: NetChoice, data: Dataset) -> list[int]:
    """Return the sizes of the network, from the inputs that the data have to the outputs that they ask for.

    Raises:
        InputError: the page has no room for such data.
    """
    sizes = [len(data.inputs), *choice.hidden, outputs_of(data, loss_of(choice, data))]
    check_sizes(data.inputs, sizes[-1], len(data.X))
    return sizes


def make_network(settings: Settings, data: Dataset, first: First | None) -> MLP:
    """Return the network with its first weights; `first` are those given, for init "given".

    Raises:
        InputError: settings that do not fit one another or the data.
    """
    choice = settings.net
    if choice.init == "given" and first is None:
        raise InputError("no first weights are given", hint="another init")
    return MLP(
        sizes_of(choice, data),
        choice.activations,
        choice.output,
        loss_of(choice, data),
        l1=choice.l1,
        l2=choice.l2,
        seed=choice.seed,
        init=first if choice.init == "given" and first is not None else choice.init,
    )


def is_same(old: Network, new: Network) -> bool:
    """Return whether a network has the layers and the first weights of another, and may take its weights."""
    return (old.layers, old.init, old.seed) == (new.layers, new.init, new.seed)


def make_optimizer(choice: TrainingChoice) -> Optimizer:
    """Return the optimiser at its rate."""
    optimizer: Optimizer = OPTIMIZERS[choice.optimizer](choice.learning_rate)
    return optimizer


def carry_on(net: Network, old: Network, optimizer: Optimizer) -> None:
    """Give a network the weights of another, and its optimiser's memory where that may go on.

    A new rate alone does not make an optimiser forget.
    """
    net.parameters.vector[:] = old.parameters.vector
    net.epochs = old.epochs
    if old.memory is not None and type(old.memory.optimizer) is type(optimizer):
        net.memory = replace(old.memory, optimizer=optimizer)


def targets_of(data: Dataset, net: Network) -> Array:
    """Return the targets (n, outputs) as the network takes them.

    Raises:
        InputError: targets that do not fit the loss.
    """
    Y = data.Y
    if data.classes and net.sizes[-1] > 1:
        Y = np.eye(net.sizes[-1])[data.Y]
    return as_targets(net.loss_function, Y, len(Y), net.sizes[-1], net.dtype)


def part_of(data: Dataset, targets: Array, rows: Array) -> Data:
    """Return one part of the data, checked."""
    return Data(np.ascontiguousarray(data.X[rows], np.float64), targets[rows])


def output_names(data: Dataset, net: Network) -> tuple[str, ...]:
    """Return what the outputs are called: the numbers, or a class each."""
    if not data.classes:
        return data.targets
    named = data.classes if net.sizes[-1] > 1 else data.classes[1:]
    return tuple(f"{data.targets[0]}={name}" for name in named)


def fitting(settings: Settings, net: Network, before: Settings) -> Settings:
    """Return the settings without parameters that were frozen before, in a network which still had them."""
    gone = set(before.training.freeze) - set(net.parameters)
    kept = tuple(name for name in settings.training.freeze if name not in gone)
    return replace(settings, training=replace(settings.training, freeze=kept))


def check_training(settings: Settings, net: Network, rows: int) -> None:
    """Refuse a focus on rows that are not there, and frozen parameters that are not.

    Raises:
        InputError: as said.
    """
    Rates.of(net, settings.training.freeze, None)
    beyond = [row for row in settings.focus or () if row >= rows]
    if beyond:
        raise InputError("there is no such row to focus on", expected=f"0 to {rows - 1}", got=beyond[0])


def explain_options(settings: Settings, data: Dataset, net: Network) -> dict[str, Any]:
    """Return the options of `explain` that settings stand for."""
    return {
        "optimizer": make_optimizer(settings.training),
        "update": settings.training.update,
        "freeze": settings.training.freeze,
        "input_names": data.inputs,
        "output_names": output_names(data, net),
    }

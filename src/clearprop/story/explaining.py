"""`explain`: one training step of a network, recorded as it is made."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import as_inputs, as_targets, as_weights
from ..data import Data
from ..errors import InputError
from ..network import Network
from ..optimizers import LBFGS, SGD, Optimizer, as_optimizer
from ..schedules import Moment, as_schedule
from ..stepping import Rates, Stepper
from ..training import recall
from .header import conventions
from .meanings import TOTALS
from .notes import find_notes
from .paths import Link
from .recording import Recorder
from .step import Step
from .story import Story

LEARNING_RATE = 0.1  # of plain gradient descent, where nothing else is said: the article's


def explain(
    net: Network,
    X: ArrayLike,
    Y: ArrayLike,
    *,
    optimizer: str | Optimizer | None = None,
    learning_rate: float | None = None,
    sample_weight: ArrayLike | None = None,
    update: str = "simultaneous",
    freeze: Sequence[str] = (),
    input_names: Sequence[object] | None = None,
    output_names: Sequence[object] | None = None,
) -> Story:
    """Return the story of one training step on all of X at once; see `MLP.explain`.

    Raises:
        InputError: an argument or array that does not fit.
        DivergedError: the step meets a number that is not finite.
    """
    data = _data(net, X, Y, sample_weight)
    names = checked_names("input_names", input_names, net.sizes[0])
    classes = checked_names("output_names", output_names, net.sizes[-1])
    chosen = choose_optimizer(optimizer, learning_rate)
    twin = _twin(net)
    recorder = Recorder(twin)
    rates = Rates.of(twin, freeze, None)
    recorder.frozen.update(freeze)
    stepper = Stepper(twin, recall(twin, chosen), rates, update=update, ops=recorder.ops)
    eta = float(as_schedule(chosen.learning_rate).rate(Moment(net.epochs, 0, 1, [])))
    with np.errstate(all="ignore"):  # the step looks for itself
        L, P, _, _ = stepper.step(data, np.arange(len(data)), eta)
        loss_after = twin.loss(data.X, data.T, data.weights)
    steps = _with_totals(twin, recorder, L, P)
    story = Story(
        steps=tuple(steps),
        values=recorder.values,
        header=conventions(net, data, chosen, eta, update, freeze),
        input_names=names,
        output_names=classes,
        loss_after=loss_after,
        chain=_chain(twin, recorder, update),
    )
    return dataclasses.replace(story, notes=find_notes(story))


def _data(net: Network, X: ArrayLike, Y: ArrayLike, sample_weight: ArrayLike | None) -> Data:
    """Return checked data; samples of weight 0 stay in it, as in `loss_and_gradient`."""
    inputs = as_inputs(X, net.sizes[0], net.dtype)
    targets = as_targets(net.loss_function, Y, len(inputs), net.sizes[-1], net.dtype)
    weights = None if sample_weight is None else as_weights(sample_weight, len(inputs), net.dtype)
    return Data(inputs, targets, weights)


def choose_optimizer(optimizer: str | Optimizer | None, learning_rate: float | None) -> Any:
    """Return the optimiser of a step, at the rate that is given; gradient descent where none is named.

    Raises:
        InputError: an unknown optimiser, a rate that cannot be, or L-BFGS, which has no single steps.
    """
    chosen = SGD(LEARNING_RATE) if optimizer is None else as_optimizer(optimizer)
    if isinstance(chosen, LBFGS):
        raise InputError(
            "L-BFGS searches along a line and has no single step to explain", hint="optimizer=None"
        )
    if learning_rate is None:
        return chosen
    if not dataclasses.is_dataclass(chosen) or isinstance(chosen, type):
        raise InputError("learning_rate belongs to the optimiser here", got=repr(chosen))
    return dataclasses.replace(chosen, learning_rate=learning_rate)


def _twin(net: Network) -> Network:
    """Return an equal network without dropout, which the step may change, with its optimiser's memory."""
    twin = Network.from_config({**net.config, "dropout": 0.0})
    twin.parameters.vector[:] = net.parameters.vector
    if net.memory is not None:
        twin.memory = dataclasses.replace(net.memory, vectors=net.memory.vectors.copy())
    return twin


def _with_totals(net: Network, recorder: Recorder, L: float, P: float) -> list[Step]:
    """Return the steps, and where there is a penalty the two sums that the network makes of its parts."""
    steps = list(recorder.steps.values())
    if not (net.l1 or net.l2):
        return steps
    parts = " + ".join(f"Omega{layer.number}" for layer in net.layers)
    summands = frozenset(parts.split(" + "))
    totals = [
        Step("loss", "Omega", f"Omega = {parts}", P, None, TOTALS["Omega"], summands),
        Step("loss", "L", "L = L_data + Omega", L + P, None, TOTALS["L"], frozenset(("L_data", "Omega"))),
    ]
    recorder.values.update({step.name: step.value for step in totals})
    after = max(k for k, step in enumerate(steps) if step.phase == "loss") + 1
    return [*steps[:after], *totals, *steps[after:]]


def _chain(net: Network, recorder: Recorder, update: str) -> tuple[Link, ...]:
    links = []
    for layer in net.layers:
        k = layer.number
        passed = f"{layer.W}_new" if update == "sequential" else layer.W
        dA = f"dA{k}" if f"dA{k}" in recorder.steps else None
        X = "X" if k == 1 else f"A{k - 1}"
        links.append(Link(k, X, layer.W, layer.b, f"Z{k}", f"A{k}", dA, f"dZ{k}", passed, layer.activation))
    return tuple(links)


def checked_names(what: str, names: Iterable[object] | None, count: int) -> tuple[str, ...] | None:
    """Return names as texts, one each.

    Raises:
        InputError: another number of them.
    """
    if names is None:
        return None
    texts = () if isinstance(names, str) or not isinstance(names, Iterable) else tuple(map(str, names))
    if len(texts) != count:
        raise InputError(f"{what} does not fit", expected=f"{count} names", got=f"{names!r:.80}")
    return texts

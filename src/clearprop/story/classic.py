"""The story of the article's two networks: their own lines, and the attributes that these set.

A copy of the network runs forward and backward, so every number is bit for bit the class's own.
"""

from __future__ import annotations

import copy
import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from .. import __version__, classic
from ..errors import InputError
from .equations import equations
from .explaining import LEARNING_RATE, checked_names
from .notes import find_notes
from .numbers import number
from .paths import Link
from .recording import copied
from .step import PHASES, Step
from .story import Story

Classic = classic.OneLayerMLP | classic.TwoLayerMLP
RULES = {"Z": "dense", "A": "sigmoid", "dA": "squared_error_back", "dZ": "sigmoid_back", "dW": "dense_back"}


def explain_classic(
    net: Classic,
    X: ArrayLike,
    Y: ArrayLike,
    *,
    optimizer: object = None,
    learning_rate: float | None = None,
    sample_weight: object = None,
    update: str = "simultaneous",
    freeze: Sequence[str] = (),
    input_names: Sequence[object] | None = None,
    output_names: Sequence[object] | None = None,
) -> Story:
    """Return the story of one step of a network of the article, in the article's names.

    Raises:
        InputError: an option that the article's step does not have.
        ValueError: arrays that do not fit, in the words of the class.
    """
    if optimizer is not None or sample_weight is not None or update != "simultaneous" or len(freeze):
        raise InputError(
            f"{type(net).__name__} makes the article's step: plain gradient descent, all at once",
            expected="learning_rate alone",
            hint=f'MLP({_sizes(net)}, "sigmoid", "sigmoid"), which takes all options',
        )
    rate = LEARNING_RATE if learning_rate is None else learning_rate
    twin = copy.deepcopy(net)
    twin.forward(X)
    values: dict[str, Any] = {name: copied(getattr(twin, name)) for name in ("X", *twin._shapes)}
    loss = twin.backward(Y, rate)
    values |= {"Y": copied(np.array(Y, np.float64)), "m": len(values["X"]), "learning_rate": float(rate)}
    steps = []
    for target, expression in equations()[type(net).__name__].lines:
        value: Any = loss if target == "L" else copied(getattr(twin, target.removesuffix("_new")))
        steps.append(_step(target, expression, value))
        values[target] = value
    twin.forward(X)
    story = Story(
        steps=tuple(sorted(steps, key=lambda step: PHASES.index(step.phase))),
        values=values,
        header=_conventions(net, values),
        input_names=checked_names("input_names", input_names, _sizes(net)[0]),
        output_names=checked_names("output_names", output_names, _sizes(net)[-1]),
        loss_after=twin.backward(Y, 0.0),
        chain=_chain(net),
        share=1 / values["m"],
    )
    return dataclasses.replace(story, notes=find_notes(story))


def _step(target: str, expression: str, value: Any) -> Step:
    phase = (
        "loss" if target == "L"
        else "update" if target.endswith("_new")
        else "backward" if target.startswith("d")
        else "forward"
    )  # fmt: skip
    layer = None if target == "L" else 2 if "2" in target else 1
    code = f"{target} = {expression}"
    return Step(phase, target, code, value, layer, _meaning(target, code), frozenset(("m", "learning_rate")))


def _meaning(target: str, code: str) -> str:
    if target == "L":
        return "The loss that is printed: the squared distance to the target, averaged over all entries."
    if target.endswith("_new"):
        return equations()["sgd"].meaning
    name = target.rstrip("12")
    if name == "db":
        return "A bias answers for the errors at its unit, averaged over the samples."
    if name == "dA" and "@" in code:
        return equations()["dense_back_input"].meaning
    return equations()[RULES[name]].meaning


def _sizes(net: Classic) -> list[int]:
    weights = list(net._shapes.values())[::2]
    return [shape[0] for shape in weights] + [weights[-1][1]]


def _conventions(net: Classic, values: dict[str, Any]) -> tuple[tuple[str, str], ...]:
    sizes = _sizes(net)
    factor = {1: "2 · J", 2: "J"}.get(sizes[-1], f"2/{sizes[-1]} · J")
    return (
        ("network", f"{'-'.join(map(str, sizes))}, sigmoid, the article's {type(net).__name__}"),
        ("samples", f"{values['m']}, all at once"),
        ("loss", "printed: L = mean((Y − A)²), over samples and outputs"),
        ("descended on", f"J = Σ ½·(A − Y)², averaged over the samples; L = {factor}"),
        ("penalty", "none"),
        (
            "gradients",
            "dW is ∂J/∂W and db is ∂J/∂b; dA and dZ are of single samples, 1/m enters with dW, db",
        ),
        ("bias", "one a unit, updated like the weights"),
        ("update", f"gradient descent, η = {number(values['learning_rate'])}, simultaneous"),
        ("numbers", f"float64, first weights by seed {net._seed}, clearprop {__version__}"),
    )


def _chain(net: Classic) -> tuple[Link, ...]:
    if isinstance(net, classic.OneLayerMLP):
        return (Link(1, "X", "weights", "bias", "Z", "A", "dA", "dZ", "weights", "sigmoid"),)
    return (
        Link(1, "X", "W1", "b1", "Z1", "A1", "dA1", "dZ1", "W1", "sigmoid"),
        Link(2, "A1", "W2", "b2", "Z2", "A2", "dA2", "dZ2", "W2", "sigmoid"),
    )

"""What is drawn: a network, or an estimator around one, and data in the form that its network takes."""

from __future__ import annotations

from typing import Any

import numpy as np

from ..errors import InputError
from ..network import Network
from ..rules.array import Array


def network_of(model: Any) -> Network:
    """Return the network itself, or that of a fitted estimator.

    Raises:
        InputError: there is none.
    """
    net = getattr(model, "network_", model)
    if isinstance(net, Network):
        return net
    raise InputError(
        "this has no network to draw",
        expected="a network, or a fitted estimator",
        got=type(model).__name__,
        hint="clearprop.from_sklearn or clearprop.from_torch, for models from elsewhere",
    )


def inputs_of(model: Any, X: Any) -> Any:
    """Return X as the inputs of the network: an estimator scales and encodes them first."""
    return model.transform_inputs(X) if hasattr(model, "transform_inputs") else X


def gradients_of(model: Any, X: Any, Y: Any, sample_weight: Any = None) -> dict[str, Array]:
    """Return dW1, db1, … on these samples: of an estimator those that its `explain` shows."""
    net = network_of(model)
    if model is net:
        return dict(net.loss_and_gradient(X, Y, sample_weight)[1])
    story = model.explain(X, Y, sample_weight=sample_weight)
    return {f"d{name}": story[f"d{name}"].value for name in net.parameters}


def codes_of(labels: Array, classes: Array) -> Array:
    """Return the number of each label's class.

    Raises:
        InputError: a label that is none of the classes.
    """
    matches = labels[:, None] == classes
    if not matches.any(axis=1).all():
        raise InputError(
            "Y holds a class that is not known",
            expected=f"one of {', '.join(map(str, classes[:20]))}",
            got=f"{str(labels[~matches.any(axis=1)][0])!r}",
        )
    return np.asarray(matches.argmax(axis=1))


def input_names_of(model: Any) -> list[str]:
    """Return a name for each input: those of the columns, or x1, x2, …"""
    names = getattr(model, "input_names_", None)
    return list(names) if names else [f"x{k + 1}" for k in range(network_of(model).sizes[0])]


def output_names_of(model: Any) -> list[str]:
    """Return a name for each output: the classes, the target, or y1, y2, …"""
    outputs = network_of(model).sizes[-1]
    if hasattr(model, "classes_"):
        return [str(name) for name in model.classes_[-outputs:]]  # one output stands for the second class
    name = getattr(model, "target_name_", None) or "y"
    return [str(name)] if outputs == 1 else [f"{name}{k + 1}" for k in range(outputs)]

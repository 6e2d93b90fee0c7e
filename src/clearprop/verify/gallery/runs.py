"""A run of an example: the network, the data and the training that a file describes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, final

from ...checks import check_name
from ...data import check_data
from ...errors import InputError
from ...loss import LOSSES, Loss
from ...network import Network
from ...rules import HIDDEN_ACTIVATIONS
from ...rules.array import Array
from .parameters import draw, read_parameters, shape_of
from .section import Section, named
from .training import Training, read_training

__all__ = ["Run", "read_run"]

WAYS = {
    "in x out": "in x out, as in the story: W1[0, 1] leads from input 0 to unit 1",
    "out x in": "out x in in the source: W1[0, 1] leads from input 1 to unit 0; the story has in x out",
}


@final
@dataclass(frozen=True)
class Run:
    """A network with given weights, its data, and how it is trained on them.

    Attributes:
        name: what the file calls it; "" for the only or main one.
        settings: the arguments of `Network`, its first parameters included.
        X, Y: inputs (n, in) and targets (n, out) or (n,).
        training: how it makes its steps.
        weights: which way round the file writes weights: "in x out" or "out x in".
        remarks: conventions of the file that a story does not know, as pairs of a term and its text.
    """

    name: str
    settings: Mapping[str, Any]
    X: Array
    Y: Array
    training: Training
    weights: str
    remarks: tuple[tuple[str, str], ...]

    def network(self) -> Network:
        """Return the network as it is before the first step."""
        return Network(**self.settings)

    @property
    def steps_per_epoch(self) -> int:
        """How many steps go once through the data."""
        return -(-len(self.X) // self.training.batch_size)


def read_run(name: str, tables: Mapping[str, Any], where: str) -> Run:
    """Return the run that the tables network, data, training and random describe.

    Raises:
        InputError: what does not fit, with its place.
    """
    sizes = _sizes(tables.get("network"), f"{where}, [network]")
    known = [f"{letter}{k}" for k in range(1, len(sizes)) for letter in ("W", "b", "theta")]
    basic = ("sizes", "activation", "output", "loss", "weights")
    network = Section(tables.get("network"), f"{where}, [network]", [*basic, *known])
    data = Section(tables.get("data", {}), f"{where}, [data]", ("X", "Y"))
    layout = network.one_of("weights", WAYS)
    Y = data.array("Y")
    if Y.ndim == 0:
        raise InputError(f"{data.place('Y')} does not fit", expected="a row for each sample", got=f"{Y:g}")
    shapes = {f"W{k}": shape_of(sizes, k, layout) for k in range(1, len(sizes))} | {"X": (len(Y), sizes[0])}
    drawn = draw(tables.get("random", []), shapes, f"{where}, [[random]]")
    parameters, held, biases = read_parameters(network, sizes, layout, drawn)
    if "X" in drawn and "X" in data:
        raise InputError(f"{data.place('X')} is given and drawn", expected="one of them")
    X = drawn["X"] if "X" in drawn else _rows(data)
    training = read_training(tables.get("training", {}), f"{where}, [training]", len(X), known, held)
    settings = _settings(network, sizes) | {"l2": training.l2, "init": parameters}
    with named(f"{where}, [network]"):
        net = Network(**settings)
    with named(f"{where}, [data]"):
        check_data(net, X, Y)
    return Run(name, settings, X, Y, training, layout, _remarks(layout, biases, training, len(X)))


def _sizes(network: Any, where: str) -> list[int]:
    sizes = network.get("sizes") if isinstance(network, dict) else None
    if isinstance(sizes, list) and len(sizes) > 1 and all(type(size) is int and size > 0 for size in sizes):
        return sizes
    raise InputError(
        f"{where}: sizes does not fit",
        expected="the inputs, the units of each layer and the outputs, such as [2, 3, 1]",
        got=repr(sizes) if sizes is not None else "none",
    )


def _settings(network: Section, sizes: list[int]) -> dict[str, Any]:
    loss = network.value("loss")
    if isinstance(loss, dict):
        options = Section(loss, network.place("loss"), ("name", "delta", "q", "label_smoothing"))
        name = options.one_of("name", LOSSES)
        given = {key: options.number(key) for key in loss if key != "name"}
        with named(network.place("loss")):
            loss = Loss(name, **given)
    activation = network.value("activation", None if len(sizes) > 2 else "identity")
    for name in activation if isinstance(activation, list) else [activation]:
        check_name(f"value of {network.place('activation')}", name, HIDDEN_ACTIVATIONS)
    return {
        "sizes": sizes,
        "activation": activation,
        "output": network.text("output", "auto"),
        "loss": loss,
    }


def _rows(data: Section) -> Array:
    X = data.array("X")
    if X.ndim == 2:
        return X
    raise InputError(
        f"{data.place('X')} does not fit",
        expected="a list of rows, one a sample, such as [[0.05, 0.10]]",
        got=f"shape {X.shape}",
    )


def _remarks(layout: str, biases: list[str], training: Training, samples: int) -> tuple[tuple[str, str], ...]:
    remarks = {"weights": WAYS[layout]}
    if "a threshold" in biases:
        remarks["thresholds"] = "net = Σ wx − theta, so theta is −b"
    if "none" in biases:
        remarks["no bias"] = "where the source has none, it is held at zero"
    if training.penalty:
        remarks["penalty"] = training.penalty
    if samples > 1:
        size = training.batch_size
        remarks["a step takes"] = "all samples" if size == samples else f"{size} of {samples}, in order"
    return tuple(remarks.items())

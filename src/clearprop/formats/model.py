"""The model file: the numbers of a network as arrays, its configuration as JSON in the metadata.

    W1, b1, W2, b2, …   the parameters
    memory              the optimiser's vectors, where the file is for going on with training
    anything.else       arrays of whoever wraps the network (the estimators' columns)
    metadata clearprop  {"format": 1, "kind": …, "version": …, "config": …, "history": …, "extra": …}

Opening one never runs code: layers, losses and optimisers come from closed lists, every shape is
compared with the configuration before memory is taken, and every number must be finite. A file holds
no time and no path, so equal networks give equal bytes.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from .. import __version__
from ..errors import InputError, ModelFileError
from ..history import History
from ..layers import build_layers, shapes_of
from ..network import Network
from ..optimizers import from_config, to_config
from ..rules.array import Array
from ..stepping import Memory
from .safetensors import Reader, write

FORMAT = 1
KEYS = {"format", "kind", "version", "config", "history", "epochs", "memory", "extra"}


@dataclass
class Wrapping:
    """What somebody around the network keeps in its file: JSON values, and arrays whose names hold a dot."""

    kind: str = "network"
    extra: dict[str, Any] = field(default_factory=dict)
    arrays: dict[str, Array] = field(default_factory=dict)


def save(
    net: Network, path: str | os.PathLike[str], *, training: bool = False, wrapping: Wrapping | None = None
) -> None:
    """Write a network, with what is wrapped around it, to one file, whole or not at all.

    Raises:
        InputError: training=True, and the optimiser is not one of ours.
        OSError: the file cannot be written; what was there is still there.
    """
    wrapping = wrapping or Wrapping()
    arrays: dict[str, Array] = {**net.parameters, **wrapping.arrays}
    content = {
        "format": FORMAT,
        "kind": wrapping.kind,
        "version": __version__,
        "config": net.config,
        "history": None if net.history is None else _without_times(net.history),
        "epochs": net.epochs,
        "memory": None,
        "extra": wrapping.extra,
    }
    if training and net.memory is not None:
        content["memory"] = {"optimizer": to_config(net.memory.optimizer), "steps": net.memory.steps}
        if net.memory.vectors.size:
            arrays["memory"] = net.memory.vectors
    text = json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    write(path, arrays, {"clearprop": text})


def load(path: str | os.PathLike[str], kind: type[Network]) -> tuple[Network, Wrapping]:
    """Return the network of a file, made as `kind`, and what is wrapped around it.

    Raises:
        ModelFileError: the file is damaged, foreign or not to be trusted.
        OSError: it cannot be opened or read.
    """
    with Reader(path) as file:
        content = _read_content(file)
        try:
            net = _build(file, content, kind)
            _restore_training(file, content, net)
        except InputError as error:
            file.refuse(str(error))
        except (TypeError, KeyError, AttributeError, OverflowError, ValueError) as error:
            if isinstance(error, ModelFileError):
                raise
            file.refuse(f"its configuration is malformed ({type(error).__name__})")
        others = {name: file.read(name) for name in file.entries if "." in name}
        return net, Wrapping(content["kind"], content["extra"], others)


def _read_content(file: Reader) -> dict[str, Any]:
    if "clearprop" not in file.metadata:
        file.refuse(
            "it is a safetensors file, but not of clearprop",
            "metadata named clearprop",
            ", ".join(file.metadata) or "none",
        )
    try:
        content = json.loads(file.metadata["clearprop"])
    except (ValueError, RecursionError):
        file.refuse("its configuration is not JSON")
    if not isinstance(content, dict) or type(content.get("format")) is not int:
        file.refuse("its configuration is incomplete")
    if content["format"] > FORMAT:
        file.refuse("it was written by a newer clearprop", f"format {FORMAT}", f"format {content['format']}")
    if set(content) != KEYS or not isinstance(content["kind"], str) or not isinstance(content["extra"], dict):
        file.refuse("its configuration is incomplete")
    return content


def _build(file: Reader, content: Mapping[str, Any], kind: type[Network]) -> Network:
    """Make the network, after all of its shapes were found in the file."""
    config = content["config"]
    sizes = config["sizes"]
    if not isinstance(sizes, list) or 2 * len(sizes) - 2 > len(file.entries):
        file.refuse("its layers do not fit its arrays")
    shapes = shapes_of(build_layers(sizes, config["activation"], config["output"], config["dropout"]))
    for name, shape in shapes.items():
        entry = file.entries.get(name)
        if entry is None or entry.shape != shape or entry.dtype != np.dtype(config["dtype"]):
            file.refuse(
                f"{name} is missing or of another kind",
                f"{config['dtype']} {shape}",
                entry and f"{entry.dtype} {entry.shape}",
            )
    for name in file.entries:
        if name not in shapes and name != "memory" and "." not in name:
            file.refuse(f"nobody asked for the array {name!r:.40}")
    net = kind.from_config(config)
    for name, window in net.parameters.items():
        file.read_into(name, window)
    return net


def _restore_training(file: Reader, content: Mapping[str, Any], net: Network) -> None:
    if type(content["epochs"]) is not int or content["epochs"] < 0:
        file.refuse("its number of epochs is malformed")
    net.epochs = content["epochs"]
    net.history = None if content["history"] is None else History.from_dict(content["history"])
    memory = content["memory"]
    if memory is None:
        if "memory" in file.entries:
            file.refuse("nobody asked for the array 'memory'")
        return
    optimizer = from_config(memory["optimizer"])
    if type(memory["steps"]) is not int or memory["steps"] < 0:
        file.refuse("its number of steps is malformed")
    size = (optimizer.memory, net.parameters.vector.size)
    if optimizer.memory and ("memory" not in file.entries or file.entries["memory"].shape != size):
        file.refuse("the optimiser's memory is missing or of another shape")
    vectors = np.zeros(size, net.dtype)
    if optimizer.memory:
        file.read_into("memory", vectors)
    net.memory = Memory(optimizer, vectors, memory["steps"])


def _without_times(history: History) -> dict[str, Any]:
    record = history.to_dict()
    return {name: value for name, value in record.items() if name != "seconds"}

"""The model file: the numbers of a network as arrays, its configuration as JSON in the metadata.

    W1, b1, W2, b2, …    the parameters
    memory               the optimiser's vectors, where the file is for going on with training
    history              the record of training: a row for each of `COLUMNS`, NaN where there is no number
    extra                JSON of whoever wraps the network (the estimators' columns), as bytes
    anything.else        arrays of the same
    metadata clearprop   {"format": 1, "kind": …, "version": …, "epochs": …, "config": …, "memory": …}
    metadata history     the rest of the record: {"metric_name": …, "seed": …, "settings": …, …}

Opening one never runs code: layers, losses and optimisers come from closed lists, every shape is
compared with the configuration before memory is taken, and every weight must be finite. It takes
little more memory than the file's size (see safetensors.py); only a record of thousands of epochs and
the names of a thousand columns tell, which become Python objects of several times their size.
A file holds no time and no path, so equal networks give equal bytes.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np

from .. import __version__
from ..errors import InputError, ModelFileError
from ..history import History
from ..layers import build_layers, shapes_of
from ..network import Network
from ..optimizers import from_config, to_config
from ..rules.array import Array
from ..stepping import Memory
from .safetensors import Reader, cost, refusal, to_json, write

FORMAT = 1
KEYS = {"format", "kind", "version", "epochs", "config", "memory"}
COLUMNS = (
    "epoch",
    "train_loss",
    "penalty",
    "validation_loss",
    "metric",
    "learning_rate",
    "gradient_norm",
)
MAY_BE_NONE = {"validation_loss", "metric"}
Kind = TypeVar("Kind", bound=Network)


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
        InputError: a number is not finite; or training=True, and the optimiser is not one of ours.
        OSError: the file cannot be written; what was there is still there.
    """
    wrapping = wrapping or Wrapping()
    arrays: dict[str, Array] = {**net.parameters, **wrapping.arrays}
    about = {
        "format": FORMAT,
        "kind": wrapping.kind,
        "version": __version__,
        "epochs": net.epochs,
        "config": net.config,
        "memory": None,
    }
    if training and net.memory is not None:
        about["memory"] = {"optimizer": to_config(net.memory.optimizer), "steps": net.memory.steps}
        arrays["memory"] = net.memory.vectors
    for name, array in arrays.items():
        if not _is_finite(array):
            raise InputError(f"{name} cannot be saved", expected="finite numbers", got="some that are not")
    metadata = {"clearprop": to_json(about)}
    if wrapping.extra:
        arrays["extra"] = _to_bytes(wrapping.extra)
    if net.history is not None:
        metadata["history"], arrays["history"] = _split(net.history)
    write(path, arrays, metadata)


def load(path: str | os.PathLike[str], kind: type[Kind]) -> tuple[Kind, Wrapping]:
    """Return the network of a file, made as `kind`, and what is wrapped around it.

    Raises:
        ModelFileError: the file is damaged, foreign or not to be trusted.
        OSError: it cannot be opened or read.
    """
    with Reader(path) as file, distrust(path):
        about = _read_about(file)
        net = _build(file, about["config"], kind)
        net.epochs = _count(file, about["epochs"])
        net.memory = _read_memory(file, about["memory"], net)
        net.history = _read_history(file)
        arrays = {name: _finite(file, name, file.read(name)) for name in file.entries if "." in name}
        wrapping = Wrapping(about["kind"], _read_extra(file), arrays)
        for name in file.unread:
            file.refuse(f"nobody asked for its array {name!r:.40}")
        return net, wrapping


@contextmanager
def distrust(path: str | os.PathLike[str]) -> Iterator[None]:
    """What goes wrong while the content of a file is taken apart is the fault of the file."""
    try:
        yield
    except (ModelFileError, OSError):
        raise
    except InputError as error:
        raise refusal(path, str(error)) from None
    except (ArithmeticError, AttributeError, LookupError, RecursionError, TypeError, ValueError) as error:
        raise refusal(path, f"its content is malformed ({type(error).__name__})") from error


def _read_about(file: Reader) -> dict[str, Any]:
    if "clearprop" not in file.metadata:
        file.refuse("it is a safetensors file, but not of clearprop")
    about = file.parse(file.metadata["clearprop"].encode(), "its configuration")
    version = about.get("format")
    if type(version) is int and version > FORMAT:
        file.refuse("it was written by a newer clearprop", f"format {FORMAT}", f"format {version}")
    texts = type(about.get("kind")), type(about.get("version"))
    if (type(version), version) != (int, FORMAT) or set(about) != KEYS or texts != (str, str):
        file.refuse("its configuration is incomplete")
    return about


def _build(file: Reader, config: Mapping[str, Any], kind: type[Kind]) -> Kind:
    """Make the network, after all of its shapes were found in the file."""
    if config["dtype"] not in ("float64", "float32"):
        file.refuse("its dtype is unknown", "float64 or float32", repr(config["dtype"]))
    layers = build_layers(config["sizes"], config["activation"], config["output"], config["dropout"])
    for name, shape in shapes_of(layers).items():
        file.expect(name, shape, np.dtype(config["dtype"]))
    net = kind.from_config(config)
    for name, window in net.parameters.items():
        file.read_into(name, window)
    _finite(file, "the network", net.parameters.vector)
    return net


def _read_memory(file: Reader, memory: Any, net: Network) -> Memory | None:
    if memory is None:
        return None
    optimizer = from_config(memory["optimizer"])
    size = (optimizer.memory, net.parameters.vector.size)
    file.expect("memory", size, net.dtype)
    if set(memory) != {"optimizer", "steps"} or not hasattr(optimizer, "step"):
        file.refuse("its optimiser is malformed")
    return Memory(optimizer, _finite(file, "memory", file.read("memory")), _count(file, memory["steps"]))


def _read_history(file: Reader) -> History | None:
    if "history" not in file.metadata:
        return None
    record = file.parse(file.metadata["history"].encode(), "its history")
    for name, row in zip(COLUMNS, file.read("history"), strict=True):
        numbers = row.tolist()
        if name == "epoch":
            if not all(map(float.is_integer, numbers)):
                file.refuse("its history is malformed", "epochs that are whole numbers")
            numbers = list(map(int, numbers))
        if name in MAY_BE_NONE:
            numbers = [None if math.isnan(number) else number for number in numbers]
        record[name] = numbers
    return History.from_dict(record)


def _read_extra(file: Reader) -> dict[str, Any]:
    if "extra" not in file.entries:
        return {}
    text = file.read("extra").tobytes()
    return file.parse(text, "what is around its network", _warrant(text))


def _to_bytes(extra: dict[str, Any]) -> Array:
    """Return what `_read_extra` reads."""
    text = to_json(extra).encode("ascii")
    if cost(text) > _warrant(text):
        raise InputError("a model file cannot hold so many values around a network")
    return np.frombuffer(text, np.uint8)


def _warrant(extra: bytes) -> int:
    """Return how many bytes of memory JSON around a network may take: enough for texts and flat lists."""
    return 100_000 + 80 * len(extra)


def _split(history: History) -> tuple[str, Array]:
    """Return what `_read_history` puts together; times are left out."""
    record = {k: v for k, v in history.to_dict().items() if k != "seconds" and k not in COLUMNS}
    return to_json(record), np.array([getattr(history, name) for name in COLUMNS], np.float64)


def _count(file: Reader, value: Any) -> int:
    if type(value) is not int or not 0 <= value < 2**53:
        file.refuse("a number of epochs or steps is malformed", "a whole number", repr(value))
    return value


def _finite(file: Reader, name: str, array: Array) -> Array:
    if not _is_finite(array):
        file.refuse(f"{name} holds a number that is not finite")
    return array


def _is_finite(array: Array) -> bool:
    return not array.size or (math.isfinite(array.min()) and math.isfinite(array.max()))

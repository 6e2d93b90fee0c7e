"""What a tab begins with: a network and data that the command or a program names."""

from __future__ import annotations

import csv
import io
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from ..arrays import as_inputs, as_targets
from ..checks import check_name
from ..errors import InputError
from ..mlp import MLP
from ..rules.array import Array
from ..samples import SAMPLES
from . import limits
from .building import sizes_of
from .datasets import Own, build
from .gallery import PRESETS
from .presets import Beginning, Origin, begin
from .reading import Columns, parse
from .session import Session, first_of
from .settings import Settings
from .tables import comma_in

USUAL = "xor"  # the preset where nothing is said
TYPES = "MLP, with no dropout"


def of_network(
    net: Any, X: ArrayLike | None = None, Y: ArrayLike | None = None, data: dict[str, Any] | None = None
) -> Beginning:
    """Return a network with its weights, on data, or on a built-in set that fits it.

    Args:
        net: the network.
        X, Y: inputs and targets.
        data: data as settings describe them, in place of both.

    Raises:
        InputError: what the page has no room for, or data that do not fit.
    """
    if not isinstance(net, MLP):
        raise InputError("this network cannot be played with", expected=TYPES, got=type(net).__name__)
    if any(layer.dropout for layer in net.layers):
        raise InputError("this network cannot be played with", expected=TYPES, got="some dropout")
    if (X is None) != (Y is None):
        raise InputError("X and Y belong together", got="one of them")
    own = None
    choice = {
        "hidden": list(net.sizes[1:-1]),
        "activations": [layer.activation for layer in net.layers[:-1]],
        "output": net.layers[-1].activation,
        "loss": net.loss_function.name,
        "option": next(iter(net.loss_function.options.values()), None),
        "init": "given",
        "seed": net.seed or 0,
        "l1": net.l1,
        "l2": net.l2,
    }
    first = {name: array.astype(np.float64) for name, array in first_of(net).items()}
    settings = Settings().changed({"net": choice})
    if X is not None and Y is not None:
        data, own = _data_of(net, X, Y)
    if data is None:
        return _with_built_in(settings, Origin(own, first), net.sizes)
    changed = settings.changed({"data": data})
    fitting = sizes_of(changed.net, build(changed.data, own))
    if fitting != list(net.sizes):
        got, expected = ("-".join(map(str, sizes)) for sizes in (net.sizes, fitting))
        raise InputError("the network does not fit the data", expected=expected, got=got)
    return changed, Origin(own, first)


def _with_built_in(settings: Settings, origin: Origin, sizes: tuple[int, ...]) -> Beginning:
    """Return the settings with the first built-in data set that such a network can be trained on."""
    for kind in SAMPLES:
        changed = settings.changed({"data": {"kind": kind}})
        try:
            Session(changed, origin)
        except InputError:
            continue
        return changed, origin
    got = "-".join(map(str, sizes))
    raise InputError("no built-in data set fits this network", got=got, hint="data of its own")


def _data_of(net: MLP, X: ArrayLike, Y: ArrayLike) -> tuple[dict[str, Any], Own | None]:
    """Return data for the settings: a table, or data of their own, where a table has no room for them."""
    inputs = as_inputs(X, net.sizes[0], np.float64)
    targets = as_targets(net.loss_function, Y, len(inputs), net.sizes[-1], np.float64)
    names = tuple(f"x{k}" for k in range(1, net.sizes[0] + 1))
    are_classes = net.loss_function.targets in ("class", "probability")
    if are_classes and np.isin(targets, (0, 1)).all():
        codes = targets.argmax(axis=1) if targets.shape[1] > 1 else targets[:, 0].astype(int)
        classes = tuple(map(str, range(max(2, net.sizes[-1]))))
        if len(np.unique(codes)) < len(classes):  # a table would not know of those that are missing
            return {"kind": "preset"}, Own(inputs, codes, names, ("y",), classes)
        return _table(names, inputs, codes, classes=True), None
    if are_classes:
        raise InputError("Y does not fit the page", expected="one class a row", got="shares of several")
    if targets.shape[1] == 1:
        return _table(names, inputs, targets[:, 0]), None
    outputs = tuple(f"y{k}" for k in range(1, targets.shape[1] + 1))
    return {"kind": "preset"}, Own(inputs, targets, names, outputs)


def _table(names: tuple[str, ...], X: Array, y: Array, classes: bool | None = None) -> dict[str, Any]:
    """Return arrays as a table, every number to the bit."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow([*names, "y"])
    writer.writerows([*map(repr, row), repr(one)] for row, one in zip(X.tolist(), y.tolist(), strict=True))
    table = {"name": "data", "text": text.getvalue(), "inputs": names, "target": "y", "classes": classes}
    return {"kind": "table", "table": table, "test": 0.0}


def of_table(name: str, text: str, target: str | None) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the data of a table, and notes on what is not taken as it stands there.

    The target is its last column, where none is named.

    Raises:
        InputError: no table, or one without numbers to learn from.
    """
    found = parse(text)
    target = found.names[-1] if target is None else check_name("column", target, found.names)
    usable = [one for one in found.names if one in found.numbers and one != target]
    others = [_with_odd(found, one) for one in found.names if one in found.odd and one != target]
    if not usable:
        raise InputError(
            f"{name} has no numbers to learn from",
            expected="a column of numbers beside the target",
            got=", ".join(others),
        )
    table = {"name": name, "text": text, "inputs": usable[: limits.INPUTS], "target": target}
    return {"kind": "table", "table": table}, _notes(found, usable, others)


def _notes(found: Columns, usable: list[str], others: list[str]) -> tuple[str, ...]:
    """Return which columns are left out, and how a comma is read."""
    notes = []
    if others:
        notes.append(f"columns left out, since not all cells are numbers: {', '.join(others)}")
    beyond = [f"{name!r:.60}" for name in usable[limits.INPUTS :]]
    if beyond:
        notes.append(
            f"columns left out, since the page has room for {limits.INPUTS} inputs: {', '.join(beyond)}"
        )
    comma = comma_in(found)
    if comma is not None:
        notes.append(f"{comma[0]!r} is read as {comma[1]}: a comma is taken for the decimal point")
    return tuple(notes)


def _with_odd(found: Columns, name: str) -> str:
    """Return a column's name, with its first cell that is no number where it holds mostly these."""
    cell, line = found.odd[name]
    return f"{name!r:.60} ({cell!r} in line {line})" if name in found.mixed else f"{name!r:.60}"


def usual(data: dict[str, Any] | None = None, hidden: list[int] | None = None) -> Beginning:
    """Return the preset of the beginning, or some of it on other data or with other hidden layers."""
    settings, origin = begin(USUAL)
    if data is None and hidden is None:
        return settings, origin
    net = dict(PRESETS[USUAL].changes["net"]) | ({} if hidden is None else {"hidden": hidden})
    net["activations"] = ["tanh"] * len(net["hidden"])
    rate = {"optimizer": "sgd", "learning_rate": 0.1}
    return Settings().changed({"data": data or {}, "net": net, "training": rate}), origin

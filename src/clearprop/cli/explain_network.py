"""A network made on the spot for `clearprop explain`, with a built-in data set or a table of numbers."""

from __future__ import annotations

import re
from typing import NamedTuple

import numpy as np

from ..checks import check_name, check_number, check_whole
from ..errors import InputError
from ..loss import Loss
from ..mlp import MLP
from ..rules import HIDDEN_ACTIVATIONS, OUTPUT_ACTIVATIONS
from ..rules.initializers import INITIALIZERS
from ..samples import SAMPLES
from .explain_header import rows_of
from .explain_subject import Array, Subject, chosen_rows, note, numbers_of
from .messages import listing, shown
from .paths import table_path
from .reading import read_table, split_target
from .settings import loss_of
from .text import several

__all__ = ["NetworkOptions", "of_network"]

HIDDEN = 3  # units of a network whose sizes are not given


class NetworkOptions(NamedTuple):
    """The options of a network made on the spot; None where not given."""

    net: str | None
    activation: str | None
    loss: str | None
    output: str | None
    seed: int | None
    l1: float | None
    l2: float | None
    init: str | None


class _Rows(NamedTuple):
    """The rows of a step: X (n, in), Y (n,) numbers or the numbers of classes, and what they are called."""

    X: Array
    Y: Array
    inputs: tuple[str, ...]
    target: str
    classes: tuple[str, ...]
    told: str | None


def of_network(options: NetworkOptions, data: str | None, target: str | None, wanted: str | None) -> Subject:
    """Return a network as the options say, with the rows of its data that make one step.

    Raises:
        InputError: an option, a data set or rows that do not fit.
    """
    if data is None:
        raise InputError(
            "there is nothing to explain" if options.net is None else "no data are named",
            expected="MODEL DATA, or --data with --net or without",
            hint=f"clearprop explain --net {options.net or '2-3-1'} --data xor",
        )
    activations = _activations(options)
    loss = None if options.loss is None else loss_of(options.loss)
    found = _built_in(data, target, wanted) if data in SAMPLES else _table(data, target, wanted, loss)
    sizes = _sizes(options.net, found, _outputs(found, loss))
    if loss is None:
        loss = Loss("squared_error" if not found.classes else _log_loss(sizes[-1]))
    _check_output(options.output, loss)
    model = MLP(
        sizes,
        _one_each(activations, len(sizes) - 2),
        options.output or "auto",
        loss,
        l1=options.l1 or 0.0,
        l2=options.l2 or 0.0,
        seed=options.seed or 0,
        init=options.init or "auto",
    )
    Y, outputs = _targets(found, sizes[-1])
    return Subject(model, found.X, Y, {"input_names": found.inputs, "output_names": outputs}, found.told)


def _built_in(name: str, target: str | None, wanted: str | None) -> _Rows:
    if target is not None:
        raise InputError(f"--target is for a table, and {name} is built in", hint="it without --target")
    samples = SAMPLES[name]()
    count = len(samples.X)
    step = chosen_rows(wanted, count)
    told = None if len(step) == count else rows_of(step, name, count, count)
    return _Rows(samples.X[step], samples.Y[step], *samples[2:], told)


def _table(data: str, target: str | None, wanted: str | None, loss: Loss | None) -> _Rows:
    path = table_path(data)
    file = read_table(path)
    if target is None:
        raise InputError(
            "no target is named", expected=f"one of {listing(file.table.column_names)} as --target"
        )
    features, values, notes = split_target(file.table, target)
    for text in (*file.notes, *notes):
        note(text)
    values, classes = _as_classes(values, loss)
    step = chosen_rows(wanted, len(values))
    X = numbers_of(features.slice(step.start, len(step)))
    told = rows_of(step, path.name, len(values), file.table.num_rows)
    return _Rows(X, values[step.start : step.stop], tuple(features.column_names), target, classes, told)


def _as_classes(values: Array, loss: Loss | None) -> tuple[Array, tuple[str, ...]]:
    """Return texts and booleans as numbers of classes; whole numbers too where the loss is one of classes."""
    wants_classes = loss is not None and loss.targets in ("class", "probability")
    if values.dtype.kind not in "Ob" and not (wants_classes and values.dtype.kind in "iu"):
        return values, ()
    classes, codes = np.unique(values, return_inverse=True)
    if len(classes) == 1:
        raise InputError(
            "one class alone cannot be told from others", expected="2 or more", got=shown(str(classes[0]))
        )
    return codes, tuple(map(str, classes.tolist()))


def _outputs(found: _Rows, loss: Loss | None) -> int:
    """Return how many outputs the data want: one, or one for each class."""
    if loss is not None and loss.targets == "class" and not found.classes:
        raise InputError(
            f"--loss {loss.name} is for classes",
            got=f"numbers in {shown(found.target)}",
            hint="--loss squared_error",
        )
    one_for_two = loss is None or loss.targets != "class"
    return 1 if len(found.classes) == 2 and one_for_two else max(1, len(found.classes))


def _sizes(text: str | None, found: _Rows, outputs: int) -> list[int]:
    """Return the sizes of "2-3-1" after a check against the data; by default one small hidden layer."""
    inputs = found.X.shape[1]
    if text is None:
        return [inputs, HIDDEN, outputs]
    if not re.fullmatch(r"0*[1-9]\d*(-0*[1-9]\d*)+", text):
        raise InputError(
            "--net does not fit",
            expected="sizes from 1 with - between them",
            got=shown(text),
            hint="--net 2-3-1",
        )
    sizes = [int(size) for size in text.split("-")]
    fitting = "-".join(map(str, [inputs, *sizes[1:-1], outputs]))
    if sizes[0] != inputs:
        raise InputError(
            f"--net {text} does not fit the data",
            expected=f"{several(inputs, 'input')}, as there are {listing(found.inputs)}",
            got=sizes[0],
            hint=f"--net {fitting}",
        )
    if sizes[-1] not in (outputs, len(found.classes)):
        kind = f"{several(len(found.classes), 'class', 'classes')}" if found.classes else "a number"
        raise InputError(
            f"--net {text} does not fit the data",
            expected=f"{several(outputs, 'output')}, for {kind}",
            got=sizes[-1],
            hint=f"--net {fitting}",
        )
    return sizes


def _activations(options: NetworkOptions) -> list[str]:
    """Return the names of the activations, after a check of all that does not depend on the data."""
    names = [name.strip() for name in (options.activation or "sigmoid").split(",")]
    for name in names:
        check_name("activation", name, HIDDEN_ACTIVATIONS)
    check_name("output", options.output or "auto", ("auto", *OUTPUT_ACTIVATIONS))
    check_name("init", options.init or "auto", ("auto", *INITIALIZERS))
    check_number("--l1", options.l1 or 0.0, at_least=0)
    check_number("--l2", options.l2 or 0.0, at_least=0)
    check_whole("--seed", options.seed or 0, at_least=0)
    return names


def _one_each(activations: list[str], hidden: int) -> str | list[str]:
    if len(activations) not in (1, hidden):
        raise InputError(
            "--activation does not fit",
            expected=f"one name, or one for each of {several(hidden, 'hidden layer')}",
            got=len(activations),
        )
    return activations[0] if len(activations) == 1 else activations


def _check_output(output: str | None, loss: Loss) -> None:
    if loss.is_fused and output not in (None, "auto", loss.natural_output):
        raise InputError(
            f"{loss.name} is computed together with its natural output",
            expected=f"--output {loss.natural_output}",
            got=f"--output {output}",
            hint="--loss squared_error, which takes any output",
        )


def _log_loss(outputs: int) -> str:
    return "binary_cross_entropy" if outputs == 1 else "cross_entropy"


def _targets(found: _Rows, outputs: int) -> tuple[Array, tuple[str, ...]]:
    """Return the targets as the network takes them, and the names of its outputs."""
    if not found.classes:
        return found.Y, (found.target,)
    if outputs == 1:
        return found.Y, (f"{found.target}={found.classes[1]}",)
    one_hot = np.eye(outputs)[found.Y]
    return one_hot, tuple(f"{found.target}={name}" for name in found.classes)

"""What `clearprop explain` explains: a model from a file, with the rows of a table that make one step."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from ..errors import InputError
from ..story.wrapping import line_width, wrap_words
from .explain_header import rows_of
from .inference import columns_for, target_of, unseen
from .messages import listing, shown
from .paths import open_model
from .reading import read_table, split_target
from .text import rows, several, visible

__all__ = ["Subject", "chosen_rows", "note", "numbers_of", "of_model"]

Array = NDArray[Any]
FIRST = 4  # rows of a step, where nothing else is said


class Subject(NamedTuple):
    """A model with the inputs and targets of a step.

    Attributes:
        model, X, Y: as `explain` takes them.
        names: those of inputs and outputs, by the options of `explain`.
        rows: which rows of the data these are, in words; None where they are all.
    """

    model: Any
    X: Any
    Y: Any
    names: dict[str, Any]
    rows: str | None


def of_model(path: Path, data: Path, target: str | None, wanted: str | None) -> Subject:
    """Return the model of a file, and the rows of a table as its training took them.

    Raises:
        InputError: a table, a target or rows that do not fit the model.
        ModelFileError: it is no intact model.
    """
    model = open_model(path, data)
    if not hasattr(model, "network_"):
        return _of_bare(model, data, target, wanted)
    if getattr(model, "_is_multilabel", False) or not getattr(model, "_one_column", True):
        raise InputError("explain takes a model of one target", got="a model of several")
    file = read_table(data)
    target = target or target_of(model)
    if target is None:
        known = listing(file.table.column_names)
        raise InputError(
            "the model does not say which column it predicts", expected=f"one of {known} as --target"
        )
    features, values, notes = split_target(file.table, target)
    step = chosen_rows(wanted, len(values))
    X = columns_for(model, features.slice(step.start, len(step)))
    for text in (*file.notes, *notes, *unseen(model, X)):
        note(text)
    y = values[step.start : step.stop]
    _check_answers(model, y, target)
    return Subject(model, X, y, {}, rows_of(step, data.name, len(values), file.table.num_rows))


def note(text: str) -> None:
    """Print "note: …" to standard error, within the width of the terminal."""
    print("\n".join(wrap_words(f"note: {visible(text)}", line_width(), 6)), file=sys.stderr)


def chosen_rows(wanted: str | None, count: int) -> range:
    """Return the rows of the step, from "0:4", ":10", "7" or ":"; None is the first few, with a note.

    Raises:
        InputError: another form, or rows that are not there.
    """
    if wanted is None:
        if count > FIRST:
            note(f"rows 0 to {FIRST - 1} of {count}; --rows 0:{count} takes all")
        return range(min(FIRST, count))
    found = re.fullmatch(r"(\d*):(\d*)|(\d+)", wanted.strip())
    if found is None:
        raise InputError(
            "--rows does not fit",
            expected="such as 0:4, :10, 7 or :",
            got=shown(wanted),
            hint=f"--rows 0:{FIRST}",
        )
    first, end, single = found.groups()
    start = int(single or first or 0)
    stop = start + 1 if single else int(end or count)
    if not start < stop <= count:
        raise InputError(
            "there are no such rows",
            expected=f"some of 0:{count}, as there are {rows(count)}",
            got=shown(wanted),
        )
    return range(start, stop)


def numbers_of(table: pa.Table) -> Array:
    """Return columns of numbers as a matrix (rows, columns).

    Raises:
        InputError: a column holds something else, or lacks a value.
    """
    for name in table.column_names:
        column = table[name]
        kind = column.type
        if not (pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_boolean(kind)):
            raise InputError(
                f"column {shown(name)} does not fit a bare network",
                expected="numbers",
                got=shown(str(column[0].as_py())),
                hint="clearprop train, whose models take any column",
            )
        if column.null_count:
            raise InputError(
                f"column {shown(name)} lacks {several(column.null_count, 'value')} in these rows",
                expected="a number in each, as a bare network takes",
                hint="--rows with others",
            )
    return np.column_stack([table[name].cast(pa.float64()).to_numpy() for name in table.column_names])


def _of_bare(net: Any, data: Path, target: str | None, wanted: str | None) -> Subject:
    """Return a network that knows no columns, with a table of numbers: first inputs, then targets."""
    table = read_table(data).table
    if target is not None:
        split_target(table, target)  # says what is wrong with it
        features, answers = table.drop_columns([target]), table.select([target])
    else:
        outputs = 1 if net.loss_function.targets == "class" else net.sizes[-1]
        features, answers = _first_and_last(table, net.sizes[0], outputs)
    _check_width(features, net.sizes[0])
    step = chosen_rows(wanted, table.num_rows)
    X, Y = (numbers_of(part.slice(step.start, len(step))) for part in (features, answers))
    names: dict[str, Any] = {"input_names": features.column_names}
    if answers.num_columns == net.sizes[-1]:
        names["output_names"] = answers.column_names
    return Subject(net, X, Y, names, rows_of(step, data.name, table.num_rows, table.num_rows))


def _first_and_last(table: pa.Table, inputs: int, outputs: int) -> tuple[pa.Table, pa.Table]:
    names = table.column_names
    if len(names) != inputs + outputs:
        raise InputError(
            f"the network has {several(inputs, 'input')}, and knows nothing of columns",
            expected=f"{several(inputs + outputs, 'column')}, the targets last",
            got=f"{len(names)}: {listing(names)}",
            hint="--target COLUMN",
        )
    answers = names[inputs:]
    where = "the last column" if outputs == 1 else f"the last {outputs} columns"
    note(f"the targets are taken from {where}: {listing(answers)}")
    return table.select(names[:inputs]), table.select(answers)


def _check_width(features: pa.Table, inputs: int) -> None:
    if features.num_columns != inputs:
        raise InputError(
            "the table does not fit the network",
            expected=f"{several(inputs, 'column')} beside the target",
            got=f"{features.num_columns}: {listing(features.column_names)}",
        )


def _check_answers(model: Any, values: Array, target: str) -> None:
    """Refuse classes that the model does not know, and texts where it predicts numbers."""
    if not hasattr(model, "classes_"):
        if values.dtype.kind in "Ob":
            raise InputError(
                f"column {shown(target)} does not fit a model that predicts numbers",
                expected="numbers",
                got=shown(str(values[0])),
            )
        return
    new = sorted(set(values.tolist()) - set(model.classes_.tolist()), key=str)
    if new:
        raise InputError(
            f"column {shown(target)} holds a class that the model does not know",
            expected=f"one of {listing(map(str, model.classes_.tolist()))}",
            got=listing(map(str, new)),
        )

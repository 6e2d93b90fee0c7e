"""`clearprop explain`: one training step, every quantity of it, in the terminal or in files."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..checks import check_name, check_number
from ..errors import InputError
from ..models import explain as explain_model
from ..optimizers import OPTIMIZERS
from ..story import Story
from ..story.entries import Derivation
from ..story.terminal import show
from .console import Screen
from .explain_files import ENDINGS, check_files, write_files
from .explain_header import with_origin
from .explain_network import NetworkOptions, of_network
from .explain_subject import Subject, of_model
from .messages import shown
from .paths import default_model
from .text import several

__all__ = ["Request", "explain"]


@dataclass(frozen=True)
class Request:
    """What `clearprop explain` is told; every field is an option, or an argument, of the same name."""

    model: Path | None = None
    table: Path | None = None
    target: str | None = None
    rows: str | None = None
    net: str | None = None
    data: str | None = None
    activation: str | None = None
    loss: str | None = None
    output: str | None = None
    seed: int | None = None
    l1: float | None = None
    l2: float | None = None
    init: str | None = None
    optimizer: str | None = None
    learning_rate: float | None = None
    update: str = "simultaneous"
    freeze: str | None = None
    entry: str | None = None
    paths: str | None = None
    html: Path | None = None
    latex: Path | None = None
    markdown: Path | None = None
    json: Path | None = None
    worksheet: Path | None = None
    blanks: str | None = None
    force: bool = False

    @property
    def files(self) -> dict[str, Path]:
        """What is to be written, by the names of the options."""
        given = {name: getattr(self, name) for name in ENDINGS}
        return {name: path for name, path in given.items() if path is not None}

    @property
    def inputs(self) -> tuple[Path, ...]:
        """The files that are read."""
        return tuple(path for path in (self.model, self.table, Path(self.data or "")) if path)


def explain(request: Request) -> None:
    """Run the command: print the story, or one entry of it, or write it to files."""
    check_files(request.files, request.inputs, force=request.force)
    _check_options(request)
    entry = None if request.entry is None else _place("--entry", request.entry)
    weight = None if request.paths is None else _place("--paths", request.paths)
    story = _story(_subject(request), request)
    parts: list[str] = []
    if entry is not None:
        _check_place(story, "--entry", *entry)
        parts += _worked_out(story.zoom(entry[0], *entry[1]))
    if weight is not None:
        _check_place(story, "--paths", *weight)
        parts.append(str(story.paths(weight[0], *weight[1])))
    for line in write_files(story, request.files, request.blanks):
        Screen().line(line)
    if parts:
        print("\n" * bool(request.files) + "\n\n".join(parts))
    elif not request.files:
        show(story)


def _check_options(request: Request) -> None:
    """Refuse what cannot be a step, in the words of the command."""
    stepping = [name for name in OPTIMIZERS if name != "lbfgs"]
    if request.optimizer == "lbfgs":
        raise InputError(
            "lbfgs searches along a line and has no single step to explain",
            expected=f"one of {', '.join(stepping)}",
            hint="it without --optimizer",
        )
    if request.optimizer is not None:
        check_name("optimizer", request.optimizer, stepping)
    if request.learning_rate is not None:
        check_number("--learning-rate", request.learning_rate, above=0)
    if request.blanks is not None and request.worksheet is None:
        raise InputError("--blanks are those of a worksheet", hint="--worksheet sheet.md with it")


def _subject(request: Request) -> Subject:
    """Return the model and the data, from the two files or from the options of a network."""
    network = NetworkOptions(**{name: getattr(request, name) for name in NetworkOptions._fields})
    if request.model is None:
        return of_network(network, request.data, request.target, request.rows)
    options = {"data": request.data, **network._asdict()}
    given = [f"--{name}" for name, value in options.items() if value is not None]
    if given:
        is_lone = request.table is None and request.data is None
        raise InputError(
            f"{given[0]} is for a network made on the spot",
            got=f"the model {shown(str(request.model))} too",
            hint=f"--data {request.model}, if that is a table" if is_lone else f"it without {given[0]}",
        )
    if request.table is None:
        raise _half(request.model)
    return of_model(request.model, request.table, request.target, request.rows)


def _half(path: Path) -> InputError:
    """Return the error for one file where two belong."""
    model = default_model(path)
    if model.name.startswith(path.name):
        return InputError(
            "no table is named", expected="MODEL DATA", hint=f"clearprop explain {path} table.csv"
        )
    trained = f"clearprop explain {model} {path}"
    untrained = f"--data {path} for a network made on the spot, or clearprop train {path} first"
    return InputError(
        "no model is named",
        expected="MODEL DATA",
        got=f"the table {shown(str(path))} alone",
        hint=trained if model.exists() else untrained,
    )


def _story(subject: Subject, request: Request) -> Story:
    story = explain_model(
        subject.model,
        subject.X,
        subject.Y,
        optimizer=request.optimizer,
        learning_rate=request.learning_rate,
        update=request.update,
        freeze=[name.strip() for name in (request.freeze or "").split(",") if name.strip()],
        **subject.names,
    )
    return with_origin(story, subject.model, subject.rows, request.optimizer)


def _worked_out(derivation: Derivation) -> Iterator[str]:
    """Yield how a number comes about, then the same of what it is made of; what many mean is said once."""
    yield str(derivation)
    told = {derivation.meaning}
    for operand in derivation.operands:
        inner = derivation.zoom(str(operand))
        if inner.code is not None:
            again = inner.meaning in told
            yield str(dataclasses.replace(inner, meaning="") if again else inner).rstrip("\n")
            told.add(inner.meaning)


def _place(option: str, text: str) -> tuple[str, list[int | str]]:
    """Read "dW1[0,2]" as the name and the index; "L" has none, and a name may stand for a number."""
    found = re.fullmatch(r"\s*(\w+)\s*(?:\[([^\[\]]*)\])?\s*", text)
    if found is None:
        raise InputError(
            f"{option} does not fit",
            expected="a quantity and a place",
            got=shown(text),
            hint=f'{option} "dW1[0,2]"',
        )
    parts = [part.strip() for part in (found[2] or "").split(",")] if found[2] else []
    return found[1], [int(part) if re.fullmatch(r"-?\d+", part) else part for part in parts]


def _check_place(story: Story, option: str, name: str, index: list[int | str]) -> None:
    """Refuse a place of too few or too many numbers; a name that is unknown is left to the story."""
    shape = np.shape(story.values.get(name, np.zeros([1] * len(index))))
    if len(index) != len(shape):
        example = f"{name}[{','.join('0' * len(shape))}]" if shape else name
        raise InputError(
            f"{name} has shape {shape}" if shape else f"{name} is one number",
            expected=f"{several(len(shape), 'number')} in brackets" if shape else "no place in it",
            got=", ".join(map(str, index)) or "none",
            hint=f'{option} "{example}"',
        )

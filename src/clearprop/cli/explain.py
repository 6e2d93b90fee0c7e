"""`clearprop explain`: one training step, every quantity of it, in the terminal or in files."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..formats.atomic import write_atomically
from ..models import explain as explain_model
from ..story import Story
from ..story.entries import Derivation
from ..story.terminal import show
from .console import Screen
from .explain_network import NetworkOptions, of_network
from .explain_subject import Subject, of_model
from .messages import shown
from .paths import check_new

__all__ = ["Request", "explain"]

ENDINGS = {
    "html": (".html", ".htm"),
    "latex": (".tex",),
    "markdown": (".md", ".markdown"),
    "json": (".json",),
    "worksheet": (".md", ".markdown", ".tex"),
}
CALLED = {"html": "page", "latex": "LaTeX", "markdown": "Markdown", "json": "JSON", "worksheet": "worksheet"}


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
    force: bool = False

    @property
    def files(self) -> dict[str, Path]:
        """What is to be written, by the names of the options."""
        given = {name: getattr(self, name) for name in ENDINGS}
        return {name: path for name, path in given.items() if path is not None}


def explain(request: Request) -> None:
    """Run the command: print the story, or one entry of it, or write it to files."""
    _check_files(request)
    entry = None if request.entry is None else _place("--entry", request.entry)
    weight = None if request.paths is None else _place("--paths", request.paths)
    story = _story(_subject(request), request)
    for name, path in request.files.items():
        _write(story, name, path)
    if entry is not None:
        _show_entry(story.zoom(entry[0], *entry[1]))
    if weight is not None:
        print(f"{chr(10) if entry else ''}{story.paths(weight[0], *weight[1])}")
    if not (request.files or request.entry or request.paths):
        show(story)


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
        raise InputError(
            "no table is named", expected="MODEL DATA", hint=f"clearprop explain {request.model} table.csv"
        )
    return of_model(request.model, request.table, request.target, request.rows)


def _story(subject: Subject, request: Request) -> Story:
    return explain_model(
        subject.model,
        subject.X,
        subject.Y,
        optimizer=request.optimizer,
        learning_rate=request.learning_rate,
        update=request.update,
        freeze=[name.strip() for name in (request.freeze or "").split(",") if name.strip()],
        **subject.names,
    )


def _show_entry(derivation: Derivation) -> None:
    """Print how a number comes about, and below it the same of what it is made of."""
    print(derivation)
    for operand in derivation.operands:
        inner = derivation.zoom(str(operand))
        if inner.code is not None:
            print(f"\n{inner}")


def _place(option: str, text: str) -> tuple[str, list[int | str]]:
    """Read "dW1[0,2]" as the name and the index; "L" has none, and a name may stand for a number."""
    found = re.fullmatch(r"\s*(\w+)\s*(?:\[([^\[\]]*)\])?\s*", text)
    if found is None:
        raise InputError(
            f"{option} does not fit", expected="a quantity and a place", got=shown(text), hint='"dW1[0,2]"'
        )
    parts = [part.strip() for part in (found[2] or "").split(",")] if found[2] else []
    return found[1], [int(part) if re.fullmatch(r"-?\d+", part) else part for part in parts]


def _check_files(request: Request) -> None:
    """Refuse a file that cannot be written, before any work is done."""
    inputs = tuple(path for path in (request.model, request.table, Path(request.data or "")) if path)
    seen: dict[Path, str] = {}
    for name, path in request.files.items():
        if path.suffix.lower() not in ENDINGS[name]:
            raise InputError(
                f"--{name} does not fit",
                expected=f"a name ending in {' or '.join(ENDINGS[name])}",
                got=shown(str(path)),
                hint=path.with_suffix(ENDINGS[name][0]).name,
            )
        for each in (path, _answers(path)) if name == "worksheet" else (path,):
            check_new(each, force=request.force, inputs=inputs, option=f"--{name}")
            if each in seen:
                raise InputError(
                    f"--{seen[each]} and --{name} are to write the same file", got=shown(str(each))
                )
            seen[each] = name


def _write(story: Story, name: str, path: Path) -> None:
    for each, text in _texts(story, name, path):
        write_atomically(each, [text.encode("utf-8")])
    answers = f", answers in {_answers(path)}" if name == "worksheet" else ""
    Screen().line(f"{CALLED[name]} in {path}{answers}")


def _texts(story: Story, name: str, path: Path) -> Iterator[tuple[Path, str]]:
    """Yield the files with what they are to hold."""
    if name == "worksheet":
        form: Any = "latex" if path.suffix.lower() == ".tex" else "markdown"
        sheet, key = story.worksheet(format=form)
        yield path, sheet
        yield _answers(path), key
    elif name == "latex":
        yield path, story.to_latex(standalone=True)
    else:
        yield path, {"html": story.to_html, "markdown": story.to_markdown, "json": story.to_json}[name]()


def _answers(path: Path) -> Path:
    return path.with_name(f"{path.stem}-answers{path.suffix}")

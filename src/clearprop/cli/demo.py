"""`clearprop demo`: every command at work on real data that come with scikit-learn."""

from __future__ import annotations

import shlex
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import chdir, contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pyarrow as pa
import pyarrow.csv
import typer
from sklearn import datasets

from ..errors import InputError
from .console import Screen
from .messages import close_match, listing, shown
from .paths import check_new
from .splits import hold_out
from .text import rows

__all__ = ["demo"]

NEW_FRACTION = 0.1


class Files(NamedTuple):
    """What the demo writes."""

    model: Path
    known: Path
    new: Path
    predicted: Path


class Source(NamedTuple):
    """A data set of scikit-learn: what it is about, and what its target is called here."""

    about: str
    target: str


SOURCES = {
    "breast_cancer": Source("is a tumour benign or malignant, by the shape of its cells?", "diagnosis"),
    "wine": Source("from which of three growers is a wine, by its chemistry?", "grower"),
    "digits": Source("which digit was written, by the grey of 8 × 8 pixels?", "digit"),
    "diabetes": Source(
        "how far will the disease have gone in a year, by age, weight and blood?", "progression"
    ),
}


def demo(
    dataset: str,
    output: Path | None,
    report: Path | None,
    app: typer.Typer,
    *,
    words: Sequence[str],
    force: bool,
) -> None:
    """Write the tables, then run the commands on them one by one, each printed before.

    The files are in a temporary folder; where an output is given, in the output's. `words` are
    those that stand after `demo` without an option, which is a mistake.
    """
    _check_dataset(dataset, words)
    if output is not None:
        check_new(output, force=force)
    report = report and report.absolute()
    with _folder(output) as folder, chdir(folder):
        files = Files(
            Path(output.name if output else f"{dataset}.clearprop.safetensors"),
            Path(f"{dataset}.csv"),
            Path(f"{dataset}-new.csv"),
            Path(f"{dataset}-predicted.csv"),
        )
        for path in files:
            check_new(path, force=force)
        _play(Screen(), dataset, files, report, app, force=force)
    _say_where(dataset, output)


def _check_dataset(dataset: str, words: Sequence[str]) -> None:
    if words:
        near = close_match(words[0], SOURCES)
        hint = f"--dataset {near}" if near else "--dataset NAME"
        raise InputError("demo takes its data set as an option", got=listing(words), hint=hint)
    if dataset not in SOURCES:
        expected, near = f"one of {', '.join(SOURCES)}", close_match(dataset, SOURCES)
        raise InputError("there is no such data set", expected=expected, got=shown(dataset), hint=near)


def _play(
    screen: Screen, dataset: str, files: Files, report: Path | None, app: typer.Typer, *, force: bool
) -> None:
    source, model, new = SOURCES[dataset], str(files.model), str(files.new)
    screen.line(f"{dataset}: {source.about}", style="bold")
    known, kept = _write_tables(dataset, files)
    screen.line(f"{rows(known)} to learn from in {files.known}, {rows(kept)} kept back in {new}")
    options = [*(["--report", str(report)] if report else []), *(["--force"] if force else [])]
    _run(screen, app, "train", str(files.known), "--target", source.target, "-o", model, *options)
    _run(screen, app, "evaluate", model, new)
    _run(screen, app, "predict", model, new, "-o", str(files.predicted), *options[-1:] * force)
    _show_head(screen, files.predicted)
    _run(screen, app, "show", model)


def _run(screen: Screen, app: typer.Typer, *words: str) -> None:
    """Print a command and run it, as if it had been typed; a failing one ends the demo."""
    screen.line()
    screen.line(f"$ {shlex.join(['clearprop', *words])}", style="bold cyan")
    code = app(list(words), prog_name="clearprop", standalone_mode=False)
    if code:
        raise typer.Exit(code)


def _write_tables(dataset: str, files: Files) -> tuple[int, int]:
    """Write the rows to learn from and some that are kept back; return how many each has."""
    options: dict[str, Any] = {"scaled": False} if dataset == "diabetes" else {}
    bunch = getattr(datasets, f"load_{dataset}")(**options)
    names = getattr(bunch, "target_names", None)
    target = bunch.target if names is None else np.asarray(names)[bunch.target]
    columns = dict(zip(bunch.feature_names, bunch.data.T, strict=True)) | {SOURCES[dataset].target: target}
    table = pa.table(columns)
    groups = np.zeros(len(target), dtype=np.intp) if names is None else bunch.target
    parts = hold_out(groups, NEW_FRACTION, seed=0)
    for part, path in zip(parts, (files.known, files.new), strict=True):
        pa.csv.write_csv(table.take(part), path)
    return len(parts[0]), len(parts[1])


def _show_head(screen: Screen, path: Path, lines: int = 4) -> None:
    screen.line()
    screen.line(f"$ head -n {lines} {path}", style="bold cyan")
    for line in path.read_text(encoding="utf-8").splitlines()[:lines]:
        screen.line(line)


def _say_where(dataset: str, output: Path | None) -> None:
    screen = Screen()
    screen.title("Your turn")
    if output is not None:
        screen.line(f"The model and the tables are in {output.parent.absolute()}. With a table of your own:")
        screen.command("clearprop", "train", "TABLE.csv", "--target", "COLUMN")
        return
    screen.line(
        "All of this happened in a temporary folder, which is gone. "
        "To keep the files, or to use a table of your own:"
    )
    screen.command("clearprop", "demo", "--dataset", dataset, "-o", f"{dataset}.clearprop.safetensors")
    screen.command("clearprop", "train", "TABLE.csv", "--target", "COLUMN")


@contextmanager
def _folder(output: Path | None) -> Iterator[Path]:
    if output is not None:
        yield output.parent
        return
    with tempfile.TemporaryDirectory(prefix="clearprop-demo-") as folder:
        yield Path(folder)

"""Files that a command is to write, looked at before any work is done, and models that it is to open."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from ..errors import InputError
from ..models import load
from ..samples import SAMPLES
from .messages import close_match, shown

__all__ = ["check_new", "default_model", "open_model", "table_path"]

_TABLES = (".csv", ".tsv", ".txt", ".gz", ".parquet", ".feather", ".arrow", ".npz", ".npy")
MODEL_ENDING = ".clearprop.safetensors"


def default_model(data: Path) -> Path:
    """Return the name of the model when none is given: that of the data, in the current folder."""
    stem = data.name
    while Path(stem).suffix.lower() in _TABLES:
        stem = Path(stem).stem
    return Path(stem + MODEL_ENDING)


def table_path(name: str) -> Path:
    """Return the path of a table, which no built-in data set's name is.

    Raises:
        InputError: it is a folder, or looks like a misspelt name of a data set.
    """
    path = Path(name)
    if not path.suffix and not path.exists():
        near = close_match(name, SAMPLES)
        raise InputError(
            f"there is no data set {shown(name)}",
            expected=f"{', '.join(SAMPLES)}, or a table",
            hint=near and f"--data {near}",
        )
    if path.is_dir():
        raise InputError(f"{shown(name)} is a folder", expected="a file with a table")
    return path


def check_new(path: Path, *, force: bool, inputs: tuple[Path, ...] = (), option: str = "-o") -> None:
    """Refuse a file that cannot be written, that is there already, or that is an input of the command.

    Raises:
        InputError: as said; an existing file only where `force` is not set.
    """
    folder = path.parent
    if path.is_dir():
        raise InputError(
            f"{shown(str(path))} is a folder", expected="a file to write", hint=f"{option} with a name in it"
        )
    if not folder.is_dir():
        raise InputError(f"there is no folder {shown(str(folder))}", expected=f"one to write {path.name} in")
    if not os.access(folder, os.W_OK):
        raise InputError(
            f"nothing may be written in {shown(str(folder))}", hint=f"{option} with another folder"
        )
    if any(path.exists() and each.exists() and path.samefile(each) for each in inputs):
        raise InputError(
            f"{shown(str(path))} would overwrite what it is made from", hint=f"{option} with another name"
        )
    if path.exists() and not force:
        raise InputError(
            f"{shown(str(path))} is there already", hint=f"--force, or {option} with another name"
        )


def open_model(path: Path, data: Path | None = None) -> Any:
    """Return what the model file holds.

    Raises:
        InputError: there is no such file, or it is a table.
        ModelFileError: it is no intact model.
    """
    if path.is_dir():
        raise InputError(f"{shown(str(path))} is a folder", expected="a model file")
    if not path.exists():
        raise _no_model(path)
    if path.suffix.lower() in _TABLES:
        swapped = data is not None and data.suffix.lower() == ".safetensors"
        raise InputError(
            f"{shown(str(path))} is a table",
            expected="a model first, then a table",
            hint="the two the other way round"
            if swapped
            else "clearprop train, which makes a model of a table",
        )
    return load(path)


def _no_model(path: Path) -> InputError:
    folder = path.parent
    models = list(folder.glob("*.safetensors")) if folder.is_dir() else []
    stems = {_stem(each): each.name for each in models}  # all have the ending in common, which tells nothing
    near = close_match(_stem(path), stems)
    hint = shown(str(path.with_name(stems[near]))) if near else None
    return InputError(f"there is no model file {shown(str(path))}", hint=hint)


def _stem(path: Path) -> str:
    return path.name.removesuffix(".safetensors").removesuffix(".clearprop")

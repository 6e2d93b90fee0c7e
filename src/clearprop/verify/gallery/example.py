"""A worked example from a file: its source, its runs, and the numbers that the source printed."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Protocol, final

from ...errors import InputError
from .expected import Expected, read_expected
from .runs import Run, read_run
from .section import Section

__all__ = ["Example", "read_example"]

WORDS = ("title", "source", "url", "about", "notes")
PARTS = ("network", "data", "training")


class Readable(Protocol):
    """A file, in a folder or in the package."""

    @property
    def name(self) -> str:
        """The last part of its path."""
        ...

    def read_bytes(self) -> bytes:
        """Return what is in it."""
        ...


@final
@dataclass(frozen=True)
class Example:
    """A published calculation, as data.

    Attributes:
        id: the name of its file without the ending.
        title, source, url, about: where it stands and what it shows.
        notes: what to know where the source is wrong or its claim cannot be checked.
        runs: by name; "" is the main one, the others differ from it in what their tables say.
        expected: what the source printed, in the order of the file.
    """

    id: str
    title: str
    source: str
    url: str
    about: str
    notes: tuple[str, ...]
    runs: Mapping[str, Run]
    expected: tuple[Expected, ...]


def read_example(file: Readable) -> Example:
    """Return the example that a TOML file describes; docs/gallery.md says how.

    Raises:
        InputError: no TOML, or something that does not fit, with file, table and key.
    """
    where = file.name
    tables = _parse(file)
    section = Section(tables, where, (*WORDS, *PARTS, "random", "runs", "expect"))
    runs = {"": read_run("", tables, where)}
    for name, changes in _changes(tables, where):
        merged = {part: tables.get(part, {}) | changes.get(part, {}) for part in PARTS}
        runs[name] = read_run(name, tables | merged, f'{where}, run "{name}"')
    groups = section.tables("expect")
    if not groups:
        raise InputError(f"{where} expects nothing", expected="one or more tables [[expect]]")
    return Example(
        id=where.removesuffix(".toml"),
        title=section.text("title"),
        source=section.text("source"),
        url=section.text("url", ""),
        about=section.text("about", ""),
        notes=tuple(section.texts("notes", [])),
        runs=runs,
        expected=tuple(
            expected
            for k, group in enumerate(groups, 1)
            for expected in read_expected(group, runs, f"{where}, [[expect]] number {k}")
        ),
    )


def _parse(file: Readable) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_bytes().decode("utf-8-sig"), parse_float=Decimal)
    except UnicodeDecodeError:
        raise InputError(f"{file.name} is no TOML file", expected="UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise InputError(f"{file.name} is no TOML file", got=str(error)) from None
    except RecursionError:
        raise InputError(f"{file.name} is nested too deeply", expected="lists of lists at most") from None


def _changes(tables: Mapping[str, Any], where: str) -> list[tuple[str, dict[str, Any]]]:
    """Return what each further run changes, after a check that all of it is tables."""
    runs = tables.get("runs", {})
    if not isinstance(runs, dict):
        raise InputError(f"{where}, [runs] does not fit", expected="tables such as [runs.other.training]")
    for name, changes in runs.items():
        place = f"{where}, [runs.{name}]"
        Section(changes, place, PARTS)
        for part, values in changes.items():
            if not isinstance(values, dict):
                raise InputError(f"{place}: {part} does not fit", expected=f"a table [runs.{name}.{part}]")
    return list(runs.items())

"""`clearprop bench`: our engines beside other libraries, on the same work."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ..bench.benchmark import bench as run_all
from ..bench.contenders import CONTENDERS, absent
from ..bench.drawing import plot_record
from ..bench.steady import Plan
from ..bench.tables import Table, around, estimator_line, left_out, overview, spread_line
from ..bench.workloads import WORKLOADS
from ..checks import check_name
from ..errors import InputError
from ..formats.atomic import write_atomically
from ..plots import check_picture
from .console import Screen
from .endings import say
from .messages import shown
from .paths import check_new

__all__ = ["bench"]

GAP = 2  # between columns


def bench(
    workloads: str | None, json_file: Path | None, plot: Path | None, *, peers: bool, quick: bool, force: bool
) -> None:
    """Run the command; what there is to complain about is said before anything is measured."""
    names = _names(workloads)
    _check_files(json_file, plot, force=force)
    if peers and any(absent(each.packages) for each in CONTENDERS):
        say("note", 'not all libraries are installed; all of them: pip install "clearprop[bench]"')
    record = run_all(names, peers=peers, plan=Plan.short() if quick else Plan(), tell=_tell)
    screen = Screen()
    _show(screen, record)
    if json_file is not None:
        text = json.dumps(record, indent=1, ensure_ascii=False, allow_nan=False)
        write_atomically(json_file, [text.encode("utf-8"), b"\n"])
        screen.line(f"record in {json_file}")
    if plot is not None:
        plot_record(record, plot)
        screen.line(f"picture in {plot}")


def _names(text: str | None) -> list[str]:
    """Return the workloads that "xor,small" names, each once; all where nothing is said."""
    if text is None:
        return list(WORKLOADS)
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise InputError("--workloads names none", expected=f"some of {', '.join(WORKLOADS)}")
    return [check_name("workload", name, WORKLOADS) for name in dict.fromkeys(names)]


def _check_files(json_file: Path | None, plot: Path | None, *, force: bool) -> None:
    if json_file is not None:
        if json_file.suffix.lower() != ".json":
            raise InputError(
                "--json does not fit",
                expected="a name ending in .json",
                got=shown(str(json_file)),
                hint=json_file.with_suffix(".json").name,
            )
        check_new(json_file, force=force, option="--json")
    if plot is not None:
        check_new(plot, force=force, option="--plot")
        check_picture(plot)


def _tell(text: str) -> None:
    """Say what is being measured; no spinner, since it would take its share of the processor."""
    if sys.stderr.isatty():
        print(text, file=sys.stderr, flush=True)


def _show(screen: Screen, record: Mapping[str, Any]) -> None:
    machine = record["machine"]
    cores, level = machine["usable_cores"], machine["level"] or "not compiled"
    screen.line(f"{machine['cpu']}, {cores} cores, {level}, {machine['system']}, {machine['python']}")
    screen.line()
    _show_table(screen, overview(record))
    for table in filter(None, [around(record)]):
        screen.line()
        _show_table(screen, table)
    screen.line()
    for text in (spread_line(record), estimator_line(record)):
        if text:
            screen.line(text)
    for text in left_out(record):
        screen.line(text, style="dim")
    if record["plan"]["quick"]:
        screen.note("a quick run: good for a first look, not for a comparison")


def _show_table(screen: Screen, table: Table) -> None:
    """Print a table where there is room; else each row in lines."""
    columns = zip(table.heads, *table.rows, strict=True)
    if sum(max(map(len, column)) + GAP for column in columns) - GAP <= screen.width:
        screen.table(table.heads, table.rows)
        return
    for name, *cells in table.rows:
        screen.line(name)
        pairs = zip(table.heads[1:], cells, strict=True)
        screen.line("  " + ", ".join(f"{head} {cell}" for head, cell in pairs))

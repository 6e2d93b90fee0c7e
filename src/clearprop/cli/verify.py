"""`clearprop verify`: published worked examples, reproduced number by number."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any

import typer

from ..errors import InputError
from ..story.numbers import number
from ..verify.gallery import Comparison, Report, example_names, load_example, reproduce
from .console import Screen
from .streams import write_json
from .text import several

__all__ = ["verify"]

ROOMY = 100  # columns from which a table of examples is readable
GAP = 2  # between columns
WEIGHTS = re.compile(r"W\d")


def verify(names: Sequence[str], *, explain: bool, as_json: bool) -> None:
    """Run the command; it ends with 1 where an example is not as its file says."""
    if explain and (as_json or not names):
        raise InputError(
            "--explain walks a person through examples", expected="a name, and no --json", hint="mazur"
        )
    reports = [reproduce(load_example(name)) for name in names or example_names()]
    if as_json:
        write_json(_to_dict(reports))
    else:
        screen = Screen()
        if explain:
            for report in reports:
                _walk_through(screen, report)
        else:
            _show_all(screen, reports)
    if any(report.differing for report in reports):
        raise typer.Exit(1)


def _show_all(screen: Screen, reports: Sequence[Report]) -> None:
    if screen.width >= ROOMY:
        heads = ["example", "source", "numbers", "largest error", "status"]
        body = [
            [each.example.id, each.example.source, len(each.comparisons), _largest(each), each.status]
            for each in reports
        ]
        screen.table(heads, body, left=2, strong=4)
    else:
        for report in reports:
            screen.title(f"{report.example.id}: {report.status}")
            screen.line(report.example.source)
            screen.line(_summary(report))
    for report in reports:
        _show_errata(screen, report)
    for report in reports:
        if report.differing:
            screen.title(f"{report.example.id} differs")
            _show_comparisons(screen, report, report.differing)
    if len(reports) > 1:
        reproduced = sum(not report.differing for report in reports)
        screen.title(f"{reproduced} of {len(reports)} examples reproduced")
        screen.line("Walk through one: clearprop verify mazur --explain")


def _walk_through(screen: Screen, report: Report) -> None:
    example = report.example
    screen.title(example.title)
    for text in (example.source, example.url, example.about):
        if text:
            screen.line(text)
    for note in example.notes:
        screen.note(note)
    first = report.comparisons[0].moment
    for term, text in example.runs[first.run].remarks:
        screen.line(f"{term}: {text}")
    screen.line()
    print(report.stories[first])
    _show_comparisons(screen, report, report.comparisons)
    screen.title(f"{report.status}: {_summary(report)}")
    _show_errata(screen, report)


def _show_errata(screen: Screen, report: Report) -> None:
    for each in report.comparisons:
        if each.erratum and each.fits:
            printed = f"{each.name} = {_printed(each.published)}"
            right = f"right: {_printed(each.exact)}"
            screen.line(f"erratum in {report.example.id}: {printed} {each.erratum}; {right}")


def _show_comparisons(screen: Screen, report: Report, comparisons: Sequence[Comparison]) -> None:
    for moment, group in groupby(comparisons, key=lambda comparison: comparison.moment):
        each_one, run = list(group), report.example.runs[moment.run]
        screen.title(str(moment))
        if run.weights == "out x in" and any(WEIGHTS.search(each.name) for each in each_one):
            screen.line(f"weights: {dict(run.remarks)['weights']}")
        _show_numbers(screen, each_one)
        for each in each_one:
            if each.hint:
                screen.note(f"{each.name}: {each.hint}")


def _show_numbers(screen: Screen, comparisons: Sequence[Comparison]) -> None:
    """Print a table, with what the source calls the numbers where there is room; else all in lines."""
    columns = {
        "quantity": [each.name for each in comparisons],
        "in the source": [each.label for each in comparisons],
        "published": [_printed(each.published) for each in comparisons],
        "exact": [_printed(each.exact) if _is_by_exact(each) else "" for each in comparisons],
        "computed": [_computed(each) for each in comparisons],
        "": [_verdict(each) for each in comparisons],
    }
    full = {head: cells for head, cells in columns.items() if any(cells)}
    short = {head: cells for head, cells in full.items() if head != "in the source"}
    for shown in (full, short):
        if _width(shown) <= screen.width:
            left = 2 if "in the source" in shown else 1
            screen.table(list(shown), zip(*shown.values(), strict=True), left=left)
            return
    for name, *cells in zip(*full.values(), strict=True):
        said = zip(list(full)[1:], cells, strict=True)
        screen.line(name)
        screen.line("  " + ", ".join(f"{head} {cell}".strip() for head, cell in said if cell))


def _is_by_exact(comparison: Comparison) -> bool:
    """Return whether the exact number is to be seen: where none is published, or where it may be wrong."""
    return comparison.published is None or not comparison.fits


def _width(columns: Mapping[str, Sequence[str]]) -> int:
    return sum(GAP + max(map(len, (head, *cells))) for head, cells in columns.items())


def _verdict(comparison: Comparison) -> str:
    if comparison.fits:
        return "erratum" if comparison.erratum else "agrees"
    if comparison.is_no_erratum:
        return "agrees, so no erratum"
    return f"differs: off by {number(comparison.error, 2)}, allowed {number(comparison.allowed, 2)}"


def _printed(value: Decimal | None) -> str:
    return "" if value is None else str(value).replace("-", "−")


def _computed(comparison: Comparison) -> str:
    """Return the computed number with more digits than the longest that it is compared to."""
    printed = [value for value in (comparison.published, comparison.exact) if value is not None]
    more = 1 if comparison.fits else 4
    return number(comparison.value, more + max(len(value.as_tuple().digits) for value in printed))


def _summary(report: Report) -> str:
    return f"{several(len(report.comparisons), 'number')}, largest error {_largest(report)}"


def _largest(report: Report) -> str:
    return f"{number(report.worst.error, 2)} of {number(report.worst.allowed, 2)}"


def _to_dict(reports: Sequence[Report]) -> dict[str, Any]:
    return {
        "reproduced": not any(report.differing for report in reports),
        "examples": [
            {
                "id": report.example.id,
                "title": report.example.title,
                "source": report.example.source,
                "url": report.example.url,
                "notes": list(report.example.notes),
                "status": report.status,
                "numbers": len(report.comparisons),
                "errata": report.errata,
                "largest_error": report.worst.error,
                "allowed": report.worst.allowed,
                "comparisons": [_comparison(each) for each in report.comparisons],
            }
            for report in reports
        ],
    }


def _comparison(each: Comparison) -> dict[str, Any]:
    """Return a comparison; printed numbers stay texts, since their digits count."""
    return {
        "run": each.moment.run,
        "steps": each.moment.steps,
        "samples": each.moment.samples,
        "quantity": each.name,
        "label": each.label,
        "published": None if each.published is None else str(each.published),
        "exact": None if each.exact is None else str(each.exact),
        "computed": each.value,
        "error": each.error,
        "allowed": each.allowed,
        "erratum": each.erratum,
        "hint": each.hint,
        "fits": each.fits,
    }

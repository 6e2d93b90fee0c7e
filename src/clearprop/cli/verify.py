"""`clearprop verify`: published worked examples, reproduced number by number."""

from __future__ import annotations

from collections.abc import Sequence
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

WIDE, ROOMY = 76, 100  # columns from which a table of numbers, and one of examples, is readable


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
        if report.differing:
            screen.title(f"{report.example.id} differs")
            _show_comparisons(screen, report.differing)
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
    _show_comparisons(screen, report.comparisons)
    screen.title(
        f"{report.status}: {several(len(report.comparisons), 'number')}, largest error {_largest(report)}"
    )
    for comparison in report.comparisons:
        if comparison.erratum:
            screen.line(f"erratum: {comparison.name} {comparison.erratum}")


def _show_comparisons(screen: Screen, comparisons: Sequence[Comparison]) -> None:
    heads = ["quantity", "in the source", "published", "computed", ""]
    keep = [0, 2, 3, 4] if screen.width < WIDE else range(5)
    for moment, group in groupby(comparisons, key=lambda comparison: comparison.moment):
        screen.title(str(moment))
        rows = [
            [each.name, each.label, _printed(each.published), _computed(each), _verdict(each)]
            for each in group
        ]
        screen.table([heads[k] for k in keep], ([row[k] for k in keep] for row in rows), left=len(keep) - 3)


def _verdict(comparison: Comparison) -> str:
    if not comparison.fits:
        return "differs"
    return "erratum" if comparison.erratum else "agrees"


def _printed(value: Decimal | None) -> str:
    return "–" if value is None else str(value).replace("-", "−")


def _computed(comparison: Comparison) -> str:
    """Return the computed number with a digit more than the longest that it is compared to."""
    printed = [value for value in (comparison.published, comparison.exact) if value is not None]
    return number(comparison.value, 1 + max(len(value.as_tuple().digits) for value in printed))


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
        "fits": each.fits,
    }

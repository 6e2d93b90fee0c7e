"""What a second call of a user's function, with the same arguments, tells of it."""

from __future__ import annotations

from dataclasses import replace

from .given import Given
from .judging import Judge
from .report import BackpropReport

__all__ = ["adds_up", "compare_calls"]


def adds_up(judge: Judge, once: Given, again: Given) -> bool:
    """Return whether the second call gave the right gradients on top of those of the first."""
    if not _is_of_one_form(once, again):
        return False
    changed = _changed(judge, once, again)
    return bool(changed) and judge.is_right(_more(once, again, changed))


def compare_calls(
    judge: Judge, report: BackpropReport, once: Given, again: Given, *, handed: bool
) -> BackpropReport:
    """Return the report with what the second call tells.

    Args:
        judge: what is right.
        report: what the first call tells.
        once, again: what the two calls gave.
        handed: whether the function was handed the parameters; one that keeps its own may change them.
    """
    called_again = "called again with the same arguments, the function gives"
    if not _is_of_one_form(once, again):
        return replace(report, notes=(*report.notes, f"{called_again} other quantities"))
    changed = _changed(judge, once, again)
    if not changed:
        return report
    more, measure = _more(once, again, changed), judge.measure(once)
    if judge.is_right(more) or all(measure.agree(q, more.values[q], once.values[q]) for q in changed):
        return _accumulated(judge, report, changed[0])
    if not handed:
        return report
    return replace(report, notes=(*report.notes, f"{called_again} another {changed[0]}"))


def _accumulated(judge: Judge, report: BackpropReport, first: str) -> BackpropReport:
    return replace(
        report,
        ok=False,
        first=first,
        mistake="accumulated_gradients",
        where="from one call to the next",
        also=(),
        explains_all=True,
        formula=judge.formula(first),
    )


def _is_of_one_form(once: Given, again: Given) -> bool:
    """Return whether two calls gave the same quantities, in the same shapes."""
    shapes = [{name: value.shape for name, value in each.values.items()} for each in (once, again)]
    return shapes[0] == shapes[1]


def _changed(judge: Judge, once: Given, again: Given) -> list[str]:
    measure = judge.measure(once)
    return [name for name in once.values if not measure.agree(name, again.values[name], once.values[name])]


def _more(once: Given, again: Given, changed: list[str]) -> Given:
    """Return by how much the second call gave more, and what did not change as it is."""
    more = {name: again.values[name] - once.values[name] for name in changed}
    return Given({**once.values, **more}, once.order)
